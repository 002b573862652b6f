"""From frames to notes: onsets between frames, ends, repeated notes, ghosts, strokes, and what was fitted."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.evaluation.listen_fit import best_threshold, layer, logistic, right
from workbench.nets.listen_onnx import HEADS
from workbench.understand.frames import Frames
from workbench.understand.notes import FEATURES, Settings, drums_of, notes_of

FPS = 50


def heard(length: int = 300) -> dict[str, np.ndarray]:
    rows = {name: np.full((length, count), 0.01, np.float32) for name, count in HEADS.items()}
    rows["velocity"][:] = 100 / 127
    return rows


def frames(rows: dict[str, np.ndarray]) -> Frames:
    rows = {name: value.astype(np.float16) for name, value in rows.items()}
    length = len(rows["onset"])
    return Frames(
        **{**rows, "voiced": rows["voiced"][:, 0]}, level=np.zeros(length, np.float32), tuning_cents=0.0,
        duration=length / FPS,
    )  # type: ignore[arg-type]  # fmt: skip


def strike(rows: dict[str, np.ndarray], at: int, end: int, pitch: int, onset: float = 0.9) -> None:
    rows["onset"][at - 1 : at + 2, pitch - 21] = (0.4 * onset, onset, 0.4 * onset)
    rows["frame"][at:end, pitch - 21] = 0.9


#: Onsets count, and what sounds after them; a strong onset an octave below counts against. (Through the straight part
#: of the layer's curve.)
COUNTS = {"onset": 1.0, "begins": 1.0, "onset below": -3.0}
PLAIN = Settings.read(
    {
        "mean": [0.0] * len(FEATURES), "scale": [1.0] * len(FEATURES),
        "first": [[COUNTS.get(name, 0.0) * 1e-3] for name in FEATURES], "first_bias": [0.0], "second": [1e3],
        "second_bias": 0.0, "threshold": 0.5, "keep": 0.5, "late": 0.0, "strokes": [[0.0, 1.0, 0.4]] * 6,
    }
)  # fmt: skip


def test_a_chord_is_read_with_starts_ends_and_loudness() -> None:
    rows = heard()
    for pitch in (60, 64, 67):
        strike(rows, 50, 100, pitch)
    found = notes_of(frames(rows), PLAIN)
    assert [note.pitch for note in found] == [60, 64, 67]
    for note in found:
        assert note.start == pytest.approx(1.0, abs=0.005)
        assert note.end == pytest.approx(2.0, abs=0.02)
        assert note.velocity == 100
        assert 0.9 < note.confidence <= 1


def test_an_onset_between_two_frames_is_placed_there() -> None:
    rows = heard()
    strike(rows, 50, 80, 72)
    rows["onset"][51, 72 - 21] = 0.85
    (note,) = notes_of(frames(rows), PLAIN)
    assert 1.004 < note.start < 1.01


def test_a_repeated_note_ends_where_it_is_struck_again() -> None:
    rows = heard()
    for at in (50, 60, 70):
        strike(rows, at, at + 10, 65)
    found = notes_of(frames(rows), PLAIN)
    assert [round(note.start, 2) for note in found] == [1.0, 1.2, 1.4]
    assert [round(note.end, 2) for note in found] == [1.2, 1.4, 1.6]


def test_a_ghost_at_the_octave_is_left_out() -> None:
    rows = heard()
    strike(rows, 50, 100, 48)
    strike(rows, 50, 100, 60, onset=0.4)
    assert [note.pitch for note in notes_of(frames(rows), PLAIN)] == [48]
    rows["onset"][:, 48 - 21] = 0.01  # nobody below: then it is a note
    assert [note.pitch for note in notes_of(frames(rows), PLAIN)] == [60]


def test_strokes_become_general_midi_keys() -> None:
    rows = heard()
    for which, at in enumerate((20, 40, 60, 80, 100, 120)):
        rows["drums"][at, which] = 0.9
    found = drums_of(frames(rows), PLAIN)
    assert [(round(note.start, 2), note.pitch) for note in found] == [
        (0.4, 36), (0.8, 38), (1.2, 42), (1.6, 46), (2.0, 45), (2.4, 49),
    ]  # fmt: skip
    assert all(note.drum and note.confidence > 0.8 for note in found)


def test_a_cymbal_struck_all_the_time_is_a_ride() -> None:
    rows = heard()
    rows["drums"][20:300:15, 5] = 0.9
    assert {note.pitch for note in drums_of(frames(rows), PLAIN)} == {51}


def test_silence_and_a_moment_have_no_notes() -> None:
    for length in (1, 2, 11, 300):
        assert notes_of(frames(heard(length)), PLAIN) == ()
        assert drums_of(frames(heard(length)), PLAIN) == ()


def test_notes_at_both_ends_are_read() -> None:
    rows = heard(100)
    strike(rows, 1, 20, 60)
    rows["onset"][0, 60 - 21] = 0.95
    strike(rows, 97, 100, 108)
    first, last = notes_of(frames(rows), PLAIN)
    assert first.start == pytest.approx(0, abs=0.01)
    assert last.end == pytest.approx(2.0)


def test_blocks_of_a_long_recording_join(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = heard(1_500)
    for at in range(5, 1_480, 17):
        strike(rows, at, at + 12, 40 + at % 48)
    whole = notes_of(frames(rows), PLAIN)
    assert len(whole) == len(range(5, 1_480, 17))
    monkeypatch.setattr("workbench.understand.notes.BLOCK", 101)
    assert notes_of(frames(rows), PLAIN) == whole


def test_each_true_note_is_found_once_by_the_nearest() -> None:
    true = np.array([[1.0, 5], [2.0, 5]])
    found = right(np.array([0.97, 1.01, 2.2, 1.99]), np.array([5, 5, 5, 6]), true)
    assert found.tolist() == [False, True, False, False]


def test_confidence_fitted_is_the_share_that_is_right() -> None:
    rng = np.random.default_rng(0)
    x = np.stack([np.ones(20_000), rng.normal(0, 2, 20_000)], axis=1)
    truth = rng.random(20_000) < 1 / (1 + np.exp(-(x @ [-0.5, 1.2])))
    weights = logistic(x, truth)
    assert weights == pytest.approx([-0.5, 1.2], abs=0.1)
    likely = 1 / (1 + np.exp(-x @ weights))
    near = (likely > 0.75) & (likely < 0.85)
    assert truth[near].mean() == pytest.approx(0.8, abs=0.03)
    least, f = best_threshold(likely, truth, int(truth.sum()))
    assert 0.3 < least < 0.5
    assert f > 2 * truth[likely >= 0.7].sum() / ((likely >= 0.7).sum() + truth.sum())


def test_a_layer_learns_what_no_line_can_say() -> None:
    rng = np.random.default_rng(1)
    rows = rng.normal(0, 1, (4_000, len(FEATURES))).astype(np.float32)
    good = np.abs(rows[:, 1]) > 0.8
    numbers = {**layer(rows, good, rounds=120), "threshold": 0.5, "keep": 0.5, "late": 0.0, "strokes": []}
    assert ((Settings.read(numbers).likely(rows) > 0.5) == good).mean() > 0.9
