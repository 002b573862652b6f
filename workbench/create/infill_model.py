"""The embedded infilling transformer behind Fill: from a request to notes, gap by gap.

Gaps are written in the order of time, a stretch of a few bars at a go, so that each stretch is written with all
that is known then: what stands left and right, what other tracks play meanwhile, and what was written before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from workbench.create.infill_habits import ANY, Habits, habits
from workbench.create.infill_model_score import Cast, GridScore, nearest
from workbench.create.infill_model_steering import Expectation, Wish, lean
from workbench.create.infill_runtime import InfillRuntime
from workbench.create.infill_sampler import Drawn, Job, draw
from workbench.create.infill_sampler_rules import TAIL, PartRules, Script
from workbench.create.surroundings import Surroundings
from workbench.errors import Unavailable
from workbench.hub.controls import InfillControls
from workbench.hub.protocol import Alternative, CancelToken, Model, Partial, Progress, Result, Support
from workbench.hub.tasks import InfillRequest, draft
from workbench.score import grid12 as g
from workbench.score import grid12_rows as r
from workbench.score.document import Note, Region
from workbench.score.timemap import TimeMap

ROWS = 380  #: rows of one prompt, as in training
STRETCH_NOTES = 130  #: notes that one stretch may be expected to hold
SIGHT = 16 * 4 * g.TICKS  #: ticks of a gap that the network is told of at once
REACH = 100 * 4 * g.TICKS  #: ticks on either side of a gap in which notes are looked for at all
_SECONDS_A_NOTE = 0.004
_GROUP = 8  #: melodic tracks written together


@dataclass
class _Idea:
    """One alternative as it grows: notes by track as (tick, length, unshifted model pitch, velocity class)."""

    number: int
    rng: np.random.Generator
    plan: Expectation
    written: dict[str, list[tuple[int, int, int, int]]] = field(default_factory=dict)
    notes: dict[str, list[Note]] = field(default_factory=dict)
    confidence: list[float] = field(default_factory=list)
    closed: bool = False  #: the network has closed the gap that is being written


class InfillTransformer(Model):
    """Adapter of ``models/infill`` for the hub."""

    _runtime: InfillRuntime | None = None

    def prepare(self) -> None:
        """Load the weights (float32 in memory)."""
        if self._runtime is None:
            self._runtime = InfillRuntime.load(self.files["config.json"].parent)

    @property
    def runtime(self) -> InfillRuntime:
        """The network, loaded if need be."""
        self.prepare()
        if self._runtime is None:
            raise Unavailable("The infilling model was unloaded while it was needed; try again.")
        return self._runtime

    def release(self) -> None:
        """Let go of the weights."""
        self._runtime = None

    def support(self, request: InfillRequest) -> Support:
        """Everything in :class:`~workbench.hub.controls.InfillControls` is honoured, with these exceptions."""
        reasons: list[str] = []
        stood = {track.id: track.notes.values() for track in request.score.tracks}
        for region in request.regions:
            for name in request.fillable(region):
                controls, drum = request.controls_for(name), request.is_drum(name)
                if not drum and not _pitches(controls).any():
                    return Support.no("No note of this scale lies between the lowest and the highest; widen the range.")
                empty = not any(region.contains(name, note) for note in stood.get(name, ()) if not note.locked)
                reasons += _unmet(controls, drum, empty, bool(controls.chords or request.score.chords))
        return Support.partial(reasons[0]) if reasons else Support.full()

    def estimate_seconds(self, request: InfillRequest) -> float:
        """Wall-clock seconds on a laptop core, from the bars, tracks and alternatives asked for."""
        time = TimeMap(request.score)
        bars = sum(
            len(request.fillable(region)) * (1 + time.bar_at(region.end - 1).number - time.bar_at(region.start).number)
            for region in request.regions
        )
        return 0.15 + bars * 10 * _SECONDS_A_NOTE * (0.6 + 0.4 * request.count)

    def run(self, request: InfillRequest, *, seed: int, cancel: CancelToken) -> Iterator[Progress | Partial | Result]:
        """Yield every note as it is drawn, then the alternatives with their settings."""
        runtime = self.runtime
        grid = GridScore(request)
        around = Surroundings(request)
        ideas = []
        for number in range(request.count):
            rng = np.random.default_rng([seed % 2**63, number])
            ideas.append(_Idea(number, rng, Expectation(around, request.controls, number, rng)))
        tasks = list(_tasks(request))
        for done, (region, group) in enumerate(tasks):
            for idea, name, note in _fill(runtime, grid, region, group, ideas, cancel):
                yield Partial(idea, name, (note,))
            yield Progress((done + 1) / len(tasks))
        yield Result(tuple(_alternative(idea) for idea in ideas))


def _tasks(request: InfillRequest) -> Iterator[tuple[Region, tuple[str, ...]]]:
    """Regions in the order of time, with the tracks that are written together."""
    for region in sorted(request.regions, key=lambda item: (item.start, item.end)):
        names = request.fillable(region)
        kept = [name for name in names if _keeps(request.controls_for(name))]
        free = [name for name in names if name not in kept]
        melodic = [name for name in free if not request.is_drum(name)]
        drums = [name for name in free if request.is_drum(name)]
        groups = [tuple(melodic[at : at + _GROUP]) for at in range(0, len(melodic), _GROUP)]
        if drums:  # one drum track can share the first group's prompt; another one needs its own
            groups = [(*groups[0], drums[0]), *groups[1:]] if groups else [(drums[0],)]
            groups += [(name,) for name in drums[1:]]
        yield from ((region, (name,)) for name in kept)
        yield from ((region, group) for group in groups)


def _unmet(controls: InfillControls, drum: bool, empty: bool, chords: bool) -> Iterator[str]:
    """What one track cannot be given, in plain sentences."""
    if drum and (controls.register is not None or "register" in controls.curves):
        yield "Drums have no register, so lower or higher changes nothing."
    if drum and controls.keep_pitches:
        yield "Drums cannot keep their strokes and change the rhythm; they are made anew."
    if empty and _keeps(controls):
        yield "The gap is empty, so there is no rhythm or tune in it to keep."
    if controls.harmony == "strict" and not chords:
        yield "There is no chord written to be strict about; the music around is followed."
    if controls.grid is not None and g.TICKS % controls.grid:
        yield "This grid does not fit into twelfths of a quarter; the nearest onsets are used."


def _keeps(controls: InfillControls) -> bool:
    return controls.keep_rhythm or controls.keep_pitches


def _fill(
    runtime: InfillRuntime, grid: GridScore, region: Region, group: Sequence[str], ideas: Sequence[_Idea],
    cancel: CancelToken,
) -> Iterator[tuple[int, str, Note]]:  # fmt: skip
    """Write one group of tracks in one region, stretch by stretch."""
    start, end = grid.span(region)
    cast = grid.cast(group)
    for idea in ideas:
        idea.closed = False
    at = start
    while at < end:
        until = _stretch_end(grid, cast, at, end)
        open_ideas = [idea for idea in ideas if not idea.closed]
        jobs, shifts = [], []
        originals: list[Iterator[Note]] = []
        for idea in open_ideas:
            job, shift = _job(grid, cast, region, idea, at, until, end)
            jobs.append(job)
            shifts.append(shift)
            originals.append(iter(_standing(grid, group[0], at, until) if job.script is not None else ()))
        for drawn in draw(runtime, jobs, cancel.check):
            idea, shift = open_ideas[drawn.alternative], shifts[drawn.alternative]
            name = cast.track_of(drawn.slot)
            note, kept = _note(grid, region, drawn, shift, name, next(originals[drawn.alternative], None))
            if note is not None:
                idea.written.setdefault(name, []).append(kept)
                idea.notes.setdefault(name, []).append(note)
                idea.confidence.append(drawn.confidence)
                yield idea.number, name, note
        for idea, job in zip(open_ideas, jobs, strict=True):
            idea.closed = job.ended
        at = until


def _stretch_end(grid: GridScore, cast: Cast, start: int, end: int) -> int:
    """A bar line (or the end) such that about :data:`STRETCH_NOTES` notes lie before it."""
    counted, beats = 0.0, 1.0
    for name in cast.filled:
        own = grid.notes[name]
        if len(own):
            counted += len(own) / max(4.0, float(own[-1, 0] - own[0, 0]) / g.TICKS)
        else:
            counted += 3.0
    beats = STRETCH_NOTES / max(counted, 0.5)
    target = min(start + max(2 * g.TICKS, int(beats * g.TICKS)), start + SIGHT // 2)
    if target >= end:
        return end
    lines = grid.bars.starts[(grid.bars.starts > start) & (grid.bars.starts <= target)]
    return int(lines[-1]) if len(lines) else min(end, target)


def _job(grid: GridScore, cast: Cast, region: Region, idea: _Idea, start: int, until: int, end: int) -> tuple[Job, int]:
    """What the network is shown and allowed for one stretch of one alternative; the shift to C with it."""
    request = grid.request
    near = (start - REACH, end + REACH)
    known = nearest(grid.heard(cast, idea.written, near), start, end, ROWS - STRETCH_NOTES - g.N_SLOT - 4)
    melodic = known[known[:, r.SLOT] != g.DRUM_SLOT]
    lengths = np.asarray(g.DURATION_TICKS)[melodic[:, r.DURATION]]
    shift = g.shift_to_c(_tonic(request, cast, g.pitch_class_counts(melodic[:, r.PITCH], lengths)))
    known = known.copy()
    own = known[:, r.SLOT] != g.DRUM_SLOT
    known[own, r.PITCH] = g.model_pitch(known[own, r.PITCH], np.zeros(int(own.sum()), dtype=bool), shift)
    slots = tuple(sorted(cast.slots[name] for name in cast.filled))
    parts = tuple(sorted({*slots, *(int(slot) for slot in known[:, r.SLOT])}))
    first = min(start, int(known[0, r.TICK])) if len(known) else start
    bar = int(np.clip(grid.bars.locate(first)[0], 0, len(grid.bars.starts) - 2))
    shown_end = min(end, start + SIGHT)
    surprise = np.zeros(len(known), dtype=bool)
    if len(slots) == len(parts):  # as in training: nothing tells when the music goes on after a common gap
        after = np.flatnonzero(known[:, r.TICK] >= end)
        surprise[after[:1]] = True
    steering = Wish(grid, cast, known, start, shift, idea.plan)
    gap = r.Gap(start, shown_end, slots)
    traits = steering.traits(start, until)
    prompt = r.Prompt(
        grid.bars, int(grid.bars.starts[bar]), cast.programs, parts, known, [gap], surprise, traits
    )  # fmt: skip
    rules = {
        cast.slots[name]: _rules(grid, cast, name, region, idea, start, shown_end, end, shift, steering)
        for name in cast.filled
    }
    job = Job(
        prompt, rules, idea.rng, steering, until=until, may_end=shown_end == end,
        least=0 if idea.written or request.around else 1,
        dynamics={cast.slots[n]: int(g.velocity_class(v)) for n, v in grid.plain.items() if n in cast.filled},
    )  # fmt: skip
    name = cast.filled[0]
    controls = request.controls_for(name)
    if controls.keep_rhythm:
        job.script = _script(grid, cast, name, start, until) if _standing(grid, name, start, end) else None
    elif controls.keep_pitches and not request.is_drum(name) and _standing(grid, name, start, end):
        pitches = np.array([note.pitch for note in _standing(grid, name, start, until)], dtype=np.int64)
        tune = g.model_pitch(pitches, np.zeros(len(pitches), dtype=bool), shift)
        job.tune = {cast.slots[name]: tune.tolist()}
    return job, shift


def _tonic(request: InfillRequest, cast: Cast, counts: Any) -> int:
    """Tonic of the major scale of the network's frame: from the wished scale where one is given, else heard."""
    for name in cast.filled:
        classes = request.controls_for(name).pitch_classes()
        if classes is not None and 5 <= len(classes) <= 8:
            return g.best_major([1.0 if pitch in classes else 0.0 for pitch in range(12)] + 0.05 * (counts > 0))
    return g.best_major(counts)


