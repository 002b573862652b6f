"""The writer: a brief becomes music, section by section, as often as alternatives are wanted.

::

    for step in write(brief, prompts):
        step.score                      # what there is so far of this alternative
    step.composed.score                 # the last step carries everything

Each section is written by the band that the hub's task ``arrange`` calls, on the ground that the brief lays, and then
brought to the brief's density, register, loudness and accents.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from workbench.create.compose.arrange import Running, arrange_again, as_tracks, write_sections
from workbench.create.compose.layout import AUTHOR, TUNE, span_of
from workbench.create.compose.newtune import OVER_CHORDS
from workbench.create.compose.songplan import FACT, SongPlan, section_at, titles
from workbench.create.compose.source import Source
from workbench.create.compose.style import GROOVE_A, GROOVE_B, Style
from workbench.create.compose.styles import load_style
from workbench.create.prompt.brief import Brief
from workbench.create.prompt.fitting import expression, fitted, louder
from workbench.create.prompt.front import BEHIND, behind
from workbench.create.prompt.laying import laid_out, song_plan
from workbench.create.prompt.prompts import Prompts
from workbench.create.prompt.styling import shown_names
from workbench.create.prompt.thickness import Parts
from workbench.create.prompt.tunes import tune_for
from workbench.errors import BadRequest
from workbench.hub.protocol import Attempt, CancelToken
from workbench.score import edits
from workbench.score.operations import Operation, apply
from workbench.score.score import Note, Score
from workbench.score.timemap import TimeMap

if TYPE_CHECKING:
    from workbench.hub.hub import Hub

#: Seeds of two alternatives lie so far apart.
APART = 7_919


@dataclass(frozen=True)
class Take:
    """One alternative: ``operation`` makes ``score`` of ``base``, the tune in its places; ``attempts``: the runs."""

    base: Score
    score: Score
    operation: Operation
    plan: SongPlan
    attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True)
class Composed:
    """What was made of a mixture of prompts.

    ``takes``: the alternatives. ``remarks``: plain sentences, the conflicts that were settled among them.
    """

    takes: tuple[Take, ...]
    brief: Brief
    prompts: Prompts
    remarks: tuple[str, ...] = ()

    @property
    def score(self) -> Score:
        """The first alternative."""
        return self.takes[0].score

    @property
    def alternatives(self) -> tuple[Score, ...]:
        """All of them."""
        return tuple(take.score for take in self.takes)

    @property
    def runs(self) -> tuple[str, ...]:
        """The ids of all runs of models."""
        return tuple(attempt.id for take in self.takes for attempt in take.attempts)


@dataclass(frozen=True)
class Written:
    """One step: a section of an alternative was written.

    ``score``: the piece so far. ``alternative``, ``section``: counted from 0; ``name``: of the section, "Verse 1".
    ``done``: share of all work. ``attempts``: the runs of this step. ``composed``: everything, in the last step alone.
    """

    score: Score
    alternative: int
    section: int
    name: str
    done: float
    attempts: tuple[Attempt, ...] = ()
    composed: Composed | None = None


@dataclass
class _Work:
    """One alternative as it is written."""

    brief: Brief
    source: Source
    style: Style
    plan: SongPlan
    base: Score
    parts: Parts = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    behind: float = BEHIND


def write(
    brief: Brief,
    prompts: Prompts,
    *,
    hub: Hub | None = None,
    count: int | None = None,
    cancel: CancelToken | None = None,
) -> Iterator[Written]:
    """Write a piece under a brief.

    Args:
        brief: what is to be made, perhaps changed by a person.
        prompts: whose tune is told.
        hub: where the band plays; left out: the process's own.
        count: how many alternatives; left out: as the brief says.
        cancel: stops the work at the next section, or inside the model.

    Yields:
        A step a section; the last one of all carries the whole.

    Raises:
        BadRequest: the brief has no sections, names an unknown style, or a tune that is no longer there.
        Unavailable: no band can be had.
        Cancelled: ``cancel`` was pulled.
    """
    if not brief.sections:
        raise BadRequest("This brief has no sections; make it anew.")
    cancel, number = cancel or CancelToken.never(), count or brief.alternatives
    works: list[_Work] = []
    total = number * len(brief.sections)
    step: Written | None = None
    for alternative in range(number):
        cancel.check()
        work = _begun(brief, prompts, alternative)
        works.append(work)
        names = titles(work.plan)
        for place in range(len(brief.sections)):
            cancel.check()
            if step is not None:
                yield step
            attempts = _section(work, place, {"hub": hub, "cancel": cancel})
            score = _score(work)[0]
            done = (alternative * len(brief.sections) + place + 1) / total
            step = Written(score, alternative, place, names[place], done, attempts)
    assert step is not None
    takes = []
    for work in works:
        score, operation = _score(work)
        takes.append(Take(work.base, score, operation, work.plan, tuple(work.attempts)))
    said = [text for work in works for text in work.said]
    about = works[0].source.remarks
    if not prompts.with_role("chords"):
        about = tuple(text for text in about if text != OVER_CHORDS)  # the chords are the plan's own
    remarks = [*(item.sentence for item in brief.conflicts), *brief.remarks, *about, *said]
    made = Composed(tuple(takes), brief, prompts, tuple(dict.fromkeys(remarks)))
    yield replace(step, composed=made)


def write_again(
    score: Score, brief: Brief, *, section: str | int | None = None, parts: Iterable[str] = (),
    hub: Hub | None = None, cancel: CancelToken | None = None,
) -> Take:  # fmt: skip
    """Write a section of a composed piece anew, or some parts of it; everything else stays byte for byte.

    Args:
        score: what :func:`write` made, whatever was changed in it since.
        brief: under which it was made.
        section: its number from 1 or its name; left out: every section.
        parts: names of tracks; left out: all but a tune that is told.
        hub, cancel: see :func:`write`.

    Raises:
        BadRequest: the piece has no such section or part.
    """
    of_style = {name: part for part, name in shown_names(brief, load_style(brief.style)).items()}
    named = score.copy()  # as the style names its parts, which is how the arranger knows them
    for track in named.tracks:
        track.name = of_style.get(track.name, track.name)
    parts = [of_style.get(name, name) for name in parts]
    made = arrange_again(named, section=section, parts=parts, hub=hub, cancel=cancel)
    style, times = load_style(made.plan.style), TimeMap(score)
    places = range(len(made.plan.sections)) if section is None else [section_at(made.plan, section)]
    before = {(track.id, note) for track in score.tracks for note in track.notes}
    fresh = {
        track.name: [note for note in track.sorted_notes() if (track.id, note.id) not in before]
        for track in made.score.tracks
    }  # fmt: skip
    better: Mapping[str, list[Note]] = {name: [] for name in fresh}
    for place in places:
        start, end = span_of(score, made.plan.sections[place])
        own = {name: [note for note in notes if start <= note.start < end] for name, notes in fresh.items()}
        rng = np.random.default_rng([made.plan.seed, place, made.plan.sections[place].take])
        told = _told(score, start, end)
        if parts:  # the others stay as they are, so that one part alone cannot bring the density
            kept = {name: [louder(note, brief, times) for note in notes] for name, notes in own.items()}
        else:
            kept = fitted(own, brief, score, style, (start, end), told, rng)
        for name, notes in kept.items():
            better[name].extend(notes)
    steps: list[Operation] = []
    for track in made.score.tracks:
        old = score.track(track.id)
        gone = [name for name in old.notes if name not in track.notes]
        ids = iter(f"w{len(old.notes)}{made.plan.seed % 97}n{k}" for k in range(10**6))
        notes = [
            replace(note, id=next(name for name in ids if name not in old.notes), author=AUTHOR)
            for note in better.get(track.name, [])
        ]  # fmt: skip
        if gone or notes:
            steps += [edits.remove_notes(score, track.id, gone), edits.add_notes(track.id, notes)]
    steps.append(edits.set_score(score, meta={**score.meta, FACT: made.plan.to_json()}))
    operation = edits.compound("arrange", steps)
    done = score.copy()
    apply(done, operation)
    return Take(score.copy(), done, operation, made.plan, made.attempts)


def _begun(brief: Brief, prompts: Prompts, alternative: int) -> _Work:
    """The ground of one alternative: later ones play other grooves, fills and second voices."""
    style = load_style(brief.style)
    source = tune_for(brief, prompts, alternative)
    plan = song_plan(brief, source, style, brief.seed + APART * alternative)
    if alternative % 2:
        have = set(style.sections())
        swap = {GROOVE_A: GROOVE_B, GROOVE_B: GROOVE_A}
        sections = tuple(
            replace(item, groove=swap.get(item.groove, item.groove) if swap.get(item.groove, "") in have
                    else item.groove, doubles=_other(item.doubles))
            for item in plan.sections
        )  # fmt: skip
        plan = replace(plan, sections=sections)
    title = prompts.sentence().rstrip(".")[:200]
    base = laid_out(brief, source, plan, title=title)
    tune = next(track for track in base.tracks if track.name == TUNE)
    tune.program = next((item.program for item in brief.instruments if item.part == TUNE), tune.program)
    times = TimeMap(base)
    tune.notes = {name: louder(note, brief, times) for name, note in tune.notes.items()}
    return _Work(brief, source, style, plan, base)


def _other(doubles: tuple[str, ...]) -> tuple[str, ...]:
    return {(): (), ("octave",): ("thirds",), ("thirds",): ("octave",)}.get(doubles, tuple(reversed(doubles))[:1])


def _section(work: _Work, place: int, running: Running) -> tuple[Attempt, ...]:
    """Write one section into the work; returns its runs."""
    made, attempts, said = write_sections(work.base, work.plan, work.style, [place], running)
    span = span_of(work.base, work.plan.sections[place])
    rng = np.random.default_rng([work.plan.seed, place])
    found = fitted(made, work.brief, work.base, work.style, span, _told(work.base, *span), rng)
    for name, notes in found.items():
        work.parts.setdefault(name, []).extend(notes)
    work.attempts += attempts
    work.said += said
    if place == len(work.plan.sections) - 1:
        work.behind = _behind(work)
    return tuple(attempts)


def _behind(work: _Work) -> float:
    """The band's volume under a tune that was given, once all of it is written."""
    if not work.brief.melody.source:
        return BEHIND
    score = _score(work)[0]
    shown = shown_names(work.brief, work.style)
    bass = {shown.get(part.name, part.name) for part in work.style.parts if part.role == "bass"}
    for track in score.tracks:
        if track.name != TUNE:
            track.volume = round(track.volume / BEHIND)
    return behind(score.tracks, TUNE, bass, TimeMap(score))


