"""Writing one sitting's events: numbering them, keeping them, and never saying that one is kept before it is.

A recorder begins with consent and belongs to one session. What it is told is written to the sink at once. If the sink
does not take it (the disk is full, say), the events wait here in order and :attr:`Recorder.trouble` says so in one
sentence; nothing counts as kept until the sink has it. What comes from a page carries the page's own numbers
(``client_seq``): one that comes again is not taken again, one that comes too early is not taken before its turn.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

from workbench.errors import Unavailable
from workbench.study.log.schema import Event, event, to_line
from workbench.study.log.sinks import Sink

#: How much may wait while the sink does not take it, counted as JSON, in bytes; then nothing more of a page is taken,
#: and it keeps its events until there is room.
MOST_WAITING = 32 * 2**20


def live(sink: Sink) -> MutableMapping[str, Recorder]:
    """The recorders that write into a sink now, by session."""
    known: MutableMapping[str, Recorder] | None = getattr(sink, "live_recorders", None)
    if known is None:
        known = weakref.WeakValueDictionary()
        sink.live_recorders = known  # type: ignore[attr-defined]
    return known


def now_ms() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class Recorder:
    """The log of one sitting.

    Args:
        sink: where its events are kept.
        study: id of the study, or "".
        person: salted id of the person (:mod:`workbench.study.log.ids`).
        session: id of the sitting; drawn by default.
        clock: milliseconds since 1970; a simulation brings its own.
        seq: the first number, for a session that goes on (:meth:`resume` finds it).
        client_seq: the first number of the page's that is wanted.
    """

    def __init__(
        self, sink: Sink, study: str, person: str, session: str | None = None, *, clock: Callable[[], int] = now_ms,
        seq: int = 0, client_seq: int = 0,
    ) -> None:  # fmt: skip
        self.sink, self.study, self.person = sink, study, person
        self.session = session or secrets.token_hex(16)
        self._clock = clock
        self._seq, self._kept_client = seq, client_seq
        self._taken_client = self._settled_client = client_seq
        #: After each batch that the sink has: the first number that is not in it, of the server's count and the page's.
        self._marks: deque[tuple[int, int]] = deque()
        self._waiting: list[Event] = []
        self._waiting_bytes = 0
        self._gathering = 0
        self._lock = threading.RLock()
        self.ended = False
        live(sink)[self.session] = self
        #: Why the sink does not take events now, in one sentence for a person; "" while it does.
        self.trouble = ""

    @classmethod
    def resume(cls, sink: Sink, session: str, clock: Callable[[], int] = now_ms) -> tuple[Recorder, list[Event]] | None:
        """Go on with a session after its server has stopped; None if the sink has none of this name.

        Where somebody here writes into it already, that is the recorder: two would give numbers twice.

        Returns:
            The recorder, and the events that the sink has.
        """
        known = live(sink).get(session)
        if known is not None and not known.ended:
            with known._lock:
                return known, [*sink.read(session), *known._waiting]
        events = sorted(sink.read(session), key=lambda item: int(item["seq"]))
        if not events:
            return None
        first, last = events[0], events[-1]
        taken = max((item["client_seq"] + 1 for item in events if item["client_seq"] is not None), default=0)
        made = cls(
            sink, first["study"], first["person"], session, clock=clock, seq=last["seq"] + 1, client_seq=taken
        )  # fmt: skip
        return made, events

    @property
    def next_seq(self) -> int:
        """The number that the next event gets."""
        return self._seq

    @property
    def wanted(self) -> int:
        """The page's number from which on nothing is kept for good yet: what is below, a page may forget."""
        with self._lock:
            if (safe := self.sink.settled(self.session)) is None:
                return self._kept_client
            while self._marks and self._marks[0][0] <= safe:
                self._settled_client = self._marks.popleft()[1]
            return self._kept_client if not self._marks else self._settled_client

    @property
    def taken(self) -> int:
        """The page's number that is taken next; what lies between :attr:`wanted` and it waits here."""
        return self._taken_client

    def skip(self, count: int) -> None:
        """Leave a hole of so many numbers: events that are known to have been lost."""
        with self._lock:
            self._seq += count

    def pass_over(self, client_seq: int) -> None:
        """What the page had below this number is lost and does not come; its count keeps the hole."""
        with self._lock:
            self._taken_client = max(self._taken_client, client_seq)
            if not self._waiting:
                self._kept_client = self._taken_client

    @property
    def full(self) -> bool:
        """Whether so much waits that nothing more of a page is taken."""
        return self._waiting_bytes >= MOST_WAITING

    def record(
        self, kind: str, source: str, payload: dict[str, Any], *, cause: int | None = None, before: str | None = None,
        after: str | None = None, run: str | None = None, latency: int | None = None, client_seq: int | None = None,
        client_time: int | None = None,
    ) -> int:  # fmt: skip
        """Keep one event and return its number (``seq``).

        The fields are those of :mod:`workbench.study.log.schema`. If the sink does not take it, it waits (see
        :attr:`trouble`) and goes out with the next one, or with :meth:`flush`.

        Raises:
            BadDocument: it breaks the schema; it has no number then.
            Unavailable: the session has ended.
        """
        with self._lock:
            if self.ended:
                raise Unavailable("This part of the log has ended; nothing more is kept in it.")
            made = event(
                session=self.session, person=self.person, study=self.study, seq=self._seq, server_time=self._clock(),
                kind=kind, source=source, payload=payload, cause=cause, before=before, after=after, run=run,
                latency=latency, client_seq=client_seq, client_time=client_time,
            )  # fmt: skip
            self._seq += 1
            if client_seq is not None:
                self._taken_client = client_seq + 1
            self._waiting.append(made)
            self._waiting_bytes += len(to_line(made))
            if not self._gathering:
                self.flush()
            return int(made["seq"])

    @contextlib.contextmanager
    def gathering(self) -> Iterator[None]:
        """What is recorded inside goes to the sink as one batch at the end."""
        with self._lock:
            self._gathering += 1
            try:
                yield
            finally:
                self._gathering -= 1
                if not self._gathering:
                    self.flush()

    def flush(self) -> bool:
        """Give the sink what waits; whether it has everything now."""
        with self._lock:
            if not self._waiting:
                self.trouble = ""
                return True
            try:
                self.sink.append(self.session, self._waiting)
            except Unavailable as problem:
                self.trouble = str(problem)
                return False
            self._waiting, self._waiting_bytes, self.trouble = [], 0, ""
            self._kept_client = self._taken_client
            if self.sink.settled(self.session) is not None:
                self._marks.append((self._seq, self._kept_client))
            return True

    def end(self, **facts: Any) -> bool:
        """The sitting is over: a last event ``session`` {action: end}; whether everything is kept."""
        with self._lock:
            if not self.ended:
                self.record("session", "system", {"action": "end", **facts})
                self.ended = True
            return self.flush()

    def drop(self) -> None:
        """The person wants their events gone: what waits is forgotten, and nothing more is taken."""
        with self._lock:
            self._waiting, self._waiting_bytes, self.ended, self.trouble = [], 0, True, ""
