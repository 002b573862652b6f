"""Truth from kern, and the F1 of bars that were read."""

from fractions import Fraction

import pytest

from workbench.errors import BadFile
from workbench.evaluation.read_score_eval import score_f1
from workbench.evaluation.read_score_truth import kern_bars

F = Fraction
KERN = """**kern\t**kern\t**dynam
*clefF4\t*clefG2\t*
8c\t8g e\t.
=1\t=1\t=1
*^\t*\t*
8A\t8F#\t8.cc [4dd-\tf
16B\t.\t.\t.
.\t.\t16r\t.
4r\t4r\tqf\t.
.\t.\t4b]\t.
*v\t*v\t*\t*
==\t==\t==
*-\t*-\t*-
"""


def test_kern_gives_bars_of_onsets_and_pitches_with_split_spines_and_short_chords():
    bars = kern_bars(KERN)
    assert sorted(bars[0]) == [(0, 60), (0, 64), (0, 67)]
    assert (0, 57) in bars[1]
    assert (0, 54) in bars[1]
    assert (0, 72) in bars[1]
    assert (0, 73) in bars[1]
    assert (F(1, 2), 59) in bars[1]
    assert all(pitch != 65 for _, pitch in bars[1])  # a grace note is not counted


def test_what_is_no_kern_is_refused():
    with pytest.raises(BadFile):
        kern_bars("4c\t4d\n")


def test_a_bar_that_was_missed_costs_that_bar_alone_unless_strict():
    truth = [[(F(0), 60)], [(F(0), 62)], [(F(0), 64)]]
    read = [[(F(0), 62)], [(F(1), 64)]]
    assert score_f1(truth, truth, onset=True) == 1
    assert score_f1(truth, read, onset=False) == pytest.approx(4 / 5)
    assert score_f1(truth, read, onset=True) == pytest.approx(2 / 5)
    assert score_f1(truth, read, onset=False, strict=True) == 0


def test_a_bar_of_rests_is_a_bar_and_a_double_line_is_none():
    assert kern_bars("**kern\n=1\n4c\n=2\n4r\n=3\n=3\n4d\n==\n*-\n") == [[(0, 60)], [], [(0, 62)]]
