"""A model whose commit nobody has seen: pinned on first use, shown, and held to ever after. The real client."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.hubserver import COMMIT, HubServer, Repo
from tests.unit.create import amt_tiny
from tests.unit.hub.conftest import Client
from tests.unit.hub.test_amt_repository import infill

pytestmark = pytest.mark.hub

REPO, ID = "stanford-crfm/music-small-800k", "amt-small"


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def files() -> dict[str, bytes]:
    return {"config.json": amt_tiny.config_bytes(), "model.safetensors": amt_tiny.safetensors_bytes()}


def lock(client: Client) -> Any:
    return json.loads((client.home / "workbench" / "models.lock.json").read_text())["repositories"]


def test_a_curated_model_is_got_shown_run_offline_and_removed(
    server: HubServer, client: Client, tmp_path: Path
) -> None:
    there = files()
    server.repos[REPO] = Repo({**there, "README.md": b"A card.", "pytorch_model.bin": b"never fetched"})
    assert "not pinned yet" in client.models("show", ID)[1]
    code, out, err = client.models("pull", ID)
    assert (code, err) == (0, "")
    assert COMMIT[:12] in out  # the person sees what it is pinned to
    assert lock(client)[REPO]["commit"] == COMMIT
    assert {n: f["sha256"] for n, f in lock(client)[REPO]["files"].items()} == {n: sha(d) for n, d in there.items()}
    assert server.sent["pytorch_model.bin"] == 0
    assert COMMIT in client.models("show", ID)[1]
    code, out, err = infill(client, tmp_path, model=ID, HF_HUB_OFFLINE="1")
    assert (code, err) == (0, "")
    assert f"(model {ID}, seed 3)" in out
    code, out, err = client.models("remove", ID)
    assert (code, err) == (0, "")
    assert "MB" in out
    assert client.blobs(REPO) == []
    assert lock(client)[REPO]["commit"] == COMMIT  # what it was pinned to stays


def test_what_changes_after_it_was_pinned_is_refused(server: HubServer, client: Client) -> None:
    server.repos[REPO] = Repo(files())
    assert client.models("pull", ID)[0] == 0
    assert client.models("remove", ID)[0] == 0
    changed = {**files(), "model.safetensors": files()["model.safetensors"][:-1] + b"\x7f"}
    server.repos[REPO] = Repo(changed)
    code, out, err = client.models("pull", ID)
    assert (code, out) == (1, "")
    assert "not the file that was pinned" in err
    assert err.count("\n") == 1
    server.repos[REPO] = Repo(files(), commit="f" * 40)  # the branch moved on, and the old commit is gone
    code, out, err = client.models("pull", ID)
    assert code == 1
    assert "no longer has the revision" in err
    code, out, err = client.models("remove", ID, "--unpin")
    assert code == 0
    assert client.models("pull", ID)[0] == 0
    assert lock(client)[REPO]["commit"] == "f" * 40


def test_a_moving_branch_does_not_move_what_is_pinned(server: HubServer, client: Client) -> None:
    """The pin names the commit of the first answer, also for files that are fetched later."""
    server.repos[REPO] = Repo(files())
    assert client.models("pull", ID)[0] == 0
    assert client.models("remove", ID)[0] == 0
    assert client.models("pull", ID)[0] == 0
    paths = [path for method, path, _ in server.requests if "/resolve/" in path and "config.json" in path]
    assert paths
    assert all(f"/resolve/{COMMIT}/" in path for path in paths)


def test_offline_it_says_why_and_pins_nothing(server: HubServer, client: Client) -> None:
    server.repos[REPO] = Repo(files())
    code, _, err = client.models("pull", ID, HF_HUB_OFFLINE="1")
    assert code == 1
    assert "HF_HUB_OFFLINE" in err
    assert server.requests == []
    assert not (client.home / "workbench" / "models.lock.json").exists()


def test_a_broken_lock_file_is_never_pinned_over(server: HubServer, client: Client) -> None:
    server.repos[REPO] = Repo(files())
    assert client.models("pull", ID)[0] == 0
    path = client.home / "workbench" / "models.lock.json"
    for text in ("[", '{"repositories": {"a/b": {"commit": "main", "files": {}}}}', '{"repositories": 3}'):
        path.write_text(text)
        code, _, err = client.models("pull", ID)
        assert code == 1
        assert "models.lock.json" in err
        assert path.read_text() == text


def test_a_repository_cannot_choose_where_its_files_go(server: HubServer, client: Client) -> None:
    bad = {"config.json": b"{}", "model.safetensors": b"x"}
    server.repos[REPO] = Repo(bad)
    home = client.home / "workbench"
    home.mkdir(parents=True)
    entry = {"sha256": sha(b"x"), "size": 1}
    data = {"repositories": {REPO: {"commit": COMMIT, "date": "", "files": {"../../escaped": entry}}}}
    (home / "models.lock.json").write_text(json.dumps(data))
    code, _, err = client.models("pull", ID)
    assert code == 1
    assert "plain relative path" in err
    assert not list(client.home.rglob("escaped*"))
