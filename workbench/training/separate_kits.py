"""Drums from recorded kits (Hydrogen's, as Debian packages them) and from nothing but formulas.

A kit is a folder with ``drumkit.xml``; its instruments are told apart by their names. The kits are used for training
alone and travel with nothing.
"""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from workbench.training.listen_scenes import SECONDS, STROKES

RATE = 44_100
#: Classes of :data:`STROKES`, and 6 for everything else that is struck.
NAMES = (
    r"kick|bass ?drum|^bd|thump|djembe\d bass", r"snare|clap|rim|stick|snap|click|slap",
    r"clos|pedal|hat low|hat ring|hat \d (cl|pd)|swish|choke|side hh|hat-?(cl|pd)",
    r"open|op dirty|op phaser|hat \d op|ohh",
    r"tom|conga|bongo|drum \d|djembe\d tone|head", r"crash|ride|cym|china|splash|bell|paiste", r"",
)  # fmt: skip


class Kit:
    """The sounds of a kit by class, float32 mono at :data:`RATE`."""

    def __init__(self, folder: Path) -> None:
        import soundfile
        import soxr

        self.sounds: dict[int, list[list[np.ndarray]]] = {}
        text = (folder / "drumkit.xml").read_bytes()
        tree = ElementTree.fromstring(re.sub(rb"xmlns(:xsi)?=\"[^\"]*\"|xsi:\S+", b"", text))
        for instrument in tree.iter("instrument"):
            name = (instrument.findtext("name") or "").lower()
            files = [node.text for node in instrument.iter("filename") if node.text]
            layers = []
            for file in files[:6]:
                try:
                    sound, rate = soundfile.read(folder / file.strip(), dtype="float32", always_2d=True)
                except Exception:
                    continue
                mono = soxr.resample(sound.mean(1)[: 3 * rate], rate, RATE)
                mono[-2000:] *= np.linspace(1, 0, len(mono[-2000:]))
                layers.append(mono / (np.abs(mono).max() + 1e-6))
            if layers:
                kind = next(place for place, pattern in enumerate(NAMES) if re.search(pattern, name))
                self.sounds.setdefault(kind, []).append(layers)

    def play(self, notes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The strokes of a scene, float32 [SECONDS * RATE]."""
        return strokes(notes, rng, lambda kind, pitch, seed: self._pick(kind, pitch, seed))

    def _pick(self, kind: int, pitch: int, seed: int) -> list[np.ndarray] | None:
        order = {2: (2, 3), 3: (3, 2), 5: (5, 3), 4: (4, 0), 6: (6, 4, 1)}.get(kind, (kind,))
        for each in order:
            if each in self.sounds:
                choices = self.sounds[each]
                return choices[(pitch * 7 + seed) % len(choices)]
        return None


class Formulas:
    """A kit of sines and noise, drawn anew for each instance."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.made: dict[tuple[int, int], list[np.ndarray]] = {}

    def play(self, notes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The strokes of a scene, float32 [SECONDS * RATE]."""
        return strokes(notes, rng, lambda kind, pitch, seed: self._pick(kind, pitch))

    def _pick(self, kind: int, pitch: int) -> list[np.ndarray]:
        if (kind, pitch) not in self.made:
            self.made[kind, pitch] = [self._sound(kind)]
        return self.made[kind, pitch]

    def _sound(self, kind: int) -> np.ndarray:
        rng = self.rng
        seconds = {0: 0.5, 1: 0.4, 2: 0.2, 3: 0.9, 4: 0.8, 5: 2.4, 6: 0.3}[kind]
        time = np.arange(round(seconds * RATE)) / RATE
        noise = rng.normal(size=len(time))
        if kind == 0:
            sweep = rng.uniform(40, 70) * time + rng.uniform(2, 9) * (1 - np.exp(-time * rng.uniform(20, 60)))
            body = np.sin(2 * np.pi * sweep) * np.exp(-time * rng.uniform(5, 18))
            return body + rng.uniform(0, 0.25) * band(noise, 1_000, 6_000) * np.exp(-time * rng.uniform(100, 400))
        if kind == 4:
            pitch = rng.uniform(80, 260)
            sweep = pitch * time + rng.uniform(0, 3) * (1 - np.exp(-time * 20))
            return np.sin(2 * np.pi * sweep) * np.exp(-time * rng.uniform(5, 14)) + rng.uniform(0, 0.2) * band(
                noise, 200, 4_000
            ) * np.exp(-time * rng.uniform(20, 80))
        if kind == 1:
            tone = sum(np.sin(2 * np.pi * rng.uniform(150, 420) * time) for _ in range(2))
            tone = tone * np.exp(-time * rng.uniform(15, 40)) * rng.uniform(0, 0.6)
            low = rng.uniform(300, 1_500)
            rattle = band(noise, low, rng.uniform(5_000, 14_000)) * np.exp(-time * rng.uniform(9, 35))
            return np.asarray(tone + rattle)
        low = rng.uniform(2_000, 7_000) if kind in (2, 3, 5) else rng.uniform(500, 4_000)
        metal = sum(np.sign(np.sin(2 * np.pi * rng.uniform(300, 1_200) * time)) for _ in range(6)) / 3
        mixed = band(noise + rng.uniform(0, 1.5) * metal, low, rng.uniform(11_000, 18_000))
        decay = {2: rng.uniform(30, 110), 3: rng.uniform(4, 14), 5: rng.uniform(1.5, 5), 6: rng.uniform(20, 60)}[kind]
        return mixed * np.exp(-time * decay)


def strokes(notes: np.ndarray, rng: np.random.Generator, pick) -> np.ndarray:  # type: ignore[no-untyped-def]
    """Lay the sounds that ``pick(kind, pitch, seed)`` names where the notes are."""
    out = np.zeros(round(SECONDS * RATE) + 4 * RATE, np.float32)
    gains = 10 ** (rng.normal([2, 0, -8, -8, -2, -6, -6], 2.5) / 20)
    seed = int(rng.integers(1000))
    tune = float(np.exp(rng.normal(0, 0.06)))
    for start, _, pitch, velocity, _ in notes:
        kind = STROKES.get(int(pitch), 6)
        layers = pick(kind, int(pitch), seed)
        if not layers:
            continue
        place = min(len(layers) - 1, int(velocity / 128 * len(layers)))
        sound = layers[place] if tune == 1.0 else _tuned(layers[place], tune)
        at = round(float(start) * RATE)
        level = gains[kind] * (velocity / 100) ** 1.6 * float(np.exp(rng.normal(0, 0.05)))
        out[at : at + len(sound)] += (level * sound).astype(np.float32)
    return out[: round(SECONDS * RATE)]


def _tuned(sound: np.ndarray, ratio: float) -> np.ndarray:
    place = np.arange(0, len(sound) - 1, ratio)
    return np.asarray(np.interp(place, np.arange(len(sound)), sound), np.float32)


def band(noise: np.ndarray, low: float, high: float) -> np.ndarray:
    """Noise between two frequencies in Hz, 24 dB an octave beyond them, its peak at 1."""
    spectrum = np.fft.rfft(noise)
    hertz = np.fft.rfftfreq(len(noise), 1 / RATE)
    gain = 1 / (1 + (low / np.maximum(hertz, 1)) ** 4) / (1 + (hertz / high) ** 4)
    out = np.fft.irfft(spectrum * gain, len(noise))
    return np.asarray(out / (np.abs(out).max() + 1e-9))
