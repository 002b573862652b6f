"""The brief: its JSON form, its corrections, and what it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from workbench.create.prompt.brief import Brief, BriefSection, Conflict, Instrument, Melody
from workbench.errors import BadRequest


def brief() -> Brief:
    return Brief(
        20.0, 10, 120.0, (4, 4), 9, "minor", "swing", Melody("voice", "faithful"),
        (BriefSection("verse", 1, 6, 50, 0.0, 12.0, (1, 6), ("Drums", "Bass")), BriefSection("chorus", 7, 4, 90)),
        (Instrument("Drums", 0, True), Instrument("Bass", 32)), ((1, 1.0, "Am"), (1, 3.0, "F"), (2, 1.0, "E7/G#")),
        ((1, 1.0, 120.0), (3, 2.0, 124.0)), ((0.0, 0.2), (20.0, 1.0)), (), ((3.1, 2, 3.0), (20.0, 11, 1.0)),
        conflicts=(Conflict("metre", "I kept 3/4."),), seed=4,
    )  # fmt: skip


def test_the_json_form_comes_back_equal() -> None:
    assert Brief.from_json(json.loads(json.dumps(brief().to_json()))) == brief()


def test_a_person_may_change_it() -> None:
    changed = brief().corrected(tempo=96, metre=[3, 4], chords=[[1, 1, "G"]], melody={"source": "", "how": "new"})
    assert changed.metre == (3, 4)
    assert changed.chords == ((1, 1.0, "G"),)
    assert changed.melody == Melody()
    assert changed.sections == brief().sections
    assert changed.key_name == "A minor"


@pytest.mark.parametrize("change", [
    {"tempo": 4}, {"metre": [4, 5]}, {"tonic": 12}, {"mode": "blue"}, {"chords": [[1, 1, "H#"]]}, {"bars": 11},
    {"dynamics": [[1, 0.5], [0, 0.5]]}, {"dynamics": [[0, 2]]}, {"sync": [[2, 3, 1], [1, 4, 1]]}, {"colour": "red"},
    {"sections": [{"kind": "verse", "first_bar": 2, "bars": 10, "energy": 5}]}, {"seconds": float("nan")},
    {"instruments": [{"part": "Bass", "program": 128}]}, {"feel": {"swing": 3}}, {"melody": {"source": "", "how": "x"}},
])  # fmt: skip
def test_nonsense_is_one_sentence(change: dict[str, Any]) -> None:
    with pytest.raises(BadRequest) as error:
        brief().corrected(**change)
    assert str(error.value).endswith(".")
    with pytest.raises(BadRequest):
        Brief.from_json({**brief().to_json(), **change})
