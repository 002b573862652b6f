"""The sound of a synthetic voice: harmonics of a glottal source under moving formants, with breath and consonants.

Source and filter after Fant (1960): harmonics fall by the voice's own tilt and are shaped by four or five resonances
whose places move from vowel to vowel; consonants are dips, noises and other resonances before the vowel. The values
are the usual ones of phonetics (Peterson and Barney, 1952), scaled to the tract's length.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RATE = 16_000  #: Hz of the sound
STEP = 0.004  #: seconds between points of the curves


@dataclass(slots=True)
class Syllable:
    """One note as sung: times in seconds, ``pitch`` as sung and ``meant`` (MIDI), its consonant's kind.

    ``start`` is where its vowel (or its pitch) begins; ``onset`` the truth about its onset, which a voiced consonant
    before the vowel moves forward by part of its own length.
    """

    start: float
    end: float
    pitch: float
    kind: str
    melisma: bool = False
    meant: float = 0.0
    onset: float = 0.0


@dataclass(frozen=True, slots=True)
class Voice:
    """A singer: ``middle`` of the range (MIDI), tract's formant factor, tilt (dB an octave), breath and roughness."""

    middle: float
    tract: float
    tilt: float
    breath: float
    jitter: float

    @classmethod
    def named(cls, name: str) -> Voice:
        """One of :data:`VOICES`."""
        return VOICES[name]


VOICES = {
    "bass": Voice(46, 0.93, -7, 0.02, 0.006),
    "baritone": Voice(51, 0.97, -6, 0.03, 0.005),
    "tenor": Voice(56, 1.0, -4.5, 0.02, 0.004),
    "alto": Voice(62, 1.12, -6, 0.04, 0.004),
    "mezzo": Voice(66, 1.14, -5, 0.03, 0.003),
    "soprano": Voice(71, 1.18, -7, 0.02, 0.003),
    "child": Voice(69, 1.32, -8, 0.06, 0.008),
    "breathy": Voice(60, 1.1, -10, 0.25, 0.008),
}
#: Formants of vowels in Hz: ah, eh, ee, oh, oo, er.
_VOWELS = np.array([
    [730, 1090, 2440, 3400], [530, 1840, 2480, 3500], [280, 2250, 2950, 3600],
    [500, 900, 2400, 3300], [320, 870, 2240, 3300], [490, 1350, 1690, 3300],
], np.float64)  # fmt: skip
_WIDTHS = np.array([80, 100, 130, 200], np.float64)
_NASAL = np.array([270, 1100, 2200, 3300], np.float64)
_LIQUID = np.array([360, 1100, 2700, 3400], np.float64)
#: Kind -> (seconds least and most, level of the voice in dB, cut in Hz above which the voice is weak, noise in dB,
#: noise's band in Hz).
_CONSONANTS: dict[str, tuple[float, float, float, float, float, tuple[float, float]]] = {
    "plosive": (0.05, 0.1, -90, 500, -16, (1500, 7000)),
    "voiced plosive": (0.04, 0.07, -18, 400, -24, (1000, 6000)),
    "fricative": (0.07, 0.15, -90, 500, -14, (3000, 7600)),
    "voiced fricative": (0.05, 0.09, -11, 900, -22, (2500, 7000)),
    "nasal": (0.05, 0.1, -6, 900, -60, (1000, 5000)),
    "liquid": (0.04, 0.08, -5, 1800, -60, (1000, 5000)),
    "glide": (0.05, 0.09, -2, 2500, -60, (1000, 5000)),
    "glottal": (0.03, 0.06, -15, 3000, -50, (1000, 5000)),
    "hummed": (0.04, 0.1, -9, 1500, -60, (300, 2000)),
}


def _magnitude(hertz: Floats, formants: Floats, widths: Floats) -> Floats:
    """Product of resonances at frequencies [harmonics, steps] for formants [steps, 4]; 1 at 0 Hz."""
    out = np.ones_like(hertz)
    for place in range(formants.shape[1]):
        centre, half = formants[None, :, place], widths[place] / 2
        square = (centre**2 + half**2) ** 2
        out *= np.sqrt(square / (((hertz - centre) ** 2 + half**2) * ((hertz + centre) ** 2 + half**2)))
    return out


