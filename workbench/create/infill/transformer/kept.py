"""Music that comes back: what stood in a gap when it is varied, and earlier bars when a long piece returns to them.

Both work alike. The time of a track is cut into units; in most of them notes are copied as they were, to the tick, and
no other note may begin there; the rest is left open to the network. A variation so keeps what a person wrote wherever
it is not changed, and a part that returns is recognised.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from workbench.create.infill.transformer.bridge import GridScore
from workbench.hub.tasks.infill.request import draft
from workbench.score.score import Note
from workbench.tokens import grid12 as g

#: Of a part that returns this share of the half bars is the same again; the last bar leads on and is new.
RETURNING = 0.8
PHRASE = 8  #: bars in a part of a long piece
#: Gaps of at least so many bars have a form.
LONG = 12
#: An accompaniment returns only where this share of what it accompanies is the same again.
SAME = 0.8
#: Chance that the next part returns to an earlier one.
RECALL = 0.62


@dataclass
class Kept:
    """Copied notes and the closed stretches of one track.

    ``notes``: exact drafts (score ticks); ``closed``: grid ticks [start, end) in which nothing else may begin.
    """

    notes: list[Note] = field(default_factory=list)
    closed: list[tuple[int, int]] = field(default_factory=list)


def varied(grid: GridScore, name: str, span: tuple[int, int], closeness: int, rng: np.random.Generator) -> Kept:
    """What stays of the notes that stood in grid ticks ``span`` of a track, by beats; at least one beat is open.

    Beats off which nobody hears the difference first (weak ones) are likelier to change.
    """
    start, end = span
    stood = grid.gone.get(name, [])
    if not stood:
        return Kept()
    edges = [*range(start - start % g.TICKS, end, g.TICKS), end]
    _, position, _ = grid.bars.locate(np.array(edges[:-1]))
    firm = rng.random(len(edges) - 1) + 0.35 * (position == 0)
    count = min(len(firm) - 1, round(closeness / 100 * len(firm)))
    chosen = set(np.argsort(-firm, kind="stable")[:count].tolist())
    units = [(max(start, edges[i]), edges[i + 1]) for i in sorted(chosen)]
    return _copied(grid, stood, units, 0)


def _copied(grid: GridScore, source: Sequence[Note], units: Sequence[tuple[int, int]], shift: int) -> Kept:
    """Copies of the source's notes, moved by ``shift`` score ticks, whose onset then lies in one of ``units``."""
    out = Kept(closed=list(units))
    for note in source:
        tick = grid.tick(note.start + shift)
        if any(start <= tick < end for start, end in units):
            out.notes.append(draft(note.start + shift, max(1, note.duration), note.pitch, note.velocity))
    return out


@dataclass(frozen=True)
class Part:
    """A part of a long gap: grid ticks [start, end), and the tick at which the part begins that it returns to."""

    start: int
    end: int
    source: int | None


class Form:
    """Which parts of a long gap return to which earlier parts: drawn once an idea.

    The oldest part is the likeliest to come back, as a hook does; the last one returns to it, so that a piece ends
    where it began.
    """

    def __init__(self, grid: GridScore, start: int, end: int, surprise: float, rng: np.random.Generator) -> None:
        """``surprise`` -1.0 (like before) to 1.0 (surprise me)."""
        self.parts: list[Part] = []
        lines = grid.bars.starts
        first, last = (int(x) for x in np.searchsorted(lines, (start, end)))
        if last - first < LONG or first >= len(lines) or lines[first] != start:
            return
        played = int(np.searchsorted(lines, _first_onset(grid), side="right")) - 1
        length = PHRASE if first - played >= PHRASE or first - played < PHRASE // 2 else PHRASE // 2
        known = [int(lines[at]) for at in range(first - length, max(played, 0) - 1, -length)][::-1]
        places = list(range(first, last, length))
        for number, at in enumerate(places):
            here, after = int(lines[at]), int(lines[min(at + length, last)])
            source = None
            closing = number == len(places) - 1 and len(places) > 1
            if known and (closing or rng.random() < RECALL * (1.0 - max(0.0, surprise)) + 0.2 * max(0.0, -surprise)):
                weights = np.ones(len(known))
                weights[0] += 1.0
                weights[-1] -= 0.4
                source = known[0] if closing else known[int(rng.choice(len(known), p=weights / weights.sum()))]
                if not _alike(grid, source, here, after):
                    source = None
            self.parts.append(Part(here, after, source))
            known.append(here)

    def at(self, tick: int) -> Part | None:
        """The part in which a grid tick lies."""
        return next((part for part in self.parts if part.start <= tick < part.end), None)

    def returned(self, grid: GridScore, part: Part, source: Sequence[Note], rng: np.random.Generator) -> Kept:
        """What comes back of a track's ``source`` notes (the score's and the idea's so far) in the part."""
        if part.source is None:
            return Kept()
        shift = grid.score_tick(part.start) - grid.score_tick(part.source)
        return _copied(grid, source, list(_half_bars(grid, part, rng)), shift)


def _half_bars(grid: GridScore, part: Part, rng: np.random.Generator) -> Iterator[tuple[int, int]]:
    """The half bars of a part that return; the last bar of several leads on to something else."""
    lines = [int(line) for line in grid.bars.starts if part.start <= line < part.end] + [part.end]
    for number, (line, after) in enumerate(itertools.pairwise(lines)):
        middle = line + (after - line) // 2
        leads_on = number == len(lines) - 2 and number > 0
        for unit in ((line, middle), (middle, after)):
            if unit[1] > unit[0] and not leads_on and rng.random() < RETURNING:
                yield unit


def _first_onset(grid: GridScore) -> int:
    onsets = [int(notes[0, 0]) for notes in grid.notes.values() if len(notes)]
    return min(onsets, default=0)


def _alike(grid: GridScore, source: int, start: int, end: int) -> bool:
    """Whether the bars from ``source`` on are as long as those of [start, end), and what is given there is the same."""
    own, other = _given(grid, start, end, start), _given(grid, source, source + end - start, source)
    if own and len(own & other) < SAME * len(own | other):
        return False
    lines = grid.bars.starts
    here = lines[(lines >= start) & (lines <= end)] - start
    there = lines[(lines >= source) & (lines <= source + end - start)] - source
    return len(here) == len(there) and bool((here == there).all())


def _given(grid: GridScore, start: int, end: int, origin: int) -> set[tuple[str, int, int]]:
    """What tracks that nobody fills play in [start, end): track, onset from ``origin``, pitch."""
    out = set()
    for name, notes in grid.notes.items():
        if name not in grid.filled:
            low, high = np.searchsorted(notes[:, 0], (start, end))
            out |= {(name, int(tick) - origin, int(pitch)) for tick, pitch in notes[low:high][:, [0, 2]]}
    return out


def heard_as(kept: Kept, grid: GridScore, drum: bool) -> list[tuple[int, int, int, int]]:
    """Kept notes as the grid has them: tick, length, model pitch before the shift, velocity class."""
    out = []
    for note in kept.notes:
        tick = grid.tick(note.start)
        pitch = int(g.model_pitch(np.array(note.pitch), np.array(drum), 0))
        out.append((tick, max(1, grid.tick(note.end) - tick), pitch, int(g.velocity_class(note.velocity))))
    return out


def clipped(kept: Kept, end: int | None) -> Kept:
    """Kept notes that end by score tick ``end`` (None: they may hang over)."""
    if end is None:
        return kept
    fitting = [
        replace(note, duration=max(1, min(note.end, end) - note.start)) for note in kept.notes if note.start < end
    ]
    return Kept(fitting, kept.closed)
