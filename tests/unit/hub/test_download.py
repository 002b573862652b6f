"""Weights over a line that breaks, lies and falls silent: the real client against a local server."""

from __future__ import annotations

import hashlib
import json
import random
import socket
import time
from pathlib import Path

import pytest

from tests.hubserver import BLOCK, COMMIT, HubServer, Repo
from tests.unit.hub.conftest import PULLER, Client

pytestmark = pytest.mark.hub

REPO, NAME = "owner/tune", "model.safetensors"
SMALL = random.Random(1).randbytes(3 * BLOCK + 17)
LARGE = random.Random(2).randbytes(160 * BLOCK + 5)


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_a_file_lands_where_the_client_finds_it(server: HubServer, client: Client) -> None:
    server.repos[REPO] = Repo({NAME: SMALL, "config.json": b"{}"})
    files = {NAME: digest(SMALL), "config.json": digest(b"{}")}
    outcome = client.pull(REPO, files, COMMIT, client_too=True)
    assert outcome["in_cache"] == {NAME: True, "config.json": True}
    assert outcome["client"] == outcome["files"][NAME]
    assert Path(outcome["files"][NAME]).read_bytes() == SMALL
    assert server.sent == {NAME: len(SMALL), "config.json": 2}
    assert outcome["origin"] == "hub"
    assert client.pull(REPO, files, COMMIT)["origin"] == "cache"
    assert server.sent == {NAME: len(SMALL), "config.json": 2}
    assert len(client.blobs(REPO)) == 2  # nothing but the two files: no parts, no marks


