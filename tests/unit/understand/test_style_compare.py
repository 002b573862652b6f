"""Styles that sound alike lie near each other."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.understand.style import Style
from workbench.understand.style_compare import (
    SIZE,
    density_class,
    embedding,
    same_family,
    style_distance,
    tempo_ratio,
)

BALLAD = Style(72.0, 4, "minor", 2.0, 0.0, 3.0, 45.0, 62.0, 77.0, 60.0, 25.0, 0.5, 4.0, 0.2, ("piano", "strings"))
ROCK = Style(138.0, 4, "major", 3.0, 4.0, 4.0, 38.0, 55.0, 72.0, 105.0, 15.0, 0.5, 4.0, 0.0, ("guitar", "drums"))


def test_a_little_change_is_nearer_than_another_kind_of_music() -> None:
    slower = BALLAD.corrected(tempo=70.0, density=2.2, loudness=64.0)
    assert style_distance(BALLAD, BALLAD) == 0.0
    assert style_distance(BALLAD, slower) < 0.3 * style_distance(BALLAD, ROCK)


def test_what_was_not_heard_still_gives_a_point() -> None:
    assert embedding(Style()).shape == (SIZE,)
    assert np.isfinite(embedding(Style())).all()


def test_tempos_are_compared_as_shares_and_at_their_level() -> None:
    assert tempo_ratio(100.0, 104.0) == pytest.approx(1.04)
    assert tempo_ratio(100.0, 51.0) == pytest.approx(0.51)
    assert tempo_ratio(100.0, 51.0, levels=True) == pytest.approx(1.02)
    assert tempo_ratio(0.0, 51.0) == 0.0


def test_classes_and_families() -> None:
    assert [density_class(rate) for rate in (1.0, 6.0, 20.0)] == ["sparse", "medium", "dense"]
    assert same_family(BALLAD, ROCK) == 0.0
    assert same_family(BALLAD, ROCK.corrected(instruments=("piano", "drums"))) == 0.5
