"""Which tones and basses are likely under a tune where its chords are not known, half bar by half bar.

A tune allows several chords, and the likeliest has the song's root only half of the time. A tone that most of the
likely chords share is right more often than any one of them is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.create.voices.slots import Slot
from workbench.tokens import voice_chords as vc

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
#: What the bass counts after the first slot of a span, against there.
GOES_ON = 0.1


@dataclass(frozen=True)
class Likely:
    """Probabilities over spans of a piece.

    ``edges``: ticks, int64 [n + 1], ascending; ``tones``: that a pitch class is a tone of the chord, float64 [n, 12];
    ``basses``: that it is the chord's root or its bass, the mean of both, float64 [n, 12].
    """

    edges: Ints
    tones: Floats
    basses: Floats

    def under(self, slots: Sequence[Slot]) -> tuple[Floats, Floats]:
        """Tones and basses of every slot, taken at its middle: float64 [slots, 12] each.

        Where a span goes on, its bass counts less (:data:`GOES_ON`): a bass that has said the chord may move.
        """
        middles = [(slot.start + slot.end) // 2 for slot in slots]
        at = np.clip(np.searchsorted(self.edges, middles, side="right") - 1, 0, len(self.tones) - 1)
        begins = np.diff(at, prepend=-1) != 0
        return self.tones[at], self.basses[at] * np.where(begins, 1.0, GOES_ON)[:, None]


def worth(tones: Floats, basses: Floats, of_tones: float, of_bass: float) -> Floats:
    """What every state of :data:`vc.STATES` is worth in every slot, float64 [slots, states], in nats.

    Args:
        tones, basses: of :meth:`Likely.under`.
        of_tones: nats of a chord all of whose tones are surely right, ``of_bass``: of a bass that surely is.
    """
    shares = tones @ vc.TONES.T / vc.TONES.sum(axis=1)
    return np.asarray(of_tones * shares + of_bass * basses[:, vc.BASS])
