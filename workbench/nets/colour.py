"""How a recording sounds as a whole, and a guess at who plays: the spectrum's colour, and logistic regressions over it.

The colour is the mean, the spread and the restlessness of bands of three semitones over all that sounds. What music it
may be is guessed from figures of its notes (how many, how high, how long, how even). Fitted by
:mod:`workbench.training.tags_fit`; the odds are those of scenes that nobody mixed by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from workbench.nets.listen_spectrum import BINS
from workbench.nets.tables import read_tables

Floats = npt.NDArray[np.float32]

#: Bins of a band, and the number of bands.
WIDTH = 9
BANDS = -(-BINS // WIDTH)
N_COLOUR = 3 * BANDS
#: A frame sounds if its loudest bin is above this (0 to 1 is 60 decibels).
SOUNDS = 0.3
#: Families of instruments, and the General MIDI programs of each; drums have none.
FAMILIES: dict[str, tuple[range, ...]] = {
    "piano": (range(0, 8),), "mallets": (range(8, 16),), "organ": (range(16, 24),), "guitar": (range(24, 32),),
    "bass": (range(32, 40),), "strings": (range(40, 46), range(48, 52)), "voices": (range(52, 55),),
    "brass": (range(56, 64),), "woodwind": (range(64, 80),), "synthesizer": (range(80, 104),),
    "harp": (range(46, 47),), "drums": (),
}  # fmt: skip
GENRES = ("pop", "classical", "folk", "rock")
#: Numbers of :func:`figures`.
N_FIGURES = 14
FILE = "tags.safetensors"


class Colour:
    """Sums over blocks of a spectrum, read once all have been added."""

    def __init__(self) -> None:
        """Nothing heard yet."""
        self._count = 0
        self._sums = np.zeros((3, BANDS))

    def add(self, rows: Floats) -> None:
        """Add frames [n, BINS] of a spectrum as the listening network has it."""
        if len(rows) < 2:
            return
        padded = np.pad(rows, ((0, 0), (0, BANDS * WIDTH - BINS)), mode="edge")
        bands = np.maximum(padded.reshape(len(rows), BANDS, WIDTH).mean(axis=2), 0.0)
        loud = rows.max(axis=1) > SOUNDS
        restless = np.abs(np.diff(bands, axis=0, prepend=bands[:1]))
        bands, restless = bands[loud], restless[loud]
        self._count += len(bands)
        self._sums += [bands.sum(axis=0), np.square(bands).sum(axis=0), restless.sum(axis=0)]

    def read(self) -> Floats:
        """Mean, spread and restlessness of each band, float32 [N_COLOUR]; zeros where nothing sounded."""
        mean, square, restless = self._sums / max(1, self._count)
        spread = np.sqrt(np.maximum(square - mean**2, 0.0))
        return np.concatenate([mean, 2 * spread, 8 * restless]).astype(np.float32)


def figures(notes: npt.NDArray, strokes: npt.NDArray, seconds: float) -> Floats:
    """What the notes are like, float32 [N_FIGURES].

    Args:
        notes: pitched, [n, 4]: start and end in seconds, pitch, velocity.
        strokes: of drums, [m]: seconds.
    """
    out = np.zeros(N_FIGURES, np.float32)
    seconds = max(seconds, 1.0)
    out[0], out[1] = np.log1p(len(strokes) / seconds), min(1.0, len(strokes) / seconds)
    if not len(notes):
        return out
    start, end, pitch, velocity = np.asarray(notes, np.float64).T
    order = np.argsort(start)
    gaps = np.diff(start[order])
    apart = gaps[gaps > 0.03]
    held = np.bincount(pitch.astype(int) % 12, np.minimum(end - start, 2.0), minlength=12)
    share = held / max(float(held.sum()), 1e-9)
    lengths = end - start
    covered = sum(min(1.0, length) for length in lengths) / seconds
    out[2:] = [
        np.log1p(len(notes) / seconds), np.log1p(lengths.sum() / seconds), np.log(np.median(lengths) + 0.02),
        (pitch.mean() - 60) / 12, pitch.std() / 12, float((pitch < 48).mean()), float((pitch > 76).mean()),
        float((gaps <= 0.03).mean()) if len(gaps) else 0.0,
        float(apart.std() / apart.mean()) if len(apart) > 1 else 0.0,
        velocity.std() / 32, float(-(share[share > 0] * np.log(share[share > 0])).sum()), np.log1p(covered),
    ]  # fmt: skip
    return out


class TagsRuntime:
    """The loaded regressions. Read-only after construction."""

    def __init__(self, tables: Mapping[str, npt.NDArray]) -> None:
        """Takes the tables of ``tags.safetensors``: of families and genres, weights, bias, and the mean and spread
        of what they are told, and for each tag how often it was right when it was said (``hits``)."""
        self.w = {name: np.asarray(value, np.float64) for name, value in tables.items()}

    @classmethod
    def load(cls, folder: Path) -> TagsRuntime:
        """Read ``tags.safetensors`` of a model folder; raises :class:`BadFile` if it cannot."""
        return cls(read_tables(folder / FILE, shapes(), "The table that guesses instruments"))

    def families(self, colour: Floats) -> npt.NDArray[np.float64]:
        """Odds that each family plays, float64 [families], each 0 to 1."""
        return np.asarray(1 / (1 + np.exp(-self._logits("family", colour))))

    def genres(self, told: Floats) -> npt.NDArray[np.float64]:
        """Odds of each genre, float64 [genres], 1 in all."""
        logits = self._logits("genre", told)
        odds = np.exp(logits - logits.max())
        return np.asarray(odds / odds.sum())

    def _logits(self, name: str, told: Floats) -> npt.NDArray[np.float64]:
        scaled = (told - self.w[f"{name}.mean"]) / self.w[f"{name}.spread"]
        return np.asarray(np.clip(scaled, -4, 4) @ self.w[f"{name}.weights"] + self.w[f"{name}.bias"])


def shapes() -> dict[str, tuple[int, ...]]:
    """Every table and its shape."""
    out: dict[str, tuple[int, ...]] = {}
    for name, told, said in (("family", N_COLOUR, len(FAMILIES)), ("genre", N_FIGURES, len(GENRES))):
        out |= {f"{name}.weights": (told, said), f"{name}.bias": (said,), f"{name}.mean": (told,)}
        out |= {f"{name}.spread": (told,), f"{name}.hits": (said,), f"{name}.threshold": (said,)}
    return out
