"""What is cleared away: files whose time is over, and what processes that were killed have left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from workbench.hub.hub import Hub
from workbench.hub.registry import Registry
from workbench.page import session
from workbench.page.janitor import Janitor
from workbench.page.quarters import Quarters, hold, sweep_dead
from workbench.page.session import Pages

LIVE = """
import sys, time
from pathlib import Path
from workbench.page.quarters import Quarters
quarters = Quarters(Path(sys.argv[1]))
place = quarters.place("exports")
place.mkdir()
(place / "piece.wav").write_bytes(b"x")
print(quarters.folder, flush=True)
time.sleep(600)
"""


@pytest.fixture
def pages() -> Pages:
    hub = Hub(Registry.load(plugins=False, user=False))
    return Pages(lambda: hub)


def test_what_a_killed_process_has_left_is_found_and_what_a_living_one_has_stays(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", LIVE, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    left = Path(process.stdout.readline().strip())
    assert (left / next(left.iterdir()).name / "piece.wav").is_file()
    later = time.time() + 3_600
    assert sweep_dead(tmp_path, later) == 0
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert sweep_dead(tmp_path) == 0, "a folder may be young because its process has just begun"
    assert sweep_dead(tmp_path, later) == 1
    assert not left.exists()


def test_the_next_one_to_come_clears_away(tmp_path: Path) -> None:
    dead = tmp_path / ("0" * 32)
    dead.mkdir()
    (dead / "song.mp3").write_bytes(b"x")
    os.utime(dead, (1, 1))
    other = tmp_path / "somebody's own"
    other.mkdir()
    quarters = Quarters(tmp_path)
    assert not dead.exists()
    assert other.is_dir()
    assert hold(quarters.folder) is None, "nobody else can take it"
    quarters.close()
    assert [path.name for path in tmp_path.iterdir()] == ["somebody's own"]


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "mine.txt").write_text("x")
    parent = tmp_path / "parent"
    parent.mkdir()
    (parent / ("a" * 32)).symlink_to(outside)
    assert sweep_dead(parent, time.time() + 3_600) == 0
    assert (outside / "mine.txt").is_file()


def test_the_janitor_keeps_to_the_owners_time(pages: Pages, tmp_path: Path) -> None:
    export = pages.exports.folder / "0123" / "piece.mp3"
    export.parent.mkdir()
    export.write_bytes(b"x")
    cache = tmp_path / "cache"
    (cache / "upload").mkdir(parents=True)
    (cache / "upload" / "song.mid").write_bytes(b"x")
    janitor = Janitor(pages, (cache,), tmp_path / "nothing", 2)
    janitor.clear()
    assert export.is_file()
    for path in (export, export.parent, cache / "upload" / "song.mid", cache / "upload"):
        os.utime(path, (time.time() - 3, time.time() - 3))
    janitor.start()
    end = time.monotonic() + 20
    while export.exists() or any(cache.iterdir()):
        assert time.monotonic() < end, "still there"
        time.sleep(0.05)
    janitor.stop()


def test_the_janitor_lets_idle_pages_go_but_none_that_works(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    idle, busy = (pages.page({"session": letter * 32}) for letter in "ab")
    busy.jobs["f1"] = session.CancelScope()
    monkeypatch.setattr(session, "IDLE_SECONDS", 0)
    assert pages.let_idle_go() == 1
    assert pages.page({"session": "b" * 32}) is busy
    assert pages.page({"session": "a" * 32}) is not idle
