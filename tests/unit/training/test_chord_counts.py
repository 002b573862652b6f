"""Chords counted in songs, and a band judged by them, on music whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="training is an extra")

from workbench.create.infill.around.chord_plan import KINDS, N_STATES
from workbench.evaluation import infill_band
from workbench.score.lanes import QUALITIES
from workbench.score.score import Note, Score, Track
from workbench.tokens import grid12 as g
from workbench.training import chord_counts, corpora

TRIADS = {0: (0, 4, 7), 5: (5, 9, 0), 7: (7, 11, 2)}
ROOTS = (0, 5, 7, 0) * 5


def song(semitones: int = 0) -> corpora.Piece:
    """Twenty bars: a tune of chord tones, the chord and its root below, and the chords written down."""
    beat, bar = corpora.PPQ, 4 * corpora.PPQ
    notes, chords = [], []
    for number, root in enumerate(ROOTS):
        start = number * bar
        chords.append((start, bar, (root + semitones) % 12, 0, (root + semitones) % 12))
        tones = [tone + semitones for tone in TRIADS[root]]
        notes += [(start + at * beat, beat, 72 + tones[at % 3], 80, 0, 0) for at in range(4)]
        notes += [(start, bar, 48 + tone, 80, 0, 1) for tone in tones] + [(start, bar, 36 + tones[0], 80, 0, 1)]
    return corpora.Piece(
        "made", "made", "made", np.array(sorted(notes), np.int32), np.arange(81) * 0.5,
        np.arange(21, dtype=np.int32) * bar, np.array([[0, 4, 4]], np.int32), np.array(chords, np.int32),
        tracks=("MELODY", "PIANO"),
    )  # fmt: skip


def test_every_quality_is_of_the_kind_that_its_third_says() -> None:
    for number, tones in enumerate(QUALITIES.values()):
        for root in range(12):
            kind = KINDS[chord_counts.kind_of(root, number)]
            if 4 in tones:
                assert kind[1] == 4
            elif 3 in tones:
                assert kind[1] == 3
            else:
                assert kind[1] == (3 if root in (2, 4, 9, 11) else 4)
    assert len(KINDS) == chord_counts.N_KINDS


@pytest.mark.parametrize("semitones", [0, 2, 7])
def test_a_song_is_counted_in_c(semitones: int) -> None:
    (line,) = chord_counts.lines([song(semitones)])
    assert (line.chord[::2] == [chord_counts.N_KINDS * root for root in ROOTS]).all()
    assert (line.chord[::2] == line.chord[1::2]).all()
    assert (line.on_bar[:2] == [True, False]).all()
    assert line.sung.sum(axis=1) == pytest.approx(1.0)
    tables = chord_counts.count([line])
    assert tables["start"].sum() == pytest.approx(1)
    assert tables["turn"].sum(axis=2) == pytest.approx(np.ones((2, N_STATES)), abs=1e-4)
    stays, moves = tables["turn"][0, 0], tables["turn"][1, 0]
    assert stays.argmax() == 0, "inside a bar a chord stays"
    assert moves[chord_counts.N_KINDS * 5] > 2 * moves[chord_counts.N_KINDS * 2], "C is followed by F, never by D"
    assert tables["tone"][chord_counts.N_KINDS * 7, [7, 11, 2]].sum() > 0.8


def test_a_band_is_judged_by_the_chords() -> None:
    (found,) = infill_band.songs([song(3)])
    step = infill_band.PPQ // g.TICKS

    def lead(score: Score, seed: int) -> Score:
        bass, drums = Track("t2", "Bass", program=33), Track("t3", "Drums", is_drum=True)
        for half in range(2 * infill_band.BARS):
            root = (ROOTS[half // 2] + 3 + (half % 2)) % 12  # right on the bar, a semitone off in its middle
            bass.notes[f"n{half}"] = Note(f"n{half}", 24 * half * step, 24 * step, 36 + root)
            drums.notes[f"n{half}"] = Note(f"n{half}", (24 * half + half % 2) * step, 120, 36)
        score.tracks += [bass, drums]
        return score

    report = infill_band.report([found], lead)
    assert report["bass: on the chord's bass"] == 0.5
    assert report["song: on the chord's bass"] == report["song: time in the chord"] == 1.0
    assert report["drums: onsets on the grid"] == 0.5
    assert report["drums: bar like the next"] == 1.0
    assert report["drums: bars with a bass drum on one"] == 1.0
    assert report["bass: notes a bar"] == 2.0
    assert infill_band.songs([song()])[0].tune[:3].tolist() == [[0, 12, 72], [12, 12, 76], [24, 12, 79]]
