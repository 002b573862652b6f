"""Loudness after ITU-R BS.1770-4: integrated loudness in LUFS and true peak in dB, and the mix's one gain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workbench.sound.table import TABLE

SILENCE_LUFS = -70.0  # the absolute gate: anything softer counts as silence
OVERSAMPLING = 4
_TAPS = 24
_BLOCK = 4_096
_MARGIN = 1.42  # no peak between samples is expected more than 3 dB above the samples of its stretch


def integrated_lufs(samples: NDArray[np.float32], rate: int) -> float:
    """Integrated loudness in LUFS, gated; minus infinity for silence.

    Args:
        samples: float32 [frames, channels], at most 5 channels; less than 0.4 s is measured with silence after it.
        rate: in Hz.
    """
    step = int(0.1 * rate + 0.5)
    if len(samples) < 4 * step:
        samples = np.concatenate([samples, np.zeros((4 * step - len(samples), samples.shape[1]), np.float32)])
    energy = np.sum([_energies(channel, rate, step) for channel in samples.T], axis=0)
    blocks = np.convolve(energy, np.full(4, 0.25), "valid")  # 400 ms with 75 % overlap
    loud = blocks[_lufs(blocks) > SILENCE_LUFS]
    if not len(loud):
        return -np.inf
    gated = loud[_lufs(loud) > _lufs(loud.mean()) - 10]
    return float(_lufs(gated.mean()))


def _lufs(energy: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(-0.691 + 10 * np.log10(np.maximum(energy, 1e-12)))


def _energies(channel: NDArray[np.float32], rate: int, step: int) -> NDArray[np.float64]:
    """Mean square after K-weighting of each whole stretch of ``step`` frames, float64 [stretches]."""
    from pyloudnorm.iirfilter import IIRfilter
    from scipy.signal import lfilter

    shelf = IIRfilter(4.0, 1 / np.sqrt(2), 1_500.0, rate, "high_shelf")
    high_pass = IIRfilter(0.0, 0.5, 38.0, rate, "high_pass")
    b, a = np.convolve(shelf.b, high_pass.b), np.convolve(shelf.a, high_pass.a)
    count = len(channel) // step
    energies = np.empty(count)
    state = np.zeros(4)
    at_once = 16
    for start in range(0, count, at_once):
        end = min(start + at_once, count)
        weighted, state = lfilter(b, a, channel[start * step : end * step].astype(np.float64), zi=state)
        energies[start:end] = np.square(weighted).reshape(-1, step).mean(axis=1)
    return energies


def true_peak(samples: NDArray[np.float32]) -> float:
    """The highest value between the samples, as a linear level, found by 4x oversampling.

    Stretches are taken from the loudest down, and those too soft to hold the highest peak are left out.
    """
    from scipy.signal import firwin, upfirdn

    peak = max(float(samples.max(initial=0.0)), -float(samples.min(initial=0.0)))
    if peak == 0:
        return 0.0
    taps = firwin(2 * _TAPS * OVERSAMPLING + 1, 1 / OVERSAMPLING, window=("kaiser", 8.0)) * OVERSAMPLING
    highest = peak
    blocks = -(-len(samples) // _BLOCK)
    for channel in samples.T:
        padded = np.zeros(blocks * _BLOCK, np.float32)
        padded[: len(channel)] = channel
        peaks = np.abs(padded.reshape(blocks, _BLOCK)).max(axis=1)
        for block in np.argsort(-peaks, kind="stable"):
            if peaks[block] * _MARGIN < highest:
                break
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
