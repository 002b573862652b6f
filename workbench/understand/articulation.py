"""Where a voice articulates: syllables on one pitch are told apart by dips, and by how fast the timbre changes.

Levels are measured above the background: each band counts only as far as it rises above its own noise, so that a
short silence is seen through noise that is as loud as the voice. Candidates are the frames where the voice rises
fastest; each gets the log odds of a syllable beginning there, from a logistic regression on six measures. Its
weights were fitted on synthetic voices (:mod:`workbench.evaluation.sung_fit`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.understand.pitchcurve import EDGES, PitchCurve

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Names of the measures, in the order of the weights.
MEASURES = (
    "dip of the loudness", "dip of the upper bands", "change of timbre", "there and back", "dip of the voicing",
    "vibrato",
)  # fmt: skip
WEIGHTS = np.array([0.5, 0.14, 0.38, 0.38, 0.0, -2.5])
BIAS = -8.2
BEFORE, AFTER = 6, 4  #: frames in which a dip may lie before, and its end after, a candidate
REACH = 5  #: frames from a consonant to the vowels around it
RANGE = 45.0  #: dB below a band's loudest frames under which nothing counts
UPPER = int(np.searchsorted(EDGES, 800.0))  #: the first band above a nasal's strong part
TOP = int(np.searchsorted(EDGES, 5300.0))  #: the first band that says nothing


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """The voice above its background, float64: ``loud`` and ``upper`` [frames] in dB, ``bands`` [frames, n] in dB."""

    loud: Floats
    upper: Floats
    bands: Floats


def levels(curve: PitchCurve) -> Levels:
    """Measure the voice above the noise of each band.

    The noise is the median of the frames without a voice, or the faintest twentieth where a voice never rests.
    """
    bands = curve.bands
    resting = curve.confidence < 0.2
    faint = np.quantile(bands, 0.05, axis=0)
    floor = (
        np.minimum(np.median(bands[resting], axis=0), np.quantile(bands, 0.5, axis=0)) if resting.sum() > 8 else faint
    )
    peak = np.quantile(bands, 0.95, axis=0)
    floor = np.maximum(floor, peak.max() - 60)
    power = np.maximum(0.0, 10 ** (bands / 10) - 1.5 * 10 ** (floor / 10))
    # a band that hardly rises above its noise tells more about the noise
    trust = np.clip((peak - floor - 4) / 8, 0, 1)
    power *= trust
    loud = _decibels(power[:, :UPPER].sum(axis=1) + power[:, UPPER:TOP].sum(axis=1))
    return Levels(
        loud, _decibels(power[:, UPPER:TOP].sum(axis=1)), np.maximum(bands, np.maximum(floor + 3, peak - RANGE))
    )


def _decibels(power: Floats) -> Floats:
    """dB of powers, no lower than :data:`RANGE` under the loudest twentieth."""
    top = float(np.quantile(power, 0.95)) + 1e-12
    return np.asarray(10 * np.log10(np.maximum(power, top * 10 ** (-RANGE / 10))))


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
    """The candidates' frames [n], and what is measured there [n, 6] (see :data:`MEASURES`).

    Args:
        curve: the voice.
        vibrato: float64 [frames], its depth in semitones.
    """
    frames = len(curve.midi)
    if frames < 4:
        return np.zeros(0, np.int64), np.zeros((0, len(MEASURES)))
    voice = levels(curve)
    change, slope = np.zeros(frames), np.zeros(frames)
    # the voice moves through narrow bands as its pitch does: joined in threes they tell its timbre alone
    joined = [10 * np.log10((10 ** (voice.bands[:, k : k + 3] / 10)).sum(axis=1)) for k in range(0, TOP - 2, 3)]
    timbre = np.stack(joined, axis=1)
    lively = np.clip((np.quantile(timbre, 0.9, axis=0) - timbre.min(axis=0)) / 12, 0.05, 1)
    change[2:-1] = np.abs(timbre[3:] - timbre[:-3]) @ lively / lively.sum()
    # a consonant goes away from the vowel and comes back; from one vowel to another there is no way back
    wide = np.pad(timbre, ((REACH, REACH), (0, 0)), mode="edge")
    away = np.abs(wide[: -2 * REACH] - timbre) @ lively / lively.sum()
    back = np.abs(wide[2 * REACH :] - timbre) @ lively / lively.sum()
    past = np.abs(wide[: -2 * REACH] - wide[2 * REACH :]) @ lively / lively.sum()
    excursion = np.maximum(0.0, (away + back - past) / 2)
    slope[2:-1] = (voice.loud[3:] - voice.loud[:-3]) + 0.5 * np.clip(voice.upper[3:] - voice.upper[:-3], -12, 12)
    slope += 0.5 * change
    top = _windows(slope, 3, 3).max(axis=1)
    at = np.flatnonzero((slope >= top) & (slope > 1.0))
    columns = (
        np.minimum(_dip(voice.loud), 15.0),
        np.minimum(_dip(voice.upper), 20.0),
        np.minimum(_windows(change, 3, 2).max(axis=1), 15.0),
        np.minimum(_windows(excursion, 5, 1).max(axis=1), 15.0),
        _windows(1 - curve.confidence, BEFORE, 1).max(axis=1),
        np.minimum(vibrato, 1.0),
    )
    return at, np.asarray(np.stack(columns, axis=1)[at])


def articulation(curve: PitchCurve, vibrato: Floats) -> Floats:
    """Log odds [frames] of a syllable beginning, -10 where there is no candidate."""
    out = np.full(len(curve.midi), -10.0)
    at, found = measures(curve, vibrato)
    out[at] = np.clip(found @ WEIGHTS + BIAS, -10, 10)
    return out
