"""What the bars of a gap hold, as the bars around foretell it: pitch classes by time, or strokes on each drum.

Music comes back: a bar is likest to the bars that stand to it as its repeat would, and next to those nearest by. On 200
held-out spans of drums the mean of the two is nearer to what the drummer plays (cosine of the strokes on each drum: .92
in recordings, .96 where grooves repeat) than the four bars before are (.84, .85). Together with the harmony that
``around.expectation`` finds half bar by half bar it is nearer to what sounds in a bar than that alone: on 30 held-out
spans each .756 where that has .736 (many tracks), .794, .781 (scores), .766, .749 (lead sheets), .813, .811 (merged).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

#: Lags in bars, either way, at which the music is looked for to repeat.
MOST_LAG = 16
#: Bars on each side in which repeats are judged and of which the mean is taken; how many bars away one counts a third.
BARS, NEAR = 8, 1.5
#: Pairs of bars that make a lag believed in full, and the fewest that say anything.
PAIRS, FEWEST = 4, 3


@dataclass(frozen=True)
class Trust:
    """How sharply the best lag is believed (a temperature), and what the mean of the bars nearby weighs beside it."""

    heat: float
    nearby: float


#: A groove repeats itself more exactly than a harmony does.
GROOVE, CHROMA = Trust(0.02, 0.5), Trust(0.05, 1.0)


@dataclass(frozen=True)
class Foretold:
    """What is expected of each bar of a gap.

    Attributes:
        lines: bar lines from the first bar's start to the last one's end, int64 [bars + 1].
        wanted: float64 [bars, kinds], rows of length 1; zeros where nothing is known.
    """

    lines: Ints
    wanted: Floats

    def bar(self, tick: int) -> int:
        """Index of the bar in which a tick lies; that of the nearest one outside the gap."""
        return int(np.clip(np.searchsorted(self.lines, tick, "right") - 1, 0, len(self.wanted) - 1))

    def at(self, tick: int) -> Floats:
        """What is expected of the bar in which a tick lies: float64 [kinds]."""
        return np.asarray(self.wanted[self.bar(tick)])

    def bars(self, lines: Ints) -> Floats:
        """The same of the bars in which ticks ``lines[:-1]`` lie: float64 [len(lines) - 1, kinds]."""
        return np.stack([self.at(int(tick)) for tick in lines[:-1]])


def foretell(held: Floats, open_: Mask, lines: Ints, first: int, last: int, trust: Trust) -> Foretold | None:
    """What to expect of bars ``first`` to ``last`` (exclusive); None where nothing is known around.

    Args:
        held: how much of each kind is in each bar, float64 [bars, kinds].
        open_: bars that can tell anything, bool [bars]: of no gap. Silent ones among them tell nothing.
        lines: bar lines, int64 [bars + 1].
    """
    low, high = max(0, first - BARS - MOST_LAG), min(len(held), last + BARS + MOST_LAG)
    held, open_ = held[low:high], open_[low:high]
    known = open_ & (held.sum(axis=1) > 0)
    like = unit(held)
    near = _nearby(like, known, first - low, last - low)
    if not near.any():
        return None
    lags = _lags(like, known, first - low, last - low, trust.heat)
    wanted = []
    for bar in range(first - low, last - low):
        repeat = np.zeros_like(near)
        for lag, weight in lags.items():
            if (source := _source(known, bar, lag)) is not None:
                repeat += weight * like[source]
        wanted.append(unit(unit(repeat) + trust.nearby * near))
    return Foretold(lines[first : last + 1], np.stack(wanted))


def by_bar(ticks: Ints, kinds: Ints, weights: Floats, lines: Ints, count: int) -> Floats:
    """Weight of each kind by bar: float64 [bars, count]; ``ticks``, ``kinds`` and ``weights`` [n], one a note."""
    place = np.searchsorted(lines, ticks, "right") - 1
    inside = (place >= 0) & (place < len(lines) - 1)
    out = np.zeros((len(lines) - 1, count))
    np.add.at(out, (place[inside], kinds[inside]), weights[inside])
    return out


def unit(rows: Floats) -> Floats:
    """Rows (the last axis) of length 1; zeros stay."""
    return np.asarray(rows / np.maximum(1e-9, np.sqrt((rows * rows).sum(axis=-1, keepdims=True))))


def _nearby(like: Floats, known: Mask, first: int, last: int) -> Floats:
    total = np.zeros(like.shape[1])
    for bar in np.flatnonzero(known):
        away = first - 1 - bar if bar < first else bar - last
        if 0 <= away < BARS:
            total += np.exp(-away / NEAR) * like[bar]
    return unit(total)


def _lags(like: Floats, known: Mask, first: int, last: int, heat: float) -> dict[int, float]:
    """How much each lag in bars (negative: from later) is believed."""
    window = [bar for bar in range(max(0, first - BARS), min(len(like), last + BARS)) if known[bar]]
    found: dict[int, float] = {}
    for lag in [*range(1, MOST_LAG + 1), *range(-MOST_LAG, 0)]:
        pairs = [(bar, bar - lag) for bar in window if 0 <= bar - lag < len(like) and known[bar - lag]]
        if len(pairs) >= FEWEST:
            alike = [float(like[one] @ like[other]) for one, other in pairs]
            found[lag] = float(np.mean(alike)) * min(1.0, len(pairs) / PAIRS)
    best = max(found.values(), default=0.0)
    return {lag: float(np.exp((value - best) / heat)) for lag, value in found.items()}


def _source(known: Mask, bar: int, lag: int) -> int | None:
    """The nearest known bar at a multiple of ``lag`` from ``bar``."""
    other = bar - lag
    while 0 <= other < len(known):
        if known[other]:
            return other
        other -= lag
    return None
