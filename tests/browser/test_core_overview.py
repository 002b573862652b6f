"""The strip above the roll: a long piece is seen whole, and any bar of it is one press away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser

BARS = 112
BAR = 3840


def long_piece(bars: int = BARS) -> dict[str, Any]:
    """A note on every beat, a nameless track, and a section in the middle."""
    from workbench.score.score import Note, Score, Text, Track

    notes = [Note(id=f"n{beat}", start=beat * 960, duration=900, pitch=55 + beat % 12) for beat in range(bars * 4)]
    score = Score(tracks=[Track(id="t1", program=55, notes={note.id: note for note in notes})])
    score.texts = [Text(tick=56 * BAR, kind="marker", text="Chorus")]
    return score.to_dict()


def bars(page: Any) -> tuple[int, int, int]:
    """First and last bar in sight, and the last of all, as the strip says them."""
    page.wait_for_timeout(300)
    words = page.locator(".overview").get_attribute("aria-valuetext").split()
    return int(words[1]), int(words[3]), int(words[5])


def test_a_long_piece_opens_readable_with_all_of_it_one_press_away(open_roll: Callable[..., Any]) -> None:
    page = open_roll(long_piece())
    strip = page.locator(".overview")
    first, last, all_bars = bars(page)
    assert (first, all_bars) == (1, BARS)
    assert 12 <= last <= 32, "more than eight bars, and notes that can still be read"
    box = strip.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.75, box["y"] + 20)
    first, last, _ = bars(page)
    assert first < 0.75 * BARS < last
    # The window is taken where it is and follows the pointer.
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 20, steps=4)
    page.mouse.up()
    moved, _, _ = bars(page)
    assert abs((first - moved) - BARS / 4) <= 2
    strip.focus()
    for key, at in (("Home", 1), ("ArrowRight", 2), ("ArrowRight", 3), ("ArrowLeft", 2)):
        page.keyboard.press(key)
        assert bars(page)[0] == at
    page.keyboard.press("PageDown")
    assert bars(page)[0] > 10
    page.keyboard.press("End")
    assert bars(page)[1] == BARS
    assert page.errors == []


def test_the_strip_follows_edits_and_goes_where_it_is_not_needed(open_roll: Callable[..., Any]) -> None:
    page = open_roll(long_piece(8))
    strip = page.locator(".overview")
    assert strip.is_hidden()
    page.evaluate(
        """window.context.store.edit({ op: "add_notes", track: "t1",
          notes: [{ id: "far", start: 3840 * 39, duration: 100, pitch: 60 }] })"""
    )
    strip.wait_for()
    assert bars(page)[2] == 40
    page.evaluate("window.context.store.undo()")
    strip.wait_for(state="hidden")


def test_on_a_phone_it_is_large_enough_for_a_finger(open_roll: Callable[..., Any]) -> None:
    page = open_roll(long_piece(), width=390, height=844, touch=True)
    box = page.locator(".overview").bounding_box()
    assert box["height"] >= 44
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    page.touchscreen.tap(box["x"] + box["width"] * 0.5, box["y"] + 20)
    first, last, _ = bars(page)
    assert first <= 57
    assert last >= 56
    name = page.locator(".tracklist .title").first
    assert name.text_content() == "Orchestra hit"
