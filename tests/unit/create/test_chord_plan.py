"""Chords found for a tune, and what joins it: in time, in its own register, on the chords."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from workbench import resources
from workbench.create.infill.around.chord_plan import KINDS, N_STATES, ChordModel, chroma_of
from workbench.create.infill.around.expectation import Expectation
from workbench.create.infill.around.surroundings import Surroundings
from workbench.create.infill.extend import accompany
from workbench.create.infill.transformer.habits import straight
from workbench.create.infill.transformer.taboo import FIGURE, Taboo
from workbench.errors import BadFile
from workbench.hub.hub import Hub
from workbench.hub.registry import Registry
from workbench.hub.tasks.infill.controls import InfillControls
from workbench.hub.tasks.infill.request import InfillRequest
from workbench.score.operations import apply
from workbench.score.score import Note, Region, Score, Track
from workbench.tokens import grid12 as g
from workbench.tokens.runs import RunFilter, part_runs

#: A tune in C, a note a quarter: C, F, G and C again are what anybody would play to it, a bar each.
TUNE = (60, 64, 67, 64, 65, 69, 72, 69, 67, 71, 74, 71, 72, 67, 64, 60)
ROOTS = (0, 5, 7, 0)


@pytest.fixture(scope="module")
def model() -> ChordModel:
    return ChordModel.load(resources.path("models/infill/chords.safetensors"))


@pytest.fixture(scope="module")
def hub() -> Hub:
    return Hub(Registry.load(plugins=False, user=False))


def sung(pitches: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Two quarters a half bar."""
    out = np.zeros((len(pitches) // 2, 12))
    for at, pitch in enumerate(pitches):
        out[at // 2, pitch % 12] += 0.5
    return out, np.arange(len(out)) % 2 == 0


def tune(semitones: int = 0, times: int = 2) -> Score:
    score = Score()
    track = Track("t1", "Tune", program=73)
    for at, pitch in enumerate(TUNE * times):
        track.notes[f"n{at}"] = Note(f"n{at}", 960 * at, 960, pitch + 12 + semitones)
    score.tracks.append(track)
    return score


@pytest.mark.parametrize("semitones", [0, 1, 5, 11])
def test_a_plain_tune_gets_the_chords_that_anybody_would_play(model: ChordModel, semitones: int) -> None:
    tonic, chords = model.progression(*sung([pitch + semitones for pitch in TUNE * 2]))
    assert tonic == semitones
    assert tuple(chords[::2] // len(KINDS)) == ROOTS * 2


def test_drawn_progressions_differ_but_hold_what_is_sung(model: ChordModel) -> None:
    share, on_bar = sung(TUNE * 2)
    drawn = [model.chords(share, on_bar, np.random.default_rng(seed)) for seed in range(8)]
    assert len({tuple(row) for row in drawn}) > 3
    held = [float(share[at] @ (chroma_of(int(state)) > 0)) for row in drawn for at, state in enumerate(row)]
    assert np.mean(held) > 0.7
    assert (model.chords(share, on_bar, np.random.default_rng(3)) == drawn[3]).all()
    silent = model.chords(np.zeros((8, 12)), on_bar[:8], np.random.default_rng(1))
    assert silent.min() >= 0
    assert silent.max() < N_STATES


def test_a_damaged_table_is_refused_in_a_sentence(tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    (tmp_path / "bad").write_bytes(b"nothing of the kind")
    save_file({name: np.ones(3, np.float32) for name in ("start", "turn", "tone")}, tmp_path / "small")
    for name in ("bad", "small", "missing"):
        with pytest.raises(BadFile, match="table of chords"):
            ChordModel.load(tmp_path / name)


@pytest.mark.parametrize("semitones", [0, 3])
def test_a_band_plays_on_the_beat_low_and_on_the_chords(hub: Hub, semitones: int) -> None:
    hits = beats = 0
    for seed in range(3):
        score = tune(semitones)
        apply(score, accompany(score, seed=seed, humanise=0, hub=hub)[0].operation)
        bass, _, drums = (score.tracks[at] for at in (1, 2, 3))
        assert straight(np.array([round(note.start * g.TICKS / score.ppq) for note in drums.notes.values()]))
        assert 33 <= np.mean([note.pitch for note in bass.notes.values()]) <= 47
        for note in bass.notes.values():
            if note.start % 3840 == 0:
                beats += 1
                hits += note.pitch % 12 == (ROOTS[note.start // 3840 % 4] + semitones) % 12
    assert beats >= 15
    assert hits >= 0.8 * beats


def test_an_empty_piece_is_begun_in_the_key_that_is_wished_for(model: ChordModel) -> None:
    score = Score()
    score.tracks.append(Track("t1", "Silence"))
    request = InfillRequest(score, (Region(0, 8 * 3840, ("t1",)),))
    for tonic, home in ((9, 0), (2, 5), (6, 9)):
        wish = InfillControls(tonic=tonic, scale="minor")
        for alternative in range(3):
            rng = np.random.default_rng(alternative)
            expected = Expectation(Surroundings(request), wish, alternative, rng, model)
            chroma = sum(expected.chroma(tick) for tick in range(0, 8 * 3840, 1920))
            assert sum(np.roll(chroma, -home)[list(g.MAJOR)]) > 0.8 * np.sum(chroma)


def test_a_figure_may_be_left_though_every_way_on_is_known() -> None:
    figure, melody = [60, 64] * 6, [60, 62, 64, 65, 67, 69, 67, 65, 64, 62, 67]
    known = np.concatenate(
        [part_runs(np.array([*line[1 - 12 :], key])) for line in (figure, melody) for key in range(36, 85)]
    )
    taboo = Taboo(RunFilter.of(np.unique(known), 16), np.zeros(0, dtype=np.uint64))
    assert taboo.forbidden(figure) is None
    forbidden = taboo.forbidden(melody)
    assert forbidden is not None
    assert forbidden[36:85].all()
    assert len(set(figure)) < FIGURE <= len(set(melody))


def test_only_what_was_played_by_hand_is_not_straight() -> None:
    assert straight(np.array([0, 3, 4, 8, 12, 18, 21]))
    assert straight(np.zeros(0, dtype=np.int64))
    assert not straight(np.array([0, 11, 23, 24, 35]))
