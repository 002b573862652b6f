"""A number with its uncertainty: means and shares, with intervals by drawing the *people* anew (bootstrap).

One person's trials are alike, so they must not count as if they came from several people: whole persons are drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

DRAWS = 1_000
#: Percentiles of an interval that holds 95 %.
INTERVAL = (2.5, 97.5)
#: With fewer people than these an interval says nothing.
FEWEST_PEOPLE = 3


@dataclass(frozen=True)
class Estimate:
    """A figure, the interval that holds 95 % of what other people would have given, and on how much it rests.

    ``low`` and ``high`` are None with fewer than three people; ``count``: what the denominator counts.
    """

    value: float
    low: float | None
    high: float | None
    people: int
    count: float

    def to_json(self) -> dict[str, float | int | None]:
        """Plain JSON, rounded to six places."""
        rest = {"people": self.people, "count": round(self.count, 6)}
        return {"value": round(self.value, 6), "low": _short(self.low), "high": _short(self.high), **rest}


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def weights(people: int, seed: int = 0, draws: int = DRAWS) -> NDArray[np.float64]:
    """How often each person is drawn: shape (draws, people), each row adding up to ``people``."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(people, np.full(people, 1 / people), size=draws).astype(float)


def ratio(parts: Sequence[tuple[float, float]]) -> Estimate | None:
    """A share, or a mean, over all people: the sum of the numerators by the sum of the denominators.

    Args:
        parts: numerator and denominator of each person; people with a denominator of 0 are left out.

    Returns:
        None if nobody is left.
    """
    kept = np.array([part for part in parts if part[1] > 0], dtype=float)
    if not len(kept):
        return None
    value = float(kept[:, 0].sum() / kept[:, 1].sum())
    if len(kept) < FEWEST_PEOPLE:
        return Estimate(value, None, None, len(kept), float(kept[:, 1].sum()))
    sums = weights(len(kept)) @ kept
    low, high = np.percentile(sums[:, 0] / sums[:, 1], INTERVAL)
    return Estimate(value, float(low), float(high), len(kept), float(kept[:, 1].sum()))
