"""Mixes for the splitting network, made as they are needed: other tunings, colours, rooms, levels and companions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from workbench.nets.separate_bands import BINS, HOP, RATE, banded, features, frames_of
from workbench.training.separate_data import PARTS

FRAMES = 192
LENGTH = (FRAMES - 1) * HOP
#: Decibels of each part beside the others: mean and spread.
LEVELS = {"drums": (-1.0, 4.5), "bass": (-2.0, 4.5), "other": (0.0, 3.0), "voice": (1.0, 4.0)}
#: How often a part is silent.
SILENT = {"drums": 0.1, "bass": 0.1, "other": 0.06, "voice": 0.6}


@dataclass(frozen=True)
class Example:
    """One mix: ``inputs`` [2, FRAMES, BANDS] as :func:`features`; ``power`` of the mix, [FRAMES, BANDS]; for each stem
    ``inner`` (the real part of its product with the mix, summed over each band) and ``energy``, [3, FRAMES, BANDS]."""

    inputs: np.ndarray
    power: np.ndarray
    inner: np.ndarray
    energy: np.ndarray


class Mixer:
    """Draws mixes from the files of a folder; ``seed`` makes them again for the same files."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.rng = folder, np.random.default_rng(seed)
        self.files: dict[Path, np.ndarray] = {}

    def refresh(self) -> None:
        """See new files."""
        for path in sorted(self.folder.glob("train-*.npy")):
            if path not in self.files:
                self.files[path] = np.load(path, mmap_mode="r")

    def draw(self) -> Example:
        """One mix."""
        return analysed(self.stems(), self.rng.random() < 0.25, self.rng)

    def stems(self) -> np.ndarray:
        """The stems of one mix, float32 [3, LENGTH]."""
        rng = self.rng
        together = rng.random() < 0.5
        place = self._place()
        parts: dict[str, np.ndarray] = {}
        for number, part in enumerate(PARTS):
            if rng.random() < SILENT[part]:
                parts[part] = np.zeros(LENGTH, np.float32)
                continue
            at = place if together or part == "voice" else self._place()
            parts[part] = self._part(part, number, at) * 10 ** (rng.normal(*LEVELS[part]) / 20)
        other = parts["other"] + parts["voice"]
        if rng.random() < 0.2:
            other = other + self._part("other", 2, self._place()) * 10 ** (rng.normal(-3, 4) / 20)
        if rng.random() < 0.3:
            other = other + rng.normal(size=LENGTH) * 0.05 * 10 ** (-rng.uniform(30, 65) / 20)
        stems = np.stack([parts["drums"], parts["bass"], other]).astype(np.float32)
        return _squeezed(stems, rng) if rng.random() < 0.3 else stems

    def _place(self) -> tuple[np.ndarray, int, int]:
        rng = self.rng
        names = list(self.files)
        sounds = self.files[names[rng.integers(len(names))]]
        return sounds, int(rng.integers(len(sounds))), int(rng.integers(sounds.shape[2] - round(LENGTH * 1.2)))

    def _part(self, part: str, number: int, place: tuple[np.ndarray, int, int]) -> np.ndarray:
        rng = self.rng
        sounds, scene, at = place
        ratio = float(np.exp(rng.uniform(-0.16, 0.16))) if rng.random() < 0.5 else 1.0
        cut = sounds[scene, number, at : at + int(np.ceil(LENGTH * ratio)) + 1].astype(np.float32) / 32_768
        if ratio != 1.0:
            cut = np.interp(np.arange(LENGTH) * ratio, np.arange(len(cut)), cut).astype(np.float32)
        cut = cut[:LENGTH]
        if not cut.any():
            return cut
        if rng.random() < 0.8:
            cut = _coloured(cut, part, rng)
        if rng.random() < (0.15 if part == "voice" else 0.25):
            drive = 10 ** rng.uniform(0, 1.2) / (np.abs(cut).max() + 1e-6)
            cut = np.tanh(cut * drive) / drive
            cut *= 0.05 / (np.sqrt(np.mean(cut**2)) + 0.003)
        return cut


def _coloured(sound: np.ndarray, part: str, rng: np.random.Generator) -> np.ndarray:
    """A smooth random response and, now and then, a room."""
    size = 1 << 18  # the sound and half a second of its room
    spectrum = np.fft.rfft(sound, size)
    hertz = np.arange(len(spectrum)) * (RATE / size)
    octave = np.log2(np.maximum(hertz, 20) / 20)
    gain = np.interp(octave, np.linspace(0, 10, 9), rng.normal(0, 3 if part == "bass" else 4, 9))
    response = 10 ** (gain / 20)
    if rng.random() < (0.1 if part == "bass" else 0.3):
        seconds = rng.uniform(0.15, 1.3)
        count = round(seconds * RATE)
        tail = rng.normal(size=count) * np.exp(-6.9 * np.arange(count) / count)
        tail *= rng.uniform(0.1, 0.6) / np.sqrt(np.sum(tail**2))
        tail[0] = 1.0
        response = response * np.fft.rfft(tail[: size // 2], size)
    return np.asarray(np.fft.irfft(spectrum * response, size)[: len(sound)], np.float32)


def _squeezed(stems: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """All stems under the gain of a compressor that hears the mix."""
    step = 441
    mix = stems.sum(0)
    count = len(mix) // step
    level = np.sqrt(np.mean(mix[: count * step].reshape(count, step) ** 2, axis=1)) + 1e-6
    slow = level.copy()
    keep = float(np.exp(-0.01 / rng.uniform(0.05, 0.3)))
    for place in range(1, count):
        slow[place] = max(level[place], keep * slow[place - 1] + (1 - keep) * level[place])
    ratio = rng.uniform(0.3, 0.75)
    gain = np.minimum(1, (slow / (np.mean(level) * rng.uniform(0.4, 1.2))) ** -ratio)
    return np.asarray(stems * np.interp(np.arange(len(mix)), np.arange(count) * step, gain), np.float32)


def analysed(stems: np.ndarray, lossy: bool, rng: np.random.Generator) -> Example:
    """What the network is given and compared with; ``lossy``: nothing above a frequency, as codecs leave it."""
    spectra = np.stack([frames_of(stem)[:FRAMES] for stem in stems])
    if lossy:
        spectra[:, :, int(rng.uniform(10_000, 17_000) / RATE * 2 * BINS) :] = 0
    mix = spectra.sum(0)
    power = banded(mix.real**2 + mix.imag**2)
    inner = np.stack([banded(one.real * mix.real + one.imag * mix.imag) for one in spectra])
    energy = np.stack([banded(one.real**2 + one.imag**2) for one in spectra])
    level = float(power.sum(1).mean()) * 10 ** (rng.normal(0, 3) / 10)
    return Example(features(power, level), power, inner, energy)


def batches(folder: Path, size: int, seed: int) -> Iterator[dict[str, np.ndarray]]:
    """Batches without end, float32 [size, ...] of each field of :class:`Example`."""
    mixer = Mixer(folder, seed)
    count = 0
    while True:
        if count % 50 == 0:
            mixer.refresh()
        count += 1
        drawn = [mixer.draw() for _ in range(size)]
        yield {name: np.stack([getattr(one, name) for one in drawn]) for name in ("inputs", "power", "inner", "energy")}
