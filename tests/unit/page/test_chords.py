"""The chord lane's other chords, as a page asks for them."""

from __future__ import annotations

from typing import Any

from tests.unit.create.test_harmonisations import BAR, tune
from workbench.hub.hub import Hub
from workbench.hub.registry import Registry
from workbench.page.session import Pages
from workbench.score.lanes import Chord
from workbench.score.score import Score

SESSION = "c" * 32


def pages(score: Score) -> Pages:
    """A page with the piece in it."""
    hub = Hub(Registry.load(plugins=False, user=False))
    made = Pages(lambda: hub, None)
    made.call({"type": "open", "session": SESSION, "score": score.to_dict(), "revision": 0, "reason": "start"})
    return made


def answer(made: Pages, **message: Any) -> dict[str, Any]:
    """The last thing said to a job."""
    return dict(list(made.answer({"session": SESSION, "id": "j", **message}))[-1])


def test_what_the_lane_shows_comes_first_and_three_others_follow_with_a_part_to_hear() -> None:
    own = Chord(2 * BAR, BAR, 9, "min")
    made = pages(Score(tracks=[tune()], chords=[own]))
    shown = answer(made, type="chords")
    assert shown["heard"] is False, "a lone tune sounds no chords: they were found for it"
    reply = answer(made, type="harmonies", first=3, bars=2, count=4, seed=1)
    assert reply["type"] == "harmonies.result"
    assert reply["tune"] == "tune"
    ways = reply["ways"]
    assert len(ways) == 4
    assert ways[0]["found"] == shown["chords"]
    for way in ways:
        assert own.to_dict() in way["chords"]
        assert own.to_dict() not in way["found"]
        notes = way["track"]["notes"]
        assert {note["start"] for note in notes} >= {2 * BAR, 3 * BAR}
        assert all(2 * BAR <= note["start"] < 4 * BAR for note in notes)
    assert answer(made, type="harmonies", first=3, bars=2, count=4, seed=2)["ways"][1:] != ways[1:]
    assert answer(made, type="harmonies", bars=100)["type"] == "harmonies.error"


def test_a_piece_with_chords_throughout_is_shown_others_where_they_are_asked_for() -> None:
    own = [Chord(0, 16 * BAR, 9, "min")]
    made = pages(Score(tracks=[tune()], chords=own))
    (alone,) = answer(made, type="harmonies", first=1, bars=4, count=4)["ways"]
    assert alone["found"] == []
    now, *others = answer(made, type="harmonies", first=1, bars=4, count=4, free=True)["ways"]
    assert now["chords"] == [chord.to_dict() for chord in own]
    assert now["found"] == []
    assert len(others) == 3
    for way in others:
        assert way["found"] == way["chords"], "none of those that are written is kept"
        assert {chord["root"] for chord in way["chords"]} != {9}
    assert answer(made, type="harmonies", free="yes")["type"] == "harmonies.error"
