"""Tunes to arrange: phrases of eight or sixteen bars of held-out songs, on sixteenths, one track and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from workbench.evaluation.form_eval import phrase
from workbench.score.lanes import Tempo
from workbench.score.score import Note, Score, Track
from workbench.training.pieces import DURATION, ONSET, PITCH, PPQ, TRACK, VELOCITY, Piece

STEP = PPQ // 4


def tunes(pieces: Sequence[Piece], count: int, sizes: Sequence[int] = (8, 16)) -> list[Score]:
    """A phrase of each of the first songs that have one, in the song's own key and tempo."""
    out: list[Score] = []
    for number, piece in enumerate(pieces):
        if len(out) == count:
            break
        rng = np.random.default_rng(number)
        rows = phrase(piece, sizes[len(out) % len(sizes)], rng, True, transposed=False)
        if rows is None:
            continue
        track = Track("t1", name="Melody", program=73)
        last = -1
        for row in rows[np.argsort(rows[:, ONSET], kind="stable")].tolist():
            start = round(row[ONSET] / STEP) * STEP
            if start == last or row[TRACK] != rows[0, TRACK]:
                continue
            last = start
            length = max(STEP, round(row[DURATION] / STEP) * STEP)
            name = f"n{len(track.notes) + 1}"
            track.notes[name] = Note(name, start, length, row[PITCH], max(1, row[VELOCITY]), "imported")
        quarter = float(np.median(np.diff(piece.beats)))
        out.append(Score(piece.id, PPQ, tracks=[track], tempos=[Tempo(0, round(quarter * 1_000_000))]))
    return out
