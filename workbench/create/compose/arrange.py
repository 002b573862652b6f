"""A long piece from a tune or from chords: introduction, verse, build, chorus, bridge, ending.

    from workbench import Score, arrange

    song = arrange(Score.open("tune.mid"), style="swing", form="intro verse chorus verse chorus ending", seed=1)
    song.score.save("song.wbz")

The plan travels inside the piece (as a fact, and as a marker for each section), so that a section, or some parts of
one, can be made again later while everything else stays as it is, byte for byte::

    again = arrange_again(song.score, section="Chorus 2", parts=["Drums"])

The tune is never changed: its notes keep onsets, lengths and pitches in every section that tells it (over a swung band
its even eighths swing as well). The band plays through the hub's task ``arrange``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypedDict, Unpack

import numpy as np

from workbench.create.compose.expression import expressed, slowed
from workbench.create.compose.layout import (
    AUTHOR,
    SECOND,
    TUNE,
    ground_of,
    lay_out,
    seed_of,
    span_of,
    voices_for,
    write_melodies,
)
from workbench.create.compose.newtune import with_tune
from workbench.create.compose.recovered import plan_of
from workbench.create.compose.songplan import FACT, SongPlan, make_plan, section_at, stretches
from workbench.create.compose.source import Source, source_of, source_of_chords
from workbench.create.compose.style import FILL, Style
from workbench.create.compose.styles import find_style, style_names
from workbench.create.compose.variation import varied
from workbench.create.idea import Idea, make_ideas
from workbench.errors import BadRequest
from workbench.hub.protocol import Attempt, CancelToken, Partial, Progress
from workbench.hub.tasks.arrange.request import ArrangeRequest, BandTrack, SectionSpan
from workbench.score import edits
from workbench.score.keys import KeyGuess
from workbench.score.operations import Operation, apply
from workbench.score.score import Note, Score, Track, fresh_ids

if TYPE_CHECKING:
    from workbench.hub.hub import Hub

#: Played where nobody names a style.
STYLE = "rock"
HUMANISE = 60
MODEL = "arrange"
Watch = Callable[[Progress | Partial], None]


class Running(TypedDict, total=False):
    """How the hub runs it.

    ``model``: who writes the band (left out: the best that is there); ``hub``: the process's own where it is left out;
    ``cancel`` stops it; ``watch`` hears of its progress.
    """

    model: str
    hub: Hub | None
    cancel: CancelToken | None
    watch: Watch | None


@dataclass(frozen=True)
class Arrangement:
    """A piece that was arranged. ``base``: the piece before; ``operation`` makes ``score`` of it, as one step.

    ``attempts``: what the hub did for it, one a model that ran. ``remarks``: plain sentences for the person.
    """

    base: Score
    score: Score
    plan: SongPlan
    operation: Operation
    attempts: tuple[Attempt, ...]
    remarks: tuple[str, ...] = ()


def arrange(
    score: Score | None = None,
    *,
    style: str = "",
    form: str | Sequence[str] = "",
    chords: str = "",
    bars: int | None = None,
    seconds: float | None = None,
    tune: str | None = None,
    seed: int = 0,
    humanise: int = HUMANISE,
    join: int = 0,
    **running: Unpack[Running],
) -> Arrangement:
    """Write a long piece from a tune or from chords.

    Args:
        score: the tune (other parts are heard for their chords); left out: chords alone, over which a tune is written.
        style: a style's id or plain words for one; left out: rock.
        form: section names, a preset or nothing; see :func:`workbench.create.compose.form.form_of`. A tune of 24 bars
            or more keeps the order of its own sections where nothing is said.
        chords: chord symbols, a bar each, in turn; left out: the piece's own, else found for the tune.
        bars, seconds: how long the piece is; left out: as its form is.
        tune: id of the track that has the tune; left out: it is found.
        seed: equal seeds give equal pieces.
        humanise: 0 (on the grid) to 100: how far the band plays as people do.
        join: how much of the band a network varies, in per cent of the beats.
        running: see :class:`Running`.

    Raises:
        BadRequest: nothing to arrange, an unknown style, section or chord, or a length that cannot be met.
        Unavailable: no model can be had.
        Cancelled: ``cancel`` was pulled.
    """
    if type(humanise) is not int or not 0 <= humanise <= 100:
        raise BadRequest("How human the playing is goes from 0 to 100.")
    played = _style(style)
    if score is None or (chords and not score.note_count):
        source = source_of_chords(chords)
    else:
        source = source_of(score, tune=tune, chords=chords)
    source = with_tune(source, seed)
    tempo = source.tempo or round(60_000_000 / played.tempo[1])
    plan = make_plan(
        source, played, form=form, bars=bars, seconds=seconds, tempo=60_000_000 / tempo, seed=seed, humanise=humanise,
        join=join,
    )  # fmt: skip
    base = lay_out(source, plan, tempo, score.title if score is not None else "", played.swing)
    places = range(len(plan.sections))
    made, attempts, said = write_sections(base, plan, played, places, running)
    operation = edits.compound("arrange", [
        *as_tracks(base, plan, source, played, made), edits.set_tempos(base, slowed(base, plan)),
    ])  # fmt: skip
    done = base.copy()
    apply(done, operation)
    if not source.tempo:
        said.append(f"It goes at {played.tempo[1]:.0f} quarters a minute, as {played.title} usually does.")
    return Arrangement(base, done, plan, operation, tuple(attempts), (*source.remarks, *said))


def arrange_again(
    score: Score,
    *,
    section: str | int | None = None,
    parts: Iterable[str] = (),
    style: str = "",
    **running: Unpack[Running],
) -> Arrangement:
    """Write a section of an arranged piece anew, or some parts of it, by the same plan; all else stays as it is.

    Args:
        score: what :func:`arrange` made, whatever was changed in it since; a MIDI file of it will do, for its markers
            name the sections.
        section: its number from 1 or its marker ("Chorus 2"); left out: every section.
        parts: names of the tracks to write anew; left out: all but a tune that is told.
        style: for a file without the plan; left out: the style whose parts its tracks are.
        running: see :class:`Running`.

    Raises:
        BadRequest: the piece was not arranged here, or has no such section or part.
    """
    plan = plan_of(score, style)
    band = _style(plan.style)
    places = range(len(plan.sections)) if section is None else [section_at(plan, section)]
    for place in places:
        plan = plan.with_take(place)
    by_name = {track.name.casefold(): track for track in score.tracks}
    wanted = {str(name).strip().casefold() for name in parts}
    if unknown := sorted(wanted - by_name.keys()):
        known = ", ".join(track.name for track in score.tracks)
        raise BadRequest(f"There is no part {unknown[0][:40]!r} in this piece; it has {known}.")
    base = score.copy()
    base.tracks = [track for track in base.tracks if track.name == TUNE] or [Track("t1", name=TUNE)]
    tune = base.tracks[0]
    derived = [span_of(score, plan.sections[place]) for place in places if plan.sections[place].melody != "tune"]
    told = {
        name: note for name, note in tune.notes.items()
        if note.author != AUTHOR or not any(start <= note.start < end for start, end in derived)
    }  # fmt: skip
    tune.notes = dict(told)
    made, attempts, said = write_sections(base, plan, band, places, running)
    steps: list[Operation] = []
    for name, track in by_name.items():
        if (wanted and name not in wanted) or track.name not in made or track.locked:
            continue
        spans = [span_of(score, plan.sections[place]) for place in places]
        kept = told if track.name == TUNE else {}
        gone = [
            note.id for note in track.sorted_notes()
            if note.id not in kept and not note.locked and any(start <= note.start < end for start, end in spans)
        ]  # fmt: skip
        steps.append(edits.remove_notes(score, track.id, gone))
        ids = fresh_ids(track.notes, "n", len(made[track.name]))
        steps.append(edits.add_notes(track.id, _signed(made[track.name], ids)))
    steps.append(edits.set_score(score, meta={**score.meta, FACT: plan.to_json()}))
    operation = edits.compound("arrange", steps)
    done = score.copy()
    apply(done, operation)
    return Arrangement(score.copy(), done, plan, operation, tuple(attempts), tuple(said))


def _style(text: str) -> Style:
    found = find_style(text or STYLE)
    if found is None:
        raise BadRequest(f"There is no style {text[:40]!r}; choose one of {', '.join(style_names())}.")
    return found


def write_sections(
    base: Score, plan: SongPlan, style: Style, places: Sequence[int], running: Running
) -> tuple[dict[str, list[Note]], list[Attempt], list[str]]:  # fmt: skip
    """Everything but the told tune in some sections, as it is played, by the name of its track.

    Args:
        base: the laid-out piece, in which the tune stands.
        plan, style: what happens in each section, and who plays.
        places: which sections, counted from 0, one after another.
        running: how the hub runs it.

    Returns:
        The drafts by track, what the hub did, and plain sentences.
    """
    melodies = write_melodies(base, plan, places, style.id)
    melodies[TUNE] = _around(base, melodies[TUNE])
    skeleton = base.copy()
    tune = next(track for track in skeleton.tracks if track.name == TUNE)
    for note in _signed(melodies[TUNE], fresh_ids(tune.notes, "n", len(melodies[TUNE]))):
        tune.notes[note.id] = note
    band, attempts, said = _band(skeleton, plan, style, places, running)
    parts = {**melodies, **band}
    made: dict[str, list[Note]] = {name: [] for name in parts}
    for place in places:
        own = {**parts, **_changed(base, plan, style, band, place)}
        for name, notes in expressed(base, plan, style, own, place).items():
            made[name] += notes
    return made, attempts, said


def _changed(
    base: Score, plan: SongPlan, style: Style, band: Mapping[str, Sequence[Note]], place: int
) -> dict[str, list[Note]]:
    """The band in one section, otherwise than the last time where the section comes back."""
    kind = plan.sections[place].section.kind
    turn = sum(item.section.kind == kind for item in plan.sections[:place])
    start, end = span_of(base, plan.sections[place])
    ground = ground_of(base, KeyGuess(plan.tonic, plan.mode), start, end)
    own = {
        name: [replace(note, start=note.start - start) for note in notes if start <= note.start < end]
        for name, notes in band.items()
    }
    found = varied(own, style, ground, turn, np.random.default_rng(seed_of(plan, place, "change")))
    return {name: [replace(note, start=note.start + start) for note in notes] for name, notes in found.items()}


def _around(base: Score, fresh: Sequence[Note]) -> list[Note]:
    """New notes of the tune without those that would meet a note of the told tune (its pickup above all)."""
    there = [(note.start, note.end) for track in base.tracks if track.name == TUNE for note in track.notes.values()]
    out = []
    for note in fresh:
        if any(start <= note.start < end for start, end in there):
            continue
        ahead = min((start for start, _ in there if start > note.start), default=note.end)
        out.append(replace(note, duration=max(1, min(note.duration, ahead - note.start))))
    return out


def _band(
    skeleton: Score, plan: SongPlan, style: Style, places: Sequence[int], running: Running
) -> tuple[dict[str, list[Note]], list[Attempt], list[str]]:  # fmt: skip
    """The band in some sections that follow each other, through the hub: notes by part."""
    fills = [name for name in style.sections() if name.startswith(FILL)]
    spans: list[SectionSpan] = []
    for place in places:
        rng = np.random.default_rng(seed_of(plan, place, "fill"))
        fill = str(rng.choice(fills)) if fills else ""
        spans += [SectionSpan(*row) for row in stretches(plan.sections[place], style, fill)]
    spans.sort(key=lambda span: span.first)
    named = {name for span in spans for name in span.parts}
    used = [part for part in style.parts if not named or part.name in named]
    ids = fresh_ids((track.id for track in skeleton.tracks), "t", len(used))
    tracks = tuple(
        BandTrack(own, part.name, part.name, part.program, part.is_drum, part.volume, part.pan)
        for own, part in zip(ids, used, strict=True)
    )
    first, last = plan.sections[places[0]].section.first_bar, plan.sections[places[-1]].section.last_bar
    tune = next((track.id for track in skeleton.tracks if track.name == TUNE and track.notes), "")
    request = ArrangeRequest(skeleton, style.id, (first, last), tracks, tuple(spans), tune, join=plan.join)
    seed = seed_of(plan, places[0], "band")
    how: Running = {"model": MODEL, **running}
    idea: Idea = make_ideas(request, skeleton, seed=seed, **how)[0]
    by_id = {part.id: part.part for part in tracks}
    notes = {by_id[track]: list(found) for track, found in idea.notes.items() if track in by_id}
    return {part.name: notes.get(part.name, []) for part in used}, [idea.attempt], list(idea.remarks)


def as_tracks(
    base: Score, plan: SongPlan, source: Source, style: Style, made: Mapping[str, Sequence[Note]]
) -> list[Operation]:
    """The steps that bring what was written into the laid-out piece: notes of the tune, a new track for each part."""
    tune = next(track for track in base.tracks if track.name == TUNE)
    fresh = list(made.get(TUNE, ()))
    steps = [edits.add_notes(tune.id, _signed(fresh, fresh_ids(tune.notes, "n", len(fresh))))] if fresh else []
    programs = voices_for(style.id, source.program)
    ids = iter(fresh_ids((track.id for track in base.tracks), "t", len(made)))
    for name, notes in made.items():
        if name == TUNE or not notes:
            continue
        part = style.part(name)
        track = Track(next(ids), name=name, program=programs.get(name, 0), volume=84, pan=80 if name == SECOND else 44)
        if part is not None:
            track = Track(track.id, name=name, program=part.program, is_drum=part.is_drum, volume=part.volume,
                          pan=part.pan)  # fmt: skip
        track.notes = {note.id: note for note in _signed(notes, [f"n{k}" for k in range(1, len(notes) + 1)])}
        steps.append(edits.add_track(base, track, len(base.tracks) + len(steps) - bool(fresh)))
    return steps


def _signed(notes: Sequence[Note], ids: Sequence[str]) -> list[Note]:
    return [replace(note, id=name, author=AUTHOR) for note, name in zip(notes, ids, strict=True)]
