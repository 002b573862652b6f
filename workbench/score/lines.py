"""The line of a part as numbers that neither key nor tempo changes: steps from note to note, and how lengths relate.

Used to recognise a passage in music that it was taken from. Of notes that begin together the highest counts; a note
below one that still sounds belongs to the accompaniment and is left out (:func:`melody_line`), or counts as well
(:func:`top_line`), so that a tune is found with and without what is played under it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

#: Steps beyond two octaves are told as two octaves; lengths that differ by more than eightfold as eightfold.
WIDEST, FARTHEST = 24, 3
#: Notes that begin within this share of a beat of each other begin together: a rolled chord, a player's hand.
TOGETHER = 24


class Line(NamedTuple):
    """A line of n notes. ``places``: which of the given notes; ``steps``: semitones to the next note, n - 1 of them.

    ``ratios``: how the time to the next note relates to the time from the note before, in octaves of time (0: the
    same, 1: twice as long), n - 2 of them.
    """

    places: Ints
    steps: Ints
    ratios: Ints


def top_line(onset: Ints, pitch: Ints, ppq: int) -> Line:
    """The highest note of each moment. ``onset`` in ticks, rising; ``pitch`` MIDI; ``ppq``: ticks to the beat."""
    return _line(_tops(onset, pitch, ppq), onset, pitch)


def melody_line(onset: Ints, end: Ints, pitch: Ints, ppq: int) -> Line:
    """The notes that no higher note still sounds above. ``end`` in ticks; the rest as for :func:`top_line`."""
    tops = _tops(onset, pitch, ppq)
    kept: list[int] = []
    above: list[tuple[int, int]] = []  # pitch and end of what still sounds, from high to low
    slack = ppq // TOGETHER
    for place in tops.tolist():
        start, key = int(onset[place]), int(pitch[place])
        above = [(high, until) for high, until in above if until > start + slack]
        if not above or above[0][0] <= key:
            kept.append(place)
        above = sorted([*above, (key, int(end[place]))], reverse=True)[:8]
    return _line(np.array(kept, np.int64), onset, pitch)


def _tops(onset: Ints, pitch: Ints, ppq: int) -> Ints:
    """Indices of the highest note of each moment."""
    if not len(onset):
        return np.zeros(0, np.int64)
    fresh = np.concatenate([[True], np.diff(onset) > max(1, ppq // TOGETHER)])
    moment = np.cumsum(fresh) - 1
    order = np.lexsort((-pitch, moment))
    first = np.concatenate([[True], np.diff(moment[order]) > 0])
    return np.asarray(order[first], np.int64)


def _line(index: Ints, onset: Ints, pitch: Ints) -> Line:
    steps = np.clip(np.diff(pitch[index]), -WIDEST, WIDEST).astype(np.int64)
    gaps = np.maximum(1, np.diff(onset[index])).astype(np.float64)
    ratios = np.rint(np.log2(gaps[1:] / gaps[:-1])) if len(gaps) > 1 else np.zeros(0)
    return Line(index, steps, np.clip(ratios, -FARTHEST, FARTHEST).astype(np.int64))


#: Notes of the shortest passage that is told apart, and what stands in a code where a line is broken off.
PASSAGE, BREAK = 8, 255
_BASE, _SHIFT = np.uint64(0x9E3779B97F4A7C15), np.uint64(29)


def coded(line: Line) -> npt.NDArray[np.uint8]:
    """A line as bytes: uint8 [2, n - 1], steps (0 to 48) and ratios (0 to 6; the last step has none: 3)."""
    steps = (line.steps + WIDEST).astype(np.uint8)
    ratios = np.full(len(steps), FARTHEST, np.uint8)
    ratios[: len(line.ratios)] = line.ratios + FARTHEST
    return np.stack([steps, ratios])


def hashed(code: npt.NDArray[np.uint8], *, rhythm: bool, notes: int = PASSAGE) -> npt.NDArray[np.uint64]:
    """A hash of each passage of some notes: the steps between them and, with ``rhythm``, how their lengths relate.

    A passage over a break hashes like nothing else that :func:`coded` gives, because a break is no step.

    Returns:
        uint64 [m - notes + 1] for the m - 1 columns of ``code``; empty if there are too few.
    """
    count = code.shape[1] - (notes - 2)
    if count <= 0:
        return np.zeros(0, np.uint64)
    value = np.zeros(count, np.uint64)
    for place in range(notes - 1):
        symbol = code[0, place : place + count].astype(np.uint64)
        if rhythm and place < notes - 2:
            symbol = symbol * np.uint64(8) + code[1, place : place + count]
        value = mixed(value, symbol + np.uint64(1))
    return value


def mixed(value: npt.NDArray[np.uint64], symbols: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Hashes with one more symbol each: uint64, multiplied and folded, so that order counts."""
    value = (value ^ symbols) * _BASE
    return np.asarray(value ^ (value >> _SHIFT))
