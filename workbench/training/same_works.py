"""The same music in two sets has one work id: told by the notes, since no two sets agree on titles.

A lied stands among the Lieder and again in Mutopia; a mazurka among the Polish scores; a symphony's tune as a piano
piece. Were their ids different, a network could learn in one set what it is judged by in another. So a piece of a set
that came later takes the work of any earlier one that shares a quarter of the runs of twelve notes of
the shorter of the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from workbench.tokens.runs import part_runs
from workbench.training.pieces import DRUMS, PITCH, PROGRAM, TRACK, Piece

SHARED = 0.25  #: of the runs of the shorter one of two pieces
FEWEST = 4  #: shared runs below which nothing is told
QUOTED = 0.05  #: of the later piece's own runs: a symphony that has a scale or a short tune in it is no copy of that


def runs_of(piece: Piece) -> np.ndarray:
    """Hashes of the runs of all melodic tracks, without repeats: uint64 [m]."""
    notes = piece.notes[piece.notes[:, PROGRAM] != DRUMS].astype(np.int64)
    notes = notes[np.lexsort((-notes[:, PITCH], notes[:, 0]))]
    parts = [part_runs(notes[notes[:, TRACK] == track, PITCH]) for track in np.unique(notes[:, TRACK])]
    return np.unique(np.concatenate([np.zeros(0, np.uint64), *parts]))


def linked(pieces: Sequence[Piece], known: Iterable[Piece]) -> list[Piece]:
    """``pieces`` with the work of the known piece, or earlier piece of their own, that is the same music."""
    hashes, owners, sizes, works = [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)], [], []
    for number, piece in enumerate(known):
        own = runs_of(piece)
        hashes.append(own)
        owners.append(np.full(len(own), number))
        sizes.append(len(own))
        works.append(piece.work)
    everything, owner = np.concatenate(hashes), np.concatenate(owners)
    order = np.argsort(everything, kind="stable")
    everything, owner = everything[order], owner[order]
    size = np.array(sizes, dtype=np.int64)
    out: list[Piece] = []
    later: dict[int, list[int]] = {}
    own_runs: list[np.ndarray] = []
    for piece in pieces:
        own = runs_of(piece)
        first, last = np.searchsorted(everything, own), np.searchsorted(everything, own, side="right")
        hits = np.concatenate([np.zeros(0, np.int64), *(owner[a:b] for a, b in zip(first, last, strict=True) if b > a)])
        work = _best(np.bincount(hits, minlength=len(size)), size, len(own), works)
        if not work:
            earlier = np.array([at for run in own.tolist() for at in later.get(run, ())], np.int64)
            count = np.bincount(earlier, minlength=len(out))
            work = _best(count, np.array([len(r) for r in own_runs], np.int64), len(own), [p.work for p in out])
        for run in own.tolist():
            later.setdefault(run, []).append(len(out))
        own_runs.append(own)
        out.append(replace(piece, work=work or piece.work))
    return out


def _best(shared: np.ndarray, sizes: np.ndarray, own: int, works: Sequence[str]) -> str:
    if not len(sizes) or own < FEWEST:
        return ""
    share = shared / np.maximum(np.minimum(sizes, own), 1)
    share[(shared < FEWEST) | (shared < QUOTED * own)] = 0.0
    best = int(np.argmax(share))
    return works[best] if share[best] >= SHARED else ""
