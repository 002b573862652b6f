"""What the chord network learns from: tunes as they are and as people sing them, with the layer's answers to them.

The layer's answers to a tune are those of a layer that was solved for without it (five folds of the works): its own
tunes it knows too well, and the network would learn to trust it.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from workbench.nets.chord_net_numpy import N_INPUTS, inputs
from workbench.tokens import half_bars as hb
from workbench.training.chord_data import Tune, tunes
from workbench.training.chord_fit import fit
from workbench.training.corpora import PPQ

FOLDS = 5
#: Chances of a disturbed tune, and of one that is read from a tonic a fifth away, or from anywhere.
DISTURBED, FIFTH, ANYWHERE = 0.8, 0.25, 0.03
#: Disturbed copies of a tune that are learnt from in turn, and how often the tune itself is; the songs' second voices
#: and the top notes of their piano are tunes too, of which each pass over the data takes a share.
COPIES, ITSELF, EXTRA = 3, 0.3, 0.3
LONGEST, CROPPED = 256, 0.3  #: half bars of an example; share that is cut to a random length


@dataclass(frozen=True)
class Example:
    """``told`` float16 [n, N_INPUTS], ``states`` int64 [n] and ``bass`` int64 [n] from the tonic it is read from."""

    told: np.ndarray
    states: np.ndarray
    bass: np.ndarray


def disturbed(notes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A tune as somebody might sing it: notes left out or missed, lengths and beginnings a little off; int64 [m, 3]."""
    out = notes[rng.random(len(notes)) > rng.choice([0.0, 0.05, 0.15])].copy()
    if len(out) < hb.SLOTS:
        return notes
    wrong = rng.random(len(out)) < rng.choice([0.0, 0.02, 0.08])
    out[wrong, 2] += rng.choice([-2, -1, 1, 2], size=int(wrong.sum()))
    length = (out[:, 1] - out[:, 0]) * rng.uniform(0.5, 1.2)
    out[:, 0] += np.round(rng.normal(0.0, rng.choice([0.0, 15.0, 40.0]), len(out))).astype(np.int64)
    out[:, 0] = np.maximum(0, out[:, 0])
    out[:, 1] = out[:, 0] + np.maximum(20, length.astype(np.int64))
    return np.asarray(out[np.argsort(out[:, 0], kind="stable")])


def example(tune: Tune, notes: np.ndarray, layer: dict[str, np.ndarray], home: int | None = None) -> Example:
    """``notes`` of a tune with its chords, read from ``home`` (None: the tonic that would be found for them)."""
    tonic = hb.home(*notes.T) if home is None else home
    told = hb.surroundings(notes[:, 0], notes[:, 1], notes[:, 2] - tonic, tune.edges, tune.bar, PPQ)
    answers = np.concatenate([told @ layer["chord"], told @ layer["bass"]], axis=1)
    bass = np.where(tune.root < 0, -1, (tune.bass - tonic) % 12)
    return Example(inputs(told, answers).astype(np.float16), tune.states(tonic), bass)


def varied(tune: Tune, layer: dict[str, np.ndarray], rng: np.random.Generator) -> Example:
    """A tune as it might be sung, now and then read from a wrong tonic."""
    notes = disturbed(tune.notes, rng) if rng.random() < DISTURBED else tune.notes
    home, draw = hb.home(*notes.T), rng.random()
    if draw < FIFTH:
        home = (home + int(rng.choice([5, 7]))) % 12
    elif draw < FIFTH + ANYWHERE:
        home = int(rng.integers(12))
    return example(tune, notes, layer, home)


class Examples:
    """All examples in memory; a few hundred megabytes."""

    def __init__(self, rng: np.random.Generator) -> None:
        songs, sheets = list(tunes("pop909_main", "train")), list(tunes("ewld", "train"))
        layers = [fit(tune for tune in songs + sheets if _fold(tune) != fold)[0] for fold in range(FOLDS)]

        def copies(found: list[Tune], itself: bool) -> list[list[Example]]:
            return [
                ([example(tune, tune.notes, layers[_fold(tune)])] if itself else [])
                + [varied(tune, layers[_fold(tune)], rng) for _ in range(COPIES if itself else 1)]
                for tune in found
            ]

        # Lead sheets are few and short: each pass takes them twice.
        self.own = [*copies(songs, True), *2 * copies(sheets, True)]
        self.extra = [each for track in ("BRIDGE", "PIANO")
                      for each in copies(list(tunes("pop909_main", "train", track)), False)]  # fmt: skip

    def batches(self, size: int, rng: np.random.Generator) -> Iterator[list[Example]]:
        """One pass over the data in batches of about ``size`` half bars, in each of them tunes of like length."""
        taken = [each[0 if rng.random() < ITSELF else rng.integers(len(each))] for each in self.own]
        taken += [each[0] for each in self.extra if rng.random() < EXTRA]
        cut = [_cut(each, rng) for each in taken]
        cut.sort(key=lambda each: len(each.states) + 12 * rng.random())
        out: list[list[Example]] = [[]]
        for each in cut:
            if len(out[-1]) * len(each.states) >= size:
                out.append([])
            out[-1].append(each)
        for at in rng.permutation(len(out)):
            yield out[int(at)]


def padded(found: list[Example]) -> tuple[np.ndarray, ...]:
    """Input, states, basses (-1 past the end) and what is real, of a batch: arrays [batch, longest, ...]."""
    longest = max(len(each.states) for each in found)
    told = np.zeros((len(found), longest, N_INPUTS), np.float32)
    states, bass = (np.full((len(found), longest), -1, np.int64) for _ in range(2))
    real = np.zeros((len(found), longest), bool)
    for at, each in enumerate(found):
        count = len(each.states)
        told[at, :count], states[at, :count], bass[at, :count] = each.told, each.states, each.bass
        real[at, :count] = True
    return told, states, bass, real


def told_states(states: np.ndarray, chance: float, rng: np.random.Generator) -> np.ndarray:
    """``states`` of which only some are told (the others -1): none, single ones, or a whole stretch."""
    if rng.random() > chance or not len(states):
        return np.full_like(states, -1)
    share = rng.random() ** 1.5
    if rng.random() < 0.5:
        kept = rng.random(len(states)) < share
    else:
        kept = np.zeros(len(states), dtype=bool)
        begin = int(rng.integers(0, len(states)))
        kept[begin : begin + int(share * len(states))] = True
    return np.where(kept, states, -1)


def _fold(tune: Tune) -> int:
    return zlib.crc32(tune.work.encode()) % FOLDS


def _cut(whole: Example, rng: np.random.Generator) -> Example:
    count = size = len(whole.states)
    if count > 24 and rng.random() < CROPPED:
        size = int(rng.integers(16, count))
    size = min(size, LONGEST)
    begin = int(rng.integers(0, count - size + 1))
    own = slice(begin, begin + size)
    return Example(whole.told[own], whole.states[own], whole.bass[own])
