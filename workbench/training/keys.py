"""Key normalisation: the transposition that puts music into the white keys.

Networks that see every piece in C (or its relative minor) learn key at a fraction of the cost; see the measured
gain on the infilling card. The best-fit major scale needs no notion of mode.
"""

from __future__ import annotations

import numpy as np

from workbench.training.corpora import DRUMS, DURATION, PITCH, PROGRAM

MAJOR_SCALE = (0, 2, 4, 5, 7, 9, 11)


def pitch_class_weights(notes: np.ndarray) -> np.ndarray:
    """How long each pitch class sounds, float64 [12], from int32 [n, 6] notes; drums do not count."""
    pitched = notes[notes[:, PROGRAM] != DRUMS]
    return np.bincount(pitched[:, PITCH] % 12, weights=np.maximum(pitched[:, DURATION], 1), minlength=12)


def best_major(weights: np.ndarray) -> tuple[int, float]:
    """Tonic (0 = C) of the major scale that holds most of the weight, and its share (0 to 1).

    Of equally good scales the one with the heavier tonic triad and relative minor triad wins.
    """
    total = float(weights.sum())
    if total <= 0:
        return 0, 0.0
    rolled = np.stack([np.roll(weights, -tonic) for tonic in range(12)])
    inside = rolled[:, list(MAJOR_SCALE)].sum(axis=1)
    triads = rolled[:, [0, 4, 7, 9]].sum(axis=1)
    tonic = int(np.argmax(inside + 1e-3 * triads))
    return tonic, float(inside[tonic] / total)


def normalising_shift(notes: np.ndarray) -> int:
    """Semitones (-6 to 5) to add to every pitch so that the best-fit major scale becomes C major."""
    tonic, _ = best_major(pitch_class_weights(notes))
    return -tonic if tonic <= 6 else 12 - tonic


def in_key_share(pitches: np.ndarray) -> float:
    """Share of notes inside their best-fit major scale (every note counts once)."""
    return best_major(np.bincount(np.asarray(pitches, np.int64) % 12, minlength=12).astype(np.float64))[1]


def pitch_class_entropy(pitches: np.ndarray) -> float:
    """Entropy of the pitch classes in bits, 0 to 3.585."""
    counts = np.bincount(np.asarray(pitches, np.int64) % 12, minlength=12).astype(np.float64)
    share = counts[counts > 0] / max(1.0, counts.sum())
    return float(-(share * np.log2(share)).sum())
