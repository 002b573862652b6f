"""A tune for chords that have none: a two-bar thought, said again on other chords, answered, and brought home.

Like the periods of songs: thought, the same thought elsewhere, the thought again, an end on a long note. Heavy notes
are chord tones, light ones steps between them; the line stays where it can be sung.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from workbench.create.compose.motif import Ground, fitted, smoothed, stepped
from workbench.create.compose.source import Source
from workbench.hub.tasks.infill.request import draft
from workbench.score.score import Note

#: Bars as lengths in eighths, negative ones rests; a thought is two of them, a moving and a calm one.
MOVING = ((2, 1, 1, 2, 2), (3, 1, 2, 2), (1, 1, 1, 1, 2, 2), (2, 2, 1, 1, 2), (-1, 1, 1, 1, 2, 2), (3, 1, 1, 1, 2))
CALM = ((4, 2, -2), (3, 1, 4), (2, 2, 4), (6, -2), (3, 3, 2), (4, 4))
#: Steps of the scale from note to note.
STEPS, CHANCES = (-2, -1, 0, 1, 2, 3), (0.14, 0.3, 0.06, 0.3, 0.14, 0.06)
#: Where a tune lies: its lowest and highest key.
LOW, HIGH = 62, 79
#: What is said of a tune that nobody gave.
OVER_CHORDS = "The tune was written over your chords."


def with_tune(source: Source, seed: int) -> Source:
    """The source with a tune over its chords; as it is where it has one."""
    if source.has_tune:
        return source
    rng = np.random.default_rng([seed, 77])
    bar, ppq = source.bars[0].length, source.ppq
    chords = tuple(
        replace(chord, tick=number * bar + chord.tick) for number, own in enumerate(source.bars) for chord in own.chords
    )
    ground = Ground(chords, frozenset(source.key.scale), bar, ppq)
    notes = _period(len(source.bars), ground, source.key.tonic, rng)
    bars = []
    for number, own in enumerate(source.bars):
        start = number * bar
        inside = tuple(
            replace(note, id="new", start=note.start - start, author="model:arranger")
            for note in notes if start <= note.start < start + bar
        )  # fmt: skip
        bars.append(replace(own, notes=inside))
    return replace(source, bars=tuple(bars), remarks=(*source.remarks, OVER_CHORDS))


def _period(bars: int, ground: Ground, tonic: int, rng: np.random.Generator) -> list[Note]:
    thoughts = [_thought(ground, rng) for _ in range(2)]
    first = 67 + (tonic - 67 + 6) % 12 - 6
    base = min((pitch for pitch in range(first - 5, first + 6) if pitch % 12 in ground.chord_at(0)),
               key=lambda pitch: abs(pitch - 69))  # fmt: skip
    out: list[Note] = []
    for pair in range(-(-bars // 2)):
        # a a' a b, and the same again: the second half of a long row begins like the first.
        which = 1 if pair % 4 == 3 or (pair % 4 == 1 and bars > 8) else 0
        lift = (0, 1, 0, 2)[pair % 4]
        out += [
            draft(2 * pair * ground.bar + start, length, _within(stepped(base, lift + steps, ground.scale)), velocity)
            for start, length, steps, velocity in thoughts[which]
            if 2 * pair * ground.bar + start < bars * ground.bar
        ]
    line = smoothed(fitted(out, ground), ground)
    last = (bars - 1) * ground.bar
    body = _moving([note for note in line if note.start < last], ground)
    goal = body[-1].pitch if body else base
    home = goal + (tonic - goal + 6) % 12 - 6
    near = fitted([draft(last, ground.bar * 3 // 4, _within(home), 88)], ground)
    return [*body, *near]


def _moving(notes: Sequence[Note], ground: Ground) -> list[Note]:
    """A third equal note in a row goes a step up or down, in turn, where it is a light one."""
    out: list[Note] = []
    for number, note in enumerate(notes):
        same = len(out) > 1 and out[-1].pitch == out[-2].pitch == note.pitch
        if same and note.start % (2 * ground.ppq):
            note = replace(note, pitch=stepped(note.pitch, 1 if number % 2 else -1, ground.scale_at(note.start)))
        out.append(note)
    return out


def _thought(ground: Ground, rng: np.random.Generator) -> list[tuple[int, int, int, int]]:
    """Start, length (ticks), steps above the base and velocity of each note of two bars."""
    out: list[tuple[int, int, int, int]] = []
    steps = 0
    for number, rows in enumerate((MOVING, CALM)):
        at = 0
        for eighths in _fitting(rows[int(rng.integers(len(rows)))], ground):
            length = abs(eighths) * ground.ppq // 2
            if eighths > 0:
                velocity = 88 if at % ground.ppq == 0 else 78
                out.append((number * ground.bar + at, length, steps, velocity))
                steps = int(np.clip(steps + int(rng.choice(STEPS, p=CHANCES)), -3, 5))
            at += length
    return out


def _fitting(rhythm: Sequence[int], ground: Ground) -> list[int]:
    """A rhythm of eight eighths cut, or begun again, to fill a bar of another metre."""
    room = 2 * ground.bar // ground.ppq
    out: list[int] = []
    at = 0
    for eighths in [*rhythm, *rhythm, *rhythm]:
        if at >= room:
            break
        size = min(abs(eighths), room - at)
        out.append(size if eighths > 0 else -size)
        at += size
    return out


def _within(pitch: int) -> int:
    while pitch > HIGH:
        pitch -= 12
    while pitch < LOW:
        pitch += 12
    return pitch
