"""The grid of twelve: what the network reads is what the music says."""

from __future__ import annotations

import numpy as np

from workbench.tokens import grid12 as g
from workbench.tokens import rows as r

FOUR_FOUR = g.Bars.regular(48, 8)


def _prompt(gap_notes: list[tuple[int, int, int, int, int]], context: list[tuple[int, int, int, int, int]]) -> r.Prompt:
    programs = np.full(12, g.NO_PROGRAM)
    programs[:2] = (0, 32)
    gap = r.Gap(96, 384, (0, 1), np.array(gap_notes, dtype=np.int64).reshape(-1, 5))
    return r.Prompt(FOUR_FOUR, 0, programs, (0, 1), np.array(context, dtype=np.int64).reshape(-1, 5), [gap])


def test_a_length_falls_into_the_class_that_begins_at_or_below_it() -> None:
    assert g.duration_class([0, 1, 10, 11, 12, 14, 15, 95, 96, 5000]).tolist() == [0, 0, 9, 9, 10, 10, 11, 20, 21, 21]


def test_a_tune_in_e_major_is_shifted_to_the_white_keys() -> None:
    tune = np.array([64, 66, 68, 69, 71, 73, 75, 76])
    shift = g.shift_to_c(g.best_major(g.pitch_class_counts(tune)))
    moved = g.model_pitch(tune, np.zeros(8, dtype=bool), shift)
    assert set(moved % 12) == {0, 2, 4, 5, 7, 9, 11}
    assert [g.midi_pitch(int(pitch), shift) for pitch in moved] == tune.tolist()


def test_drums_keep_their_keys_in_every_key() -> None:
    drums = g.model_pitch(np.array([36, 38, 42]), np.ones(3, dtype=bool), -5)
    assert [g.midi_pitch(int(pitch), -5) for pitch in drums] == [36, 38, 42]


def test_bars_go_on_before_the_first_and_after_the_last_line() -> None:
    bars = g.Bars(np.array([0, 48, 84]))  # a bar of 4/4 and one of 3/4
    number, position, length = bars.locate([-12, 0, 60, 84, 125])
    assert number.tolist() == [-1, 0, 1, 2, 3]
    assert position.tolist() == [36, 0, 12, 0, 5]
    assert length.tolist() == [48, 48, 36, 36, 36]


def test_all_that_is_known_comes_before_the_first_new_note() -> None:
    rows = r.prompt_rows(_prompt([(96, 0, 60, 8, 10)], [(0, 0, 62, 8, 10), (384, 1, 40, 8, 10)]))
    assert rows["kind"].tolist() == [
        r.HEADER, r.HEADER, r.CONTEXT_START, r.CONTEXT, r.CONTEXT, r.REGION_START, r.TARGET,
    ]  # fmt: skip
    assert rows["tick"].tolist() == [0, 0, 0, 0, 384, 96, 96]
    assert rows["remaining"].tolist()[-2:] == [24, 24]


def test_a_long_silence_in_a_gap_is_written_step_by_step() -> None:
    rows = r.add_next(r.prompt_rows(_prompt([(96 + 200, 0, 60, 8, 10)], [])))
    steps = rows["time"][rows["time"] >= 0]
    assert steps.tolist() == [96, 96, 8]
    assert rows["kind"].tolist()[-3:] == [r.REST, r.REST, r.TARGET]


def test_a_closed_gap_is_answered_by_the_end() -> None:
    rows = r.add_next(r.prompt_rows(_prompt([(96, 0, 60, 8, 10), (96, 1, 40, 8, 16)], [(0, 0, 62, 8, 10)])))
    assert rows["target_time"][-1] == g.TIME_END
    assert rows["target_pitch"][-3:-1].tolist() == [60, 40]
    assert rows["target_velocity"][-2] == r.IGNORE  # a velocity nobody knows teaches nothing


def test_notes_of_one_moment_are_sorted_by_part_then_from_high_to_low_and_never_doubled() -> None:
    notes = np.array([(0, 1, 40, 3, 9), (0, 0, 60, 3, 9), (0, 0, 64, 3, 9), (0, 0, 64, 8, 9)])
    assert r.sort_notes(notes)[:, 1:4].tolist() == [[0, 64, 8], [0, 60, 3], [1, 40, 3]]
