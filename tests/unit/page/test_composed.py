"""A composed piece as a folder: everything in it, its length to the sample, its runs, and whose the style is."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

import workbench
from tests.unit.create.prompt.mixtures import recording, tune
from workbench.cli import main
from workbench.create.prompt.prompts import Prompt, Prompts
from workbench.errors import BadRequest
from workbench.provenance.run import runs
from workbench.score.project import read_project
from workbench.sound.files import read_audio


def test_the_folder_holds_everything_and_its_manifest_says_so(tmp_path: Path) -> None:
    given = Prompts(
        (Prompt("notes", tune(bars=4, tempo=500_000)), Prompt("recording", recording(tempo=118), rights="licensed")),
        10.0,
    )
    made = workbench.compose(prompts=given, seed=2)
    manifest = made.save(tmp_path / "piece")
    names = {place.name for place in (tmp_path / "piece").iterdir()}
    assert {
        "mix.wav", "stems", "midi", "score.mid", "score.musicxml", "tempo.json", "manifest.json", "brief.json",
        "card.json", "project.wbz", "alternative-2.mid",
    } <= names  # fmt: skip
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((tmp_path / "piece" / name).read_bytes()).hexdigest() == digest, name
    assert read_audio(tmp_path / "piece/mix.wav").seconds == pytest.approx(10.0, abs=0.001)
    facts = manifest["facts"]
    assert next(item for item in facts["prompts"] if item["slot"] == "recording")["rights"] == "licensed"
    assert {run["model"] for run in facts["runs"]} == {"arranger"}
    assert not facts["unrecorded"]
    card = json.loads((tmp_path / "piece/card.json").read_text(encoding="utf-8"))
    kept = {(line["slot"], line["measure"]): line["value"] for line in card["prompts"]}
    assert kept["notes", "melody"] == 1.0
    project = read_project((tmp_path / "piece/project.wbz").read_bytes())
    assert project.score.to_dict() == made.score.to_dict()
    assert len(runs(project.events)) == len(made.brief.sections)
    with pytest.raises(BadRequest):
        made.save(tmp_path / "piece", original="loud")


def test_the_command_writes_a_piece_from_words_and_says_what_it_could_not_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cat = tmp_path / "cat.png"
    cat.write_bytes(b"this is no picture of a score")
    words = ["compose", "--text", "calm, for piano, 8 seconds", "--style", str(cat), "--count", "1"]
    assert main([*words, "-o", str(tmp_path / "piece")]) == 0
    said = capsys.readouterr().out
    assert "8.0 seconds" in said
    assert "cat.png" in said
    assert (tmp_path / "piece/mix.wav").is_file()
    assert main([*words, "-o", str(tmp_path)]) == 1
    assert main(["compose", "--style", str(cat), "-o", str(tmp_path / "none")]) == 1
    assert not (tmp_path / "none").exists()
