"""More notes or fewer of the same music: the least needed strokes left out, hats and chords struck again."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from workbench.create.compose.layout import DOUBLE, SECOND, TUNE
from workbench.create.compose.style import Part, Style
from workbench.hub.tasks.infill.request import draft
from workbench.score.score import Note, Score
from workbench.score.timemap import TimeMap

Parts = dict[str, list[Note]]
#: The lowest key of a broken chord, and how much softer than the part's own notes it is played.
LOWEST, QUIETER = 48, 0.8
#: General MIDI programs whose notes fade as soon as they are struck or plucked.
FADING = (range(0, 16), range(24, 40), range(45, 48), range(104, 109), range(112, 120))
#: Drums that may be struck twice as often: hats, rides, shakers.
STEADY = (42, 44, 46, 51, 53, 59, 69, 70, 82)


def fades(program: int) -> bool:
    """Whether an instrument's notes fade by themselves."""
    return any(program in span for span in FADING)


def thin(parts: Parts, most: int, score: Score, style: Style) -> None:
    """Leave strokes out, the lightest of the least needed parts first, until ``most`` notes are left."""
    roles = {part.name: part.role for part in style.parts}
    need = {"bass": 3.0, "keys": 2.2, "guitar": 2.0, "pad": 1.8, "lead": 1.5, "drums": 1.0}
    strokes: list[tuple[float, int, str]] = []
    for name, notes in parts.items():
        if name == TUNE:
            continue
        weight = 0.5 if name in (SECOND, DOUBLE) else need.get(roles.get(name, ""), 1.0)
        strokes += [(weight * _heavy(start, score), start, name) for start in {note.start for note in notes}]
    count = sum(len(notes) for notes in parts.values())
    for _, start, name in sorted(strokes):
        if count <= most:
            break
        left = [note for note in parts[name] if note.start != start]
        count -= len(parts[name]) - len(left)
        parts[name] = left


def _heavy(tick: int, score: Score) -> float:
    """How much weight a place in its bar has, whatever the player's hand did to it: 4 on the one, 1 between beats."""
    bar = TimeMap(score).bar_at(tick + score.ppq // 16)
    inside = tick + score.ppq // 16 - bar.start
    if inside < score.ppq // 8:
        return 4.0
    if inside % score.ppq < score.ppq // 8:
        return 2.5 if inside * 2 // max(1, bar.end - bar.start) == 1 and inside % (2 * score.ppq) < score.ppq else 2.0
    return 1.2 if inside % (score.ppq // 2) < score.ppq // 8 else 1.0


def thicken(parts: Parts, least: int, score: Score, style: Style, span: tuple[int, int],
            rng: np.random.Generator, programs: Mapping[str, int]) -> None:  # fmt: skip
    """Strike hats and shakers twice as often, then chords again, then break them, until there are ``least`` notes.

    What fades is struck again before what goes on, whose repeated notes nobody tells apart.

    Args:
        parts: notes by part, in ticks of the piece; more of them come in.
        least: how many notes there shall be.
        score: bars and chords.
        style: whose parts they are.
        span: ticks in which they lie.
        rng: chance.
        programs: who plays each part.
    """
    drums = [part.name for part in style.parts if part.is_drum and parts.get(part.name)]
    for name in drums:
        for number in STEADY:
            _twice(parts, name, number, least, score, span, rng)
    chords = [part for part in style.parts if not part.is_drum and part.role != "lead" and parts.get(part.name)]
    struck = [part for part in chords if fades(programs.get(part.name, part.program))]
    held = [part for part in chords if part not in struck]
    for step in (score.ppq, score.ppq // 2):
        for part in struck:
            _again(parts, part.name, least, step)
    for part in held:
        _again(parts, part.name, least, score.ppq)
    moving = [part for part in (*struck, *held) if part.role != "bass"]
    for place, part in enumerate(moving):
        broken(parts, part, least - _count(parts), score, span, down=place % 2 == 1)
    for step in (score.ppq // 2, score.ppq // 4):
        for part in (*struck, *held):
            _again(parts, part.name, least, step)


def _count(parts: Parts) -> int:
    return sum(len(notes) for notes in parts.values())


def _twice(parts: Parts, name: str, number: int, least: int, score: Score, span: tuple[int, int],
           rng: np.random.Generator) -> None:  # fmt: skip
    """Strike one of the drums that keep time twice as often."""
    count = _count(parts)
    own = sorted((note for note in parts[name] if note.pitch == number), key=lambda note: note.start)
    starts = [*(note.start for note in own[1:]), span[1]]
    for note, after in zip(own, starts, strict=False):
        gap = after - note.start
        if count >= least or not score.ppq // 4 <= gap <= score.ppq:
            continue
        soft = max(1, round(note.velocity * (0.6 + 0.1 * rng.random())))
        parts[name].append(replace(note, start=note.start + gap // 2, duration=gap // 4 or 1, velocity=soft))
        count += 1


def _again(parts: Parts, name: str, least: int, step: int) -> None:
    """Strike the long notes of a part again every ``step`` ticks."""
    count = _count(parts)
    again: list[Note] = []
    for note in parts[name]:
        if count < least and note.duration >= 2 * step:
            times = min(note.duration // step, 1 + least - count)
            for turn in range(times):
                last = turn == times - 1
                size = note.duration - turn * step if last else step
                velocity = max(1, round(note.velocity * (1.0 if turn == 0 else 0.82)))
                again.append(replace(note, start=note.start + turn * step, duration=max(1, size * 9 // 10),
                                     velocity=velocity))  # fmt: skip
            count += times - 1
        else:
            again.append(note)
    parts[name] = again


def broken(parts: Parts, part: Part, count: int, score: Score, span: tuple[int, int], *, down: bool = False) -> None:
    """Up to ``count`` more notes for a part: its chords broken, on eighths and then sixteenths that it leaves free.

    The same places are filled in every bar before the next ones, so that a figure comes of it and not a crowd.

    Args:
        parts: notes by part; those of ``part`` are added to.
        part: who plays them, in its register.
        count: how many at most.
        score: bars and chords.
        span: ticks in which they lie.
        down: the figure falls rather than rises.
    """
    if count <= 0:
        return
    grid = score.ppq // 4
    taken = {round(note.start / grid) for note in parts[part.name]}
    slots: list[tuple[int, int, int]] = []
    for bar in TimeMap(score).bars(span[1]):
        for place, tick in enumerate(range(bar.start, bar.end, grid)):
            if span[0] <= tick < span[1] and round(tick / grid) not in taken:
                slots.append((place % 2, place, tick))
    volume = [note.velocity for note in parts[part.name]]
    velocity = max(1, round(QUIETER * float(np.median(volume))))
    chords = sorted(score.chords, key=lambda chord: chord.tick)
    starts = [chord.tick for chord in chords]
    base = max(part.low, LOWEST)
    for _, place, tick in sorted(slots)[:count]:
        at = bisect_right(starts, tick) - 1
        if at < 0 or tick >= chords[at].tick + chords[at].duration:
            continue
        tones = sorted(base + (tone - base) % 12 for tone in chords[at].pitch_classes)
        row = [*tones, tones[0] + 12]
        turn = place // 2 + 2 * (place % 2)
        parts[part.name].append(draft(tick, grid, row[(-turn if down else turn) % len(row)], velocity))
