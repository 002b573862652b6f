"""Does the learnt feel play as people do? Against players that it was not learnt from, beside plain ways.

Every held-out take is laid back on the grid with flat velocities and played again: *straight* (as it lies), with
*white noise* (as wide as the training players' deviations, but without place, voice or memory), and by the learnt
table. Compared are, for each voice and place of the bar, the distributions of deviation and velocity (earth mover's
distance, in milliseconds and in velocity), and how much of a deviation is left a quarter later. What the training
players themselves are away from the held-out ones is the floor.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from workbench.create.compose.feel import humanise
from workbench.nets.feel_table import GROUPS, KEYS, FeelTable
from workbench.score.lanes import Tempo
from workbench.score.score import Note, Score
from workbench.score.timemap import TimeMap
from workbench.training import feel_data
from workbench.training.feel_data import Take

PPQ = 960
LEAST = 30  #: notes of a cell in the held-out takes for it to count
#: Plays a take: milliseconds late and velocity above the usual of each of its notes, float64 [n] each.
Player = Callable[[Take, int], tuple[np.ndarray, np.ndarray]]


def learnt(table: FeelTable | None = None, strength: int = 100) -> Player:
    """The feel as a player of takes."""

    def play(take: Take, seed: int) -> tuple[np.ndarray, np.ndarray]:
        score = Score(ppq=PPQ, tempos=[Tempo(0, max(1, round(take.quarter_ms * 1000)))])
        first = len(GROUPS) - len(KEYS)
        drums = bool(take.group[0] < first)
        # The bars of a take begin at its own quarter 0; four quarters of lead keep early notes above tick 0.
        notes = [
            Note(f"n{place}", round((beat + 4) * PPQ), 60, int(pitch), 64)
            for place, (beat, pitch) in enumerate(zip(take.beat.tolist(), take.pitch.tolist(), strict=True))
        ]
        if drums:
            family = GROUPS[int(take.group[0])].split()[0]
            parts, roles = {"drums": notes}, {"drums": "drums"}
        else:
            tune = take.group == GROUPS.index("tune")
            family, roles = "rock", {"tune": "tune", "piano": "chords"}
            parts = {"tune": [n for n, own in zip(notes, tune, strict=True) if own],
                     "piano": [n for n, own in zip(notes, tune, strict=True) if not own]}  # fmt: skip
        played = humanise(
            parts, TimeMap(score), roles=roles, family=family, strength=strength, seed=seed, composed=False, table=table
        )
        by_id = {note.id: note for part in played.values() for note in part}
        late = np.array([by_id[note.id].start - note.start for note in notes]) * take.quarter_ms / PPQ
        return late, np.array([by_id[note.id].velocity - 64.0 for note in notes])

    return play


def straight(take: Take, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """As it lies on the grid."""
    return np.zeros(len(take.ms)), np.zeros(len(take.ms))


def white(takes: Sequence[Take]) -> Player:
    """Normal noise as wide as the deviations of ``takes``."""
    wide = float(np.concatenate([take.ms for take in takes]).std())
    loud = float(np.concatenate([take.velocity for take in takes]).std())

    def play(take: Take, seed: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        return rng.normal(0, wide, len(take.ms)), rng.normal(0, loud, len(take.ms))

    return play


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """Earth mover's distance of two samples, through 99 quantiles."""
    levels = np.linspace(0.01, 0.99, 99)
    return float(np.abs(np.quantile(one, levels) - np.quantile(other, levels)).mean())


def remembered(takes: Sequence[Take], values: Sequence[np.ndarray]) -> float:
    """Correlation of what is struck together with what is struck a quarter later."""
    pairs: list[tuple[float, float]] = []
    for take, own in zip(takes, values, strict=True):
        step = np.round(take.beat * 12).astype(np.int64)
        kinds, place = np.unique(step, return_inverse=True)
        mean = dict(zip(kinds.tolist(), (np.bincount(place, own) / np.bincount(place)).tolist(), strict=True))
        pairs += [(value, mean[key + 12]) for key, value in mean.items() if key + 12 in mean]
    one, other = np.array(pairs).T
    return float(np.corrcoef(one, other)[0, 1]) if one.std() > 0 else 0.0


def report(takes: Sequence[Take], training: Sequence[Take], players: dict[str, Player]) -> dict[str, Any]:
    """Distances of each player to the held-out takes, the worst tenth of the cells beside the mean."""
    group = np.concatenate([take.group for take in takes])
    place = np.concatenate([take.place for take in takes])
    real = np.concatenate([take.ms for take in takes]), np.concatenate([take.velocity for take in takes])
    cells = [
        cell for cell, count in zip(*np.unique(group * 64 + place, return_counts=True), strict=True) if count >= LEAST
    ]
    of_training = np.concatenate([take.group * 64 + take.place for take in training])
    taught = np.concatenate([take.ms for take in training]), np.concatenate([take.velocity for take in training])
    out: dict[str, Any] = {"takes": len(takes), "cells": len(cells)}
    memory = [remembered(takes, [getattr(take, name) for take in takes]) for name in ("ms", "velocity")]
    out["held-out players"] = {"timing a quarter on": round(memory[0], 3), "velocity a quarter on": round(memory[1], 3)}
    for name, play in {"other players": None, **players}.items():
        row: dict[str, Any] = {}
        made = None if play is None else [play(take, seed) for seed, take in enumerate(takes)]
        for kind, what in enumerate(("timing", "velocity")):
            values = None if made is None else np.concatenate([both[kind] for both in made])
            gaps, weights = [], []
            for cell in cells:
                own = group * 64 + place == cell
                given = taught[kind][of_training == cell] if values is None else values[own]
                if len(given) >= LEAST:
                    gaps.append(distance(given, real[kind][own]))
                    weights.append(int(own.sum()))
            row[what] = round(float(np.average(gaps, weights=weights)), 2)
            row[f"{what}, worst tenth"] = round(float(np.quantile(gaps, 0.9)), 2)
            if made is not None:
                row[f"{what} a quarter on"] = round(remembered(takes, [both[kind] for both in made]), 3)
        out[name] = row
    return out


def full_report(table: FeelTable | None = None) -> dict[str, Any]:
    """Drums and keys; needs the corpora."""
    found = feel_data.sets()
    out = {}
    for name in ("drums", "keys", "velocities"):
        training = found[name]
        players = {"straight": straight, "white noise": white(training), "learnt": learnt(table)}
        out[name] = report(found[f"{name} held out"][:60], training, players)
        if name == "velocities":  # songs that were drawn on the grid: their timing says nothing
            rows = [row for row in out[name].values() if isinstance(row, dict)]
            for row in rows:
                for key in [key for key in row if key.startswith("timing")]:
                    del row[key]
    return out
