"""Repetition with change: when a section comes back, now and then a bar of the band is played a little otherwise.

The bass leads into the next bar, jumps an octave or leaves a note out; chords leave a stroke out, come an eighth early
or break their last one. Downbeats and the harmony stay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from workbench.create.compose.motif import Ground, stepped
from workbench.create.compose.style import Style
from workbench.score.score import Note

#: The chance of a bar of a section that comes back for the second, third ... time.
CHANCES = (0.0, 0.08, 0.12, 0.16)


def varied(
    parts: Mapping[str, Sequence[Note]], style: Style, ground: Ground, turn: int, rng: np.random.Generator
) -> dict[str, list[Note]]:
    """The band's notes of one section (starts from its first bar line), some bars of one part each changed.

    Args:
        parts: by name of the style's part; drums are left alone, they vary by themselves.
        style: whose parts they are.
        ground: chords, scale and bars under the section.
        turn: how often the section was heard before; 0 changes nothing.
        rng: chance.
    """
    out = {name: list(notes) for name, notes in parts.items()}
    names = [part.name for part in style.parts if not part.is_drum and out.get(part.name)]
    if not turn or not names:
        return out
    bars = 1 + max(note.start for name in names for note in out[name]) // ground.bar
    for bar in range(bars - 1):
        if rng.random() >= CHANCES[min(turn, len(CHANCES) - 1)]:
            continue
        name = names[int(rng.integers(len(names)))]
        start, end = bar * ground.bar, (bar + 1) * ground.bar
        own = sorted((note for note in out[name] if start <= note.start < end), key=lambda note: note.start)
        part = style.part(name)
        if len(own) < 2 or part is None:
            continue
        if part.role == "bass":
            following = min((n for n in out[name] if n.start >= end), key=lambda n: n.start, default=None)
            changed = _bass(own, following, ground, part.low, part.high, rng)
        else:
            changed = _chords(own, start, ground, rng)
        out[name] = [note for note in out[name] if not start <= note.start < end] + changed
    return {name: sorted(notes, key=lambda note: (note.start, note.pitch)) for name, notes in out.items()}


def _bass(
    own: list[Note], following: Note | None, ground: Ground, low: int, high: int, rng: np.random.Generator
) -> list[Note]:
    # Where a chord begins the bass says which, and goes on to say it.
    begins = [chord.tick for chord in ground.chords]
    free = [at for at in range(1, len(own)) if all(abs(own[at].start - tick) > ground.ppq // 8 for tick in begins)]
    if not free:
        return own
    last, choice = own[-1], int(rng.integers(3))
    if choice == 0 and following is not None and free[-1] == len(own) - 1:
        by = 1 if last.pitch > following.pitch else -1
        return [*own[:-1], replace(last, pitch=min(high, max(low, stepped(following.pitch, by, ground.scale))))]
    at = free[int(rng.integers(len(free)))]
    if choice == 1:
        for by in (12, -12):
            if low <= own[at].pitch + by <= high:
                return [*own[:at], replace(own[at], pitch=own[at].pitch + by), *own[at + 1 :]]
    held = replace(own[at - 1], duration=max(own[at - 1].duration, own[at].end - own[at - 1].start))
    return [*own[: at - 1], held, *own[at + 1 :]]


def _chords(own: list[Note], start: int, ground: Ground, rng: np.random.Generator) -> list[Note]:
    strokes = sorted({note.start for note in own})
    light = [at for at in strokes[1:] if (at - start) % (2 * ground.ppq)]
    if not light:
        return own
    at = light[int(rng.integers(len(light)))]
    stroke = [note for note in own if note.start == at]
    others = [note for note in own if note.start != at]
    choice = int(rng.integers(3))
    if choice == 0 and len(strokes) > 2:
        return others
    early = at - ground.ppq // 2
    if choice == 1 and early not in strokes and early > start:
        others = [
            replace(n, duration=min(n.duration, early - n.start)) if n.start < early < n.end else n for n in others
        ]
        return [*others, *(replace(note, start=early) for note in stroke)]
    if len(stroke) > 2:  # break it: the lowest now, the others half an eighth to an eighth later
        step = ground.ppq // 4 if len(stroke) > 3 else ground.ppq // 2
        ordered = sorted(stroke, key=lambda note: note.pitch)
        end = max(note.end for note in stroke)
        return [*others, ordered[0], *(
            replace(note, start=at + step, duration=max(1, end - at - step))
            for note in ordered[1:] if at + step < end and at + step not in strokes
        )]  # fmt: skip
    return others if len(strokes) > 2 else own
