"""How a recording is tuned: the place between two keys where its partials stand."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workbench.nets.listen_spectrum import RATE
from workbench.sound.audio import Audio

#: Samples of one look, at most how many looks are spread over a recording, and the partials looked at, in Hz.
SIZE, LOOKS = 8_192, 160
LOWEST, HIGHEST = 180.0, 2_000.0
#: How far the partials must agree (0: not at all, 1: all at one place) for a tuning to be believed.
AGREED = 0.15


def tuning_of(audio: Audio) -> float:
    """Cents from -50 to 50 by which a recording stands above A = 440 Hz; 0.0 where nothing speaks for another.

    Peaks of the spectrum are placed between their bins by a parabola through the logarithm of their power, and every
    peak votes for its distance from the nearest key with the fourth root of its power: the angle of the sum is
    the tuning, since a tenth of a semitone below a key and nine tenths above the one beneath are the same.
    """
    return estimate(audio)[0]


def estimate(audio: Audio) -> tuple[float, float]:
    """The tuning in cents and how far the partials agree on it, 0 to 1."""
    window = np.hanning(SIZE).astype(np.float32)
    total = 0.0 + 0.0j
    weight = 0.0
    for sound in _looks(audio):
        power = np.abs(np.fft.rfft(sound * window, 2 * SIZE)) ** 2 + 1e-12
        hertz = RATE / (2 * SIZE)
        first, last = int(LOWEST / hertz), int(HIGHEST / hertz)
        here = power[first:last]
        peak = (here > power[first - 1 : last - 1]) & (here >= power[first + 1 : last + 1])
        peak &= here > max(1e-6, float(here.max()) * 1e-3)
        at = np.flatnonzero(peak) + first
        before, middle, after = (np.log(power[at + shift]) for shift in (-1, 0, 1))
        place = at + 0.5 * (before - after) / np.minimum(before - 2 * middle + after, -1e-9)
        angle = 2 * np.pi * 12 * np.log2(place * hertz / 440.0)
        votes = np.sqrt(np.sqrt(power[at]))
        total += complex((votes * np.exp(1j * angle)).sum())
        weight += float(votes.sum())
    if not weight or abs(total) / weight < AGREED:
        return 0.0, abs(total) / weight if weight else 0.0
    return float(np.angle(total) / (2 * np.pi) * 100), float(abs(total) / weight)


def _looks(audio: Audio) -> list[NDArray[np.float32]]:
    """Up to :data:`LOOKS` windows of the sound, evenly spread, as one channel at the network's rate."""
    wanted = -(-SIZE * audio.rate // RATE) + 2
    if audio.frames < wanted:
        return []
    count = min(LOOKS, max(1, 2 * audio.frames // wanted))
    out = []
    for start in np.linspace(0, audio.frames - wanted, count).astype(int):
        piece = Audio(audio.samples[start : start + wanted].mean(axis=1, keepdims=True, dtype=np.float32), audio.rate)
        sound = piece.resampled(RATE).samples[:SIZE, 0]
        out.append(np.pad(sound, (0, SIZE - len(sound))))
    return out
