"""The candidates of a request: how many are drawn, what each is judged by, and how the chosen ones go on.

Every idea that is asked for has one or more siblings. A stretch is drawn by all of them in one batch; then the best go
on, each with siblings of its own, so that a slip in one bar is not carried to the end. Where all began alike, in the
first stretch, any of them may become any idea.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from workbench.create.infill.around.expectation import Expectation
from workbench.create.infill.around.pace import Usual, usual
from workbench.create.infill.around.repeats import CHROMA, GROOVE, Foretold, by_bar, foretell, unit
from workbench.create.infill.around.wishes import lean
from workbench.create.infill.transformer.bridge import GridScore
from workbench.create.infill.transformer.choose import EXTRA, MOST_NOTES, Candidate, Judge, Part, in_a_row
from workbench.create.infill.transformer.form import LONG as LONG_GAP
from workbench.create.infill.transformer.job import IdeaState
from workbench.create.infill.transformer.levels import CROWD, density
from workbench.hub.tasks.infill.request import InfillRequest
from workbench.tokens import grid12 as g

#: Notes on each side of a gap that tell a part's register.
NEAR_NOTES = 48
#: How much fuller a gap is than the bars around it by and large, as pieces are thin at their ends: on 360 held-out
#: spans in nine forms 1.01 to 1.08.
FULLER = 1.04
#: Most siblings' notes beside those of one idea: of longer music each idea is drawn once, and outliers anew.
LONG = 700
#: Tracks written together from which on bars are held to what the bars around foretell of their pitch classes. On 12
#: held-out spans of six tracks and more it brings what is drawn .011 nearer to the composer's chroma (standard error
#: .005); on 14 of scores with two to four it took .007 (.010).
MANY = 5
_NONE = np.zeros((0, 6), dtype=np.int64)


def siblings(request: InfillRequest, grid: GridScore) -> int:
    """Candidates to draw beside the ideas that are asked for.

    None for voices, for notes around others, for what holds to a course of its own (variations and long gaps), and
    where nothing is around that tells what is typical.
    """
    if not any(len(grid.notes[name]) for name in grid.filled):
        return 0
    wishes = [request.controls_for(name) for name in grid.filled]
    if request.around or any(wish.part_writing or wish.closeness is not None for wish in wishes):
        return 0
    if any(goes_on(grid, *grid.span(region)) for region in request.regions):
        return 0
    notes = 0.0
    for region in request.regions:
        start, end = grid.span(region)
        notes += sum(density(grid, name) for name in request.fillable(region)) * (end - start) / g.TICKS
    if notes * request.count > LONG:
        return request.count if notes * request.count <= 2 * LONG else 0
    return int(np.clip(MOST_NOTES / max(1.0, notes) - request.count, 2, EXTRA))


def goes_on(grid: GridScore, start: int, end: int) -> bool:
    """Whether grid ticks [start, end) are the rest of a piece, or long: then what is written has a form to keep to."""
    onsets = np.concatenate([own[:, 0] for own in grid.notes.values()])
    inside = (grid.bars.starts >= start) & (grid.bars.starts < end)
    return bool(inside.sum() >= LONG_GAP or ((onsets < start).any() and not (onsets >= end).any()))


def usuals(grid: GridScore, names: Sequence[str], start: int, end: int) -> dict[str, Usual]:
    """How full tracks play around grid ticks [start, end), where that can be told and is to be kept to."""
    request, bars = grid.request, grid.bars.starts
    if request.around:
        return {}
    sounding = [own[-1, 0] for own in grid.notes.values() if len(own)]
    begun = [own[0, 0] for own in grid.notes.values() if len(own)]
    out = {}
    for name in names:
        controls = request.controls_for(name)
        if controls.part_writing or controls.keep_rhythm or controls.keep_pitches or not sounding:
            continue
        open_ = (bars[1:] > min(begun)) & (bars[:-1] <= max(sounding)) & _outside(grid, [name])
        if (found := usual(np.sort(grid.notes[name][:, 0]), bars, open_, start, end)) is not None:
            out[name] = replace(found, onsets=FULLER * found.onsets, notes=FULLER * found.notes)
    return out


def kit_around(grid: GridScore, names: Sequence[str], start: int, end: int) -> Foretold | None:
    """Strokes on each drum that the bars of grid ticks [start, end) may hold, if drums are among the tracks."""
    drums = [name for name in names if grid.programs[name][1]]
    if not drums or grid.request.around:
        return None
    own, bars = grid.notes[drums[0]], grid.bars.starts
    strokes = by_bar(own[:, 0], own[:, 2] - 128, np.ones(len(own)), bars, g.N_DRUM)
    return foretell(strokes, _outside(grid, drums), bars, *_bars(bars, start, end), GROOVE)


def chroma_around(grid: GridScore, start: int, end: int) -> Foretold | None:
    """What of each pitch class the bars of grid ticks [start, end) may hold, all tracks together; of many alone."""
    bars = grid.bars.starts
    own = np.concatenate([notes for name, notes in grid.notes.items() if not grid.programs[name][1]] or [_NONE])
    controls = [grid.request.controls_for(name) for name in grid.filled]
    if (
        len(grid.filled) < MANY
        or not len(own)
        or grid.request.around
        or grid.request.score.chords
        or any(wish.chords for wish in controls)
    ):
        return None  # notes are to fit others, or chords that a person wrote
    ends = bars[np.clip(np.searchsorted(bars, own[:, 0], "right"), 0, len(bars) - 1)]
    sounds = np.clip(ends - own[:, 0], 0, own[:, 1]).astype(np.float64)
    chroma = by_bar(own[:, 0], own[:, 2] % 12, sounds, bars, 12)
    return foretell(chroma, _outside(grid, list(grid.filled)), bars, *_bars(bars, start, end), CHROMA)


def _bars(bars: npt.NDArray[np.int64], start: int, end: int) -> tuple[int, int]:
    """Indices of the first bar of grid ticks [start, end) and of the one after the last."""
    first, last = int(np.searchsorted(bars, start, "right")) - 1, int(np.searchsorted(bars, end, "left"))
    return max(0, first), min(max(first + 1, last), len(bars) - 1)


def _outside(grid: GridScore, names: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Bars that no gap of these tracks touches, bool [bars]."""
    bars = grid.bars.starts
    out = np.ones(len(bars) - 1, dtype=bool)
    for region in grid.request.regions:
        if any(name in region.tracks for name in names):
            low, high = grid.span(region)
            out &= (bars[1:] <= low) | (bars[:-1] >= high)
    return out


