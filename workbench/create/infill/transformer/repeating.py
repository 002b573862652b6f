"""How a piece repeats itself, told from its opening: to the tick, with changes, strain by strain.

Eight bars show little of it, but what they are shows much: a tune alone plays each of its strains twice, a song over
chord symbols returns to its verse, a string quartet hardly ever copies a bar, music played by hand never does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.tokens import grid12 as g

SHOWN = 8  #: bars that are an opening
#: A bar by what begins in it: (track, onset in the bar in grid ticks, model pitch).
Hits = frozenset[tuple[str, int, int]]
DRUM = 128  #: model pitches from here on are drum keys
#: Share of onsets off sixteenths and triplets from which on music was played by hand: it never repeats to the tick.
BY_HAND = 0.2
#: Notes an onset up to which a part plays one line, and from which on it plays chords.
LINE, CHORDS = 1.08, 2.5
#: Notes a bar of a tune that is played for itself, at the most; chords a bar that are a song's symbols.
TUNE, SYMBOLS = 14.0, 2.5
#: Logistic regressions on what an opening shows (:func:`seen`): the share of later bars that are an earlier bar to the
#: tick, of those that are nearly one, and whether the next eight bars are the first eight over again. Fitted on the
#: first forty bars of training pieces of ten kinds, up to 250 of each, each kind counted alike, and of 600 tunes of
#: songs alone, which are sung twice to the tick far less often than dances. Explained variance on validation works .51,
#: .48 and .49.
EXACT = (0.2, 0.5, 1.24, -0.08, -1.84, 1.44, 0.78, -0.67, 0.96, -2.0)
NEAR = (2.68, -0.63, 0.94, 0.07, -0.88, 0.94, 0.43, -0.85, 0.68, -2.06)
STRAIN = (1.11, -0.41, -0.04, -1.14, -1.46, 2.15, 2.19, 0.2, 1.23, -1.33)


@dataclass(frozen=True)
class Habit:
    """How a piece repeats itself.

    Attributes:
        exact: share of bars that are an earlier bar to the tick.
        recall: share of parts that return.
        strain: chance that a new part of eight bars is played twice.
    """

    exact: float
    recall: float
    strain: float = 0.0


def seen(bars: Sequence[Hits]) -> tuple[float, ...]:
    """What an opening (rests left out) shows of its habit: ten numbers, in the order of the tables' weights.

    Mean likeness (F1) of a bar to its likest one before, share of copies; the same share of the bars of each part by
    itself, weighted by notes; log2 of the notes a bar; whether it was played by hand; whether it is a tune alone, and
    how much it goes like a dance; whether it is three lines or more, or a tune over chord symbols; 1.
    """
    best = _likeness(bars)
    full = float(np.log2(np.mean([len(bar) for bar in bars])))
    by_hand = np.mean([tick % g.TICKS not in g.STRAIGHT for bar in bars for _, tick, _ in bar]) > BY_HAND
    drums = {name for bar in bars for name, _, pitch in bar if pitch >= DRUM}
    lines, chords, copies, notes = 0, 0, 0, 0
    names = sorted({name for bar in bars for name, _, _ in bar})
    for name in names:
        own = [frozenset(hit for hit in bar if hit[0] == name) for bar in bars]
        struck = sum(len({tick for _, tick, _ in bar}) for bar in own)
        at_once = sum(map(len, own)) / max(1, struck)
        lines += name not in drums and at_once <= LINE
        chords += name not in drums and at_once >= CHORDS and struck <= SYMBOLS * len(bars)
        for at, bar in enumerate(own):
            if at and len(bar) > 1:
                notes += len(bar)
                copies += len(bar) * (bar in own[:at])
    alone = lines == len(names) == 1 and 2**full <= TUNE
    sheet = len(names) == 2 and lines == chords == 1
    dance = _dances(bars) if alone else 0.0
    return (
        float(np.mean(best)), float(np.mean(best > 0.999)), copies / max(1, notes), full, float(by_hand),
        float(alone), dance, float(lines > 2 and not drums), float(sheet), 1.0,
    )  # fmt: skip


def _dances(bars: Sequence[Hits]) -> float:
    """How much a tune alone goes like one that is danced to: log2 of its notes a quarter, and no note held long."""
    ends = max(tick for bar in bars for _, tick, _ in bar) + 1
    quarters = -(-ends // g.TICKS)
    waits = [wait for bar in bars for wait in np.diff(sorted({tick for _, tick, _ in bar} | {quarters * g.TICKS}))]
    pace = float(np.log2(sum(map(len, bars)) / len(bars) / quarters))
    return pace - 2.0 * float(np.mean(np.array(waits) > g.TICKS))


def habit_of(bars: Sequence[Hits]) -> Habit:
    """The habit of a piece, from its bars (rests left out).

    What eight bars show is little; of a longer piece its own bars say more and more.
    """
    sounding = [bar for bar in bars if bar]
    if len(sounding) < 2:
        return Habit(0.15, 0.5)
    shown = seen(sounding[:SHOWN])
    exact, near, strain = (float(1 / (1 + np.exp(-np.dot(weights, shown)))) for weights in (EXACT, NEAR, STRAIN))
    later = _likeness(sounding)[SHOWN - 1 :]
    if len(later):
        own = len(later) / (len(later) + 2 * SHOWN)
        exact = (1 - own) * exact + own * float(np.mean(later > 0.999))
        near = (1 - own) * near + own * float(np.mean(later >= 0.7))
    return Habit(exact, min(0.9, near), strain)


def _likeness(bars: Sequence[Hits]) -> np.ndarray:
    """Of each bar after the first how like it is (F1) to the likest one before it."""
    return np.array([max(f1(bar, old) for old in bars[:at]) for at, bar in enumerate(bars) if at])


def f1(one: Hits, other: Hits) -> float:
    """Notes in common of two bars, as a share of both."""
    return 2 * len(one & other) / (len(one) + len(other))
