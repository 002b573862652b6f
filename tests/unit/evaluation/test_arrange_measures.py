"""The measures of arrangements and forms say what they claim."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.create.compose.arrange import arrange
from workbench.evaluation import arrange_eval, form_eval
from workbench.score.score import Note, Score, Track

BAR = 3840


def piece(bars: list[list[int]]) -> tuple[Score, np.ndarray]:
    track = Track("t1", name="Piano")
    for bar, pitches in enumerate(bars):
        for place, pitch in enumerate(pitches):
            name = f"n{len(track.notes)}"
            track.notes[name] = Note(name, bar * BAR + place * 960, 900, pitch)
    return Score(tracks=[track]), np.arange(len(bars) + 1) * BAR


def test_exact_copies_are_bars_that_sound_like_an_earlier_one() -> None:
    score, lines = piece([[60, 62, 64], [60, 62, 64], [60, 62, 65], [60, 62, 64], []])
    assert arrange_eval.copies(score, lines) == pytest.approx(2 / 4)
    assert arrange_eval.silent(score, lines) == pytest.approx(1 / 5)


def test_a_note_played_a_little_early_still_belongs_to_its_bar() -> None:
    score, lines = piece([[60, 62], [60, 62]])
    note = score.tracks[0].notes["n2"]
    score.tracks[0].notes["n2"] = Note("n2", note.start - 30, note.duration, note.pitch)
    assert arrange_eval.copies(score, lines) == pytest.approx(1 / 2)


def test_section_starts_are_matched_once_each_and_within_the_slack() -> None:
    assert form_eval.f1([0, 8, 16], [0, 8, 16]) == 1.0
    assert form_eval.f1([0, 7, 16], [0, 8, 16]) == 0.5
    assert form_eval.f1([0, 7, 16], [0, 8, 16], slack=1) == 1.0
    assert form_eval.f1([0, 7, 9], [0, 8], slack=1) == pytest.approx(2 / 3)
    assert form_eval.f1([0], [0, 8]) == 0.0


def test_a_tune_that_was_changed_is_not_intact() -> None:
    tune, _ = piece([[60, 62, 64, 65], [67, 65, 64, 62], [60, 64, 67, 64], [60, 60, 60, 60]] * 2)
    song = arrange(tune, style="rock", form="intro verse chorus", seed=1)
    figures = arrange_eval.of_song(song, tune)
    assert figures["tune intact"] == 1.0
    track = next(track for track in song.score.tracks if track.name == "Tune")
    half = sorted(track.notes)[: len(track.notes) // 2]
    for name in half:
        note = track.notes[name]
        track.notes[name] = Note(name, note.start, note.duration, note.pitch + 1)
    assert arrange_eval.of_song(song, tune)["tune intact"] < 0.8
