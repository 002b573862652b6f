"""Held-out pieces of many kinds, for what is asked of whole pieces: going on, and varying."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from workbench.evaluation.form_spans import held_out
from workbench.tokens import grid12 as g
from workbench.tokens import rows as r
from workbench.training import forms
from workbench.training.grid_pieces import GridPiece

OPENING = 8  #: bars that are shown
#: Bars that a piece has at the least; shorter ones tell little.
LEAST = OPENING + 16

Shape = Callable[[GridPiece], GridPiece | None]


def _as_it_is(piece: GridPiece) -> GridPiece:
    return piece


def _sheet(piece: GridPiece) -> GridPiece | None:
    found = forms.lead_sheet(piece)
    return found if len(np.unique(found.notes[:, r.SLOT])) == 2 else None


def _played(piece: GridPiece) -> GridPiece:
    number = int.from_bytes(hashlib.sha256(piece.id.encode()).digest()[:4], "big")
    return forms.played(forms.merged(piece), np.random.default_rng(number))


#: Sets by name: what makes a piece of it, and the corpus whose held-out pieces it is made of.
SETS: dict[str, tuple[Shape, str]] = {
    "pop, tracks apart": (_as_it_is, "pop909_main"),
    "pop, merged": (forms.merged, "pop909_main"),
    "pop, played": (_played, "pop909_main"),
    "pop with drums": (_as_it_is, "pop909_drums"),
    "quartets": (_as_it_is, "quartets"),
    "lieder": (_as_it_is, "lieder"),
    "game music": (_as_it_is, "freedoom"),
    "lead sheets": (_sheet, "ewld"),
    "folk tunes": (_as_it_is, "folk"),
    "drums alone": (forms.drums_alone, "groove"),
}


def pieces_in(name: str, count: int) -> list[GridPiece]:
    """Up to ``count`` held-out pieces of a set that are long enough, one a work; each from its first full bar on."""
    shape, corpus = SETS[name]
    out: list[GridPiece] = []
    works: set[str] = set()
    for piece in held_out(corpus):
        found = shape(piece)
        if found is None or found.work in works or not len(found.notes):
            continue
        first = max(0, int(np.searchsorted(found.bars.starts, found.notes[0, r.TICK], side="right")) - 1)
        lines = found.bars.starts[first:]
        last = int(np.searchsorted(lines, found.notes[-1, r.TICK], side="right"))
        opening = between(found.notes, int(lines[0]), int(lines[min(OPENING, len(lines) - 1)]))
        if last < LEAST or len(opening) < 2 * OPENING:
            continue
        works.add(found.work)
        out.append(replace(found, bars=g.Bars(lines[: last + 1])))
        if len(out) == count:
            break
    return out


def between(notes: np.ndarray, start: int, end: int) -> np.ndarray:
    """Notes with onsets in ticks [start, end), int64 [n, 5]."""
    return np.asarray(notes[(notes[:, r.TICK] >= start) & (notes[:, r.TICK] < end)])


def shuffled(notes: np.ndarray, lines: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The bars between ``lines`` in another order; notes beyond the length of the bar that they come to are lost."""
    parts = [r.empty_notes()]
    for place, source in enumerate(rng.permutation(len(lines) - 1)):
        inside = between(notes, int(lines[source]), int(lines[source + 1])).copy()
        inside[:, r.TICK] += lines[place] - lines[source]
        parts.append(inside[inside[:, r.TICK] < lines[place + 1]])
    return r.sort_notes(np.concatenate(parts))
