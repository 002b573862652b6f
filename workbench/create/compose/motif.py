"""Making music from a tune's own: its head in another place, climbing, turned round, in thirds, as an answer.

Functions take and give notes whose starts count from the first bar line of the stretch in hand, and a *ground*: the
chords there and the scale of the key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from workbench.hub.tasks.infill.request import draft
from workbench.score.lanes import Chord
from workbench.score.score import Note

#: A note of so many quarters, or one on a strong beat, should belong to the chord.
LONG = 1.25
#: A cell that a new tune is made of has at least and at most so many notes.
CELL = (3, 14)


@dataclass(frozen=True)
class Ground:
    """What a melody stands on: chords (starts as the notes'), the scale's pitch classes, bar and quarter in ticks."""

    chords: tuple[Chord, ...]
    scale: frozenset[int]
    bar: int
    ppq: int

    def chord_at(self, tick: int) -> frozenset[int]:
        """Pitch classes of the chord at a tick; of the scale where there is none."""
        found = [chord for chord in self.chords if chord.tick <= tick < chord.tick + chord.duration]
        return found[0].pitch_classes if found else self.scale

    def scale_at(self, tick: int) -> frozenset[int]:
        """The scale with the chord's own tones in it: one that is not of the scale takes its neighbour's place."""
        tones = self.chord_at(tick)
        strange = tones - self.scale
        beside = {(tone + by) % 12 for tone in strange for by in (-1, 1)} - tones
        return (self.scale - beside) | tones


def stepped(pitch: int, steps: int, scale: frozenset[int]) -> int:
    """A pitch moved by steps of a scale; one that is not of the scale keeps its distance from the step below."""
    low = pitch
    while low % 12 not in scale:
        low -= 1
    out = low
    for _ in range(abs(steps)):
        out += 1 if steps > 0 else -1
        while out % 12 not in scale:
            out += 1 if steps > 0 else -1
    return out + (pitch - low if (out + pitch - low) % 12 in scale else 0)


def steps_between(low: int, high: int, scale: frozenset[int]) -> int:
    """Steps of the scale from one pitch to another, negative downwards."""
    if high < low:
        return -steps_between(high, low, scale)
    return sum(1 for pitch in range(low + 1, high + 1) if pitch % 12 in scale)


def fitted(notes: Sequence[Note], ground: Ground) -> list[Note]:
    """Long notes and those on strong beats moved to the nearest tone of their chord, the others into the scale."""
    out: list[Note] = []
    for note in sorted(notes, key=lambda item: (item.start, item.pitch)):
        place = note.start % ground.bar
        strong = place % (2 * ground.ppq) < ground.ppq // 8 or note.duration >= LONG * ground.ppq
        tones = ground.chord_at(note.start) if strong else ground.scale_at(note.start)
        before = out[-1].pitch if out else note.pitch
        near = sorted(
            (pitch for pitch in range(note.pitch - 6, note.pitch + 7) if pitch % 12 in tones and 0 <= pitch <= 127),
            key=lambda pitch: (abs(pitch - note.pitch), abs(pitch - before)),
        )
        out.append(replace(note, pitch=near[0] if near else note.pitch))
    return out


def bars_of(notes: Sequence[Note], bar: int, count: int) -> list[list[Note]]:
    """Notes by bar, starts counted from each bar's own line, ends within it."""
    out: list[list[Note]] = [[] for _ in range(count)]
    for note in notes:
        at = note.start // bar
        if 0 <= at < count:
            start = note.start - at * bar
            out[at].append(replace(note, start=start, duration=max(1, min(note.duration, bar - start))))
    return out


def placed(cell: Sequence[Note], bar: int, ground: Ground, steps: int = 0) -> list[Note]:
    """A cell set at a bar, moved by steps of the scale and fitted to its chords there."""
    moved = [
        draft(note.start + bar * ground.bar, note.duration, _inside(stepped(note.pitch, steps, ground.scale)),
              note.velocity)
        for note in cell
    ]  # fmt: skip
    return fitted(moved, ground)


def _inside(pitch: int) -> int:
    while pitch > 100:
        pitch -= 12
    while pitch < 36:
        pitch += 12
    return pitch


def head(material: Sequence[Sequence[Note]], bars: int, bar: int) -> list[Note]:
    """The first bars of a tune that have notes, as one cell."""
    first = next((place for place, notes in enumerate(material) if notes), 0)
    return [
        replace(note, start=note.start + number * bar)
        for number, notes in enumerate(material[first : first + bars])
        for note in notes
    ]


def opening(material: Sequence[Sequence[Note]], bars: int, ground: Ground, rng: np.random.Generator) -> list[Note]:
    """An introduction's line: the tune's head in the middle, its first bar again before the end, air around them."""
    two, one = head(material, 2, ground.bar), head(material, 1, ground.bar)
    if bars <= 2:
        return placed(one, 0, ground)
    out: list[Note] = []
    for start in range(0 if bars == 4 else 2, bars - 2, 4):
        out += placed(two, start, ground)
    out += placed(one, bars - 2, ground, int(rng.choice((-1, 1, 2))))
    return out


def rising(material: Sequence[Sequence[Note]], bars: int, ground: Ground, rng: np.random.Generator) -> list[Note]:
    """A build's line: one bar of the tune again and again, each time higher, then a long note that waits."""
    able = [list(notes) for notes in material if len(notes) >= CELL[0]] or [list(notes) for notes in material if notes]
    cell = able[int(rng.integers(min(2, len(able))))]
    step = int(rng.choice((1, 2)))
    out: list[Note] = []
    for bar in range(bars - 1):
        out += placed(cell, bar, ground, min(5, bar * step))
    wait = out[-1].pitch if out else cell[-1].pitch
    out += fitted([draft((bars - 1) * ground.bar, ground.bar // 2, _inside(wait + 2), cell[-1].velocity)], ground)
    return out


def contrast(material: Sequence[Sequence[Note]], bars: int, ground: Ground, rng: np.random.Generator) -> list[Note]:
    """Another tune made from a tune: two of its rhythms in turn, their contours turned over, on other steps.

    It is an arch: it begins near the tune's middle, is highest at two thirds, and ends on a long note.
    """
    cells = _cells(material, ground.bar)
    chosen = [cells[int(rng.integers(len(cells)))], cells[int(rng.integers(len(cells)))]]
    pitches = sorted(note.pitch for notes in material for note in notes)
    middle, low, high = pitches[len(pitches) // 2], pitches[0] - 2, pitches[-1] + 2
    turned = [int(rng.choice((-1, -1, 1))), int(rng.choice((-1, 1)))]
    out: list[Note] = []
    for pair in range((bars + 1) // 2):
        cell, turn = chosen[pair % 2], turned[pair % 2]
        arch = np.interp((2 * pair + 1) / bars, (0, 0.65, 1), (0, 4, 1))
        base = stepped(middle, round(float(arch)), ground.scale)
        first = cell[0].pitch
        for note in cell:
            start = 2 * pair * ground.bar + note.start
            if start >= (bars - 1) * ground.bar:
                continue
            pitch = stepped(base, turn * steps_between(first, note.pitch, ground.scale), ground.scale)
            while pitch > high and pitch - 12 >= low:
                pitch -= 12
            while pitch < low and pitch + 12 <= high:
                pitch += 12
            out.append(draft(start, note.duration, _inside(pitch), note.velocity))
    last, velocity = (out[-1].pitch, out[-1].velocity) if out else (middle, 84)
    out.append(draft((bars - 1) * ground.bar, ground.bar * 3 // 4, _inside(last), velocity))
    return smoothed(fitted(out, ground), ground)


def _cells(material: Sequence[Sequence[Note]], bar: int) -> list[list[Note]]:
    """Two bars each of a tune, those with a handy number of notes first."""
    pairs = []
    for at in range(0, max(1, len(material) - 1), 2):
        pair = [replace(note, start=note.start + k * bar) for k, notes in enumerate(material[at : at + 2])
                for note in notes]  # fmt: skip
        if pair:
            pairs.append(pair)
    return [pair for pair in pairs if CELL[0] <= len(pair) <= CELL[1]] or pairs


def smoothed(notes: Sequence[Note], ground: Ground) -> list[Note]:
    """Leaps of more than a sixth inside a phrase folded by an octave where that makes them smaller."""
    out: list[Note] = []
    for note in notes:
        if out and note.start - out[-1].end < ground.ppq:
            options = [note.pitch, note.pitch - 12, note.pitch + 12]
            leap = abs(note.pitch - out[-1].pitch)
            near = min(options, key=lambda pitch: abs(pitch - out[-1].pitch))
            note = replace(note, pitch=near) if leap > 9 else note
        out.append(note)
    return out


def closing(tag: Sequence[Note], bars: int, ground: Ground, home: int) -> list[Note]:
    """An ending's line: a tag over the chords there, then the home tone held over the last two bars."""
    held = min(2, bars)
    body = fitted([note for note in tag if note.start < (bars - held) * ground.bar], ground)
    near = body[-1].pitch if body else (tag[-1].pitch if tag else 60 + home)
    pitch = near + (home - near + 6) % 12 - 6
    return [*body, draft((bars - held) * ground.bar, held * ground.bar - ground.ppq, pitch,
                         body[-1].velocity if body else 84)]  # fmt: skip


def octave(notes: Sequence[Note]) -> list[Note]:
    """The tune once more an octave away, where it has room: below a high tune, above a low one; softer."""
    if not notes:
        return []
    median = sorted(note.pitch for note in notes)[len(notes) // 2]
    shift = -12 if median >= 67 else 12
    return [draft(note.start, note.duration, note.pitch + shift, max(1, note.velocity - 14)) for note in notes]


def thirds(notes: Sequence[Note], ground: Ground) -> list[Note]:
    """A second voice below: thirds of the scale on light notes, the next chord tone but one step on heavy ones."""
    out = []
    for note in notes:
        heavy = note.start % (2 * ground.ppq) == 0 or note.duration >= LONG * ground.ppq
        pitch = stepped(note.pitch, -2, ground.scale)
        if heavy:
            tones = ground.chord_at(note.start)
            below = [p for p in range(note.pitch - 9, note.pitch - 2) if p % 12 in tones]
            pitch = max(below, default=pitch)
        if pitch >= 36:
            out.append(draft(note.start, note.duration, pitch, max(1, note.velocity - 18)))
    return out


def answers(notes: Sequence[Note], end: int, ground: Ground, rng: np.random.Generator) -> list[Note]:
    """Echoes in the tune's rests: its last few notes again, on the chord of the rest."""
    ordered = sorted(notes, key=lambda note: note.start)
    out: list[Note] = []
    for place, note in enumerate(ordered):
        following = ordered[place + 1].start if place + 1 < len(ordered) else end
        heard = max(note.start + min(note.duration, ground.ppq), note.start)
        gap = following - heard
        if gap < 1.5 * ground.ppq or place < 2:
            continue
        tail = [other for other in ordered[max(0, place - 3) : place + 1] if other.start >= note.start - 2 * ground.ppq]
        eighth = ground.ppq // 2
        start = -(-heard // eighth) * eighth + eighth
        while following - start > ground.ppq:  # in a long rest once a bar
            out += fitted(_echo(tail, start, following, int(rng.choice((-2, 2, 0))), ground), ground)
            start += ground.bar
    return out


def _echo(tail: Sequence[Note], start: int, end: int, steps: int, ground: Ground) -> list[Note]:
    """Notes again from ``start`` on, softer and some steps away, done an eighth before ``end``."""
    shift = start - tail[0].start
    return [
        draft(other.start + shift, max(1, min(other.duration, ground.ppq, end - other.start - shift)),
              _inside(stepped(other.pitch, steps, ground.scale)), max(1, other.velocity - 16))
        for other in tail if other.start + shift < end - ground.ppq // 2
    ]  # fmt: skip
