"""What was done to a public server by a client on the same machine, done again: none of it works any more."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import secrets
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.app_fixtures import Server
from workbench.ui.tabs.home import shipped_piece

pytestmark = pytest.mark.server

RULES = """
[public]
models = ["markov", "slow", "infill"]
max_upload_mb = 2
uploads_per_address_mb = 6
jobs_per_address = 8
pages_per_address = 20
keep_seconds = 8
"""
SLOW = {"model": "slow", "seed": 1, "request": {"regions": [{"start": 0, "end": 7680, "tracks": ["t1"]}], "count": 1}}


class Public(Server):
    """The server under the owner's rules, with temporary files that can be looked at."""

    def __init__(self, folder: Path) -> None:
        (folder / "tmp").mkdir(parents=True)
        (folder / "rules.toml").write_text(RULES)
        super().__init__(folder, sys.executable, "-m", "workbench", "--port", "PORT", "--rules", "rules.toml")
        self.environment["TMPDIR"] = str(folder / "tmp")
        del self.environment["GRADIO_TEMP_DIR"]

    def files(self) -> list[Path]:
        """Everything that lies in its temporary folder."""
        return [path for path in (self.folder / "tmp").rglob("*") if path.is_file()]


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Public]:
    server = Public(tmp_path_factory.mktemp("public") / "server")
    server.start()
    yield server
    server.kill()


