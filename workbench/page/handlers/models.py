"""The models: what there is, in plain words; fetching what is not here yet, and taking it away again."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.errors import BadRequest
from workbench.hub.protocol import Progress
from workbench.hub.weights import reach, stored
from workbench.page.catalogue import choices, credits, describe, pull, remove
from workbench.page.jobs import beating
from workbench.page.rows import Call, Job, Message, Request, Row
from workbench.resources import weight_set


def models(request: Request) -> Message:
    """Every model in plain words, and everything that travels with the app."""
    hub = request.hub
    score = request.page.snapshot()[0] if request.page.document else None
    entries, public = describe(hub, score), hub.rules is not None
    used = sum(entry["size"] or 0 for entry in entries if not entry["embedded"])
    return {
        "type": "models", "models": entries, "credits": credits(), "public": public, "used": used,
        "free": None if public else stored.free_bytes(), "weights": weight_set(),
    }  # fmt: skip


def network(request: Request) -> Message:
    """Whether the Hub answers from here: a sentence if not. A visitor of a public server learns nothing of it."""
    return {"type": "models.network", "silence": "" if request.hub.rules is not None else reach.silence()}


def choose(request: Request) -> Message:
    """The models of a task that are here."""
    name = request.message.get("task")
    if not isinstance(name, str):
        raise BadRequest("Name the task.")
    return {"type": "models.choices", "choices": choices(request.hub, name), "more": request.hub.rules is None}


def remove_weights(request: Request) -> Message:
    """Take a fetched model's files away."""
    return {"type": "models.removed", "freed": remove(request.hub, request.message.get("model"))}


def pull_weights(request: Request) -> Iterator[Message]:
    """Fetch a model's weights."""
    told: Message = {"type": "progress", "done": None, "seconds_left": None, "text": ""}
    for step in beating(pull(request.hub, request.message.get("model"), request.token)):
        if isinstance(step, Progress):
            told = {"type": "progress", "done": step.done, "seconds_left": step.seconds_left, "text": step.text}
        yield told  # again where there is nothing new: a large file is being hashed
    yield {"type": "result"}


_HERE = "workbench.page.handlers.models"
_MOMENT = "workbench.page.costs:moment"

ROWS: tuple[Row, ...] = (
    Call(
        "models", f"{_HERE}:models",
        "Every model in plain words, and everything that travels with the app; `used`: bytes of what was fetched, "
        "`free`: bytes left on that disk, `weights`: the owner's set, `open` or `pop`.", {},
        {"models": {
            "models": "readonly Json[]", "credits": "readonly Json[]", "public": "boolean", "used": "number",
            "free": "number | null", "weights": "string",
        }},
        slow=True, cost=_MOMENT,
    ),
    Call(
        "models.network", f"{_HERE}:network",
        "Whether the Hub answers from here; `silence`: a sentence if it does not.", {},
        {"models.network": {"silence": "string"}}, slow=True, cost=_MOMENT,
    ),
    Call(
        "models.choices", f"{_HERE}:choose",
        "The models of a task that are here, the default first; `more`: others may be fetched.", {"task": "string"},
        {"models.choices": {
            "choices": "readonly { readonly id: string; readonly title: string }[]", "more": "boolean",
        }},
    ),
    Call(
        "models.remove", f"{_HERE}:remove_weights", "Take a fetched model's files off this computer.",
        {"model": "string"}, {"models.removed": {"freed": "number"}}, slow=True, cost=_MOMENT,
    ),
    Job(
        "pull", f"{_HERE}:pull_weights", "Fetch a model's weights.", {"model": "string"},
        cost="workbench.page.costs:download",
    ),
)  # fmt: skip
