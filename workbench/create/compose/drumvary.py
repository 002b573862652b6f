"""What a drummer changes from bar to bar of a groove: a stroke left out, one added, a softer or an open one.

Onsets stay on those of the groove itself and on its own subdivision, so that a swung groove stays swung.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from workbench.create.compose.bandplan import Place
from workbench.create.compose.style import FILL, GROOVE_A, GROOVE_B, Style
from workbench.hub.tasks.infill.request import draft
from workbench.score.score import Note

BASS_DRUMS, SNARES, CLOSED, OPEN, CRASH = (35, 36), (38, 40, 37), 42, 46, (49, 57, 52, 55)
#: Velocity of a stroke that is felt more than heard.
GHOST = 34
#: How many strokes of a bar change at variety 50, on average, and at the most.
CHANGES, MOST = 3.8, 8
#: Every so many bars of a groove its last beat leads on.
HALF = 4

_Change = Callable[[list[Note], list[int], np.random.Generator], list[Note]]


def varied_drums(
    bars: Sequence[list[Note]], places: Sequence[Place], ppq: int, rng: np.random.Generator, variety: int
) -> Iterator[list[Note]]:
    """The drums of each bar with small changes; fills, intro and ending stay as they are written.

    ``variety`` 0 to 100. The stroke on the first beat and the strokes of the snare on beats always stay.
    """
    following = [*places[1:], None]
    for notes, place, after in zip(bars, places, following, strict=True):
        plain = after is not None and after.section.startswith(FILL)  # so that the fill stands out
        if place.section not in (GROOVE_A, GROOVE_B) or not notes or place.turn == 0 or plain:
            yield notes
        else:
            yield _varied(notes, place, ppq, rng, variety / 50)


def half_fills(style: Style, places: Sequence[Place]) -> list[Place]:
    """The plan with a fill in every bar of a groove whose last beat leads on; other bars as they are."""
    fills = [name for name in style.sections() if name.startswith(FILL)]
    out, count = [], 0
    for place in places:
        leads = place.section in (GROOVE_A, GROOVE_B) and place.turn % HALF == HALF - 1
        if fills and leads:
            out.append(replace(place, section=fills[count % len(fills)], source=0))
            count += 1
        else:
            out.append(place)
    return out


def led_on(
    bars: Sequence[list[Note]], fills: Sequence[list[Note]], places: Sequence[Place], leading: Sequence[Place], ppq: int
) -> list[list[Note]]:
    """The bars, with the last beat of ``fills`` where ``leading`` (:func:`half_fills`) has a fill of its own."""
    out = []
    for groove, fill, place, other in zip(bars, fills, places, leading, strict=True):
        last = place.bar.end - 4 * ppq // place.bar.denominator
        end = [note for note in fill if note.start >= last]
        changed = end and other.section != place.section
        out.append([note for note in groove if note.start < last] + end if changed else groove)
    return out


def _varied(notes: list[Note], place: Place, ppq: int, rng: np.random.Generator, much: float) -> list[Note]:
    start = place.bar.start
    beat = 4 * ppq // place.bar.denominator
    off = sorted({note.start for note in notes if (note.start - start) % beat})
    out = list(notes)
    changes: tuple[_Change, ...] = (_bass_drum, _ghost, _open, _left_out, _left_out)
    for _ in range(min(MOST, int(rng.poisson(CHANGES * much))) if off else 0):
        out = changes[int(rng.integers(len(changes)))](out, off, rng)
    return sorted(out, key=lambda note: (note.start, note.pitch))


def _struck(notes: Sequence[Note], slot: int, keys: Sequence[int]) -> bool:
    return any(note.start == slot and note.pitch in keys for note in notes)


def _bass_drum(notes: list[Note], off: list[int], rng: np.random.Generator) -> list[Note]:
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


def _ghost(notes: list[Note], off: list[int], rng: np.random.Generator) -> list[Note]:
    """A soft stroke of the snare where neither it nor the bass drum is struck."""
    own = [note for note in notes if note.pitch in (38, 40)]
    free = [slot for slot in off if not _struck(notes, slot, (*BASS_DRUMS, *SNARES))]
    if not own or not free:
        return notes
    slot = free[int(rng.integers(len(free)))]
    return [*notes, draft(slot, own[0].duration, own[0].pitch, GHOST)]


def _open(notes: list[Note], off: list[int], rng: np.random.Generator) -> list[Note]:
    """One closed hi-hat off the beat is opened."""
    closed = [note for note in notes if note.pitch == CLOSED and note.start in set(off)]
    if not closed:
        return notes
    chosen = closed[int(rng.integers(len(closed)))]
    return [replace(note, pitch=OPEN) if note is chosen else note for note in notes]


def _left_out(notes: list[Note], off: list[int], rng: np.random.Generator) -> list[Note]:
    """One stroke of a cymbal off the beat is left out."""
    light = [note for note in notes if note.start in set(off) and note.pitch not in (*BASS_DRUMS, *SNARES)]
    if len(light) < 3:
        return notes
    gone = light[int(rng.integers(len(light)))]
    return [note for note in notes if note is not gone]
