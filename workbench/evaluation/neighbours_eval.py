"""Whether copies of training music are told, with their titles, and how often melodies by chance are.

Run as ``python -m workbench.evaluation.neighbours_eval``; always the same melodies. A copy is of twelve notes, in
another key and tempo, between two stretches of chance; it counts as told where a passage that is told holds at least
eleven of the twelve, and as named where the work that it was taken from is among those that are told of.
"""

from __future__ import annotations

import json
import random
from typing import Any

import numpy as np

from workbench.provenance import neighbours as rule
from workbench.score.lines import BREAK, FARTHEST, WIDEST
from workbench.score.score import Note, Score, Track

Line = list[tuple[int, int, int]]  # start, length, pitch
SCALE = (0, 2, 4, 5, 7, 9, 11)
#: How a melody by chance goes on from a degree of the scale.
MOVES = {"leaps": None, "walk": (-3, -2, -1, 1, 2, 3), "near": (-2, -1, 0, 1, 2), "steps": (-1, 1)}
LENGTHS = {"varied": (480, 480, 960, 960, 1440), "even": (480,)}


def by_chance(rng: random.Random, move: str, rhythm: str, count: int) -> Line:
    """A melody in C of ``count`` notes."""
    out: Line = []
    at, degree = 0, rng.randint(0, 7)
    for _ in range(count):
        allowed = MOVES[move]
        degree = rng.randint(-3, 9) if allowed is None else max(-4, min(11, degree + rng.choice(allowed)))
        length = rng.choice(LENGTHS[rhythm])
        out.append((at, length, 60 + 12 * (degree // 7) + SCALE[degree % 7]))
        at += length
    return out


def copies(rng: random.Random, count: int, notes: int = 12) -> list[tuple[int, Line]]:
    """Passages of the training music, each with the number of its work."""
    corpus = rule._corpus()
    out: list[tuple[int, Line]] = []
    while len(out) < count:
        at = rng.randrange(corpus.lines.shape[1] - notes)
        steps = corpus.lines[0, at : at + notes - 1]
        if (steps == BREAK).any():
            continue
        pitches = 62 + rng.randint(-4, 5) + np.cumsum([0, *(steps.astype(int) - WIDEST)])
        if pitches.min() < 0 or pitches.max() > 127:
            continue
        told = np.cumsum([0, *(corpus.lines[1, at : at + notes - 2].astype(float) - FARTHEST)])
        starts = np.cumsum([0, *(rng.choice((120, 240, 360)) * 2.0 ** (told - told.min()))]).astype(int)
        line = [(int(starts[place]), 60, int(pitches[place])) for place in range(notes)]
        out.append((int(np.searchsorted(corpus.ends, at, side="right")), line))
    return out


def joined(*lines: Line) -> Line:
    """Melodies one after the other."""
    out: Line = []
    for line in lines:
        start = out[-1][0] + max(480, out[-1][1]) if out else 0
        out += [(at + start, length, pitch) for at, length, pitch in line]
    return out


def piece(lines: list[Line]) -> Score:
    """A piece with a track for each melody."""
    score = Score(ppq=960)
    for number, line in enumerate(lines):
        track = Track(f"t{number}", name="Line")
        for place, (start, length, pitch) in enumerate(line):
            track.notes[f"n{place}"] = Note(f"n{place}", start, length, pitch)
        score.tracks.append(track)
    return score


def measure(count: int = 300) -> dict[str, Any]:
    """Shares of melodies by chance that are told, and of copies."""
    alarms = {}
    for move in MOVES:
        for rhythm in LENGTHS:
            rng = random.Random(77)
            found = rule.neighbours(piece([by_chance(rng, move, rhythm, 32) for _ in range(count)]))
            alarms[f"{move}, {rhythm}"] = len({item.track for item in found}) / count
    told, most = {}, rule.MOST_WORKS
    rule.MOST_WORKS = 1_000_000  # a plain passage stands in many works; all are looked at here
    try:
        for move, rhythm, around in (("leaps", "varied", 6), ("leaps", "varied", 16), ("walk", "even", 12)):
            rng = random.Random(4)
            taken = copies(rng, count)
            lines = [
                joined(by_chance(rng, move, rhythm, around), line, by_chance(rng, move, rhythm, around))
                for _, line in taken
            ]
            found = rule.neighbours(piece(lines))
            hits = named = any_told = 0
            for number, (work, _) in enumerate(taken):
                mine = [item for item in found if item.track == f"t{number}"]
                wanted = {f"n{place}" for place in range(around, around + 12)}
                whole = [item for item in mine if len(wanted & set(item.notes)) >= 11]
                title = rule._corpus().works[work].title
                any_told += bool(mine)
                hits += bool(whole)
                named += any(title == other.title for item in mine for other in item.works)
            told[f"in {move}, {rhythm}, {around} notes before and after"] = {
                "told": any_told / count, "all of it": hits / count, "named": named / count,
            }  # fmt: skip
    finally:
        rule.MOST_WORKS = most
    return {"melodies": count, "told by chance": alarms, "copies": told}


if __name__ == "__main__":
    print(json.dumps(measure(), indent=1))
