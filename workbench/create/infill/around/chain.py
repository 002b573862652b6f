"""A Markov chain with backing off, small enough to read in one go.

A chain is a table of counts: *after this, how often did that follow?* Music around a short gap is a small sample,
so a chain is asked with several contexts at once, the most precise first ("after a dotted quarter on beat two",
"on beat two", "anywhere"). Each is trusted as far as it has been seen, the rest of the trust passes to the next:
Witten-Bell interpolation (Witten and Bell, "The zero-frequency problem", IEEE Trans. Inf. Theory 37(4), 1991,
method C).

    >>> chain = Chain()
    >>> for before, after in zip("abab", "baba"):
    ...     chain.learn([before, None], after)
    >>> max(chain.chances(["a", None]).items(), key=lambda item: item[1])[0]
    'b'
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

import numpy as np

T = TypeVar("T", bound=Hashable)


class Chain(Generic[T]):
    """What follows what. ``contexts`` are always given from the most precise to the most general."""

    def __init__(self) -> None:
        self._counts: dict[Hashable, dict[T, float]] = {}

    def learn(self, contexts: Sequence[Hashable], outcome: T, weight: float = 1.0) -> None:
        """Count ``outcome`` once (or ``weight`` times) after each of ``contexts``."""
        for context in contexts:
            seen = self._counts.setdefault(context, {})
            seen[outcome] = seen.get(outcome, 0.0) + weight

    def chances(self, contexts: Sequence[Hashable]) -> dict[T, float]:
        """Probability of each outcome seen after any of ``contexts``; empty if nothing was ever learnt."""
        out: dict[T, float] = {}
        room = 1.0
        for context in contexts:
            seen = self._counts.get(context)
            if seen:
                total = sum(seen.values())
                trust = total / (total + len(seen))
                for outcome, count in seen.items():
                    out[outcome] = out.get(outcome, 0.0) + room * trust * count / total
                room *= 1.0 - trust
        return out


def draw(
    chances: Mapping[T, float],
    rng: np.random.Generator,
    *,
    temperature: float = 1.0,
    top_p: float = 1.0,
    bias: Callable[[T], float] | None = None,
) -> T | None:
    """Draw one outcome; None if none is possible.

    ``temperature`` below 1 sharpens, above 1 flattens; ``top_p`` keeps the likeliest outcomes that together reach
    this share (nucleus sampling, Holtzman et al. 2020); ``bias`` multiplies an outcome's chance (0 forbids it).
    """
    outcomes = list(chances)
    weights = np.array([chances[item] * (bias(item) if bias else 1.0) for item in outcomes], dtype=np.float64)
    index = draw_index(weights, rng, temperature=temperature, top_p=top_p)
    return None if index is None else outcomes[index]


def draw_index(
    weights: np.ndarray, rng: np.random.Generator, *, temperature: float = 1.0, top_p: float = 1.0
) -> int | None:
    """Draw an index of ``weights`` (float64 [n], at least 0, any sum); None if all are 0. See :func:`draw`."""
    top = float(weights.max(initial=0.0))
    if top <= 0.0:
        return None
    powered = (weights / top) ** (1.0 / temperature)
    if top_p < 1.0:
        order = np.argsort(-powered, kind="stable")
        reached = np.cumsum(powered[order]) / powered.sum()
        powered[order[int(np.searchsorted(reached, top_p)) + 1 :]] = 0.0
    edges = np.cumsum(powered)
    return int(np.searchsorted(edges, rng.random() * edges[-1], side="right").clip(0, len(weights) - 1))
