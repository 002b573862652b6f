"""What the sampler asks of whoever bends its draws, and the answer of one who bends nothing."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from workbench.tokens import grid12 as g


class Steering(Protocol):
    """How wishes bend the draws; :class:`Neutral` bends nothing. Ticks are absolute grid ticks."""

    def temperature(self, head: str) -> float:
        """Temperature of ``time``, ``slot``, ``pitch``, ``duration`` or ``velocity``."""

    def top_p(self) -> float:
        """Probability mass that nucleus sampling keeps."""

    def time_bias(self, clock: int, end: int, recent: int) -> npt.NDArray[np.float64]:
        """Added to the logits of the time classes, float64 [98]; ``recent``: notes written in the last two beats."""

    def slot_bias(self, tick: int) -> npt.NDArray[np.float64]:
        """Added to the logits of the parts, float64 [12]."""

    def pitch_bias(self, slot: int, tick: int, before: int | None, repeats: int) -> npt.NDArray[np.float64]:
        """Added to the logits of the pitches, float64 [175].

        ``before`` is the highest key of the part's last onset, given for the first note of an onset alone;
        ``repeats`` is how many onsets in the gap have had it in a row.
        """


class Neutral:
    """No wishes: the network at one temperature."""

    def __init__(self, temperature: float = 1.0, top_p: float = 1.0) -> None:
        self._temperature, self._top_p = temperature, top_p

    def temperature(self, head: str) -> float:
        """The same for every head."""
        return self._temperature

    def top_p(self) -> float:
        """As given."""
        return self._top_p

    def time_bias(self, clock: int, end: int, recent: int) -> npt.NDArray[np.float64]:
        """None."""
        return np.zeros(g.N_TIME)

    def slot_bias(self, tick: int) -> npt.NDArray[np.float64]:
        """None."""
        return np.zeros(g.N_SLOT)

    def pitch_bias(self, slot: int, tick: int, before: int | None, repeats: int) -> npt.NDArray[np.float64]:
        """None."""
        return np.zeros(g.N_PITCH)