def test_a_killed_download_goes_on_where_it_stopped(server: HubServer, client: Client) -> None:
    server.repos[REPO] = Repo({NAME: LARGE})
    server.faults.delay = 0.005
    plan = json.dumps({"repo": REPO, "files": {NAME: digest(LARGE)}, "revision": COMMIT})
    first = client.start(str(PULLER), plan)
    part = client.cache / "models--owner--tune" / "blobs" / f"{digest(LARGE)}.part"
    deadline = time.monotonic() + 90
    while not (part.exists() and part.stat().st_size > len(LARGE) // 4) and time.monotonic() < deadline:
        time.sleep(0.005)
    first.kill()
    first.communicate()
    arrived = part.stat().st_size
    assert len(LARGE) // 4 < arrived < len(LARGE)
    server.faults.delay = 0.0
    outcome = client.pull(REPO, {NAME: digest(LARGE)}, COMMIT)
    assert Path(outcome["files"][NAME]).read_bytes() == LARGE
    resumed = [headers for method, path, headers in server.requests if method == "GET" and "Range" in headers]
    assert [headers["Range"] for headers in resumed] == [f"bytes={arrived}-"]
    assert resumed[0]["If-Range"] == f'"{digest(LARGE)}"'
    assert server.bodies == [(arrived, len(LARGE) - arrived)]  # not a byte that had arrived is fetched again


def test_a_line_that_breaks_three_times_is_taken_up_again(server: HubServer, client: Client) -> None:
    server.repos[REPO] = Repo({NAME: LARGE})
    server.faults.cut_after, server.faults.cuts = 40 * BLOCK, 3
    outcome = client.pull(REPO, {NAME: digest(LARGE)}, COMMIT)
    assert Path(outcome["files"][NAME]).read_bytes() == LARGE
    assert server.sent[NAME] == len(LARGE)


def test_a_line_that_gives_nothing_ends_in_one_sentence(server: HubServer, client: Client) -> None:
    server.repos[REPO] = Repo({NAME: LARGE})
    server.faults.cut_after, server.faults.cuts = 1, 2
    outcome = client.pull(REPO, {NAME: digest(LARGE)}, COMMIT)
    assert "files" in outcome  # it goes on as long as each try brings something
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
    outcome = client.pull("owner/other", {NAME: digest(SMALL)}, COMMIT, env={"HF_ENDPOINT": address})
    assert outcome["error"] == "Unavailable"
    assert "cannot be reached" in outcome["text"]


def test_stop_is_obeyed_although_the_server_has_fallen_silent(server: HubServer, client: Client) -> None:
    server.repos[REPO] = Repo({NAME: LARGE})
    server.faults.hang_after = len(LARGE) // 2
    try:
        outcome = client.pull(REPO, {NAME: digest(LARGE)}, COMMIT, stop_at=0.4)
    finally:
        server.faults.hang_after = 0
    assert outcome["error"] == "Cancelled"
    assert outcome["in_cache"] == {NAME: False}
    arrived = (client.cache / "models--owner--tune" / "blobs" / f"{digest(LARGE)}.part").stat().st_size
    assert arrived > 0
    assert "files" in client.pull(REPO, {NAME: digest(LARGE)}, COMMIT)
    assert server.bodies == [(arrived, len(LARGE) - arrived)]


def test_a_server_without_etags_is_resumed_too(server: HubServer, client: Client) -> None:
    server.repos[REPO] = Repo({NAME: LARGE})
    server.faults.weak_etags = True
    assert client.pull(REPO, {NAME: digest(LARGE)}, COMMIT, stop_at=0.1)["error"] == "Cancelled"
    outcome = client.pull(REPO, {NAME: digest(LARGE)}, COMMIT)
    assert Path(outcome["files"][NAME]).read_bytes() == LARGE
    assert any("Range" in headers for _, _, headers in server.requests)


@pytest.mark.parametrize("etag", ['"another"', None])
def test_a_part_of_something_else_does_no_harm(server: HubServer, client: Client, etag: str | None) -> None:
    server.repos[REPO] = Repo({NAME: SMALL})
    folder = client.cache / "models--owner--tune" / "blobs"
    folder.mkdir(parents=True)
    (folder / f"{digest(SMALL)}.part").write_bytes(b"x" * BLOCK)
    if etag:
        (folder / f"{digest(SMALL)}.etag").write_text(etag)
    outcome = client.pull(REPO, {NAME: digest(SMALL)}, COMMIT)
    assert Path(outcome["files"][NAME]).read_bytes() == SMALL


def test_a_corrupted_body_leaves_nothing_behind(server: HubServer, client: Client) -> None:
    server.repos[REPO] = Repo({NAME: SMALL})
    server.faults.corrupt = True
    outcome = client.pull(REPO, {NAME: digest(SMALL)}, COMMIT)
    assert outcome["error"] == "Unavailable"
    assert "not the file that was pinned" in outcome["text"]
    assert outcome["in_cache"] == {NAME: False}
    assert client.blobs(REPO) == []


def test_a_file_that_was_exchanged_is_not_even_fetched(server: HubServer, client: Client) -> None:
    server.repos[REPO] = Repo({NAME: SMALL})
    outcome = client.pull(REPO, {NAME: digest(b"what was pinned")}, COMMIT)
    assert "not the file that was pinned" in outcome["text"]
    assert server.sent[NAME] == 0


def test_a_server_cannot_choose_where_a_file_goes(server: HubServer, client: Client) -> None:
    server.repos[REPO] = Repo({NAME: SMALL})
    server.faults.etag = "../../../../escaped"
    outcome = client.pull(REPO, {NAME: digest(SMALL)}, COMMIT)
    assert "does not answer like the Hub" in outcome["text"]
    assert not list(client.home.rglob("escaped*"))


def test_a_blob_that_went_bad_on_disk_is_fetched_again(server: HubServer, client: Client) -> None:
    server.repos[REPO] = Repo({NAME: SMALL})
    path = Path(client.pull(REPO, {NAME: digest(SMALL)}, COMMIT)["files"][NAME])
    path.resolve().write_bytes(b"rotten")
    offline = client.pull(REPO, {NAME: digest(SMALL)}, COMMIT, download=False)
    assert "has not been pulled" in offline["text"]
    assert not path.exists()
    assert Path(client.pull(REPO, {NAME: digest(SMALL)}, COMMIT)["files"][NAME]).read_bytes() == SMALL


def test_what_is_missing_or_forbidden_is_said_in_one_sentence(server: HubServer, client: Client) -> None:
    server.repos[REPO] = Repo({NAME: SMALL})
    server.repos["owner/gated"] = Repo({NAME: SMALL}, gated=True)
    files = {NAME: digest(SMALL)}
    for repo, names, revision, words in (
        ("owner/nothing", files, COMMIT, "There is no repository owner/nothing"),
        (REPO, {"other.safetensors": digest(SMALL)}, COMMIT, "has no file other.safetensors"),
        (REPO, files, "f" * 40, "no longer has the revision"),
        ("owner/gated", files, COMMIT, "is gated"),
    ):
        outcome = client.pull(repo, names, revision)
        assert outcome["error"] == "Unavailable"
        assert words in outcome["text"]
        assert outcome["text"].count(".") <= 3
        assert "\n" not in outcome["text"]
    opened = client.pull("owner/gated", files, COMMIT, env={"HF_TOKEN": server.token})
    assert Path(opened["files"][NAME]).read_bytes() == SMALL


def test_the_offline_flag_is_obeyed_and_the_cache_still_used(server: HubServer, client: Client) -> None:
    server.repos[REPO] = Repo({NAME: SMALL})
    files = {NAME: digest(SMALL)}
    outcome = client.pull(REPO, files, COMMIT, env={"HF_HUB_OFFLINE": "1"})
    assert "HF_HUB_OFFLINE" in outcome["text"]
    assert server.requests == []
    client.pull(REPO, files, COMMIT)
    asked = len(server.requests)
    assert client.pull(REPO, files, COMMIT, env={"HF_HUB_OFFLINE": "1"})["origin"] == "cache"
    assert len(server.requests) == asked


@pytest.mark.parametrize(("disk", "words"), [("small", "free some space"), ("full", "The disk is full")])
def test_a_full_disk_is_one_sentence_before_and_during(
    server: HubServer, client: Client, disk: str, words: str
) -> None:
    server.repos[REPO] = Repo({NAME: SMALL})
    outcome = client.pull(REPO, {NAME: digest(SMALL)}, COMMIT, disk=disk)
    assert outcome["error"] == "Unavailable"
    assert words in outcome["text"]
    assert outcome["in_cache"] == {NAME: False}
    assert "files" in client.pull(REPO, {NAME: digest(SMALL)}, COMMIT)
