"""Where a voice articulates: syllables on one pitch are told apart by dips, and by how fast the timbre changes.

Candidates are the frames where the voice rises fastest; each gets the log odds of a syllable beginning there, from a
logistic regression on five measures. Its weights were fitted on synthetic voices
(:mod:`workbench.evaluation.sung_fit`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workbench.understand.pitchcurve import PitchCurve

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Names of the measures, in the order of the weights.
MEASURES = ("dip of the loudness", "dip of the upper bands", "change of timbre", "dip of the voicing", "vibrato")
WEIGHTS = np.array([0.55, 0.09, 0.33, 1.5, -3.0])
BIAS = -3.6
BEFORE, AFTER = 6, 4  #: frames in which a dip may lie before, and its end after, a candidate


def upper_level(curve: PitchCurve) -> Floats:
    """dB of the bands from 800 to 3,800 Hz together."""
    return np.asarray(10 * np.log10(np.sum(10 ** (curve.bands[:, 2:6] / 10), axis=1) + 1e-12))


def _windows(values: Floats, before: int, after: int) -> Floats:
    padded = np.pad(values, (before, after), mode="edge")
    return np.lib.stride_tricks.sliding_window_view(padded, before + after + 1)


def _dip(level: Floats) -> Floats:
    """How deep the deepest point just before a frame lies below what comes before and after it, in dB."""
    lowest = _windows(level, BEFORE, 0).min(axis=1)
    earlier = _windows(level, 2 * BEFORE, 0)[:, : BEFORE + 1].max(axis=1)
    later = _windows(level, 0, AFTER + 1).max(axis=1)
    return np.asarray(np.maximum(0.0, np.minimum(earlier, later) - lowest))


def measures(curve: PitchCurve, vibrato: Floats) -> tuple[Ints, Floats]:
    """The candidates' frames [n], and what is measured there [n, 5] (see :data:`MEASURES`).

    Args:
        curve: the voice.
        vibrato: float64 [frames], its depth in semitones.
    """
    frames = len(curve.midi)
    if frames < 4:
        return np.zeros(0, np.int64), np.zeros((0, len(MEASURES)))
    upper = upper_level(curve)
    floor = float(np.quantile(curve.loudness, 0.95)) - 50
    loud = np.maximum(curve.loudness, floor)
    bands = np.maximum(curve.bands[:, :6], curve.bands[:, :6].max(axis=0) - 45)
    change = np.zeros(frames)
    change[2:-1] = np.abs(bands[3:] - bands[:-3]).mean(axis=1)
    slope = np.zeros(frames)
    slope[2:-1] = (loud[3:] - loud[:-3]) + 0.5 * np.clip(upper[3:] - upper[:-3], -12, 12) + 0.5 * change[2:-1]
    top = _windows(slope, 3, 3).max(axis=1)
    at = np.flatnonzero((slope >= top) & (slope > 1.0))
    found = np.stack(
        [
            np.minimum(_dip(loud), 15.0),
            np.minimum(_dip(upper), 20.0),
            np.minimum(_windows(change, 3, 2).max(axis=1), 15.0),
            _windows(1 - curve.confidence, BEFORE, 1).max(axis=1),
            np.minimum(vibrato, 1.0),
        ],
        axis=1,
    )
    return at, np.asarray(found[at])


def articulation(curve: PitchCurve, vibrato: Floats) -> Floats:
    """Log odds [frames] of a syllable beginning, -10 where there is no candidate."""
    out = np.full(len(curve.midi), -10.0)
    at, found = measures(curve, vibrato)
    out[at] = np.clip(found @ WEIGHTS + BIAS, -10, 10)
    return out
