"""Where a synthetic voice is recorded: rooms, noises, a band behind, a telephone and its level control."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.evaluation.sung_sound import banded

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Place:
    """Ranges (least, most) drawn for each take.

    Attributes:
        room: seconds of reverberation time (0 for none); ``wet``: its level against the voice in dB.
        noise: kinds of which one is drawn: ``white``, ``pink``, ``hum`` (mains), ``babble`` or ``band``.
        snr: voice against noise in dB, both as root mean squares where the voice sounds.
        phone: 300 to 3,400 Hz at 8 kHz in 8-bit companded steps, after an automatic level control.
    """

    room: tuple[float, float] = (0.0, 0.0)
    wet: tuple[float, float] = (-16, -8)
    noise: tuple[str, ...] = ("pink",)
    snr: tuple[float, float] = (40, 50)
    phone: bool = False


def _room(sound: Floats, rate: int, seconds: float, wet: float, rng: np.random.Generator) -> Floats:
    """The sound with early reflections and an exponential tail that loses its high parts first."""
    length = int(rate * seconds)
    times = np.arange(length) / rate
    tail = rng.normal(0, 1, length) * 10 ** (-3 * times / seconds)
    tail[: int(0.008 * rate)] = 0
    dull = np.convolve(tail, np.hanning(8) / np.hanning(8).sum(), "same")
    mix = np.clip(times / seconds * 2, 0, 1)
    tail = tail * (1 - mix) + dull * mix
    tail *= 10 ** (wet / 20) / np.sqrt(np.sum(tail**2))
    size = 1 << int(np.ceil(np.log2(len(sound) + length)))
    wetted = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(tail, size), size)[: len(sound)]
    return np.asarray(sound + wetted)


def _band(samples: int, rate: int, rng: np.random.Generator) -> Floats:
    """Chords of decaying tones, a bass and a drum kit of noises, in a tempo and key of their own."""
    out = np.zeros(samples)
    beat = int(rate * 60 / rng.uniform(80, 130))
    key = int(rng.integers(12))
    for number, start in enumerate(range(0, samples, beat)):
        root = 45 + (key + [0, 5, 7, 9][(number // 4) % 4]) % 12
        for pitch in (root - 12, root, root + 4, root + 7, root + 12):
            length = min(samples - start, beat * 2)
            times = np.arange(length) / rate
            wave = sum(np.sin(2 * np.pi * k * 440 * 2 ** ((pitch - 69) / 12) * times) / k**1.3 for k in range(1, 7))
            out[start : start + length] += 0.2 * wave * np.exp(-times * 3)
        length = min(samples - start, int(0.12 * rate))
        hit = rng.normal(0, 1, length) * np.exp(-np.arange(length) / (0.03 * rate))
        out[start : start + length] += hit * (0.8 if number % 2 else 0.3)
    return out


def noise_of(kind: str, samples: int, rate: int, rng: np.random.Generator) -> Floats:
    """Background sound of the power 1, float64 [samples]."""
    white = rng.normal(0, 1, samples)
    if kind == "white":
        out = white
    elif kind == "band":
        out = _band(samples, rate, rng)
    else:
        spectrum = np.fft.rfft(white)
        hertz = np.maximum(np.fft.rfftfreq(samples, 1 / rate), 20)
        out = np.fft.irfft(spectrum / np.sqrt(hertz), samples)
        if kind == "hum":
            times = np.arange(samples) / rate
            mains = sum(np.sin(2 * np.pi * 50 * k * times + k) / k for k in (1, 2, 3, 5))
            out = out / out.std() + 1.5 * mains
        elif kind == "babble":
            out = banded(white, 200, 3000, rate)
            slow = np.interp(np.arange(samples), np.arange(0, samples + rate, rate // 5),
                             rng.uniform(0.1, 1.0, len(np.arange(0, samples + rate, rate // 5))))  # fmt: skip
            out = out * slow
    return np.asarray(out / max(1e-9, float(np.sqrt(np.mean(out**2)))))


def _levelled(sound: Floats, rate: int) -> Floats:
    """An automatic level control: falls fast, rises in about a second."""
    block = rate // 100
    count = len(sound) // block + 1
    peaks = np.array([np.abs(sound[i * block : (i + 1) * block]).max(initial=0.0) for i in range(count)])
    held, gains = 0.05, np.empty(count)
    for place, peak in enumerate(peaks):
        held = max(peak, held * 0.99, 0.01)
        gains[place] = 0.35 / held
    return np.asarray(sound * np.interp(np.arange(len(sound)), np.arange(count) * block, gains))


def placed(clean: Floats, rate: int, place: Place, rng: np.random.Generator) -> tuple[Floats, int]:
    """The voice as a microphone in a place hears it, and the rate in Hz.

    Args:
        clean: float64 [samples].
        rate: of the samples, in Hz.
        place: what to draw from.
        rng: everything drawn.
    """
    sound = clean
    if place.room[1] > 0:
        sound = _room(sound, rate, rng.uniform(*place.room), rng.uniform(*place.wet), rng)
    loud = clean[np.abs(clean) > 0.02]
    power = float(np.sqrt(np.mean(loud**2))) if len(loud) else 0.05
    kind = place.noise[int(rng.integers(len(place.noise)))]
    sound = sound + noise_of(kind, len(sound), rate, rng) * power * 10 ** (-rng.uniform(*place.snr) / 20)
    if place.phone:
        import soxr

        sound = _levelled(sound, rate)
        sound = banded(sound, 300, 3400, rate) * float(np.sqrt(np.mean(sound**2)))
        sound = np.clip(np.asarray(soxr.resample(sound, rate, 8000), np.float64), -1, 1)
        steps = np.round(np.sign(sound) * np.log1p(255 * np.abs(sound)) / np.log(256) * 127) / 127
        sound, rate = np.sign(steps) * (256 ** np.abs(steps) - 1) / 255, 8000
    peak = float(np.abs(sound).max(initial=1e-9))
    return np.asarray(sound * min(1.0, 0.9 / peak)), rate
