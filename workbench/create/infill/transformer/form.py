"""The form of a long continuation: which of its parts return to earlier music, and what of it comes back.

Songs return with changes. Where four bars of 197 held-out pieces of nine kinds come back, a part of a bar is the same
again to the tick in a little more than half of the cases, and else it keeps about a third of its notes. How often a
piece repeats itself is its own habit, so it is told from what stands there
(:mod:`workbench.create.infill.transformer.repeating`). Dances play each of their strains twice, whole, A A B B, and a
new strain often ends as the first one did.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from workbench.create.infill.transformer.bridge import GridScore
from workbench.create.infill.transformer.kept import Kept, copied
from workbench.create.infill.transformer.repeating import Habit, Hits, habit_of
from workbench.score.score import Note
from workbench.tokens import grid12 as g

PHRASE = 8  #: bars in a part of a long piece
BLOCK = 4  #: bars that belong together
#: Gaps of at least so many bars have a form.
LONG = 12
#: An accompaniment returns only where this share of what it accompanies is the same again.
SAME = 0.8
#: Of a bar that returns with changes a part is the same again with this chance, and else keeps this share of its beats;
#: the part that leads keeps more, so that the tune is recognised.
UNTOUCHED, BEATS, TUNE_BEATS = 0.4, 0.35, 0.55
#: The bars of a returning part that are the same again begin with its first, second or third one, by chance.
HEADS = (0.55, 0.3, 0.15)
#: A new strain ends as the first one did by this chance, and in its last bars, one to four of them, by these.
TAIL, TAILS = 0.5, (0.4, 0.35, 0.05, 0.2)
#: Of two halves of a part the one with less than this share of the other's notes is a beginning and does not return.
THIN = 0.95
#: A new part is measured by the fuller ones of the blocks that stand in so many bars before it.
NEAR_BARS = 32

#: By track what one idea wrote: (tick, length, model pitch, velocity class).
Written = Mapping[str, Sequence[tuple[int, int, int, int]]]


@dataclass(frozen=True)
class Part:
    """A part of a long gap.

    Attributes:
        start, end: grid ticks [start, end).
        source: tick at which the part begins that it returns to; None: it is new.
        whole: it is that part over again to its last bar, as a strain that is played twice.
        tail: tick from which on it ends as the first part did; None: with an end of its own.
    """

    start: int
    end: int
    source: int | None
    whole: bool = False
    tail: int | None = None


@dataclass
class Form:
    """Which parts of a long gap return to which earlier parts: drawn once an idea.

    The oldest part is the likeliest to come back, as a hook does; the last one returns to it, so that a piece ends
    where it began.

    Attributes:
        parts: in the order of time; none where the gap is short.
        twins: by the bar line (grid tick) of each bar of the gap that of the bar whose fullness it takes over.
        closes: nothing follows the gap, so its last bar is an end.
        fresh: by bar line of each bar that is not to be an earlier bar to the tick the share of it after which a copy
            is turned away from: half of a new bar, none of one that returns with changes.
    """

    parts: list[Part] = field(default_factory=list)
    twins: dict[int, int] = field(default_factory=dict)
    closes: bool = False
    habit: Habit = field(default_factory=lambda: Habit(0.15, 0.5))
    fresh: dict[int, float] = field(default_factory=dict)
    _units: dict[tuple[int, str], list[tuple[int, int]]] = field(default_factory=dict)

    @classmethod
    def drawn(cls, grid: GridScore, start: int, end: int, surprise: float, rng: np.random.Generator) -> Form:
        """A form for the gap in grid ticks [start, end); ``surprise`` -1.0 (like before) to 1.0 (surprise me)."""
        out = cls()
        lines = grid.bars.starts
        first, last = (int(x) for x in np.searchsorted(lines, (start, end)))
        onsets = np.concatenate([notes[:, 0] for notes in grid.notes.values()])
        if first >= len(lines) or lines[first] != start or not (onsets < start).any():
            return out
        out.closes = last - first >= LONG and not (onsets >= start).any()
        played = max(0, int(np.searchsorted(lines, onsets.min(), side="right")) - 1)
        counts = np.histogram(onsets, bins=lines)[0]
        out._measure(lines, counts, played, first, last, rng)
        out.habit = habit_of(_bars(grid, played, first, {}))
        out.fresh = {int(line): 0.5 for line in lines[first:last] if rng.random() >= out.habit.exact}
        if last - first < LONG:
            return out
        recall = out.habit.recall * (1.0 - max(0.0, surprise)) + 0.2 * max(0.0, -surprise)
        length = PHRASE if first - played >= PHRASE or first - played < PHRASE // 2 else PHRASE // 2
        known = [int(lines[at]) for at in range(first - length, played - 1, -length)][::-1]
        places = list(range(first, last, length))
        strains = surprise <= 0.0 and length == PHRASE and rng.random() < out.habit.strain
        single = not _played_twice(grid, known, length)
        if strains:  # the copies are in the strains that come again, so a new one is to be new
            out.fresh = {int(line): 0.5 for line in lines[first:last]}
        for number, at in enumerate(places):
            here, after = int(lines[at]), int(lines[min(at + length, last)])
            source, tail = None, None
            closing = number == len(places) - 1 and len(places) > 1
            # Of a short gap something has to be new.
            again = bool(strains and known and single and (number > 0 or len(places) > 2))
            if again:
                source = known[-1]
            elif known and (closing or (not strains and rng.random() < recall)):
                weights = np.ones(len(known))
                weights[0] += 1.0
                weights[-1] -= 0.4
                source = known[0] if closing else known[int(rng.choice(len(known), p=weights / weights.sum()))]
            if source is not None and not _alike(grid, source, here, after):
                source = None
            if source is not None:
                out._return(lines, counts, here, after, source, strains)
            elif strains and known and at + length <= last and rng.random() < TAIL:
                tail = out._end_as(lines, at + length, known[0], length, rng)
            single = source is None
            out.parts.append(Part(here, after, source, strains and source is not None, tail))
            known.append(here)
        return out

    def at(self, tick: int) -> Part | None:
        """The part in which a grid tick lies."""
        return next((part for part in self.parts if part.start <= tick < part.end), None)

    def _measure(
        self, lines: np.ndarray, counts: np.ndarray, played: int, first: int, last: int, rng: np.random.Generator
    ) -> None:  # fmt: skip
        """Give every bar a twin from one of the fuller blocks that stand before the gap."""
        low = max(played, first - NEAR_BARS)
        blocks = [range(max(low, at - BLOCK), at) for at in range(first, low, -BLOCK)]
        if len(blocks) > 1 and len(blocks[-1]) < BLOCK:
            blocks.pop()
        full = [float(counts[list(block)].mean()) for block in blocks]
        usual = [block for block, count in zip(blocks, full, strict=True) if count >= np.median(full)]
        for at in range(first, last, BLOCK):
            block = usual[int(rng.integers(len(usual)))]
            for bar in range(at, min(at + BLOCK, last)):
                self.twins[int(lines[bar])] = int(lines[block[(bar - at) % len(block)]])

    def _end_as(self, lines: np.ndarray, stop: int, old: int, length: int, rng: np.random.Generator) -> int | None:
        """Let the last bars of the part that ends at bar ``stop`` have those of an older part as twins."""
        many = int(rng.choice(len(TAILS), p=TAILS)) + 1
        end = int(np.searchsorted(lines, old)) + length
        if (np.diff(lines)[stop - many : stop] != np.diff(lines)[end - many : end]).any():
            return None
        for back in range(1, many + 1):
            self.twins[int(lines[stop - back])] = int(lines[end - back])
        return int(lines[stop - many])

    def _return(
        self, lines: np.ndarray, counts: np.ndarray, here: int, after: int, source: int, whole: bool
    ) -> None:  # fmt: skip
        """Let the bars of a part have those of its source as twins; a half that is only a beginning is passed over."""
        at, stop, old = (int(np.searchsorted(lines, tick)) for tick in (here, after, source))
        order = list(range(old, old + stop - at))
        if len(order) == PHRASE and not whole:
            halves = [counts[order[:BLOCK]].sum(), counts[order[BLOCK:]].sum()]  # of what stands: written ones are even
            if old + PHRASE <= len(counts) and min(halves) < THIN * max(halves) and min(halves) + max(halves) > 0:
                fuller = order[:BLOCK] if halves[0] > halves[1] else order[BLOCK:]
                lengths = np.diff(lines)
                if (lengths[order] == lengths[fuller * 2]).all():
                    order = fuller * 2
        for place, bar in enumerate(order):
            self.twins[int(lines[at + place])] = int(lines[bar])

    def plan(
        self, grid: GridScore, part: Part, names: Sequence[str], written: Written, rng: np.random.Generator
    ) -> None:  # fmt: skip
        """Decide once what comes back of each of the tracks ``names`` in a part that returns.

        As many bars are the same again in all tracks, one after the other, as the piece's habit leaves room for after
        those that are so already; in the others one track that plays changes, rather an accompaniment than the tune.
        """
        if any(start == part.start for start, _ in self._units):
            return
        lines = [int(line) for line in grid.bars.starts if part.start <= line < part.end] + [part.end]
        bars = list(itertools.pairwise(lines))
        if part.whole or part.tail is not None:
            start = part.start if part.tail is None else part.tail
            for name in names:
                self._units[part.start, name] = [(line, after) for line, after in bars if line >= start]
            return
        if part.source is None:
            return
        many = round(self._copies_wanted(grid, part, written) + rng.uniform(-0.5, 0.5))
        begin = min(int(rng.choice(3, p=HEADS)), max(0, len(lines) - 2 - many))
        lead = max(names, key=grid.height, default="")
        for name in names:
            self._units[part.start, name] = []
        for number, (line, after) in enumerate(bars):
            if number == len(lines) - 2 and number > 0:
                continue  # the last bar of several leads on
            same = begin <= number < begin + many
            self.fresh.pop(line, None)
            if not same:
                self.fresh[line] = 0.0
            playing = [name for name in names if self._struck(grid, name, line, after, written)] or list(names)
            others = [name for name in playing if name != lead] or playing
            changed = lead if lead in playing and rng.random() < 0.25 else others[int(rng.integers(len(others)))]
            for name in names:
                whole = same or (name != changed and rng.random() < UNTOUCHED)
                share = TUNE_BEATS if name == lead and len(names) > 1 else BEATS
                struck = self._struck(grid, name, line, after, written)
                self._units[part.start, name] += [(line, after)] if whole else _beats(line, after, share, struck, rng)

    def _struck(self, grid: GridScore, name: str, line: int, after: int, written: Written) -> set[int]:
        """Grid ticks of a bar at which a track would begin notes if its twin came back as it was."""
        shift = line - self.twins[line]
        ticks = [int(tick) for tick in grid.notes[name][:, 0]] + [row[0] for row in written.get(name, ())]
        return {tick + shift for tick in ticks if line <= tick + shift < after}

    def _copies_wanted(self, grid: GridScore, part: Part, written: Written) -> float:
        """How many bars of a part may be the same again, so that the piece copies itself as often as is its habit."""
        lines = grid.bars.starts
        first = int(np.searchsorted(lines, self.parts[0].start))
        here, after = (int(np.searchsorted(lines, tick)) for tick in (part.start, part.end))
        bars = _bars(grid, 0, here, written)
        exact = sum(bool(bars[at]) and bars[at] in bars[:at] for at in range(first, here))
        coming = sum(p.source is not None for p in self.parts if p.start >= part.start)
        left = int(np.searchsorted(lines, self.parts[-1].end)) - here
        wanted = self.habit.exact * (here - first + left) - exact
        return float(np.clip(wanted / max(1, coming), 0.0, after - here))

    def returned(self, grid: GridScore, part: Part, name: str, source: Sequence[Note]) -> Kept:
        """What comes back of a track's ``source`` notes (the score's and the idea's so far) in a planned part."""
        out = Kept()
        for start, end in self._units.get((part.start, name), ()):
            line = max(bar for bar in self.twins if bar <= start)
            shift = grid.score_tick(line) - grid.score_tick(self.twins[line])
            found = copied(grid, source, [(start, end)], shift)
            out.notes += found.notes
            out.closed += found.closed
        return out


