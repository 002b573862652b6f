"""What the splitting network learns from, on disk: stems of scenes, rendered once and mixed anew at every reading.

``build`` writes files of 48 scenes, int16 [scenes, PARTS, samples] at 44.1 kHz, each part of a scene with its own
instruments; ``batches`` cuts, tunes, colours and mixes parts, of one scene or of several that have nothing to do with
each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from workbench.training.listen_sound import FONTS, WEIGHTS
from workbench.training.separate_kits import Formulas, Kit
from workbench.training.separate_scenes import Parted, PartedScenes
from workbench.training.separate_sound import LENGTH, drawn, render, voice

A_FILE = 48
#: The parts of a scene on disk; the last is what a voice sings in it.
PARTS = ("drums", "bass", "other", "voice")
#: Level at which every part is kept on disk, as a root mean square.
LEVEL = 0.05
#: Kits that are kept aside for the evaluation, by a part of their name.
HELD_OUT_KITS = ("Millo_MultiLayered3", "Red_Zeppelin")


def build(folder: Path, files: int, seed: int, more: Path) -> None:
    """Make files of scenes; those that are there already are kept. ``more``: a folder of soundfonts and kits."""
    folder.mkdir(parents=True, exist_ok=True)
    scenes = PartedScenes("train", seed)
    fonts = [*FONTS, *(str(path) for path in sorted(more.rglob("*_LV2.sf2")) if not path.is_symlink())]
    folders = sorted(path.parent for path in more.rglob("drumkit.xml"))
    folders = [path for path in folders if not any(name in path.name for name in HELD_OUT_KITS)]
    drum_fonts = [name for name in fonts if not any(kit in name for kit in HELD_OUT_KITS)]
    for number in range(files):
        path = folder / f"train-{seed:03d}-{number:04d}.npy"
        if path.exists():
            continue
        rng = np.random.default_rng(seed * 7_919 + number)
        parted = [scenes.draw() for _ in range(A_FILE)]
        sounds = np.zeros((A_FILE, len(PARTS), LENGTH), np.int16)
        for part, made in enumerate(_parts(parted, drum_fonts, folders, rng)):
            for place, sound in enumerate(made):
                sounds[place, part] = packed(sound)
        temporary = path.with_suffix(".tmp")
        with temporary.open("wb") as file:
            np.save(file, sounds)
        temporary.replace(path)


def packed(sound: np.ndarray) -> np.ndarray:
    """int16 samples at :data:`LEVEL`; silence stays silence."""
    level = float(np.sqrt(np.mean(sound**2)))
    if level < 1e-5:
        return np.zeros(len(sound), np.int16)
    return np.asarray(np.clip(sound / level * LEVEL, -1, 1) * 32_767, np.int16)


def _parts(
    parted: list[Parted], drum_fonts: list[str], folders: list[Path], rng: np.random.Generator
) -> Iterator[list[np.ndarray]]:
    """The sounds of each part in turn."""
    pitched = list(FONTS)
    way = rng.random()
    if way < 0.45:
        font = str(rng.choice(drum_fonts, p=_weights(drum_fonts)))
        yield render([scene.drums for scene in parted], font, bool(rng.random() < 0.4), rng)
    elif way < 0.85:
        kits = [Kit(path) for path in rng.choice(np.array(folders, object), 3, replace=False)]
        yield [kits[rng.integers(3)].play(scene.drums, rng) for scene in parted]
    else:
        yield [Formulas(rng).play(scene.drums, rng) for scene in parted]
    yield _tones([scene.bass for scene in parted], str(rng.choice(pitched, p=WEIGHTS)), 0.3, rng)
    yield _tones([scene.other for scene in parted], str(rng.choice(pitched, p=WEIGHTS)), 0.25, rng)
    yield [voice(scene.tune, rng) for scene in parted]


def _weights(fonts: list[str]) -> np.ndarray:
    weights = np.array([*WEIGHTS, *[0.3] * (len(fonts) - len(WEIGHTS))])
    return np.asarray(weights / weights.sum())


def _tones(notes: list[np.ndarray], font: str, share: float, rng: np.random.Generator) -> list[np.ndarray]:
    """A share of the scenes by drawn waves, the others by the soundfont."""
    mine = rng.random(len(notes)) < share
    sounds = render([rows[:0] if skip else rows for rows, skip in zip(notes, mine, strict=True)], font,
                    bool(rng.random() < 0.5), rng)  # fmt: skip
    return [drawn(rows, rng) if skip else sound for rows, sound, skip in zip(notes, sounds, mine, strict=True)]
