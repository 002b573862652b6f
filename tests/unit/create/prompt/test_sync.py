"""Bars placed so that cuts fall on them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from workbench.create.prompt.sync import BEND, synchronise


@pytest.mark.parametrize("metre", [(4, 4), (3, 4), (6, 8), (2, 4)])
def test_every_cut_has_a_beat_or_an_accent_and_the_tempo_bends_a_little(metre: tuple[int, int]) -> None:
    rng = np.random.default_rng(3)
    for _ in range(8):
        seconds, tempo = float(rng.uniform(10, 60)), float(rng.uniform(70, 150))
        cuts = sorted(float(time) for time in rng.uniform(0.5, seconds - 0.5, int(seconds / 3)))
        made = synchronise(seconds, cuts, tempo=tempo, slowest=tempo / 1.04, fastest=tempo * 1.04, metre=metre)
        assert made.bend <= BEND + 1e-9
        assert abs(made.tempo / tempo - 1) <= 0.041
        assert made.anchors[0] == (0.0, 0.0)
        assert made.anchors[-1][0] == seconds
        beat = 1.5 if metre[1] == 8 else 1.0
        for _, place in made.anchors[1:-1]:
            assert place / beat == pytest.approx(round(place / beat))
        told = [time for time, _ in (*made.anchors, *made.accents)]
        for cut in cuts:
            assert min(abs(time - cut) for time in told) < 0.25  # two cuts so near are one
        for (_, before), (_, after) in pairwise(made.anchors):
            assert after > before


def test_cuts_that_fit_fall_on_bar_lines() -> None:
    made = synchronise(16.0, [4.1, 7.9, 12.0], tempo=120, slowest=115, fastest=125)
    assert [place for _, place in made.anchors] == [0, 8, 16, 24, 32]
    assert made.bars == 8
    assert not made.accents


def test_a_cut_between_two_beats_gets_an_accent_where_it_is() -> None:
    made = synchronise(4.0, [2.0, 2.3], tempo=120, slowest=118, fastest=122)
    assert [time for time, _ in made.anchors] == [0.0, 2.0, 4.0]
    ((time, place),) = made.accents
    assert abs(np.interp(place, [0, 8], [0, 4]) - time) < 0.05


def test_a_moment_long_video_still_gets_a_bar() -> None:
    made = synchronise(1.0, [], tempo=60, slowest=60, fastest=60)
    assert made.anchors[-1][0] == 1.0
    assert made.bars == 1
