"""Streams, other people, lost connections: nobody's work is lost and nobody sees another's."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.app_fixtures import STORE, Server, Visitor

pytestmark = pytest.mark.browser

Visit = Callable[..., Visitor]


def use_slow_model(visitor: Visitor) -> None:
    """Let this page's fills go to the slow model, as if it were the best one here."""

    def redirect(route: Any) -> None:
        text = route.request.post_data or ""
        route.continue_(post_data=text.replace(r"\"model\":null", r"\"model\":\"slow\""))

    visitor.page.route("**/gradio_api/queue/join*", redirect)


def begin_fill(visitor: Visitor) -> Any:
    """Fill the gap behind the opening page's door; gives the panel of ideas."""
    visitor.page.get_by_role("button", name="Change this tune").click()
    visitor.page.locator(".wb-roll .wb-button.primary", has_text="Fill this gap").first.click()
    return visitor.page.get_by_role("region", name="Fill this gap")


def steps(server: Server) -> int:
    """How many steps the slow model has made so far."""
    return len(server.steps.read_text(encoding="utf-8").splitlines()) if server.steps.exists() else 0


def wait_until_still(server: Server) -> None:
    """Wait until the slow model has stopped for half a second; fail if it goes on working."""
    before = -1
    for _ in range(40):
        now = steps(server)
        if now == before:
            return
        before = now
        time.sleep(0.5)
    raise AssertionError("the model is still working")


def draw_note(visitor: Visitor, name: str, start: int = 100) -> None:
    """An edit of one's own while other things go on."""
    visitor.page.evaluate(
        f"""([id, start]) => {STORE}.edit({{ op: "add_notes", track: {STORE}.score.tracks[0].id,
          notes: [{{ id, start, duration: 50, pitch: 100 }}] }})""",
        [name, start],
    )


def test_edits_made_while_ideas_stream_survive_and_a_closed_tab_ends_the_work(visit: Visit, app: Server) -> None:
    person = visit()
    use_slow_model(person)
    panel = begin_fill(person)
    panel.locator(".idea.growing").wait_for()
    draw_note(person, "mine")
    edited = person.notes()
    panel.get_by_text("16 notes").wait_for()
    assert person.notes() == edited, "ideas are ghosts: what arrives changes nothing"
    person.settle()
    person.page.reload()
    person.wait_ready()
    assert person.notes() == edited
    wait_until_still(app)

    again = visit()
    use_slow_model(again)
    begin_fill(again).locator(".idea.growing").wait_for()
    again.context.close()
    wait_until_still(app)


def test_two_people_never_meet_and_one_persons_stop_leaves_the_other_alone(visit: Visit, app: Server) -> None:
    ann, ben = visit(), visit()
    draw_note(ann, "hers")
    ann.settle()
    ben.page.reload()
    ben.wait_ready()
    assert "hers" not in ben.page.evaluate(f"[...{STORE}.score.tracks[0].notes.keys()]")
    panels = []
    for person in (ann, ben):
        use_slow_model(person)
        panels.append(begin_fill(person))
        panels[-1].get_by_role("button", name="Stop", exact=True).wait_for()
        panels[0].locator(".idea.growing").wait_for()
    # One model works for one person at a time; the next one waits for it.
    panels[0].get_by_role("button", name="Stop", exact=True).click()
    panels[0].get_by_text("Stopped.").wait_for()
    panels[1].get_by_text("16 notes").wait_for()
    before = steps(app)
    while steps(app) < before + 5:
        ben.page.wait_for_timeout(100)
    assert panels[1].get_by_role("button", name="Stop", exact=True).is_visible(), "his work goes on"
    panels[1].get_by_role("button", name="Stop", exact=True).click()
    wait_until_still(app)
    assert ann.hash() != ben.hash()


def test_a_lost_connection_is_said_and_everything_arrives_afterwards(visit: Visit) -> None:
    person = visit()
    person.tab("Roll")
    person.settle()
    person.context.set_offline(True)
    draw_note(person, "first")
    warning = person.page.locator(".wb-roll .status.warn")
    warning.wait_for()
    assert warning.inner_text() == "The connection is lost. Your work is safe in this page; trying again."
    draw_note(person, "second", 200)
    person.page.locator(".wb-roll").get_by_role("button", name="Undo").click()
    person.page.locator(".wb-roll").get_by_role("button", name="Redo").click()
    person.context.set_offline(False)
    person.wait_for_store("store.status.connection === 'connected' && store.status.pending === 0")
    person.page.locator(".wb-roll").get_by_role("button", name="Mark a gap").first.wait_for()
    # What the server makes from now on is made of the piece with both notes.
    person.tab("Stems")
    person.page.get_by_text("For musicians").click()
    with person.page.expect_download() as download:
        person.page.get_by_role("button", name="Project file", exact=True).click()
    from workbench.score.score import Score

    path = Path(download.value.path())
    saved = path.with_suffix(".wbz")
    path.rename(saved)
    assert {"first", "second"} <= set(Score.open(saved).tracks[0].notes)


def test_a_server_that_dies_and_comes_back_finds_the_page_as_it_was(chromium: Any, tmp_path: Path) -> None:
    import sys

    server = Server(tmp_path / "app", sys.executable, "-m", "workbench", "--port", "PORT")
    server.start()
    person = Visitor(chromium, server.address).come()
    try:
        person.tab("Roll")
        person.settle()
        server.kill()
        draw_note(person, "lonely")
        person.page.locator(".wb-roll .status.warn").wait_for()
        draw_note(person, "lonelier", 200)
        edited = person.notes()
        server.start()
        person.wait_for_store("store.status.connection === 'connected' && store.status.pending === 0")
        assert person.notes() == edited
        person.page.locator(".wb-roll .status:not(.warn)").wait_for()
        panel_button = person.page.locator(".wb-roll .wb-button.primary", has_text="Fill this gap").first
        person.page.evaluate(
            f"{STORE}.setView({{ marks: [{{ start: 0, end: 3840, tracks: [{STORE}.score.tracks[0].id] }}] }})"
        )
        panel_button.click()
        panel = person.page.get_by_role("region", name="Fill this gap")
        panel.get_by_role("button", name="Keep idea 1").and_(person.page.locator(":enabled")).wait_for()
        assert person.errors == []
    finally:
        person.context.close()
        server.kill()
