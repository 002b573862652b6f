"""The log of a session in the real app: fetched as it stands on the server, it plays again to the piece on the page."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.app_fixtures import Visitor
from tests.browser.test_app_path import LIED, drag, save
from workbench.score.events import Event
from workbench.score.project import Project
from workbench.score.replay import replay_log

pytestmark = pytest.mark.browser

Visit = Callable[..., Visitor]
_numbers = itertools.count(1)


def fetch(person: Visitor, folder: Path) -> list[Event]:
    """The server's log of a page, by way of the project file."""
    place = folder / f"{next(_numbers)}"
    place.mkdir()
    person.tab("Stems")
    if not person.page.get_by_role("button", name="Project file", exact=True).is_visible():
        person.page.get_by_text("For musicians").click()
    events = list(Project.open(save(person, "Project file", place)).events)
    assert replay_log(events).hash == person.hash()
    return events


def open_file(person: Visitor, path: Path) -> Any:
    """Open a file by the first page's door; gives the roll's canvas."""
    person.page.get_by_role("tab", name="Start", exact=True).click()
    person.open_file(path)
    canvas = person.page.locator(".wb-roll canvas.moving")
    canvas.or_(person.page.get_by_role("button", name="Go on")).first.wait_for()
    if person.page.get_by_role("button", name="Go on").is_visible():
        person.page.get_by_role("button", name="Go on").click()
    canvas.wait_for()
    return canvas


def test_a_session_by_mouse_plays_again_from_the_servers_log(visit: Visit, data: Path, tmp_path: Path) -> None:
    person = visit(accept_downloads=True)
    page = person.page
    roll = page.locator(".wb-roll")
    box = open_file(person, data / "midi" / LIED).bounding_box()
    x, y = box["x"] + 0.6 * box["width"], box["y"] + 0.15 * box["height"]
    drag(page, (x, y), (x + 120, y))
    drag(page, (x + 40, y), (x + 100, y + 40))
    roll.get_by_role("button", name="Undo").click()
    roll.get_by_role("button", name="Undo").click()
    roll.get_by_role("button", name="Redo").click()
    roll.get_by_role("button", name="Mark a gap").first.click()
    drag(page, (box["x"] + 90, box["y"] + 200), (box["x"] + 200, box["y"] + 200))
    roll.get_by_role("button", name="Fill this gap").first.click()
    panel = page.get_by_role("region", name="Fill this gap")
    panel.get_by_role("button", name="Keep idea 3").and_(page.locator(":enabled")).wait_for()
    panel.get_by_role("button", name="Listen to idea 2").click()
    person.wait_for_sound()
    panel.get_by_role("button", name="Keep idea 2").click()
    panel.wait_for(state="hidden")
    roll.get_by_role("button", name="Undo").click()
    roll.get_by_role("button", name="Redo").click()
    events = fetch(person, tmp_path)
    others = ("select", "transport", "prompt", "check", "export")
    assert [event["kind"] for event in events if event["kind"] not in others] == [
        "open", "import", "open", "edit", "edit", "undo", "undo", "redo",
        "run", "suggest", "audition", "accept", "undo", "redo",
    ]  # fmt: skip
    by_kind = {event["kind"]: event for event in events}
    assert by_kind["accept"]["cause"] == by_kind["run"]["seq"]
    assert by_kind["redo"]["cause"] == by_kind["accept"]["seq"]
    assert by_kind["suggest"]["payload"]["run"] == by_kind["run"]["payload"]["id"]
    assert {"select", "transport", "prompt"} <= by_kind.keys()
    opened = [event for event in events if event["kind"] == "open"]
    assert opened[1]["cause"] == by_kind["import"]["seq"]
    told = [event["payload"]["client_n"] for event in events if "client_n" in event["payload"]]
    assert told == sorted(set(told)), "in the page's own order, each once"

    # A reloaded page goes on with its log, and takes back a step that it made before.
    person.settle()
    page.reload()
    person.wait_ready()
    person.tab("Roll")
    roll.get_by_role("button", name="Undo").click()
    person.settle()
    more = fetch(person, tmp_path)
    assert more[: len(events)] == events
    assert more[-1]["seq"] == len(more) - 1
    last = [event for event in more[len(events) :] if event["kind"] in ("open", "undo")]
    assert [event["payload"].get("reason", "undo") for event in last] == ["restored", "undo"]
    assert last[1]["cause"] == by_kind["accept"]["seq"]

    # Somebody else opens the project and goes on with it.
    other = visit(accept_downloads=True)
    open_file(other, max(tmp_path.glob("*/*.wbz"), key=lambda path: path.stat().st_mtime))
    assert other.hash() == person.hash()
    other.page.locator(".wb-roll").get_by_role("button", name="Add a track").click()
    theirs = fetch(other, tmp_path)
    assert theirs[: len(more)] == more
    assert [event["kind"] for event in theirs[len(more) :] if event["kind"] in ("open", "edit")] == ["open", "edit"]
    assert person.errors == other.errors == []
