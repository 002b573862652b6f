"""More notes or fewer of the same music: the least needed strokes left out, hats and chords struck again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from workbench.create.compose.layout import DOUBLE, SECOND, TUNE
from workbench.create.compose.style import Style
from workbench.score.score import Note, Score
from workbench.score.timemap import TimeMap

Parts = dict[str, list[Note]]
#: Drums that may be struck twice as often: hats, rides, shakers.
STEADY = (42, 44, 46, 51, 53, 59, 69, 70, 82)


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
            rng: np.random.Generator) -> None:  # fmt: skip
    """Strike hats and shakers twice as often, then long chords again, until there are ``least`` notes."""
    drums = [part.name for part in style.parts if part.is_drum and parts.get(part.name)]
    count = sum(len(notes) for notes in parts.values())
    for name in drums:
        for number in STEADY:
            own = sorted((note for note in parts[name] if note.pitch == number), key=lambda note: note.start)
            starts = [*(note.start for note in own[1:]), span[1]]
            for note, after in zip(own, starts, strict=False):
                gap = after - note.start
                if count >= least or not score.ppq // 4 <= gap <= score.ppq:
                    continue
                soft = max(1, round(note.velocity * (0.6 + 0.1 * rng.random())))
                parts[name].append(replace(note, start=note.start + gap // 2, duration=gap // 4 or 1, velocity=soft))
                count += 1
    for step in (score.ppq, score.ppq // 2, score.ppq // 4):
        for part in style.parts:
            if part.is_drum or part.role == "lead" or not parts.get(part.name):
                continue
            again: list[Note] = []
            for note in parts[part.name]:
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
            parts[part.name] = again