class Visitor:
    """A page without a browser; ``address``: which of this machine's own addresses it comes from."""

    def __init__(self, server: Server, address: str = "127.0.0.1") -> None:
        self.server, self.address = server, address
        self.token, self.session = secrets.token_hex(16), secrets.token_hex(6)
        config = json.loads(self.ask("GET", "/config")[1])
        self.view = next(p["id"] for p in config["components"] if "wb-roll" in p["props"].get("elem_classes", []))
        self.listener = next(d["id"] for d in config["dependencies"] if [self.view, "message"] in d["targets"])

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.server.port, 120, source_address=(self.address, 0))

    def ask(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:  # fmt: skip
        connection = self.connect()
        kind = {"content-type": "application/json"} if body is not None else {}
        with contextlib.closing(connection):
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it has answered before all was sent
                chunked = "transfer-encoding" in (headers or {})
                connection.request(method, path, body, {**kind, **(headers or {})}, encode_chunked=chunked)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def call(self, kind: str, **fields: Any) -> dict[str, Any]:
        text = json.dumps({"type": kind, "session": self.token, **fields})
        data = {"data": text, "component_id": self.view, "fn_name": "message", "session_hash": self.session}
        status, answer = self.ask("POST", "/gradio_api/component_server", json.dumps(data))
        assert status == 200, answer
        reply: dict[str, Any] = json.loads(json.loads(answer))
        return reply

    def open(self) -> Visitor:
        score = shipped_piece("opening")
        assert self.call("open", score=score.to_dict(), revision=0, reason="start")["type"] == "ack"
        return self

    def job(self, name: str, **fields: Any) -> Iterator[str]:
        """Begin a job; the lines of what the page hears. Closing it closes the connection."""
        message = json.dumps({"type": name, "session": self.token, **fields})
        data = {
            "data": [None], "event_data": {"message": message}, "fn_index": self.listener, "trigger_id": self.view,
            "session_hash": self.session,
        }  # fmt: skip
        status, answer = self.ask("POST", "/gradio_api/queue/join", json.dumps(data))
        assert status == 200, answer
        connection = self.connect()
        with contextlib.closing(connection):
            connection.request("GET", f"/gradio_api/queue/data?session_hash={self.session}")
            stream = connection.getresponse()
            while line := stream.readline():
                yield line.decode()

    def heard(self, name: str, **fields: Any) -> str:
        """Everything a job says."""
        return "".join(self.job(name, **fields))


def steps(server: Server) -> int:
    """How many steps the slow model has made."""
    return len(server.steps.read_text().splitlines()) if server.steps.exists() else 0


def comes_to_rest(server: Server, seconds: float) -> bool:
    """Whether the slow model makes no step any more within some seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        before = steps(server)
        time.sleep(1.5)
        if steps(server) == before:
            return True
    return False


def test_thirty_renders_at_once_are_bounded_and_another_visitors_edit_does_not_wait(public: Public) -> None:
    attackers = [Visitor(public, "127.0.0.7").open() for _ in range(15)]
    replies: list[dict[str, Any]] = []

    def render(attacker: Visitor) -> None:
        replies.append(attacker.call("render", revision=0))

    threads = [threading.Thread(target=render, args=(attackers[number % 15],)) for number in range(30)]
    visitor = Visitor(public, "127.0.0.8").open()
    for thread in threads:
        thread.start()
    waits = []
    while any(thread.is_alive() for thread in threads):
        begun = time.monotonic()
        assert visitor.call("ops", base=0, changes=[])["type"] == "ack"
        waits.append(time.monotonic() - begun)
        time.sleep(0.1)
    kinds = [reply["type"] for reply in replies]
    assert kinds.count("error") >= 15, "most are refused at once"
    assert kinds.count("audio") >= 1
    assert max(waits) < 10
    assert sorted(waits)[len(waits) // 2] < 1


def test_a_token_of_ones_own_choice_is_no_other_person(public: Public) -> None:
    """One address begins many jobs with many tokens and sessions; another person is served meanwhile."""
    attackers = [Visitor(public, "127.0.0.9").open() for _ in range(12)]
    jobs = [attacker.job("fill", id="f1", **SLOW) for attacker in attackers]
    heard: list[str] = []

    def listen(job: Iterator[str]) -> None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            for line in job:
                heard.append(line)
                if "fill.error" in line or stop.is_set():
                    break

    stop = threading.Event()
    threads = [threading.Thread(target=listen, args=(job,), daemon=True) for job in jobs]
    for thread in threads:
        thread.start()
    end = time.monotonic() + 30
    while sum("your address" in line for line in heard) < 4:
        assert time.monotonic() < end, "more than eight were taken"
        time.sleep(0.1)
    assert any('\\"waiting\\": ' in line or '\\"waiting\\":' in line for line in heard), "those who wait hear it"
    begun = time.monotonic()
    visitor = Visitor(public, "127.0.0.10").open()
    fill = {**SLOW, "model": "markov"}
    assert "fill.result" in visitor.heard("fill", id="f1", **fill)
    assert time.monotonic() - begun < 20
    for attacker in attackers:
        attacker.call("stop", id="f1")
    stop.set()
    for thread in threads:
        thread.join(20)
    assert comes_to_rest(public, 20)


def test_five_hundred_new_tokens_end_nobodys_fill(public: Public) -> None:
    victim = Visitor(public, "127.0.0.11").open()
    job = victim.job("fill", id="f1", **SLOW)
    while "fill.partial" not in next(job):
        pass
    attacker = Visitor(public, "127.0.0.12")
    for _ in range(501):
        attacker.token = secrets.token_hex(16)
        attacker.call("stop", id="x")
    before = steps(public)
    time.sleep(1)
    assert steps(public) > before
    assert victim.call("ops", base=0, changes=[])["type"] == "ack"
    victim.call("stop", id="f1")
    for line in job:
        if "fill.error" in line:
            break
    assert comes_to_rest(public, 10)


@pytest.mark.parametrize("way", ["stream", "nobody"])
def test_work_of_a_program_ends_when_it_has_gone(public: Public, data: Path, way: str) -> None:
    score = base64.b64encode((data / "midi/lieder_reichardt_bergmannslied.mid").read_bytes()).decode()
    caller = Visitor(public, "127.0.0.13" if way == "stream" else "127.0.0.14")
    arguments = {"score_base64": score, "first_bar": 1, "last_bar": 2, "tracks": [], "model": "slow"}
    before = steps(public)
    status, answer = caller.ask("POST", "/gradio_api/call/v2/fill", json.dumps(arguments))
    assert status == 200, answer
    if way == "stream":
        connection = caller.connect()
        connection.request("GET", f"/gradio_api/call/v2/fill/{json.loads(answer)['event_id']}")
        stream = connection.getresponse()
        stream.readline()
    end = time.monotonic() + 30
    while steps(public) - before < 5:
        assert time.monotonic() < end, "it has not begun"
        time.sleep(0.1)
    if way == "stream":
        stream.close()
        connection.close()
    assert comes_to_rest(public, 40), "it goes on for ever"
    assert steps(public) - before < 500


def test_gone_when_the_owners_time_is_over_and_what_a_killed_server_left_too(public: Public) -> None:
    visitor = Visitor(public, "127.0.0.15").open()
    assert "export.result" in visitor.heard("export", id="e1", kind="mid")
    form = b'--x\r\ncontent-disposition: form-data; name="files"; filename="a.mid"\r\n\r\nMThd\r\n--x--\r\n'
    status, _ = visitor.ask("POST", "/gradio_api/upload", form, {"content-type": "multipart/form-data; boundary=x"})
    assert status == 200
    assert {path.suffix for path in public.files()} >= {".mid"}
    end = time.monotonic() + 30
    while left := [path for path in public.files() if path.suffix in (".mid", ".mp3", ".wav")]:
        assert time.monotonic() < end, left
        time.sleep(0.2)
    assert "export.result" in visitor.heard("export", id="e2", kind="mid")
    assert public.files()
    assert public.process is not None
    public.process.send_signal(signal.SIGKILL)
    public.process.wait()
    left = public.files()
    assert left
    time.sleep(21)  # a folder that young may belong to a process that has just begun
    public.start()
    end = time.monotonic() + 20
    while [path for path in left if path.exists()]:
        assert time.monotonic() < end, left
        time.sleep(0.2)


def test_a_server_that_is_asked_to_end_leaves_nothing(tmp_path: Path) -> None:
    server = Public(tmp_path / "server")
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # inherited, as from a shell script that starts it with "&"
    try:
        server.start()
    finally:
        signal.signal(signal.SIGINT, before)
    visitor = Visitor(server).open()
    assert "export.result" in visitor.heard("export", id="e1", kind="mid")
    assert server.files()
    assert server.process is not None
    time.sleep(2)  # the last line of the start is printed after the port is open
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(30)
    assert server.files() == []


def test_uploads_are_held_to_the_limit_whatever_way_they_come(public: Public) -> None:
    visitor = Visitor(public, "127.0.0.16")
    part = b'--x\r\ncontent-disposition: form-data; name="files"; filename="a.bin"\r\n\r\n' + bytes(1_000_000) + b"\r\n"
    kind = {"content-type": "multipart/form-data; boundary=x"}
    assert visitor.ask("POST", "/gradio_api/upload", part * 8 + b"--x--\r\n", kind)[0] == 413
    pieces = iter([part] * 50)
    chunked = {**kind, "transfer-encoding": "chunked"}
    assert visitor.ask("POST", "/gradio_api/upload", pieces, chunked)[0] == 413
    assert len(list(pieces)) > 20, "it is not read to its end"
    taken = [visitor.ask("POST", "/gradio_api/upload", part + b"--x--\r\n", kind)[0] for _ in range(8)]
    assert taken.count(200) <= 6
    assert taken[-1] == 429
    assert visitor.call("ops", base=0, changes=[])["type"] == "need", "everything else goes on"


@pytest.mark.parametrize("route", ["component_server", "queue/join", "call/fill", "call/v2/fill"])
def test_a_call_of_three_hundred_megabytes_is_refused_before_it_is_read(public: Public, route: str) -> None:
    with socket.create_connection(("127.0.0.1", public.port), timeout=60) as line:
        head = f"POST /gradio_api/{route} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        line.sendall(f"{head}content-length: 300000000\r\n\r\n".encode() + b"x" * 1_000)
        begun = time.monotonic()
        assert line.recv(12) == b"HTTP/1.1 413"
        assert time.monotonic() - begun < 10


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-type": "text/plain", "origin": "http://evil.example"}, 403),
        ({"content-type": "text/plain"}, 415),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"host": "evil.example"}, 421),
        ({"host": "evil.example", "origin": "http://evil.example"}, 421),
    ],
)  # fmt: skip
def test_a_foreign_page_is_not_obeyed(public: Public, headers: dict[str, str], status: int) -> None:
    visitor = Visitor(public, "127.0.0.17")
    text = json.dumps({"type": "open", "session": "e" * 32, "score": shipped_piece("opening").to_dict(), "revision": 0})
    data = {"data": text, "component_id": visitor.view, "fn_name": "message", "session_hash": "s"}
    assert visitor.ask("POST", "/gradio_api/component_server", json.dumps(data), headers)[0] == status
    assert Visitor(public, "127.0.0.17").call("ops", base=0, changes=[])["type"] == "need"


def test_what_it_prints_holds_nothing_of_its_visitors(public: Public) -> None:
    visitor = Visitor(public, "127.0.0.18").open()
    assert visitor.call("import", id="secret-file-name")["type"] == "error"
    assert "error" in visitor.heard("export", id="e1", kind="secret-kind")
    assert "error" in visitor.heard("fill", id="f1", model="secret-model", seed=1, request={"regions": "secret"})
    visitor.ask("POST", "/gradio_api/component_server", '{"data": "secret-text"')
    visitor.ask("POST", "/gradio_api/queue/join", '{"data": "secret-text", "fn_index": "x"}')
    visitor.ask("POST", "/gradio_api/call/fill", '{"data": ["secret-text"]}')
    visitor.ask(
        "POST",
        "/gradio_api/component_server",
        json.dumps({"data": 7, "component_id": visitor.view, "fn_name": "secret-name", "session_hash": "s"}),
    )
    time.sleep(2)
    for private in ("secret", visitor.token, visitor.session, "Traceback"):
        assert private not in public.log, public.log[-3_000:]
