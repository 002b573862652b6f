"""The grid of the networks: 12 ticks a beat, which holds sixteenths and triplets alike."""

from __future__ import annotations

import numpy as np

from workbench.training.corpora import DURATION, ONSET, PPQ, Piece

TICKS_PER_BEAT = 12


def to_grid(ticks: np.ndarray) -> np.ndarray:
    """Ticks at 480 a beat to the nearest grid tick (12 a beat), int32; halves go up."""
    step = PPQ // TICKS_PER_BEAT
    return np.asarray((np.asarray(ticks, np.int64) + step // 2) // step, np.int32)


def on_grid(notes: np.ndarray) -> np.ndarray:
    """A copy of notes (int32 [n, 6]) with onset and duration on the grid; durations at least 1."""
    out = notes.copy()
    out[:, ONSET] = to_grid(notes[:, ONSET])
    out[:, DURATION] = np.maximum(to_grid(notes[:, ONSET] + notes[:, DURATION]) - out[:, ONSET], 1)
    return out


def grid_notes(piece: Piece) -> np.ndarray:
    """The piece's notes with onset and duration on the grid, int32 [n, 6]; durations at least 1.

    Sorted by onset, program, pitch, and without doubles: of notes that share onset, program and pitch after rounding
    the longest stays.
    """
    notes = on_grid(piece.notes)
    notes = notes[np.lexsort((-notes[:, DURATION], notes[:, 2], notes[:, 4], notes[:, ONSET]))]
    same = (np.diff(notes[:, [ONSET, 4, 2]], axis=0) == 0).all(axis=1)
    return np.asarray(notes[np.concatenate([[True], ~same])] if len(notes) else notes)


def bar_positions(piece: Piece, onsets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bar number (from 0) and grid ticks since the bar's start for grid onsets, both int32 [n]."""
    bars = to_grid(piece.downbeats)
    index = np.clip(np.searchsorted(bars, onsets, side="right") - 1, 0, max(0, len(bars) - 1))
    return index.astype(np.int32), np.asarray(onsets - bars[index], np.int32)


def off_grid_share(piece: Piece, tolerance: float = 0.25) -> float:
    """Share of onsets further than ``tolerance`` grid ticks from the grid: how freely a piece was played."""
    if not len(piece.notes):
        return 0.0
    place = piece.notes[:, ONSET] / (PPQ / TICKS_PER_BEAT)
    return float((np.abs(place - np.round(place)) > tolerance).mean())
