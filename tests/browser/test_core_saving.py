"""Nothing is lost: a browser that is killed in the middle of work loses two seconds of it at most."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.app_fixtures import free_port
from tests.browser.conftest import ARGUMENTS

pytestmark = pytest.mark.browser

EDIT_MS = 100
SECONDS = 8


class Killable:
    """A Chromium with a profile on disk, which can be ended as a crash would end it."""

    def __init__(self, profile: Path) -> None:
        self.profile = profile
        self.process: subprocess.Popen[bytes] | None = None

    @contextlib.contextmanager
    def running(self, browser_type: Any) -> Iterator[Any]:
        """A page in it."""
        port = free_port()
        path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        assert path
        self.process = subprocess.Popen(
            [
                path, "--headless=new", f"--remote-debugging-port={port}", f"--user-data-dir={self.profile}",
                *ARGUMENTS, "about:blank",
            ],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            end = time.monotonic() + 60
            while True:
                try:
                    browser = browser_type.connect_over_cdp(f"http://127.0.0.1:{port}")
                    break
                except Exception:
                    assert time.monotonic() < end, "the browser did not start"
                    time.sleep(0.2)
            yield browser.contexts[0].new_page()
        finally:
            self.kill()

    def kill(self) -> None:
        """End all of its processes at once."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


def big_piece(notes: int) -> dict[str, Any]:
    """A piece of so many notes on one track."""
    from workbench.score.score import Note, Score, Track

    many = [Note(id=f"b{number}", start=number * 240, duration=200, pitch=40 + number % 40) for number in range(notes)]
    return Score(tracks=[Track(id="t1", notes={note.id: note for note in many})]).to_dict()


BEGIN = """(every) => {
  const { store } = window.context;
  window.longest = 0;
  let last = performance.now();
  const beat = () => {
    window.longest = Math.max(window.longest, performance.now() - last);
    last = performance.now();
    requestAnimationFrame(beat);
  };
  requestAnimationFrame(beat);
  window.made = [];
  setInterval(() => {
    const id = `mine${window.made.length}`;
    store.edit({ op: "add_notes", track: "t1", notes: [{ id, start: window.made.length, duration: 9, pitch: 90 }] });
    window.made.push(Date.now());
  }, every);
}"""
KEPT = "[...window.context.store.score.tracks[0].notes.keys()]"


@pytest.mark.parametrize("before", [4, 10_000])
def test_a_browser_killed_while_one_edits_loses_two_seconds_at_most(
    before: int, chromium: Any, static_server: str, tmp_path: Path
) -> None:
    browser = Killable(tmp_path / "profile")
    address = f"{static_server}/pages/roll.html?autosave=1"
    with browser.running(chromium.browser_type) as page:
        page.add_init_script(f"window.givenScore = {json.dumps(big_piece(before))};")
        page.goto(address)
        page.wait_for_selector("html[data-ready]", state="attached")
        page.evaluate(BEGIN, EDIT_MS)
        page.wait_for_timeout(SECONDS * 1_000)
        made = page.evaluate("window.made")
        longest = page.evaluate("window.longest")
        died = page.evaluate("Date.now()")
        browser.kill()
    with browser.running(chromium.browser_type) as page:
        page.goto(address)
        page.wait_for_selector("html[data-ready]", state="attached")
        kept = set(page.evaluate(KEPT))
        lost = [when for number, when in enumerate(made) if f"mine{number}" not in kept]
        undone = page.evaluate(f"(window.context.store.undo(), {KEPT}.length)")
    assert longest < 600, "editing stays smooth while it is saved"
    assert len(made) > SECONDS * 1_000 / EDIT_MS / 4
    assert all(died - when <= 2_000 for when in lost)
    assert sum(name.startswith("b") for name in kept) == before
    assert undone == len(kept) - 1, "undo goes on where the browser died"
