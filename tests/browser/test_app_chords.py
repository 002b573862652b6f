"""The chord lane of a piece that somebody opens: what is heard is shown, and written down only by the person."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.app_fixtures import Visitor

pytestmark = pytest.mark.browser

BAR = 3840
FOUND = "Heard in the piece"


def four_chords(path: Path) -> Path:
    """C, A minor, F and G, a bar each, with nothing in the chord lane."""
    from workbench.score.score import Note, Score, Track

    triads = ((60, 64, 67), (57, 60, 64), (53, 57, 60), (55, 59, 62))
    notes = [Note(f"n{bar}-{pitch}", bar * BAR, BAR, pitch) for bar, triad in enumerate(triads) for pitch in triad]
    Score(tracks=[Track(id="t1", notes={note.id: note for note in notes})]).save(path)
    return path


def test_the_chords_of_an_opened_piece_are_shown_and_only_the_person_writes_them(
    visit: Callable[..., Visitor], tmp_path: Path
) -> None:
    person = visit()
    person.open_file(four_chords(tmp_path / "four.wbz"))
    lane: Any = person.page.locator(".wb-roll canvas.moving")
    lane.wait_for()
    before = person.hash()
    beside = {"x": 56 + 9 + 30, "y": 53}

    def title() -> str:
        lane.hover(position={"x": beside["x"], "y": 200})
        lane.hover(position=beside)
        return str(lane.get_attribute("title") or "")

    for _ in range(60):
        if title().startswith(FOUND):
            break
        person.page.wait_for_timeout(250)
    assert title().startswith(FOUND)
    assert person.hash() == before, "what is heard is no part of the piece"
    lane.dblclick(position=beside)
    person.wait_for_store("store.score.chords.length === 1")
    chord = person.store("score.chords[0]")
    assert (chord["tick"], chord["duration"], chord["root"], chord["quality"]) == (0, BAR, 0, "maj")
    person.page.keyboard.press("Escape")
    assert not title().startswith(FOUND), "what the person wrote stands instead"
    assert person.errors == []
