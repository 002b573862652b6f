"""Writes the gaps of one request: all ideas and their siblings in step, stretch by stretch, the best going on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from workbench.create.infill.around.pace import Usual
from workbench.create.infill.around.repeats import Foretold
from workbench.create.infill.around.wishes import lean
from workbench.create.infill.transformer.bridge import Cast, GridScore
from workbench.create.infill.transformer.choose import HEATS, choose_ideas
from workbench.create.infill.transformer.course import Course
from workbench.create.infill.transformer.ending import ending
from workbench.create.infill.transformer.form import Form
from workbench.create.infill.transformer.job import IdeaState, exact_note, make_job, stood_in, stretch_end
from workbench.create.infill.transformer.kept import Kept, clipped, heard_as, varied
from workbench.create.infill.transformer.levels import Levels
from workbench.create.infill.transformer.rounds import (
    candidate_of,
    chroma_around,
    goes_on,
    judge_of,
    kit_around,
    usuals,
)
from workbench.create.infill.transformer.sampler import draw
from workbench.hub.protocol import CancelToken
from workbench.nets.infill_numpy import InfillRuntime
from workbench.score.score import Note, Region


@dataclass(frozen=True)
class _Stretch:
    """What stays the same from one stretch of a gap to the next."""

    region: Region
    group: Sequence[str]
    cast: Cast
    levels: Levels
    usual: Mapping[str, Usual]
    kit: Foretold | None
    chroma: Foretold | None


class Writer:
    """Writes the gaps of one request: all ideas and their siblings in step."""

    def __init__(
        self, runtime: InfillRuntime, grid: GridScore, ideas: list[IdeaState], count: int, seed: int,
        cancel: CancelToken,
    ) -> None:  # fmt: skip
        self.runtime, self.grid, self.ideas, self.count, self.cancel = runtime, grid, ideas, count, cancel
        self.plan = ideas[0].plan
        self._seed, self._drawn_anew = seed % 2**63, 0
        self._alike = True  #: all ideas have written the same so far, namely nothing

    def fill(self, region: Region, group: Sequence[str]) -> Iterator[tuple[int, str, Note]]:
        """Write one group of tracks in one region, stretch by stretch; every note as it is drawn, by idea."""
        grid = self.grid
        start, end = grid.span(region)
        cast = grid.cast(group)
        usual, kit = usuals(grid, group, start, end), kit_around(grid, group, start, end)
        chroma = chroma_around(grid, start, end) if self.plan.alone else None
        stretch = _Stretch(region, group, cast, Levels(grid, cast, 0), usual, kit, chroma)
        led = any(grid.request.controls_for(name).part_writing for name in group)
        for idea in self.ideas:
            idea.closed, idea.kept, idea.lines = False, {}, {}
            for name in group:
                closeness = grid.request.controls_for(name).closeness
                if closeness is not None and not grid.request.around:
                    found = varied(grid, name, (start, end), closeness, idea.rng)
                    yield from _copy(grid, region, idea, name, found)
        alone = not led and not grid.request.around  # voices under a tune and what joins follow others
        closes = alone and not grid.request.overhang and any(_form(grid, region, one).closes for one in self.ideas)
        going_on = goes_on(grid, start, end)
        whole, end = end, _last_bar(grid, start, end) if closes else end
        for idea in self.ideas:
            idea.course = Course.of_variation(grid, group, start, end) if alone else None
            if alone and idea.course is None and going_on:
                idea.course = Course.of_form(grid, _form(grid, region, idea), group, start, end)
        at = start
        while at < end:
            until = stretch_end(grid, cast, at, end)
            open_ideas = [idea for idea in self.ideas if not idea.closed]
            if not open_ideas:
                break
            for idea in open_ideas:
                form = _form(grid, region, idea)
                if (part := form.at(at)) is not None:
                    until = min(until, part.end)
                    if part.start == at and not led and not grid.request.around:
                        form.plan(grid, part, _written_in(grid, region), idea.written, idea.rng)
                        for name in group:
                            source = [*_notes_of(grid, name), *idea.notes.get(name, ())]
                            yield from _copy(grid, region, idea, name, form.returned(grid, part, name, source), end)
            yield from self._best(stretch, open_ideas, at, until, end)
            at = until
        if end < whole:
            for idea in self.ideas:
                yield from _close(grid, region, idea, group, end)

    def _best(
        self, stretch: _Stretch, ideas: Sequence[IdeaState], at: int, until: int, end: int
    ) -> Iterator[tuple[int, str, Note]]:
        """Write one stretch, and let the ideas go on from the best of what was drawn."""
        grid, group = self.grid, stretch.group
        began = [idea.branch(idea.number, idea.rng) for idea in ideas]
        yield from self._draw(stretch, ideas, at, until, end)
        if grid.request.around or any(grid.request.controls_for(name).part_writing for name in group):
            return
        if not stretch.usual or any(idea.course is not None for idea in ideas):
            return  # nothing tells what is typical (fuller drawings would win), or a course is kept to
        judge = judge_of(grid, group, stretch.usual, self.plan, at, until, stretch.kit, stretch.chroma)
        found = list(ideas)
        kin = [idea.number % self.count for idea in ideas]
        wanted = sorted(set(kin))
        for heat in (*HEATS, 0.0):
            candidates = [candidate_of(idea, group, at, until) for idea in found]
            groups = [[i for i in range(len(found)) if self._alike or kin[i] == one] for one in wanted]
            choice = choose_ideas(candidates, judge, groups)
            if not heat or not choice.again:
                break
            again = []
            for one in range(len(wanted)):
                if self._alike or choice.picked[one] in choice.again:
                    base = began[kin.index(wanted[one])]
                    self._drawn_anew += 1
                    rng = np.random.default_rng([self._seed, 1000, self._drawn_anew])
                    again.append(base.branch(len(self.ideas) + one, rng, heat if choice.alike else 1.0))
                    kin.append(wanted[one])
            for _ in self._draw(stretch, again, at, until, end):
                pass
            found += again
        chosen = [found[place].branch(0, found[place].rng) for place in choice.picked]
        for idea in ideas:
            idea.follow(chosen[wanted.index(idea.number % self.count)])
        self._alike = False

    def _draw(
        self, stretch: _Stretch, ideas: Sequence[IdeaState], at: int, until: int, end: int
    ) -> Iterator[tuple[int, str, Note]]:
        """Write one stretch of every idea."""
        grid, cast = self.grid, stretch.cast
        jobs, shifts = [], []
        originals: list[Iterator[Note]] = []
        for idea in ideas:
            idea.nats = []
            job, shift = make_job(
                grid, cast, stretch.region, idea, at, until, end, stretch.usual, stretch.kit, stretch.chroma
            )  # fmt: skip
            jobs.append(job)
            shifts.append(shift)
            as_it_was = job.script is not None and job.voices is None
            originals.append(iter(stood_in(grid, stretch.group[0], at, until) if as_it_was else ()))
        for drawn in draw(self.runtime, jobs, self.cancel.check):
            idea, shift = ideas[drawn.alternative], shifts[drawn.alternative]
            name = cast.track_of(drawn.slot)
            original = next(originals[drawn.alternative], None)
            note, kept = exact_note(grid, stretch.levels, stretch.region, drawn, shift, name, original)
            if note is not None:
                idea.add(name, note, kept, drawn.confidence)
                idea.nats.append(drawn.nats)
                yield idea.number, name, note
        for idea, job in zip(ideas, jobs, strict=True):
            idea.closed = job.ended


def _last_bar(grid: GridScore, start: int, end: int) -> int:
    """The bar line (grid tick) at which the last bar of a gap begins; its end, if it is no longer than a bar."""
    inner = grid.bars.starts[(grid.bars.starts > start) & (grid.bars.starts < end)]
    return int(inner[-1]) if len(inner) else end


def _close(
    grid: GridScore, region: Region, idea: IdeaState, group: Sequence[str], line: int
) -> Iterator[tuple[int, str, Note]]:
    """Bring an idea to its end in the bar that begins at grid tick ``line``."""
    played = {name: [*_notes_of(grid, name), *idea.notes.get(name, ())] for name in group}
    for name, notes in ending(grid, played, grid.score_tick(line), region.end).items():
        yield from _copy(grid, region, idea, name, Kept(notes, []))


def _written_in(grid: GridScore, region: Region) -> list[str]:
    return [name for name in region.tracks if name in grid.filled]


def _form(grid: GridScore, region: Region, idea: IdeaState) -> Form:
    """The form of a long region; groups of tracks of one region share it."""
    key = (region.start, region.end)
    if key not in idea.forms:
        surprise = lean(grid.request.controls, "surprise", region.start)
        idea.forms[key] = Form.drawn(grid, *grid.span(region), surprise, idea.rng)
    return idea.forms[key]


def _notes_of(grid: GridScore, name: str) -> list[Note]:
    """Notes of a track that stay in the score."""
    gone = {note.id for note in grid.gone.get(name, ())}
    found = [track for track in grid.request.score.tracks if track.id == name]
    return [note for track in found for note in track.sorted_notes() if note.id not in gone]


def _copy(
    grid: GridScore, region: Region, idea: IdeaState, name: str, kept: Kept, end: int | None = None
) -> Iterator[tuple[int, str, Note]]:
    """Put kept notes into an idea, and close their stretches; they end by grid tick ``end`` (default: the region's)."""
    stop = region.end if end is None else min(region.end, grid.score_tick(end))
    kept = clipped(kept, None if grid.request.overhang and stop == region.end else stop)
    idea.kept.setdefault(name, []).extend(kept.closed)
    for note, known in zip(kept.notes, heard_as(kept, grid, grid.request.is_drum(name)), strict=True):
        idea.add(name, note, known, None)
        yield idea.number, name, note
