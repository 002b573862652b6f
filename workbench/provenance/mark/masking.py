"""How loud the mark may be: what the music itself drowns, moment by moment and band by band.

Power in bands of half a Bark (Zwicker 1961) is spread to its neighbours as the ear spreads it (Schroeder, Atal & Hall
1979), and lowered by far more than noise needs to be to go unheard beside music. Three things go beyond the common
models: nothing may become loud sooner than the music before it allows (there is hardly any masking before a stroke),
what is nearly silent hides nothing, and both sides are looked at alone, since the ear hears a mark in the middle more
easily where the music is wide.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

#: How far below the music's own power, spread over its neighbourhood, the mark lies in each band, in dB.
BELOW = 34.0
#: By how much the mark may grow from one frame to the next, in power.
GROWS = 4.0
#: Power in a band below which nothing is hidden: about -84 dB below a full-scale sine.
FLOOR = 4e-9
#: Width of a band in Bark, and the highest frequency that is looked at in Hz.
WIDTH, TOP = 0.5, 11_000


def bark(hertz: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Frequency on the ear's own scale (Traunmüller 1990)."""
    return np.asarray(26.81 * hertz / (1960 + hertz) - 0.53)


@lru_cache(maxsize=4)
def bands(rate: int, frame: int) -> tuple[npt.NDArray[np.int64], Floats, npt.NDArray[np.int64]]:
    """The bands of a spectrum of ``frame`` samples.

    Returns:
        First bin of each band; how the power of each band spreads to each other one, float32 [bands, bands], already
        lowered by :data:`BELOW`; and the band of each bin up to the last band's end.
    """
    hertz = np.arange(frame // 2 + 1) * rate / frame
    number = np.maximum(0, np.floor(bark(hertz) / WIDTH)).astype(np.int64)[: int(TOP * frame / rate) + 1]
    _, first, band = np.unique(number, return_index=True, return_inverse=True)
    apart = (np.arange(len(first))[:, None] - np.arange(len(first))[None, :]) * WIDTH  # from the music to the mark
    up = -apart  # Bark above the music
    spread = 15.81 + 7.5 * (up + 0.474) - 17.5 * np.sqrt(1 + (up + 0.474) ** 2)
    return first, (10 ** ((spread - BELOW) / 10)).astype(np.float32), band


def allowed(power: Floats, rate: int, frame: int) -> tuple[Floats, npt.NDArray[np.int64]]:
    """The power that a mark may have in each band.

    Args:
        power: of the music, float32 [..., frames, bins], 1.0: a full-scale sine of a bin's own frequency.
        rate: in Hz.
        frame: samples of a frame.

    Returns:
        Power float32 [..., frames - 1, bands] of all frames but the first, and the band of each bin.
    """
    first, spread, band = bands(rate, frame)
    in_band = np.add.reduceat(power[..., : len(band)], first, axis=-1)
    hidden = np.where(in_band > FLOOR, in_band, 0) @ spread
    return np.minimum(hidden[..., 1:, :], GROWS * hidden[..., :-1, :]), band
