"""Styles that can join the piece: the list of them, one heard over a person's own bars, and what a `fill` needs."""

from __future__ import annotations

import secrets
from typing import Any

from workbench.create.compose.audition import BARS, audition
from workbench.create.compose.joining import band_request
from workbench.create.compose.miniature import miniature
from workbench.create.compose.styles import load_style, style_names
from workbench.errors import BadRequest
from workbench.hub.tasks.arrange.request import JOIN
from workbench.page.rows import Call, Message, Request, Row

#: Most bars that are heard before a style is chosen.
MOST_BARS = 16


def styles(request: Request) -> Message:
    """Every style of the library, for its card."""
    found = [load_style(name) for name in style_names()]
    return {
        "type": "styles",
        "styles": [
            {
                "id": style.id, "title": style.title, "words": style.words, "synonyms": list(style.synonyms),
                "tempo": list(style.tempo), "metre": list(style.metre), "swing": style.swing,
                "parts": [
                    {"name": part.name, "role": part.role, "program": part.program, "is_drum": part.is_drum}
                    for part in style.parts
                ],
                "miniature": miniature(style),
            }
            for style in found
        ],
    }  # fmt: skip


def band(request: Request) -> Message:
    """A style in plain words, as the request of a `fill`."""
    message = request.message
    score, revision = request.page.snapshot()
    bars = message.get("bars")
    if bars is not None and not (isinstance(bars, list) and len(bars) == 2):
        raise BadRequest("Name the first and the last bar, or neither for the whole piece.")
    asked = band_request(
        score, _text(message.get("style")), None if bars is None else (bars[0], bars[1]),
        parts=_names(message.get("parts")), count=message.get("count", 3), join=message.get("join", JOIN),
        # Ideas wait long to be kept; meanwhile nobody's own new track must get the same id.
        controls=message.get("controls") or {}, prefix=f"t{secrets.token_hex(3)}-", document_revision=revision,
    )  # fmt: skip
    return {"type": "band", "request": asked.settings()}


def heard(request: Request) -> Message:
    """What a style would play in a few bars, at once."""
    message = request.message
    first, bars, seed = message.get("first", 1), message.get("bars", BARS), message.get("seed", 0)
    if any(type(number) is not int for number in (first, bars, seed)) or not 1 <= bars <= MOST_BARS or seed < 0:
        raise BadRequest(f"A style is heard in 1 to {MOST_BARS} bars from a bar of the piece on.")
    played = audition(
        request.page.snapshot()[0], _text(message.get("style")), first, bars=bars, seed=seed,
        parts=_names(message.get("parts")),
    )  # fmt: skip
    return {
        "type": "audition", "tracks": [track.to_dict() for track in played.tracks if track.notes],
        "chords": [chord.to_dict() for chord in played.chords], "found": played.found,
    }  # fmt: skip


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise BadRequest("Name a style in a few words, such as swing or a rock band.")
    return value


def _names(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadRequest("The parts of a band are a list of names.")
    return tuple(value)


_HERE = "workbench.page.handlers.bands"

ROWS: tuple[Row, ...] = (
    Call(
        "styles", f"{_HERE}:styles",
        "The styles that can join a piece: `id`, `title`, `words`, `synonyms`, `tempo` (lowest, usual, highest), "
        "`metre`, `swing`, `parts` (`name`, `role`, `program`, `is_drum`) and `miniature`, its groove: of each "
        "part `notes` [start, length, height], in thousandths of the bar; drums: 0 kick, 1 snare, 2 cymbals.",
        {}, {"styles": {"styles": "readonly Json[]"}}, slow=True, cost="workbench.page.costs:moment",
    ),
    Call(
        "band", f"{_HERE}:band",
        "The `request` of a `fill` that lets a style join the piece, or some bars of it. `style`: an id or plain "
        "words; `parts`: names or roles, left out: all; `join`: how much the network may vary, in per cent.",
        {
            "style": "string", "bars?": "readonly [number, number]", "parts?": "readonly string[]",
            "count?": "number", "join?": "number", "controls?": "Json",
        },
        {"band": {"request": "Json"}}, slow=True, cost="workbench.page.costs:moment", document=True,
    ),
    Call(
        "audition", f"{_HERE}:heard",
        "What a style would play in a few bars (four, left out), without the network and at once: whole tracks, to "
        "be heard with the piece's own, that are no part of it. `chords`: what they go by there; `found`: nobody wrote "
        "them.",
        {"style": "string", "first?": "number", "bars?": "number", "parts?": "readonly string[]", "seed?": "number"},
        {"audition": {"tracks": "readonly Json[]", "chords": "readonly Json[]", "found": "boolean"}},
        slow=True, cost="workbench.page.costs:moment", document=True,
    ),
)  # fmt: skip
