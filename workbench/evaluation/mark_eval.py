"""How surely the inaudible mark is found, how often it is seen where it is not, and whether it can be heard.

Run as ``python -m workbench.evaluation.mark_eval FOLDER [--clips FILE.npy ...]`` with sound that carries no mark:
whole sound files, and arrays int16 [clips, parts, frames] at 44,100 Hz such as the separator's training clips. Each
sound file is cut into pieces of 20 seconds, marked, and found again after each of :data:`HARMS`.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from workbench.evaluation.mark_hearing import noise_to_mask
from workbench.provenance.mark.detect import PIECE, SURE, detect
from workbench.provenance.mark.embed import marked
from workbench.sound.audio import Audio
from workbench.sound.files import read_audio, write_audio

RATE = 44_100
#: Speeds at which sound is looked at again for false alarms: another place, pitch and tempo.
SPEEDS = (0.83, 0.86, 0.89, 0.92, 0.95, 0.97, 1.03, 1.06, 1.09, 1.12, 1.15, 1.18)


def _through(kind: str, bits: int) -> Callable[[Audio], Audio]:
    def change(audio: Audio) -> Audio:
        peak = max(1.0, float(np.abs(audio.samples).max(initial=0.0)))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"piece.{kind}"
            write_audio(Audio(audio.samples / np.float32(peak), audio.rate), path, bit_rate=bits)
            return read_audio(path)

    return change


def _mono(audio: Audio) -> Audio:
    return Audio(audio.mono()[:, None].copy(), audio.rate)


def _rates(audio: Audio) -> Audio:
    return audio.resampled(48_000).resampled(44_100).resampled(22_050)


def _softer(audio: Audio) -> Audio:
    """24 dB softer, in steps of 16 bits."""
    return Audio(np.rint(audio.samples * np.float32(0.063 * 32_767)).astype(np.float32) / 32_768, audio.rate)


def _half(audio: Audio) -> Audio:
    return Audio(np.ascontiguousarray(audio.samples[: audio.frames // 2]), audio.rate)


#: What is done to a marked piece before it is looked at. Each piece is cut from the middle of a marked whole.
HARMS: dict[str, Callable[[Audio], Audio]] = {
    "nothing": lambda audio: audio,
    "mp3 128": _through("mp3", 128_000),
    "aac 128": _through("m4a", 128_000),
    "mp3 64": _through("mp3", 64_000),
    "mono": _mono,
    "48k, 44.1k, 22.05k": _rates,
    "24 dB softer, 16 bit": _softer,
    "10 seconds, mp3 128": lambda audio: _through("mp3", 128_000)(_half(audio)),
    "mono, 22.05k, mp3 128": lambda audio: _through("mp3", 128_000)(_rates(_mono(audio)).resampled(RATE)),
}


def pieces(folder: Path) -> Iterator[tuple[str, Audio, Audio]]:
    """Name, music and marked music: stretches of 20 seconds that begin anywhere in the whole."""
    rng = np.random.default_rng(0)
    for path in sorted(folder.iterdir()):
        if path.suffix not in (".wav", ".flac", ".ogg", ".mp3", ".m4a", ".webm"):
            continue
        whole = read_audio(path, rate=RATE)
        with_mark = marked(whole)
        step = PIECE * RATE
        first = int(rng.integers(0, max(1, min(step, whole.frames - step))))
        for start in range(first if whole.frames > step else 0, max(1, whole.frames - step + 1), step):
            yield (
                path.stem,
                Audio(np.ascontiguousarray(whole.samples[start : start + step]), RATE),
                Audio(np.ascontiguousarray(with_mark.samples[start : start + step]), RATE),
            )


def unmarked(folder: Path, clips: list[Path]) -> Iterator[Audio]:
    """Sound without a mark, 10 to 20 seconds each: every piece of the files, at several speeds, every clip and part."""
    for _, plain, _ in pieces(folder):
        yield plain
        for speed in SPEEDS:
            yield Audio(plain.resampled(round(RATE * speed)).samples, RATE)
    for path in clips:
        for clip in np.load(path, mmap_mode="r"):
            parts = clip.astype(np.float32) / 32_768
            mix = parts.sum(axis=0)
            yield Audio((mix / max(1.0, float(np.abs(mix).max())))[:, None].astype(np.float32), RATE)
            yield from (Audio(np.ascontiguousarray(part[:, None]), RATE) for part in parts)


def measure(folder: Path, clips: list[Path]) -> dict[str, Any]:
    """All figures, ready for JSON."""
    found: dict[str, list[float]] = {name: [] for name in HARMS}
    ratios, levels, loudest = [], [], []
    for place, (_, plain, with_mark) in enumerate(pieces(folder)):
        for name, change in HARMS.items():
            found[name].append(detect(change(with_mark)).p)
        alone = with_mark.samples - plain.samples
        levels.append(10 * np.log10(np.mean(plain.samples**2) / max(1e-20, float(np.mean(alone**2)))))
        if place % 3 == 0:  # the standard's model is slow
            some = slice(0, 5 * RATE)
            ratio = noise_to_mask(plain.samples[some, 0], alone[some, 0])
            ratios.append(ratio)
            loudest.append(float((ratio < 0).mean()))
    chances = np.array([detect(audio).p for audio in unmarked(folder, clips)])
    every = np.concatenate(ratios)
    return {
        "pieces": len(levels),
        "found": {name: {"share": float(np.mean(np.array(p) < SURE)), "worst p": max(p)} for name, p in found.items()},
        "unmarked": {
            "clips": len(chances), "false alarms": int((chances < SURE).sum()), "least p": float(chances.min()),
            "below 0.5": float((chances < 0.5).mean()),
        },
        "music over mark in dB": {"mean": float(np.mean(levels)), "least": float(min(levels))},
        "noise to mask": {
            "band-frames": int(every.size), "below 0 dB": float((every < 0).mean()),
            "worst piece below 0 dB": min(loudest), "median dB": float(np.median(every)),
            "99th percentile dB": float(np.percentile(every, 99)),
        },
    }  # fmt: skip


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--clips", type=Path, nargs="*", default=[])
    arguments = parser.parse_args()
    print(json.dumps(measure(arguments.folder, arguments.clips), indent=1))


if __name__ == "__main__":
    main()
