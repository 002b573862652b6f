"""What a continuation or a variation holds to on its way: how full each part is, bar by bar, and the chords.

A network that goes on from what it wrote itself drifts: it thins out, and bars stay empty. So what was written in the
last two bars is held against what the part played at the corresponding place: in the bar that is its twin (see
:mod:`workbench.create.infill.transformer.form`), or, where music is varied, in what stood there. A bar in which
something sounded there does not stay empty. What is varied leans to the chords that sounded there before, as strongly
as the part itself did.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from workbench.create.infill.transformer.bridge import Cast, GridScore
from workbench.create.infill.transformer.form import Form, Written
from workbench.create.infill.transformer.harmonies import Harmonies
from workbench.tokens import grid12 as g
from workbench.tokens import rows as r

Floats = npt.NDArray[np.float64]

#: Nats by which a part that is fuller or thinner than its course is held back or urged on: when, who.
WHEN, WHO = 9.0, 2.0
#: The most that either is made of: log of the ratio.
MOST = 0.9
#: Pieces are fuller after their first bars than in the fullest of these, and more so where parts rested in bars of the
#: opening: log of the growth at the least, of that for all bars of all parts, and the most of it. What returns to thin
#: bars cannot grow, so a little more is asked of what is new.
GROW, ENTER, MOST_GROWTH = 0.1, 0.3, 0.22
#: Bars whose fullness together is minded as well, how much more than that of the last two, and the most of it.
LONG_WINDOW, LONG, MOST_LONG = 16, 2.0, 0.5
#: Bars that show little of what a piece will be.
SHOWN = 8
#: Notes added to both sides of the ratio.
EASE = 1.5
WINDOW = 2  #: bars that are looked back on
#: Nats against the note that would go on with a copy of an earlier bar, in a bar that is not to be one.
NEW = 6.0
#: The same in a new bar that is not a copy any more, but nearly one: it holds so much (F1) of that bar so far.
NEARLY, NEAR_NEW = 0.7, 3.5
#: By slot what stands in the gap so far: (tick, -pitch), sorted.
Lines = Mapping[int, Sequence[tuple[int, int]]]
#: A bar as it is heard: (onset in the bar, slot, pitch in the network's key).
Heard = frozenset[tuple[int, int, int]]


@dataclass
class Course:
    """For one gap: by track the onsets and pitches that are expected, int64 [n, 2], sorted by grid tick.

    ``lines``: bar lines from the gap's first bar to its end; ``harmonies``: the chords to lean to, if any; ``fresh``:
    bars that are not to be copies, as a form has them.
    """

    expected: dict[str, r.Ints]
    lines: r.Ints
    harmonies: Harmonies | None = None
    fresh: Mapping[int, float] = field(default_factory=dict)
    growth: float = 1.0

    @classmethod
    def of_form(cls, grid: GridScore, form: Form, names: Sequence[str], start: int, end: int) -> Course | None:
        """Of a continuation whose bars have twins; None where nothing tells."""
        if not form.twins:
            return None
        lines = np.array([*sorted(line for line in form.twins if line < end), end], dtype=np.int64)
        expected = {}
        for name in names:
            known: dict[int, r.Ints] = {}
            own = grid.notes[name]
            for line, after in zip(lines[:-1].tolist(), lines[1:].tolist(), strict=True):
                twin = form.twins[line]
                if twin >= start:
                    rows = known[twin] - [twin, 0]
                else:
                    low, high = np.searchsorted(own[:, 0], (twin, twin + after - line))
                    rows = own[low:high][:, [0, 2]] - [twin, 0]
                known[line] = rows[rows[:, 0] < after - line] + [line, 0]
            expected[name] = np.concatenate(list(known.values()))
        return cls(expected, lines, fresh=form.fresh, growth=_growth(grid, names, start))

    @classmethod
    def of_variation(cls, grid: GridScore, names: Sequence[str], start: int, end: int) -> Course | None:
        """Of what stands in a gap and is varied; None where nothing does."""
        expected = {}
        for name in names:
            if grid.request.controls_for(name).closeness is not None and grid.gone.get(name):
                inside = [note for note in grid.gone[name] if start <= grid.tick(note.start) < end]
                if inside:
                    rows = [(grid.tick(note.start), _key(grid, name, note.pitch)) for note in inside]
                    expected[name] = np.array(sorted(rows), dtype=np.int64)
        if not expected:
            return None
        inner = grid.bars.starts[(grid.bars.starts > start) & (grid.bars.starts < end)]
        lines = np.concatenate([[start], inner, [end]]).astype(np.int64)
        return cls(expected, lines, Harmonies.of(grid, list(expected)))

    def traits(self, traits: r.Ints, cast: Cast, start: int, until: int) -> r.Ints:
        """Part headers with the density and the notes at once that are expected in [start, until), where none are."""
        out = traits.copy()
        names = list(r.TRAITS)
        columns = [names.index("density"), names.index("voices")]
        for name in cast.filled:
            rows = self.expected.get(name)
            if rows is None:
                continue
            slot = cast.slots[name]
            low, high = np.searchsorted(rows[:, 0], (start, until))
            notes = np.zeros((high - low, 5), dtype=np.int64)
            notes[:, [r.TICK, r.PITCH]] = rows[low:high]
            notes[:, r.SLOT], notes[:, r.VELOCITY] = slot, g.N_VELOCITY
            if not len(notes):
                continue
            found = r.measure_traits(notes, max(1.0, (until - start) / g.TICKS), slot)
            for column in columns:
                out[slot, column] = out[slot, column] or found[column]
        return out

    def ahead(self, grid: GridScore, cast: Cast, written: Written, shift: int, wished: bool = False) -> Ahead:
        """The course as the sampler follows it.

        Args:
            written: what the idea holds so far, by track.
            shift: semitones to the network's key.
            wished: a person asks for fewer or more notes, which goes before.
        """
        onsets = {cast.slots[name]: self.expected[name][:, 0].tolist() for name in cast.filled if name in self.expected}
        names = {cast.slots[name]: name for name in cast.filled}
        old: list[Heard] = []
        if self.fresh:
            known = {cast.slots[name]: _rows(grid, name, written, shift) for name in cast.filled}
            old = _heard(known, grid.bars.starts)
        return Ahead(
            onsets, self.lines, self.harmonies, names, shift, 0.0 if wished else 1.0, self.growth, self.fresh, old
        )


@dataclass
class Ahead:
    """A course by slot, as :func:`workbench.create.infill.transformer.sampler.draw` asks it.

    ``old``: the bars before this stretch, of the parts that are written.
    """

    onsets: Mapping[int, list[int]]
    bars: r.Ints
    harmonies: Harmonies | None = None
    names: Mapping[int, str] = field(default_factory=dict)
    shift: int = 0
    weight: float = 1.0
    growth: float = 1.0
    fresh: Mapping[int, float] = field(default_factory=dict)
    old: Sequence[Heard] = ()
    _since: dict[int, list[Heard]] = field(default_factory=dict)  #: by bar line the bars of this gap before it

    def _crowding(self, slots: Sequence[int], clock: int, lines: Lines) -> float:
        """Log of notes written to notes expected, of some parts together in the last bars before ``clock``."""
        bar = max(0, int(np.searchsorted(self.bars, clock, side="right")) - 1)

        def since(bars: int) -> float:
            first = int(self.bars[max(0, bar - bars)])
            have = sum(_count(lines.get(slot, ()), first, clock) for slot in slots)
            want = sum(bisect_left(own, clock + 1) - bisect_left(own, first) for own in (self.onsets[s] for s in slots))
            return float(np.log((have + EASE) / (self.growth * want + EASE)))

        # A pull in proportion to the last bars alone leaves a piece a tenth too thin for as long as it goes on.
        memory = float(np.clip(LONG * since(LONG_WINDOW), -MOST_LONG, MOST_LONG)) if bar else 0.0
        return float(np.clip(since(WINDOW), -MOST, MOST)) + memory

    def time_bias(self, clock: int, end: int, lines: Lines) -> Floats:
        """Added to the logits of the time classes, float64 [98]: shorter waits where too little was written."""
        waits = np.append(np.arange(g.TIME_CAP + 1), min(end - clock, g.TIME_CAP)).astype(np.float64)
        patience = np.log1p(waits / 3) / np.log1p(16)
        return np.asarray(self.weight * WHEN * self._crowding(list(self.onsets), clock, lines) * patience)

    def slot_bias(self, tick: int, lines: Lines) -> Floats:
        """Added to the logits of the parts, float64 [12]: those that lag behind come first."""
        bias = np.zeros(g.N_SLOT)
        for slot in self.onsets:
            bias[slot] = -self.weight * WHO * self._crowding([slot], tick, lines)
        return bias

    def pitch_bias(self, slot: int, tick: int, lines: Lines) -> Floats:
        """Added to the logits of the pitches, float64 [175]: to the chords, and away from what would be a mere copy."""
        bias = np.zeros(g.N_PITCH)
        if self.harmonies is not None and slot != g.DRUM_SLOT:
            bias += self.harmonies.bias(self.names[slot], tick, self.shift)
        bar = max(0, int(np.searchsorted(self.bars, tick, side="right")) - 1)
        line, after = int(self.bars[bar]), int(self.bars[min(bar + 1, len(self.bars) - 1)])
        if line in self.fresh and tick - line >= self.fresh[line] * (after - line):
            self._turn_away(bias, bar, slot, tick - line, lines)
        return bias

    def _turn_away(self, bias: Floats, bar: int, slot: int, at: int, lines: Lines) -> None:
        """Lower the logits of the pitches that would go on with a copy of an earlier bar, or nearly one."""
        line = int(self.bars[bar])
        if line not in self._since:  # bars of this very stretch are copied as readily as those before it
            notes = {s: [(t, -p) for t, p in own] for s, own in lines.items()}
            self._since[line] = _heard(notes, self.bars[: bar + 1])
        here = {s: [(t, -p) for t, p in own[bisect_left(own, (line, -g.N_PITCH)) :]] for s, own in lines.items()}
        begun = next(iter(_heard(here, np.array([line, line + at + 1]))), frozenset())
        if not begun:
            return  # bars may begin alike
        for known in {*self.old, *self._since[line]}:
            going_on = [key for when, part, key in known if (when, part) == (at, slot)]
            if not going_on:
                continue
            so_far = {hit for hit in known if hit[0] < at or hit in begun}
            if begun == so_far:
                bias[going_on] = -NEW
            elif self.fresh[line] and 2 * len(begun & so_far) >= NEARLY * (len(begun) + len(so_far)):
                bias[going_on] = np.minimum(bias[going_on], -NEAR_NEW)

    def longest(self, slot: int, tick: int, pitch: int) -> int | None:
        """Ticks for which a note may sound before a chord comes that it is no tone of; None where nothing says so."""
        if self.harmonies is None or slot == g.DRUM_SLOT:
            return None
        return self.harmonies.reach(tick, (pitch - self.shift) % 12)

    def due(self, clock: int, lines: Lines) -> int | None:
        """The grid tick before which the next note has to come, lest a bar stay empty; None where none is empty."""
        bar = max(0, int(np.searchsorted(self.bars, clock, side="right")) - 1)
        for line, after in zip(self.bars[bar:-1].tolist(), self.bars[bar + 1 :].tolist(), strict=True):
            if any(_count(own, line, after - 1) for own in lines.values()):
                continue
            if any(bisect_left(own, after) > bisect_left(own, line) for own in self.onsets.values()):
                return int(after)
        return None

    def may_end(self, clock: int, lines: Lines) -> bool:
        """Whether nothing more has to come: no onset is expected after ``clock``, or the last bar is full enough."""
        last, end = int(self.bars[-2]), int(self.bars[-1])
        if clock < last:
            return not any(own and own[-1] > clock for own in self.onsets.values())
        have = sum(_count(lines.get(slot, ()), last, end) for slot in self.onsets)
        want = sum(len(own) - bisect_left(own, last) for own in self.onsets.values())
        return have >= 0.8 * want


def _growth(grid: GridScore, names: Sequence[str], start: int) -> float:
    """How many times fuller a continuation may be expected to be than the bars that it is measured by.

    Parts that rest in bars of a short opening will play there later.
    """
    before = [own[own[:, 0] < start][:, 0] for own in (grid.notes[name] for name in names)]
    before = [own for own in before if len(own)]
    if not before:
        return 1.0
    starts = grid.bars.starts
    first = int(np.searchsorted(starts, min(own[0] for own in before), side="right")) - 1
    lines = starts[max(0, first) : int(np.searchsorted(starts, start)) + 1]
    if len(lines) < 2:
        return 1.0
    rests = float(np.mean([np.histogram(own, bins=lines)[0] == 0 for own in before]))
    return float(np.exp(min(MOST_GROWTH, GROW + ENTER * rests * min(1.0, SHOWN / (len(lines) - 1)))))


def _count(line: Sequence[tuple[int, int]], first: int, last: int) -> int:
    """Notes of a sorted line with onsets in [first, last]."""
    return bisect_left(line, (last + 1, -g.N_PITCH)) - bisect_left(line, (first, -g.N_PITCH))


def _rows(grid: GridScore, name: str, written: Written, shift: int) -> list[tuple[int, int]]:
    """Onset and pitch in the network's key of all that a track plays so far."""
    rows = [(int(tick), int(pitch)) for tick, pitch in grid.notes[name][:, [0, 2]]]
    rows += [(tick, pitch) for tick, _, pitch, _ in written.get(name, ())]
    return [(tick, pitch if pitch >= 128 else pitch + shift) for tick, pitch in rows]


def _heard(parts: Mapping[int, Sequence[tuple[int, int]]], lines: r.Ints) -> list[Heard]:
    """The bars between ``lines`` in which something begins, each once."""
    bars: dict[int, set[tuple[int, int, int]]] = {}
    for slot, rows in parts.items():
        for tick, pitch in rows:
            bar = int(np.searchsorted(lines, tick, side="right")) - 1
            if 0 <= bar < len(lines) - 1:
                bars.setdefault(bar, set()).add((tick - int(lines[bar]), slot, pitch))
    return list({frozenset(bar) for bar in bars.values()})


def _key(grid: GridScore, name: str, pitch: int) -> int:
    return int(g.model_pitch(np.array(pitch), np.array(grid.request.is_drum(name)), 0))
