"""What the harmony around a gap is, and what it should be inside.

The piece is cut into half bars (whole bars where a bar is shorter than four quarters). Each has a chroma vector and
a likely root. Inside the gap these come, in this order, from the chord lane, from the tracks that still sound there,
and from the bars that stand to the gap as its repeat would: the lag in bars at which the music around repeats best.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from workbench.score.keys import KeyGuess
from workbench.score.lanes import Chord
from workbench.score.score import Note
from workbench.score.timemap import Bar

#: Chord shapes that a root is looked for with: pitch classes above the root, and how common the shape is.
SHAPES = (((0, 4, 7), 1.0), ((0, 3, 7), 0.98), ((0, 4, 7, 10), 0.95), ((0, 3, 7, 10), 0.95), ((0, 3, 6), 0.9))
#: Degrees of the scale (0 = tonic) that a piece with no music yet goes through, a bar each.
FIRST_CHORDS = (0, 4, 5, 3)
MAX_LAG = 32
#: Music is built in fours; a lag that is a multiple of four bars wins a tie.
FOUR_BAR_BONUS = 0.04
#: Chroma vectors of bars in different metres cannot be compared.
_NO_LIKENESS = 0.0


@dataclass(frozen=True, slots=True)
class Sound:
    """The harmony of a moment: likely root (pitch class, None: unknown), chroma (float64 [12], sum 1 or 0), and
    the chord's pitch classes where a person wrote one."""

    root: int | None
    chroma: np.ndarray
    chord: frozenset[int] | None = None


def find_root(chroma: np.ndarray, bass: int | None = None) -> int | None:
    """Pitch class of the likeliest chord root for a chroma vector (float [12]); ``bass`` is the lowest pitch class."""
    norm = float(np.linalg.norm(chroma))
    if norm == 0:
        return None
    best, found = -1.0, 0
    for root in range(12):
        for shape, common in SHAPES:
            tones = [(root + step) % 12 for step in shape]
            fit = common * float(chroma[tones].sum()) / (norm * len(shape) ** 0.5) + (0.12 if root == bass else 0.0)
            if fit > best:
                best, found = fit, root
    return found


