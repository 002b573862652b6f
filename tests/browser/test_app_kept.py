"""What is kept about a visitor, from the foot of the app: nothing by itself, all of it shown, none after."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.app_fixtures import STORE, Server, Visitor

pytestmark = pytest.mark.server

EDIT = f"""(pitch) => {{
  const store = {STORE}, track = store.score.tracks[0];
  const note = {{ ...[...track.notes.values()][0], id: 'mine' + pitch, pitch }};
  store.edit({{ op: 'add_notes', track: track.id, notes: [note] }});
}}"""


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("logged")
    server = Server(folder, sys.executable, "-m", "workbench", "--port", "PORT", "--log", str(folder / "log"))
    server.start()
    yield server
    server.kill()


def test_a_workbench_that_keeps_nothing_says_so_on_every_tab(visit: Any) -> None:
    visitor = visit()
    for tab in ("Roll", "Stems"):
        visitor.tab(tab)
        visitor.page.get_by_role("button", name="What is kept about me").click()
        visitor.page.get_by_text("This workbench keeps no record of what people do.").wait_for()
        assert visitor.page.get_by_text("Privacy, in plain words").is_visible()
        assert visitor.page.get_by_label("Keep what I do here for research").count() == 0
        visitor.page.get_by_role("button", name="Close").click()
    assert visitor.errors == []


def test_helping_research_is_off_until_chosen_and_can_be_taken_back(chromium: Any, logged: Server) -> None:
    visitor = Visitor(
        chromium, logged.address, viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True
    ).come()
    page = visitor.page
    page.evaluate(EDIT, 90)  # before anything was chosen
    page.get_by_role("button", name="What is kept about me").click()
    box = page.get_by_label("Keep what I do here for research")
    box.wait_for()
    assert not box.is_checked()
    assert page.get_by_text("Nothing is kept about you by anybody else.").is_visible()
    box.check()
    page.get_by_text("Thank you. You can look at it").wait_for()
    page.get_by_role("button", name="Close").click()
    page.evaluate(EDIT, 91)
    page.wait_for_function(f"{STORE}.studyLog.waiting === 0")
    page.get_by_role("button", name="What is kept about me").click()
    page.get_by_text("entries are kept about you").wait_for()
    page.get_by_role("button", name="Show me").click()
    page.locator(".listed li").first.wait_for()
    with page.expect_download() as got:
        page.get_by_role("button", name="Download it").click()
    kept = got.value.path().read_text(encoding="utf-8")
    assert "mine91" in kept
    assert '"kind":"edit"' in kept
    page.get_by_role("button", name="Delete it").click()
    page.get_by_role("button", name="Yes, delete it").click()
    page.get_by_text("Deleted. Nothing is kept about you any more.").wait_for()
    assert not box.is_checked()
    page.evaluate(EDIT, 92)
    page.wait_for_timeout(1_500)  # longer than anything would take to be sent
    assert all(b"mine" not in path.read_bytes() for path in (logged.folder / "log").rglob("*") if path.is_file())
    assert visitor.errors == []
    visitor.context.close()
