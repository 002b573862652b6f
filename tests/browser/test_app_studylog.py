"""The interaction log of the real app: nothing before consent, and nothing lost, doubled or hidden when things die."""

from __future__ import annotations

import contextlib
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.app_fixtures import STORE, Server, Visitor
from workbench.study.log.read import SessionLog, load

pytestmark = pytest.mark.browser

#: A person who does something ten times a second, each with a number of its own.
BUSY = f"""() => {{
  window.done = 0;
  setInterval(() => {STORE}.log("select", {{count: window.done++}}), 100);
}}"""
AGREE = f"""() => {STORE}.call({{type: "log_consent", agreed: true}})"""


@pytest.fixture
def logged(tmp_path: Path) -> Iterator[Server]:
    """An app whose owner keeps a log."""
    server = Server(
        tmp_path,
        sys.executable,
        "-m",
        "workbench",
        "--port",
        "PORT",
        "--log",
        str(tmp_path / "log"),
        "--log-days",
        "30",
    )
    server.start()
    yield server
    server.kill()


def logs(server: Server) -> list[SessionLog]:
    return load(str(server.folder / "log"))


def numbers(log: SessionLog) -> list[int]:
    return [event["payload"]["count"] for event in log.of_kind("select") if "notes" not in event["payload"]]


def wait_until(condition: Any, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.2)


def test_no_event_reaches_the_log_before_consent_and_none_stays_after_deleting(chromium: Any, logged: Server) -> None:
    person = Visitor(chromium, logged.address)
    sent: list[str] = []
    person.page.on("request", lambda request: sent.append(request.post_data or ""))
    person.come()
    page = person.page
    page.locator(".wb-home .big-play").click()
    page.evaluate(f"{STORE}.log('select', {{count: 1}})")
    page.wait_for_timeout(2_500)
    assert any("select" in body for body in sent), "the page's own log, which stays with the person's piece"
    assert not [body for body in sent if "log_take" in body]
    assert not [
        name for name in ("wb-research", "music-workbench:person") if page.evaluate(f"localStorage.getItem('{name}')")
    ]
    assert logs(logged) == []

    page.evaluate(AGREE)
    page.evaluate(f"{STORE}.log('select', {{count: 2}})")
    wait_until(lambda: logs(logged) and numbers(logs(logged)[0]) == [2])
    (log,) = logs(logged)
    assert [event["kind"] for event in log.events][:3] == ["session", "consent", "open"]
    assert log.events[2]["after"] == page.evaluate(f"{STORE}.document.hash")
    kept = b"".join(path.read_bytes() for path in (logged.folder / "log").iterdir())
    for secret in (page.evaluate("localStorage.getItem('music-workbench:person')").strip('"'), "127.0.0.1"):
        assert secret.encode() not in kept

    # A reload goes on with the session; the next visit is kept as well, as the person has said.
    page.reload()
    person.wait_ready()
    page.evaluate(f"{STORE}.log('select', {{count: 3}})")
    wait_until(lambda: numbers(logs(logged)[0]) == [2, 3])
    again = person.context.new_page()
    again.goto(logged.address)
    again.locator(".wb-home .big-play:enabled").wait_for()
    wait_until(lambda: len(logs(logged)) == 2)
    assert all(log.whole for log in logs(logged))
    assert len({log.person for log in logs(logged)}) == 1

    statements = page.evaluate(f"{STORE}.call({{type: 'log_mine'}}).then((reply) => reply.statements)")
    assert any("pieces you worked on" in line for line in statements)
    name = logs(logged)[0].person.encode()
    assert page.evaluate(f"{STORE}.call({{type: 'log_delete'}}).then((reply) => reply.count)") > 5
    page.evaluate(f"{STORE}.log('select', {{count: 4}})")
    again.evaluate(f"{STORE}.log('select', {{count: 5}})")
    page.wait_for_timeout(2_500)
    assert logs(logged) == []
    assert name not in b"".join(path.read_bytes() for path in (logged.folder / "log").iterdir())
    assert person.errors == []
    person.context.close()


def test_tab_server_disk_and_network_die_in_turn_and_two_seconds_are_the_most_that_is_lost(
    chromium: Any, logged: Server
) -> None:
    person = Visitor(chromium, logged.address).come()
    page = person.page
    page.evaluate(AGREE)
    page.evaluate(BUSY)
    page.wait_for_timeout(1_500)

    # The network.
    person.context.set_offline(True)
    page.wait_for_timeout(3_000)
    person.context.set_offline(False)
    page.wait_for_timeout(2_500)

    # The server, in the middle of it, and another in its place.
    logged.kill()
    page.wait_for_timeout(1_000)
    logged.start()
    wait_until(lambda: len(list(logs(logged)[0].of_kind("session"))) == 2)

    # The disk: from now on this process can write nothing.
    assert logged.process is not None
    whole = resource.prlimit(logged.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(logged.process.pid, resource.RLIMIT_FSIZE, (0, whole[1]))
    page.get_by_text("cannot be kept right now").first.wait_for()
    page.wait_for_timeout(1_000)
    resource.prlimit(logged.process.pid, resource.RLIMIT_FSIZE, whole)
    page.get_by_text("is kept again").first.wait_for()

    # The tab, without a last word.
    page.wait_for_timeout(1_500)
    made = page.evaluate("window.done")
    crash(person)
    time.sleep(1.5)
    (log,) = logs(logged)
    assert log.whole, (log.gaps, log.problems)
    kept = numbers(log)
    assert kept == list(range(len(kept))), "each once, and in order"
    assert made - len(kept) <= 20, f"{made - len(kept)} of {made} things are lost, ten a second"
    person.context.close()


def crash(person: Visitor) -> None:
    """End the tab's process at once, as the system does that runs out of memory."""
    with contextlib.suppress(Exception):  # nobody is left to answer
        person.page.goto("chrome://crash", timeout=3_000)


def test_a_closed_tab_hands_over_its_last_moment(chromium: Any, logged: Server) -> None:
    person = Visitor(chromium, logged.address).come()
    person.page.evaluate(AGREE)
    wait_until(lambda: bool(logs(logged)))
    person.page.evaluate(f"{STORE}.log('select', {{count: 0}})")
    person.page.close(run_before_unload=True)
    wait_until(lambda: numbers(logs(logged)[0]) == [0], 5)
    assert logs(logged)[0].whole
    person.context.close()
