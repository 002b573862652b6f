"""How the splitting network sees sound: a spectrum in 192 bands, and for each band how struck (not held) it sounds.

Numpy alone, so that training and the runtime see the same numbers. The windows are those of
Open-Unmix (Stöter et al., 2019: 4096 samples, a hop of 1024 at 44.1 kHz); bands are single bins up to 1 kHz and then
widen with frequency. The struck share is that of median filtering (FitzGerald, 2010): it says the same of a timbre
never heard before.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

RATE = 44_100  # samples a second
WINDOW = 4096  # samples
HOP = 1024  # samples between frames
BINS = WINDOW // 2 + 1
BANDS = 192
#: Stems in the order of the network's outputs; in a recording the last takes voices too.
STEMS = ("drums", "bass", "other")
#: The network takes frames in multiples of this.
STRIDE = 4
#: Single bins up to here, wider bands above, up to the bin of 20 kHz.
_SINGLE, _TOP = 96, 1858
#: Frames and bands of the median filters.
_SPAN_TIME, _SPAN_BAND = 17, 11
Array = NDArray[np.float32]


@functools.cache
def edges() -> NDArray[np.int64]:
    """The first bin of each band and the end of the last, int64 [BANDS + 1]; bin 0 belongs to the first band."""
    steps = BANDS - _SINGLE
    high = _SINGLE * (_TOP / _SINGLE) ** (np.arange(steps + 1) / steps)
    out = np.concatenate([np.arange(_SINGLE), np.round(high)]).astype(np.int64)
    return np.concatenate([out[:-1], [BINS]])


@functools.cache
def window(size: int = WINDOW) -> Array:
    """The square root of Hann's window of so many samples, periodic: used before and after the transform."""
    return np.sqrt(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)).astype(np.float32)


def hop_of(rate: int) -> int:
    """Samples between frames at another rate in Hz: as near to the network's 23 ms as multiples of 8 come."""
    return 8 * max(1, round(rate * HOP / 8 / RATE))


def frames_of(samples: NDArray[np.floating]) -> NDArray[np.complex64]:
    """The spectrum of one channel: complex64 [frames, BINS] of float [samples], the first frame centred on sample 0."""
    count = len(samples) // HOP + 1
    padded = np.pad(np.asarray(samples, np.float32), (WINDOW // 2, WINDOW))
    rows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[: count * HOP : HOP]
    return np.asarray(np.fft.rfft(rows * window(), axis=1), np.complex64)


def banded(power: NDArray[np.floating]) -> Array:
    """Sums over the bins of each band: float32 [..., BANDS] of [..., BINS]."""
    return np.asarray(np.add.reduceat(power, edges()[:-1], axis=-1), np.float32)


def features(power: Array, level: float) -> Array:
    """What the network is given: float32 [2, frames, BANDS].

    Args:
        power: power in each band, float32 [frames, BANDS], as :func:`banded` of the squared spectrum.
        level: the recording's mean power a frame (the sum over its bands), which loudness is counted from.

    Returns:
        The loudness in decibels over 20 (floored 80 dB below the level), and the struck share, 0 to 1.
    """
    floor = max(level, 1e-12) * 1e-8
    loud = 0.5 * np.log10((power + floor) / max(level, 1e-12)).astype(np.float32) + 1.0
    held = median(loud, _SPAN_TIME, 0)
    struck = median(loud, _SPAN_BAND, 1)
    share = 1 / (1 + 10.0 ** np.clip(2 * (held - struck), -6, 6))
    return np.stack([loud, share]).astype(np.float32)


def median(rows: Array, span: int, axis: int) -> Array:
    """The median of an odd number of neighbours along an axis; beyond the ends the last value goes on."""
    around = [(span // 2, span // 2) if place == axis else (0, 0) for place in range(rows.ndim)]
    views = np.lib.stride_tricks.sliding_window_view(np.pad(rows, around, mode="edge"), span, axis=axis)
    return np.asarray(np.partition(views, span // 2, axis=-1)[..., span // 2], np.float32)
