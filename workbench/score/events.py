"""The one event stream of a project: every change by a person or a model, and every model run.

Events are plain JSON objects. They are kept in an :class:`~.eventstore.EventStore` (older ones on disk), and
appended to a JSON Lines file when one is named, each line flushed as it is written, so that a closed tab or a crash
loses nothing. Undo, autosave, the study log and replay all read this list.

Every event stands in the log as what it is: ``open`` (another piece, or the same one again, and why), the changes
``edit``, ``accept`` (a suggestion kept), ``undo`` and ``redo``, each with the operation that was applied, ``check``
(page and server agreed on a hash), ``import``, ``run``, ``suggest`` (ideas were shown), ``audition``, ``reject`` and so
on. So a log that begins with an ``open`` can be played again from its own beginning (:mod:`workbench.score.replay`).
"""

from __future__ import annotations

import json
import threading
import time
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from workbench.errors import BadDocument, Unavailable
from workbench.score.eventstore import Event as Event
from workbench.score.eventstore import EventStore, to_text
from workbench.score.operations import Operation, apply
from workbench.score.score import Score

#: Every kind of event there is; the list only ever grows.
KINDS = (
    "open", "edit", "undo", "redo", "run", "suggest", "audition", "accept", "reject", "select", "transport",
    "prompt", "genie", "stems", "export", "session", "consent", "survey", "error", "import", "check",
    "listen", "correction",
)  # fmt: skip
#: Events that carry an operation which was applied to the piece.
CHANGES = ("edit", "accept", "undo", "redo")
#: Events that a page may tell of; all others are written by whoever did what they say.
TOLD = (
    "suggest", "audition", "reject", "select", "transport", "prompt", "genie", "stems", "export", "session", "consent",
    "survey", "error", "correction",
)  # fmt: skip
SOURCES = ("user", "model", "system")
#: Bounds of what strangers send: nesting of one event, and events of one log.
MAX_DEPTH = 64
MAX_EVENTS = 200_000

_FIELDS = frozenset({"seq", "time", "kind", "source", "payload", "cause"})
_NEEDED = _FIELDS - {"cause"}


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class EventLog:
    """An append-only list of events.

    Args:
        path: a JSON Lines file to append to as well; existing lines are kept.
        clock: gives the time in milliseconds since 1970; a test or a replay may bring its own.
    """

    def __init__(self, path: str | Path | None = None, clock: Callable[[], int] = _now_ms):
        self.events = EventStore()
        self._numbers = array("q")  # of the events, in order
        #: Id of every model run in the log -> number of its event.
        self.runs: dict[str, int] = {}
        self._next = 0
        self._lock = threading.Lock()  # jobs and calls write at the same time
        self._clock = clock
        #: Called with every event that is added, after it was: who follows what happens here.
        self.taps: list[Callable[[Event], None]] = []
        self._file: IO[str] | None = None
        if path is not None:
            try:
                self._file = open(path, "a", encoding="utf-8", newline="\n")  # noqa: SIM115 - closed by close()
            except OSError as error:
                raise Unavailable(f"The log {Path(path).name!r} cannot be written: {error.strerror}.") from error

    def add(self, kind: str, source: str, payload: dict[str, Any], cause: int | None = None) -> Event:
        """Append one event and return it.

        Args:
            kind: one of :data:`KINDS`.
            source: ``user``, ``model`` or ``system``.
            payload: plain JSON data.
            cause: ``seq`` of the event that led to this one (a suggestion for its acceptance, say).

        Raises:
            BadDocument: unknown kind or source.
        """
        if kind not in KINDS or source not in SOURCES:
            raise BadDocument(f"{str(kind)[:40]!r} by {str(source)[:40]!r} is not an event the log knows.")
        with self._lock:
            event: Event = {
                "seq": self._next, "time": self._clock(), "kind": kind, "source": source, "payload": payload,
            }  # fmt: skip
            if cause is not None:
                event["cause"] = cause
            self._keep(event)
        for tap in list(self.taps):
            tap(event)
        return event

    def extend(self, events: Iterable[Event]) -> None:
        """Take over events read from a project file, as they are; the numbers go on after the last one."""
        with self._lock:
            for event in events:
                self._keep(event)

    def _keep(self, event: Event) -> None:
        text = to_text(event)
        self.events.append(event, text)
        self._numbers.append(event["seq"])
        payload = event["payload"]
        if event["kind"] == "run" and isinstance(payload, dict) and isinstance(payload.get("id"), str):
            self.runs.setdefault(payload["id"], event["seq"])
        self._next = max(self._next, event["seq"] + 1)
        if self._file is not None:
            self._file.write(text + "\n")
            self._file.flush()

    def find(self, seq: int) -> Event:
        """The event of this number; raises :class:`KeyError` if there is none."""
        place = bisect_left(self._numbers, seq)
        if place == len(self._numbers) or self._numbers[place] != seq:
            raise KeyError(seq)
        return self.events[place]

    def close(self) -> None:
        """Close the file, if there is one."""
        if self._file is not None:
            self._file.close()
            self._file = None


