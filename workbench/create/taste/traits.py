"""An idea as a handful of traits, each with words for its two ends; nothing else of an idea is remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from workbench.score.score import Note

#: Traits: name -> the two ends as a person reads them after "You keep ideas ...", and how much is a clear difference.
TRAITS: Mapping[str, tuple[str, str, float]] = MappingProxyType({
    "density": ("with fewer notes", "with more notes", 0.5),
    "range": ("that stay close together", "that reach far up and down", 6.0),
    "register": ("that lie lower", "that lie higher", 6.0),
    "leaps": ("that move by steps", "that leap", 1.5),
    "five notes": ("with many tones of the scale", "of five-note scales", 0.2),
    "in key": ("with tones from outside the key", "that stay in the key", 0.15),
    "off beat": ("on the beat", "off the beat", 0.2),
    "lengths": ("with short notes", "with long notes", 0.5),
    "variety": ("in one rhythm", "with many rhythms", 0.25),
    "loudness": ("that are softer", "that are louder", 12.0),
    "closeness": ("unlike the music around", "close to the music around", 0.2),
})  # fmt: skip

_FIVE = [[(root + step) % 12 for step in (0, 2, 4, 7, 9)] for root in range(12)]
_SEVEN = [[(root + step) % 12 for step in (0, 2, 4, 5, 7, 9, 11)] for root in range(12)]


def traits(notes: Sequence[Note], around: Sequence[Note], ppq: int) -> dict[str, float]:
    """The traits of an idea.

    Args:
        notes: the new ones, of all tracks.
        around: notes of the piece near them, which say what key it is in.
        ppq: ticks to the beat.

    Returns:
        A number for each of :data:`TRAITS`; nothing for an idea without notes.
    """
    if not notes:
        return {}
    start = np.array([note.start for note in notes]) / ppq
    order = np.argsort(start, kind="stable")
    pitch = np.array([note.pitch for note in notes], float)
    length = np.array([note.duration for note in notes]) / ppq
    beats = max(1.0, float((start + length).max() - np.floor(start.min())))
    steps = np.abs(np.diff(pitch[order]))
    gaps = np.round(np.diff(np.unique(np.round(start, 2))), 2)
    here, there = _classes(notes), _classes([*around, *notes])
    shared = np.minimum(here / here.sum(), _classes(around) / len(around)).sum() if around else 0.5
    key = max(range(12), key=lambda root: (there[_SEVEN[root]].sum(), -root))
    return {
        "density": float(np.log2(len(notes) / beats)),
        "range": float(pitch.max() - pitch.min()),
        "register": float(pitch.mean() - (np.mean([note.pitch for note in around]) if around else 60)),
        "leaps": float(steps.mean()) if len(steps) else 0.0,
        "five notes": max(float(here[five].sum()) for five in _FIVE) / float(here.sum()),
        "in key": float(here[_SEVEN[key]].sum() / here.sum()),
        "off beat": float(np.mean(np.abs(start - np.round(start)) > 0.05)),
        "lengths": float(np.log2(max(1 / 16, length.mean()))),
        "variety": len(set(gaps.tolist())) / max(1, min(8, len(gaps))),
        "loudness": float(np.mean([note.velocity for note in notes])),
        "closeness": float(shared),
    }  # fmt: skip


def _classes(notes: Sequence[Note]) -> np.ndarray:
    """How many notes there are of each of the twelve pitch classes."""
    return np.bincount([note.pitch % 12 for note in notes], minlength=12).astype(float)
