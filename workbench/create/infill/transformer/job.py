"""One stretch of a gap as the network's job: what it is shown, what it may write, and what is known already."""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.create.infill.around.expectation import Expectation
from workbench.create.infill.around.pace import Pace, Usual
from workbench.create.infill.around.repeats import Foretold
from workbench.create.infill.around.wishes import lean
from workbench.create.infill.markov.model import allowed
from workbench.create.infill.transformer.bridge import Cast, GridScore, nearest
from workbench.create.infill.transformer.course import Course
from workbench.create.infill.transformer.form import Form
from workbench.create.infill.transformer.habits import ANY, ENOUGH, Habits, habits, straight
from workbench.create.infill.transformer.levels import CROWD, Levels
from workbench.create.infill.transformer.rules import TAIL, PartRules, Script
from workbench.create.infill.transformer.sampler import Drawn, Job
from workbench.create.infill.transformer.steering import Wish
from workbench.create.infill.transformer.taboo import Taboo
from workbench.create.infill.transformer.voices import Voices
from workbench.hub.tasks.infill.request import InfillRequest, draft
from workbench.score.score import Note, Region
from workbench.tokens import grid12 as g
from workbench.tokens import rows as r

ROWS = 380  #: rows of one prompt, as in training
STRETCH_NOTES = 130  #: notes that one stretch may be expected to hold
SIGHT = 16 * 4 * g.TICKS  #: ticks of a gap that the network is told of at once
SHORT = 2 * 4 * g.TICKS  #: ticks of a gap in which a hole is noticed
VOICE_VELOCITY = 9  #: loudness class of voices that move with a tune
REACH = 100 * 4 * g.TICKS  #: ticks on either side of a gap in which notes are looked for at all


@dataclass
class IdeaState:
    """One alternative as it grows.

    Attributes:
        written: by track (tick, length, unshifted model pitch, velocity class); ``notes`` the same as the score has
            them; ``lines`` the onsets and unshifted pitches of the gap being written, sorted as (tick, -pitch).
        confidence: by track rows of (start in score ticks, MIDI pitch, per cent) of what the network drew.
        kept: by track the stretches of grid ticks in which copied notes stand and no other may begin.
        closed: the network has closed the gap that is being written.
        course: what a continuation or a variation holds to in the gap that is being written.
        heat: factor on the temperature of every draw.
        nats: of the notes drawn in the stretch that is being written, how much each surprised the network.
    """

    number: int
    rng: np.random.Generator
    plan: Expectation
    taboo: Taboo | None = None
    forms: dict[tuple[int, int], Form] = field(default_factory=dict)
    written: dict[str, list[tuple[int, int, int, int]]] = field(default_factory=dict)
    notes: dict[str, list[Note]] = field(default_factory=dict)
    lines: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    confidence: dict[str, list[tuple[int, int, int]]] = field(default_factory=dict)
    kept: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    closed: bool = False
    course: Course | None = None
    heat: float = 1.0
    nats: list[float] = field(default_factory=list)

    def follow(self, other: IdeaState) -> None:
        """Go on from what another idea has written, with chance of its own."""
        if other is self:
            return
        self.plan, self.forms, self.course = other.plan, other.forms, other.course
        self.closed, self.nats = other.closed, list(other.nats)
        for name in ("written", "notes", "lines", "confidence", "kept"):
            setattr(self, name, {track: list(rows) for track, rows in getattr(other, name).items()})

    def branch(self, number: int, rng: np.random.Generator, heat: float = 1.0) -> IdeaState:
        """Another idea that has written the same so far."""
        twin = IdeaState(number, rng, self.plan, self.taboo, heat=heat)
        twin.follow(self)
        return twin

    def add(self, name: str, note: Note, known: tuple[int, int, int, int], confidence: float | None) -> None:
        """Take in a note as the score and as the grid has it; ``confidence`` None: it was copied."""
        self.written.setdefault(name, []).append(known)
        self.notes.setdefault(name, []).append(note)
        insort(self.lines.setdefault(name, []), (known[0], -known[2]))
        if confidence is not None:
            self.confidence.setdefault(name, []).append((note.start, note.pitch, round(100 * confidence)))


