"""The one event stream of a project: every change by a person or a model, and every model run.

Events are plain JSON objects. They are kept in memory, and appended to a JSON Lines file when one is named, each
line flushed as it is written, so that a closed tab or a crash loses nothing. Undo, autosave, the study log and
replay all read this list.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any

from workbench.errors import BadDocument, Unavailable
from workbench.score.operations import Operation, apply
from workbench.score.score import Score

#: Every kind of event there is; the list only ever grows.
KINDS = (
    "open", "edit", "undo", "redo", "run", "suggest", "audition", "accept", "reject", "select", "transport",
    "prompt", "genie", "stems", "export", "session", "consent", "survey", "error",
)  # fmt: skip
SOURCES = ("user", "model", "system")
Event = dict[str, Any]


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class EventLog:
    """An append-only list of events.

    Args:
        path: a JSON Lines file to append to as well; existing lines are kept.
        clock: gives the time in milliseconds since 1970; a test or a replay may bring its own.
    """

    def __init__(self, path: str | Path | None = None, clock: Callable[[], int] = _now_ms):
        self.events: list[Event] = []
        self._clock = clock
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
        event: Event = {
            "seq": len(self.events), "time": self._clock(), "kind": kind, "source": source, "payload": payload,
        }  # fmt: skip
        if cause is not None:
            event["cause"] = cause
        self.events.append(event)
        if self._file is not None:
            self._file.write(json.dumps(event, ensure_ascii=False, separators=(",", ":")) + "\n")
            self._file.flush()
        return event

    def extend(self, events: Iterable[Event]) -> None:
        """Take over events read from a project file, as they are."""
        self.events.extend(events)

    def close(self) -> None:
        """Close the file, if there is one."""
        if self._file is not None:
            self._file.close()
            self._file = None


def dumps_events(events: Iterable[Event]) -> str:
    """JSON Lines text of the events."""
    return "".join(json.dumps(event, ensure_ascii=False, separators=(",", ":")) + "\n" for event in events)


def loads_events(text: str) -> list[Event]:
    """Read JSON Lines; a last line cut off in the middle (a crash while writing) is left out.

    Raises:
        BadDocument: any other line is not an event.
    """
    events: list[Event] = []
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        try:
            event = json.loads(line)
        except (ValueError, RecursionError) as error:
            if number == len(lines) - 1:
                break
            raise BadDocument(f"Line {number + 1} of the event log cannot be read.") from error
        if not isinstance(event, dict) or event.get("kind") not in KINDS or event.get("source") not in SOURCES:
            raise BadDocument(f"Line {number + 1} of the event log is not an event.")
        events.append(event)
    return events


def operations(events: Iterable[Event]) -> Iterable[Operation]:
    """The operations that were applied, in order: edits, undone and redone ones alike."""
    for event in events:
        if event["kind"] in ("edit", "undo", "redo"):
            yield event["payload"]["operation"]


def replay(start: Score, events: Iterable[Event]) -> Score:
    """A copy of ``start`` with every change of the log applied.

    Raises:
        BadOperation: the log does not belong to this score.
    """
    score = start.copy()
    for operation in operations(events):
        apply(score, operation)
    return score
