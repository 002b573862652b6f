"""What stays to the tick where music is varied or comes back: copied notes, and the stretches they close.

The time of a track is cut into units; in some of them notes are copied as they were, to the tick, and no other note
may begin there; the rest is left open to the network. A variation so keeps what a person wrote wherever it is not
changed, and a part that returns (:mod:`workbench.create.infill.transformer.form`) is recognised.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from workbench.create.infill.transformer.bridge import GridScore
from workbench.hub.tasks.infill.request import draft
from workbench.score.score import Note
from workbench.tokens import grid12 as g


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
    return copied(grid, stood, units, 0)


def copied(grid: GridScore, source: Sequence[Note], units: Sequence[tuple[int, int]], shift: int) -> Kept:
    """Copies of the source's notes, moved by ``shift`` score ticks, whose onset then lies in one of ``units``."""
    out = Kept(closed=list(units))
    for note in source:
        tick = grid.tick(note.start + shift)
        if any(start <= tick < end for start, end in units):
            out.notes.append(draft(note.start + shift, max(1, note.duration), note.pitch, note.velocity))
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
