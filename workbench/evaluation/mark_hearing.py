"""Whether the mark can be heard, by an ear that the hiding of it knows nothing of.

Psychoacoustic model 1 of ISO/IEC 11172-3 (annex D.1), as it is written there for 44,100 Hz: frames of 1,024 samples,
tonal and noise-like maskers, their spreading, the threshold in quiet of a loud playback (full scale: 96 dB). The mark's
power in each critical band is held against the lowest threshold of any line in that band, which is stricter than the
ear: a noise as wide as a band may be as strong as all of that band allows.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

FRAME, HOP, RATE = 1_024, 512, 44_100
_FULL = 96.0  # dB of a full-scale sine
#: Upper edges of the critical bands in Hz (Zwicker 1961).
EDGES = (
    100, 200, 300, 400, 510, 630, 770, 920, 1080, 1270, 1480, 1720, 2000, 2320, 2700, 3150, 3700, 4400, 5300, 6400,
    7700, 9500, 12000, 15500,
)  # fmt: skip
_HERTZ = np.arange(FRAME // 2 + 1) * RATE / FRAME
_BARK = 13 * np.arctan(0.00076 * _HERTZ) + 3.5 * np.arctan((_HERTZ / 7_500) ** 2)
_BAND = np.searchsorted(np.array(EDGES), _HERTZ, side="right")
_LINES = np.flatnonzero((_HERTZ > 20) & (EDGES[-1] > _HERTZ))
#: Bands that the mark reaches into.
BANDS = tuple(int(band) for band in np.unique(_BAND[(_HERTZ > 480) & (_HERTZ < 9_100)]))


def quiet(hertz: Array) -> Array:
    """The threshold in quiet in dB (Terhardt 1979)."""
    kilo = np.maximum(hertz, 20) / 1_000
    return np.asarray(3.64 * kilo**-0.8 - 6.5 * np.exp(-0.6 * (kilo - 3.3) ** 2) + 1e-3 * kilo**4)


def powers(mono: npt.NDArray[np.float32]) -> Iterator[Array]:
    """The power of each line in each frame, float64 [lines]; 1 is a full-scale sine."""
    window = np.hanning(FRAME)
    scale = (2 / window.sum()) ** 2
    for start in range(0, len(mono) - FRAME + 1, HOP):
        yield np.abs(np.fft.rfft(mono[start : start + FRAME] * window)) ** 2 * scale


def threshold(power: Array) -> Array:
    """The lowest masking threshold in each critical band of one frame, in dB, float64 [24]."""
    level = _FULL + 10 * np.log10(np.maximum(power, 1e-20))
    tones, rest = _tones(level, power)
    maskers: list[tuple[float, float, bool]] = [(_BARK[line], loud, True) for line, loud in tones]
    for band in range(len(EDGES)):
        lines = np.flatnonzero((band == _BAND) & rest)
        total = float(power[lines].sum())
        if total > 0:
            centre = float((power[lines] * _BARK[lines]).sum() / total)
            maskers.append((centre, _FULL + 10 * np.log10(total), False))
    maskers = [item for item in maskers if item[1] > float(quiet(np.interp([item[0]], _BARK, _HERTZ))[0])]
    total_power = 10 ** (quiet(_HERTZ) / 10)
    if maskers:
        at, loud, tonal = (np.array(column) for column in zip(*maskers, strict=True))
        below = np.where(tonal, -6.025 - 0.275 * at, -2.025 - 0.175 * at)
        away = _BARK[:, None] - at[None, :]
        shape = np.select(
            [away < -1, away < 0, away < 1],
            [17 * (away + 1) - (0.4 * loud + 6), (0.4 * loud + 6) * away, -17 * away],
            -(away - 1) * (17 - 0.15 * loud) - 17,
        )
        reach = (away >= -3) & (away < 8)
        total_power = total_power + np.where(reach, 10 ** ((loud + below + shape) / 10), 0).sum(axis=1)
    decibels = 10 * np.log10(total_power)
    return np.array([decibels[_LINES[_BAND[_LINES] == band]].min() for band in range(len(EDGES))])


def _tones(level: Array, power: Array) -> tuple[list[tuple[int, float]], npt.NDArray[np.bool_]]:
    """Tonal maskers (line, dB), and the lines that belong to none."""
    rest = np.ones(len(level), bool)
    found: list[tuple[int, float]] = []
    peaks = 3 + np.flatnonzero((level[3:-7] > level[2:-8]) & (level[3:-7] >= level[4:-6]))
    for line in peaks.tolist():
        reach = 2 if line < 63 else 3 if line < 127 else 6
        if line < reach or line + reach >= len(level):
            continue
        apart = [step for step in range(-reach, reach + 1) if abs(step) > 1]
        if all(level[line] - level[line + step] >= 7 for step in apart):
            found.append((line, _FULL + 10 * np.log10(max(1e-20, power[line - 1 : line + 2].sum()))))
            rest[line - reach : line + reach + 1] = False
    return found, rest


def noise_to_mask(host: npt.NDArray[np.float32], mark: npt.NDArray[np.float32]) -> Array:
    """The mark's power over the threshold in dB, float64 [frames, bands]; below 0 it is not heard.

    Args:
        host: one channel of the music at :data:`RATE`, with the mark or without.
        mark: the mark alone, as long.
    """
    rows = []
    for music, noise in zip(powers(host), powers(mark), strict=True):
        floor = threshold(music)
        # A Hann window spreads a sine over lines whose powers sum to 1.5 of it.
        rows.append(
            [_FULL + 10 * np.log10(max(1e-20, noise[band == _BAND].sum() / 1.5)) - floor[band] for band in BANDS]
        )
    return np.array(rows).reshape(-1, len(BANDS))
