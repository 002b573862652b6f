"""Does a fill repeat its training music? Runs of twelve notes, compared without regard to key and rhythm."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from workbench.tokens import grid12 as g
from workbench.tokens import rows as r
from workbench.tokens.runs import part_runs
from workbench.training import forms
from workbench.training.grid_pieces import GridPiece
from workbench.training.infill_bits import Span


def runs(notes: np.ndarray) -> np.ndarray:
    """Hashes of all runs of twelve notes of each melodic part (:mod:`workbench.tokens.runs`): uint64 [m]."""
    parts = [np.zeros(0, dtype=np.uint64)]
    parts += [
        part_runs(notes[notes[:, r.SLOT] == slot, r.PITCH])
        for slot in np.unique(notes[:, r.SLOT])
        if slot != g.DRUM_SLOT
    ]
    return np.unique(np.concatenate(parts))


def index(pieces: Sequence[GridPiece]) -> np.ndarray:
    """All runs of a collection, sorted: uint64 [m]."""
    return np.unique(np.concatenate([runs(piece.notes) for piece in pieces]))


def index_in_forms(pieces: Sequence[GridPiece]) -> np.ndarray:
    """All runs of a collection as it is and as the network also meets it, merged and as two hands: uint64 [m]."""
    return np.unique(
        np.concatenate([index([*(f(piece) for piece in pieces)]) for f in (_same, forms.merged, forms.split)])
    )


def _same(piece: GridPiece) -> GridPiece:
    return piece


def copies(notes: np.ndarray, known: np.ndarray, visible: np.ndarray) -> bool:
    """Whether ``notes`` hold a run of ``known`` that ``visible`` (what the model was shown) does not hold."""
    found = np.setdiff1d(runs(notes), runs(visible))
    place = np.minimum(np.searchsorted(known, found), max(0, len(known) - 1))
    return bool(len(known) and (known[place] == found).any())


def report(spans: Sequence[Span], fill: Callable[[Span, int], np.ndarray], known: np.ndarray) -> dict[str, Any]:
    """Share of fills, and of the true music of the same spans, that hold a training run which the piece does not."""
    made = true = 0
    for number, span in enumerate(spans):
        notes = span.piece.notes
        hidden = (notes[:, r.TICK] >= span.start) & (notes[:, r.TICK] < span.end)
        true += copies(notes[hidden], known, notes[~hidden])
        made += copies(fill(span, number), known, notes[~hidden])
    count = max(1, len(spans))
    return {"fills": len(spans), "written": round(made / count, 4), "truth": round(true / count, 4)}
