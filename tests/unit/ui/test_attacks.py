"""What strangers try on a public server, tried here: each is refused in a sentence, and costs the others nothing."""

from __future__ import annotations

import io
import json
import logging
import secrets
import time
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from tests.unit.ui.test_door import JSON, Client
from workbench.errors import WorkbenchError
from workbench.hub.hub import Hub
from workbench.hub.public import PublicRules, log_line
from workbench.hub.registry import Registry
from workbench.page.rates import MAX_REMEMBERED, Rates
from workbench.page.session import Pages
from workbench.score.files import load
from workbench.ui import mediaroute
from workbench.ui.tabs.home import shipped_piece

RULES = PublicRules(
    max_upload_mb=3, requests_per_second=2, messages_per_second=1, page_messages_per_second=2, keep_seconds=60
)
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(60_000)


@pytest.fixture
def pages() -> Pages:
    return Pages(lambda: Hub(Registry.load(plugins=False, user=False), public=RULES), RULES)


@pytest.fixture
def client(pages: Pages) -> TestClient:
    return TestClient(Starlette(routes=mediaroute.routes(pages)))


class Clock:
    now = 50.0

    def __call__(self) -> float:
        return self.now


# Floods.


def test_a_flood_from_one_address_is_refused_and_its_neighbour_is_not() -> None:
    client = Client(RULES)
    answers = [client.ask("GET", "/", peer="203.0.113.9") for _ in range(70)]
    assert [answer[0] for answer in answers[:60]] == [200] * 60, "thirty seconds' worth may come at once"
    status, _, text = answers[-1]
    assert status == 429
    assert json.loads(text)["text"].endswith("wait a moment and try again.")
    assert client.ask("GET", "/", peer="203.0.113.10")[0] == 200
    posts = [
        client.ask("POST", "/gradio_api/component_server", JSON, [b"{}"], peer="203.0.113.11")[0] for _ in range(40)
    ]
    assert posts.count(429) == 10
    assert client.app.come == 2 * 30, "what is refused is not read"


def test_on_ones_own_computer_nobody_counts() -> None:
    client = Client(None)
    assert {client.ask("GET", "/")[0] for _ in range(400)} == {200}


def test_a_bucket_fills_again_and_memory_is_bounded_whoever_asks() -> None:
    clock = Clock()
    rates = Rates(2.0, 3.0, clock)
    assert [rates.allow("a") for _ in range(4)] == [True, True, True, False]
    clock.now += 1.0
    assert [rates.allow("a") for _ in range(3)] == [True, True, False]
    for number in range(MAX_REMEMBERED + 500):
        rates.allow(f"x{number}")
    assert len(rates._level) == MAX_REMEMBERED


def test_a_page_that_floods_is_told_so_and_another_is_not(pages: Pages) -> None:
    loud, quiet = secrets.token_hex(16), secrets.token_hex(16)
    said = [pages.call({"type": "models.choices", "task": "infill", "session": loud}) for _ in range(40)]
    assert [reply["type"] for reply in said[:30]].count("error") == 0
    assert [reply["type"] for reply in said].count("error") >= 5
    assert "sends very much at once" in said[-1]["text"]
    assert pages.call({"type": "models.choices", "task": "infill", "session": quiet})["type"] != "error"


# Paths and ids.


@pytest.mark.parametrize(
    "path",
    ["../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", "/etc/passwd", "0" * 31, "0" * 33,
     "g" * 32, "0" * 31 + "%00", "0" * 32 + "/../../etc/passwd", "*"],
)  # fmt: skip
def test_the_media_route_gives_what_has_an_id_and_nothing_else(client: TestClient, path: str) -> None:
    answer = client.get(f"{mediaroute.PATH}/{path}")
    assert answer.status_code == 404
    assert b"root:" not in answer.content


