"""When things really happened: a page's own clock may be wrong by minutes, and what it tells arrives late.

A page sends what happened once a second, so the server's time of an event is late by up to a second or two, and by
more where the network was slow. The page's own time is exact to the millisecond but may be set wrong. Taken together:
the message that travelled fastest says how far the two clocks are apart (as in Cristian's algorithm, one way), and all
of the page's times are moved by that much.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

#: A page's time that lies further before its arrival is not believed (its clock was set while it ran), in ms.
BELIEVED_MS = 900_000


def moments(events: Sequence[Mapping[str, Any]]) -> list[float]:
    """When each event of a sitting happened, by the server's clock, in milliseconds since 1970.

    Args:
        events: of one session, in order. A ``session`` event that resumes begins a new page with a clock of its own.

    Returns:
        One moment an event: never later than it arrived, never earlier than the one before.
    """
    out: list[float] = []
    for part in _pages(events):
        apart = [event["client_time"] - event["server_time"] for event in part if _told(event)]
        offset = max(apart, default=0)
        for event in part:
            arrived = float(event["server_time"])
            own = event["client_time"] - offset if _told(event) else arrived
            moment = own if arrived - BELIEVED_MS <= own <= arrived else arrived
            out.append(max(moment, out[-1]) if out else moment)
    return out


def _told(event: Mapping[str, Any]) -> bool:
    return isinstance(event.get("client_time"), (int, float))


def _pages(events: Iterable[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    parts: list[list[Mapping[str, Any]]] = [[]]
    for event in events:
        if event["kind"] == "session" and event["payload"].get("action") == "resume" and parts[-1]:
            parts.append([])
        parts[-1].append(event)
    return parts
