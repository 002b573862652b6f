"""The Genie inside the app, and by itself on its Space's page."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.app_fixtures import Server, Visitor

pytestmark = pytest.mark.browser
SPACE = Path(__file__).parents[2] / "spaces/piano-genie/app.py"
STANDALONE = Path(__file__).parents[2] / "workbench/web/public/genie.html"


def test_from_the_door_to_a_track_in_the_roll(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    page = visitor.page
    page.get_by_role("button", name="Play eight buttons").click()
    page.wait_for_selector("[data-genie=ready]", state="attached")
    tracks = visitor.store("score.tracks.length")
    for key in "3465":
        page.keyboard.press(key)
    page.get_by_role("button", name="Done").click()
    page.get_by_role("button", name="Send to Roll").click()
    assert visitor.store("score.tracks.length") == tracks + 1
    assert visitor.store("score.tracks.at(-1).notes.size") == 4
    page.get_by_role("button", name="Open the Roll").click()
    page.locator(".wb-roll .stage").first.wait_for()
    page.locator(".wb-roll").get_by_text("Genie 1", exact=True).first.wait_for()
    page.keyboard.press("1")
    page.get_by_role("tab", name="Genie", exact=True).click()
    page.wait_for_timeout(200)
    assert page.locator(".take-text span").first.inner_text().endswith("4 notes"), "keys pressed elsewhere play nothing"
    assert page.get_by_text("Take 2").count() == 0
    assert visitor.errors == []


@pytest.mark.server
def test_the_space_plays_in_its_frame(chromium: Any, tmp_path: Path) -> None:
    server = Server(tmp_path, sys.executable, str(SPACE))
    server.environment |= {"GRADIO_SERVER_NAME": "127.0.0.1", "GRADIO_SERVER_PORT": str(server.port)}
    server.start()
    page = chromium.new_page()
    try:
        page.goto(server.address)
        frame = page.frame_locator("iframe[title='Piano Genie']")
        frame.locator("[data-genie=ready]").wait_for(state="attached", timeout=60_000)
        frame.get_by_role("button", name="Button 3 of 8").click()
        frame.get_by_role("button", name="Done").click()
        assert frame.locator(".take").count() == 1
        with page.expect_download() as waiting:
            page.get_by_role("link", name="Take this page with you").click()
        assert Path(waiting.value.path()).read_bytes() == STANDALONE.read_bytes()
    finally:
        page.close()
        server.kill()
