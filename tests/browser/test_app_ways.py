"""Other chords for the tune: heard in their place, kept by one click, taken back by one undo; the person's own stay."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.app_fixtures import PLAYER, Visitor
from tests.browser.test_app_fill import PHONE
from tests.unit.create.test_harmonisations import BAR, tune
from workbench.score.lanes import Chord
from workbench.score.score import Score

pytestmark = pytest.mark.browser

OWN = Chord(BAR, BAR, 9, "min9")


def opened(person: Visitor, path: Path) -> Any:
    """The roll with a lone tune in it, in whose second bar the person wrote a chord; its place."""
    Score(tracks=[tune()], chords=[OWN]).save(path)
    person.open_file(path)
    roll = person.page.locator(".wb-roll")
    roll.locator("canvas.moving").wait_for()
    return roll


def test_other_chords_by_keys_are_heard_kept_and_taken_back(visit: Callable[..., Visitor], tmp_path: Path) -> None:
    person = visit()
    roll = opened(person, tmp_path / "tune.wbz")
    keys = person.page.keyboard
    roll.locator(".stage").focus()
    keys.press("Shift+C")
    panel = person.page.get_by_role("region", name="Other chords")
    panel.get_by_role("button", name="Hear Chords 3").wait_for()
    before = person.hash()
    shown = "[...document.querySelectorAll('*')].map((e) => e.shadowRoot?.activeElement?.ariaLabel).find(Boolean)"
    assert person.page.evaluate(shown) == "Hear Chords 1", "the panel opens on the first other way"
    keys.press("Enter")
    person.wait_for_sound()
    assert person.page.evaluate(f"{PLAYER}.overlay.tracks.map((track) => track.name)") == ["Chords"]
    assert person.store("view.loop") is not None
    keys.press("2")
    panel.get_by_role("button", name="Stop Chords 2").wait_for()
    assert person.hash() == before, "nothing is written yet"

    panel.get_by_role("button", name="Keep Chords 2").focus()
    keys.press("Enter")
    panel.wait_for(state="hidden")
    chords = person.store("score.chords")
    assert len(chords) > 4
    assert OWN.to_dict() in chords, "what the person wrote stays"
    assert person.page.evaluate(f"{PLAYER}.overlay") is None
    roll.get_by_role("button", name="Undo").click()
    assert person.hash() == before, "one step takes them away"
    assert person.errors == []


def test_other_chords_on_a_phone(visit: Callable[..., Visitor], tmp_path: Path) -> None:
    person = visit(**PHONE)
    roll = opened(person, tmp_path / "tune.wbz")
    button = roll.get_by_role("button", name="Other chords", exact=True).locator("visible=true").first
    button.tap()
    panel = person.page.get_by_role("region", name="Other chords")
    hear = panel.get_by_role("button", name="Hear Chords 1")
    keep = panel.get_by_role("button", name="Keep Chords 1")
    for target in (button, hear, keep):
        box = target.bounding_box()
        assert box["width"] >= 44
        assert box["height"] >= 44
    assert person.page.evaluate("document.documentElement.scrollWidth") <= 390
    hear.tap()
    panel.get_by_role("button", name="Stop Chords 1").wait_for()
    keep.tap()
    person.wait_for_store("store.score.chords.length > 4")
    assert person.errors == []
