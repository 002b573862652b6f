"""Where an event log's events are kept: the last ones in memory, older ones in a temporary file.

A single operation can hold a hundred thousand notes, and a log never forgets: kept as objects, three rounds of such
operations cost two hundred megabytes. So events leave memory oldest first, as JSON lines in a file without a name,
and are read again when someone asks.
"""

from __future__ import annotations

import itertools
import json
import tempfile
import threading
from array import array
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from typing import IO, Any, overload

from workbench.errors import BadRequest

Event = dict[str, Any]

#: JSON text of the events that stay in memory as objects (which take some eight times as much), in bytes.
MEMORY_BYTES = 1_000_000
#: JSON text of a whole log, in bytes; a day of steady work is a few megabytes.
MAX_BYTES = 1_000_000_000


class EventStore(Sequence[Event]):
    """An append-only sequence of plain JSON objects that compares, indexes and iterates like a list.

    Args:
        memory_bytes: how much of it, counted as JSON text, stays in memory.
        max_bytes: how much it may hold in all.
    """

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __init__(self, memory_bytes: int = MEMORY_BYTES, max_bytes: int = MAX_BYTES) -> None:
        self._memory_bytes, self._max_bytes = memory_bytes, max_bytes
        self._recent: deque[tuple[Event, str]] = deque()
        self._recent_bytes = 0
        self._file: IO[bytes] | None = None
        self._ends = array("Q")  # where each event in the file ends
        self._lock = threading.Lock()

    @property
    def bytes(self) -> int:
        """Everything that is kept, counted as JSON text."""
        return self._recent_bytes + (self._ends[-1] if self._ends else 0)

    def check_room(self) -> None:
        """Raise :class:`BadRequest` if nothing more can be kept."""
        if self.bytes >= self._max_bytes:
            raise BadRequest("The history of this piece is full; save the piece and open it again to go on.")

    def append(self, event: Event, text: str | None = None) -> None:
        """Keep one event; ``text``: its JSON text, where the caller has it already."""
        text = to_text(event) if text is None else text
        with self._lock:
            self._recent.append((event, text))
            self._recent_bytes += len(text)
            if self._recent_bytes > self._memory_bytes:
                self._spill()

    def _spill(self) -> None:
        """Write the older events to the file until half the memory is free."""
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile("w+b", buffering=0, prefix="workbench-log-")  # noqa: SIM115
            end = self._ends[-1] if self._ends else 0
            while self._recent and self._recent_bytes > self._memory_bytes // 2:
                text = self._recent[0][1]
                data = text.encode("utf-8", "surrogatepass")
                self._file.seek(end)
                if self._file.write(data) != len(data):
                    return  # the disk is full
                end += len(data)
                self._ends.append(end)
                self._recent.popleft()
                self._recent_bytes -= len(text)
        except OSError:
            return  # no place to write: what is not there stays in memory, and the next event tries again

    def _read(self, number: int) -> Event:
        with self._lock:
            if number >= len(self._ends):
                return self._recent[number - len(self._ends)][0]
            start = self._ends[number - 1] if number else 0
            assert self._file is not None
            self._file.seek(start)
            data = b""
            while len(data) < self._ends[number] - start:
                data += self._file.read(self._ends[number] - start - len(data))
        event: Event = json.loads(data.decode("utf-8", "surrogatepass"))
        return event

    def __len__(self) -> int:
        return len(self._ends) + len(self._recent)

    @overload
    def __getitem__(self, index: int) -> Event: ...

    @overload
    def __getitem__(self, index: slice) -> list[Event]: ...

    def __getitem__(self, index: int | slice) -> Event | list[Event]:
        places = range(len(self))[index]
        return self._read(places) if isinstance(places, int) else [self._read(place) for place in places]

    def __iter__(self) -> Iterator[Event]:
        place = 0
        while place < len(self):
            yield self._read(place)
            place += 1

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str) or len(other) != len(self):
            return False
        return all(mine == theirs for mine, theirs in zip(self, other, strict=True))

    def __repr__(self) -> str:
        return f"<{len(self)} events>"


class Portion(Collection[Event]):
    """What a store held at one moment, as often as it is wanted; it may grow meanwhile.

    Args:
        store: where the events are.
        before: events to put before them.
    """

    def __init__(self, store: EventStore, before: Sequence[Event] = ()) -> None:
        self._store, self._count = store, len(store)
        self._before = tuple(before)

    def __iter__(self) -> Iterator[Event]:
        return itertools.chain(self._before, itertools.islice(self._store, self._count))

    def __len__(self) -> int:
        return len(self._before) + self._count

    def __contains__(self, event: object) -> bool:
        return any(event == own for own in self)


def to_text(event: Event) -> str:
    """One event as a line of JSON, without the line's end."""
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))