def _pitches(controls: InfillControls) -> np.ndarray:
    """MIDI keys that the hard limits leave free, bool [128]."""
    keys = np.arange(128)
    low = 0 if controls.pitch_low is None else controls.pitch_low
    high = 127 if controls.pitch_high is None else controls.pitch_high
    out = (keys >= low) & (keys <= high)
    classes = controls.pitch_classes()
    if classes is not None:
        out &= np.isin(keys % 12, sorted(classes))
    return np.asarray(out)


def _rules(
    grid: GridScore, cast: Cast, name: str, region: Region, idea: _Idea, start: int, shown_end: int, end: int,
    shift: int, steering: Wish,
) -> PartRules:  # fmt: skip
    """The limits of one track in one stretch."""
    request = grid.request
    controls, drum = request.controls_for(name), request.is_drum(name)
    length = shown_end - start
    kept = drum or controls.keep_rhythm or controls.keep_pitches  # what stands there is the habit then
    habit = (
        Habits(*ANY)
        if kept
        else habits(np.asarray(grid.notes[name], dtype=np.int64), _program(request, name), controls)
    )
    polyphony = controls.max_polyphony or habit.polyphony
    rules = PartRules.free(length, drum, polyphony, request.overhang or shown_end < end)
    if shown_end < end and not request.overhang:
        rules.room = min(length + TAIL, end - start)
    if not drum:
        allowed = np.zeros(g.N_PITCH, dtype=bool)
        free = _pitches(controls)
        usual = free & (np.arange(128) >= habit.low) & (np.arange(128) <= habit.high)
        for key in np.flatnonzero(usual if usual.any() else free):
            if 0 <= key + shift <= 127:
                allowed[key + shift] = True
        rules.allowed &= allowed
        if controls.harmony == "strict":
            _bind_to_chords(rules, steering, start)
    if controls.grid is not None:
        ticks = start + np.arange(length)
        step = g.TICKS / controls.grid
        rules.onsets &= np.abs(ticks / step - np.round(ticks / step)) * step < 0.5 + 1e-9
        if g.TICKS % controls.grid == 0:
            rules.onsets &= ticks % (g.TICKS // controls.grid) == 0
    # A grid tick whose place in the score lies just outside the region is no onset.
    if grid.score_tick(start) < region.start:
        rules.onsets[0] = False
    standing = grid.notes[name]
    for tick, size, pitch in standing[:, :3]:
        rules.add(int(tick) - start, int(size), _moved(int(pitch), shift, drum))
    for tick, size, pitch, _ in idea.written.get(name, []):
        rules.add(tick - start, size, _moved(pitch, shift, drum))
    return rules


def _program(request: InfillRequest, name: str) -> int:
    """General MIDI program of a track of the score or of a new one."""
    new = {track.id: track.program for track in request.new_tracks}
    return new[name] if name in new else request.score.track(name).program


def _moved(pitch: int, shift: int, drum: bool) -> int:
    """A kept model pitch in the network's key."""
    return pitch if drum else int(g.model_pitch(np.array(pitch), np.array(False), shift))


def _bind_to_chords(rules: PartRules, steering: Wish, start: int) -> None:
    """Strict harmony: on the beat only tones of the chord (where one is written and the limits allow one)."""
    for tick in range(len(rules.onsets)):
        tones = steering.chord_at(start + tick) if (start + tick) % g.TICKS == 0 else None
        if tones is None:
            continue
        bound = rules.allowed[tick] & np.isin(np.arange(g.N_PITCH) % 12, list(tones))
        if bound.any():
            rules.allowed[tick] = bound


def _standing(grid: GridScore, name: str, start: int, end: int) -> list[Note]:
    """Notes that stood in a track's gap with grid onsets in [start, end), in the order in which they are written."""
    inside = [note for note in grid.removed.get(name, []) if start <= grid.tick(note.start) < end]
    return sorted(inside, key=lambda note: (grid.tick(note.start), -note.pitch))


def _script(grid: GridScore, cast: Cast, name: str, start: int, end: int) -> Script:
    """The rhythm that stands in a stretch of a track's gap."""
    slot = cast.slots[name]
    rows = [
        (
            grid.tick(note.start) - start,
            slot,
            max(1, grid.tick(note.end) - grid.tick(note.start)),
            int(g.velocity_class(note.velocity)),
        )
        for note in _standing(grid, name, start, end)
    ]
    return Script(np.array(rows, dtype=np.int64).reshape(-1, 4))


def _note(
    grid: GridScore, region: Region, drawn: Drawn, shift: int, name: str, original: Note | None
) -> tuple[Note | None, tuple[int, int, int, int]]:
    """The drawn note as the score has it (None if rounding would put it outside), and as the grid keeps it.

    Of a kept rhythm the ``original`` note's own onset, length and loudness stay to the tick.
    """
    pitch = g.midi_pitch(drawn.pitch, shift)
    unshifted = drawn.pitch if drawn.pitch >= 128 else pitch
    kept = (drawn.tick, drawn.length, unshifted, drawn.velocity)
    if original is not None and 0 <= pitch <= 127:
        return draft(original.start, max(1, original.duration), pitch, original.velocity), kept
    start = max(region.start, grid.score_tick(drawn.tick))
    stop = grid.score_tick(drawn.tick + drawn.length)
    if not grid.request.overhang:
        stop = min(stop, region.end)
    if start >= region.end or not 0 <= pitch <= 127:
        return None, kept
    controls = grid.request.controls_for(name)
    velocity = grid.plain.get(name, g.class_velocity(drawn.velocity))
    velocity += round(40 * lean(controls, "loudness", start))
    return draft(start, max(1, stop - start), pitch, min(127, max(1, velocity))), kept


def _alternative(idea: _Idea) -> Alternative:
    """One finished idea; ``confidence`` is the mean probability that the network gave the pitches it wrote."""
    settings = {"confidence": round(float(np.mean(idea.confidence)), 3)} if idea.confidence else {}
    return Alternative(notes={name: tuple(notes) for name, notes in idea.notes.items()}, settings=settings)
