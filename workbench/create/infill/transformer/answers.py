"""An idea as the network that could have written it reads it: the rows of the gap with the notes as their answer.

What :mod:`workbench.create.infill.transformer.writing` shows the network before it draws a stretch is put together
here for notes that exist already, so that their probability can be told, or raised or lowered::

    windows = answer_windows(request, {"t1": notes})     # one a stretch; only the answer carries targets

Key, window, parts and wishes are those of a fill; limits, bans and biases on the draws are not the network's own and
are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from workbench.create.infill.around.expectation import Expectation
from workbench.create.infill.around.surroundings import Surroundings
from workbench.create.infill.transformer.bridge import Cast, GridScore, nearest
from workbench.create.infill.transformer.job import ROWS, IdeaState, make_job, stretch_end
from workbench.create.infill.transformer.model import groups_of
from workbench.hub.tasks.infill.request import InfillRequest
from workbench.score.score import Note, Region
from workbench.tokens import grid12 as g
from workbench.tokens import rows as r


def answer_windows(request: InfillRequest, notes: Mapping[str, Sequence[Note]], rows: int = ROWS) -> list[r.Arrays]:
    """The rows of an idea, a window for each stretch of each gap.

    Args:
        request: what was asked for.
        notes: the idea: new notes by track id, in ticks of the score.
        rows: about how many rows a window may have; the context farthest from the gap is left out.

    Returns:
        Arrays as :func:`workbench.tokens.rows.add_next` makes them; targets outside the answer are ``IGNORE``. Empty
        where the network does not write freely: a rhythm or a tune is kept, voices are led, something is varied.
    """
    if any(_bound(request, name) for region in request.regions for name in region.tracks):
        return []
    grid = GridScore(request)
    rng = np.random.default_rng(0)
    idea = IdeaState(0, rng, Expectation(Surroundings(request), request.controls, 0, rng, None))
    out = []
    for region, group in groups_of(request):
        cast = grid.cast(group)
        start, end = grid.span(region)
        idea.lines = {}
        at = start
        while at < end:
            until = stretch_end(grid, cast, at, end)
            job, shift = make_job(grid, cast, region, idea, at, until, end, {})
            answer, known = _answer(grid, cast, region, notes, (at, until), shift)
            out.append(_window(job.prompt, answer, rows, closed=until == end))
            for name, note, row in known:
                idea.add(name, note, row, None)
            at = until
    return out


def _bound(request: InfillRequest, name: str) -> bool:
    controls = request.controls_for(name)
    return bool(
        controls.keep_rhythm or controls.keep_pitches or controls.part_writing or controls.closeness is not None
    )


Known = list[tuple[str, Note, tuple[int, int, int, int]]]


def _answer(
    grid: GridScore, cast: Cast, region: Region, notes: Mapping[str, Sequence[Note]], span: tuple[int, int], shift: int
) -> tuple[r.Ints, Known]:
    """Notes of a stretch as the network writes them, and as an idea remembers them."""
    rows, known = [], []
    for name, note, tick in _inside(grid, cast, region, notes, span):
        drum = grid.request.is_drum(name)
        length = max(1, grid.tick(note.end) - grid.tick(note.start))
        here = int(g.model_pitch(np.array(note.pitch), np.array(drum), 0))
        there = here if drum else int(g.model_pitch(np.array(here), np.array(False), shift))
        loud = int(g.velocity_class(note.velocity))
        known.append((name, note, (tick, length, here, loud)))
        shown = g.UNKNOWN_VELOCITY if name in grid.plain else loud
        rows.append((tick, cast.slots[name], there, int(g.duration_class(length)), shown))
    return (r.sort_notes(np.array(rows, dtype=np.int64)) if rows else r.empty_notes()), known


def _inside(
    grid: GridScore, cast: Cast, region: Region, notes: Mapping[str, Sequence[Note]], span: tuple[int, int]
) -> Iterator[tuple[str, Note, int]]:
    for name in cast.filled:
        for note in sorted(notes.get(name, ()), key=lambda item: (item.start, -item.pitch)):
            tick = min(max(grid.tick(note.start), grid.span(region)[0]), grid.span(region)[1] - 1)
            if region.contains(name, note) and span[0] <= tick < span[1]:
                yield name, note, tick


def _window(prompt: r.Prompt, answer: r.Ints, rows: int, closed: bool) -> r.Arrays:
    """The rows of a prompt whose last gap is answered."""
    gap = prompt.gaps[-1]
    assert gap.end is not None
    room = max(0, rows - len(answer) - len(prompt.parts) - 4)
    context = nearest(prompt.context, gap.start, gap.end, room)
    surprise = np.zeros(len(context), dtype=bool)
    if prompt.surprise is not None and prompt.surprise.any():
        first_after = int(prompt.context[np.argmax(prompt.surprise), r.TICK])
        surprise[np.flatnonzero(context[:, r.TICK] >= first_after)[:1]] = True
    shown = replace(prompt, context=context, surprise=surprise, gaps=[replace(gap, notes=answer)])
    found = r.add_next(r.prompt_rows(shown))
    first = int(np.flatnonzero(found["kind"] == r.REGION_START)[-1])
    for name in [name for name in found if name.startswith("target_")]:
        found[name][:first] = r.IGNORE
    if not closed:  # the gap goes on in the next stretch, so nothing says that it ends here
        found["target_time"][-1] = r.IGNORE
    return found