def _shape(
    sung: list[Syllable], steps: int, voice: Voice, rng: np.random.Generator, humming: bool
) -> tuple[Floats, Floats, Floats, Floats, list[tuple[float, float, float, tuple[float, float]]]]:
    """Level of the voice (linear), cut (Hz), formants and aspiration at every step, and the consonants' noises."""
    times = np.arange(steps) * STEP
    level, cut = np.zeros(steps), np.full(steps, 9000.0)
    formants = np.empty((steps, 4))
    aspirate = np.zeros(steps)
    noises: list[tuple[float, float, float, tuple[float, float]]] = []
    vowel = _NASAL if humming else _VOWELS[int(rng.integers(len(_VOWELS)))] * voice.tract
    formants[:] = vowel
    loud = 0.0
    for row, note in enumerate(sung):
        if not note.melisma and not humming:
            vowel = _VOWELS[int(rng.integers(len(_VOWELS)))] * voice.tract
        loud = 0.7 * loud + rng.normal(0, 1.5)
        gain = 10 ** (loud / 20)
        before = sung[row - 1] if row else None
        joined = before is not None and note.start - before.end < 0.03
        attack, release = rng.uniform(0.015, 0.05), rng.uniform(0.03, 0.1)
        inside = (times >= note.start) & (times < note.end + release)
        up = np.clip((times[inside] - note.start) / attack, 0, 1) if not joined else 1.0
        down = np.clip(1 - (times[inside] - note.end) / release, 0, 1)
        fade = 1 - rng.uniform(0, 0.3) * np.clip((times[inside] - note.start) / max(0.2, note.end - note.start), 0, 1)
        level[inside] = np.maximum(level[inside] * (times[inside] >= note.end), gain * up * down * fade)
        formants[times >= note.start] = vowel
        if not humming and rng.random() < 0.3 and note.end - note.start > 0.15:  # a diphthong
            other = _VOWELS[int(rng.integers(len(_VOWELS)))] * voice.tract
            turn = note.start + rng.uniform(0.3, 0.8) * (note.end - note.start)
            share = np.clip((times - turn) / rng.uniform(0.05, 0.15), 0, 1)[:, None]
            formants = np.where(times[:, None] >= note.start, vowel + (other - vowel) * share, formants)
            vowel = other
        note.onset = note.start
        if note.kind in _CONSONANTS:
            least, most, weak, high, hiss, band = _CONSONANTS[note.kind]
            length = rng.uniform(least, most)
            if before is not None:
                length = min(length, 0.45 * (note.start - before.start))
            begin = note.start - length
            over = (times >= begin) & (times < note.start)
            weak += rng.normal(0, 1.5)
            strength = gain * 10 ** (weak / 20)
            level[over] = strength if weak > -60 else 0.0
            if weak > -60 and not joined and (before is None or begin - before.end > 0.05):
                level[over] *= np.clip((times[over] - begin) / 0.02, 0, 1)
            cut[over] = high
            if note.kind in ("nasal", "liquid") and not humming:
                formants[over] = (_NASAL if note.kind == "nasal" else _LIQUID) * voice.tract
            if hiss > -55:
                span = (begin + 0.6 * length if "plosive" in note.kind else begin, note.start + 0.01)
                noises.append((*span, gain * 10 ** ((hiss + rng.normal(0, 2)) / 20), band))
            if note.kind == "plosive":
                aspirate[(times >= note.start - 0.01) & (times < note.start + rng.uniform(0.01, 0.03))] = 0.3
            if weak > -60 and note.kind not in ("glottal", "hummed"):
                note.onset = note.start - 0.4 * length
            if before is not None and weak <= -60:
                before.end = min(before.end, begin)
        following = sung[row + 1] if row + 1 < len(sung) else None
        if following is not None and following.start - note.end > 0.35 and rng.random() < 0.7:
            breath = rng.uniform(0.15, 0.3)
            noises.append((following.start - breath - 0.08, following.start - 0.08, 10 ** (rng.uniform(-34, -22) / 20),
                           (700, 5000)))  # fmt: skip
    # articulators take about 15 ms to get from one place to the next
    kernel = np.hanning(9) / np.hanning(9).sum()
    level = np.convolve(np.pad(level, 4, mode="edge"), np.hanning(7)[1:-1] / np.hanning(7).sum(), "same")[4:-4]
    slow = np.hanning(15) / np.hanning(15).sum()
    for place in range(4):
        formants[:, place] = np.convolve(np.pad(formants[:, place], 7, mode="edge"), slow, "valid")
    # no voice is steady: about 1.5 dB within a note
    wobble = np.convolve(rng.normal(0, 1, steps + 60), np.hanning(61) / np.sqrt(np.sum(np.hanning(61) ** 2)), "valid")
    level *= 10 ** (1.2 * wobble[:steps] / 20)
    cut = np.exp(np.convolve(np.pad(np.log(cut), 4, mode="edge"), kernel, "valid"))
    return level, cut, formants, aspirate, noises


