"""``workbench genie`` from the command line."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest

from workbench import resources
from workbench.cli import main
from workbench.score.files import load


@pytest.fixture
def presses(tmp_path: Path) -> Path:
    path = tmp_path / "presses.json"
    path.write_text(json.dumps([{"time": 0.25 * n, "button": (2, 3, 5, 4)[n % 4], "velocity": 90} for n in range(16)]))
    return path


def test_presses_become_a_file(presses: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.mid"
    assert (
        main(["genie", str(presses), "--chords", "C Am F G", "--mode", "replayable", "--seed", "4", "-o", str(out)])
        == 0
    )
    assert "16 notes" in capsys.readouterr().out
    notes = load(out).score.tracks[0].sorted_notes()
    assert len(notes) == 16
    assert {note.velocity for note in notes} == {90}


def test_the_same_seed_writes_the_same_file(presses: Path, tmp_path: Path) -> None:
    for name in ("a.wbz", "b.wbz"):
        assert main(["genie", str(presses), "--seed", "9", "-o", str(tmp_path / name)]) == 0
    first, second = (load(tmp_path / name).score for name in ("a.wbz", "b.wbz"))
    assert first.to_dict() == second.to_dict()


@pytest.mark.parametrize(
    ("text", "options", "sentence"),
    [
        ("[1]", [], "time"), ("{", [], "JSON"), ('{"presses": []}', ["--mode", "odd"], "steady"),
        ("[]", ["--chords", "Q"], "not a chord"), ("[]", ["-o", "x.txt"], "must end"),
        ("[]", ["--buttons", "3"], "8, 4 or 1"),
    ],
)  # fmt: skip
def test_one_sentence_and_no_file(
    text: str, options: list[str], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "presses.json"
    source.write_text(text)
    assert main(["genie", str(source), "-o", str(tmp_path / "out.mid"), *options]) == 1
    error = capsys.readouterr().err
    assert sentence in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out.mid").exists()


def test_evaluate_measures_a_folder_of_files_from_the_released_weights(
    presses: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = tmp_path / "pieces", tmp_path / "figures.json"
    folder.mkdir()
    assert main(["genie", str(presses), "-o", str(folder / "a.mid")]) == 0
    script = resources.path("models/piano-genie/evaluate.py")
    monkeypatch.setattr("sys.argv", [str(script), "--pieces", str(folder), "--json", str(out), "--notes", "0"])
    runpy.run_path(str(script), run_name="__main__")
    rows = {row["measure"]: row for row in json.loads(out.read_text())["rows"]}
    assert rows["notes"]["value"] == 16
    assert 1 < rows["perplexity of the next key, encoder's buttons"]["value"] < 88
    assert "contour violations" in capsys.readouterr().out
