"""The piece as notation on the screen."""

from __future__ import annotations

from workbench.page.rows import Call, Message, Request, Row


def sheet(request: Request) -> Message:
    """The piece engraved."""
    score, revision = request.page.snapshot()
    message = request.message
    values = {
        "score": score, "width": message.get("width", 1000), "transpose": message.get("transpose", 0),
        "paper": message.get("paper") is True,
    }  # fmt: skip
    made = request.pages.labour.run("sheet", values, stop=lambda: request.token.cancelled)
    return {"type": "sheet", "revision": revision, **made}


ROWS: tuple[Row, ...] = (
    Call(
        "sheet", "workbench.page.handlers.sheet:sheet",
        "The piece engraved for a width in CSS pixels, shifted by semitones, on paper pages or one long page.",
        {"width?": "number", "transpose?": "number", "paper?": "boolean"},
        {
            "sheet": {
                "revision": "number", "pages": "readonly string[]", "onsets": "readonly [number, readonly string[]][]",
                "remarks": "readonly string[]",
            }
        },
        slow=True, cost="workbench.page.costs:sheet", document=True,
    ),
)  # fmt: skip
