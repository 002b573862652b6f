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

from workbench.errors import BadFile
from workbench.tokens.voice_chords import N_PLACES, N_STATES

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_NAMES = ("start", "turn", "tone", "end")


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
        """The tables of a safetensors file; raises :class:`BadFile` if it holds none."""
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        try:
            tables = load_file(path)
            made = cls(*(-tables[name].astype(np.float64) / 16 for name in _NAMES))
        except (OSError, SafetensorError, ValueError, KeyError) as error:
            raise BadFile("The table of four-voice chords is missing or damaged; fetch it again.") from error
        shapes = (made.start.shape, made.turn.shape, made.tone.shape, made.end.shape)
        if shapes != ((N_STATES,), (N_PLACES, N_STATES, N_STATES), (N_STATES, 12), (12, N_STATES)):
            raise BadFile("The table of four-voice chords has the wrong shape; fetch it again.")
        return made

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
