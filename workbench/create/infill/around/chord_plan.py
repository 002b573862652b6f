"""Chords for a tune that has none: a hidden Markov model over half bars.

After Simon, Morris and Basu, *MySong: automatic accompaniment generation for vocal melodies* (CHI 2008): what is sung
in a half bar is drawn from its chord, and a chord follows from the one before, more often at a bar line than inside a
bar. All in C: a tune is moved there by the major scale that fits it best, so a minor tune stands in A minor. The tables
were counted in songs by ``models/infill/train.py --chords``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from workbench.nets.tables import read_tables

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Kinds of chord by their tones above the root; a state is ``4 * root + kind``.
KINDS = ((0, 4, 7), (0, 4, 7, 10), (0, 3, 7), (0, 3, 6))
N_STATES = 12 * len(KINDS)
_SHAPES = {"start": (N_STATES,), "turn": (2, N_STATES, N_STATES), "tone": (N_STATES, 12)}
#: How much the tune says against the habit of progressions: exponent of a half bar that is sung throughout.
WEIGHT = 5.0
#: Loudness of root, third, fifth and seventh in a chord's chroma; a third and a fifth are doubled less than a root.
TONES = (1.2, 0.9, 0.9, 0.5)


@dataclass(frozen=True)
class ChordModel:
    """Log probabilities, float64: ``start`` [48]; ``turn`` [2, 48, 48] from a chord to the next, inside a bar and over
    a bar line; ``tone`` [48, 12] of what is sung over each chord."""

    start: Floats
    turn: Floats
    tone: Floats

    @classmethod
    def load(cls, path: Path) -> ChordModel:
        """The tables of a safetensors file; see :func:`workbench.nets.tables.read_tables`."""
        tables = read_tables(path, _SHAPES, "The infilling model's table of chords")
        return cls(**{name: np.log(table) for name, table in tables.items()})

    def progression(
        self, sung: Floats, on_bar: npt.NDArray[np.bool_], rng: np.random.Generator | None = None, heat: float = 1.0,
        tonic: int | None = None,
    ) -> tuple[int, Ints]:  # fmt: skip
        """The tonic (of the relative major) in which the tune is likeliest, and :meth:`chords` in that key.

        ``sung`` is as it sounds; the chords are in C. A ``tonic`` that is known need not be found.
        """
        if tonic is not None:
            return tonic, self.chords(np.roll(sung, -tonic, axis=1), on_bar, rng, heat)
        scores = [self._best(self._heard(np.roll(sung, -tonic, axis=1)), on_bar)[0].max() for tonic in range(12)]
        tonic = int(np.argmax(scores))
        return tonic, self.chords(np.roll(sung, -tonic, axis=1), on_bar, rng, heat)

    def _heard(self, sung: Floats) -> Floats:
        """Log likelihood of every half bar under every chord, float64 [n, 48]."""
        return np.asarray(WEIGHT * (sung / np.maximum(1.0, sung.sum(axis=1, keepdims=True))) @ self.tone.T)

    def _best(self, heard: Floats, on_bar: npt.NDArray[np.bool_]) -> tuple[Floats, Ints]:
        """Scores of the best progressions by last chord, and where each chord of them came from (Viterbi)."""
        best = self.start + heard[0]
        came = np.zeros(heard.shape, dtype=np.int64)
        for at in range(1, len(heard)):
            ways = best[:, None] + self.turn[int(on_bar[at])]
            came[at] = ways.argmax(axis=0)
            best = ways.max(axis=0) + heard[at]
        return best, came

    def chords(
        self, sung: Floats, on_bar: npt.NDArray[np.bool_], rng: np.random.Generator | None = None, heat: float = 1.0
    ) -> Ints:
        """The likeliest chord of every half bar, int64 [n]; with ``rng`` a drawing from all likely progressions.

        Args:
            sung: what is sung in each, float64 [n, 12]: share of the half bar that each pitch class (in C) sounds.
            on_bar: whether it begins a bar, bool [n].
            heat: temperature of the drawing.
        """
        heard = self._heard(sung)
        if rng is not None:
            return self._drawn(heard / heat, on_bar, rng, heat)
        best, came = self._best(heard, on_bar)
        out = np.zeros(len(heard), dtype=np.int64)
        for at in range(len(heard) - 1, -1, -1):
            out[at] = best.argmax() if at == len(heard) - 1 else came[at + 1][out[at + 1]]
        return out

    def _drawn(self, heard: Floats, on_bar: npt.NDArray[np.bool_], rng: np.random.Generator, heat: float) -> Ints:
        """Forward filtering, backward sampling."""
        count = len(heard)
        forward = np.zeros((count, N_STATES))
        turn = self.turn / heat
        for at in range(count):
            before = self.start / heat if at == 0 else _log_sum(forward[at - 1][:, None] + turn[int(on_bar[at])])
            forward[at] = before + heard[at]
            forward[at] -= forward[at].max()
        out = np.zeros(count, dtype=np.int64)
        for at in range(count - 1, -1, -1):
            odds = forward[at] + (turn[int(on_bar[at + 1])][:, out[at + 1]] if at < count - 1 else 0.0)
            odds = np.exp(odds - odds.max())
            out[at] = rng.choice(N_STATES, p=odds / odds.sum())
        return out


def _log_sum(values: Floats) -> Floats:
    top = values.max(axis=0)
    return np.asarray(top + np.log(np.exp(values - top).sum(axis=0)))


def chroma_of(state: int) -> Floats:
    """A chord's tones, float64 [12] with sum 1, in C."""
    out = np.zeros(12)
    root, kind = divmod(state, len(KINDS))
    for step, loud in zip(KINDS[kind], TONES, strict=False):
        out[(root + step) % 12] = loud
    return np.asarray(out / out.sum())
