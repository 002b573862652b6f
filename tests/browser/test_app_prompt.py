"""The Prompt page in the real app: what is dropped finds its place, a piece comes of it, nothing is lost."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.browser.app_fixtures import STORE, Visitor
from tests.browser.test_app_access import AXE, CHECK
from tests.unit.understand.video.clips import clip
from workbench import resources

pytestmark = pytest.mark.browser

Visit = Callable[..., Visitor]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def come(visit: Visit, query: str = "", **options: Any) -> tuple[Visitor, Any]:
    """A person on the Prompt page, through its door."""
    person = visit(query, **options)
    person.page.get_by_role("button", name="Make a piece from what I have").click()
    page = person.page.locator(".wb-prompt")
    page.locator("[data-slot=words]").wait_for()
    return person, page


def slot(page: Any, name: str) -> Any:
    return page.locator(f"[data-slot={name}]")


def example(page: Any, *names: str) -> None:
    """Take the examples of these slots, and wait until they are understood."""
    for name in names:
        slot(page, name).get_by_role("button", name="Try an example").click()
        page.locator(f"[data-slot={name}][data-state=full]").wait_for()


def drop(person: Visitor, name: str, data: bytes) -> None:
    """Drop a file on the page's title."""
    person.page.evaluate(
        """([name, data]) => {
          const root = document.querySelector(".wb-prompt .wb-host").shadowRoot;
          const transfer = new DataTransfer();
          transfer.items.add(new File([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], name));
          root.querySelector("h1").dispatchEvent(
            new DragEvent("drop", { dataTransfer: transfer, bubbles: true, composed: true, cancelable: true }));
        }""",
        [name, base64.b64encode(data).decode()],
    )


def sentence(page: Any) -> str:
    return str(page.locator(".sentence").inner_text())


def test_whatever_is_dropped_or_pasted_finds_its_place(visit: Visit) -> None:
    person, page = come(visit)
    drop(person, "tune.mid", resources.path("assets/prompts/notes.mid").read_bytes())
    page.locator("[data-slot=notes][data-state=full]").wait_for()
    assert "the tune from your notes" in sentence(page)
    drop(person, "hum.ogg", resources.path("assets/prompts/voice.ogg").read_bytes())
    page.get_by_role("button", name="Someone sings or hums the tune").click()
    page.locator("[data-slot=voice][data-state=full]").wait_for()
    drop(person, "recipe.html", b"<html><body>cake</body></html>")
    page.get_by_text("recipe.html is none of these").wait_for()
    person.page.evaluate(
        """() => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text/plain", "30 seconds, 96 bpm");
          document.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
        }"""
    )
    page.locator("[data-slot=words][data-state=full]").get_by_text("30 seconds, 96 bpm").wait_for()
    with person.page.expect_file_chooser() as chooser:
        slot(page, "recording").get_by_role("button", name="Choose a file").click()
    chooser.value.set_files(files=[{"name": "tune.mid", "mimeType": "audio/midi", "buffer": b"MThd" + bytes(20)}])
    page.get_by_text("tune.mid does not belong there; it goes with: A music file.").wait_for()
    assert person.errors == []


def test_words_and_a_music_file_become_a_piece_in_the_roll(visit: Visit) -> None:
    person, page = come(visit)
    before = person.hash()
    example(page, "words", "notes")
    page.get_by_role("button", name="Make it", exact=True).click()
    page.locator(".idea").nth(1).get_by_role("button", name="Keep it and open it in the Roll").wait_for()
    page.get_by_text("as it was written").wait_for()
    page.get_by_role("button", name="Play: Idea 2").click()
    person.page.wait_for_function(
        """() => {
          const analyser = window.__musicWorkbenchPlayers["workbench-ideas"].analyser();
          if (!analyser) return false;
          const samples = new Float32Array(analyser.fftSize);
          analyser.getFloatTimeDomainData(samples);
          return samples.some((sample) => Math.abs(sample) > 0.01);
        }"""
    )
    page.get_by_role("button", name="Stop: Idea 2").click()
    person.settle()
    person.page.reload()
    person.wait_ready()
    person.tab("Make")  # what was written is there after a reload
    page.locator(".idea").nth(1).wait_for()
    assert person.hash() == before  # the open piece is what it was until an idea is kept
    page.locator(".idea").nth(1).get_by_role("button", name="Keep it and open it in the Roll").click()
    person.page.locator(".wb-roll canvas.moving").wait_for()
    tune = person.page.evaluate(
        f"{STORE}.score.tracks.flatMap((track) => track.name === 'Tune' ? [...track.notes.values()] : [])"
        ".sort((a, b) => a.start - b.start).slice(0, 6).map((note) => note.pitch)"
    )
    assert tune == [72, 74, 76, 77, 76, 74]  # Greensleeves, as it was given
    assert len(person.page.evaluate(f"{STORE}.score.tracks.map((track) => track.id)")) > 2
    person.page.evaluate(f"{STORE}.undo()")
    assert person.hash() == before
    assert person.errors == []


