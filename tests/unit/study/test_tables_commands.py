"""``workbench study summarize`` and ``study export`` as typed."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from workbench.cli import main
from workbench.study.log.sinks import open_sink
from workbench.study.simulate import Arm, Planted, simulate


@pytest.fixture(params=["folder", "sqlite"])
def where(tmp_path: Path, request: pytest.FixtureRequest) -> str:
    name = str(tmp_path / "log") if request.param == "folder" else f"sqlite:{tmp_path / 'log.db'}"
    sink = open_sink(name)
    simulate(Planted(people=2, arms=(Arm("one", accept=0.5, suggestions=4, edits=1),), seed=1), sink)
    sink.close()
    return name


def test_a_log_becomes_a_folder_and_an_archive(
    where: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    assert main(["study", "summarize", where, "-o", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert said == f"{tmp_path / 'out'}: 2 people, 2 finished, 2 trials; 50.0 % of suggestions kept\n"
    assert {"trials.csv", "trials.parquet", "figures.html", "mixed_models.R", "summary.txt"} <= {
        path.name for path in (tmp_path / "out").iterdir()
    }
    assert main(["study", "summarize", where, "-o", str(tmp_path / "out")]) == 0  # its own folder is written anew
    assert main(["study", "export", where, "-o", str(tmp_path / "out.zip")]) == 0
    assert zipfile.is_zipfile(tmp_path / "out.zip")


@pytest.mark.parametrize("name", ["nowhere", "sqlite:nowhere.db", "a/b/nowhere"])
def test_where_no_log_is_none_is_made(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    for command in ("summarize", "export", "preferences"):
        assert main(["study", command, name, "-o", "out"]) == 1
        assert capsys.readouterr().err.startswith("There is no log at 'nowhere")
    assert not list(tmp_path.iterdir())


def test_a_freeze_file_that_is_not_there_is_said(
    where: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    assert main(["study", "export", where, "-o", str(tmp_path / "out.zip"), "--freeze", str(tmp_path / "no.json")]) == 1
    assert capsys.readouterr().err == "'no.json' cannot be read: No such file or directory.\n"
    assert not (tmp_path / "out.zip").exists()