class Harmony:
    """Chroma and root of every half bar of ``bars``, with what is hidden filled in by :meth:`plan`."""

    def __init__(self, bars: Sequence[Bar], hidden: Iterable[tuple[int, int]], ppq: int) -> None:
        """``bars``: consecutive bars that cover the gaps and their surroundings. ``hidden``: ticks [start, end)."""
        self.bars = list(bars)
        self._edges: list[int] = []
        #: Index of each bar's first half, and one more.
        self.first_halves: list[int] = []
        for bar in self.bars:
            self.first_halves.append(len(self._edges))
            halves = 2 if bar.end - bar.start >= 4 * ppq and bar.numerator % 2 == 0 else 1
            self._edges += [bar.start + (bar.end - bar.start) * half // halves for half in range(halves)]
        self.first_halves.append(len(self._edges))
        self.end = self.bars[-1].end
        count = len(self._edges)
        self.chroma = np.zeros((count, 12))
        self.steady = np.zeros((count, 12))  # only tracks that nobody is filling
        self._bass = np.full(count, 128)
        self._roots: list[int | None] = [None] * count
        self._likeness: dict[int, float] | None = None
        self.hidden = [any(bar.start < end and start < bar.end for start, end in hidden) for bar in self.bars]

    def add(self, notes: Iterable[Note], *, steady: bool) -> None:
        """Let pitched notes sound; ``steady``: their track is not being filled."""
        ends = [*self._edges[1:], self.end]
        for note in notes:
            index = max(0, bisect_right(self._edges, note.start) - 1)
            while index < len(self._edges) and self._edges[index] < max(note.end, note.start + 1):
                overlap = min(note.end, ends[index]) - max(note.start, self._edges[index])
                if overlap > 0:
                    self.chroma[index, note.pitch % 12] += overlap
                    if steady:
                        self.steady[index, note.pitch % 12] += overlap
                    self._bass[index] = min(self._bass[index], note.pitch)
                index += 1

    def settle(self) -> None:
        """Work out the roots; call once after the last :meth:`add`."""
        self._likeness = None
        for index, row in enumerate(self.chroma):
            self._roots[index] = find_root(row, int(self._bass[index]) % 12 if self._bass[index] < 128 else None)

    def at(self, tick: int) -> Sound:
        """What sounds around ``tick`` as far as it is known."""
        index = max(0, bisect_right(self._edges, tick) - 1)
        return Sound(self._roots[index], _unit(self.chroma[index]))

    def likeness(self) -> dict[int, float]:
        """How well the music repeats at each lag (bars; negative: repeats later), -1.0 to 2.0, seen from the gap."""
        if self._likeness is None:
            self._likeness = self._lags()
        return dict(self._likeness)

    def _lags(self) -> dict[int, float]:
        gap = [index for index, hidden in enumerate(self.hidden) if hidden]
        if not gap:
            return {}
        window = range(max(0, gap[0] - 8), min(len(self.bars), gap[-1] + 9))
        out: dict[int, float] = {}
        for lag in [*range(1, MAX_LAG + 1), *range(-MAX_LAG, 0)]:
            around, inside = [], []
            if not any(self.source(index, lag) is not None for index in gap):
                continue
            for index in window:
                other = index - lag
                if 0 <= other < len(self.bars) and not self.hidden[other] and self._sounds(other):
                    if self.hidden[index]:
                        inside.append(self._alike(self.steady, index, other))
                    elif self._sounds(index):
                        around.append(self._alike(self.chroma, index, other))
            score = float(np.mean(around)) * min(1.0, len(around) / 4) if around else 0.0
            score += float(np.mean(inside)) if inside else 0.0
            out[lag] = score + (FOUR_BAR_BONUS if lag % 4 == 0 else 0.0) - 0.001 * abs(lag)
        return out

    def _alike(self, table: np.ndarray, index: int, other: int) -> float:
        one = table[self.first_halves[index] : self.first_halves[index + 1]]
        two = table[self.first_halves[other] : self.first_halves[other + 1]]
        if one.shape != two.shape:
            return _NO_LIKENESS
        norm = float(np.linalg.norm(one) * np.linalg.norm(two))
        return float((one * two).sum()) / norm if norm else _NO_LIKENESS

    def _sounds(self, index: int) -> bool:
        return bool(self.chroma[self.first_halves[index] : self.first_halves[index + 1]].any())

    def source(self, index: int, lag: int) -> int | None:
        """The nearest known, sounding bar at a multiple of ``lag`` from bar ``index`` (indices into ``bars``)."""
        other = index - lag
        while 0 <= other < len(self.bars):
            if not self.hidden[other] and self._sounds(other):
                return other
            other -= lag
        return None

    def half_bars(self) -> tuple[np.ndarray, np.ndarray]:
        """Share of every half bar for which each pitch class is known to sound, float64 [n, 12] (together they may be
        more than 1), and whether it begins a bar, bool [n]."""
        width = np.diff([*self._edges, self.end])
        return self.chroma / width[:, None], np.isin(np.arange(len(width)), self.first_halves[:-1])

    def halves(self) -> tuple[np.ndarray, np.ndarray]:
        """Edges of the half bars in ticks, int64 [n + 1], and the index of each one's bar, int64 [n]."""
        count = np.diff(self.first_halves)
        return np.array([*self._edges, self.end], np.int64), np.repeat(np.arange(len(self.bars)), count)

    def planned(self, chroma: np.ndarray, roots: Sequence[int], chords: Sequence[Chord]) -> Plan:
        """A plan of somebody else's making: ``chroma`` float64 [n, 12] and ``roots`` by half bar."""
        return Plan(self._edges, chroma, roots, chords)

    def plan(self, lag: int | None, key: KeyGuess, chords: Sequence[Chord]) -> Plan:
        """The harmony to follow, the gap included; ``lag`` None: no music to go by, use common chords of the key."""
        chroma, roots = self.chroma.copy(), list(self._roots)
        for index, hidden in enumerate(self.hidden):
            if not hidden:
                continue
            first, last = self.first_halves[index], self.first_halves[index + 1]
            source = None if lag is None else self.source(index, lag)
            for half in range(first, last):
                guess = self._guess(source, half - first, index, key)
                seen = _unit(self.chroma[half])
                trust = min(1.0, 0.34 * np.count_nonzero(seen > 0.04))
                chroma[half] = trust * seen + (1.0 - trust) * guess
                bass = int(self._bass[half]) % 12 if self._bass[half] < 128 and trust > 0.6 else None
                roots[half] = find_root(chroma[half], bass)
        return Plan(self._edges, chroma, roots, chords)

    def _guess(self, source: int | None, half: int, index: int, key: KeyGuess) -> np.ndarray:
        if source is not None:
            width = self.first_halves[source + 1] - self.first_halves[source]
            return _unit(self.chroma[self.first_halves[source] + min(half, width - 1)])
        degree = FIRST_CHORDS[index % len(FIRST_CHORDS)]
        out = np.zeros(12)
        for step, weight in ((0, 1.2), (2, 0.9), (4, 0.9)):
            out[key.scale[(degree + step) % 7]] = weight
        return _unit(out)


class Plan:
    """The harmony of every moment, gap included."""

    def __init__(
        self, edges: Sequence[int], chroma: np.ndarray, roots: Sequence[int | None], chords: Sequence[Chord]
    ) -> None:
        self._edges, self._roots = list(edges), list(roots)
        self._chroma = chroma
        self._chords = [chord for chord in chords if chord.duration > 0]
        self._starts = [chord.tick for chord in self._chords]

    def at(self, tick: int) -> Sound:
        """What to play at ``tick``: the chord lane's chord if there is one, else what was worked out."""
        place = bisect_right(self._starts, tick) - 1
        if place >= 0 and tick < self._chords[place].tick + self._chords[place].duration:
            chord = self._chords[place]
            chroma = np.zeros(12)
            chroma[sorted(chord.pitch_classes)] = 1.0
            return Sound(chord.root, _unit(chroma), chord.pitch_classes)
        index = max(0, bisect_right(self._edges, tick) - 1)
        return Sound(self._roots[index], _unit(self._chroma[index]))


def _unit(row: np.ndarray) -> np.ndarray:
    total = float(row.sum())
    return row / total if total > 0 else np.zeros(12)
