"""A tune varied as players vary one: ornaments in long notes, an upbeat, a note struck again; its contour stays.

Most of the time sounds the pitch class that the tune has there, so that whoever knows the tune hears it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from workbench.create.compose.motif import stepped
from workbench.create.compose.source import Source
from workbench.score.score import Note

#: The chance that a note long enough is varied.
CHANCE = 0.5


def varied_bars(source: Source, rng: np.random.Generator) -> Source:
    """The tune with about half of its long notes varied; the first and the last note stay."""
    scale = frozenset(source.key.scale)
    everything = [note for bar in source.bars for note in bar.notes]
    bars = []
    at = 0
    for bar in source.bars:
        notes: list[Note] = []
        for note in bar.notes:
            at += 1
            following = everything[at] if at < len(everything) else None
            notes += [note] if at == 1 or following is None else _varied(note, following, source.ppq, scale, rng)
        bars.append(replace(bar, notes=tuple(notes)))
    return replace(source, bars=tuple(bars))


def _varied(
    note: Note, following: Note, ppq: int, scale: frozenset[int], rng: np.random.Generator
) -> Sequence[Note]:  # fmt: skip
    """One note, or the same with a fifth to a quarter of its length given to its neighbours in the scale."""
    if note.duration < 0.9 * ppq or rng.random() > CHANCE:
        return [note]
    way = int(rng.integers(4))
    short = ppq // 4 if note.duration < 1.9 * ppq else ppq // 2
    up = 1 if following.pitch >= note.pitch else -1
    if way == 0:  # a step towards the next note
        held = replace(note, duration=note.duration - short)
        return [held, _at(note, held.end, short, stepped(note.pitch, up, scale))]
    if way == 1:  # struck again
        half = note.duration // 2 // (ppq // 4) * (ppq // 4) or note.duration // 2
        return [replace(note, duration=half), _at(note, note.start + half, note.duration - half, note.pitch)]
    if way == 2:  # a turn: away by a step and back
        first = replace(note, duration=note.duration - 2 * short)
        if first.duration < short:
            return [note]
        away = _at(note, first.end, short, stepped(note.pitch, -up, scale))
        return [first, away, _at(note, away.end, short, note.pitch)]
    grace = _at(note, note.start, short // 2, stepped(note.pitch, -up, scale))
    return [grace, _at(note, grace.end, note.duration - grace.duration, note.pitch)]


def _at(note: Note, start: int, duration: int, pitch: int) -> Note:
    velocity = max(1, note.velocity - 6)
    return replace(note, start=start, duration=max(1, duration), pitch=min(127, max(0, pitch)), velocity=velocity)
