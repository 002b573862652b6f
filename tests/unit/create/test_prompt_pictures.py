"""Asked against got, as pictures that a browser draws."""

from __future__ import annotations

import json

import pytest

from workbench.create.prompt.card import PICTURES, Card, Line
from workbench.create.prompt.pictures import figure, figures

ASKED, GOT = ((0.0, 1.0), (2.0, 0.5)), ((0.0, 0.0), (2.0, 0.7))


@pytest.mark.parametrize("kind", [kind for kind in PICTURES if kind])
def test_every_kind_shows_asked_and_heard(kind: str) -> None:
    line = Line("words", "tempo", 0.5, 1.0, "Half.", picture=kind, asked=ASKED, got=GOT, labels=("a", "b", "c"))
    drawn = figure(line)
    assert drawn is not None
    assert [trace["name"] for trace in drawn["data"]] == ["asked", "heard"]
    assert drawn["layout"]["xaxis"]["title"]["text"] == ("" if kind == "bars" else "seconds")
    assert json.loads(json.dumps(drawn)) == drawn


def test_bars_carry_the_names_of_what_they_stand_for() -> None:
    line = Line("words", "instruments", 0.5, 1.0, "Half.", picture="bars", asked=((0, 1), (1, 1)), got=((0, 1), (1, 0)),
                labels=("piano", "harp"))  # fmt: skip
    drawn = figure(line)
    assert drawn is not None
    assert drawn["data"][1]["y"] == ["piano", "harp"]
    assert drawn["data"][1]["x"] == [1, 0]


def test_a_line_without_points_has_no_picture() -> None:
    bare = Line("words", "mode", 1.0, 1.0, "It is in minor.")
    assert figures(Card((bare,))) == [None]
