"""The sessions that a server plays again: an interaction log, read when a page first asks for it."""

from __future__ import annotations

import threading
from typing import Any

from workbench.errors import BadRequest
from workbench.page.rows import Message
from workbench.study.log.read import SessionLog, load
from workbench.study.log.schema import to_line

#: Most bytes of JSON in one answer.
MOST = 2_000_000


class Replays:
    """The sessions of one log.

    Args:
        where: a folder, ``sqlite:FILE`` or ``hub:OWNER/DATASET``.
    """

    def __init__(self, where: str) -> None:
        self.where = where
        self._sessions: dict[str, SessionLog] | None = None
        self._lock = threading.Lock()

    def _all(self, again: bool = False) -> dict[str, SessionLog]:
        with self._lock:
            if self._sessions is None or again:
                self._sessions = {log.session: log for log in load(self.where)}
            return self._sessions

    def listed(self) -> list[Message]:
        """What there is, by its first moment; sessions that were added meanwhile are among them.

        Raises:
            Unavailable: the log cannot be read.
        """
        return [
            {
                "session": log.session, "began": log.events[0]["server_time"], "events": len(log.events),
                "seconds": (log.events[-1]["server_time"] - log.events[0]["server_time"]) / 1000,
                "holes": "; ".join([*map(str, log.gaps), *log.problems])[:300],
            }
            for log in self._all(again=True).values()
            if log.events
        ]  # fmt: skip

    def events(self, session: Any, start: Any) -> tuple[list[dict[str, Any]], int | None]:
        """The events of a session from place ``start`` on, as many as one answer holds, and where the next begins.

        Raises:
            BadRequest: there is no such session, or place.
        """
        log = self._all().get(session) if isinstance(session, str) else None
        if log is None:
            raise BadRequest("There is no such session in this log.")
        if type(start) is not int or not 0 <= start <= len(log.events):
            raise BadRequest("The session has no such place.")
        size, end = 0, start
        for event in log.events[start:]:
            size += len(to_line(event))
            if size > MOST and end > start:
                break
            end += 1
        return [dict(event) for event in log.events[start:end]], end if end < len(log.events) else None