def _told(score: Score, start: int, end: int) -> list[Note]:
    """The notes of the told tune that begin in a section."""
    tune = next((track for track in score.tracks if track.name == TUNE), None)
    return [note for note in tune.notes.values() if start <= note.start < end] if tune is not None else []


def _score(work: _Work) -> tuple[Score, Operation]:
    """The piece so far, and the operation that makes it from the tune in its places."""
    order = {part.name: place for place, part in enumerate(work.style.parts)}
    parts = dict(sorted(work.parts.items(), key=lambda item: order.get(item[0], -1)))
    steps = as_tracks(work.base, work.plan, work.source, work.style, parts)
    done = work.base.copy()
    for step in steps:
        apply(done, step)
    more: list[Operation] = []
    programs = {item.part: item.program for item in work.brief.instruments}
    shown = shown_names(work.brief, work.style)
    swell = expression(work.brief, work.base)
    share = work.behind
    for number, track in enumerate(done.tracks):
        wanted: dict[str, int | str] = {"color": number % 12}
        if track.name in programs and track.program != programs[track.name]:
            wanted["program"] = programs[track.name]
        if track.name in shown:
            wanted["name"] = shown[track.name]
        if work.brief.melody.source and track.name != TUNE:
            wanted["volume"] = round(share * track.volume)
        more.append(edits.set_track(done, track.id, **wanted))
        if swell:
            more.append(edits.set_lane(done, "controls", swell, track.id))
    for step in more:
        apply(done, step)
    return done, edits.compound("compose", [*steps, *more])