def judge_of(
    grid: GridScore, names: Sequence[str], usuals: Mapping[str, Usual], plan: Expectation, start: int, end: int,
    kit: Foretold | None = None, chroma: Foretold | None = None,
) -> Judge:  # fmt: skip
    """What is typical of grid ticks [start, end) of tracks that are written together."""
    starts = grid.bars.starts
    lines = np.unique(np.concatenate([[start], starts[(starts > start) & (starts < end)], [end]]))
    expected = np.zeros((len(lines) - 1, 12))
    for bar in range(len(lines) - 1):
        beats = range(int(lines[bar]), int(lines[bar + 1]), g.TICKS)
        expected[bar] = np.mean([plan.chroma(grid.score_tick(beat)) for beat in beats], axis=0)
    if chroma is not None:
        expected = unit(expected) + chroma.bars(lines)
    parts = {name: _part(grid, name, usuals.get(name), start, end) for name in names}
    return Judge(lines, expected, parts, None if kit is None else kit.bars(lines))


def _part(grid: GridScore, name: str, usual: Usual | None, start: int, end: int) -> Part:
    controls = grid.request.controls_for(name)
    own = grid.notes[name]
    low, high = np.searchsorted(own[:, 0], (start, end))
    near = np.concatenate([own[max(0, low - NEAR_NOTES) : low], own[high : high + NEAR_NOTES]])
    moved = controls.register is not None or "register" in controls.curves or controls.pitch_low is not None
    moved = moved or controls.pitch_high is not None or len(near) < 12 or grid.programs[name][1]
    middle = grid.score_tick((start + end) // 2)
    if controls.closeness is not None or controls.max_notes is not None or controls.min_notes is not None:
        usual = None  # what stood there, or a number, is asked for
    return Part(
        usual, CROWD ** lean(controls, "density", middle),
        float(near[:, 2].mean()) if len(near) else 0.0, None if moved else float(near[:, 2].std()),
        in_a_row(near[:, :3]),
    )  # fmt: skip


def candidate_of(idea: IdeaState, names: Sequence[str], start: int, end: int) -> Candidate:
    """What an idea holds in grid ticks [start, end) of tracks."""
    notes = {
        name: np.array(
            sorted(row[:3] for row in idea.written.get(name, ()) if start <= row[0] < end), dtype=np.int64
        ).reshape(-1, 3)
        for name in names
    }  # fmt: skip
    return Candidate(notes, float(np.mean(idea.nats)) if idea.nats else 0.0)
