"""Tunes with chords that were heard in what plays below them: what the chord network learns from beside songs.

Songs whose chords somebody wrote down are few. Pieces with an accompaniment are many, and their chords are heard by
rule (:mod:`workbench.evaluation.heard_chords`, which has to run first): rougher, and of another time, but harmony all
the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from workbench.tokens import half_bars as hb
from workbench.training.chord_data import SHORTEST, Tune, tune_of
from workbench.training.corpora import DURATION, ONSET, PITCH, PROGRAM
from workbench.training.genie_data import with_heard
from workbench.training.pieces import DRUMS, Piece
from workbench.training.splits import Split

HEARD = ("lieder", "polish")
#: A chord is believed where so many pitch classes sound in a half bar, each for this share of it, beside the tune's.
CLASSES, SHARE = 2, 0.1
#: Share of half bars whose chord must be believed, and of the time in which a tune sounds.
BELIEVED, SUNG = 0.4, 0.3


def heard_tunes(corpus: str, side: Split) -> Iterator[Tune]:
    """The top lines of a corpus with the chords heard below them; root -1 where too little sounds to tell."""
    for piece in with_heard(corpus, side):
        if not len(piece.chords) or not len(piece.notes):
            continue
        pitched = replace(piece, notes=piece.notes[piece.notes[:, PROGRAM] != DRUMS], tracks=())
        if len(pitched.notes) < 2 * SHORTEST:
            continue
        tune = tune_of(pitched)
        if tune is None:
            continue
        believed = _told_apart(pitched, tune)
        sung = hb.sounding(tune.notes[:, 0], tune.notes[:, 1], tune.notes[:, 2], tune.edges).sum(axis=1)
        if believed.mean() < BELIEVED or np.minimum(sung, 1.0).mean() < SUNG:
            continue
        yield replace(tune, root=np.where(believed, tune.root, -1))


def _told_apart(piece: Piece, tune: Tune) -> np.ndarray:
    """Where enough sounds beside the tune's own pitch classes for a chord to be heard, bool [n]."""
    onset, length, pitch = (piece.notes[:, column].astype(np.int64) for column in (ONSET, DURATION, PITCH))
    every = hb.sounding(onset, onset + length, pitch, tune.edges)
    own = hb.sounding(tune.notes[:, 0], tune.notes[:, 1], tune.notes[:, 2], tune.edges)
    return np.asarray(((every - own) > SHARE).sum(axis=1) >= CLASSES)
