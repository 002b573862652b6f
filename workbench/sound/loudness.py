"""Loudness after ITU-R BS.1770-4: integrated loudness in LUFS and true peak in dB, and the mix's one gain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workbench.sound.table import TABLE

SILENCE_LUFS = -70.0  # the absolute gate: anything softer counts as silence
OVERSAMPLING = 4
_TAPS = 48
_BLOCK = 4_096


def integrated_lufs(samples: NDArray[np.float32], rate: int) -> float:
    """Integrated loudness in LUFS, gated; minus infinity for silence.

    Args:
        samples: float32 [frames, channels], at most 5 channels; shorter than 0.4 s is measured as if followed by silence.
        rate: in Hz.
    """
    import pyloudnorm

    shortest = int(0.4 * rate) + 1
    if len(samples) < shortest:
        samples = np.concatenate([samples, np.zeros((shortest - len(samples), samples.shape[1]), np.float32)])
    if not np.any(samples):
        return -np.inf
    with np.errstate(divide="ignore"):
        value = float(pyloudnorm.Meter(rate).integrated_loudness(samples))
    return value if value > SILENCE_LUFS else -np.inf


def true_peak(samples: NDArray[np.float32]) -> float:
    """The highest value between the samples, as a linear level, found by 4x oversampling.

    Only stretches whose samples come near the highest one are oversampled: a peak between two samples is never
    twice as high as the samples around it in a signal limited to the audible band.
    """
    from scipy.signal import firwin, upfirdn

    peak = float(np.abs(samples).max(initial=0.0))
    if peak == 0:
        return 0.0
    taps = firwin(_TAPS * OVERSAMPLING + 1, 1 / OVERSAMPLING, window=("kaiser", 8.0)) * OVERSAMPLING
    highest = peak
    blocks = -(-len(samples) // _BLOCK)
    for channel in samples.T:
        padded = np.zeros(blocks * _BLOCK, np.float32)
        padded[: len(channel)] = channel
        near = np.flatnonzero(np.abs(padded.reshape(blocks, _BLOCK)).max(axis=1) > peak / 2)
        for block in near:
            start = max(0, block * _BLOCK - _TAPS)
            piece = padded[start : (block + 1) * _BLOCK + _TAPS]
            highest = max(highest, float(np.abs(upfirdn(taps, piece, up=OVERSAMPLING)).max()))
    return highest


def mix_gain(samples: NDArray[np.float32], rate: int, stem_peak: float = 0.0) -> float:
    """The gain that brings a mix to -16 LUFS, or less where its true peak or a stem's peak would go too high.

    Args:
        samples: the mix, float32 [frames, 2].
        rate: in Hz.
        stem_peak: the highest sample of any stem; kept below 1 so that no stem clips in a 24-bit file.
    """
    rules = TABLE["loudness"]
    loudness = integrated_lufs(samples, rate)
    if not np.isfinite(loudness):
        peak = max(float(np.abs(samples).max(initial=0.0)), stem_peak)
        return 1.0 if peak <= rules["stem_peak"] else rules["stem_peak"] / peak
    gain = 10 ** ((rules["target_lufs"] - loudness) / 20)
    highest = true_peak(samples)
    if highest > 0:
        gain = min(gain, 10 ** (rules["true_peak_db"] / 20) / highest)
    return float(min(gain, rules["stem_peak"] / stem_peak) if stem_peak > 0 else gain)
