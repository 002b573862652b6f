"""A repository of the real layout, from the command line and the real client to a filled piece."""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path

import pytest

from tests.hubserver import COMMIT, HubServer, Repo
from tests.unit.create import amt_tiny
from tests.unit.create.scores import band
from tests.unit.hub.conftest import Client
from workbench import resources
from workbench.errors import BadFile
from workbench.hub import templates
from workbench.hub.registry import built_in_adapters
from workbench.hub.spec import spec_from_table
from workbench.score.files import load
from workbench.score.midi.files import write_midi

pytestmark = pytest.mark.hub

REPO, ID = "stanford-crfm/music-small-800k", "stanford-crfm.music-small-800k"


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def infill(client: Client, folder: Path, *more: str, model: str = ID, **env: str) -> tuple[int, str, str]:
    """``workbench infill`` of two bars of a small piece with the model."""
    tune = folder / "tune.mid"
    tune.write_bytes(write_midi(band(6)))
    process = client.start(
        "-m", "workbench", "infill", str(tune), "--from", "3", "--to", "4", "--track", "1", "--seed", "3",
        "--model", model, "-o", str(folder / "filled.mid"), *more, OMP_NUM_THREADS="1", **env,
    )  # fmt: skip
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


def test_a_repository_with_safetensors_is_pinned_on_first_use_and_fills_a_gap(
    server: HubServer, client: Client, tmp_path: Path
) -> None:
    files = {"config.json": amt_tiny.config_bytes(), "model.safetensors": amt_tiny.safetensors_bytes()}
    server.repos[REPO] = Repo({**files, "README.md": b"A card.", "pytorch_model.bin": b"never fetched"})
    code, out, err = client.models("add", REPO)
    assert (code, err) == (0, "")
    assert f"Added {ID} at {COMMIT[:12]}." in out
    for name, data in files.items():
        assert f"{name} {sha(data)[:16]}" in out  # the person sees what was pinned
    assert out.count("\n") == 1
    entry = tomllib.loads((client.home / "workbench" / "models.toml").read_text())["models"][ID]
    assert entry["revision"] == COMMIT
    assert entry["files"] == {name: sha(data) for name, data in files.items()}
    shown = client.models("show", ID)[1]
    assert "pinned the commit and the sha256 that the Hub reported" in shown
    assert "Lakh MIDI Dataset" in shown
    assert client.models("pull", ID)[0] == 0
    assert server.sent["pytorch_model.bin"] == 0
    code, out, err = infill(client, tmp_path, HF_HUB_OFFLINE="1")
    assert (code, err) == (0, "")
    assert f"(model {ID}, seed 3)" in out
    first = [note for _, note in load(tmp_path / "filled.mid").score.all_notes()]
    assert infill(client, tmp_path, HF_HUB_OFFLINE="1")[0] == 0
    assert [note for _, note in load(tmp_path / "filled.mid").score.all_notes()] == first


def test_a_repository_with_only_a_torch_checkpoint_is_converted_once(
    server: HubServer, client: Client, tmp_path: Path
) -> None:
    data = amt_tiny.checkpoint_bytes()
    server.repos[REPO] = Repo({"config.json": amt_tiny.config_bytes(), "pytorch_model.bin": data})
    assert client.models("add", REPO)[0] == 0
    code, out, err = infill(client, tmp_path)
    assert (code, err) == (0, "")
    assert f"(model {ID}, seed 3)" in out
    converted = list((client.home / "huggingface" / "workbench" / "converted").iterdir())
    assert [path.name for path in converted] == [f"{sha(data)}.safetensors"]
    assert server.sent["pytorch_model.bin"] == len(data)


def test_a_repository_that_changed_after_it_was_added_is_not_used(
    server: HubServer, client: Client, tmp_path: Path
) -> None:
    files = {"config.json": amt_tiny.config_bytes(), "model.safetensors": amt_tiny.safetensors_bytes()}
    server.repos[REPO] = Repo(files)
    assert client.models("add", REPO)[0] == 0
    changed = files["model.safetensors"][:-1] + b"\x7f"
    server.repos[REPO] = Repo({**files, "model.safetensors": changed})
    code, out, _ = infill(client, tmp_path)
    assert code == 0
    assert ID not in out.partition("(model ")[2].partition(",")[0]  # the embedded model wrote the notes ...
    assert "model.safetensors" in out  # ... and the person is told why


