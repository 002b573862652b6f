"""What the network sees: events in the order of time, each control five seconds before it sounds, the last 100 s.

*Anticipation*: a control at time ``s`` stands right after the first event at or after ``s - DELTA``. Silence is
filled with a REST every second, so that such an event always exists. A window whose triples or seconds run out drops
its oldest quarter at once and counts its onsets from its new start: every token changes, so a cache must be built
again, and a block makes that rare.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from workbench.tokens.arrival import (
    ANTICIPATE,
    AUTOREGRESS,
    DELTA,
    MAX_TIME,
    REST_EVERY,
    TRIPLES,
    Event,
    encode,
    rest,
)

#: Triples of a prompt at most: the rest of the window is for what is written before the first slide.
PROMPT_TRIPLES = TRIPLES - TRIPLES // 4


def pad(events: Sequence[Event], start: int, end: int) -> list[Event]:
    """Events (sorted by time, in [start, end]) with a REST wherever a second passes without one, up to ``end``."""
    out: list[Event] = []
    now = start
    for event in [*events, None]:
        until = end if event is None else event.time
        while until > now + REST_EVERY:
            now += REST_EVERY
            out.append(rest(now))
        if event is not None:
            out.append(event)
            now = event.time
    return out


def interleave(events: Iterable[Event], controls: Sequence[Event], clock: int) -> tuple[list[Event], list[Event]]:
    """Put controls among events (both sorted by time) from time ``clock`` on; returns (stream, controls left)."""
    left = list(controls)
    out, taken = [], _due(left, clock)
    out += left[:taken]
    for event in events:
        out.append(event)
        upto = taken + _due(left[taken:], event.time)
        out += left[taken:upto]
        taken = upto
    return out, left[taken:]


def _due(controls: Sequence[Event], now: int) -> int:
    """How many of the first controls stand before or right after an event at ``now``."""
    for place, control in enumerate(controls):
        if control.time - DELTA > now:
            return place
    return len(controls)


class Window:
    """The stream that one alternative grows. Times in hundredths of a second of the piece.

    ``start``: the piece's time that counts as 0. ``now``: time of the last event. ``waiting``: controls still to
    come, by time. ``slides``: how often the oldest quarter was dropped.
    """

    def __init__(self, past: Sequence[Event], controls: Sequence[Event], start: int, now: int) -> None:
        """``past``: events before ``now``, ``controls``: given notes from ``start`` on, both sorted by time.

        Raises:
            ValueError: something of the past lies before ``start``.
        """
        self.flag = ANTICIPATE if controls else AUTOREGRESS
        padded = pad(past, start, now)
        self.stream, self.waiting = interleave(padded, controls, start)
        self.start = start
        self.now = padded[-1].time if padded else start
        self.slides = 0
        if len(self.stream) > PROMPT_TRIPLES:
            self._drop(len(self.stream) - PROMPT_TRIPLES)
        while not self._in_time(self.now):
            self._drop(max(1, len(self.stream) // 4))

    def tokens(self) -> list[int]:
        """The whole window: the flag and every triple."""
        return [self.flag, *encode(self.stream, self.start)]

    def make_room(self) -> bool:
        """Slide until one more event fits in count and time; returns whether anything was dropped."""
        before = self.slides
        while len(self.stream) >= TRIPLES or not self._in_time(self.now):
            self._slide()
        return self.slides > before

    def write(self, event: Event) -> tuple[list[int], bool]:
        """Append an event that was sampled and the controls that are due after it.

        Returns the tokens of those controls, and whether the window slid meanwhile (the tokens then do not matter).
        """
        before = self.slides
        self.now = event.time
        self.stream.append(event)
        due = _due(self.waiting, event.time)
        for control in self.waiting[:due]:
            while len(self.stream) >= TRIPLES:
                self._slide()
            self.stream.append(control)
        added, self.waiting = self.waiting[:due], self.waiting[due:]
        slid = self.slides > before
        return ([] if slid else encode(added, self.start)), slid

    def _in_time(self, now: int) -> bool:
        """Whether an event up to a second from ``now``, and every control due after it, still has a token."""
        return now + REST_EVERY + DELTA - self.start < MAX_TIME

    def _slide(self) -> None:
        self.slides += 1
        self._drop(max(1, len(self.stream) // 4))

    def _drop(self, count: int) -> None:
        """Forget the oldest triples and count time from the earliest that is left."""
        del self.stream[:count]
        self.start = min((event.time for event in self.stream), default=self.now)
