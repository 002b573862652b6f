"""The description of a video: its JSON form, what a person may put right, and what an untrusted page may not send."""

from __future__ import annotations

import json
from typing import Any

import pytest

from workbench.errors import BadRequest
from workbench.understand.video.watched import Watched

SEEN = Watched(
    12.5, 29.97, 1080, 1920, 90, (4.0, 9.25), (1.5,), ((0.0, 0.1), (0.1, 0.9)), ((0.0, 0.5),), ((2.0, 3.5),),
    {"calm": 0.25}, True, ("A remark.",),
)  # fmt: skip


def test_it_survives_the_way_to_the_page_and_back() -> None:
    assert Watched.from_json(json.loads(json.dumps(SEEN.to_json()))) == SEEN


def test_the_json_form_is_the_documented_one() -> None:
    assert {"duration", "fps", "cuts", "moments", "motion", "brightness", "speech", "mood"} <= SEEN.to_json().keys()
    assert SEEN.to_json()["motion"] == [[0.0, 0.1], [0.1, 0.9]]
    assert SEEN.to_json()["speech"] == [[2.0, 3.5]]


def test_scenes_lie_between_the_cuts() -> None:
    assert SEEN.scenes == ((0.0, 4.0), (4.0, 9.25), (9.25, 12.5))
    assert Watched(3.0).scenes == ((0.0, 3.0),)


def test_a_dragged_cut_is_kept_and_noted() -> None:
    moved = SEEN.corrected(cuts=[9.25, 5.0])
    assert moved.cuts == (5.0, 9.25)
    assert moved.changed == ("cuts",)
    assert moved.corrected(mood={"tense": 1}).changed == ("cuts", "mood")


@pytest.mark.parametrize(
    "changes",
    [
        {"cuts": [13.0]}, {"cuts": "all"}, {"cuts": [1.0, 1.0]}, {"cuts": [float("nan")]}, {"duration": 3},
        {"motion": [[0, 2]]}, {"motion": [[1, 0], [0.5, 0]]}, {"motion": [[1]]}, {"speech": [[1, 3], [2, 4]]},
        {"speech": [[3, 1]]}, {"mood": {"x" * 50: 0.5}}, {"mood": {"calm": "very"}}, {"rotation": 0},
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(BadRequest):
        SEEN.corrected(**changes)


@pytest.mark.parametrize(
    "data",
    [
        None, [], {}, {"duration": "long"}, {"duration": 1, "faces": []}, {"duration": 1e9},
        {"duration": 3, "rotation": 45}, {"duration": 3, "width": -1}, {"duration": 3, "has_sound": "yes"},
        {"duration": 3, "remarks": ["x" * 501]}, {"duration": 3, "motion": [0.5]},
    ],
)  # fmt: skip
def test_untrusted_descriptions_are_read_with_care(data: Any) -> None:
    with pytest.raises(BadRequest):
        Watched.from_json(data)
