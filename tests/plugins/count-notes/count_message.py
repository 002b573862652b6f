"""The message: a page asks how many notes its piece has."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.hub.protocol import Progress, Result
from workbench.hub.tasks.table import task
from workbench.page.rows import Job, Message, Request
from workbench.provenance.run import Run, record


def count(request: Request) -> Iterator[Message]:
    page = request.page
    score, revision = page.snapshot()
    wire = task("count-notes").make_wire()
    asked = wire.read(request.message.get("request", {}), {"score": score}, revision)
    keep = lambda attempt: record(page.log, Run.of(attempt))  # noqa: E731
    for item in request.hub.run("count-notes", asked, seed=0, cancel=request.token, ended=keep):
        if isinstance(item, Progress):
            yield {"type": "progress", "done": item.done, "seconds_left": item.seconds_left, "text": item.text}
        elif isinstance(item, Result):
            yield {"type": "result", "counts": item.alternatives[0].value}


ROWS = (
    Job(
        "count-notes", "count_message:count", "How many notes each track has.", {"request?": "Json"},
        {"counts": "Record<string, number>"},
    ),
)  # fmt: skip
