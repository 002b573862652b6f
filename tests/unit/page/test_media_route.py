"""Files over HTTP: in as they come, out in ranges, and each person's for that person alone."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import quote

import pytest

from workbench.hub.hub import Hub
from workbench.hub.public import PublicRules
from workbench.hub.registry import Registry
from workbench.page.session import Pages

pytest.importorskip("gradio", reason="the app is an extra")

from starlette.applications import Starlette
from starlette.testclient import TestClient

from workbench.ui import mediaroute

MP4 = b"\0\0\0\x20ftypisom" + bytes(2_000_000)


@pytest.fixture
def pages() -> Pages:
    rules = PublicRules(max_upload_mb=3)
    return Pages(lambda: Hub(Registry.load(plugins=False, user=False), public=rules), rules)


@pytest.fixture
def client(pages: Pages) -> TestClient:
    return TestClient(Starlette(routes=mediaroute.routes(pages)))


def send(client: TestClient, data: bytes, session: str, name: str = "tune.mp4", **headers: str) -> Any:
    own = {mediaroute.SESSION: session, mediaroute.NAME: quote(name), **headers}
    return client.post(mediaroute.PATH, content=data, headers=own)


def test_a_file_goes_in_and_comes_back_in_ranges(client: TestClient, pages: Pages) -> None:
    session = secrets.token_hex(16)
    item = send(client, MP4, session, "Été à Paris.mp4").json()["item"]
    assert (item["name"], item["kind"], item["size"]) == ("Été à Paris.mp4", "video", len(MP4))
    assert pages.call({"type": "media", "session": session})["items"] == [item]
    whole = client.get(f"{mediaroute.PATH}/{item['id']}")
    assert whole.content == MP4
    assert whole.headers["x-content-type-options"] == "nosniff"
    part = client.get(f"{mediaroute.PATH}/{item['id']}", headers={"range": "bytes=4-11"})
    assert (part.status_code, part.content) == (206, b"ftypisom")
    left = pages.call({"type": "media.remove", "session": session, "id": item["id"]})
    assert left["items"] == []
    assert client.get(f"{mediaroute.PATH}/{item['id']}").status_code == 404


def test_two_people_never_see_each_others_files(client: TestClient, pages: Pages) -> None:
    ann, ben = secrets.token_hex(16), secrets.token_hex(16)
    hers = send(client, MP4, ann).json()["item"]
    his = send(client, MP4, ben).json()["item"]  # the same bytes are another file
    assert hers["id"] != his["id"]
    assert pages.call({"type": "media", "session": ben})["items"] == [his]
    for kind in ("media.remove", "import"):
        assert "no longer here" in pages.call({"type": kind, "session": ben, "id": hers["id"]})["text"]
    assert pages.call({"type": "media", "session": ann})["items"] == [hers]


@pytest.mark.parametrize("session", ["", "x", "0" * 31, "../" * 10])
def test_without_a_page_nothing_is_taken(client: TestClient, pages: Pages, session: str) -> None:
    answer = send(client, MP4, session)
    assert answer.status_code == 400
    assert "reload the page" in answer.json()["text"]
    assert not any(pages.media_folder.rglob("*"))


def test_what_is_refused_is_one_sentence_and_leaves_nothing(client: TestClient, pages: Pages) -> None:
    session = secrets.token_hex(16)
    assert "3 MB" in send(client, bytes(3_000_001), session).json()["text"]
    assert "no file the workbench knows" in send(client, b"#!/bin/sh\n" * 9_000, session).json()["text"]
    assert "is empty" in send(client, b"", session).json()["text"]
    assert not [path for path in pages.media_folder.rglob("*") if path.is_file()]
    assert client.get(f"{mediaroute.PATH}/..%2f..%2fetc%2fpasswd").status_code == 404
    assert client.get(f"{mediaroute.PATH}/{'0' * 32}").status_code == 404
