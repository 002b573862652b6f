"""The whole path through the real app: open, edit, fill, listen, keep, undo, stems, export, reload, reopen."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.app_fixtures import PLAYER, Visitor
from workbench.score.score import Score

pytestmark = pytest.mark.browser

Visit = Callable[..., Visitor]
LIED = "lieder_franz_lenz.mid"


def save(visitor: Visitor, kind: str, folder: Path) -> Path:
    """Take a file away from the Stems tab; ``kind`` is the button's name."""
    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("button", name=kind, exact=True).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def added(before: list[list[Any]], after: list[list[Any]]) -> list[list[Any]]:
    """Notes that are only in ``after``."""
    rest = list(before)
    return [note for note in after if note not in rest or rest.remove(note)]


def drag(page: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    page.mouse.move(*end)
    page.mouse.up()


def test_the_whole_path_by_mouse(visit: Visit, data: Path, tmp_path: Path) -> None:
    person = visit(accept_downloads=True)
    page = person.page
    person.open_file(data / "midi" / LIED)
    page.locator(".wb-roll canvas.moving").or_(page.get_by_role("button", name="Go on")).first.wait_for()
    if page.get_by_role("button", name="Go on").is_visible():
        page.get_by_role("button", name="Go on").click()
    page.locator(".wb-roll canvas.moving").wait_for()
    assert len(person.notes()) == Score.open(data / "midi" / LIED).note_count

    # Draw, move, resize: in the row of the grid's lowest quarter, where this song has no notes.
    box = page.locator(".wb-roll canvas.moving").bounding_box()
    x, y = box["x"] + 0.6 * box["width"], box["y"] + 0.15 * box["height"]
    opened = person.notes()
    drag(page, (x, y), (x + 120, y))
    drawn = added(opened, person.notes())
    assert len(drawn) == 1, "drawing"
    drag(page, (x + 40, y), (x + 100, y + 40))
    moved = added(opened, person.notes())
    assert len(moved) == 1
    assert moved[0][1] > drawn[0][1], "moving later"
    assert moved[0][2] == drawn[0][2]
    assert moved[0][3] < drawn[0][3], "and lower"
    for _ in range(2):
        page.locator(".wb-roll").get_by_role("button", name="Undo").click()
    assert person.notes() == opened
    for _ in range(2):
        page.locator(".wb-roll").get_by_role("button", name="Redo").click()
    assert added(opened, person.notes()) == moved

    # A gap, ideas, one heard and kept, undone and kept again.
    edited = person.notes()
    page.locator(".wb-roll").get_by_role("button", name="Mark a gap").first.click()
    drag(page, (box["x"] + 90, box["y"] + 200), (box["x"] + 200, box["y"] + 200))
    page.locator(".wb-roll").get_by_role("button", name="Fill this gap").first.click()
    panel = page.get_by_role("region", name="Fill this gap")
    panel.get_by_role("button", name="Keep idea 3").and_(page.locator(":enabled")).wait_for()
    panel.get_by_role("button", name="Listen to idea 2").click()
    person.wait_for_sound()
    panel.get_by_role("button", name="Keep idea 2").click()
    panel.wait_for(state="hidden")
    filled = person.notes()
    assert filled != edited
    page.locator(".wb-roll").get_by_role("button", name="Undo").click()
    assert person.notes() == edited
    page.locator(".wb-roll").get_by_role("button", name="Redo").click()
    assert person.notes() == filled

    # Stems: mute a part of one, then take sound, everything and the project away.
    page.evaluate(f"{PLAYER}.stop()")
    person.tab("Stems")
    wave = page.locator(".wb-stems .wave-box").first
    page.locator(".wb-stems canvas.wave").first.wait_for()
    box = wave.bounding_box()
    drag(page, (box["x"] + 50, box["y"] + 30), (box["x"] + 250, box["y"] + 30))
    page.locator(".wb-stems").get_by_role("button", name="Mute this part").click()
    assert person.store("score.tracks[0].silences.length") == 1
    assert save(person, "Keep it", tmp_path).read_bytes()[:3] in (b"ID3", b"\xff\xfb\x90", b"\xff\xfb\xb0")
    page.get_by_text("For musicians").click()
    with zipfile.ZipFile(save(person, "Everything in one zip", tmp_path)) as archive:
        names = [name.split("/", 1)[1] for name in archive.namelist()]
    assert {"mix.wav", "score.mid", "score.musicxml", "tempo.json", "manifest.json"} <= set(names)
    stems = sorted(name for name in names if name.startswith("stems/") and name.endswith(".wav"))
    assert len(stems) == 4
    assert stems[-1].endswith("-mark.wav"), "a model wrote some of it"
    project = save(person, "Project file", tmp_path)

    # Reload: everything is still there; another piece, then the project again.
    last = person.hash()
    assert Score.open(project).note_count == len(filled)
    person.settle()
    page.reload()
    person.wait_ready()
    assert person.hash() == last
    page.get_by_role("button", name="Piano", exact=True).click()
    assert person.hash() != last
    page.get_by_role("tab", name="Start", exact=True).click()
    person.open_file(project)
    page.locator(".wb-roll canvas.moving").wait_for()
    assert person.hash() == last
    assert person.errors == []
    assert [url for url in person.requests if not url.startswith((person.address, "blob:", "data:"))] == []


def focused(page: Any) -> list[str]:
    """Role and name of what has the focus, inside a view's shadow root too."""
    found: list[str] = page.evaluate(
        """() => {
          let at = document.activeElement;
          while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
          return at ? [at.getAttribute("role") ?? at.tagName.toLowerCase(),
            (at.getAttribute("aria-label") ?? at.textContent ?? "").trim()] : ["", ""];
        }"""
    )
    return found


def tab_to(page: Any, name: str, *, role: str = "button", back: bool = False, limit: int = 80) -> None:
    """Press Tab until the named thing has the focus: it must be reachable by keys alone."""
    seen = []
    for _ in range(limit):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        here = focused(page)
        seen.append(here)
        if here[0] == role and here[1].startswith(name):
            return
    raise AssertionError(f"{name!r} was not reached by Tab; the focus went through {seen}")


def test_the_whole_path_by_keys_alone(visit: Visit, data: Path, tmp_path: Path) -> None:
    person = visit(accept_downloads=True)
    page = person.page
    tab_to(page, "Open my own")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(data / "midi" / LIED)
    page.locator(".wb-roll canvas.moving").or_(page.get_by_role("button", name="Go on")).first.wait_for()
    if page.get_by_role("button", name="Go on").is_visible():
        tab_to(page, "Go on", back=True)
        page.keyboard.press("Enter")
    page.locator(".wb-roll canvas.moving").wait_for()
    opened = person.notes()

    tab_to(page, "", role="application")
    assert person.said("roll").startswith("Piano roll, track ")
    page.keyboard.press("Home")
    page.keyboard.press("PageUp")
    page.keyboard.press("Enter")
    assert person.said("roll").startswith("Added: bar 1, beat 1, "), person.said("roll")
    page.keyboard.press("Enter")
    assert person.said("roll") == "Selected"
    page.keyboard.press("Alt+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    edited = person.notes()
    assert len(added(opened, edited)) == 1
    page.keyboard.press("Escape")
    page.keyboard.press("Home")
    page.keyboard.press("g")
    assert person.said("roll") == "Gap marked: bar 1"
    page.keyboard.press("f")
    panel = page.get_by_role("region", name="Fill this gap")
    panel.get_by_role("button", name="Keep idea 3").and_(page.locator(":enabled")).wait_for()
    assert person.said("roll").startswith("3 ideas are ready. Idea 1: "), person.said("roll")
    page.keyboard.press("2")
    person.wait_for_sound()
    tab_to(page, "Keep idea 2")
    page.keyboard.press("Enter")
    panel.wait_for(state="hidden")
    filled = person.notes()
    assert filled != edited
    assert focused(page)[0] == "application", "the keys are back in the roll"
    page.keyboard.press("Control+z")
    assert person.notes() == edited
    page.keyboard.press("Control+Shift+z")
    assert person.notes() == filled
    page.keyboard.press("Space")  # it was still playing what was kept, and nothing is spoken over music
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    assert person.said("roll") == "Left the piano roll"

    # From tab to tab, then a stretch of a stem by beats.
    tab_to(page, "Roll", role="tab", back=True)
    tab_to(page, "Stems", role="tab", limit=6)
    page.keyboard.press("Enter")
    page.locator(".wb-stems .wave-box").first.wait_for()
    tab_to(page, "Waveform of", role="slider")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    wave = page.locator(".wb-stems .wave-box").first
    assert wave.get_attribute("aria-valuetext") == "bar 1, beat 2"
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    assert wave.get_attribute("aria-valuetext") == "Chosen: bar 1, beat 2 to bar 1, beat 4"
    page.keyboard.press("Enter")
    assert person.said("stems").endswith("is silent from bar 1, beat 2 to bar 1, beat 4.")
    assert person.store("score.tracks[0].silences.length") == 1
    tab_to(page, "For musicians", role="summary")
    page.keyboard.press("Enter")
    tab_to(page, "Project file")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    project = tmp_path / download.value.suggested_filename
    download.value.save_as(project)
    last = person.hash()
    person.settle()
    page.reload()
    person.wait_ready()
    assert person.hash() == last
    tab_to(page, "Open my own")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(project)
    page.locator(".wb-roll canvas.moving").wait_for()
    assert person.hash() == last
    assert person.errors == []


PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}


def test_three_taps_on_a_phone_from_cold_to_a_changed_tune_that_sounds(visit: Visit) -> None:
    person = visit(**PHONE)
    page = person.page
    before = person.hash()
    page.get_by_role("button", name="Change this tune").tap()
    page.locator(".wb-roll .bottombar").get_by_role("button", name="Fill this gap").tap()
    panel = page.get_by_role("region", name="Fill this gap")
    keep = panel.get_by_role("button", name="Keep idea 1").and_(page.locator(":enabled"))
    keep.wait_for()
    keep.tap()
    panel.wait_for(state="hidden")
    assert person.hash() != before, "the tune is changed"
    person.wait_for_sound()
    assert page.evaluate(f"{PLAYER}.playing")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert person.errors == []


def test_the_phones_targets_are_large_enough_for_fingers(visit: Visit) -> None:
    person = visit(**PHONE)
    for tab in ("Start", "Roll", "Genie", "Sheet", "Stems", "Models"):
        person.page.get_by_role("tab", name=tab, exact=True).tap()
        name = "home" if tab == "Start" else tab.lower()
        person.page.locator(f".wb-{name} .wb > *").first.wait_for(state="attached")
        person.page.wait_for_timeout(300)
        small = person.page.evaluate(
            """(view) => [document, document.querySelector(`.wb-${view} .wb-host`).shadowRoot]
              .flatMap((root) => [...root.querySelectorAll("button, select, input, summary, a[href]")])
              .filter((item) => item.tabIndex >= 0 && !item.closest("[aria-hidden=true]"))
              .filter((item) => item.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
              .map((item) => [item, item.closest("label")?.getBoundingClientRect() ?? item.getBoundingClientRect()])
              .filter(([, box]) => box.width > 1 && Math.min(box.width, box.height) < 43.5)
              .map(([item, box]) => [item.outerHTML.slice(0, 100), box.width, box.height])""",
            name,
        )
        assert small == [], tab
