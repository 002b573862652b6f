"""Joining in: a style's card, heard over a person's own bars, used as a band, taken back by one undo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.app_fixtures import PLAYER, STORE, Visitor
from tests.browser.test_app_fill import PHONE, wait_for_idea

pytestmark = pytest.mark.browser

Visit = Callable[..., Visitor]


def open_styles(person: Visitor) -> Any:
    """The panel of styles in the roll, with its cards there."""
    person.tab("Roll")
    person.page.locator(".wb-roll canvas.moving").wait_for()
    button = person.page.locator(".wb-roll").get_by_role("button", name="Join in", exact=True)
    button.locator("visible=true").first.click()
    panel = person.page.get_by_role("region", name="Join in as ...")
    panel.get_by_role("option").first.wait_for()
    return panel


def test_a_style_is_heard_over_ones_own_bars_then_used_and_taken_back(visit: Visit) -> None:
    person = visit()
    panel = open_styles(person)
    before, tracks = person.hash(), person.store("score.tracks.length")
    styles = person.page.evaluate(f"{STORE}.call({{ type: 'styles' }}).then((reply) => reply.styles)")
    assert panel.get_by_role("option").count() == len(styles) >= 2, "the cards are the server's"
    panel.get_by_label("Find a style").fill("walking")
    assert panel.get_by_role("option").count() < len(styles)
    card = panel.get_by_role("option", name="Swing")
    assert "Drums, Bass, Piano" in card.get_attribute("aria-label")
    card.click()
    panel.get_by_text("Swing, heard on").wait_for()
    person.wait_for_sound()
    overlay = person.page.evaluate(f"{PLAYER}.overlay.tracks.map((track) => track.name)")
    assert len(overlay) >= 3
    assert person.store("view.loop") is not None, "it goes round until another card or Stop"
    assert person.hash() == before, "nothing enters the piece"
    panel.get_by_role("button", name="Stop", exact=True).click()
    assert person.page.evaluate(f"{PLAYER}.playing") is False
    assert person.page.evaluate(f"{PLAYER}.overlay") is None
    assert person.store("view.loop") is None
    card.click()
    panel.get_by_role("button", name="Use this band").click()
    wait_for_idea(panel, 3)
    assert panel.locator(".differs").count() == 3
    panel.get_by_role("button", name="Keep idea 2", exact=True).click()
    panel.wait_for(state="hidden")
    new = person.page.evaluate(f"{STORE}.score.tracks.slice({tracks}).map((track) => track.name)")
    assert sorted(new) == sorted(overlay)
    notes = f"{STORE}.score.tracks.slice({tracks}).flatMap((track) => [...track.notes.values()])"
    authors = person.page.evaluate(f"[...new Set({notes}.map((note) => note.author))]")
    assert authors
    assert all(author.startswith("model:") for author in authors)
    person.page.locator(".wb-roll").get_by_role("button", name="Undo").click()
    assert person.hash() == before, "one step takes the whole band away"
    person.settle()
    assert person.errors == []


def test_styles_by_keys_alone(visit: Visit) -> None:
    person = visit()
    panel = open_styles(person)
    keys = person.page.keyboard
    names = panel.get_by_role("option").evaluate_all("(items) => items.map((item) => item.dataset.id)")
    here = "[...document.querySelectorAll('*')].map((e) => e.shadowRoot?.activeElement?.dataset?.id).find(Boolean)"
    assert person.page.evaluate(here) == names[0], "the panel opens on its first card"
    keys.press("ArrowRight")
    assert person.page.evaluate(here) == names[1]
    keys.press("Enter")
    panel.get_by_role("option", selected=True).wait_for()
    person.page.wait_for_function(f"{PLAYER}.overlay !== null")
    assert person.page.evaluate(here) == names[1], "the focus stays on the card that is heard"
    keys.press("Enter")
    wait_for_idea(panel, 3)
    keys.press("Escape")
    panel.wait_for(state="hidden")
    assert person.page.evaluate(f"{PLAYER}.overlay") is None
    assert person.errors == []


def test_styles_on_a_phone(visit: Visit) -> None:
    person = visit(**PHONE)
    panel = open_styles(person)
    card = panel.get_by_role("option").nth(1)
    card.tap()
    panel.get_by_text("heard on").wait_for()
    for target in (card, panel.get_by_role("button", name="Use this band"), panel.get_by_label("Find a style")):
        box = target.bounding_box()
        assert box["height"] >= 44
        assert box["width"] >= 44
    assert person.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert person.errors == []
