"""Counts the table of the feel (:mod:`workbench.nets.feel_table`) in played music."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from workbench.nets.feel_table import ARC, GROUPS, KEYS, LEVELS, NORMAL, PLACES, TIES, FeelTable
from workbench.training import corpora, feel_data
from workbench.training.feel_data import Take
from workbench.training.pieces import ONSET, PPQ, VELOCITY, Piece

#: A cell of few notes leans on its group's quantiles as if it had so many more.
LEAN = 40
#: Lags at which the slow drift is measured, in quarters.
LAGS = (1, 2, 4, 8)


def quantiles(takes: Sequence[Take], value: str) -> np.ndarray:
    """Quantiles of ``ms`` or ``velocity`` by group and place, float64 [groups, places, 7]; zeros for unheard groups."""
    out = np.zeros((len(GROUPS), PLACES, len(LEVELS)))
    groups = np.concatenate([take.group for take in takes])
    places = np.concatenate([take.place for take in takes])
    values = np.concatenate([getattr(take, value) for take in takes])
    for group in np.unique(groups):
        own = groups == group
        pooled = np.quantile(values[own], LEVELS)
        for place in range(PLACES):
            cell = values[own & (places == place)]
            there = np.quantile(cell, LEVELS) if len(cell) else pooled
            out[group, place] = (len(cell) * there + LEAN * pooled) / (len(cell) + LEAN)
    return out


def scores(take: Take, table: np.ndarray, value: str) -> np.ndarray:
    """Where each note's deviation stands in its own cell's quantiles, as a normal score, float64 [n]."""
    values = getattr(take, value)
    out = np.zeros(len(values))
    for group, place in {*zip(take.group.tolist(), take.place.tolist(), strict=True)}:
        own = (take.group == group) & (take.place == place)
        cell = np.maximum.accumulate(table[group, place] + np.arange(len(LEVELS)) * 1e-6)
        out[own] = np.interp(values[own], cell, NORMAL)
    return out


def ties(takes: Iterable[Take], table: np.ndarray, value: str) -> np.ndarray:
    """Shares of drift, its memory a quarter on, of the common stroke and of the single note, float64 [4]."""
    products: dict[float, list[float]] = {lag: [] for lag in (0, *LAGS)}
    everything: list[float] = []
    for take in takes:
        normal = scores(take, table, value)
        everything += (normal**2).tolist()
        step = np.round(take.beat * 12).astype(np.int64)
        kinds, place = np.unique(step, return_inverse=True)
        count = np.bincount(place)
        total = np.bincount(place, normal)
        squares = np.bincount(place, normal**2)
        pairs = count * (count - 1)
        products[0] += ((total**2 - squares)[pairs > 0] / pairs[pairs > 0]).tolist()
        at = dict(zip(kinds.tolist(), (total / count).tolist(), strict=True))
        for lag in LAGS:
            products[lag] += [mean * at[key + 12 * lag] for key, mean in at.items() if key + 12 * lag in at]
    size = max(1e-9, float(np.mean(everything)))
    together = float(np.mean(products[0])) / size if products[0] else 0.0
    far = np.array([max(1e-3, float(np.mean(products[lag])) / size) for lag in LAGS])
    # What a stroke has in common with the next quarter matters most; how fast that fades is the mean of two lags.
    memory = float(np.clip(0.5 * (far[1] / far[0]) + 0.5 * (far[2] / far[0]) ** (1 / 3), 0.3, 0.99))
    drift = float(np.clip(far[0] / memory, 0.0, 0.9))
    struck = float(np.clip(together - drift, 0.0, 1 - drift))
    return np.array([drift, memory, struck, max(0.0, 1 - drift - struck)])


def again(takes: Iterable[Take]) -> np.ndarray:
    """How far a stroke's velocity is from the same stroke's a bar before, float64 [groups]: a standard deviation."""
    found: dict[int, list[float]] = {group: [] for group in range(len(GROUPS))}
    for take in takes:
        step = np.round(take.beat * 12).astype(np.int64)
        last: dict[tuple[int, int], float] = {}
        for key, group, pitch, velocity in zip(step.tolist(), take.group.tolist(), take.pitch.tolist(),
                                               take.velocity.tolist(), strict=True):  # fmt: skip
            which = group * 128 + (pitch if group < len(GROUPS) - len(KEYS) else 0)
            if (which, key - 48) in last:
                found[group].append(velocity - last[which, key - 48])
            last[which, key] = velocity
    # The middle half, not the deviation: a ghost note where an accent was is another stroke.
    return np.array([
        float(np.subtract(*np.quantile(rows, [0.75, 0.25]))) / 1.349 / np.sqrt(2) if len(rows) > 50 else 6.0
        for rows in found.values()
    ])  # fmt: skip


def slopes(takes: Iterable[Take], table: np.ndarray) -> np.ndarray:
    """Correlation of the normal scores of velocity with how far a note lies above its group's last sixteen, [4]."""
    high: dict[int, list[np.ndarray]] = {}
    loud: dict[int, list[np.ndarray]] = {}
    first = len(GROUPS) - len(KEYS)
    for take in takes:
        normal = scores(take, table, "velocity")
        for group in range(first, len(GROUPS)):
            own = np.flatnonzero(take.group == group)
            if len(own) < 40:
                continue
            pitch = take.pitch[own].astype(np.float64)
            around = np.convolve(pitch, np.ones(17) / 17, mode="same")[8:-8]
            high.setdefault(group, []).append(pitch[8:-8] - around)
            loud.setdefault(group, []).append(normal[own][8:-8])
    out = np.zeros(len(KEYS))
    for group, rows in high.items():
        out[group - first] = np.corrcoef(np.concatenate(rows), np.concatenate(loud[group]))[0, 1]
    return out


