"""What commands write says which runs it owes its notes to: the same record in manifests and projects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.create.scores import band
from workbench.cli import main
from workbench.provenance.run import Run, runs
from workbench.provenance.writers import runs_behind
from workbench.score.canonical import project_hash
from workbench.score.files import load, save
from workbench.score.replay import leads_to

FAST = ["--model", "markov", "--seed", "3"]


@pytest.fixture
def tune(tmp_path: Path) -> Path:
    path = tmp_path / "tune.mid"
    score = band()
    for track in score.tracks:
        track.notes = {name: note for name, note in track.notes.items() if note.start < 4 * 3840}
    save(score, path)
    return path


def call(*words: Any) -> None:
    assert main([str(word) for word in words]) == 0


@pytest.mark.parametrize(
    "words",
    [
        ["infill", "IN", "--from", 2, "--to", 3, *FAST],
        ["continue", "IN", "--bars", 2, *FAST],
        ["accompany", "IN", "--instrument", "cello", *FAST],
        ["vary", "IN", "--from", 2, "--to", 3, *FAST],
        ["harmonise", "IN", "--track", 1, *FAST],
    ],
    ids=lambda words: words[0],
)
def test_a_project_carries_the_run_that_made_it_and_plays_again(tune: Path, tmp_path: Path, words: list[Any]) -> None:
    out = tmp_path / "out.wbz"
    call(*[tune if word == "IN" else word for word in words], "-o", out)
    loaded = load(out)
    assert leads_to(loaded.events, loaded.score)
    (run,) = runs_behind(loaded.score, loaded.events)
    assert (run.model, run.seed, run.outcome) == ("markov", 3, "done")
    assert run.inputs == {"score": project_hash(load(tune).score)}
    kept = [event for event in loaded.events if event["kind"] == "accept"]
    assert [event["payload"]["name"] for event in kept] == [words[0]]


def test_presses_become_a_project_with_its_run(tmp_path: Path) -> None:
    presses = tmp_path / "presses.json"
    presses.write_text(json.dumps([{"time": 0.3 * step, "button": step % 8} for step in range(9)]))
    call("genie", presses, "--chords", "C Am", "--seed", 5, "-o", tmp_path / "out.wbz")
    loaded = load(tmp_path / "out.wbz")
    assert loaded.score.note_count == 9
    assert loaded.score.chords
    (run,) = runs_behind(loaded.score, loaded.events)
    assert (run.task, run.model, run.seed) == ("genie", "piano-genie", 5)
    assert set(run.weights) == {"model.safetensors", "encoder.safetensors"}


def test_a_log_goes_on_from_command_to_command_and_the_stems_name_every_run(tune: Path, tmp_path: Path) -> None:
    first, second, folder = tmp_path / "a.wbz", tmp_path / "b.wbz", tmp_path / "stems"
    call("infill", tune, "--from", 2, "--to", 2, "--track", 1, *FAST, "-o", first)
    call("continue", first, "--bars", 1, "--track", 2, *FAST, "-o", second)
    loaded = load(second)
    assert leads_to(loaded.events, loaded.score)
    assert len(runs(loaded.events)) == 2
    call("stems", second, "-o", folder)
    told = json.loads((folder / "manifest.json").read_text())["facts"]
    assert [item["id"] for item in told["runs"]] == list(runs(loaded.events))
    authored = [n for t in loaded.score.tracks for n in t.notes.values() if n.author == "model:markov"]
    assert sum(count for item in told["runs"] for count in item["notes"].values()) == len(authored)
    assert [list(item["notes"]) for item in told["runs"]] == [
        [loaded.score.tracks[0].id], [loaded.score.tracks[1].id]
    ]  # fmt: skip
    assert told["unrecorded"] == {}


def test_stems_of_a_file_without_a_log_say_what_no_record_tells_of(tune: Path, tmp_path: Path) -> None:
    call("infill", tune, "--from", 2, "--to", 2, "--track", 1, *FAST, "-o", tmp_path / "a.wbz")
    score = load(tmp_path / "a.wbz").score
    save(score, tmp_path / "bare.wbz")
    call("stems", tmp_path / "bare.wbz", "-o", tmp_path / "stems")
    told = json.loads((tmp_path / "stems" / "manifest.json").read_text())["facts"]
    assert told["runs"] == []
    assert told["unrecorded"] == {
        "model:markov": sum(note.author == "model:markov" for note in score.tracks[0].notes.values())
    }


def test_a_folder_of_a_continuation_has_stems_and_a_manifest_with_its_run(tune: Path, tmp_path: Path) -> None:
    call("continue", tune, "--bars", 1, *FAST, "-o", tmp_path / "longer")
    manifest = json.loads((tmp_path / "longer" / "manifest.json").read_text())
    (told,) = manifest["facts"]["runs"]
    notes = told.pop("notes")
    assert Run.from_dict(told).model == "markov"
    assert set(notes) <= {track["id"] for track in manifest["tracks"]}
    assert (tmp_path / "longer" / "mix.wav").is_file()


def test_several_ideas_of_one_run_name_it(tune: Path, tmp_path: Path) -> None:
    call("infill", tune, "--from", 2, "--to", 3, "-n", 2, *FAST, "-o", tmp_path / "ideas")
    manifest = json.loads((tmp_path / "ideas" / "manifest.json").read_text())
    (told,) = manifest["runs"]
    run = Run.from_dict(told)
    assert run.settings["count"] == 2
    assert [idea["run"] for idea in manifest["ideas"]] == [run.id] * 2


def test_only_a_recording_is_written_down_stem_by_stem(
    tune: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["stems", str(tune), "-o", str(tmp_path / "out"), "--transcribe"]) == 1
    assert "--transcribe are for recordings" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
