"""What the notes around a gap teach: the grid, the rhythm, the lengths, the chords, the steps, the register.

Everything here is counted from the notes that will still stand when the gap is emptied; nothing inside the gap is
looked at, except what is kept there (locked notes, and all of them when filling *around*). Near bars count more than
far ones, and bars that stand to the gap as its repeat would count most.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, zip_longest

import numpy as np

from workbench.create.infill.around.chain import Chain
from workbench.create.infill.around.harmony import Harmony
from workbench.score.score import Note
from workbench.score.timemap import Bar, TimeMap

#: Lengths are counted in twenty-fourths of a quarter.
LENGTH_UNITS = 24
#: Where in the bar an onset falls: on the bar line, on another beat, off the beat.
DOWNBEAT, BEAT, OFFBEAT = 0, 1, 2
#: Bars on each side of a gap to learn from, and the distance in bars at which a bar counts half.
REACH, HALF_LIFE = 16, 4.0
#: A track with fewer onsets than this around the gap also learns rhythm, lengths and steps from the other tracks.
FEW_ONSETS = 12
OTHERS = 0.2
#: Share of onsets that must lie on sixteenths for a piece to be taken as written on them.
SIXTEENTHS = 0.9
MAX_STACK = 8

#: Steps (scale steps), deltas (in quarters), stack sizes and gaps (semitones) of common practice, for when nothing
#: was learnt. The numbers are weights.
PRIOR_STEPS = {0: 2.0, 1: 4.0, -1: 5.0, 2: 2.0, -2: 2.5, 3: 1.0, -3: 1.0, 4: 0.7, -4: 0.7, 7: 0.2, -7: 0.2}
PRIOR_DELTAS = {0.25: 0.3, 0.5: 3.0, 1.0: 4.0, 1.5: 1.0, 2.0: 2.0, 3.0: 0.4, 4.0: 0.6}
PRIOR_GAPS = {3: 4.0, 4: 4.0, 5: 3.0, 7: 2.0, 8: 1.0, 9: 1.0, 12: 1.5}
PRIOR_LOUD = {72: 1.0, 78: 2.0, 84: 2.0, 90: 1.0}


@dataclass(frozen=True, slots=True)
class Slot:
    """A place on the grid: ``tick``, the bar's number, and place and bar length in grid units."""

    tick: int
    bar: int
    pos: int
    length: int

    def strength(self, units: int) -> int:
        """:data:`DOWNBEAT`, :data:`BEAT` or :data:`OFFBEAT`; ``units`` of the grid make a quarter."""
        if self.pos == 0:
            return DOWNBEAT
        return BEAT if self.pos % units == 0 else OFFBEAT