def test_ids_cannot_be_guessed_and_are_no_key_to_the_page(client: TestClient, pages: Pages) -> None:
    ids, session = set(), secrets.token_hex(16)
    for _ in range(8):
        headers = {mediaroute.SESSION: session, mediaroute.NAME: "a.wav"}
        ids.add(client.post(mediaroute.PATH, content=WAV, headers=headers).json()["item"]["id"])
    assert all(len(name) == 32 for name in ids), "128 bits each"
    assert len({name[:4] for name in ids}) > 5, "they do not count up"
    other = pages.call({"type": "media.remove", "media": next(iter(ids)), "session": secrets.token_hex(16)})
    assert other["type"] == "error", "who knows an id may see the file, not delete it"
    assert client.get(f"{mediaroute.PATH}/{next(iter(ids))}").status_code == 200


def test_another_sessions_job_cannot_be_stopped(pages: Pages) -> None:
    mine, theirs = secrets.token_hex(16), secrets.token_hex(16)
    from workbench.hub.protocol import CancelScope

    scope = CancelScope()
    pages.page({"session": mine}).jobs["job-1"] = scope
    pages.call({"type": "stop", "id": "job-1", "session": theirs})
    assert scope.generation == 0
    pages.call({"type": "stop", "id": "job-1", "session": mine})
    assert scope.generation == 1


# Names.


@pytest.mark.parametrize(
    "name",
    ["<img src=x onerror=alert(1)>.wav", '"><script>alert(1)</script>.wav', "a\r\nSet-Cookie: x=1\r\n\r\n<html>.wav",
     "../../../etc/cron.d/evil.wav", "C:\\windows\\system32\\evil.wav", "\u202egnp.exe.wav", "\0.wav", "a" * 5_000],
)  # fmt: skip
def test_a_name_is_text_and_no_header_and_no_path(client: TestClient, pages: Pages, name: str) -> None:
    session = secrets.token_hex(16)
    headers = {mediaroute.SESSION: session, mediaroute.NAME: quote(name)}
    item = client.post(mediaroute.PATH, content=WAV, headers=headers).json()["item"]
    shown = item["name"]
    assert shown.isprintable()
    assert len(shown) <= 120
    assert not set(shown) & set("/\\\r\n\0\u202e")
    assert pages.find_media(item["id"]).path.name == item["id"], "the disk knows it by its id alone"
    answer = client.get(f"{mediaroute.PATH}/{item['id']}")
    assert "set-cookie" not in answer.headers
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


def test_what_a_visitor_writes_makes_no_line_in_the_log(pages: Pages, caplog: pytest.LogCaptureFixture) -> None:
    evil = "infill\nCRITICAL everything is fine\x1b[2J"
    with caplog.at_level(logging.DEBUG):
        session = secrets.token_hex(16)
        pages.call({"type": evil, "session": session})
        pages.call({"type": "open", "score": evil, "revision": 0, "reason": evil, "session": session})
        list(pages.answer({"type": "fill", "id": "j1", "model": evil, "session": session, "request": {}, "seed": 1}))
    assert "CRITICAL" not in caplog.text
    assert "\n" not in log_line({"task": "infill", "outcome": "done", "text": evil})


# Files that are more, or other, than they seem.


def packed(name: str, data: bytes, copies: int = 1) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for copy in range(copies):
            archive.writestr(f"{copy or ''}{name}", data)
    return out.getvalue()


def chunk(kind: bytes, data: bytes, size: int | None = None) -> bytes:
    return kind + (len(data) if size is None else size).to_bytes(4, "big") + data


