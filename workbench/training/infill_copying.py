"""Does a fill repeat its training music? Runs of twelve notes, compared without regard to key and rhythm."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from workbench.score import grid12 as g
from workbench.score import grid12_rows as r
from workbench.training import infill_windows

RUN = 12  #: notes in a run
_BASE = np.uint64(0x9E3779B97F4A7C15)


def runs(notes: np.ndarray) -> np.ndarray:
    """Hashes of all runs of twelve notes of each melodic part, by their eleven steps in semitones: uint64 [m].

    Notes of one moment follow each other from high to low. Runs with fewer than three different steps (repeated
    notes, trills, scales) are left out: they are nobody's.
    """
    out = [np.zeros(0, dtype=np.uint64)]
    for slot in np.unique(notes[:, r.SLOT]):
        pitches = notes[notes[:, r.SLOT] == slot, r.PITCH]
        if slot == g.DRUM_SLOT or len(pitches) < RUN:
            continue
        steps = np.lib.stride_tricks.sliding_window_view(np.diff(pitches), RUN - 1)
        ordered = np.sort(steps, axis=1)
        varied = (np.diff(ordered, axis=1) != 0).sum(axis=1) >= 2
        value = np.zeros(len(steps), dtype=np.uint64)
        for column in range(RUN - 1):
            value = (value ^ (steps[:, column] + 256).astype(np.uint64)) * _BASE
            value ^= value >> np.uint64(29)
        out.append(value[varied])
    return np.unique(np.concatenate(out))


def index(pieces: Sequence[infill_windows.GridPiece]) -> np.ndarray:
    """All runs of a collection, sorted: uint64 [m]."""
    return np.unique(np.concatenate([runs(piece.notes) for piece in pieces]))


def copies(notes: np.ndarray, known: np.ndarray, visible: np.ndarray) -> bool:
    """Whether ``notes`` hold a run of ``known`` that ``visible`` (what the model was shown) does not hold."""
    found = np.setdiff1d(runs(notes), runs(visible))
    place = np.minimum(np.searchsorted(known, found), max(0, len(known) - 1))
    return bool(len(known) and (known[place] == found).any())
