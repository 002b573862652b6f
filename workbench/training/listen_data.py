"""What the listening network learns from, on disk: spectra and targets of scenes, made once and read many times.

``build`` renders scenes and writes them in files of 64 (``train-00012.npz``): ``bins`` float16 [64, frames, BINS] and
for each target its rows. ``batches`` reads files at random, cuts and varies the spectra a little each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import torch

from workbench.nets.listen import BINS, DRUMS, FPS, LOW, PITCHES, spectrum
from workbench.training.corpora import DRUMS as DRUM_PROGRAM
from workbench.training.listen_scenes import SECONDS, STROKES, Scene, Scenes
from workbench.training.listen_sound import FONTS, WEIGHTS, mixed, render
from workbench.training.listen_spoil import spoil

FRAMES = round(SECONDS * FPS) + 1
A_FILE = 64
#: Targets by key and frame, and by frame; uint8 (velocity 0 to 127, the rest 0 or 1; chords as classes, 255: unknown).
KEYS = ("onset", "frame", "end", "velocity", "melody")


def targets(scene: Scene) -> dict[str, np.ndarray]:
    """The targets of a scene, uint8: [FRAMES, PITCHES] by key, [FRAMES, ...] by frame."""
    out = {name: np.zeros((FRAMES, PITCHES), np.uint8) for name in KEYS}
    drums = np.zeros((FRAMES, DRUMS), np.uint8)
    for start, end, pitch, velocity, program in scene.notes:
        first = round(float(start) * FPS)
        if program == DRUM_PROGRAM:
            if int(pitch) in STROKES:
                drums[first, STROKES[int(pitch)]] = 1
            continue
        key, last = int(pitch) - LOW, min(FRAMES - 1, max(first + 1, round(float(end) * FPS)))
        out["onset"][first, key] = 1
        out["velocity"][first, key] = int(np.clip(velocity, 1, 127))
        out["frame"][first:last, key] = 1
        out["end"][last, key] = 1
    out |= {"drums": drums, "known": np.array([scene.beats is not None, scene.melody is not None], np.uint8)}
    beats = np.zeros((FRAMES, 2), np.uint8)
    for second, down in scene.beats if scene.beats is not None else ():
        beats[round(float(second) * FPS), : 1 + int(down)] = 1
    root, kind = np.full(FRAMES, 255, np.uint8), np.full(FRAMES, 255, np.uint8)
    if scene.chords is not None:
        root[:] = 12
        for start, end, pitch_class, which in scene.chords:
            span = slice(round(float(start) * FPS), round(float(end) * FPS))
            root[span], kind[span] = int(pitch_class), int(which)
    for start, end, pitch in scene.melody if scene.melody is not None else ():
        if LOW <= pitch < LOW + PITCHES:
            out["melody"][round(float(start) * FPS) : max(0, round(float(end) * FPS)), int(pitch) - LOW] = 1
    return {**out, "beats": beats, "root": root, "kind": kind}


def build(
    folder: Path, side: str, files: int, seed: int, font: str | None = None, bands: bool = False,
    shares: Mapping[str, float] | None = None,
) -> None:  # fmt: skip
    """Make files of scenes (``bands``: of bands and singers, two soundfonts each); those already there are kept.

    ``shares``: how often each corpus is drawn, where not as usual.
    """
    folder.mkdir(parents=True, exist_ok=True)
    scenes: Scenes | None = None
    for number in range(files):
        path = folder / f"{side}-{seed:03d}-{number:04d}.npz"
        if path.exists():
            continue
        scenes = scenes or Scenes(side, seed * 10_007 + number, bands=bands, shares=shares)
        rng = np.random.default_rng(seed * 7_919 + number)
        drawn = [scenes.draw() for _ in range(A_FILE)]
        chosen = font or str(rng.choice(FONTS, p=WEIGHTS))
        plain = mixed(drawn, rng) if bands else render(drawn, chosen, bool(rng.random() < 0.5), rng)
        sounds = [spoil(sound, rng) for sound in plain]
        bins = [spectrum(torch.from_numpy(sound[None]))[0].numpy().astype(np.float16) for sound in sounds]
        rows = [targets(scene) for scene in drawn]
        packed = {name: np.stack([row[name] for row in rows]) for name in rows[0]}
        temporary = path.with_suffix(".tmp.npz")
        np.savez_compressed(temporary, allow_pickle=False, **packed)
        np.save(path.with_suffix(".npy"), np.stack(bins))
        temporary.replace(path)


def again(folder: Path, side: str, seed: int, copies: int) -> None:
    """Let the scenes of one seed count ``copies`` times more, as links under other numbers."""
    for path in sorted(folder.glob(f"{side}-{seed:03d}-*.np[yz]")):
        for copy in range(1, copies + 1):
            link = folder / path.name.replace(f"-{seed:03d}-", f"-{100 * copy + seed:03d}-")
            if not link.exists():
                link.symlink_to(path.name)


def vary(bins: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Another colour, level and a little noise, in decibels over 60 as the spectrum has them."""
    count = bins.shape[0]
    shift = torch.from_numpy(rng.uniform(-0.45, 0.45, (count, 1, 1)).astype(np.float32))  # tuned up to 15 cents off
    beside = torch.where(shift > 0, torch.roll(bins, 1, 2), torch.roll(bins, -1, 2))
    bins = bins + shift.abs() * (beside - bins)
    points = torch.from_numpy(rng.normal(0, 0.06, (count, 1, 9)).astype(np.float32))
    tilt = torch.nn.functional.interpolate(points, BINS, mode="linear", align_corners=True)
    level = torch.from_numpy(rng.normal(0, 0.05, (count, 1, 1)).astype(np.float32))
    floor = torch.from_numpy(rng.uniform(-0.3, 0.15, (count, 1, 1)).astype(np.float32))
    noisy = bins + tilt + level + torch.randn(bins.shape) * 0.02
    return torch.logaddexp(noisy * 12, floor * 12) / 12  # a soft floor, as noise makes it


def batches(
    folder: Path, side: str, size: int, seed: int, frames: int = 300
) -> Iterator[tuple[torch.Tensor, dict[str, torch.Tensor]]]:
    """Batches without end: spectra float32 [size, frames, BINS] and targets; new files are seen as they appear."""
    rng = np.random.default_rng(seed)
    while True:
        paths = sorted(folder.glob(f"{side}-*.npz"))
        for path in rng.permutation(np.array([str(item) for item in paths if ".tmp" not in item.name])):
            bins = np.load(Path(path).with_suffix(".npy"), mmap_mode="r")
            with np.load(path) as packed:
                rows = {name: packed[name] for name in packed.files}
            order = rng.permutation(len(bins))
            for start in range(0, len(order) - size + 1, size):
                mine = np.sort(order[start : start + size])
                at = int(rng.integers(0, FRAMES - frames + 1))
                x = torch.from_numpy(np.array(bins[mine, at : at + frames], np.float32))
                y = {
                    name: torch.from_numpy(value[mine] if name == "known" else value[mine, at : at + frames])
                    for name, value in rows.items()
                }
                yield vary(x, rng), y
