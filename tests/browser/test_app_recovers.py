"""Servers go and come back: a page finds its way by itself, and nobody ever has to reload it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.app_fixtures import STORE, Server, Visitor

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A public server of this module's own, which its tests may end and start."""
    server = Server(tmp_path_factory.mktemp("own"), sys.executable, "-m", "workbench", "--public", "--port", "PORT")
    server.start()
    yield server
    server.kill()


@pytest.fixture
def person(chromium: Any, own: Server) -> Iterator[Visitor]:
    """Somebody on that server's page."""
    visitor = Visitor(chromium, own.address)
    yield visitor
    visitor.context.close()
    assert visitor.errors == []


def test_an_unedited_page_works_on_after_the_server_was_started_anew(own: Server, person: Visitor) -> None:
    person.come()
    person.tab("Roll")
    person.settle()
    piece = person.notes()
    # At rest: a page that waits for a job when the server dies is loaded again by Gradio itself.
    person.page.wait_for_timeout(5_000)
    own.kill()
    own.start()
    person.tab("Sheet")
    person.page.locator(".wb-sheet .paper svg").first.wait_for()
    person.tab("Roll")
    person.page.evaluate(
        f"{STORE}.setView({{ marks: [{{ start: 0, end: 3840, tracks: [{STORE}.score.tracks[0].id] }}] }})"
    )
    person.page.locator(".wb-roll .wb-button.primary", has_text="Fill this gap").first.click()
    panel = person.page.get_by_role("region", name="Fill this gap")
    panel.get_by_role("button", name="Keep idea 1").and_(person.page.locator(":enabled")).wait_for()
    assert person.notes() == piece
    person.page.wait_for_timeout(5_000)
    own.kill()
    own.start()
    person.tab("Stems")
    with person.page.expect_download():
        person.page.get_by_role("button", name="Keep it", exact=True).click()


def test_a_page_opened_while_the_server_is_away_comes_when_it_does(own: Server, person: Visitor) -> None:
    page = person.page
    away = ["**/home.js*", "**/component_server/**"]
    for address in away:
        page.route(address, lambda route: route.abort("connectionrefused"))
    page.goto(own.address)
    page.locator(".wb-home").get_by_text("could not be loaded").wait_for()
    page.evaluate("window.sameVisit = true")
    page.unroute(away[0])
    person.wait_ready()
    person.wait_for_store("store.status.connection === 'lost'")
    page.unroute(away[1])
    person.wait_for_store("store.status.connection === 'connected'")
    person.tab("Sheet")
    page.locator(".wb-sheet .paper svg").first.wait_for()
    assert page.evaluate("window.sameVisit"), "nobody had to reload"


def test_a_restored_piece_over_the_limit_is_refused_once_and_can_be_saved(own: Server, person: Visitor) -> None:
    person.come()
    person.settle()
    add = '{ op: "add_notes", track: id, notes: [{ id: "far", start: 960 * 60 * 600, duration: 50, pitch: 64 }] }'
    person.page.evaluate(f"(() => {{ const id = {STORE}.score.tracks[0].id; {STORE}.edit({add}); }})()")
    person.wait_for_store("store.status.autosave === 'saved' && store.status.connection === 'refused'")
    opened: list[str] = []
    person.page.on(
        "request", lambda request: opened.append(request.url) if r"type\":\"open" in (request.post_data or "") else None
    )
    person.page.reload()  # the browser brings the piece back; the server has never seen it
    banner = person.page.locator(".wb-home .wb-refused")
    banner.wait_for()
    person.page.wait_for_timeout(6_000)
    assert len(opened) == 1, "asked once, not for ever"
    assert "minutes" in banner.inner_text()
    with person.page.expect_download() as download:
        banner.get_by_role("button", name="Save it as a file").click()
    from workbench.score.score import Score

    path = Path(download.value.path())
    saved = path.with_suffix(".wbz")
    path.rename(saved)
    assert any("far" in track.notes for track in Score.open(saved).tracks)
    person.page.evaluate(f"{STORE}.undo()")
    banner.wait_for(state="hidden")
    person.wait_for_store("store.status.connection === 'connected'")