def test_another_vocabulary_is_refused_and_the_embedded_model_steps_in(
    server: HubServer, client: Client, tmp_path: Path
) -> None:
    config = json.dumps({**amt_tiny.CONFIG, "vocab_size": 34_025}).encode()
    server.repos[REPO] = Repo({"config.json": config, "model.safetensors": amt_tiny.safetensors_bytes()})
    assert client.models("add", REPO)[0] == 0
    code, out, _ = infill(client, tmp_path)
    assert code == 0
    assert "34,025 tokens" in out


def test_offline_the_embedded_model_steps_in(server: HubServer, client: Client, tmp_path: Path) -> None:
    files = {"config.json": amt_tiny.config_bytes(), "model.safetensors": amt_tiny.safetensors_bytes()}
    server.repos[REPO] = Repo(files)
    assert client.models("add", REPO)[0] == 0
    code, out, _ = infill(client, tmp_path, HF_HUB_OFFLINE="1")
    assert code == 0
    assert "HF_HUB_OFFLINE" in out
    assert load(tmp_path / "filled.mid").score.note_count > 0


def test_a_repository_with_a_workbench_toml_needs_no_template(server: HubServer, client: Client) -> None:
    files = {"config.json": amt_tiny.config_bytes(), "model.safetensors": amt_tiny.safetensors_bytes()}
    hashes = "\n".join(f'"{name}" = "{sha(data)}"' for name, data in files.items())
    manifest = (
        'task = "infill"\nadapter = "amt"\nextra = "hub"\nmemory_mb = 900\n[capabilities]\npinned = "no"\n[files]\n'
        + hashes
        + "\n[card]\n"
        'summary = "Tuned."\ncode_licence = "Apache-2.0"\nweights_licence = "Apache-2.0"\noutputs_licence = "none"\n'
        'sell = "Yes."\ntraining_data = [{ name = "chance", licence = "CC0-1.0" }]\n'
    )
    for repo in ("owner/finetuned", REPO):
        server.repos[repo] = Repo({**files, "workbench.toml": manifest.encode()})
        code, out, _ = client.models("add", repo)
        assert code == 0
        assert "pins nothing" not in out
        assert "Tuned." in client.models("show", repo.replace("/", "."))[1]


def test_a_repository_without_weights_cannot_be_added(server: HubServer, client: Client) -> None:
    server.repos[REPO] = Repo({"config.json": b"{}", "README.md": b"soon"})
    code, out, err = client.models("add", REPO)
    assert (code, out) == (1, "")
    assert "does not hold a config.json and weights" in err
    assert err.count("\n") == 1


def test_every_template_makes_a_valid_entry_and_names_what_it_was_trained_on() -> None:
    tables = tomllib.loads(resources.path("models/templates.toml").read_text(encoding="utf-8"))["templates"]
    repos = [repo for table in tables.values() for repo in table["repos"]]
    assert len(set(repos)) == len(repos) >= 5
    for repo in repos:
        table = templates.template(repo)
        assert table is not None
        pinned = {"repo": repo, "revision": COMMIT, "files": {"model.safetensors": "0" * 64}, "memory_mb": 900}
        spec = spec_from_table("x", {**table, **pinned}, built_in_adapters())
        assert spec.card.training_data
        assert spec.extra == "hub"
    assert templates.template("owner/other") is None


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["config.json", "pytorch_model.bin", "model.safetensors"], ["model.safetensors"]),
        (["pytorch_model.bin", "config.json"], ["pytorch_model.bin"]),
        (
            [
                "config.json",
                "pytorch_model.bin",
                "model-00002-of-00002.safetensors",
                "model-00001-of-00002.safetensors",
            ],
            ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"],
        ),
    ],
)
def test_safetensors_come_before_checkpoints(names: list[str], chosen: list[str]) -> None:
    assert templates.choose_weights(REPO, names) == chosen
    with pytest.raises(BadFile, match="does not hold"):
        templates.choose_weights(REPO, [name for name in names if name != "config.json"])
