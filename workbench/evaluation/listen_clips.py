"""Clips to measure listening with: held-out works, rendered with a soundfont that no training heard, and the truth.

``clips("band")`` makes the same clips every time, with the sound, the sound of each part, and everything that is to be
found in it. They are kept below the training folder, since rendering costs more than reading.
"""

from __future__ import annotations

import dataclasses
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from workbench.nets.listen_spectrum import RATE
from workbench.training.corpora import DRUMS, train_dir
from workbench.training.listen_bands import SUNG
from workbench.training.listen_scenes import Scene, Scenes
from workbench.training.listen_sound import HELD_OUT, render
from workbench.training.listen_spoil import spoil
from workbench.training.listen_voice import sing

VERSION = 1
#: Another soundfont than the held-out one; training has heard it.
HEARD = "/usr/share/sounds/sf3/MuseScore_General_Lite.sf3"
#: Kind of clip -> corpora it is cut from.
KINDS = {
    "piano": ("mutopia", "pop909_main"), "guitar": ("mutopia", "lieder"), "band": ("pop909_main", "freedoom"),
    "choir": ("polish", "quartets", "lieder"), "solo": ("folk",), "sung": ("pop909_main",),
}  # fmt: skip
CHOIR = (52, 46, 48, 53, 49)
SOLO = (73, 40, 65, 56, 71, 24, 0, 66)
GUITAR = (24, 25)


@dataclasses.dataclass(frozen=True, eq=False)
class Clip:
    """A recording of which everything is known.

    ``sound``: float32 [samples] at 22,050 Hz, spoilt where ``spoilt`` says so. ``stems``: drums, bass, voice and other,
    where there are such, as rendered; their sum is the sound before it was spoilt. ``scene``: what is in it.
    """

    name: str
    kind: str
    scene: Scene
    sound: np.ndarray
    stems: dict[str, np.ndarray]
    spoilt: bool
    rate: int = RATE

    def notes(self) -> np.ndarray:
        """Pitched notes: rows (start, end, pitch, velocity, program)."""
        rows: np.ndarray = self.scene.notes[self.scene.notes[:, 4] != DRUMS]
        return rows

    def drums(self) -> np.ndarray:
        """Strokes: rows (start, end, General MIDI key, velocity, program)."""
        rows: np.ndarray = self.scene.notes[self.scene.notes[:, 4] == DRUMS]
        return rows


def clips(
    kind: str, count: int = 10, *, seconds: float = 15.0, font: str = HELD_OUT, spoilt: bool = False,
    side: str = "test", seed: int = 1,
) -> list[Clip]:  # fmt: skip
    """Clips of one of :data:`KINDS`; the same for the same arguments.

    Raises:
        Unavailable: the corpora, FluidSynth or the soundfont is missing.
    """
    folder = train_dir() / "listen-clips"
    folder.mkdir(exist_ok=True)
    name = f"{VERSION}-{kind}-{side}-{count}-{seconds:g}-{seed}-{Path(font).stem}{'-spoilt' if spoilt else ''}.pickle"
    if (folder / name).exists():
        found: list[Clip] = pickle.loads((folder / name).read_bytes())  # written by this function
        return found
    made = list(_make(kind, count, seconds, font, spoilt, side, seed))
    (folder / f"{name}.part").write_bytes(pickle.dumps(made))
    (folder / f"{name}.part").replace(folder / name)
    return made


def _make(kind: str, count: int, seconds: float, font: str, spoilt: bool, side: str, seed: int) -> Iterator[Clip]:
    numbers = Scenes(side, seed, bands=kind in ("band", "sung"), seconds=seconds)
    rng = np.random.default_rng(seed)
    scenes: list[Scene] = []
    while len(scenes) < count:
        scene = numbers.draw(KINDS[kind][len(scenes) % len(KINDS[kind])])
        cast = CASTS[kind](scene, len(scenes))
        if cast is not None:
            scenes.append(cast)
    tunings = [0.0] * count
    parts = {
        part: render(
            [_only(scene, part) for scene in scenes], font, False, np.random.default_rng(seed), tunings, seconds
        )
        for part in ("drums", "bass", "other")
    }
    for number, scene in enumerate(scenes):
        stems = {part: sounds[number] for part, sounds in parts.items() if len(_only(scene, part).notes)}
        sung = scene.notes[scene.notes[:, 4] == SUNG]
        if len(sung):
            band = sum(stems.values(), np.zeros(round(seconds * RATE), np.float32))
            level = float(np.sqrt(np.mean(np.square(band)))) + 1e-6
            stems["voice"] = sing(sung[:, :4], seconds, rng) / np.float32(0.1) * np.float32(level * 1.2)
        sound = sum(stems.values(), np.zeros(round(seconds * RATE), np.float32))
        yield Clip(f"{kind}-{number:02d}", kind, scene, spoil(sound, rng) if spoilt else sound, stems, spoilt)


def _only(scene: Scene, part: str) -> Scene:
    """The notes of one part of a scene."""
    program = scene.notes[:, 4]
    low = (program >= 32) & (program < 40)
    mine = {"drums": program == DRUMS, "bass": low, "other": (program < DRUMS) & ~low}[part]
    return dataclasses.replace(scene, notes=scene.notes[mine])


def _all(scene: Scene, program: int, lowest: int, highest: int) -> Scene | None:
    """A scene's pitched notes on one instrument, where they fit on it."""
    notes = scene.notes[scene.notes[:, 4] != DRUMS].copy()
    notes = notes[(notes[:, 2] >= lowest) & (notes[:, 2] <= highest)]
    notes[:, 4] = program
    return dataclasses.replace(scene, notes=_once(notes)) if len(notes) >= 12 else None


def _once(notes: np.ndarray) -> np.ndarray:
    """Notes of one instrument without those that strike a key which another has just struck."""
    kept: list[int] = []
    last: dict[int, int] = {}
    for number in np.argsort(notes[:, 0], kind="stable"):
        key = int(notes[number, 2])
        if key in last:
            before = last[key]
            if notes[number, 0] - notes[before, 0] < 0.06:
                continue
            notes[before, 1] = min(notes[before, 1], notes[number, 0])
        last[key] = int(number)
        kept.append(int(number))
    return notes[kept]


def _band(scene: Scene, number: int) -> Scene | None:
    """Four players at least, drums and bass among them; what would be sung is played."""
    notes = scene.notes.copy()
    notes[notes[:, 4] == SUNG, 4] = (65, 27, 56, 81)[number % 4]
    programs = set(np.unique(notes[:, 4]).astype(int))
    whole = DRUMS in programs and programs & set(range(32, 40)) and len(programs) >= 4
    return dataclasses.replace(scene, notes=notes) if whole else None


def _sung(scene: Scene, number: int) -> Scene | None:
    """A singer over a band."""
    programs = set(np.unique(scene.notes[:, 4]).astype(int))
    return scene if SUNG in programs and len(programs) >= 3 else None


#: Kind -> who plays: the scene cast, or None where it does not suit.
CASTS: dict[str, Callable[[Scene, int], Scene | None]] = {
    "piano": lambda scene, number: _all(scene, 0, 21, 108),
    "guitar": lambda scene, number: _all(scene, GUITAR[number % 2], 40, 84),
    "choir": lambda scene, number: _all(scene, CHOIR[number % len(CHOIR)], 36, 90),
    "solo": lambda scene, number: _all(scene, SOLO[number % len(SOLO)], 40, 96),
    "band": _band, "sung": _sung,
}  # fmt: skip
