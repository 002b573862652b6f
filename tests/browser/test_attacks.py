"""Attacks on what only a real server has: Gradio's own routes, its hidden functions, other people's streams."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.app_fixtures import Server
from tests.browser.test_app_public import Visitor

pytestmark = pytest.mark.server

RULES = "[public]\nmax_upload_mb = 2\nmessages_per_second = 4\nrequests_per_second = 40\n"


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("attacked") / "server"
    folder.mkdir()
    (folder / "rules.toml").write_text(RULES)
    server = Server(folder, sys.executable, "-m", "workbench", "--port", "PORT", "--rules", "rules.toml")
    server.start()
    yield server
    server.kill()


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=/etc/passwd", "/gradio_api/file=../../../../etc/passwd",
        "/gradio_api/file=%2e%2e/%2e%2e/etc/passwd",
        "/gradio_api/file=//etc/passwd", "/gradio_api/file=/proc/self/environ", "/gradio_api/file=http://127.0.0.1:1/x",
        "/file=/etc/passwd", "/static/../../../../etc/passwd", "/assets/..%2f..%2f..%2fetc/passwd",
        "/gradio_api/stream/a/b/../../../etc/passwd", "/gradio_api/media/..%2f..%2fetc%2fpasswd",
        "/gradio_api/proxy=http://127.0.0.1:1/", "/harp/infill/gradio_api/file=/etc/passwd", "/.env", "/.git/config",
    ],
)  # fmt: skip
def test_no_way_leads_to_a_file_that_is_not_the_apps_own(attacked: Server, path: str) -> None:
    status, text = Visitor(attacked).ask("GET", path)
    assert b"root:" not in text
    assert b"WORKBENCH_HOME" not in text
    assert status != 200 or b"gradio" in text, "or the page itself"


def test_functions_that_no_view_offers_cannot_be_called(attacked: Server) -> None:
    visitor = Visitor(attacked, "127.0.0.3")
    for function in ("__init__", "launch", "get_config", "message.__globals__", "open", ""):
        data = {"data": "x", "component_id": visitor.view, "fn_name": function, "session_hash": visitor.session}
        status, _ = visitor.ask("POST", "/gradio_api/component_server", json.dumps(data))
        assert status >= 400, function
    data = {"data": [None], "fn_index": visitor.listener, "session_hash": visitor.session}
    status, text = visitor.ask("POST", "/gradio_api/run/message", json.dumps(data))
    assert status >= 400, "the page's inner life has no name to be called by"
    assert b"Traceback" not in text


def test_another_visitors_answers_are_not_heard(attacked: Server) -> None:
    mine, theirs = Visitor(attacked, "127.0.0.4").open(), Visitor(attacked, "127.0.0.5")
    stream = mine.job("sheet", id="s1", width=900)
    next(stream)
    heard = b""
    connection = theirs.connect()
    with contextlib.closing(connection), contextlib.suppress(TimeoutError, http.client.HTTPException):
        connection.request("GET", "/gradio_api/queue/data?session_hash=" + "0" * 11)
        connection.sock.settimeout(2)
        heard = connection.getresponse().read(2_000)
    assert b"svg" not in heard
    stream.close()


def test_a_flood_of_messages_is_refused_and_the_neighbour_is_answered(attacked: Server) -> None:
    loud, quiet = Visitor(attacked, "127.0.0.6"), Visitor(attacked, "127.0.0.7")
    body = json.dumps({"data": "{}", "component_id": loud.view, "fn_name": "message", "session_hash": "x"})
    codes = [loud.ask("POST", "/gradio_api/component_server", body)[0] for _ in range(170)]
    assert 429 in codes
    assert codes[:100] == [200] * 100
    begun = time.monotonic()
    quiet.open()
    assert time.monotonic() - begun < 10


def test_many_senders_that_say_nothing_hold_nobody_up(attacked: Server) -> None:
    idle = []
    for _ in range(60):
        sender = socket.create_connection(("127.0.0.1", attacked.port))
        sender.sendall(
            b"POST /gradio_api/media HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/octet-stream\r\n"
            b"Content-Length: 1000000\r\n\r\nx"
        )
        idle.append(sender)
    try:
        begun = time.monotonic()
        Visitor(attacked, "127.0.0.8").open()
        assert time.monotonic() - begun < 10
    finally:
        for sender in idle:
            sender.close()


def test_a_request_that_is_no_http_ends_its_own_connection_alone(attacked: Server) -> None:
    for data in (b"\x16\x03\x01\x02\x00\x01" * 50, b"GET / HTTP/9.9\r\n\r\n", b"A" * 200_000, b"\0" * 1_000):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", attacked.port), timeout=5) as sender:
            sender.sendall(data)
            sender.recv(1_000)
    assert Visitor(attacked, "127.0.0.9").ask("GET", "/config")[0] == 200


def test_what_it_printed_meanwhile_holds_nothing_of_anybody(attacked: Server) -> None:
    visitor = Visitor(attacked, "127.0.0.10").open()
    secret = "my-secret-tune-name"
    visitor.call("open", score={"title": secret}, revision=0, reason=secret)
    connection = http.client.HTTPConnection("127.0.0.1", attacked.port, 30, source_address=("127.0.0.10", 0))
    connection.request("GET", f"/gradio_api/nothing/{secret}")
    connection.getresponse().read()
    for word in (secret, visitor.token, visitor.session, "127.0.0.10"):
        assert word not in attacked.log
    assert not list(Path(attacked.folder).rglob("*secret*"))