def banded(noise: Floats, low: float, high: float, rate: int = RATE) -> Floats:
    """Noise with nothing outside a band in Hz, of the power 1."""
    spectrum = np.fft.rfft(noise)
    hertz = np.fft.rfftfreq(len(noise), 1 / rate)
    spectrum *= 1 / (1 + np.exp(-(hertz - low) / (0.08 * low + 20))) / (1 + np.exp((hertz - high) / (0.08 * high)))
    out = np.fft.irfft(spectrum, len(noise))
    return np.asarray(out / max(1e-9, float(np.sqrt(np.mean(out**2)))))


def voiced_sound(
    sung: list[Syllable], pitch: Floats, voice: Voice, rng: np.random.Generator, *, humming: bool = False
) -> Floats:
    """Sing: float64 samples at :data:`RATE` with a root mean square of about 0.1 where the voice sounds.

    Args:
        sung: the syllables; their ``onset`` is set here.
        pitch: fractional MIDI at every :data:`STEP`.
        voice: the singer.
        rng: everything drawn.
        humming: the mouth stays closed.
    """
    steps = len(pitch)
    level, cut, formants, aspirate, noises = _shape(sung, steps, voice, rng, humming)
    hertz = 440 * 2 ** ((pitch - 69) / 12)
    samples = int((steps - 1) * STEP * RATE)
    place = np.arange(samples) / (RATE * STEP)
    rough = np.exp(voice.jitter * np.interp(place, np.arange(steps), rng.normal(0, 1, steps)))
    phase = 2 * np.pi * np.cumsum(np.interp(place, np.arange(steps), hertz) * rough) / RATE
    count = int(min(70, 7400 / hertz.min()))
    harmonics = np.arange(1, count + 1)[:, None] * hertz[None, :]
    tilt = voice.tilt + (-6 if humming else 0)
    gains = _magnitude(harmonics, formants, _WIDTHS) * (np.arange(1, count + 1)[:, None] ** (tilt / 6.02))
    gains /= np.sqrt(np.sum(gains**2, axis=0, keepdims=True)) + 1e-9
    gains *= 1 / (1 + (harmonics / cut) ** 4) * (harmonics < 7600)
    shimmer = np.exp(0.04 * rng.normal(0, 1, steps))
    gains *= (level * shimmer)[None, :]
    out = np.zeros(samples)
    for row in range(count):
        if gains[row].max() > 1e-4:
            out += np.interp(place, np.arange(steps), gains[row]) * np.sin((row + 1) * phase)
    breath = banded(rng.normal(0, 1, samples), 600, 5500)
    airy = np.interp(place, np.arange(steps), level * voice.breath + aspirate)
    pulse = 0.6 + 0.4 * np.cos(phase)
    out += breath * airy * pulse
    for start, end, strength, band in noises:
        first, last = max(0, int(start * RATE)), min(samples, int(end * RATE))
        if last - first > 32:
            window = np.minimum(1, np.minimum(np.arange(last - first), np.arange(last - first)[::-1]) / (0.006 * RATE))
            out[first:last] += strength * window * banded(rng.normal(0, 1, last - first), *band)
    return np.asarray(out * 0.14)
