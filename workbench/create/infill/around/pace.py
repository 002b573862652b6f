"""How full the parts of a gap play around it, and how far what is being written runs ahead of that or falls behind.

A network that is left to itself drifts: a chord too few makes the next one thinner, and after four bars a piano part
holds a third of the notes that it has on either side. The bars around a gap foretell how many notes it holds to within
a sixth or so, so what is written is held to them, gently: a bar may be full and the next one thin.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

#: Bars on each side of a gap that are looked at, and how many bars away a bar counts a third.
BARS, NEAR = 8, 3.0
#: Quarters of music that have to be missing (or too much) before it is felt.
SLACK = 3.0
#: What a note adds to the memory of having been ahead or behind, as a share of how far, and the most of that memory.
LEARN, MOST = 0.1, 1.6


@dataclass(frozen=True, slots=True)
class Usual:
    """What a part does around a gap: onsets and notes a grid tick, and the share of the bars in which it rests."""

    onsets: float
    notes: float
    rests: float = 0.0

    @property
    def at_once(self) -> float:
        """Notes an onset, at least 1."""
        return max(1.0, self.notes / self.onsets)


def usual(onsets: Ints, bars: Ints, open_: npt.NDArray[np.bool_], start: int, end: int) -> Usual | None:
    """How full a part plays around grid ticks [start, end); None where it is silent there, or nothing is around.

    Args:
        onsets: grid ticks at which the part's notes begin, sorted, int64 [n]; a chord has its tick several times.
        bars: bar lines, int64 [m]. The last one ends the music that is known.
        open_: whether each bar can tell anything, bool [m - 1]; bars of another gap cannot.
    """
    first, last = np.searchsorted(bars, (start, end), "left")
    before = [at for at in range(int(first) - 1, -1, -1) if bars[at + 1] <= start and open_[at]][:BARS]
    after = [at for at in range(int(last), len(bars) - 1) if open_[at]][:BARS]
    heard = weight = struck = rests = 0.0
    for side in (before, after):
        for away, at in enumerate(side):
            low, high = np.searchsorted(onsets, (bars[at], bars[at + 1]))
            near = float(np.exp(-away / NEAR))
            heard += near * float(high - low)
            struck += near * float(len(np.unique(onsets[low:high])))
            weight += near * float(bars[at + 1] - bars[at])
            rests += near * float(bars[at + 1] - bars[at]) * (low == high)
    return Usual(struck / weight, heard / weight, rests / weight) if struck else None


class Pace:
    """What is written of one stretch so far, beside what its parts usually play.

    ``usual``: by slot; ``lines``: what stands in the gap, by slot as sorted (tick, -pitch); read anew at each question.
    """

    def __init__(
        self, usual: Mapping[int, Usual], lines: Mapping[int, Sequence[tuple[int, int]]], start: int, quarter: int
    ) -> None:
        self.usual, self.lines, self.start, self.quarter = usual, lines, start, quarter
        self._learnt = 0.0

    def _written(self, slot: int, clock: int) -> Sequence[tuple[int, int]]:
        line = self.lines.get(slot, ())
        return line[bisect_right(line, (self.start - 1, 1 << 10)) : bisect_right(line, (clock, 1 << 10))]

    def _ahead(self, have: float, wanted: float, a_tick: float) -> float:
        """Log of what there is over what is wanted, both with some slack."""
        slack = SLACK * self.quarter * a_tick
        return float(np.log((have + slack) / (wanted + slack)))

    def onsets(self, clock: int) -> float:
        """How far ahead the moments struck so far are (log of a ratio; below 0: behind), all parts together."""
        a_tick = sum(one.onsets for one in self.usual.values())
        if not a_tick:
            return 0.0
        struck = sum(len({tick for tick, _ in self._written(slot, clock)}) for slot in self.usual)
        return self._ahead(struck, a_tick * (clock - self.start) + 1.0, a_tick)

    def held(self, clock: int) -> float:
        """How far the next moment is to be held back (below 0: urged on); asked once before each note.

        What is ahead of its pace, and stays so, is held back more and more: some music (played without a beat, many
        voices) draws a network on so strongly that a pull in proportion leaves it a third too full.
        """
        self._learnt = float(np.clip(self._learnt + LEARN * self.notes(clock), -MOST, MOST))
        return self.onsets(clock) + self._learnt

    def notes(self, clock: int) -> float:
        """How far ahead the notes so far are (log of a ratio; below 0: behind), all parts together."""
        a_tick = sum(one.notes for one in self.usual.values())
        if not a_tick:
            return 0.0
        have = sum(len(self._written(slot, clock)) for slot in self.usual)
        return self._ahead(have, a_tick * (clock - self.start + 1), a_tick)

    def fullness(self, clock: int) -> float:
        """How much fuller than usual the chords so far are (log of a ratio; below 0: thinner)."""
        have = wanted = a_tick = 0.0
        for slot, one in self.usual.items():
            line = self._written(slot, clock)
            have += len(line)
            wanted += one.at_once * len({tick for tick, _ in line})
            a_tick += one.notes
        return self._ahead(have, wanted, a_tick) if a_tick else 0.0

    def shares(self, clock: int) -> dict[int, float]:
        """How far ahead each part is of what it should have by now, the mean over the parts taken off."""
        ahead = {
            slot: self._ahead(len(self._written(slot, clock)), one.notes * (clock - self.start + 1), one.notes)
            for slot, one in self.usual.items()
        }
        mean = float(np.mean(list(ahead.values()))) if ahead else 0.0
        return {slot: value - mean for slot, value in ahead.items()}

    @property
    def wait(self) -> float:
        """Grid ticks from one moment to the next, as usual."""
        return 1.0 / max(1e-3, sum(one.onsets for one in self.usual.values()))
