"""Chords for a gap under a lone tune come from the network that finds chords, where the weights may ask it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from workbench import resources
from workbench.create.compose.progressions import shipped
from workbench.create.infill.around.expectation import lone_chords
from workbench.create.infill.around.lone_chords import LoneChords
from workbench.create.infill.around.surroundings import Surroundings
from workbench.create.infill.transformer.model import chord_finder
from workbench.errors import BadFile
from workbench.hub.tasks.infill.controls import InfillControls
from workbench.hub.tasks.infill.request import InfillRequest, NewTrack
from workbench.score.score import Note, Region, Score, Track

#: Two bars a chord: C, F, G, C, each tune its broken triad.
ROOTS = (0, 5, 7, 0)
BAR = 3840


def piece(semitones: int = 0, *, bars_before: int = 0, doubled: bool = False) -> Score:
    score = Score(ppq=960)
    track = Track("t1", "Tune", program=73)
    for bar in range(8):
        root = ROOTS[bar // 2] + 60 + semitones
        for beat, step in enumerate((0, 4, 7, 4)):
            start = (bar + bars_before) * BAR + beat * 960
            for low in (0, 12, 7) if doubled else (0,):
                name = f"n{bar}.{beat}.{low}"
                track.notes[name] = Note(name, start, 900, root + step - low)
    score.tracks.append(track)
    return score


def around(score: Score) -> Surroundings:
    new = NewTrack("t2", "Piano", 0)
    return Surroundings(InfillRequest(score, (Region(0, 8 * BAR, ("t2",)),), new_tracks=(new,)))


def found(score: Score) -> LoneChords:
    chords = lone_chords(around(score), InfillControls(), shipped())
    assert chords is not None
    return chords


@pytest.mark.parametrize("semitones", [0, 3, 7, 11])
def test_chords_fit_the_tune_and_move_with_it(semitones: int) -> None:
    chroma, roots = found(piece(semitones)).progression(None)
    assert chroma.shape == (len(roots), 12)
    assert np.allclose(chroma.sum(axis=1), 1.0)
    wanted = [(ROOTS[half // 4] + semitones) % 12 for half in range(16)]
    assert np.mean(np.array(roots[:16]) == wanted) >= 0.75
    _, plain = found(piece()).progression(None)
    assert [(root + semitones) % 12 for root in plain] == roots


def test_drawn_progressions_differ_and_equal_seeds_agree() -> None:
    chords = found(piece())
    drawn = [chords.progression(np.random.default_rng(seed), 1.3)[1] for seed in (1, 1, 2, 3)]
    assert drawn[0] == drawn[1]
    assert len({tuple(roots) for roots in drawn}) > 1


def test_bars_of_rest_before_the_tune_do_not_move_its_chords() -> None:
    late = piece(bars_before=4)
    chords = lone_chords(
        Surroundings(InfillRequest(late, (Region(0, 12 * BAR, ("t2",)),), new_tracks=(NewTrack("t2", "Piano", 0),))),
        InfillControls(),
        shipped(),
    )
    assert chords is not None
    assert np.mean(np.array(chords.progression(None)[1][8:24]) == [ROOTS[half // 4] for half in range(16)]) >= 0.75


def test_more_than_a_tune_and_nothing_at_all_are_not_asked_about() -> None:
    assert lone_chords(around(piece(doubled=True)), InfillControls(), shipped()) is None
    silent = Score()
    silent.tracks.append(Track("t1", "Silence"))
    assert lone_chords(around(silent), InfillControls(), shipped()) is None


def test_weights_of_free_music_alone_ask_another_network(tmp_path: Path) -> None:
    assert chord_finder(resources.path("models/infill")) == "chords"
    assert chord_finder(resources.path("models/infill-open")) == "chords-open"
    for text in ("[", '{"chord_finder": "../chords"}', '{"chord_finder": ["chords"]}'):
        (tmp_path / "config.json").write_text(text, encoding="utf-8")
        with pytest.raises(BadFile):
            chord_finder(tmp_path)
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    assert chord_finder(tmp_path) == ""


def test_each_set_of_weights_has_its_own_network(monkeypatch: pytest.MonkeyPatch) -> None:
    pop = shipped()
    monkeypatch.setenv("WORKBENCH_WEIGHTS", "open")
    assert shipped() is shipped("chords-open")
    assert shipped("chords") is pop is not shipped()
