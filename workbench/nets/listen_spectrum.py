"""What the listening network looks at: a log-frequency spectrum, in numpy, and the numbers that everything shares.

Three bins a semitone from windows of three lengths (long ones for low notes), in decibels over the loudness of the ten
seconds around. The torch twin, which training uses, is :func:`workbench.nets.listen.spectrum`; both agree within 1e-4
on ten seconds. Here the spectrum may also be tuned: a recording that stands 30 cents low is looked at 30 cents lower.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

RATE = 22_050  # samples a second
HOP = 441  # samples a frame: 20 ms
FPS = RATE / HOP
LOW, PITCHES = 21, 88  # the piano's keys
BINS_A_SEMITONE = 3
#: Bins reach from a semitone below the lowest key over two octaves above the highest.
BINS = BINS_A_SEMITONE * (PITCHES + 24 + 1)
HARMONICS = (0.5, 1, 2, 3, 4, 5, 6, 7)
#: Classes of drum strokes: kick, snare, closed hat, open hat, toms, cymbals.
DRUMS = 6
#: Chord roots and "none"; kinds: major, minor, 7, maj7, m7, diminished, augmented, suspended.
ROOTS, KINDS = 13, 8
#: Window length in samples -> first semitone (from :data:`LOW`) that it serves: long windows for low notes.
WINDOWS = ((8192, -1), (4096, 27), (2048, 51))
LONGEST = WINDOWS[0][0]
#: A window of a third of a second need not be looked at so often: its rows stand for two frames.
SPARSE = 2
#: Seconds over which loudness is judged, decibels that the scale spans, and the loudness below which nothing is raised.
AROUND, SPAN, SILENT = 10.0, 60.0, -40.0
LEAST = 1e-10  # power that counts as nothing


@functools.lru_cache(maxsize=8)
def filters(cents: float = 0.0) -> tuple[Floats, ...]:
    """For each window a float32 matrix [bins of it, window // 2 + 1]: Gaussian filters, each summing to 1.

    ``cents`` moves all of them, for a recording tuned that much higher.
    """
    number = np.arange(BINS)
    semitone = number // BINS_A_SEMITONE - 1  # from the lowest key
    centres = LOW + semitone + (number % BINS_A_SEMITONE - 1) / BINS_A_SEMITONE + cents / 100
    out = []
    for place, (size, first) in enumerate(WINDOWS):
        last = WINDOWS[place + 1][1] if place + 1 < len(WINDOWS) else BINS
        mine = centres[(semitone >= first) & (semitone < last)]
        hertz = 440.0 * 2.0 ** ((mine - 69) / 12)
        grid = np.arange(size // 2 + 1) * RATE / size
        width = np.maximum(hertz * (2 ** (1 / 36) - 1), RATE / size * 0.7)
        matrix = np.exp(-0.5 * ((grid[None] - hertz[:, None]) / width[:, None]) ** 2)
        out.append((matrix / np.maximum(matrix.sum(1, keepdims=True), 1e-9)).astype(np.float32))
    return tuple(out)


def frames_of(samples: int) -> int:
    """Frames that so many samples have."""
    return samples // HOP + 1


def decibels(sound: Floats, cents: float = 0.0) -> Floats:
    """The spectrum of a whole sound before its loudness is taken off.

    Args:
        sound: float32 [samples] at :data:`RATE`, mono.
        cents: how much higher than A = 440 Hz the music is tuned.

    Returns:
        float32 [frames, BINS] in decibels, frames = samples // HOP + 1.
    """
    margin = LONGEST // 2
    count = frames_of(len(sound))
    return block_decibels(np.pad(sound, (margin, margin + HOP * SPARSE)), count, cents)


def block_decibels(padded: Floats, count: int, cents: float = 0.0) -> Floats:
    """Decibels [count, BINS] of a stretch whose first frame stands ``LONGEST // 2`` samples into ``padded``.

    ``padded`` must reach ``LONGEST // 2 + HOP`` samples beyond the last frame; the first frame's number must be even
    for blocks to join (rows of the longest window stand for two frames).
    """
    rows = []
    for (size, _), matrix in zip(WINDOWS, filters(cents), strict=True):
        window = _window(size)
        every = SPARSE if size > 4096 else 1
        start = LONGEST // 2 - size // 2
        views = np.lib.stride_tricks.sliding_window_view(padded[start:], size)[:: HOP * every][: -(-count // every)]
        power = np.empty((len(views), size // 2 + 1), np.float32)
        for at in range(0, len(views), 64):  # the transform copies, so not all at once
            found = np.fft.rfft(views[at : at + 64] * window, axis=1)
            power[at : at + 64] = found.real**2 + found.imag**2
        power /= np.float32(np.sum(np.square(window, dtype=np.float64)))
        rows.append(np.repeat(power @ matrix.T, every, axis=0)[:count])
    out: Floats = 10 * np.log10(np.concatenate(rows, axis=1) + np.float32(LEAST))
    return out


def loudness(rows: NDArray) -> Floats:
    """How loud the music is around each frame of decibels [frames, BINS]: float32 [frames].

    The loudest bin that nineteen frames in twenty of the ten seconds around do not exceed; a sound of up to ten seconds
    has one value, as the network was trained. What is softer than :data:`SILENT` is not raised.
    """
    loudest = rows.max(axis=1).astype(np.float32)
    width, step = round(AROUND * FPS) + 1, round(FPS)
    if len(loudest) <= width:
        return np.full(len(loudest), max(SILENT, float(np.quantile(loudest, 0.95))), np.float32)
    starts = np.arange(0, len(loudest) - width + step, step).clip(max=len(loudest) - width)
    found = [np.quantile(loudest[start : start + width], 0.95) for start in starts]
    level = np.interp(np.arange(len(loudest)), starts + width // 2, np.maximum(found, SILENT))
    return level.astype(np.float32)


def scaled(rows: NDArray, level: NDArray) -> Floats:
    """Decibels [frames, BINS] as the network wants them: about 0 to 1 for what is heard."""
    out: Floats = np.clip((rows - level[:, None] + SPAN) / SPAN, -0.2, 1.3).astype(np.float32)
    return out


def spectrum(sound: Floats, cents: float = 0.0) -> Floats:
    """float32 [frames, BINS] of a sound [samples] at :data:`RATE`; see :func:`decibels`, :func:`scaled`."""
    rows = decibels(sound, cents)
    return scaled(rows, loudness(rows))


@functools.lru_cache(maxsize=4)
def _window(size: int) -> Floats:
    """A periodic Hann window, as torch has it."""
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)).astype(np.float32)