def test_the_plan_is_changed_by_keys_and_said(visit: Visit) -> None:
    person, page = come(visit)
    example(page, "notes")
    page.get_by_role("button", name="Show me the plan first").click()
    blocks = page.locator(".plan .block")
    blocks.first.wait_for()
    bars = [int(text.split()[0]) for text in page.locator(".plan .block > span").all_inner_texts()]
    blocks.first.focus()
    person.page.keyboard.press("Shift+ArrowRight")
    page.locator(".plan .block > span").first.get_by_text(f"{bars[0] + 1} bars").wait_for()
    assert f"{bars[0] + 1} bars" in person.said("prompt")
    handle = page.get_by_role("slider", name="How loud at 0:00")
    handle.focus()
    person.page.keyboard.press("End")
    assert handle.get_attribute("aria-valuetext") == "100 %"
    players = page.locator(".players button")
    on = players.first.get_attribute("aria-pressed")
    players.first.click()
    page.locator(f".players button[aria-pressed={'false' if on == 'true' else 'true'}]").first.wait_for()
    page.get_by_label("Chords").fill("C | nonsense")
    page.get_by_label("Chords").press("Tab")
    page.get_by_text("'nonsense' is not a chord").wait_for()
    assert person.errors == []


def test_how_things_are_used_is_changed_by_keys_and_a_reload_loses_nothing(visit: Visit) -> None:
    person, page = come(visit)
    example(page, "words", "notes")
    tune = slot(page, "notes").get_by_role("button", name="the tune")
    tune.focus()
    person.page.keyboard.press("Enter")
    page.get_by_text(re.compile("the chords of your notes")).wait_for()
    assert tune.get_attribute("aria-pressed") == "false"
    strength = slot(page, "notes").get_by_role("slider")
    strength.focus()
    person.page.keyboard.press("ArrowLeft")
    page.locator("[data-slot=notes] .share").get_by_text("95 %").wait_for()
    before = sentence(page)
    person.page.wait_for_timeout(800)  # the copy in the browser is written when the hands rest
    person.page.reload()
    person.wait_ready()
    person.tab("Make")
    page.locator("[data-slot=notes][data-state=full]").wait_for()
    assert sentence(page) == before
    assert tune.get_attribute("aria-pressed") == "false"
    slot(page, "notes").get_by_role("button", name="Take out: A music file").click()
    page.locator("[data-slot=notes][data-state=empty]").wait_for()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_full_page_fits_a_phone_and_axe_finds_nothing(visit: Visit, theme: str) -> None:
    person, page = come(visit, f"?__theme={theme}", **PHONE)
    example(page, "words", "notes", "voice")
    assert person.page.evaluate("document.documentElement.scrollWidth") <= 390
    small = page.locator("button:visible").evaluate_all(
        "(all) => all.filter((it) => it.getBoundingClientRect().height < 43.5).map((it) => it.textContent || it.title)"
    )
    assert small == []
    person.page.evaluate(AXE.read_text(encoding="utf-8") + ";0")
    assert person.page.evaluate(CHECK) == []


def test_a_video_that_the_browser_cannot_play_is_shown_as_a_small_copy(visit: Visit, tmp_path: Path) -> None:
    path = clip(tmp_path / "phone.mp4", shots=3, codec="libx265", sound=np.zeros((144_000, 2), np.float32))
    person, page = come(visit)
    drop(person, "phone.mp4", path.read_bytes())
    page.get_by_role("button", name="A video to make music for").click()
    card = page.locator("[data-understood=video]")
    card.wait_for(timeout=60_000)
    for player in (card.locator("video"), slot(page, "video").locator("video")):
        person.page.wait_for_function("video => video.videoWidth > 0", arg=player.element_handle())
        assert player.evaluate("video => [video.videoWidth, video.videoHeight]") == [160, 96]
    assert card.get_by_role("alert").count() == 0, "it says nothing any more"
    assert person.errors == []
