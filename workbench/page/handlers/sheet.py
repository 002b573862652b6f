"""The piece as notation on the screen."""

from __future__ import annotations

from typing import Any

from workbench.errors import BadRequest
from workbench.page.rows import Call, Message, Request, Row
from workbench.score.score import Score

#: Characters of what stands before a staff, at the most.
MAX_NAME = 200


def sheet(request: Request) -> Message:
    """The piece engraved."""
    score, revision = request.page.snapshot()
    message = request.message
    call_by(score, message.get("names"), message.get("title"))
    values = {
        "score": score, "width": message.get("width", 1000), "transpose": message.get("transpose", 0),
        "paper": message.get("paper") is True,
    }  # fmt: skip
    made = request.pages.labour.run("sheet", values, stop=lambda: request.token.cancelled)
    return {"type": "sheet", "revision": revision, **made}


def call_by(score: Score, names: Any, title: Any) -> None:
    """Call tracks (by id) and the piece as the page calls them in its language; the document keeps its own names."""
    if names is not None:
        if not isinstance(names, dict):
            raise BadRequest("The names of the staves must be text by track.")
        for track in score.tracks:
            name = names.get(track.id)
            if isinstance(name, str) and name.strip():
                track.name = name[:MAX_NAME]
    if isinstance(title, str) and title.strip():
        score.title = title[:MAX_NAME]


ROWS: tuple[Row, ...] = (
    Call(
        "sheet", "workbench.page.handlers.sheet:sheet",
        "The piece engraved for a width in CSS pixels, shifted by semitones, on paper pages or one long page; "
        "tracks and the piece are called by `names` and `title` where these are given.",
        {
            "width?": "number", "transpose?": "number", "paper?": "boolean", "title?": "string",
            "names?": "Readonly<Record<string, string>>",
        },
        {
            "sheet": {
                "revision": "number", "pages": "readonly string[]", "onsets": "readonly [number, readonly string[]][]",
                "remarks": "readonly string[]",
            }
        },
        slow=True, cost="workbench.page.costs:sheet", document=True,
    ),
)  # fmt: skip
