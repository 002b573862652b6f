"""A singer for the training scenes: notes in, a sung line out, with what makes real singing hard to write down.

Source and filter (Fant, 1960): a saw whose pitch scoops into notes, glides between them, drifts and wavers, through the
five formants of a vowel that changes from note to note; consonants, breath and rough edges are shaped noise. Made in
numpy, from no recording of anybody.
"""

from __future__ import annotations

import numpy as np

from workbench.nets.listen_spectrum import RATE

#: Vowels as formant frequencies in Hz of a low voice (Peterson and Barney, 1952, and what lies between).
VOWELS = (
    (730, 1090, 2440, 3300, 4200), (530, 1840, 2480, 3400, 4300), (270, 2290, 3010, 3500, 4400),
    (570, 840, 2410, 3200, 4100), (300, 870, 2240, 3200, 4100), (500, 1500, 2500, 3400, 4300),
)  # fmt: skip
WIDTHS = np.array([80.0, 100.0, 130.0, 200.0, 300.0])
CONTROL = 200  # control values a second
_SIZE, _HOP = 1024, 256


def sing(notes: np.ndarray, seconds: float, rng: np.random.Generator) -> np.ndarray:
    """A line sung by one voice.

    Args:
        notes: rows (start, end, pitch, velocity) in order of their starts, in seconds; overlaps are cut.
        seconds: length of the sound.
        rng: whose chances make the singer: register, vibrato, habits.

    Returns:
        float32 [seconds * RATE], about -20 dB loud where it sings.
    """
    count = round(seconds * CONTROL)
    pitch, level = _curves(notes, count, rng)
    length = round(seconds * RATE)
    at = np.arange(length) * CONTROL / RATE
    hertz = 440 * 2 ** ((np.interp(at, np.arange(count), pitch) - 69) / 12)
    loud = np.interp(at, np.arange(count), level)
    source = _saw(np.cumsum(hertz / RATE) % 1.0, hertz / RATE) * loud
    breath = rng.normal(size=length) * loud * rng.uniform(0.02, 0.25)
    voiced = _filter(source + breath, _mouth(notes, length, float(np.median(pitch)), rng))
    voiced /= np.sqrt(np.mean(voiced[loud > 0.02] ** 2)) + 1e-9 if (loud > 0.02).any() else 1.0
    line: np.ndarray = (0.1 * (voiced + _consonants(notes, length, rng))).astype(np.float32)
    return line


