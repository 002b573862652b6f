"""A researcher's sessions played again: what there is, and the events of one of them."""

from __future__ import annotations

from workbench.errors import BadRequest
from workbench.page.replays import Replays
from workbench.page.rows import Call, Message, Request, Row


def _replays(request: Request) -> Replays:
    found = request.pages.replays
    if found is None:
        raise BadRequest("No sessions are played again here; start the app with: workbench study replay LOG --open.")
    return found


def listing(request: Request) -> Message:
    """The sessions of the log."""
    return {"type": "replay.sessions", "sessions": _replays(request).listed()}


def events(request: Request) -> Message:
    """A part of a session."""
    found, following = _replays(request).events(request.message.get("sitting"), request.message.get("from"))
    return {"type": "replay.part", "events": found, "next": following}


_HERE = "workbench.page.handlers.replay"
_SESSION = (
    "{ readonly session: string; readonly began: number; readonly seconds: number; readonly events: number; "
    "readonly holes: string }"
)

ROWS: tuple[Row, ...] = (
    Call(
        "replay.list", f"{_HERE}:listing",
        "The sessions of the log that this server was started to play again. `began`: milliseconds since 1970; "
        "`holes`: what is missing, in words.",
        {}, {"replay.sessions": {"sessions": f"readonly {_SESSION}[]"}},
    ),
    Call(
        "replay.events", f"{_HERE}:events",
        "Events of a session from place `from` on (schema: `workbench/study/log/schema.py`); `next`: where to go on.",
        {"sitting": "string", "from": "number"}, {"replay.part": {"events": "Json", "next": "number | null"}},
    ),
)  # fmt: skip
