"""Files that a person opens, and those they take away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from workbench.errors import BadRequest, WorkbenchError
from workbench.page.jobs import figures, watched
from workbench.page.record import Imported
from workbench.page.rows import Call, Job, Message, Request, Row
from workbench.score.canonical import project_hash
from workbench.score.files import load
from workbench.score.replay import leads_to


def import_file(request: Request) -> Message:
    """Read a score that lies on the page's shelf; it leaves the shelf, since the piece has it then."""
    page = request.page
    item = page.media.get(request.message.get("id"))
    if item.kind != "score":
        raise BadRequest(f"{item.name} is no score; it stays on the shelf beside your piece.")
    try:
        loaded = load(item.path, item.name)
        page.check_length(loaded.score)
    finally:
        with suppress(WorkbenchError):
            page.media.remove(item.id)
    digest = project_hash(loaded.score)
    facts = {"kind": loaded.kind, "notes": loaded.score.note_count, "sha256": item.sha256, "hash": digest}
    seq = page.log.add("import", "user", facts)["seq"]
    whole = leads_to(loaded.events, loaded.score)
    page.imported = Imported(digest, seq, item.sha256, tuple(loaded.events), whole)
    return {
        "type": "open", "score": loaded.score.to_dict(), "revision": 0, "title": loaded.score.title,
        "report": [remark.text for remark in loaded.report.remarks],
    }  # fmt: skip


def export(request: Request) -> Iterator[Message]:
    """Make a file to take away."""
    score, revision = request.page.snapshot()
    kind, options = request.message.get("kind"), request.message.get("options")
    exports = request.pages.exports
    work = watched(lambda progress, stop: exports.make(score, kind, options, progress, stop), request.token)
    path = yield from figures(work)
    facts = {"kind": str(kind)[:20], "revision": revision, "hash": project_hash(score)}
    request.page.log.add("export", "user", facts)
    yield {"type": "result", "name": path.name, "path": path.as_posix()}


_HERE = "workbench.page.handlers.files"

ROWS: tuple[Row, ...] = (
    Call(
        "import", f"{_HERE}:import_file", "Read a score from the shelf.", {"id": "string"},
        {"open": {"score": "Json", "revision": "number", "title": "string", "report": "readonly string[]"}},
        slow=True,
    ),
    Job(
        "export", f"{_HERE}:export", "Make a file to take away; it comes as an address (Gradio) or a buffer (Jupyter).",
        {"kind": "string", "options?": "Json"}, {"name": "string", "url?": "string"},
        cost="workbench.page.costs:export", document=True,
    ),
)  # fmt: skip