def _beats(
    line: int, after: int, share: float, struck: set[int], rng: np.random.Generator
) -> list[tuple[int, int]]:  # fmt: skip
    """The beats of a bar that are kept: one run of beats in which something is ``struck`` is left open, rather late."""
    step = g.TICKS if after - line > 2 * g.TICKS else max(1, (after - line) // 2)
    edges = [*range(line, after, step), after]
    count = len(edges) - 1
    open_ = int(np.clip(round((1.0 - share) * count + rng.uniform(-0.7, 0.7)), 1, count))
    places = [at for at in range(count - open_ + 1) if any(edges[at] <= t < edges[at + open_] for t in struck)]
    places = places or [count - open_]
    first = places[-1] if rng.random() < 0.4 else places[int(rng.integers(len(places)))]
    return [(a, b) for at, (a, b) in enumerate(itertools.pairwise(edges)) if not first <= at < first + open_]


def _bars(grid: GridScore, first: int, last: int, written: Written) -> list[Hits]:
    """The notes of bars [first, last), of what stands and of what one idea wrote: (track, onset in the bar, pitch)."""
    lines = grid.bars.starts
    out: list[set[tuple[str, int, int]]] = [set() for _ in range(last - first)]
    for name, notes in grid.notes.items():
        rows = [(int(tick), int(pitch)) for tick, pitch in notes[:, [0, 2]]]
        rows += [(tick, pitch) for tick, _, pitch, _ in written.get(name, ())]
        for tick, pitch in rows:
            bar = int(np.searchsorted(lines, tick, side="right")) - 1
            if first <= bar < last:
                out[bar - first].add((name, tick - int(lines[bar]), pitch))
    return [frozenset(found) for found in out]


def _played_twice(grid: GridScore, known: Sequence[int], length: int) -> bool:
    """Whether the last of the parts that begin at ``known`` (bar lines) is the one before it over again."""
    if len(known) < 2:
        return False
    last, before = (int(np.searchsorted(grid.bars.starts, tick)) for tick in (known[-1], known[-2]))
    new, old = _bars(grid, last, last + length, {}), _bars(grid, before, before + length, {})
    return sum(bar == other for bar, other in zip(new, old, strict=True)) >= SAME * length


def _alike(grid: GridScore, source: int, start: int, end: int) -> bool:
    """Whether the bars from ``source`` on are as long as those of [start, end), and what is given there is the same."""
    own, other = _given(grid, start, end, start), _given(grid, source, source + end - start, source)
    if own and len(own & other) < SAME * len(own | other):
        return False
    lines = grid.bars.starts
    here = lines[(lines >= start) & (lines <= end)] - start
    there = lines[(lines >= source) & (lines <= source + end - start)] - source
    return len(here) == len(there) and bool((here == there).all())


def _given(grid: GridScore, start: int, end: int, origin: int) -> set[tuple[str, int, int]]:
    """What tracks that nobody fills play in [start, end): track, onset from ``origin``, pitch."""
    out = set()
    for name, notes in grid.notes.items():
        if name not in grid.filled:
            low, high = np.searchsorted(notes[:, 0], (start, end))
            out |= {(name, int(tick) - origin, int(pitch)) for tick, pitch in notes[low:high][:, [0, 2]]}
    return out
