"""What the sheet calls tracks: the page's words before the staves, the document's own names untouched."""

from __future__ import annotations

import pytest

from workbench.errors import BadRequest
from workbench.page.handlers.sheet import MAX_NAME, call_by
from workbench.score.score import Score, Track


def piece() -> Score:
    return Score("Morning", tracks=[Track("t1", name="Melody"), Track("t2", name="Mine")])


def test_names_that_are_given_stand_and_others_stay() -> None:
    score = piece()
    call_by(score, {"t1": "Melodie", "t9": "nobody", "t2": " "}, "Morgen")
    assert [track.name for track in score.tracks] == ["Melodie", "Mine"]
    assert score.title == "Morgen"
    call_by(score, {"t1": "x" * 1_000}, 7)
    assert len(score.tracks[0].name) == MAX_NAME
    assert score.title == "Morgen"


def test_nothing_given_changes_nothing_and_what_is_no_table_is_refused() -> None:
    score = piece()
    call_by(score, None, None)
    assert score == piece()
    with pytest.raises(BadRequest):
        call_by(score, ["Melodie"], None)
