"""Models fetched, chosen and removed by a person in the real app; the Hub is a small server on this machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.app_fixtures import STORE, Server
from tests.browser.test_app_fill import LISTEN, wait_for_idea
from tests.hubserver import COMMIT, HubServer, Repo, serving
from tests.unit.create import amt_tiny

pytestmark = pytest.mark.browser

TITLE = "Anticipatory Music Transformer, small"


@pytest.fixture(scope="module")
def far() -> Iterator[HubServer]:
    with serving() as state:
        files = {"config.json": amt_tiny.config_bytes(), "model.safetensors": amt_tiny.safetensors_bytes()}
        state.repos["stanford-crfm/music-small-800k"] = Repo(files)
        yield state


@pytest.fixture(scope="module")
def connected(tmp_path_factory: pytest.TempPathFactory, far: HubServer) -> Iterator[Server]:
    """The app on a computer that reaches the Hub."""
    command = (sys.executable, "-m", "workbench", "--port", "PORT")
    server = Server(
        tmp_path_factory.mktemp("connected"), *command, HF_HUB_OFFLINE="0", HF_ENDPOINT=far.address,
        NO_PROXY="127.0.0.1",
    )  # fmt: skip
    server.start()
    yield server
    server.kill()


def shelf(page: Any, name: str) -> Any:
    return page.locator(".wb-models").get_by_role("region", name=name, exact=True)


def card(page: Any) -> Any:
    return shelf(page, "From the Hub").locator("article", has=page.get_by_role("heading", name=TITLE))


def test_a_model_is_got_stopped_got_again_chosen_and_removed(visit: Any, connected: Server, far: HubServer) -> None:
    visitor = visit(address=connected.address)
    page = visitor.page
    visitor.tab("Models")
    shelf(page, "Here").get_by_role("heading", name="Infilling transformer", exact=True).wait_for()
    entry = card(page)
    entry.get_by_text("Written down when you first get it").wait_for()
    assert "about 510 MB" in entry.text_content()
    far.faults.delay = 0.01
    entry.get_by_role("button", name="Get").click()
    entry.get_by_role("progressbar").wait_for()
    page.wait_for_function(
        "(card) => card.querySelector('progress')?.value > 0.3", arg=entry.element_handle(), timeout=60_000
    )
    entry.get_by_role("button", name="Stop").click()
    entry.get_by_text("The next time it goes on from here").wait_for()
    entry.get_by_text(f"commit {COMMIT[:12]}, written down on").wait_for()  # pinned from now on, and shown
    far.faults.delay = 0.0
    entry.get_by_role("button", name="Get").click()  # its label says how much is here already
    entry.get_by_text("is here, whole and checked").wait_for()
    size = len(far.repos["stanford-crfm/music-small-800k"].files["model.safetensors"])
    assert far.sent["model.safetensors"] < 1.5 * size  # it went on, it did not begin again
    # It is offered where gaps are filled, and what was chosen is sent, and remembered.
    visitor.tab("Roll")
    page.evaluate(LISTEN.replace("message.request)", "message.model)"))
    page.evaluate(f"{STORE}.setView({{ marks: [{{ start: 0, end: 3840, tracks: [{STORE}.score.tracks[0].id] }}] }})")
    roll = page.locator(".wb-roll")
    roll.get_by_role("button", name="Fill this gap").locator("visible=true").first.click()
    panel = page.get_by_role("region", name="Fill this gap")
    panel.get_by_role("button", name="Keep idea 1", exact=True).and_(page.locator(":enabled")).wait_for()
    panel.get_by_role("button", name="Change wishes").click()
    panel.get_by_label("Filled by").select_option(label=TITLE)
    panel.get_by_role("button", name="More ideas").click()
    page.wait_for_function("window.requests.length > 1")
    assert page.evaluate("window.requests") == [None, "amt-small"]
    assert page.evaluate("localStorage.getItem('wb-fill-model')") == "amt-small"
    panel.get_by_text(f"Made by {TITLE}").first.wait_for(timeout=90_000)
    wait_for_idea(panel, 4)
    panel.get_by_role("button", name="Change wishes").click()
    panel.get_by_role("button", name="Get more").click()  # leads to the models
    entry.get_by_role("button", name=f"Remove {TITLE}").click()
    entry.get_by_role("button", name="Keep it").wait_for()  # it asks first
    entry.get_by_role("button", name="Remove").click()
    entry.get_by_text("is off this computer").wait_for()
    # What was chosen has gone: it is said, and the best that is there fills.
    page.reload()
    visitor.wait_ready()
    visitor.tab("Roll")
    page.wait_for_function("localStorage.getItem('wb-fill-model') === null")
    assert not visitor.errors


def test_without_a_network_it_is_said_once_and_what_is_here_works(visit: Any) -> None:
    visitor = visit()  # this app runs with HF_HUB_OFFLINE
    visitor.tab("Models")
    page = visitor.page
    page.get_by_text("HF_HUB_OFFLINE is set").wait_for()
    assert page.get_by_text("HF_HUB_OFFLINE is set").count() == 1
    entry = card(page)
    assert entry.get_by_role("button", name="Get").is_disabled()
    assert shelf(page, "Here").get_by_text("Ready").count() >= 3
    assert not visitor.errors
