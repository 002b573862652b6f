"""A person's own files in the real app: large ones, stopped ones, two people, and the shelf on the page."""

from __future__ import annotations

import http.client
import os
import secrets
import socket
import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.app_fixtures import Server, Visitor

pytestmark = pytest.mark.browser

Visit = Callable[..., Visitor]
MB = 1_000_000
HEAD = b"\0\0\0\x20ftypisom\0\0\2\0isomiso2mp41" + bytes(200)


def resident(server: Server) -> int:
    """Bytes of memory that the server's process holds now."""
    assert server.process is not None
    pages = int(Path(f"/proc/{server.process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def body(size: int, watch: Callable[[], None] = lambda: None) -> Iterator[bytes]:
    """A video of ``size`` bytes, piece by piece; ``watch`` is called now and then."""
    yield HEAD
    left, piece = size - len(HEAD), os.urandom(MB)
    while left > 0:
        yield piece[:left]
        left -= len(piece)
        watch()


def headers(session: str, size: int) -> dict[str, str]:
    return {
        "content-length": str(size), "content-type": "application/octet-stream", "x-workbench-session": session,
        "x-workbench-name": "holiday.mp4",
    }  # fmt: skip


def files(server: Server) -> list[Path]:
    """Everything that lies in the server's own temporary folder."""
    return [path for path in (server.folder / "tmp").rglob("*") if path.is_file() and "gradio" not in path.parts]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose temporary files can be looked at."""
    import sys

    folder = tmp_path_factory.mktemp("own")
    (folder / "tmp").mkdir()
    server = Server(folder, sys.executable, "-m", "workbench", "--port", "PORT", TMPDIR=str(folder / "tmp"))
    server.start()
    yield server
    server.kill()


def send(server: Server, session: str, size: int, watch: Callable[[], None] = lambda: None) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=300)
    connection.request("POST", "/gradio_api/media", body(size, watch), headers(session, size))
    return connection.getresponse()


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory of another process is read from /proc")
def test_a_gigabyte_of_video_costs_hardly_any_memory(own: Server) -> None:
    session = secrets.token_hex(16)
    assert send(own, session, 5 * MB).status == 200  # what the first file of all costs is not counted
    before, most = resident(own), [0]
    answer = send(own, session, 1_000 * MB, lambda: most.append(resident(own)))
    assert answer.status == 200, answer.read()
    assert max(most) - before < 50 * MB
    assert sorted(path.stat().st_size for path in files(own)) == [5 * MB, 1_000 * MB]


def test_stop_in_the_middle_leaves_nothing_behind(own: Server) -> None:
    before = set(files(own))
    with socket.create_connection(("127.0.0.1", own.port)) as line:
        lines = [f"{name}: {value}" for name, value in headers(secrets.token_hex(16), 500 * MB).items()]
        line.sendall("\r\n".join(["POST /gradio_api/media HTTP/1.1", "host: 127.0.0.1", *lines, "", ""]).encode())
        pieces = body(500 * MB)
        for _ in range(60):
            line.sendall(next(pieces))
        end = time.monotonic() + 30
        while set(files(own)) == before:
            assert time.monotonic() < end, "nothing has arrived"
            time.sleep(0.05)
    while set(files(own)) != before:
        assert time.monotonic() < end, "what had come is still there"
        time.sleep(0.05)


def test_the_shelf_shows_plays_and_removes_a_recording(visit: Visit, tmp_path: Path) -> None:
    visitor = visit()
    with wave.open(str(tmp_path / "humming.wav"), "wb") as sound:
        sound.setparams((1, 2, 8_000, 0, "NONE", ""))
        sound.writeframes(os.urandom(32_000))
    visitor.open_file(tmp_path / "humming.wav")
    shelf = visitor.page.get_by_role("region", name="Your files")
    shelf.get_by_text("humming.wav", exact=True).wait_for()
    player = shelf.locator("audio")
    visitor.page.wait_for_function("(player) => player.duration > 1.9", arg=player.element_handle())
    other = visit()
    assert other.page.get_by_role("region", name="Your files").count() == 0
    shelf.get_by_role("button", name="Remove humming.wav").click()
    shelf.wait_for(state="hidden")
    assert visitor.errors == []


def test_a_file_of_no_known_kind_gets_one_sentence(visit: Visit, tmp_path: Path) -> None:
    visitor = visit()
    (tmp_path / "song.wav").write_text("This is no sound at all.\n" * 100)
    before = visitor.hash()
    visitor.open_file(tmp_path / "song.wav")
    visitor.page.get_by_text("song.wav is no file the workbench knows").wait_for()
    assert visitor.hash() == before


def test_sending_can_be_stopped_in_the_page(visit: Visit, tmp_path: Path) -> None:
    visitor = visit()
    with (tmp_path / "long.mp4").open("wb") as file:
        file.write(HEAD)
        file.truncate(1_500 * MB)
    visitor.open_file(tmp_path / "long.mp4")
    visitor.page.get_by_role("button", name="Stop sending long.mp4").click()
    visitor.page.get_by_text("long.mp4 was not sent.").wait_for()
    assert visitor.page.get_by_role("region", name="Your files").count() == 0
