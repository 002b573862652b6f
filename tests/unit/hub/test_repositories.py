"""Hub repositories with a ``workbench.toml``, and pushing: the command line and the real client against a server."""

from __future__ import annotations

import hashlib
import json
import pickle
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from tests.hubserver import COMMIT, HubServer, Repo
from tests.unit.hub.conftest import Client
from workbench import resources
from workbench.errors import WorkbenchError
from workbench.hub import places, repositories

pytestmark = pytest.mark.hub

REPO = "owner/tuned"


def manifest(files: dict[str, bytes], **changes: str) -> bytes:
    lines = {"task": '"infill"', "adapter": '"markov"', "title": '"Tuned"', "memory_mb": "20", **changes}
    hashes = "\n".join(f'"{name}" = "{hashlib.sha256(data).hexdigest()}"' for name, data in files.items())
    card = dict.fromkeys(("summary", "code_licence", "weights_licence", "outputs_licence"), '"A test."')
    card |= {"weights_licence": '"none"', "sell": '"Yes."', "training_data": "[]"}
    text = "\n".join(f"{key} = {value}" for key, value in lines.items() if value)
    text += f"\n[files]\n{hashes}\n[card]\n" + "\n".join(f"{key} = {value}" for key, value in card.items())
    return text.encode()


def config() -> bytes:
    return resources.path("models/markov/config.json").read_bytes()


def test_a_repository_is_added_pulled_checked_and_shown(server: HubServer, client: Client) -> None:
    files = {"config.json": config()}
    server.repos[REPO] = Repo({**files, "workbench.toml": manifest(files), "evil.py": b"raise SystemExit"})
    code, out, err = client.models("add", REPO)
    assert (code, err) == (0, "")
    assert out == f"Added owner.tuned at {COMMIT[:12]}; run  workbench models pull owner.tuned  to fetch its weights.\n"
    code, out, err = client.models("check", "owner.tuned")
    assert (code, err) == (0, "")
    assert "passes all 7 checks" in out
    assert client.models("pull", "owner.tuned")[1] == "owner.tuned is on this computer, whole and checked.\n"
    assert client.models("verify", "owner.tuned", HF_HUB_OFFLINE="1")[0] == 0
    shown = json.loads(client.models("show", "owner.tuned", "--json")[1])
    assert (shown["repo"], shown["revision"], shown["origin"]) == (REPO, COMMIT, "added")
    assert server.sent["evil.py"] == 0  # nothing but what the entry lists is ever fetched
    code, _, err = client.models("add", REPO)
    assert code == 1
    assert "already" in err


def test_a_moved_branch_does_not_move_an_added_model(server: HubServer, client: Client) -> None:
    files = {"config.json": config()}
    server.repos[REPO] = Repo({**files, "workbench.toml": manifest(files)})
    assert client.models("add", REPO)[0] == 0
    server.repos[REPO] = Repo({"config.json": b"{}"}, commit="f" * 40)
    code, _, err = client.models("pull", "owner.tuned")
    assert code == 1
    assert "no longer has the revision" in err


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"adapter": '"os:system"'}, "not part of this version"),
        ({"adapter": '"workbench.create.infill.markov.model:MarkovInfiller"'}, "not part of this version"),
        ({"repo": '"owner/else"'}, "may not say where"),
        ({"default": "true"}, "may not say where"),
        ({"id": '"markov"'}, "already"),
        ({"id": '"../x"'}, "letters, digits"),
        ({"task": ""}, "lacks the field 'task'"),
        ({"odd": "[["}, "cannot be read"),
    ],
)
def test_a_bad_workbench_toml_is_refused(monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], words: str) -> None:
    text = manifest({"config.json": b"{}"}, **changes).decode()
    monkeypatch.setattr(repositories, "_read_remote", lambda repo, revision: (COMMIT, text))
    with pytest.raises(WorkbenchError, match=words) as caught:
        repositories.add(REPO)
    assert "\n" not in str(caught.value)
    assert not places.user_registry().exists()


def test_what_cannot_be_added_is_said_in_one_sentence(server: HubServer, client: Client) -> None:
    server.repos["owner/plain"] = Repo({"README.md": b"x"})
    server.repos["owner/huge"] = Repo({"workbench.toml": b"#" * 200_000})
    for words, sentence in (
        (("owner/plain",), "has no file workbench.toml"),
        (("owner/huge",), "too large"),
        (("owner/nobody",), "no repository owner/nobody"),
        (("not a name!",), "owner/name"),
        (("owner/plain", "--revision", "dev"), "no longer has the revision"),
    ):
        code, out, err = client.models("add", *words)
        assert (code, out) == (1, "")
        assert sentence in err
        assert err.count("\n") == 1
    assert "HF_HUB_OFFLINE" in client.models("add", "owner/plain", HF_HUB_OFFLINE="1")[2]


def test_a_checkpoint_with_a_malicious_pickle_is_refused(server: HubServer, client: Client, tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    body = BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(_Evil(str(witness)), 2))
    data = body.getvalue()
    server.repos[REPO] = Repo({"pytorch_model.bin": data})
    outcome = client.pull(REPO, {"pytorch_model.bin": hashlib.sha256(data).hexdigest()}, COMMIT)
    assert outcome["error"] == "BadFile"
    assert "holds code besides its weights" in outcome["text"]
    assert not outcome["torch"]  # refused before torch was even loaded
    assert not witness.exists()


class _Evil:
    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return (open, (self.path, "w"))


def test_an_embedded_model_is_pushed_as_it_lies_there(server: HubServer, client: Client) -> None:
    folder = resources.path("models/markov")
    code, out, err = client.models("push", "markov", "--repo", "owner/markov", HF_TOKEN=server.token)
    assert (code, err) == (0, "")
    assert out.startswith("Pushed markov: ")
    pushed = server.commits["owner/markov"]
    for name in ("README.md", "config.json"):
        assert pushed[name] == (folder / name).read_bytes()
    code, _, err = client.models("push", "markov", "--repo", "owner/markov")
    assert code == 1
    assert "HF_TOKEN" in err


def test_listing_and_showing_are_plain(server: HubServer, client: Client) -> None:
    code, out, _ = client.models("list")
    assert code == 0
    assert "MAY I SELL WHAT I MAKE?" in out.splitlines()[0]
    assert any(line.startswith("markov") for line in out.splitlines())
    assert json.loads(client.models("list", "--json")[1])[0]["id"] == "markov"
    code, out, err = client.models("show", "nobody")
    assert (code, out) == (1, "")
    assert "choose one of" in err
    assert server.requests == []
