"""The media shelf: what a person has brought, and taking it away again. Files themselves come by the host's own way."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from workbench.errors import BadRequest
from workbench.page.jobs import messages
from workbench.page.rows import Call, Fields, Job, Message, Request, Row


def listing(request: Request) -> Message:
    """Everything on the page's shelf; the page that this one was before it was reloaded hands its files over."""
    page = request.page
    before = request.pages.former(request.message.get("was"), page)
    if before is not None and not page.media.items():
        page.media, before.media = before.media, page.media
        page.heardings, before.heardings = before.heardings, page.heardings
    shelf = page.media
    return {"type": "media", "items": [item.to_dict() for item in shelf.items()], "room": shelf.room}


def remove(request: Request) -> Message:
    """Delete one file from the shelf; the reply is what is left."""
    request.page.media.remove(request.message.get("id"))
    return listing(request)


def playable(request: Request) -> Iterator[Message]:
    """A small copy of a video for a browser that cannot play the file itself; made once, kept with the file."""
    page = request.page
    item = page.media.get(request.message.get("media"))
    if item.kind != "video":
        raise BadRequest(f"{item.name} is no video.")
    copy = page.media.copy_of(item)
    if copy is None:
        place = Path(request.pages.exports.folder) / secrets.token_hex(16)
        place.mkdir(parents=True)
        try:
            values = {"path": str(item.path), "place": str(place / "small")}
            made = yield from messages(
                lambda tell, stop: request.pages.labour.run("proxy", values, tell, stop), request.token
            )
            copy = page.media.keep_copy(item, Path(made))
        finally:
            shutil.rmtree(place, ignore_errors=True)
    yield {"type": "result", "item": copy.to_dict()}


_HERE = "workbench.page.handlers.media"
#: A file of the shelf as a page is told of it, in TypeScript.
ITEM = (
    "{ readonly id: string; readonly name: string; readonly media_type: string; readonly size: number; "
    'readonly sha256: string; readonly kind: "sound" | "video" | "picture" | "pages" | "score" }'
)
_SHELF: dict[str, Fields] = {"media": {"items": f"readonly {ITEM}[]", "room": "number"}}

ROWS: tuple[Row, ...] = (
    Call(
        "media", f"{_HERE}:listing",
        "What is on the media shelf; `room`: bytes that may still come. `was`: what the page was called before it was "
        "reloaded.", {"was?": "string"}, _SHELF,
    ),
    Call("media.remove", f"{_HERE}:remove", "Delete a file from the shelf.", {"id": "string"}, _SHELF),
    Job(
        "media.playable", f"{_HERE}:playable",
        "A small copy of a video of the shelf that any browser plays, as a file of its own that stands in no list.",
        {"media": "string"}, {"item": ITEM}, cost="workbench.page.costs:playable",
    ),
    Call(
        "media.begin", "", "A file is about to come in pieces; `id` names it.", {"name": "string", "size": "number"},
        {"media.begun": {"id": "string"}}, host="jupyter",
    ),
    Call(
        "media.piece", "", "The next piece, as the message's buffer. After the last one the reply has the `item`.",
        {"id": "string"}, {"media.come": {"come": "number", "item?": ITEM}}, host="jupyter",
    ),
    Call(
        "media.stop", "", "Stop a file on its way; nothing of it stays.", {"id": "string"}, {"ack": {}}, host="jupyter"
    ),
    Call(
        "media.read", "", "A file of the shelf, as the reply's buffer.", {"id": "string"},
        {"media.file": {"url?": "string"}}, host="jupyter",
    ),
)  # fmt: skip