def _curves(notes: np.ndarray, count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Pitch (MIDI, real numbers) and loudness by control step."""
    time = np.arange(count) / CONTROL
    pitch, level = np.full(count, float(notes[0, 2])), np.zeros(count)
    rate, depth = rng.uniform(4.0, 6.5), rng.choice([0.0, 0.15, 0.4, 0.8]) * rng.uniform(0.5, 1.2)
    scoops, glide = rng.uniform(0, 0.6), rng.uniform(0.02, 0.12)
    legato = rng.uniform(0.1, 0.7)
    ends = np.minimum(notes[:, 1], np.append(notes[1:, 0], np.inf))
    last = -1.0
    for number, (start, _, key, velocity) in enumerate(notes):
        end = max(float(ends[number]), float(start) + 0.06)
        joined = last >= start - 0.06 and rng.random() < legato
        mine = (time >= start - 0.03) & (time < end + 0.1)
        since = time[mine] - start
        curve = np.full(mine.sum(), float(key))
        if number and joined:
            way = 1 / (1 + np.exp(-np.clip(since / (glide / 4), -30, 30)))
            curve = notes[number - 1, 2] + (key - notes[number - 1, 2]) * way
        elif rng.random() < scoops:
            curve -= rng.uniform(0.4, 3.0) * np.exp(-np.maximum(since, 0) / rng.uniform(0.015, 0.06))
        if end - start > 0.3:
            grown = np.clip((since - rng.uniform(0.1, 0.35)) / 0.25, 0, 1)
            curve = curve + depth * grown * np.sin(2 * np.pi * rate * since + rng.uniform(0, 6))
        if rng.random() < 0.15:  # a fall at the end
            curve -= rng.uniform(0.5, 3) * np.clip((since - (end - start) + 0.08) / 0.1, 0, 1)
        pitch[mine] = curve + rng.normal(0, 0.12)
        loud = (velocity / 127) ** 1.2 * (1 + 0.15 * np.sin(np.pi * np.clip(since / max(end - start, 0.1), 0, 1)))
        attack = 0.02 if joined else rng.uniform(0.015, 0.07)
        shape = np.clip((since + attack / 2) / attack, 0, 1) * np.clip((end - start - since) / 0.06 + 0.5, 0, 1)
        level[mine] = np.maximum(level[mine] * (0.7 if joined else 0.3), loud * shape)
        last = end
    seconds = np.arange(int(time[-1]) + 2)
    slow = np.interp(time, seconds, np.cumsum(rng.normal(0, 0.06, len(seconds))))
    flutter = np.convolve(rng.normal(0, 0.25, count), np.ones(8) / 8, "same") * 0.3
    return pitch + np.clip(slow - slow.mean(), -0.4, 0.4) + flutter, level


def _saw(phase: np.ndarray, step: np.ndarray) -> np.ndarray:
    """A saw whose corner is rounded over one sample, so that it does not alias (PolyBLEP)."""
    wave = 2 * phase - 1
    early, late = phase < step, phase > 1 - step
    x = phase[early] / step[early]
    wave[early] -= x + x - x * x - 1
    x = (phase[late] - 1) / step[late]
    wave[late] -= x * x + x + x + 1
    return wave


def _mouth(notes: np.ndarray, length: int, register: float, rng: np.random.Generator) -> np.ndarray:
    """Gains [frames, _SIZE // 2 + 1] of the mouth: formants that move from vowel to vowel."""
    frames = length // _HOP + 1
    time = np.arange(frames) * _HOP / RATE
    vowels = np.array(VOWELS, float)[rng.integers(0, len(VOWELS), len(notes) + 1)]
    vowels *= np.clip(0.9 + (register - 50) / 24 * 0.25, 0.9, 1.25) * rng.uniform(0.92, 1.08)
    place = np.clip(np.searchsorted(notes[:, 0], time, "right"), 0, len(notes))
    formants = vowels[place]
    for column in range(5):  # mouths take 50 ms to move
        formants[:, column] = np.convolve(np.pad(formants[:, column], 2, "edge"), np.ones(5) / 5, "valid")
    grid = np.arange(_SIZE // 2 + 1) * RATE / _SIZE
    strength = np.array([1.0, 0.6, 0.35, 0.25, 0.12]) * rng.uniform(0.5, 1.5, 5)
    widths = WIDTHS * rng.uniform(0.8, 1.8)
    gain = np.zeros((frames, len(grid)))
    for column in range(5):
        gain += strength[column] / (1 + ((grid[None] - formants[:, column : column + 1]) / widths[column]) ** 2)
    tilt = (1 + grid / 500) ** -rng.uniform(0.0, 1.0)
    return (gain + 0.02) * tilt


def _filter(sound: np.ndarray, gains: np.ndarray) -> np.ndarray:
    """Filter a sound by gains that change every ``_HOP`` samples."""
    window = np.hanning(_SIZE + 1)[:-1]
    padded = np.pad(sound, (_SIZE // 2, _SIZE))
    out = np.zeros(len(padded))
    views = np.lib.stride_tricks.sliding_window_view(padded, _SIZE)[::_HOP][: len(gains)]
    shaped = np.fft.irfft(np.fft.rfft(views * window, axis=1) * gains, axis=1)
    for number, piece in enumerate(shaped):
        out[number * _HOP : number * _HOP + _SIZE] += piece
    return out[_SIZE // 2 : _SIZE // 2 + len(sound)]


def _consonants(notes: np.ndarray, length: int, rng: np.random.Generator) -> np.ndarray:
    """Hisses and stops before some notes, a breath before some that follow a rest; unit level is the voice's."""
    out = np.zeros(length)
    often = rng.uniform(0, 0.8)
    for number, (start, _, _, velocity) in enumerate(notes):
        free = start - (notes[number - 1, 1] if number else 0)
        if free > 0.4 and rng.random() < 0.4:
            _burst(out, start - 0.35, 0.25, 500, 4_000, 0.05, rng)
        if rng.random() < often:
            low = rng.choice([300, 1_500, 3_000, 4_500])
            size = rng.uniform(0.02, 0.11)
            _burst(out, start - size, size, low, low * 2.5, rng.uniform(0.05, 0.6) * velocity / 127, rng)
    return out


def _burst(
    out: np.ndarray, start: float, seconds: float, low: float, high: float, level: float, rng: np.random.Generator
) -> None:
    first, count = round(start * RATE), round(seconds * RATE)
    if first < 0 or first + count > len(out):
        return
    noise = np.fft.rfft(rng.normal(size=count))
    hertz = np.fft.rfftfreq(count, 1 / RATE)
    noise[(hertz < low) | (hertz > high)] *= 0.05
    sound = np.fft.irfft(noise, count) * np.hanning(count)
    out[first : first + count] += sound / (np.sqrt(np.mean(sound**2)) + 1e-9) * level