@dataclass(frozen=True, slots=True)
class Grid:
    """A grid of ``units`` to the quarter that starts anew at every bar line."""

    time: TimeMap
    units: int

    def tick(self, bar: Bar, pos: int) -> int:
        """Tick of a place in a bar, rounded to the nearest tick."""
        return bar.start + (2 * pos * self.time.ppq + self.units) // (2 * self.units)

    def length(self, bar: Bar) -> int:
        """Grid units in a bar, a started one included."""
        return max(1, -(-(bar.end - bar.start) * self.units // self.time.ppq))

    def nearest(self, tick: int) -> Slot:
        """The grid place nearest to ``tick``."""
        bar = self.time.bar_at(tick)
        pos = (2 * (tick - bar.start) * self.units + self.time.ppq) // (2 * self.time.ppq)
        if self.tick(bar, pos) >= bar.end:
            bar, pos = self.time.bar_at(bar.end), 0
        return Slot(self.tick(bar, pos), bar.number, pos, self.length(bar))

    def slots(self, start: int, end: int) -> list[Slot]:
        """Every grid place in ticks [start, end); a stretch that holds none gets one at its start."""
        out: list[Slot] = []
        bar = self.time.bar_at(start)
        while bar.start < end:
            length = self.length(bar)
            places = ((self.tick(bar, pos), pos) for pos in range(length))
            out += [Slot(at, bar.number, pos, length) for at, pos in places if max(start, bar.start) <= at < end]
            bar = self.time.bar_at(bar.end)
        if not out:
            near = self.nearest(start)
            out = [Slot(start, near.bar, near.pos, near.length)]
        return [slot for index, slot in enumerate(out) if index == 0 or slot.tick > out[index - 1].tick]


@dataclass(frozen=True, slots=True)
class Onset:
    """Notes of one track that begin together (on the grid), highest first."""

    slot: Slot
    notes: tuple[Note, ...]


def find_units(notes: Sequence[Note], time: TimeMap) -> int:
    """Grid units to a quarter that the onsets of ``notes`` are on: 4 if nearly all lie on sixteenths, else 12."""
    if not notes:
        return 4
    near = 0
    for note in notes:
        off = (note.start - time.bar_at(note.start).start) * 4 % time.ppq
        near += min(off, time.ppq - off) * 12 <= time.ppq
    return 4 if near >= SIXTEENTHS * len(notes) else 12


def group_onsets(notes: Sequence[Note], grid: Grid) -> list[Onset]:
    """Notes grouped by their grid place, in time."""
    found: dict[int, tuple[Slot, list[Note]]] = {}
    for note in notes:
        slot = grid.nearest(note.start)
        found.setdefault(slot.tick, (slot, []))[1].append(note)
    ordered = sorted(found.items())
    return [Onset(slot, tuple(sorted(group, key=lambda note: -note.pitch))) for _, (slot, group) in ordered]


def bar_weights(numbers: set[int], gap: Sequence[int], twins: Mapping[int, float]) -> dict[int, float]:
    """How much each bar in ``numbers`` teaches about the bars in ``gap``; ``twins``: extra weight by bar number.

    The nearest :data:`REACH` bars on each side count, by distance; bars that hold nothing are not in ``numbers``.
    """
    first, last = min(gap), max(gap)
    before = sorted((number for number in numbers if number < first), reverse=True)[:REACH]
    after = sorted(number for number in numbers if number > last)[:REACH]
    out = {number: 1.0 for number in numbers if first <= number <= last}
    for number in (*before, *after):
        distance = min(abs(number - first), abs(number - last)) - 1
        out[number] = 0.5 ** (distance / HALF_LIFE)
    for number, extra in twins.items():
        if number in numbers:
            out[number] = out.get(number, 0.0) + extra
    return out


@dataclass
class Style:
    """What one track does around the gap. Tables by strength are indexed DOWNBEAT, BEAT, OFFBEAT.

    ``tops`` and ``inner``: weight of each pitch as the highest note of an onset or below it, float64 [3, 128];
    ``tones``: weight of each pitch class above the chord's root, float64 [3, 12]; ``busy``: onsets by bar number.
    """

    grid: Grid
    degrees: np.ndarray  # int64 [128]: scale step of each pitch
    rhythm: Chain[int] = field(default_factory=Chain)
    lengths: Chain[int] = field(default_factory=Chain)
    sizes: Chain[int] = field(default_factory=Chain)
    gaps: Chain[int] = field(default_factory=Chain)
    steps: Chain[int] = field(default_factory=Chain)
    loudness: Chain[int] = field(default_factory=Chain)
    tops: np.ndarray = field(default_factory=lambda: np.zeros((3, 128)))
    inner: np.ndarray = field(default_factory=lambda: np.zeros((3, 128)))
    tones: np.ndarray = field(default_factory=lambda: np.zeros((3, 12)))
    busy: dict[int, int] = field(default_factory=dict)
    weights: Mapping[int, float] = field(default_factory=dict)
    polyphony: int = 0
    onsets: int = 0

    def __post_init__(self) -> None:
        for step, weight in PRIOR_STEPS.items():
            self.steps.learn(["prior"], step, weight)
        for quarters, weight in PRIOR_DELTAS.items():
            self.rhythm.learn(["prior"], max(1, round(quarters * self.grid.units)), weight)
        for gap, weight in PRIOR_GAPS.items():
            self.gaps.learn(["prior"], gap, weight)
        for velocity, weight in PRIOR_LOUD.items():
            self.loudness.learn(["prior"], velocity, weight)
        for units in range(1, 8 * self.grid.units + 1):
            self.lengths.learn([("prior", units)], max(1, units * LENGTH_UNITS // self.grid.units))
        self.sizes.learn(["prior"], 1)

    # -- the contexts that a chain is asked with, the most precise first ------------------------------------------

    def rhythm_contexts(self, slot: Slot, last: int) -> list[object]:
        """For the distance to the next onset: place in the bar and the distance before, then less and less."""
        return [
            (slot.pos, slot.length, last), (slot.pos, slot.length), (slot.pos % self.grid.units,), (),
            "others", "prior",
        ]  # fmt: skip

    def length_contexts(self, delta: int, size: int) -> list[object]:
        """For a note's length: the distance to the next onset, and whether it is part of a chord."""
        return [(delta, size > 1), (delta,), ("others", delta), ("prior", delta), ()]

    @staticmethod
    def step_contexts(last: int | None, strength: int) -> list[object]:
        """For the step to the next note: the step before and the strength of the beat."""
        return [(last, strength), (last,), (), "others", "prior"]

    @staticmethod
    def size_contexts(slot: Slot, last: int) -> list[object]:
        """For the number of notes struck together: place in the bar and the number before."""
        return [(slot.pos, last), (slot.pos,), (), "prior"]

    # -- learning -------------------------------------------------------------------------------------------------

    def learn(self, onsets: Sequence[Onset], weights: Mapping[int, float], harmony: Harmony) -> None:
        """Learn a track's own way of playing; ``weights`` by bar number, bars that are not in it teach nothing."""
        self.weights = weights
        last_delta, last_size, last_step = 0, 1, None
        for onset, after in zip_longest(onsets, onsets[1:]):
            slot, weight, size = onset.slot, weights.get(onset.slot.bar, 0.0), len(onset.notes)
            delta = self._delta(slot, after.slot) if after is not None else 0
            if weight > 0:
                self.onsets += 1
                self.busy[slot.bar] = self.busy.get(slot.bar, 0) + 1
                self._learn_notes(onset, delta, weight, harmony)
                self.sizes.learn(self.size_contexts(slot, last_size)[:-1], min(size, MAX_STACK), weight)
                if delta:
                    self.rhythm.learn(self.rhythm_contexts(slot, last_delta)[:4], delta, weight)
            step = self._step(onset, after) if after is not None and delta else None
            if step is not None and weight > 0 and after is not None:
                self.steps.learn(self.step_contexts(last_step, after.slot.strength(self.grid.units))[:3], step, weight)
            last_delta, last_size, last_step = delta, size, step

    def learn_from_others(self, onsets: Sequence[Onset], weights: Mapping[int, float]) -> None:
        """Learn rhythm, lengths, steps and loudness from another track, for a track with few notes of its own."""
        for onset, after in pairwise(onsets):
            weight, delta = OTHERS * weights.get(onset.slot.bar, 0.0), self._delta(onset.slot, after.slot)
            if weight > 0 and delta:
                self.rhythm.learn(["others"], delta, weight)
                self.lengths.learn([("others", delta)], self._length(onset.notes[0]), weight)
                self.steps.learn(["others"], self._step(onset, after), weight)
                self.loudness.learn(["others"], onset.notes[0].velocity, weight)

    def _learn_notes(self, onset: Onset, delta: int, weight: float, harmony: Harmony) -> None:
        strength = onset.slot.strength(self.grid.units)
        root = harmony.at(onset.slot.tick).root
        size = len(onset.notes)
        for index, note in enumerate(onset.notes):
            (self.inner if index else self.tops)[strength, note.pitch] += weight
            if root is not None:
                self.tones[strength, (note.pitch - root) % 12] += weight
            self.loudness.learn([(onset.slot.pos,), ()], note.velocity, weight)
            self.lengths.learn([*self.length_contexts(delta, size)[:2], ()], self._length(note), weight)
            if index:
                gap = onset.notes[index - 1].pitch - note.pitch
                self.gaps.learn([(min(size, MAX_STACK), index), (index > 1,), ()], gap, weight)

    def _delta(self, slot: Slot, after: Slot) -> int:
        """Grid units from one onset to the next; 0 where a gap or a long rest lies between."""
        units = round((after.tick - slot.tick) * self.grid.units / self.grid.time.ppq)
        return units if 0 < units <= 8 * self.grid.units else 0

    def _length(self, note: Note) -> int:
        return max(1, min(16 * LENGTH_UNITS, round(note.duration * LENGTH_UNITS / self.grid.time.ppq)))

    def _step(self, onset: Onset, after: Onset) -> int:
        return int(self.degrees[after.notes[0].pitch] - self.degrees[onset.notes[0].pitch])

    # -- summaries ------------------------------------------------------------------------------------------------

    def onsets_in(self, slot: Slot) -> float:
        """Onsets to expect in a bar as long as this slot's: mean over the bars learnt from, weighted."""
        total = sum(self.weights[bar] for bar in self.busy)
        if not total:
            return slot.length / self.grid.units * 0.75
        mean = sum(count * self.weights[bar] for bar, count in self.busy.items()) / total
        return mean

    @property
    def chordal(self) -> bool:
        """Whether the track often strikes several notes at once."""
        sizes = self.sizes.chances([(), "prior"])
        return sum(size * chance for size, chance in sizes.items()) > 1.25


def most_at_once(notes: Sequence[Note]) -> int:
    """The largest number of notes that sound together (0 for none)."""
    edges = sorted([(note.start, 1) for note in notes] + [(max(note.end, note.start + 1), -1) for note in notes])
    now = most = 0
    for _, change in edges:
        now += change
        most = max(most, now)
    return most
