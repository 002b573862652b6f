"""A class around one computer: who gets in, what the teacher sees, and the certificate."""

from __future__ import annotations

import asyncio
import os
import ssl
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from workbench.ui.classroom import network
from workbench.ui.classroom.certificate import certificate, fingerprint
from workbench.ui.classroom.gate import COOKIE, Gate
from workbench.ui.classroom.members import ALPHABET, HERE_SECONDS, TRIES, TRY_SECONDS, Members, new_code
from workbench.ui.classroom.pages import qr_svg
from workbench.ui.classroom.room import Room


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


class School:
    """A gate before an app that says who came in; asked without a network."""

    def __init__(self, code: str = "K7MQ2") -> None:
        self.clock = Clock()
        self.members = Members(code, self.clock)
        self.came_in: list[str] = []
        self.gate = Gate(self.app, self.members, "https://192.0.2.7:7860", qr_svg("https://192.0.2.7"), True, "AA:BB")

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        self.came_in.append(scope["path"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"the app"})

    def ask(
        self, path: str, cookie: str = "", peer: str = "192.0.2.20", method: str = "GET", accept: str = "text/html"
    ) -> tuple[int, dict[str, str], str]:
        path, _, query = path.partition("?")
        headers = [(b"accept", accept.encode())] + ([(b"cookie", cookie.encode())] if cookie else [])
        scope = {
            "type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": headers,
            "client": (peer, 1),
        }  # fmt: skip
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        with ThreadPoolExecutor(1) as own:
            own.submit(asyncio.run, self.gate(scope, None, send)).result()  # type: ignore[arg-type]
        found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return sent[0]["status"], found, b"".join(part.get("body", b"") for part in sent[1:]).decode()

    def enter(self, code: str, peer: str = "192.0.2.20") -> str:
        """The cookie of a pupil who has typed the code."""
        status, headers, _ = self.ask(f"/class?code={quote(code)}", peer=peer)
        assert (status, headers["location"]) == (303, "/")
        return headers["set-cookie"].split(";")[0]


def test_nobody_gets_in_without_the_code_and_everybody_does_with_it() -> None:
    school = School()
    status, _, page = school.ask("/")
    assert (status, school.came_in) == (401, [])
    assert "Type the code that your teacher shows" in page
    for path in ("/config", "/gradio_api/media/0", "/gradio_api/file=/etc/passwd"):
        assert school.ask(path, accept="*/*")[0] == 401
    assert school.ask("/gradio_api/component_server", method="POST", accept="*/*")[0] == 401
    cookie = school.enter(" k7mq2 ")
    assert school.ask("/", cookie)[2] == "the app"
    assert school.came_in == ["/"]


def test_the_cookie_is_kept_from_scripts_and_cannot_be_forged() -> None:
    school = School()
    text = school.ask("/class?code=K7MQ2")[1]["set-cookie"]
    assert all(word in text for word in ("HttpOnly", "SameSite=Lax", "Secure"))
    name, signature = text.split(";")[0].removeprefix(f"{COOKIE}=").split(".")
    for forged in (f"t{name[1:]}.{signature}", f"{name}.{signature[:-1]}", f"{name}.", "x", "", "p\u00e4.\u00e4"):
        assert school.ask("/config", f"{COOKIE}={forged}", accept="*/*")[0] == 401
    assert School().ask("/config", f"{COOKIE}={name}.{signature}", accept="*/*")[0] == 401, "another day's cookie"


def test_codes_cannot_be_tried_out() -> None:
    school = School()
    said = [school.ask(f"/class?code=AAAA{letter}")[0] for letter in ALPHABET[: TRIES + 3]]
    assert said == [403] * TRIES + [429] * 3
    assert school.ask("/class?code=K7MQ2")[0] == 429, "nor does the right one tell that it is right"
    assert school.ask("/class?code=K7MQ2", peer="192.0.2.21")[0] == 303, "the neighbour is not held up"
    school.clock.now += TRY_SECONDS + 1
    assert school.ask("/class?code=K7MQ2")[0] == 303


