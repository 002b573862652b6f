"""The models: what there is, in plain words, and fetching what is not here yet."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.page.catalogue import credits, describe, pull
from workbench.page.rows import Call, Job, Message, Request, Row


def models(request: Request) -> Message:
    """Every model in plain words, and everything that travels with the app."""
    hub = request.hub
    score = request.page.snapshot()[0] if request.page.document else None
    return {"type": "models", "models": describe(hub, score), "credits": credits(), "public": hub.rules is not None}


def pull_weights(request: Request) -> Iterator[Message]:
    """Fetch a model's weights."""
    for step in pull(request.hub, request.message.get("model"), request.token):
        yield {"type": "progress", "done": step.done, "seconds_left": step.seconds_left, "text": step.text}
    yield {"type": "result"}


_HERE = "workbench.page.handlers.models"

ROWS: tuple[Row, ...] = (
    Call(
        "models", f"{_HERE}:models", "Every model in plain words, and everything that travels with the app.", {},
        {"models": {"models": "readonly Json[]", "credits": "readonly Json[]", "public": "boolean"}}, slow=True,
        cost="workbench.page.costs:moment",
    ),
    Job(
        "pull", f"{_HERE}:pull_weights", "Fetch a model's weights.", {"model": "string"},
        cost="workbench.page.costs:download", idle=True,
    ),
)  # fmt: skip
