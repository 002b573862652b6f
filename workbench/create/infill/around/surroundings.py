"""Everything a request's gaps have in common: what is kept, the time line, the grid, the key and the harmony."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from workbench.create.infill.around.context import (
    FEW_ONSETS,
    Grid,
    Onset,
    Style,
    bar_weights,
    find_units,
    group_onsets,
    most_at_once,
)
from workbench.create.infill.around.gap import Gap
from workbench.create.infill.around.harmony import Harmony, Plan
from workbench.hub.tasks.infill.controls import InfillControls
from workbench.hub.tasks.infill.parted import parted
from workbench.hub.tasks.infill.request import InfillRequest
from workbench.score.keys import KeyGuess, key_at, pitch_class_weights
from workbench.score.lanes import MAX_TICK, Chord
from workbench.score.score import Note, Region
from workbench.score.timemap import Bar, TimeMap

#: Bars on each side of the gaps that harmony and repeats are looked for in.
WINDOW = 40
#: Extra weight of the bars that stand to the gap as its repeat would.
TWIN = 5.0
#: Temperature with which alternatives after the first choose another lag.
LAG_TEMPERATURE = 0.06


@dataclass(frozen=True, slots=True)
class Instrument:
    """How a family of instruments is used when nothing else is known: middle of its register, notes at once."""

    middle: int
    at_once: int


#: By General MIDI family, program // 8.
INSTRUMENTS = (
    Instrument(64, 3), Instrument(76, 1), Instrument(62, 3), Instrument(57, 3),  # piano, mallets, organ, guitar
    Instrument(40, 1), Instrument(66, 1), Instrument(62, 3), Instrument(64, 1),  # bass, strings, ensemble, brass
    Instrument(66, 1), Instrument(74, 1), Instrument(70, 1), Instrument(62, 3),  # reeds, pipes, leads, pads
    Instrument(66, 2), Instrument(64, 1), Instrument(60, 1), Instrument(60, 1),  # effects, world, percussion, noises
)  # fmt: skip


class Surroundings:
    """A request seen from a model: built once a run, read for each alternative, gap and track."""

    def __init__(self, request: InfillRequest) -> None:
        self.request = request
        self.time = TimeMap(request.score)
        self._plans: dict[tuple[int | None, int], tuple[InfillControls, Plan]] = {}
        there = parted(request)
        self.kept: dict[str, list[Note]] = {**{new.id: [] for new in request.new_tracks}, **there.kept}
        self.stood: dict[str, list[Note]] = {**{new.id: [] for new in request.new_tracks}, **there.stood}
        self.start = min(region.start for region in request.regions)
        self.end = max(region.end for region in request.regions)
        self.bars = self._window()
        low, high = self.bars[0].start, self.bars[-1].end
        self.near = {name: [note for note in notes if low <= note.start < high] for name, notes in self.kept.items()}
        self.harmony = self._hear()
        pitched = [note for name, notes in self.near.items() if not request.is_drum(name) for note in notes]
        self.weights = pitch_class_weights(pitched)
        self.key = key_at(request.score, self.start, pitched)

    def _window(self) -> list[Bar]:
        first = self.time.bar_at(self.start)
        lowest = 0 if self.time.pickup else 1
        bars = [self.time.bar(number) for number in range(max(lowest, first.number - WINDOW), first.number)]
        bar, left = first, WINDOW
        while bar.start < self.end or (left > 0 and bar.end <= MAX_TICK // 2):
            left -= bar.start >= self.end
            bars.append(bar)
            bar = self.time.bar_at(bar.end)
        return bars

    def _hear(self) -> Harmony:
        request = self.request
        filled = {name for region in request.regions for name in request.fillable(region)}
        spans = [(region.start, region.end) for region in request.regions]
        harmony = Harmony(self.bars, spans, self.time.ppq)
        for name, notes in self.kept.items():
            if not request.is_drum(name):
                low, high = self.bars[0].start, self.bars[-1].end
                harmony.add((n for n in notes if n.end > low and n.start < high), steady=name not in filled)
        harmony.settle()
        return harmony

    def choose_lag(self, alternative: int, surprise: float, rng: np.random.Generator) -> int | None:
        """The lag in bars (negative: from later) at which the gap repeats; None if there is nothing to repeat.

        The first alternative takes the likeliest unless surprise is wanted; the others draw among the likely ones.
        """
        likeness = self.harmony.likeness()
        if not likeness:
            return None
        lags, scores = list(likeness), np.array(list(likeness.values()))
        if alternative == 0 and surprise <= 0:
            return lags[int(np.argmax(scores))]
        heat = LAG_TEMPERATURE * (1.0 + 4.0 * max(0.0, surprise))
        odds = np.exp((scores - scores.max()) / heat)
        return lags[int(rng.choice(len(lags), p=odds / odds.sum()))]

    def plan(self, lag: int | None, controls: InfillControls) -> Plan:
        """The harmony to follow for a track with these controls."""
        known = (lag, id(controls))
        if known not in self._plans:  # the controls are kept with it, so that their id stays theirs
            self._plans[known] = (controls, self.harmony.plan(lag, self.key_for(controls), self.chords(controls)))
        return self._plans[known][1]

    def chords(self, controls: InfillControls) -> Sequence[Chord]:
        """The chords that are written down and wished to be heeded."""
        return () if controls.harmony == "free" else controls.chords or tuple(self.request.score.chords)

    def key_for(self, controls: InfillControls) -> KeyGuess:
        """The key that was asked for, else the one around the gap."""
        if controls.tonic is None or controls.scale is None:
            return self.key
        minor = controls.scale in {"minor", "harmonic minor", "melodic minor", "dorian", "phrygian", "minor pentatonic"}
        return KeyGuess(controls.tonic, "minor" if minor else "major", 1.0)

    def grid_for(self, track_id: str, controls: InfillControls) -> Grid:
        """The grid that was asked for, else the one the track (or the piece) is on."""
        if controls.grid is not None:
            return Grid(self.time, controls.grid)
        own = self.near[track_id]
        if len(own) < FEW_ONSETS:
            own = [note for notes in self.near.values() for note in notes]
        return Grid(self.time, find_units(own, self.time))

    def stood_in(self, region: Region, track_id: str) -> list[Note]:
        """The track's notes that stood in a region and may be replaced, by start."""
        return [note for note in self.stood[track_id] if region.start <= note.start < region.end]

    def gap(self, region: Region, track_id: str, grid: Grid, limit: int, made: Sequence[Note]) -> Gap:
        """One track's part of a region; ``made``: what the same idea already wrote into the track's other gaps."""
        stood = self.stood_in(region, track_id)
        low = self.bars[0].start
        kept = [*self.near[track_id], *(note for note in self.kept[track_id] if note.start < low < note.end), *made]
        kept.sort(key=lambda note: note.start)
        return Gap.of(region.start, region.end, grid, kept, stood, self.request.overhang, limit)

    def bar_weights(self, region: Region, onsets: Sequence[Onset], lag: int | None) -> dict[int, float]:
        """How much each bar in which the track plays teaches about this region."""
        numbers = {onset.slot.bar for onset in onsets}
        inside = [bar.number for bar in self.bars if bar.start < region.end and region.start < bar.end]
        return bar_weights(numbers, inside, self._twins(inside, lag))

    def before(self, gap: Gap, track_id: str, lag: int | None) -> dict[int, frozenset[int]]:
        """Pitches of the track by grid tick of the gap: those that stood there, and those of the repeat's bars."""
        found: dict[int, set[int]] = {}
        for note in gap.stood:
            found.setdefault(gap.grid.nearest(note.start).tick, set()).add(note.pitch)
        for index, bar in enumerate(self.bars):
            source = None if lag is None else self.harmony.source(index, lag)
            if source is not None and bar.start < gap.end and gap.start < bar.end:
                other = self.bars[source]
                for note in self.near[track_id]:
                    if other.start <= note.start < min(other.end, other.start + bar.end - bar.start):
                        tick = gap.grid.nearest(note.start - other.start + bar.start).tick
                        found.setdefault(tick, set()).add(note.pitch)
        return {tick: frozenset(pitches) for tick, pitches in found.items()}

    def _twins(self, inside: Sequence[int], lag: int | None) -> Mapping[int, float]:
        if lag is None:
            return {}
        places = {bar.number: index for index, bar in enumerate(self.bars)}
        sources = [self.harmony.source(places[number], lag) for number in inside]
        return {self.bars[index].number: TWIN for index in sources if index is not None}

    def style(self, region: Region, track_id: str, grid: Grid, lag: int | None) -> Style:
        """What the track does around the region, with what it lacks taken from the others and from its instrument."""
        scale = sorted(set(self.key.scale))
        degrees = np.cumsum([pitch % 12 in scale for pitch in range(128)])
        style = Style(grid, degrees)
        own = group_onsets(self.near[track_id], grid)
        style.learn(own, self.bar_weights(region, own, lag), self.harmony)
        style.polyphony = most_at_once(self.near[track_id])
        if style.onsets < FEW_ONSETS:
            for name, notes in self.near.items():
                if name != track_id and not self.request.is_drum(name):
                    others = group_onsets(notes, grid)
                    style.learn_from_others(others, self.bar_weights(region, others, lag))
        if style.onsets == 0:
            self._suppose(style, track_id)
        return style

    def _suppose(self, style: Style, track_id: str) -> None:
        """Register and chords by the instrument alone: a track that has no notes yet."""
        kind = INSTRUMENTS[self._program(track_id) // 8]
        pitches = np.arange(128)
        style.tops[:] = np.exp(-0.5 * ((pitches - kind.middle - 3 * (kind.at_once > 1)) / 4.5) ** 2)
        style.inner[:] = np.exp(-0.5 * ((pitches - kind.middle + 5) / 6.0) ** 2)
        style.sizes.learn([()], 1, 2.0)
        if kind.at_once > 1:
            style.sizes.learn([()], kind.at_once, 4.0)
        style.tones[:] = 0.15
        style.tones[:, [0, 3, 4, 7]] = 1.0
        style.polyphony = kind.at_once

    def _program(self, track_id: str) -> int:
        for new in self.request.new_tracks:
            if new.id == track_id:
                return new.program
        return self.request.score.track(track_id).program

    def key_weights(self, controls: InfillControls) -> np.ndarray:
        """How well each pitch class fits the key, float64 [12]: 1 in the scale, else as often as it is heard around."""
        key = self.key_for(controls)
        asked = controls.scale is not None
        share = np.zeros(12) if asked or self.weights.sum() <= 0 else self.weights / self.weights.max()
        out = 0.5 * share
        out[list(key.scale)] = np.maximum(1.0, out[list(key.scale)])
        if asked:
            out[sorted(controls.pitch_classes() or ())] = 1.0
        return np.maximum(out, 0.002)
