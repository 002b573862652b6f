"""From what the network heard frame by frame to notes and strokes, each with a confidence that means something.

Every peak of the onset row that is not hopeless is a candidate; a network of one small layer then says how likely it is
a note, from its own peak, what sounds after it, and what is struck an octave, a twelfth or a moment away. That number
is the confidence: fitted on held-out pieces, of all notes with confidence 0.8 about four in five are right. Notes below
a threshold are left out, which is how ghosts at the octave go.
"""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench import resources
from workbench.nets.listen_spectrum import DRUMS, FPS, LOW, PITCHES
from workbench.understand.frames import Frames
from workbench.understand.heard import HeardNote

Floats = NDArray[np.float32]
#: What a candidate is told by; see :func:`features`.
FEATURES = (
    "one", "onset", "begins", "lasts", "onset squared", "begins squared", "onset times begins", "onset below",
    "onset above", "sounds below", "twelfth below", "two octaves below", "velocity", "struck before", "sounds before",
    "crowd", "height", "height squared", "beside", "stroke", "end near",
)  # fmt: skip
#: Lowest onset of a candidate, and of a stroke.
HOPELESS = 0.12
#: Strokes by class: kick, snare, closed hat, open hat, tom, cymbal, as General MIDI keys.
STROKE_KEYS = (36, 38, 42, 46, 45, 49)
RIDE, RIDE_RATE = 51, 1.2  # a cymbal struck more often than this, a second, is not a crash
SHORTEST = 0.04  # seconds
#: Frames whose candidates are judged together, and how many beside them they are judged by.
BLOCK, AROUND = 6_000, 32


@dataclass(frozen=True, eq=False)
class Settings:
    """What was fitted on held-out pieces (``config.json`` beside the network).

    ``mean``, ``scale``: of :data:`FEATURES`; ``first`` [features, hidden], ``first_bias`` [hidden], ``second``
    [hidden], ``second_bias``: the layer that says how likely a candidate is a note; ``threshold``: least confidence of
    a note; ``keep``: how likely a note still sounds where it lasts; ``late``: seconds taken off each onset;
    ``strokes``: for each class of drums its offset, slope (of the logit) and threshold.
    """

    mean: Floats
    scale: Floats
    first: Floats
    first_bias: Floats
    second: Floats
    second_bias: float
    threshold: float
    keep: float
    late: float
    strokes: tuple[tuple[float, float, float], ...]

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Settings:
        """From the ``decoding`` part of a ``config.json``."""
        mean, scale, first, bias, second = (
            np.array(values[name], np.float32) for name in ("mean", "scale", "first", "first_bias", "second")
        )
        strokes = tuple((float(offset), float(slope), float(least)) for offset, slope, least in values["strokes"])
        last, threshold, keep, late = (float(values[name]) for name in ("second_bias", "threshold", "keep", "late"))
        return cls(mean, scale, first, bias, second, last, threshold, keep, late, strokes)

    def likely(self, rows: Floats) -> Floats:
        """How likely candidates told by ``features`` [n, features] are notes, 0 to 1 [n]."""
        hidden = np.tanh((rows - self.mean) / self.scale @ self.first + self.first_bias)
        return np.asarray(1 / (1 + np.exp(-(hidden @ self.second + self.second_bias))), np.float32)


@functools.lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings that are shipped with the network."""
    folder = os.environ.get("WORKBENCH_LISTENER")
    path = Path(folder, "config.json") if folder else resources.path("models/transcribe/config.json")
    return Settings.read(json.loads(path.read_text(encoding="utf-8"))["decoding"])


def notes_of(frames: Frames, with_settings: Settings | None = None) -> tuple[HeardNote, ...]:
    """The pitched notes of a recording, in order of their starts."""
    chosen = with_settings or settings()
    found = [_judged(frames, first, chosen) for first in range(0, len(frames), BLOCK)]
    at, key, place, sure = (np.concatenate([block[number] for block in found]) for number in range(4))
    if not len(at):
        return ()
    ends = note_ends(frames.frame, at, key, chosen.keep)
    starts = np.maximum(place, 0) / FPS - chosen.late
    velocity = np.clip(np.round(frames.velocity[at, key].astype(np.float32) * 127), 1, 127)
    out = [
        HeardNote(
            max(0.0, float(start)), max(float(end), float(start) + SHORTEST, SHORTEST), int(pitch) + LOW,
            int(loud), round(float(likely), 3),
        )
        for start, end, pitch, loud, likely in zip(starts, ends / FPS, key, velocity, sure, strict=True)
    ]  # fmt: skip
    return tuple(sorted(out, key=lambda note: (note.start, note.pitch)))


def _judged(frames: Frames, first: int, chosen: Settings) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats, Floats]:
    """Notes that begin in the block from frame ``first`` on: frame, key, place between frames, confidence."""
    low, high = max(0, first - AROUND), min(len(frames), first + BLOCK + AROUND)
    rows = {name: getattr(frames, name)[low:high] for name in ("onset", "frame", "end", "velocity", "drums")}
    block = replace(frames, **rows)
    onset = block.onset.astype(np.float32)
    at, key = candidates(onset)
    mine = (at >= first - low) & (at < first - low + BLOCK)
    at, key = at[mine], key[mine]
    sure = chosen.likely(features(block, at, key))
    good = sure >= chosen.threshold
    at, key = at[good], key[good]
    return at + low, key, (at + low + between(onset, at, key)).astype(np.float32), sure[good]


def drums_of(frames: Frames, with_settings: Settings | None = None) -> tuple[HeardNote, ...]:
    """The strokes of a drum kit, as General MIDI keys, in order; how hard they were struck is guessed."""
    chosen = with_settings or settings()
    rows = frames.drums.astype(np.float32)
    out: list[HeardNote] = []
    for which, (offset, slope, threshold) in enumerate(chosen.strokes):
        at = peaks(rows[:, which : which + 1], HOPELESS)[:, 0]
        column = np.full(len(at), which)
        sure = 1 / (1 + np.exp(-(offset + slope * logit(rows[at, which]))))
        good = sure >= threshold
        times = np.maximum(0, (at + between(rows, at, column))[good] / FPS - chosen.late)
        name = STROKE_KEYS[which]
        if which == DRUMS - 1 and len(times) > RIDE_RATE * max(4.0, frames.duration):
            name = RIDE
        for time, likely, clear in zip(times, sure[good], rows[at[good], which], strict=True):
            struck = int(np.clip(round(45 + 70 * float(clear)), 1, 127))
            out.append(HeardNote(float(time), float(time) + 0.1, name, struck, round(float(likely), 3), drum=True))
    return tuple(sorted(out, key=lambda stroke: (stroke.start, stroke.pitch)))


def peaks(rows: NDArray, least: float) -> NDArray[np.intp]:
    """Frames [n, columns] -> (frame, column) at least ``least`` and highest of the two frames on either side."""
    padded = np.pad(rows, ((2, 2), (0, 0)))
    higher = np.maximum(padded[:-4], padded[1:-3])
    after = np.maximum(padded[3:-1], padded[4:])
    return np.argwhere((rows >= least) & (rows > higher) & (rows >= after))


def candidates(onset: NDArray) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where notes may begin: frames and keys."""
    found = peaks(onset, HOPELESS)
    return found[:, 0], found[:, 1]


