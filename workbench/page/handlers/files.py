"""Files that a person opens, and those they take away."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress

from workbench.errors import BadRequest, Cancelled, WorkbenchError
from workbench.page.handlers.makers import MADE, told_of
from workbench.page.jobs import figures, watched
from workbench.page.media import MediaItem
from workbench.page.promptdesk import MAX_BYTES, MEMBER
from workbench.page.record import Imported
from workbench.page.recorded import files_of
from workbench.page.rows import Call, Job, Message, Request, Row
from workbench.page.work import limits_of
from workbench.provenance.verify import verify
from workbench.provenance.writers import runs_behind
from workbench.score.canonical import project_hash
from workbench.score.events import EventLog
from workbench.score.files import load
from workbench.score.project import Medium, is_project, pieces_of, size_of
from workbench.score.replay import leads_to


def import_file(request: Request) -> Message:
    """Read a score that lies on the page's shelf; it leaves the shelf, since the piece has it then."""
    page = request.page
    item = page.media.get(request.message.get("id"))
    if item.kind != "score":
        raise BadRequest(f"{item.name} is no score; it stays on the shelf beside your piece.")
    try:
        if not is_project(item.path):
            return _read_elsewhere(request, item)
        made = told_of(verify(item.path))
        loaded = load(item.path, item.name)
        page.check_length(loaded.score)
        remarks = [remark.text for remark in loaded.report.remarks] + _take_media(request, loaded.media)
    finally:
        with suppress(WorkbenchError):
            page.media.remove(item.id)
    digest = project_hash(loaded.score)
    facts = {
        "kind": loaded.kind,
        "name": item.name,
        "notes": loaded.score.note_count,
        "sha256": item.sha256,
        "hash": digest,
    }
    seq = page.log.add("import", "user", facts)["seq"]
    log = None
    if leads_to(loaded.events, loaded.score):
        log = EventLog()
        log.extend(loaded.events)
    elif loaded.events:
        remarks.append("The history in this project does not lead to its piece, so it was left out.")
    page.imported = Imported(digest, seq, item.sha256, log)
    return {
        "type": "open", "score": loaded.score.to_dict(), "revision": 0, "title": loaded.score.title,
        "report": remarks, "made": made,
    }  # fmt: skip


def _read_elsewhere(request: Request, item: MediaItem) -> Message:
    """Read a score that brings neither history nor media."""
    values = {"path": str(item.path), "name": item.name, "limits": limits_of(request.page.rules)}
    made = request.pages.labour.run("read", values, stop=lambda: request.token.cancelled)
    facts = {
        "kind": made["kind"],
        "name": item.name,
        "notes": made["notes"],
        "sha256": item.sha256,
        "hash": made["hash"],
    }
    seq = request.page.log.add("import", "user", facts)["seq"]
    request.page.imported = Imported(made["hash"], seq, item.sha256, None)
    return {
        "type": "open", "score": made["score"], "revision": 0, "title": made["title"], "report": made["remarks"],
        "made": told_of(verify(item.path)),
    }  # fmt: skip


def _take_media(request: Request, media: Mapping[str, Medium]) -> list[str]:
    """Put a project's media on the page's shelf; says what finds no place there. Raises :class:`Cancelled`."""
    remarks = []
    for name, medium in media.items():
        try:
            if name == MEMBER:
                _take_prompts(request, medium)
                continue
            with request.page.media.begin(name, size_of(medium)) as arrival:
                for piece in pieces_of(medium):
                    request.token.check()
                    arrival.write(piece)
                arrival.finish()
        except Cancelled:
            raise
        except WorkbenchError as problem:
            remarks.append(str(problem))
    return remarks


def _take_prompts(request: Request, medium: Medium) -> None:
    """Take over what a project's piece was made from; raises a :class:`WorkbenchError` for what cannot be read."""
    if size_of(medium) > MAX_BYTES:
        raise BadRequest("What this project was made from is too large to be read.")
    try:
        data = json.loads(b"".join(pieces_of(medium)))
    except (ValueError, RecursionError) as problem:
        raise BadRequest("What this project was made from cannot be read.") from problem
    request.page.prompts.restore(data)


def export(request: Request) -> Iterator[Message]:
    """Make a file to take away."""
    page, message = request.page, request.message
    score, revision = page.snapshot()
    kind, options = message.get("kind"), message.get("options")
    exports = request.pages.exports
    project = page.project()  # with what tells how it was made
    recordings = files_of(page.media, score)
    takes = page.prompts.takes.held(page.media, score, whole=kind == "wbz")
    work = watched(
        lambda progress, stop: exports.make(score, kind, options, progress, stop, project, recordings, takes),
        request.token,
    )
    path = yield from figures(work)
    runs = [run.id for run in runs_behind(score, project.events)]
    facts = {"kind": str(kind)[:20], "revision": revision, "hash": project_hash(score), "runs": runs}
    page.log.add("export", "user", facts)
    yield {"type": "result", "name": path.name, "path": path.as_posix()}


_HERE = "workbench.page.handlers.files"

ROWS: tuple[Row, ...] = (
    Call(
        "import", f"{_HERE}:import_file", "Read a score from the shelf.", {"id": "string"},
        {
            "open": {
                "score": "Json", "revision": "number", "title": "string", "report": "readonly string[]", "made": MADE,
            }
        },
        slow=True,
    ),
    Job(
        "export", f"{_HERE}:export", "Make a file to take away; it comes as an address (Gradio) or a buffer (Jupyter).",
        {"kind": "string", "options?": "Json"}, {"name": "string", "url?": "string"},
        cost="workbench.page.costs:export", document=True,
    ),
)  # fmt: skip
