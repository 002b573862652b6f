"""Spaces: the folder carries all it needs, starts with nothing else, and is pushed by the Hub's own client."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.hubserver import HubServer
from tests.unit.hub.conftest import Client
from workbench.errors import BadRequest, Unavailable
from workbench.hub import spacecheck, spacefolder

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def genie(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return spacefolder.build("piano-genie", tmp_path_factory.mktemp("space") / "genie")


def test_a_folder_names_only_what_an_index_has(genie: Path) -> None:
    assert spacefolder.problems(genie) == []
    named = [Requirement(line).name for line in (genie / "requirements.txt").read_text().split()]
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = declared["optional-dependencies"]
    wanted = [*declared["dependencies"], *extras["app"], *extras["credentials"]]  # the one names the other
    wanted = [line for line in wanted if line != "music-workbench[credentials]"]
    assert sorted(named) == sorted({Requirement(line).name for line in wanted} - {"gradio"})
    header = (genie / "README.md").read_text()
    assert re.search(r"(?m)^sdk_version: (\S+)$", header)[1] == metadata.version("gradio")  # type: ignore[index]


def test_an_installed_package_names_the_same_extras_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["numpy>=1", 'music-workbench[credentials]; extra == "app"', 'c2pa-python>=1; extra == "credentials"',
             'gradio>=6; extra == "app"', 'torch>=2; extra == "hub"']  # fmt: skip
    monkeypatch.setattr(spacefolder, "_declared", lambda more: lines)
    assert spacefolder.requirements() == ["c2pa-python>=1", "numpy>=1"]


def test_the_space_of_a_study_names_what_reads_its_file_and_carries_an_example(tmp_path: Path) -> None:
    folder = spacefolder.build("study", tmp_path / "study")
    assert spacefolder.problems(folder) == []
    named = {Requirement(line).name for line in (folder / "requirements.txt").read_text().split()}
    assert {"pyyaml", "pandas", "plotly"} <= named
    example = ROOT / "workbench/study/plan/example.yaml"
    assert (folder / "study.yaml").read_bytes() == example.read_bytes()


def test_a_folder_carries_models_and_sounds_but_no_sources_of_the_browser_core(genie: Path) -> None:
    for name in ("models/registry.toml", "models/piano-genie/model.safetensors", "workbench/web/public/roll.js"):
        assert (genie / name).stat().st_size > 0
    assert not (genie / "workbench/web/src").exists()
    assert not list(genie.rglob("node_modules"))
    assert not list(genie.rglob("*.pyc"))


def test_what_cannot_start_is_named(genie: Path, tmp_path: Path) -> None:
    assert spacefolder.problems(tmp_path) != []
    for name in ("README.md", "app.py", "workbench/__init__.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((genie / name).read_bytes())
    (tmp_path / "requirements.txt").write_text("./wheels/music_workbench-1-py3-none-any.whl\n")
    assert spacefolder.problems(tmp_path) == ["requirements.txt names a package that no index has."]
    (tmp_path / "requirements.txt").write_text("numpy\n")
    (tmp_path / "app.py").write_text("pass\n" * 31)
    assert "31 lines" in spacefolder.problems(tmp_path)[0]
    with pytest.raises(BadRequest, match="There is no Space"):
        spacefolder.build("nobody", tmp_path / "other")


def outside(folder: Path) -> set[str]:
    """Top-level modules here that no requirement of the folder brings, by its own or another's need."""
    wanted = [*(folder / "requirements.txt").read_text().split(), "gradio"]
    known: set[str] = set()
    while wanted:
        asked = Requirement(wanted.pop())
        name = asked.name.lower().replace("_", "-")
        if name in known:
            continue
        known.add(name)
        for line in metadata.requires(asked.name) or []:
            need = Requirement(line)
            if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in (*asked.extras, "")):
                wanted.append(f"{need.name}[{','.join(need.extras)}]" if need.extras else need.name)
    found = metadata.packages_distributions()
    return {
        module
        for module, owners in found.items()
        if module.isidentifier() and not any(owner.lower().replace("_", "-") in known for owner in owners)
    }


@pytest.mark.server
@pytest.mark.parametrize("name", spacefolder.names())
def test_a_space_starts_from_nothing_but_what_it_carries(name: str, tmp_path: Path) -> None:
    # An installed package that no requirement brings is out of reach, and so is this repository.
    folder = spacefolder.build(name, tmp_path / "space")
    barred = outside(folder)
    assert {"torch", "pytest", "librosa"} <= barred
    assert not barred & {"numpy", "gradio", "onnxruntime", "fastapi"}
    here = tmp_path / "bars"
    here.mkdir()
    (here / "sitecustomize.py").write_text(
        f"import sys\nBARRED = {sorted(barred - {'workbench'})!r}\n"
        f"sys.path[:] = [entry for entry in sys.path if entry != {str(ROOT)!r}]\n"
        "sys.meta_path[:] = [finder for finder in sys.meta_path if 'editable' not in repr(finder).lower()]\n"
        "class Bar:\n    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] in BARRED:\n            raise ModuleNotFoundError(name, name=name)\n"
        "sys.meta_path.insert(0, Bar())\n"
    )
    assert spacecheck.starts(folder, sys.executable, tmp_path, {"PYTHONPATH": str(here)}) < spacecheck.START
    (folder / "workbench/ui/components.py").write_text("raise RuntimeError('broken on purpose')\n")
    with pytest.raises(Unavailable, match="broken on purpose"):
        spacecheck.starts(folder, sys.executable, tmp_path, {"PYTHONPATH": str(here)})


@pytest.mark.hub
def test_a_space_is_pushed_whole_and_without_what_it_no_longer_has(server: HubServer, client: Client) -> None:
    server.commits["owner/genie"] = {"old.py": b"pass\n"}
    code, out, err = client.run("spaces", "push", "piano-genie", "--repo", "owner/genie", HF_TOKEN=server.token)
    assert (code, err) == (0, "")
    assert "owner/genie" in out
    pushed = server.commits["owner/genie"]
    assert server.kinds["owner/genie"] == "space"
    assert "old.py" not in pushed
    assert pushed["app.py"] == (ROOT / "spaces/piano-genie/app.py").read_bytes()
    assert pushed["workbench/__init__.py"] == (ROOT / "workbench/__init__.py").read_bytes()
    assert b"music-workbench" not in pushed["requirements.txt"]
    code, _, err = client.run("spaces", "push", "piano-genie", "--repo", "owner/genie")
    assert code == 1
    assert "HF_TOKEN" in err
