"""What is filled stays what it is: one line one line, keys where hands reach, and who rests goes on resting."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from workbench.create.infill.extend import vary
from workbench.create.infill.fill import infill, make_request
from workbench.create.infill.transformer.habits import habits
from workbench.hub.tasks.infill.controls import InfillControls
from workbench.score import Note, Score
from workbench.score.lanes import Meter
from workbench.score.score import Track

#: A jig in D, eighths of a bar of six.
JIG = (74, 78, 81, 78, 74, 69, 71, 74, 79, 78, 76, 73, 74, 78, 81, 83, 81, 78, 76, 74, 73, 74, 69, 66)


def jig(bars: int) -> Score:
    score = Score(meters=[Meter(0, 6, 8)])
    track = Track("t1", name="Fiddle")  # a piano by its program, as tune books have it
    for number in range(bars * 6):
        track.notes[f"n{number}"] = Note(f"n{number}", number * 480, 480, JIG[number % len(JIG)])
    score.tracks.append(track)
    return score


@pytest.mark.parametrize("closeness", [0, 30, 60])
def test_a_variation_of_a_whole_tune_is_a_tune(closeness: int) -> None:
    """With nothing outside the gap, what is varied tells that one note sounds at a time, and where."""
    for seed in range(3):
        made = vary(jig(16), closeness=closeness, seed=seed)[0].score().track("t1")
        at_once = Counter(note.start for note in made.notes.values())
        assert max(at_once.values()) == 1
        assert min(note.pitch for note in made.notes.values()) >= 66 - 4
        assert max(note.pitch for note in made.notes.values()) <= 83 + 4


def test_the_last_moment_of_a_gap_is_no_cluster_down_to_the_lowest_key() -> None:
    score = jig(16)
    low = Track("t2", name="Piano")
    low.notes["p0"] = Note("p0", 9 * 2880, 960, 50)  # a track with next to no notes: no habit to go by
    score.tracks.append(low)
    for seed in range(4):
        made = infill(score, (8, 11), seed=seed)[0].score()
        for track in made.tracks:
            at_once = Counter(note.start for note in track.notes.values())
            assert max(at_once.values(), default=0) <= 10
            assert all(note.pitch >= 24 for note in track.notes.values())


def test_a_piano_without_notes_has_two_hands() -> None:
    usual = habits(np.zeros((0, 3), dtype=np.int64), 0, InfillControls())
    assert usual.polyphony <= 10
    assert usual.low >= 21
    assert usual.high <= 108


def test_who_rests_in_a_gap_and_around_it_goes_on_resting() -> None:
    score = jig(40)
    choir = Track("t2", name="Choir", program=52)
    choir.notes["c0"] = Note("c0", 0, 2880, 60)
    near = Track("t3", name="Bass", program=33)
    near.notes["b0"] = Note("b0", 14 * 2880, 2880, 38)
    score.tracks += [choir, near]
    assert make_request(score, (20, 23)).regions[0].tracks == ("t1", "t3")
    assert make_request(score, (20, 23), tracks=["Choir"]).regions[0].tracks == ("t2",), "who is named plays"
    assert make_request(score, (41, 44)).regions[0].tracks == ("t1", "t2", "t3"), "whoever played may come back"
