"""The adherence card's form: written, read again, and refused where it is none."""

from __future__ import annotations

import json

import pytest

from workbench.create.prompt.card import Card, Line
from workbench.errors import BadRequest

TEMPO = Line("words", "tempo", 0.97, 0.9, "It is at 97 of the 100 beats a minute you asked for.", taken="audio",
             picture="bars", asked=((0, 100),), got=((0, 97.0),), labels=("tempo",))  # fmt: skip
TUNE = Line("voice", "tune", 0.5, 1.0, "Half of your melody is there.")


def test_a_card_survives_its_json_form() -> None:
    card = Card((TEMPO, TUNE), ("The video has no cuts.",))
    assert Card.from_json(json.loads(json.dumps(card.to_json()))) == card
    first = card.to_json()["prompts"][0]
    assert {name: first[name] for name in ("slot", "measure", "value", "target")} == {
        "slot": "words", "measure": "tempo", "value": 0.97, "target": 0.9,
    }  # fmt: skip


def test_a_line_counts_as_obeyed_from_its_target_on() -> None:
    card = Card((TEMPO, TUNE))
    assert [line.met for line in card.prompts] == [True, False]
    assert card.score("voice") == 0.5
    assert card.score("video") is None
    assert card.line("words", "tempo") == TEMPO


@pytest.mark.parametrize(
    "change",
    [{"slot": "smell"}, {"value": 1.2}, {"value": "x"}, {"sentence": ""}, {"asked": [[1]]}, {"asked": 3},
     {"got": [[0, float("nan")]]}, {"taken": "guess"}, {"labels": [""]}, {"more": 1}],
)  # fmt: skip
def test_anything_else_is_refused_with_a_sentence(change: dict[str, object]) -> None:
    with pytest.raises(BadRequest):
        Card.from_json({"prompts": [TEMPO.to_json() | change]})
