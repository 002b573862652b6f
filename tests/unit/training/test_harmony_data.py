"""Beats with chords to learn from: what is asked for is what was played."""

from __future__ import annotations

import numpy as np

from workbench.score.lanes import QUALITIES
from workbench.tokens import chord_spans as cs
from workbench.training.corpora import PPQ, Piece
from workbench.training.harmony_data import of_piece, played, spoilt
from workbench.training.harmony_fit import progressions

NAMES = list(QUALITIES)


def lead_sheet() -> Piece:
    """Four bars: C, A minor, F, G7; a tune of one note a bar."""
    chords = [(0, "maj"), (9, "min"), (5, "maj"), (7, "7")]
    rows = [(4 * PPQ * bar, 4 * PPQ, root, NAMES.index(kind), root) for bar, (root, kind) in enumerate(chords)]
    tune = [(4 * PPQ * bar, 4 * PPQ, 72 + root % 12, 90, 0, 0) for bar, (root, _) in enumerate(chords)]
    bars = np.arange(0, 5 * 4 * PPQ, 4 * PPQ)
    return Piece(
        "t/1", "t/1", "ewld", np.array(tune, np.int32), np.arange(17) * 0.5, bars, np.array([(0, 4, 4)]),
        np.array(rows, np.int32), ("Tune",),
    )  # fmt: skip


def test_each_beat_asks_for_the_chord_that_covers_it() -> None:
    found = of_piece(lead_sheet())
    assert found is not None
    assert found.state[:16].tolist() == [0] * 4 + [9 * 8 + 1] * 4 + [5 * 8] * 4 + [7 * 8 + 2] * 4
    assert found.place[:5].tolist() == [0, 2, 1, 2, 0]


def test_a_band_plays_the_chords_that_are_asked_for() -> None:
    hits = []
    for seed in range(12):
        piece = played(lead_sheet(), np.random.default_rng(seed))
        found = of_piece(piece)
        assert found is not None
        chroma = cs.fold(found.sound)
        for beat, state in enumerate(found.state[:16].tolist()):
            tones = {(state // 8 + step) % 12 for step in cs.TONES[state % 8]}
            hits.append(chroma[beat, sorted(tones)].sum() / max(1e-6, chroma[beat].sum()))
    assert np.mean(hits) > 0.85


def test_spoiling_keeps_most_notes_and_no_note_without_length() -> None:
    rng = np.random.default_rng(0)
    on, pitch = np.arange(400) * 240.0, np.full(400, 60.0)
    start, end, key = spoilt(on, on + 240, pitch, rng)
    assert (end > start).all()
    assert 0.6 < len(start) / 400 < 1.2
    assert np.mean(key == 60) > 0.8


def test_progressions_are_counted_whatever_the_key() -> None:
    piece = lead_sheet()
    chords = piece.chords.copy()
    chords[:, [2, 4]] = (chords[:, [2, 4]] + 3) % 12
    up = Piece(**{**piece.__dict__, "chords": chords})
    found = [of_piece(one) for one in (piece, up)]
    tables = [progressions([one] * 30) for one in found if one is not None]
    assert np.allclose(tables[0]["turn"], tables[1]["turn"])
    assert tables[0]["turn"][0, 9, 1] > tables[0]["turn"][0, 2, 1] + 2  # a minor chord a sixth up, as was played
    assert tables[0]["stay"][2] > tables[0]["stay"][0] + 1  # chords change on the bar's first beat
