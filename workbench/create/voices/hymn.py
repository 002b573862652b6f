"""Chords under a slow tune, beat by beat and with their basses: what four-voice writing usually does.

A state is a chord with a bass (:mod:`workbench.tokens.voice_chords`). Tables of which state follows which, and of what
is sung over each, were counted in works for four voices by ``workbench/training/voice_counts.py``; all of them lie in
C (a tune in minor in A minor).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from workbench.nets.tables import read_tables
from workbench.tokens.voice_chords import N_PLACES, N_STATES

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_SHAPES = {
    "start": (N_STATES,), "turn": (N_PLACES, N_STATES, N_STATES), "tone": (N_STATES, 12), "end": (12, N_STATES),
}  # fmt: skip


@dataclass(frozen=True)
class HymnModel:
    """Log probabilities, float64: ``start`` [states]; ``turn`` [4 places, states, states] from a state to the one
    after it by the place of the second; ``tone`` [states, 12] of what is sung where a chord begins; ``end`` [12,
    states] of the last chord by the pitch class of the tune's last note."""

    start: Floats
    turn: Floats
    tone: Floats
    end: Floats

    @classmethod
    def load(cls, path: Path) -> HymnModel:
        """The tables of a safetensors file; see :func:`workbench.nets.tables.read_tables`."""
        tables = read_tables(path, _SHAPES, "The table of four-voice chords")
        return cls(**{name: -table / 16 for name, table in tables.items()})

    def moved(self, tonic: int) -> HymnModel:
        """The same in another key: ``tonic`` is the pitch class of the (relative) major scale's first note."""
        per_root = N_STATES // 12
        way = np.roll(np.arange(N_STATES).reshape(12, per_root), tonic, axis=0).ravel()
        return HymnModel(
            self.start[way],
            self.turn[:, way][:, :, way],
            np.roll(self.tone[way], tonic, axis=1),
            np.roll(self.end[:, way], tonic, axis=0),
        )
