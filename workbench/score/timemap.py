"""From ticks to bars, beats and seconds, and back.

Bars follow the metre lane. A metre that changes inside a bar ends that bar early. Where the metre does not
divide the resolution, bar lines fall on the nearest tick below their exact place, so nothing drifts.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from workbench.errors import BadRequest
from workbench.score.lanes import DEFAULT_TEMPO, MAX_TICK
from workbench.score.score import Score

MAX_BARS = 100_000


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its number (1 is the first full bar, 0 a pickup), ticks [start, end) and metre."""

    number: int
    start: int
    end: int
    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True)
class _Segment:
    """A run of bars in one metre: starts at ``tick`` with bar ``number``; a bar lasts ``length / parts`` ticks."""

    tick: int
    number: int
    length: int
    parts: int
    numerator: int
    denominator: int

    def line(self, index: int) -> int:
        """Tick of the ``index``-th bar line of the segment."""
        return self.tick + index * self.length // self.parts

    def index(self, tick: int) -> int:
        """Which bar of the segment holds ``tick``."""
        guess = (tick - self.tick) * self.parts // self.length
        return guess + 1 if self.line(guess + 1) <= tick else guess


class TimeMap:
    """The time line of a score as it stands; make a new one after a change of tempo, metre or pickup."""

    def __init__(self, score: Score):
        self.ppq = score.ppq
        self.pickup = score.pickup
        self._score_end = score.end
        self._tempo_ticks: list[int] = [0]
        self._tempo_us: list[int] = [DEFAULT_TEMPO]
        for tempo in score.tempos:
            if tempo.tick == self._tempo_ticks[-1]:
                self._tempo_us[-1] = tempo.us_per_quarter
            else:
                self._tempo_ticks.append(tempo.tick)
                self._tempo_us.append(tempo.us_per_quarter)
        # Microseconds times ppq, so that sums stay exact integers.
        self._elapsed = [0]
        for index in range(1, len(self._tempo_ticks)):
            span = self._tempo_ticks[index] - self._tempo_ticks[index - 1]
            self._elapsed.append(self._elapsed[-1] + span * self._tempo_us[index - 1])
        self._segments = self._bar_segments(score)
        self._starts = [segment.tick for segment in self._segments]

    def _bar_segments(self, score: Score) -> list[_Segment]:
        changes: list[tuple[int, int, int]] = [(self.pickup, 4, 4)]
        for meter in score.meters:
            tick = max(meter.tick, self.pickup)
            if changes[-1][0] == tick:
                changes[-1] = (tick, meter.numerator, meter.denominator)
            elif changes[-1][1:] != (meter.numerator, meter.denominator):
                changes.append((tick, meter.numerator, meter.denominator))
        segments: list[_Segment] = []
        number = 1
        for tick, numerator, denominator in changes:
            if segments:
                last = segments[-1]
                bars = last.index(tick - 1) + 1
                number = last.number + bars
            length, parts = 4 * self.ppq * numerator, denominator
            if length < parts:  # a bar shorter than a tick cannot be drawn
                length, parts = 1, 1
            segments.append(_Segment(tick, number, length, parts, numerator, denominator))
        return segments

    def seconds(self, tick: int) -> float:
        """Seconds from the start of the piece to ``tick``."""
        index = bisect_right(self._tempo_ticks, tick) - 1
        total = self._elapsed[index] + (tick - self._tempo_ticks[index]) * self._tempo_us[index]
        return total / (self.ppq * 1_000_000)

    def tick(self, seconds: float) -> int:
        """The tick nearest to a time in seconds (0 for negative times)."""
        scaled = max(0.0, seconds) * self.ppq * 1_000_000
        index = bisect_right(self._elapsed, scaled) - 1
        return min(MAX_TICK, round(self._tempo_ticks[index] + (scaled - self._elapsed[index]) / self._tempo_us[index]))

    def tempo_at(self, tick: int) -> int:
        """Microseconds per quarter in force at ``tick``."""
        return self._tempo_us[bisect_right(self._tempo_ticks, tick) - 1]

    def bar_at(self, tick: int) -> Bar:
        """The bar that holds ``tick``, also past the end of the piece."""
        if tick < self.pickup:
            first = self._segments[0]
            return Bar(0, 0, self.pickup, first.numerator, first.denominator)
        place = bisect_right(self._starts, tick) - 1
        segment = self._segments[place]
        return self._bar(place, segment.index(tick))

    def _bar(self, place: int, index: int) -> Bar:
        segment = self._segments[place]
        end = segment.line(index + 1)
        if place + 1 < len(self._segments):
            end = min(end, self._segments[place + 1].tick)
        return Bar(segment.number + index, segment.line(index), end, segment.numerator, segment.denominator)

    def bar(self, number: int) -> Bar:
        """Bar ``number``, also past the end of the piece.

        Raises:
            BadRequest: there is no such bar (negative, or 0 where the piece has no pickup).
        """
        if number == 0 and self.pickup:
            return self.bar_at(0)
        if not 1 <= number <= MAX_TICK + 1:
            raise BadRequest(f"There is no bar {number} in this piece; its first bar is {0 if self.pickup else 1}.")
        place = bisect_right([segment.number for segment in self._segments], number) - 1
        return self._bar(place, number - self._segments[place].number)

    def bar_range(self, first: int, last: int) -> tuple[int, int]:
        """Ticks [start, end) of bars ``first`` to ``last``, both included.

        Raises:
            BadRequest: the bars do not exist or are in the wrong order.
        """
        if last < first:
            raise BadRequest(f"Bar {last} comes before bar {first}; name the earlier bar first.")
        return self.bar(first).start, min(MAX_TICK, self.bar(last).end)

    def bars(self, end: int | None = None) -> list[Bar]:
        """Every bar from the start up to tick ``end`` (default: the end of the last note); at most 100,000."""
        stop = self._score_end if end is None else end
        out: list[Bar] = []
        tick = 0
        while (tick < stop or not out) and len(out) < MAX_BARS:
            bar = self.bar_at(tick)
            out.append(bar)
            tick = bar.end
        return out

    def beat_position(self, tick: int) -> tuple[int, int, int]:
        """Bar number, beat (from 1, in units of the metre's lower number) and ticks past that beat."""
        bar = self.bar_at(tick)
        offset = tick - bar.start
        unit = 4 * self.ppq
        beat = offset * bar.denominator // unit
        return bar.number, beat + 1, offset - -(-beat * unit // bar.denominator)