def stretch_end(grid: GridScore, cast: Cast, start: int, end: int) -> int:
    """A bar line (or the end) such that about :data:`STRETCH_NOTES` notes lie before it."""
    counted, beats = 0.0, 1.0
    for name in cast.filled:
        own = grid.notes[name]
        if len(own):
            counted += len(own) / max(4.0, float(own[-1, 0] - own[0, 0]) / g.TICKS)
        else:
            counted += 3.0
    beats = STRETCH_NOTES / max(counted, 0.5)
    if any(grid.request.controls_for(name).curves for name in cast.filled):  # told to the network bar by bar
        after = grid.bars.starts[grid.bars.starts > start]
        return min(end, int(after[0]) if len(after) else end)
    target = min(start + max(2 * g.TICKS, int(beats * g.TICKS)), start + SIGHT // 2)
    if target >= end:
        return end
    lines = grid.bars.starts[(grid.bars.starts > start) & (grid.bars.starts <= target)]
    return int(lines[-1]) if len(lines) else min(end, target)


def make_job(
    grid: GridScore, cast: Cast, region: Region, idea: IdeaState, start: int, until: int, end: int,
    usual: Mapping[str, Usual], kit: Foretold | None = None, chroma: Foretold | None = None,
) -> tuple[Job, int]:  # fmt: skip
    """What the network is shown and allowed for one stretch of one alternative; the shift to C with it.

    ``usual``: how full the tracks play around (:func:`workbench.create.infill.transformer.rounds.usuals`); ``kit`` and
    ``chroma``: the strokes on each drum and the pitch classes that the bars around foretell.
    """
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
    steering.heat = idea.heat
    gap = r.Gap(start, shown_end, slots)
    traits = steering.traits(start, until)
    if idea.course is not None:
        traits = idea.course.traits(traits, cast, start, until)
    prompt = r.Prompt(
        grid.bars, int(grid.bars.starts[bar]), cast.programs, parts, known, [gap], surprise, traits
    )  # fmt: skip
    rules = {
        cast.slots[name]: _rules(grid, cast, name, region, idea, start, shown_end, end, shift, steering)
        for name in cast.filled
    }
    steering.rules = rules
    job = Job(
        prompt, rules, idea.rng, steering, until=until, may_end=until == end,
        least=0 if idea.written or request.around else 1,
        dynamics={cast.slots[n]: int(g.velocity_class(v)) for n, v in grid.plain.items() if n in cast.filled},
    )  # fmt: skip
    if until == end and end - start <= SHORT and not request.around:
        job.least = max(job.least, _usual_least(grid, cast, rules, start, end))
    if until == end:  # what is asked for at the least may come at any time before the end
        asked = ((request.controls_for(name).min_notes or 0, len(idea.notes.get(name, ()))) for name in cast.filled)
        job.asked = sum(max(0, least - have) for least, have in asked)
        job.least = max(job.least, job.asked)
    new = {track.id for track in request.new_tracks}
    job.waiting = {
        cast.slots[name]: max((row[0] for row in idea.written.get(name, ())), default=start)
        for name in cast.filled
        if name in new
    }
    if all(request.controls_for(name).closeness is not None for name in cast.filled):
        job.budget = _missing(grid, cast, idea, start, until)
    job.taboo = idea.taboo
    if idea.course is not None:
        wished = any(lean(request.controls_for(n), "density", grid.score_tick(start)) for n in cast.filled)
        job.ahead = idea.course.ahead(grid, cast, idea.written, shift, wished)
    job.lines = {
        cast.slots[name]: [
            (tick, key if request.is_drum(name) else key - shift)
            for tick, key in idea.lines.get(name, ())
            if tick < until
        ]
        for name in cast.filled
    }
    if idea.course is None and all(name in usual for name in cast.filled):
        steering.pace = Pace({cast.slots[name]: usual[name] for name in cast.filled}, job.lines, start, g.TICKS)
        steering.kit, steering.chroma = kit, chroma
    voices = [cast.slots[name] for name in cast.filled if request.controls_for(name).part_writing]
    if voices:
        job.voices = Voices.of(known[known[:, r.TICK] >= start - 8 * g.TICKS], voices)
        if len(voices) == len(slots) and not _lively(grid, cast, start):
            rhythm = job.voices.rhythm(slots, start, until, grid.bars)
            loud = np.full(len(rhythm), VOICE_VELOCITY)
            events = np.column_stack([rhythm[:, 0] - start, rhythm[:, 1:], loud])
            job.script = Script(events) if len(rhythm) else None
    name = cast.filled[0]
    controls = request.controls_for(name)
    if job.voices is not None and job.script is not None:
        return job, shift
    if controls.keep_rhythm:
        job.script = _script(grid, cast, name, start, until) if stood_in(grid, name, start, end) else None
    elif controls.keep_pitches and not request.is_drum(name) and stood_in(grid, name, start, end):
        pitches = np.array([note.pitch for note in stood_in(grid, name, start, until)], dtype=np.int64)
        tune = g.model_pitch(pitches, np.zeros(len(pitches), dtype=bool), shift)
        job.tune = {cast.slots[name]: tune.tolist()}
    return job, shift


def _usual_least(grid: GridScore, cast: Cast, rules: Mapping[int, PartRules], start: int, end: int) -> int:
    """Notes below which a short gap of single lines would be heard as a hole: half of what stood there."""
    controls = [grid.request.controls_for(name) for name in cast.filled]
    if any(rule.limit > 1 for rule in rules.values()):
        return 0  # one chord may be enough
    leans = [lean(wish, "density", grid.score_tick((start + end) // 2)) for wish in controls]
    stood = [len(stood_in(grid, name, start, end)) for name in cast.filled]
    return sum(round(0.5 * count * CROWD**leaning) for count, leaning in zip(stood, leans, strict=True))


def _missing(grid: GridScore, cast: Cast, idea: IdeaState, start: int, until: int) -> int:
    """Notes that a variation may write in a stretch: a few more than stood there and were not kept."""
    stood = sum(len(stood_in(grid, name, start, until)) for name in cast.filled)
    kept = sum(start <= row[0] < until for name in cast.filled for row in idea.written.get(name, ()))
    return max(1, round(1.25 * (stood - kept))) if stood > kept else 0


def _lively(grid: GridScore, cast: Cast, start: int) -> bool:
    """Whether more movement is asked for than a tune's own."""
    wishes = [(grid.request.controls_for(name), grid.score_tick(start)) for name in cast.filled]
    return any(lean(controls, wish, tick) > 0 for controls, tick in wishes for wish in ("density", "wildness"))


def _tonic(request: InfillRequest, cast: Cast, counts: Any) -> int:
    """Tonic of the major scale of the network's frame: from the wished scale where one is given, else heard."""
    for name in cast.filled:
        classes = request.controls_for(name).pitch_classes()
        if classes is not None and 5 <= len(classes) <= 8:
            return g.best_major([1.0 if pitch in classes else 0.0 for pitch in range(12)] + 0.05 * (counts > 0))
    return g.best_major(counts)


def _rules(
    grid: GridScore, cast: Cast, name: str, region: Region, idea: IdeaState, start: int, shown_end: int, end: int,
    shift: int, steering: Wish,
) -> PartRules:  # fmt: skip
    """The limits of one track in one stretch."""
    request = grid.request
    controls, drum = request.controls_for(name), request.is_drum(name)
    length = shown_end - start
    kept = drum or controls.keep_rhythm or controls.keep_pitches  # what stands there is the habit then
    habit = Habits(*ANY) if kept else habits(_own(grid, name), _program(request, name), controls)
    polyphony = 1 if controls.part_writing and not drum else controls.max_polyphony or habit.polyphony
    rules = PartRules.free(length, drum, polyphony, request.overhang or shown_end < end)
    if shown_end < end and not request.overhang:
        rules.room = min(length + TAIL, end - start)
    if not drum:
        keys = np.zeros(g.N_PITCH, dtype=bool)
        free = allowed(controls)
        usual = free & (np.arange(128) >= habit.low) & (np.arange(128) <= habit.high)
        for key in np.flatnonzero(usual if usual.any() else free):
            if 0 <= key + shift <= 127:
                keys[key + shift] = True
        rules.allowed &= keys
        if controls.harmony == "strict":
            _bind_to_chords(rules, steering, start)
    if controls.grid is not None:
        ticks = start + np.arange(length)
        step = g.TICKS / controls.grid
        rules.onsets &= np.abs(ticks / step - np.round(ticks / step)) * step < 0.5 + 1e-9
        if g.TICKS % controls.grid == 0:
            rules.onsets &= ticks % (g.TICKS // controls.grid) == 0
    elif not (controls.keep_rhythm or controls.keep_pitches or controls.part_writing) and keeps_time(grid, name):
        rules.onsets &= np.isin((start + np.arange(length)) % g.TICKS, g.STRAIGHT)
    # A grid tick whose place in the score lies just outside the region is no onset.
    if grid.score_tick(start) < region.start:
        rules.onsets[0] = False
    if controls.max_notes is not None:
        rules.left = controls.max_notes - len(idea.notes.get(name, ()))
    for first, last in idea.kept.get(name, ()):
        rules.onsets[max(0, first - start) : max(0, last - start)] = False
    own = grid.notes[name]
    sounding = own[(own[:, 0] + own[:, 1] > start) & (own[:, 0] < start + length + TAIL)]
    written = (row[:3] for row in idea.written.get(name, ()) if row[0] + row[1] > start)
    for tick, size, pitch in [*sounding[:, :3].tolist(), *written]:
        rules.add(tick - start, size, _moved(pitch, shift, drum))
    return rules


def _own(grid: GridScore, name: str) -> npt.NDArray[np.int64]:
    """What tells of a track's habits, int64 [n, 3]: its notes outside the gap, and those that are varied."""
    rows = [tuple(int(value) for value in row[:3]) for row in grid.notes[name]]
    if grid.request.controls_for(name).closeness is not None:
        rows += [
            (grid.tick(note.start), max(1, grid.tick(note.end) - grid.tick(note.start)), note.pitch)
            for note in grid.gone.get(name, ())
        ]
    return np.array(rows, dtype=np.int64).reshape(-1, 3)


def keeps_time(grid: GridScore, name: str) -> bool:
    """Whether a track begins its notes on sixteenths or triplets; one that has no habit yet does, as a band should."""
    own = grid.notes[name][:, 0]
    return len(own) < ENOUGH or straight(own)


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


def stood_in(grid: GridScore, name: str, start: int, end: int) -> list[Note]:
    """Notes that stood in a track's gap with grid onsets in [start, end), in the order in which they are written."""
    inside = [note for note in grid.gone.get(name, []) if start <= grid.tick(note.start) < end]
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
        for note in stood_in(grid, name, start, end)
    ]
    return Script(np.array(rows, dtype=np.int64).reshape(-1, 4))


def exact_note(
    grid: GridScore, levels: Levels, region: Region, drawn: Drawn, shift: int, name: str, original: Note | None
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
    if "loudness" in controls.curves:
        velocity = levels.velocity(drawn.slot, drawn.tick, velocity) or velocity
    else:
        velocity += round(40 * lean(controls, "loudness", start))
    return draft(start, max(1, stop - start), pitch, min(127, max(1, velocity))), kept