def dumps_events(events: Iterable[Event]) -> str:
    """JSON Lines text of the events."""
    return "".join(to_text(event) + "\n" for event in events)


def loads_events(text: str) -> list[Event]:
    """Read JSON Lines, whoever wrote them; a last line cut off in the middle (a crash while writing) is left out.

    Raises:
        BadDocument: any other line is not an event, is out of order, or there are too many.
    """
    return list(read_events(text.split("\n")))


def read_events(lines: Iterable[str]) -> Iterator[Event]:
    """As :func:`loads_events`, line by line."""
    count, last, broken = 0, -2, 0
    for number, line in enumerate(lines, 1):
        if broken:
            raise BadDocument(f"Line {broken} of the event log cannot be read.")
        if not line.strip():
            continue
        try:
            event = json.loads(line, parse_constant=_refuse)
        except (ValueError, RecursionError):
            broken = number  # unless it is the last one
            continue
        if not _is_event(event) or not is_plain(event):
            raise BadDocument(f"Line {number} of the event log is not an event.")
        if event["seq"] <= last:
            raise BadDocument(f"Line {number} of the event log is out of order.")
        if count >= MAX_EVENTS:
            raise BadDocument(f"The event log holds more than {MAX_EVENTS:,} events.")
        count, last = count + 1, event["seq"]
        yield event


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _is_event(event: Any) -> bool:
    if not isinstance(event, dict) or not _FIELDS >= event.keys() >= _NEEDED:
        return False
    numbers = [event["seq"], event["time"], event.get("cause", -1)]
    return (
        event["kind"] in KINDS
        and event["source"] in SOURCES
        and isinstance(event["payload"], dict)
        and all(type(number) is int and -1 <= number < 2**53 for number in numbers)
        and event.get("cause", -2) < event["seq"]
    )


def is_plain(value: Any, limit: int = 2**27) -> bool:
    """Whether a value from outside is JSON that can be written and read again everywhere.

    Args:
        value: anything.
        limit: most bytes that its JSON may take.

    Returns:
        False for other types, numbers that JSON does not have, halves of characters, and nesting deeper than
        :data:`MAX_DEPTH`.
    """
    level, depth = [value], 0
    while level:
        if depth > MAX_DEPTH:
            return False
        parts = [part for part in level if isinstance(part, (dict, list))]
        if any(type(key) is not str for part in parts if isinstance(part, dict) for key in part):
            return False
        level = [item for part in parts for item in (part.values() if isinstance(part, dict) else part)]
        depth += 1
    try:
        return len(json.dumps(value, ensure_ascii=False, allow_nan=False).encode()) <= limit
    except (TypeError, ValueError, RecursionError):
        return False


def operations(events: Iterable[Event]) -> Iterable[Operation]:
    """The operations that were applied, in order: edits, kept suggestions, undone and redone ones alike."""
    for event in events:
        if event["kind"] in CHANGES:
            yield event["payload"]["operation"]


def replay(start: Score, events: Iterable[Event]) -> Score:
    """A copy of ``start`` with every change of the log applied; for a log about one piece that never says which.

    Raises:
        BadOperation: the log does not belong to this score.
    """
    score = start.copy()
    for operation in operations(events):
        apply(score, operation)
    return score
