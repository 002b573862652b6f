"""Styles on the page: their cards, one heard over a person's own bars, one that joins the piece by a fill."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from tests.unit.ui import test_session
from workbench.page.session import Pages
from workbench.score.lanes import Chord
from workbench.score.operations import apply
from workbench.score.score import Track
from workbench.ui.tabs.home import shipped_piece

hub, pages, Browser = test_session.hub, test_session.pages, test_session.Browser


def test_a_style_is_chosen_by_its_card_heard_at_once_and_joins(pages: Pages) -> None:
    browser = Browser(pages, shipped_piece("opening"))
    cards = browser.call("styles")["styles"]
    assert {card["id"] for card in cards} >= {"rock", "swing"}
    assert all(card["words"] and card["parts"] for card in cards)
    browser.call("audition", style="swing")  # whatever is read once has been read
    began = time.perf_counter()
    heard = browser.call("audition", style="swing", first=2, bars=2)
    assert time.perf_counter() - began < 0.5
    tracks = [Track.from_dict(item) for item in heard["tracks"]]
    assert {track.is_drum for track in tracks} == {True, False}
    notes = [note for track in tracks for note in track.notes.values()]
    assert min(note.start for note in notes) == 3840
    assert max(note.end for note in notes) <= 3 * 3840
    asked = browser.call("band", style="a jazz band", count=2, join=0)["request"]
    *_, result = browser.fill(request=asked)
    assert result["type"] == "fill.result"
    assert len(result["alternatives"]) == 2
    filled = browser.document.score.copy()
    before = len(filled.tracks)
    apply(filled, result["alternatives"][0]["operation"])
    assert len(filled.tracks) == before + len(asked["parts"])
    assert all(note.author == "model:arranger" for note in filled.tracks[-1].notes.values())


@pytest.mark.parametrize(
    ("call", "fields"),
    [
        ("audition", {"style": "polka of the seven moons"}), ("audition", {"style": 7}),
        ("audition", {"style": "rock", "bars": 17}), ("audition", {"style": "rock", "first": "1"}),
        ("audition", {"style": "rock", "parts": ["tuba"]}), ("audition", {"style": "rock", "parts": "bass"}),
        ("band", {"style": "rock", "bars": [1]}), ("band", {"style": "rock", "bars": [3, 1]}),
        ("band", {"style": "rock", "count": 99}), ("band", {"style": "rock", "controls": {"nonsense": 1}}),
        ("band", {}),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_in_a_sentence(pages: Pages, call: str, fields: dict[str, object]) -> None:
    answer = Browser(pages, shipped_piece("opening")).call(call, **fields)
    assert answer["type"] == "error"
    assert answer["text"].endswith(".")


def test_a_card_draws_a_bar_of_its_groove(pages: Pages) -> None:
    cards = {card["id"]: card for card in Browser(pages, shipped_piece("opening")).call("styles")["styles"]}
    for card in cards.values():
        parts = card["miniature"]
        assert parts, f"{card['id']} has nothing to draw"
        assert {part["part"] for part in parts} <= {part["name"] for part in card["parts"]}
        for part in parts:
            assert all(0 <= start < 1000 and 1 <= length <= 1000 for start, length, _ in part["notes"])
            assert not part["is_drum"] or {height for *_, height in part["notes"]} <= {0, 1, 2}
    drums = next(part["notes"] for part in cards["rock"]["miniature"] if part["is_drum"])
    assert {(start, height) for start, _, height in drums} >= {(0, 0), (250, 1), (750, 1)}, "a kick and a backbeat"


def test_the_chords_of_what_is_heard_are_told_and_whose_they_are(pages: Pages) -> None:
    piece = shipped_piece("opening")
    own = tuple(Chord(tick, 3840, root, "maj") for tick, root in ((0, 0), (3840, 5), (7680, 7), (11520, 0)))
    written = Browser(pages, replace(piece, chords=list(own)))
    heard = written.call("audition", style="rock", first=2, bars=2)
    assert [(chord["tick"], chord["root"]) for chord in heard["chords"]] == [(3840, 5), (7680, 7)]
    assert heard["found"] is False
    before = written.document.score.to_dict()
    unwritten = Browser(pages, replace(piece, chords=[])).call("audition", style="rock", first=2, bars=2)
    assert unwritten["found"] is True
    assert unwritten["chords"][0]["tick"] == 3840
    assert sum(chord["duration"] for chord in unwritten["chords"]) == 2 * 3840
    assert written.document.score.to_dict() == before, "nothing is typed into the lane"