def arc(pieces: Iterable[Piece]) -> np.ndarray:
    """Velocity of the piano over the course of a phrase of the tune, from rest to rest, float64 [8], mean 0."""
    parts: list[list[float]] = [[] for _ in range(ARC)]
    for piece in pieces:
        tune = np.unique(piece.notes[piece.notes[:, 5] == 0, ONSET])
        piano = piece.notes[piece.notes[:, 5] == len(piece.tracks) - 1]
        if len(tune) < 20 or len(piano) < 100 or piano[:, VELOCITY].std() < 8:
            continue
        starts = tune[np.concatenate([[True], np.diff(tune) >= 1.5 * PPQ])]
        for start, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
            if not 6 * PPQ <= end - start <= 36 * PPQ:
                continue
            own = piano[(piano[:, ONSET] >= start) & (piano[:, ONSET] < end)]
            if len(own) < 8:
                continue
            place = ((own[:, ONSET] - start) * ARC // (end - start)).astype(np.int64)
            for part in range(ARC):
                if (place == part).any():
                    parts[part].append(float(own[place == part, VELOCITY].mean() - own[:, VELOCITY].mean()))
    out = np.array([float(np.mean(rows)) if rows else 0.0 for rows in parts])
    return np.asarray(out - out.mean())


def fit() -> FeelTable:
    """Count everything in the training players and works; needs the corpora."""
    found = feel_data.sets()
    first = len(GROUPS) - len(KEYS)
    ms, velocity = quantiles(found["drums"], "ms"), quantiles(found["drums"], "velocity")
    ms[first:] = quantiles(found["keys"], "ms")[first:]
    velocity[first:] = quantiles(found["velocities"], "velocity")[first:]
    tie_ms, tie_velocity = np.zeros((len(TIES), 4)), np.zeros((len(TIES), 4))
    for row, family in enumerate(TIES):
        drums = [take for take in found["drums"] if GROUPS[int(take.group[0])].startswith(family)]
        tie_ms[row] = ties(drums or found["keys"], ms, "ms")
        tie_velocity[row] = ties(drums or found["velocities"][::4], velocity, "velocity")
    spreads = feel_data.chord_spreads(piece for piece in corpora.pieces("giantmidi") if piece.split == "train")
    spread = np.array([np.quantile([late for role, late in spreads if role == own], LEVELS) for own in KEYS[:3]])
    again_by = again(found["drums"])
    again_by[first:] = again(found["velocities"][::4])[first:]
    return FeelTable(ms, velocity, tie_ms, tie_velocity, again_by, spread, slopes(found["velocities"], velocity),
                     arc(corpora.pieces("pop909_main", "train")))  # fmt: skip


def main() -> None:
    """Write ``feel.safetensors`` into ``--out``."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", type=Path, default=Path("models/arranger"))
    folder = options.parse_args().out
    folder.mkdir(parents=True, exist_ok=True)
    fit().save(folder / "feel.safetensors")
