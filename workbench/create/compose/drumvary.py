"""What a drummer changes from bar to bar of a groove: a stroke left out, one added, a softer or an open one.

Onsets stay on those of the groove itself and on its own subdivision, so that a swung groove stays swung.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from workbench.create.compose.bandplan import Place
from workbench.create.compose.style import GROOVE_A, GROOVE_B
from workbench.hub.tasks.infill.request import draft
from workbench.score.score import Note

BASS_DRUMS, SNARES, CLOSED, OPEN = (35, 36), (38, 40, 37), 42, 46
#: Velocity of a stroke that is felt more than heard.
GHOST = 34
#: Chances in a bar at variety 50: a bass drum more, a ghost stroke, a hi-hat that opens, one that is left out.
MORE, SOFT, OPENED, LESS = 0.35, 0.35, 0.18, 0.3


def varied_drums(
    bars: Sequence[list[Note]], places: Sequence[Place], ppq: int, rng: np.random.Generator, variety: int
) -> Iterator[list[Note]]:
    """The drums of each bar with small changes; fills, intro and ending stay as they are written.

    ``variety`` 0 to 100. The stroke on the first beat and the strokes of the snare on beats always stay.
    """
    for notes, place in zip(bars, places, strict=True):
        if place.section not in (GROOVE_A, GROOVE_B) or not notes or place.turn == 0:
            yield notes
        else:
            yield _varied(notes, place, ppq, rng, variety / 50)


def _varied(notes: list[Note], place: Place, ppq: int, rng: np.random.Generator, much: float) -> list[Note]:
    start = place.bar.start
    beat = 4 * ppq // place.bar.denominator
    slots = sorted({note.start for note in notes})
    off = [slot for slot in slots if (slot - start) % beat]
    out = list(notes)
    for chance, change in ((MORE, _bass_drum), (SOFT, _ghost), (OPENED, _open), (LESS, _left_out)):
        if rng.random() < chance * much and off:
            out = change(out, off, rng)
    return sorted(out, key=lambda note: (note.start, note.pitch))


def _struck(notes: Sequence[Note], slot: int, keys: Sequence[int]) -> bool:
    return any(note.start == slot and note.pitch in keys for note in notes)


def _bass_drum(notes: list[Note], off: Sequence[int], rng: np.random.Generator) -> list[Note]:
    """One more stroke of the bass drum off the beat, or one less where there are several."""
    own = [note for note in notes if note.pitch in BASS_DRUMS]
    light = [note for note in own if note.start in set(off)]
    if light and rng.random() < 0.5:
        gone = light[int(rng.integers(len(light)))]
        return [note for note in notes if note is not gone]
    free = [slot for slot in off if not _struck(notes, slot, (*BASS_DRUMS, *SNARES))]
    if not own or not free:
        return notes
    slot = free[int(rng.integers(len(free)))]
    return [*notes, draft(slot, own[0].duration, own[0].pitch, max(1, own[0].velocity - 14))]


def _ghost(notes: list[Note], off: Sequence[int], rng: np.random.Generator) -> list[Note]:
    """A soft stroke of the snare where neither it nor the bass drum is struck."""
    own = [note for note in notes if note.pitch in (38, 40)]
    free = [slot for slot in off if not _struck(notes, slot, (*BASS_DRUMS, *SNARES))]
    if not own or not free:
        return notes
    slot = free[int(rng.integers(len(free)))]
    return [*notes, draft(slot, own[0].duration, own[0].pitch, GHOST)]


def _open(notes: list[Note], off: Sequence[int], rng: np.random.Generator) -> list[Note]:
    """One closed hi-hat off the beat is opened."""
    closed = [note for note in notes if note.pitch == CLOSED and note.start in set(off)]
    if not closed:
        return notes
    chosen = closed[int(rng.integers(len(closed)))]
    return [replace(note, pitch=OPEN) if note is chosen else note for note in notes]


def _left_out(notes: list[Note], off: Sequence[int], rng: np.random.Generator) -> list[Note]:
    """One stroke of a cymbal off the beat is left out."""
    light = [note for note in notes if note.start in set(off) and note.pitch not in (*BASS_DRUMS, *SNARES)]
    if len(light) < 3:
        return notes
    gone = light[int(rng.integers(len(light)))]
    return [note for note in notes if note is not gone]
