"""Are the sections of a piece found? On planted forms (known phrases joined end to end) and on tunes with repeats.

A planted piece is made of phrases of eight, four or sixteen bars, each from a song of its own, moved to one key and
tempo, in an order such as A A B A: its true section starts are known. Boundaries are compared bar by bar (F1, exact
and one bar off), beside two plain guesses: a boundary every eight bars, and one every four.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from workbench.create.compose.section import Section
from workbench.score.score import Note, Score, Track
from workbench.tokens import grid12 as g
from workbench.training.pieces import DURATION, ONSET, PITCH, PPQ, PROGRAM, TRACK, VELOCITY, Piece

#: Orders in which phrases are joined, and how many bars each letter has.
ORDERS = ("AABA", "ABAB", "ABABCB", "IABABCBE", "AABB", "IAABBACBE", "ABCD", "ABAC")
SIZES = (8, 8, 8, 4, 16)
Finder = Callable[[Score], Sequence[Section]]


def planted(pieces: Sequence[Piece], seed: int) -> tuple[Score, list[int], str]:
    """A piece of known form: its score, the bar (from 0) at which each section begins, and the order of letters."""
    rng = np.random.default_rng(seed)
    order = str(rng.choice(ORDERS))
    tune_only = bool(rng.random() < 0.4)
    phrases: dict[str, tuple[np.ndarray, int]] = {}
    for letter in sorted(set(order)):
        size = 4 if letter in "IE" else int(rng.choice(SIZES))
        for _ in range(40):
            piece = pieces[int(rng.integers(len(pieces)))]
            found = phrase(piece, size, rng, tune_only)
            if found is not None:
                phrases[letter] = (found, size)
                break
    score, starts, at = Score(ppq=PPQ), [], 0
    tracks = [Track(f"t{number}", name=f"T{number}", program=0) for number in range(1, 4)]
    count = 0
    for letter in order:
        if letter not in phrases:
            continue
        notes, size = phrases[letter]
        starts.append(at)
        for row in notes.tolist():
            count += 1
            start = row[ONSET] + at * 4 * PPQ
            note = Note(f"n{count}", start, max(1, row[DURATION]), row[PITCH], max(1, min(127, row[VELOCITY])))
            tracks[min(2, row[TRACK])].notes[note.id] = note
        at += size
    score.tracks = [track for track in tracks if track.notes]
    return score, starts, order


def phrase(
    piece: Piece, size: int, rng: np.random.Generator, tune_only: bool, transposed: bool = True
) -> np.ndarray | None:
    """``size`` bars of four quarters from where the tune has just rested, in C if ``transposed``; None: none."""
    lines = piece.downbeats
    steps = np.diff(lines)
    tune = piece.notes[piece.notes[:, TRACK] == piece.notes[:, TRACK].min()]
    tonic = g.best_major(g.pitch_class_counts(piece.notes[:, PITCH], np.maximum(1, piece.notes[:, DURATION])))
    good = []
    for bar in range(4, len(lines) - size - 1):
        if (steps[bar : bar + size] != 4 * PPQ).any():
            continue
        before = tune[(tune[:, ONSET] >= lines[bar] - 2 * PPQ) & (tune[:, ONSET] < lines[bar])]
        inside = tune[(tune[:, ONSET] >= lines[bar]) & (tune[:, ONSET] < lines[bar + size])]
        if len(before) <= 1 and len(inside) >= 2 * size:
            good.append(bar)
    if not good:
        return None
    bar = int(rng.choice(good))
    rows = tune if tune_only else piece.notes
    rows = rows[(rows[:, ONSET] >= lines[bar] - PPQ // 12) & (rows[:, ONSET] < lines[bar + size] - PPQ // 12)].copy()
    rows[:, ONSET] = np.maximum(0, rows[:, ONSET] - lines[bar])
    shift = (-tonic + 6) % 12 - 6 if transposed else 0
    rows[:, PITCH] = np.where(rows[:, PROGRAM] == 128, rows[:, PITCH], np.clip(rows[:, PITCH] + shift, 0, 127))
    rows[:, DURATION] = np.minimum(rows[:, DURATION], size * 4 * PPQ - rows[:, ONSET])
    return np.asarray(rows)


def f1(found: Sequence[int], true: Sequence[int], slack: int = 0) -> float:
    """F1 of section starts (bars), the piece's own start left out; 1.0 where both are empty."""
    guess, right = sorted(set(found) - {0}), sorted(set(true) - {0})
    if not guess and not right:
        return 1.0
    used: set[int] = set()
    for at in guess:
        near = [place for place in right if place not in used and abs(place - at) <= slack]
        if near:
            used.add(min(near, key=lambda place: abs(place - at)))
    return 2 * len(used) / max(1, len(guess) + len(right))


def report(pieces: Sequence[Piece], find: Finder, count: int = 60) -> dict[str, Any]:
    """F1 of ``count`` planted forms, and how often two sections that are (not) the same music are labelled so."""
    rows: dict[str, list[float]] = {"found": [], "found, one bar off": [], "every 8 bars": [], "every 4 bars": []}
    same: list[bool] = []
    for seed in range(count):
        score, starts, order = planted(pieces, seed)
        sections = find(score)
        guess = [section.first_bar - 1 for section in sections]
        bars = guess[-1] + sections[-1].bars
        rows["found"].append(f1(guess, starts))
        rows["found, one bar off"].append(f1(guess, starts, 1))
        rows["every 8 bars"].append(f1(range(0, bars, 8), starts))
        rows["every 4 bars"].append(f1(range(0, bars, 4), starts))
        letters = dict(zip(starts, order, strict=False))
        label = {section.first_bar - 1: section.label for section in sections}
        both = sorted(set(letters) & set(label))
        same += [
            (letters[a] == letters[b]) == (label[a] == label[b]) for k, a in enumerate(both) for b in both[k + 1 :]
        ]
    out: dict[str, Any] = {"pieces": count}
    for name, values in rows.items():
        low, median, high = np.percentile(values, [10, 50, 90])
        out[name] = {"mean": round(float(np.mean(values)), 3), "median": round(float(median), 3),
                     "10 %": round(float(low), 3), "90 %": round(float(high), 3)}  # fmt: skip
    out["pairs of sections labelled rightly"] = round(float(np.mean(same)), 3) if same else None
    return out
