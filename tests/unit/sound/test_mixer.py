"""The mixer's formulas, point by point, and the room against its written recipe."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from workbench.score.lanes import Control, Program
from workbench.score.score import Note, Score, Track
from workbench.score.timemap import TimeMap
from workbench.sound.mixer import VOLUME, automation, curve, gain_of, heard, pan_gains
from workbench.sound.room import PIECE, Room, frames_of, impulse_response
from workbench.sound.sequence import played_notes
from workbench.sound.table import TABLE


def test_pan_keeps_the_power_and_leaves_the_middle_alone() -> None:
    assert pan_gains(64) == pytest.approx((1, 1))
    assert pan_gains(1) == pan_gains(0) == pytest.approx((np.sqrt(2), 0), abs=1e-9)
    assert pan_gains(127) == pytest.approx((0, np.sqrt(2)), abs=1e-9)
    assert all(np.hypot(*pan_gains(value)) == pytest.approx(np.sqrt(2)) for value in range(128))


def test_automation_moves_in_a_short_line_and_the_next_event_cuts_it() -> None:
    # At 120 beats a minute and 960 ticks a quarter, 1,920 ticks are a second.
    track = Track("t1", controls=[Control(1_920, 7, 127), Control(1_930, 7, 0), Control(3_840, 7, 0)])
    points = automation(track, VOLUME, 64, gain_of, TimeMap(Score(tracks=[track])))
    next_event = 1 + 10 / 1_920
    assert points == [
        (0.0, gain_of(64)), (1.0, gain_of(64)), (next_event, 1.0), (next_event, 1.0), (next_event + 0.01, 0.0),
    ]  # fmt: skip
    line = curve(points, 90_000, 44_100)
    assert isinstance(line, np.ndarray)
    assert line[:44_100] == pytest.approx(gain_of(64))
    assert line[round((1 + 5 / 1_920) * 44_100)] == pytest.approx((1 + gain_of(64)) / 2, abs=0.01)
    assert not line[round(1.02 * 44_100) :].any()


def test_a_controller_at_the_very_start_holds_from_the_first_frame() -> None:
    track = Track("t1", controls=[Control(0, 7, 32)])
    assert curve(automation(track, VOLUME, 100, gain_of, TimeMap(Score(tracks=[track]))), 100, 44_100)[0] == (
        pytest.approx(gain_of(32))
    )


def test_solo_wins_over_the_rest_and_mute_over_solo() -> None:
    tracks = [Track("t1"), Track("t2", solo=True), Track("t3", solo=True, mute=True)]
    assert heard(Score(tracks=tracks)) == {"t2"}
    tracks[1].solo = tracks[2].solo = False
    assert heard(Score(tracks=tracks)) == {"t1", "t2"}


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_the_room_is_its_written_recipe(rate: int) -> None:
    recipe = TABLE["room"]
    count = frames_of(recipe["tail_seconds"], rate)
    a = np.exp(-2 * np.pi * recipe["damping_hz"] / rate)
    signal = (1 - a) * a ** np.arange(count)
    for seconds in recipe["allpass_seconds"]:
        delay, g = frames_of(seconds, rate), recipe["allpass_gain"]
        inner, out = np.zeros(count), np.zeros(count)
        for n in range(count):
            before = inner[n - delay] if n >= delay else 0.0
            inner[n] = signal[n] + g * before
            out[n] = before - g * inner[n]
        signal = out
    sides = np.zeros((2, count))
    for number, seconds in enumerate(recipe["comb_seconds"]):
        delay, g = frames_of(seconds, rate), 10 ** (-3 * seconds / recipe["reverb_time_seconds"])
        echo = np.zeros(count)
        for n in range(delay, count):
            echo[n] = signal[n - delay] + g * echo[n - delay]
        for side, signs in enumerate((recipe["left_signs"], recipe["right_signs"])):
            sides[side] += signs[number] * recipe["gain"] * echo
    assert np.abs(impulse_response(rate) - sides.T).max() < 1e-6


def test_the_room_does_not_depend_on_how_its_input_is_cut() -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, 40_000).astype(np.float32)
    whole, pieces = Room(44_100), Room(44_100)
    at_once = [whole.process(noise[start : start + PIECE]) for start in range(0, len(noise), PIECE)]
    cuts = [0, 700, 701, 9_000, 9_100, 25_000, 40_000]
    in_parts = [pieces.process(noise[a:b]) for a, b in pairwise(cuts)]
    for side in (0, 1):
        a, b = (np.concatenate([part[side] for part in parts]) for parts in (at_once, in_parts))
        assert np.abs(a - b).max() < 1e-6


def test_the_pedal_rules() -> None:
    track = Track(
        "t1", program=5, controls=[Control(100, 64, 127), Control(3_000, 64, 0)], programs=[Program(2_000, 9)]
    )
    for name, start, end, pitch in (
        ("a", 0, 500, 60),
        ("b", 1_000, 1_500, 60),
        ("c", 50, 90, 64),
        ("d", 2_000, 4_000, 67),
    ):
        track.notes[name] = Note(name, start, end - start, pitch)
    score = Score(tracks=[track])
    times = TimeMap(score)
    ends = {
        (note.key, round(note.start * 1_920)): round(note.end * 1_920) for note in played_notes(score, track, times)
    }
    assert ends[60, 0] == 1_000  # struck again under the pedal
    assert ends[60, 1_000] == 3_000  # until the pedal is lifted
    assert ends[64, 50] == 50 + round(TABLE["min_note_seconds"] * 1_920)  # over before the pedal went down
    assert ends[67, 2_000] == 4_000  # the key is held longer than the pedal
    assert [note.program for note in played_notes(score, track, times)] == [5, 5, 5, 9]