HEAD = chunk(b"MThd", b"\0\1\0\1\x01\xe0")
HOSTILE = {
    "a project of 200 MB of zeros": ("x.wbz", lambda: packed("score.json", bytes(200_000_000))),
    "a project of ten thousand files": ("x.wbz", lambda: packed("media/a.txt", b"x", 10_000)),
    "a project that climbs": ("x.wbz", lambda: packed("../../evil", b"x")),
    "MusicXML of 150 MB": ("x.mxl", lambda: packed("score.xml", b"<a>" + bytes(150_000_000))),
    "MusicXML that multiplies": (
        "x.musicxml",
        lambda: b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + b"".join(
            b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
        ) + b"]><score-partwise>&j;</score-partwise>",
    ),
    "MusicXML that reads files": (
        "x.musicxml",
        lambda: b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><score-partwise>&x;</score-partwise>',
    ),
    "MusicXML nested deeply": ("x.musicxml", lambda: b"<a>" * 200_000),
    "MIDI with a track of 4 GB": ("x.mid", lambda: HEAD + chunk(b"MTrk", b"\0\x90<\x40", 0xFFFFFFFF)),
    "MIDI of 300,000 notes": (
        "x.mid", lambda: HEAD + chunk(b"MTrk", b"\0\x90<\x40\1\x80<\0" * 300_000 + b"\0\xff/\0")
    ),
    "MIDI of 65,535 tracks": ("x.mid", lambda: chunk(b"MThd", b"\0\1\xff\xff\x01\xe0") + b"MTrk\0\0\0\0" * 65_535),
    "MIDI that never ends a number": ("x.mid", lambda: HEAD + chunk(b"MTrk", b"\xff" * 500_000)),
    "MIDI with no resolution": ("x.mid", lambda: chunk(b"MThd", b"\0\1\0\1\0\0") + chunk(b"MTrk", b"\0\xff/\0")),
    "MIDI with a text of 200 MB": ("x.mid", lambda: HEAD + chunk(b"MTrk", b"\0\xff\1\xdf\xff\xff\x7fx")),
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_refused_soon_in_a_sentence_or_opened_small(what: str, tmp_path: Path) -> None:
    name, make = HOSTILE[what]
    path = tmp_path / name
    path.write_bytes(make())
    tracemalloc.start()
    begun = time.perf_counter()
    try:
        opened = load(path, name)
    except WorkbenchError as problem:
        text = str(problem)
        assert text.endswith((".", ")"))
        assert len(text) < 400
        assert "root:" not in text
    else:
        assert opened.score.note_count < 200_000
    seconds, most = time.perf_counter() - begun, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert seconds < 20
    assert most < 250_000_000
    assert [item.name for item in tmp_path.iterdir()] == [name], "nothing is left, and nothing climbed out"


# Pages elsewhere.


@pytest.mark.parametrize("path", ["component_server", "queue/join", "upload", "media", "call/render", "log", "cancel"])
def test_a_foreign_page_cannot_send_anything_in_a_visitors_name(path: str) -> None:
    for origin in ("https://evil.example", "null", "http://127.0.0.1.evil.example:7860", "http://127.0.0.1:9999"):
        client = Client(PublicRules())
        status, headers, _ = client.ask("POST", f"/gradio_api/{path}", {**JSON, "origin": origin}, [b"{}"])
        assert status == 403, origin
        assert "access-control-allow-origin" not in headers
        assert client.app.come == 0


def test_every_answer_tells_browsers_what_it_may_do() -> None:
    _, headers, _ = Client(PublicRules()).ask("GET", "/")
    policy = headers["content-security-policy"]
    for rule in ("default-src 'self'", "object-src 'none'", "base-uri 'self'", "form-action 'self'", "frame-ancestors"):
        assert rule in policy
    assert "*" not in policy.replace("https://*.huggingface.co", "").replace("https://*.hf.space", "")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "microphone=(self)" in headers["permissions-policy"]
    assert "geolocation=()" in headers["permissions-policy"]


def test_messages_of_every_wrong_shape_are_answered_in_a_sentence(pages: Pages) -> None:
    session: dict[str, Any] = {"session": secrets.token_hex(16)}
    deep: Any = []
    for _ in range(500):
        deep = [deep]
    score = shipped_piece("opening").to_dict()
    for message in (
        None, [], "x", {}, {"type": {}}, {"type": "open"}, {"type": "ops", **session}, {"type": "__class__", **session},
        {"type": "open", "score": deep, **session}, {"type": "open", "score": {**score, "tracks": [{}] * 9}, **session},
        {"type": "open", "score": {**score, "ppq": 10**30}, **session}, {"session": "../../etc", "type": "open"},
    ):  # fmt: skip
        reply = pages.call(message)
        assert reply["type"] in ("error", "need")
        assert "Traceback" not in json.dumps(reply)
