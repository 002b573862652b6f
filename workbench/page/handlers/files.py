"""Files that a person opens, and those they take away."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

from workbench.errors import BadFile, BadRequest
from workbench.page.jobs import figures, watched
from workbench.page.rows import Call, Job, Message, Request, Row
from workbench.score.files import load

MAX_UPLOAD = 64 * 2**20


def import_file(request: Request) -> Message:
    """Read a file's bytes into a score."""
    page, message = request.page, request.message
    name, data = message.get("name"), message.get("data")
    if not isinstance(name, str) or not isinstance(data, str):
        raise BadRequest("A file needs a name and its bytes.")
    if len(data) > MAX_UPLOAD * 4 // 3 + 4:
        raise BadFile(f"The file is too large; at most {MAX_UPLOAD // 2**20} MB can be opened.")
    try:
        content = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as problem:
        raise BadFile("The file did not arrive whole; choose it again.") from problem
    if page.rules is not None:
        page.rules.check_upload(len(content))
    loaded = load(content, name[:200])
    page.check_length(loaded.score)
    page.log.add("prompt", "user", {"kind": loaded.kind, "notes": loaded.score.note_count})
    return {
        "type": "open", "score": loaded.score.to_dict(), "revision": 0, "title": loaded.score.title,
        "report": [remark.text for remark in loaded.report.remarks],
    }  # fmt: skip


def export(request: Request) -> Iterator[Message]:
    """Make a file to take away."""
    score, _ = request.page.snapshot()
    kind, options = request.message.get("kind"), request.message.get("options")
    exports = request.pages.exports
    work = watched(lambda progress, stop: exports.make(score, kind, options, progress, stop), request.token)
    path = yield from figures(work)
    request.page.log.add("export", "user", {"kind": str(kind)[:20]})
    yield {"type": "result", "name": path.name, "path": path.as_posix()}


_HERE = "workbench.page.handlers.files"

ROWS: tuple[Row, ...] = (
    Call(
        "import", f"{_HERE}:import_file", "Read a file (base64) into a score.", {"name": "string", "data": "string"},
        {"open": {"score": "Json", "revision": "number", "title": "string", "report": "readonly string[]"}},
        slow=True, locked=True,
    ),
    Job(
        "export", f"{_HERE}:export", "Make a file to take away; it comes as an address (Gradio) or a buffer (Jupyter).",
        {"kind": "string", "options?": "Json"}, {"name": "string", "url?": "string"},
    ),
)  # fmt: skip