def test_the_teachers_page_opens_by_its_key_and_shows_the_way_in_and_who_is_here() -> None:
    school = School()
    pupil = school.enter("K7MQ2")
    assert school.ask("/class/teacher", pupil)[0] == 403
    assert school.ask("/class/count", pupil)[0] == 403
    assert school.ask("/class/teacher?key=guess")[0] == 403
    status, headers, _ = school.ask(f"/class/teacher?key={school.members.teacher_key}", peer="127.0.0.1")
    teacher = headers["set-cookie"].split(";")[0]
    assert (status, headers["location"]) == (303, "/class/teacher")
    page = school.ask("/class/teacher", teacher)[2]
    for shown in ("https://192.0.2.7:7860", "K7MQ2", "<svg", "Windows", "AA:BB"):
        assert shown in page
    school.ask("/", pupil)
    for number in range(3):
        school.ask("/", school.enter("K7MQ2", f"192.0.2.{30 + number}"))
    school.ask("/", teacher)
    assert school.ask("/class/count", teacher)[2] == '{"here": 4}', "the teacher is not counted"
    school.clock.now += HERE_SECONDS - 1
    school.ask("/", pupil)
    school.clock.now += 2
    assert school.ask("/class/count", teacher)[2] == '{"here": 1}'


def test_what_is_shown_of_a_visitor_is_text() -> None:
    page = School().ask("/class?code=%3Cscript%3Ealert(1)%3C/script%3E")[2]
    assert "alert(1)" not in page


def test_codes_are_easy_to_read_and_hard_to_guess() -> None:
    codes = {new_code() for _ in range(200)}
    assert len(codes) > 195
    assert not set("".join(codes)) & set("IO01L")


def test_the_certificate_serves_the_days_addresses_and_is_kept(tmp_path: Path) -> None:
    files = certificate(tmp_path / "class", ["192.0.2.7"])
    if os.name == "posix":
        assert stat.S_IMODE(files[1].stat().st_mode) == 0o600
    first = fingerprint(files[0])
    assert fingerprint(certificate(tmp_path / "class", ["192.0.2.7"])[0]) == first, "devices do not ask again"
    assert fingerprint(certificate(tmp_path / "class", ["192.0.2.8"])[0]) != first, "another room, another address"
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(*files)
    trusting = ssl.create_default_context(cafile=str(files[0]))
    for name in ("192.0.2.8", "127.0.0.1", "localhost"):
        assert _shake_hands(server, trusting, name)
    with pytest.raises(ssl.SSLCertVerificationError):
        _shake_hands(server, trusting, "192.0.2.9")


def _shake_hands(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> bool:
    """Whether a browser that trusts the certificate would take it for this address."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    here = client.wrap_bio(down, up, server_hostname=name)
    there = server.wrap_bio(up, down, server_side=True)
    done = {id(here): False, id(there): False}
    for _ in range(10):
        for side in (here, there):
            if not done[id(side)]:
                try:
                    side.do_handshake()
                    done[id(side)] = True
                except ssl.SSLWantReadError:
                    continue
    return all(done.values())


def test_without_a_network_the_teacher_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    monkeypatch.setattr(network, "addresses", list)
    room = Room.open(7860)
    assert "in no network" in room.lines()
    assert room.address == ""
    assert "localhost:7860/class/teacher" in room.lines()
    assert not any(network.reachable(name) for name in ("127.0.0.1", "169.254.3.4", "0.0.0.0"))
    assert all(network.reachable(name) for name in ("192.0.2.7", "198.51.100.4"))


def test_what_is_printed_holds_the_way_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    monkeypatch.setattr(network, "addresses", lambda: ["192.0.2.7"])
    room = Room.open(7861, https=False, code="ABCDE")
    assert room.invitation == "http://192.0.2.7:7861/class?code=ABCDE"
    assert room.launch_options == {}
    lines = room.lines()
    assert "no microphone" in lines
    assert "▄" in lines, "a square to point a camera at"
