"""What the chord network learns from: tunes as they are and as people sing them, with the layer's answers to them.

Two sorts of tunes: songs whose chords somebody wrote down, and pieces whose chords were heard by rule, without which a
folk tune or a Lied would be given the chords of a pop song.

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
from workbench.training.chord_heard import HEARD, heard_tunes
from workbench.training.corpora import PPQ

FOLDS = 5
#: Chances of a disturbed tune, and of one that is read from a tonic a fifth away, or from anywhere.
DISTURBED, FIFTH, ANYWHERE = 0.8, 0.25, 0.03
#: Disturbed copies of a tune that are learnt from in turn, and how often the tune itself is; the songs' second voices
#: and the top notes of their piano are tunes too, of which each pass over the data takes a share.
COPIES, ITSELF, EXTRA = 3, 0.3, 0.3
#: Of the pieces whose chords were heard, each pass takes this share: beside songs, and alone. Where no song is learnt
#: from, the layer is solved for with one of so many of them.
HEARD_SHARE, OPEN_SHARE, OPEN_LAYER = 0.14, 0.35, 3
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
    """All examples in memory; a gigabyte."""

    def __init__(self, rng: np.random.Generator, *, open_music: bool = False) -> None:
        """``open_music``: of heard tunes alone, none of them a song under copyright."""
        every = [tune for name in HEARD for tune in heard_tunes(name, "train")]
        songs = [] if open_music else list(tunes("pop909_main", "train"))
        sheets = [] if open_music else list(tunes("ewld", "train"))
        learnt = every[::OPEN_LAYER] if open_music else songs + sheets
        layers = [fit(tune for tune in learnt if _fold(tune) != fold)[0] for fold in range(FOLDS)]

        def copies(found: list[Tune], itself: bool, count: int) -> list[list[Example]]:
            return [
                ([example(tune, tune.notes, layers[_fold(tune)])] if itself else [])
                + [varied(tune, layers[_fold(tune)], rng) for _ in range(count)]
                for tune in found
            ]

        # Lead sheets are few and short: each pass takes them twice.
        self.own = [*copies(songs, True, COPIES), *2 * copies(sheets, True, COPIES)]
        self.extra = [] if open_music else [
            each for track in ("BRIDGE", "PIANO")
            for each in copies(list(tunes("pop909_main", "train", track)), False, 1)
        ]  # fmt: skip
        self.heard = copies(every, True, 1)
        self.heard_share = OPEN_SHARE if open_music else HEARD_SHARE

    def batches(self, size: int, rng: np.random.Generator) -> Iterator[list[Example]]:
        """One pass over the data in batches of about ``size`` half bars, in each of them tunes of like length."""
        taken = [each[0 if rng.random() < ITSELF else rng.integers(len(each))] for each in self.own]
        taken += [each[0] for each in self.extra if rng.random() < EXTRA]
        taken += [each[rng.integers(2)] for each in self.heard if rng.random() < self.heard_share]
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
