"""The door: who and what is let in, as it comes, and what every answer tells a browser."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from workbench import resources
from workbench.hub.public import PublicRules
from workbench.ui import door as doors
from workbench.ui.callers import BACK_SECONDS, BEGIN_SECONDS, Callers
from workbench.ui.door import Door
from workbench.ui.hosts import Hosts, address_of

JSON = {"content-type": "application/json"}
CALL = "/gradio_api/component_server"
PUBLIC = "/srv/public"


def finished(work: Any) -> None:
    """Run a coroutine to its end in a thread of its own: a browser that other tests drive keeps a loop in this one."""
    with ThreadPoolExecutor(1) as own:
        own.submit(asyncio.run, work).result()


class App:
    """What stands behind the door: reads everything and remembers it."""

    def __init__(self) -> None:
        self.scopes: list[Any] = []
        self.come = 0
        self.content_type = b"text/html"

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scopes.append(scope)
        while scope["method"] == "POST":
            message = await receive()
            self.come += len(message.get("body", b""))
            if message["type"] != "http.request" or not message.get("more_body"):
                break
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", self.content_type)]})
        await send({"type": "http.response.body", "body": b"fine"})


class Client:
    """Asks a door, without a network."""

    def __init__(self, rules: PublicRules | None = None, hosts: Hosts | None = None) -> None:
        self.app, self.callers = App(), Callers()
        self.door = Door(self.app, hosts or Hosts(), rules, self.callers, PUBLIC)

    def ask(
        self, method: str, path: str, headers: dict[str, str] | None = None, pieces: list[bytes] | None = None,
        peer: str = "203.0.113.5",
    ) -> tuple[int, dict[str, str], str]:  # fmt: skip
        """Status, headers and text of the answer."""
        given = {"host": "127.0.0.1:7860", **(headers or {})}
        path, _, query = path.partition("?")
        scope = {
            "type": "http", "method": method, "path": path, "query_string": query.encode(), "client": (peer, 1),
            "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        }  # fmt: skip
        waiting, answers = list(pieces or [b""]), []
        self.read = 0

        async def receive() -> dict[str, Any]:
            piece = waiting.pop(0)
            self.read += len(piece)
            return {"type": "http.request", "body": piece, "more_body": bool(waiting)}

        async def send(message: Any) -> None:
            answers.append(message)

        finished(self.door(scope, receive, send))
        found = {name.decode(): value.decode() for name, value in answers[0]["headers"]}
        assert [answer["type"] for answer in answers] == ["http.response.start", "http.response.body"]
        return answers[0]["status"], found, answers[1]["body"].decode()


# Names.


@pytest.mark.parametrize("host", ["127.0.0.1:7860", "localhost:7860", "[::1]:7860", "LOCALHOST", "app.localhost"])
def test_its_own_names_are_answered(host: str) -> None:
    assert Client().ask("GET", "/", {"host": host})[0] == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "192.168.1.7", "", "a b", "[::1"]
)
def test_foreign_names_are_refused_in_a_sentence(host: str) -> None:
    status, _, text = Client().ask("GET", "/", {"host": host or "."})
    assert status == 421
    assert json.loads(text)["detail"].endswith(".")


def test_on_a_network_addresses_and_the_owners_names_are_answered_and_others_are_not() -> None:
    hosts = Hosts("0.0.0.0", frozenset({"music.school.example", "*.lan"}))
    for host in ("192.168.1.7:7860", "music.school.example", "teacher.lan"):
        assert Client(hosts=hosts).ask("GET", "/", {"host": host})[0] == 200, host
    for host in ("evil.example", "school.example", "evillan"):
        assert Client(hosts=hosts).ask("GET", "/", {"host": host})[0] == 421, host


def test_a_space_answers_by_its_own_name_and_may_be_framed_by_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYSTEM", "spaces")
    hosts = Hosts.here("0.0.0.0")
    client = Client(PublicRules(proxies=1), hosts)
    status, headers, _ = client.ask("GET", "/", {"host": "someone-music.hf.space"})
    assert status == 200
    assert "frame-ancestors 'self' https://huggingface.co" in headers["content-security-policy"]
    assert client.ask("GET", "/", {"host": "evil.example"})[0] == 421
    own = {"host": "someone-music.hf.space", "origin": "https://someone-music.hf.space", **JSON}
    assert client.ask("POST", CALL, own)[0] == 200
    assert client.ask("POST", CALL, {**own, "origin": "https://other.hf.space"})[0] == 403


# Origins and types.


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),  # a program
        ({"origin": "http://127.0.0.1:7860", "sec-fetch-site": "same-origin"}, 200),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://127.0.0.1:8000"}, 403),
        ({"origin": "http://localhost:7860"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/x-www-form-urlencoded"}, 415),
        ({"content-type": "multipart/form-data; boundary=x"}, 415),
        ({"content-type": "application/json; charset=utf-8"}, 200),
    ],
)
def test_only_the_own_page_and_programs_are_obeyed(headers: dict[str, str], status: int) -> None:
    client = Client()
    assert client.ask("POST", CALL, {**JSON, **headers})[0] == status
    assert len(client.app.scopes) == (status == 200)


def test_a_proxy_that_is_trusted_may_say_by_which_name_it_was_asked() -> None:
    headers = {**JSON, "origin": "https://music.example.org", "x-forwarded-host": "music.example.org"}
    assert Client(PublicRules(proxies=1)).ask("POST", CALL, headers)[0] == 200
    assert Client(PublicRules()).ask("POST", CALL, headers)[0] == 403


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/gradio_api/vibe-edit/"), ("GET", "/gradio_api/vibe-code/"), ("GET", "/monitoring/summary"),
        ("GET", "/gradio_api/proxy=https://a.hf.space/x"), ("POST", "/gradio_api/process_recording"),
        ("POST", "/gradio_api/run-history/connect"), ("PUT", "/"), ("DELETE", "/gradio_api/unknown"),
    ],
)  # fmt: skip
def test_what_nobody_needs_is_closed(method: str, path: str) -> None:
    client = Client()
    assert client.ask(method, path, JSON)[0] == 404
    assert not client.app.scopes


# Sizes.


def test_a_large_call_is_refused_unread_by_what_it_says_and_as_it_comes() -> None:
    client = Client(PublicRules(max_upload_mb=1))
    status, headers, text = client.ask("POST", CALL, {**JSON, "content-length": "300000000"}, [b"x" * 1_000_000] * 300)
    assert (status, client.read, client.app.come) == (413, 0, 0)
    assert headers["connection"] == "close"
    assert json.loads(text)["detail"].endswith(".")
    status, _, text = client.ask("POST", CALL, JSON, [b"x" * 500_000] * 600)
    assert status == 413
    assert client.read < 4_000_000
    assert client.app.come < 3_000_000
    assert client.ask("POST", CALL, JSON, [b"x" * 500_000] * 3)[0] == 200
    assert client.ask("POST", CALL, {**JSON, "content-length": "-5"}, [b"x"])[0] == 413


def test_uploads_have_a_limit_each_together_and_in_all() -> None:
    rules = PublicRules(max_upload_mb=2, uploads_per_address_mb=5, uploads_mb=7)
    client = Client(rules)
    form = {"content-type": "multipart/form-data; boundary=x"}

    def upload(mb: int, peer: str = "203.0.113.5", path: str = "/gradio_api/upload") -> int:
        kind = form if path.endswith("upload") else {"content-type": "application/octet-stream"}
        return client.ask("POST", path, kind, [b"x" * 1_000_000] * mb, peer)[0]

    assert upload(3) == 413, "eight files of two are sixteen"
    assert upload(2) == 200
    assert upload(2, path="/gradio_api/media") == 200
    assert upload(2) == 429, "one address may bring five within the hour"
    assert upload(2, "203.0.113.6") == 200
    assert upload(2, "203.0.113.7") == 429, "and all together seven"
    assert client.ask("POST", CALL, JSON, [b"x" * 1_000_000])[0] == 200, "calls are counted apart"


def test_who_sends_nothing_more_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "PATIENCE_SECONDS", 0.05)
    client, answers = Client(), []
    scope = {
        "type": "http", "method": "POST", "path": CALL, "query_string": b"", "client": ("::1", 1),
        "headers": [(b"host", b"localhost"), (b"content-type", b"application/json")],
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(60)
        return {}

    async def send(message: Any) -> None:
        answers.append(message)

    finished(client.door(scope, receive, send))
    assert answers[0]["status"] == 408


# What browsers are told.


def test_pages_say_what_they_may_do_and_files_may_do_nothing() -> None:
    client = Client()
    headers = client.ask("GET", "/")[1]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "microphone=(self), midi=(self), camera=(self)" in headers["permissions-policy"]
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    own = client.ask("GET", f"/gradio_api/file={PUBLIC}/genie.html")[1]
    assert "script-src 'self'" in own["content-security-policy"]
    client.app.content_type = b"image/svg+xml"
    made = client.ask("GET", "/gradio_api/file=/tmp/exports/0123/piece.svg")[1]
    assert "sandbox" in made["content-security-policy"]
    assert "script-src" not in made["content-security-policy"]
    assert client.ask("GET", "/gradio_api/info")[1]["x-content-type-options"] == "nosniff"


# The Genie's weights.


def test_pages_are_given_the_weights_that_the_owner_offers(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    client.door = Door(client.app, Hosts(), None, client.callers, resources.path("web/public").as_posix())
    own = f"/gradio_api/file={resources.path('web/public').as_posix()}"
    headers = client.ask("GET", f"{own}/genie.safetensors")[1]
    assert client.app.scopes[-1]["path"] == f"{own}/genie.safetensors"
    assert headers["cache-control"] == "no-cache"  # the owner may choose otherwise
    assert client.ask("GET", f"{own}/genie.html")[2] == "fine"  # the app's own answer
    monkeypatch.setenv("WORKBENCH_WEIGHTS", "open")
    client.ask("GET", f"{own}/genie.safetensors")
    assert client.app.scopes[-1]["path"] == f"{own}/genie-open.safetensors"
    assert client.app.scopes[-1]["raw_path"] == f"{own}/genie-open.safetensors".encode()
    client.ask("GET", "/gradio_api/file=/tmp/exports/genie.safetensors")
    assert client.app.scopes[-1]["path"] == "/gradio_api/file=/tmp/exports/genie.safetensors"
    status, headers, page = client.ask("GET", f"{own}/genie.html")
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "script-src 'self'" in headers["content-security-policy"]
    inside = re.search(r'data-asset="genie.safetensors" data-base64>([^<]*)<', page)
    assert inside is not None
    assert base64.b64decode(inside[1]) == resources.path("models/piano-genie-open/model.safetensors").read_bytes()
    assert page.count("data-asset=") == resources.path("web/public/genie.html").read_text().count("data-asset=")


# Addresses.


def test_an_address_is_believed_from_the_owners_proxies_alone() -> None:
    forged = {"x-forwarded-for": "198.51.100.1, 203.0.113.9"}
    assert address_of("192.0.2.1", forged, 0) == "192.0.2.1"
    assert address_of("192.0.2.1", forged, 1) == "203.0.113.9"
    assert address_of("192.0.2.1", forged, 2) == "198.51.100.1"
    assert address_of("192.0.2.1", forged, 3) == "192.0.2.1"
    assert address_of("192.0.2.1", {"x-forwarded-for": "nonsense"}, 1) == "192.0.2.1"
    near = {address_of("x", {"x-forwarded-for": f"2001:db8:1:2::{end}"}, 1) for end in range(1, 5)}
    assert len(near) == 1, "one IPv6 subscriber has countless addresses"
    client = Client(PublicRules(proxies=1))
    client.ask("GET", "/", forged)
    assert client.app.scopes[0]["client"][0] == "203.0.113.9"


# Who listens.


def test_the_door_notes_who_listens() -> None:
    client = Client()
    seen = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(client.callers.gone({"abc"}, 0.0))
        await client.app(scope, receive, send)

    client.door._app = app
    client.ask("GET", "/gradio_api/queue/data?session_hash=abc")
    client.ask("GET", "/gradio_api/call/fill/abc")
    client.ask("GET", "/gradio_api/call/v2/fill/abc")
    client.ask("GET", "/gradio_api/queue/data?session_hash=other")
    assert seen[:3] == [False] * 3


def test_a_caller_has_gone_when_nobody_listens_any_more() -> None:
    now = [100.0]
    callers = Callers(lambda: now[0])
    assert not callers.gone({"a", "b"}, 100.0)
    now[0] += BEGIN_SECONDS + 1
    assert callers.gone({"a", "b"}, 100.0), "nobody has come to listen"
    with callers.listening("b"):
        assert not callers.gone({"a", "b"}, 100.0)
    assert not callers.gone({"a", "b"}, 100.0)
    now[0] += BACK_SECONDS + 0.1
    assert callers.gone({"a", "b"}, 100.0)
