"""A logged session whose server, disk and network die in turn, with real processes: each thing is kept once.

It takes some seconds, because processes start and end in it.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from workbench.study.log.read import load

pytestmark = [pytest.mark.server, pytest.mark.skipif(sys.platform == "win32", reason="limits on files are POSIX")]

_SERVER = """
import json, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from workbench.page.logbook import Logbook, told
from workbench.page.session import Pages
from workbench.study.log.ids import Salt
from workbench.study.log.sinks import open_sink

pages = Pages(lambda: None)
pages.logbook = Logbook(open_sink(sys.argv[1]), Salt(b"s" * 32))

class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        reply = json.dumps(pages.call(message)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *_):
        pass

if sys.argv[3] == "first":
    page = pages.page({"session": "a" * 32})
    pages.logbook.begin(page, "b" * 32, version="1", text_sha256="", agreed={"log": True})
    print(json.dumps(told(page.writing)), flush=True)
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Handler).serve_forever()
"""


class Server:
    """What answers a page's messages, in a process of its own."""

    def __init__(self, where: str) -> None:
        self.where = where
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])

    def start(self, how: str) -> dict[str, Any]:
        command = [sys.executable, "-c", _SERVER, self.where, str(self.port), how]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        told: dict[str, Any] = json.loads(self.process.stdout.readline()) if how == "first" else {}
        end = time.monotonic() + 60
        while time.monotonic() < end:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return told
            time.sleep(0.1)
        raise AssertionError("the server did not start")

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def limit(self, size: int) -> None:
        """Let it write no file longer than this; -1: any."""
        import resource

        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


class Page:
    """What a page holds, and what it sends again."""

    def __init__(self, server: Server, told: dict[str, Any]) -> None:
        self.server, self.told = server, told
        self.held: list[dict[str, Any]] = []
        self.count, self.seen = 0, (0, 0)
        self.trouble = ""

    def do(self, times: int) -> None:
        for _ in range(times):
            entry = {
                "c": self.count,
                "time": time.time_ns() // 10**6,
                "kind": "select",
                "payload": {"count": self.count},
            }
            self.held.append(entry)
            self.count += 1

    def send(self, *, deaf: bool = False) -> bool:
        message = {
            "type": "log_take", "session": "a" * 32, "log_session": self.told["session"], "log_key": self.told["key"],
            "entries": self.held, "seen": self.seen[0], "seen_taken": self.seen[1],
        }  # fmt: skip
        address = f"http://127.0.0.1:{self.server.port}/gradio_api/log"
        try:
            with urllib.request.urlopen(
                urllib.request.Request(address, json.dumps(message).encode()), timeout=20
            ) as reply:
                answer = json.loads(reply.read())
        except OSError:
            return False
        if deaf:
            return False
        assert answer["type"] == "log_kept", answer
        self.held = [entry for entry in self.held if entry["c"] >= answer["next"]]
        self.seen, self.trouble = (answer["seq"], answer["taken"]), answer["trouble"]
        return True


@pytest.fixture(params=["folder", "sqlite"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    made = Server(str(tmp_path / "log") if request.param == "folder" else f"sqlite:{tmp_path / 'log.sqlite'}")
    yield made
    made.kill()


def test_server_disk_and_network_die_in_turn_and_each_thing_is_kept_once(server: Server) -> None:
    page = Page(server, server.start("first"))
    page.do(3)
    assert page.send()
    # The network: what was sent arrives, its answer does not; then nothing gets through at all.
    page.do(3)
    assert not page.send(deaf=True)
    page.do(1)
    # The server: killed with things of the page in its hands, and others not yet sent.
    server.kill()
    assert not page.send()
    page.do(2)
    server.start("again")
    assert page.send()
    assert page.held == []
    # The disk: nothing more can be written, and then it can.
    server.limit(0)
    page.do(2)
    assert page.send()
    assert "cannot be" in page.trouble
    assert len(page.held) == 2, "the page holds what is not kept"
    page.do(2)
    page.send()
    server.limit(-1)
    page.do(1)
    assert page.send()
    assert (page.trouble, page.held) == ("", [])
    # Both at once: the disk is full, and the server dies with what waits in its memory.
    server.limit(0)
    page.do(2)
    page.send()
    server.kill()
    server.start("again")
    assert page.send()
    assert page.held == []
    (log,) = load(server.where)
    assert log.whole, (log.gaps, log.problems)
    assert [event["payload"]["count"] for event in log.of_kind("select")] == list(range(page.count))
    actions = [event["payload"]["action"] for event in log.of_kind("session")]
    assert actions == ["begin", "resume", "resume"]
    assert os.path.exists(server.where.removeprefix("sqlite:"))