def between(rows: NDArray, at: NDArray[np.intp], column: NDArray[np.intp]) -> Floats:
    """Where a peak stands between its frames, -0.5 to 0.5: the middle of a parabola through it and its neighbours."""
    padded = np.pad(rows, ((1, 1), (0, 0))).astype(np.float32)
    before, middle, after = (padded[at + shift, column] for shift in range(3))
    bend = np.minimum(before - 2 * middle + after, -1e-6)
    return np.asarray(np.clip(0.5 * (before - after) / bend, -0.5, 0.5), np.float32)


def logit(share: NDArray) -> Floats:
    """Log odds of probabilities."""
    inside = np.clip(share.astype(np.float32), 1e-3, 1 - 1e-3)
    return np.asarray(np.log(inside / (1 - inside)), np.float32)


def features(frames: Frames, at: NDArray[np.intp], key: NDArray[np.intp]) -> Floats:
    """What is known of candidates: float32 [n, len(FEATURES)]."""
    pad = 24
    onset = np.pad(frames.onset.astype(np.float32), ((pad, pad), (pad, pad)))
    sums = np.cumsum(np.pad(frames.frame.astype(np.float32), ((pad + 1, pad), (pad, pad))), axis=0)
    row, column = at + pad, key + pad

    def sounding(first: int, last: int, shift: int = 0) -> Floats:
        """Mean of the sounding row from one frame to another, seen from each candidate."""
        total = sums[row + last, column + shift] - sums[row + first, column + shift]
        return np.asarray(total / (last - first), np.float32)

    def struck(first: int, last: int, shift: int = 0) -> Floats:
        """Highest onset among some frames, seen from each candidate."""
        found: Floats = np.max([onset[row + step, column + shift] for step in range(first, last)], axis=0)
        return found

    columns: tuple[NDArray, ...]
    own, begins = logit(onset[row, column]), logit(sounding(1, 6))
    crowd = np.log1p(frames.onset.astype(np.float32).sum(axis=1))[at]
    height = (key - PITCHES / 2).astype(np.float32) / 40
    stroke = frames.drums.astype(np.float32).max(axis=1)[at]
    columns = (
        np.ones(len(at)), own, begins, logit(sounding(6, 16)), own**2 / 4, begins**2 / 4, own * begins / 4,
        struck(-2, 3, -12), struck(-2, 3, 12), sounding(0, 6, -12), struck(-2, 3, -19), struck(-2, 3, -24),
        frames.velocity[at, key], struck(-12, -2), sounding(-6, -2), crowd, height, height**2,
        np.maximum(struck(-2, 3, -1), struck(-2, 3, 1)), stroke, frames.end[at, key],
    )  # fmt: skip
    return np.stack([np.asarray(item, np.float32) for item in columns], axis=1)


def note_ends(frame: NDArray, at: NDArray[np.intp], key: NDArray[np.intp], keep: float) -> NDArray[np.intp]:
    """The frame at which each note ends: it is silent for two frames, or its key is struck again."""
    sounding = frame >= keep
    quiet = ~sounding
    quiet[:-1] &= ~sounding[1:]
    ends = np.full(len(at), len(frame), np.intp)
    for number in np.unique(key):
        silent = np.flatnonzero(quiet[:, number])
        mine = np.flatnonzero(key == number)
        mine = mine[np.argsort(at[mine])]
        place = np.searchsorted(silent, at[mine] + 2)
        found = np.append(silent, len(frame))[place]
        again = np.append(at[mine][1:], len(frame))
        ends[mine] = np.minimum(found, again)
    return ends
