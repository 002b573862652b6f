"""The exported folder: whole or not there, its stems add up, its manifest says who wrote what."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from tests.unit.sound.scores import band, melody, peak_decibels
from workbench.deliver.stems import export_stems, file_names, slug
from workbench.errors import BadRequest, Cancelled
from workbench.score.score import Note, Score, Track
from workbench.sound.files import read_audio, read_note


def signed() -> Score:
    """The band with some notes by a model and some from a file."""
    score = band()
    for track, author in ((score.tracks[0], "model:markov"), (score.tracks[1], "imported")):
        for name, note in list(track.notes.items())[:3]:
            track.notes[name] = Note(name, note.start, note.duration, note.pitch, note.velocity, author)
    return score


@pytest.mark.parametrize(("subtype", "limit"), [("pcm24", -90), ("float", -120)])
def test_the_files_of_the_stems_sum_to_the_mix(tmp_path: Path, subtype: str, limit: float) -> None:
    export_stems(band(), tmp_path / "out", rate=48_000, subtype=subtype)
    mix = read_audio(tmp_path / "out" / "mix.wav")
    stems = [read_audio(path) for path in sorted((tmp_path / "out" / "stems").iterdir())]
    assert {(stem.rate, stem.frames, stem.channels) for stem in stems} == {(48_000, mix.frames, 2)}
    total = np.sum([stem.samples.astype(np.float64) for stem in stems], axis=0)
    assert peak_decibels(total - mix.samples) < limit


def test_the_folder_holds_everything_and_the_manifest_is_true(tmp_path: Path) -> None:
    seen: list[float] = []
    manifest = export_stems(signed(), tmp_path / "out", facts={"seed": 7}, progress=seen.append)
    folder = tmp_path / "out"
    assert {path.name for path in folder.iterdir()} >= {
        "mix.wav",
        "stems",
        "midi",
        "score.mid",
        "tempo.json",
        "manifest.json",
    }
    assert sorted(path.name for path in (folder / "stems").iterdir()) == [
        "01-piano.wav", "02-bass.wav", "03-flute.wav", "04-drums.wav", "05-mark.wav",
    ]  # fmt: skip
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8")) == manifest
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    assert manifest["tracks"][0]["authors"] == {"model:markov": 3, "human": 1}
    assert manifest["models"] == ["markov"]
    assert manifest["facts"] == {"seed": 7}
    assert "markov" in read_note(folder / "mix.wav")
    assert "Piano" in read_note(folder / "stems" / "02-bass.wav")
    assert seen == sorted(seen)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_midi_files_carry_the_note_and_one_track_each(tmp_path: Path) -> None:
    from workbench.score.midi.files import read_midi

    export_stems(signed(), tmp_path / "out")
    data = (tmp_path / "out" / "midi" / "02-bass.mid").read_bytes()
    assert b"markov" in data
    single, _ = read_midi(data)
    assert [len(track.notes) for track in single.tracks if track.notes] == [4]
    whole, _ = read_midi((tmp_path / "out" / "score.mid").read_bytes())
    assert whole.note_count == 16


def test_tempo_and_bars_are_given_in_seconds(tmp_path: Path) -> None:
    export_stems(band(), tmp_path / "out")
    table = json.loads((tmp_path / "out" / "tempo.json").read_text(encoding="utf-8"))
    assert table["tempos"][0] == {"tick": 0, "seconds": 0.0, "us_per_quarter": 500_000, "bpm": 120.0}
    assert table["bars"][0] == {"number": 1, "tick": 0, "seconds": 0.0}


def test_a_stopped_export_leaves_nothing(tmp_path: Path) -> None:
    calls: list[int] = []

    def stop() -> bool:
        calls.append(1)
        return len(calls) > 6

    with pytest.raises(Cancelled):
        export_stems(band(), tmp_path / "out", stop=stop)
    assert list(tmp_path.iterdir()) == []


def test_an_earlier_export_is_replaced_and_other_folders_are_left_alone(tmp_path: Path) -> None:
    small = Score(tracks=[melody(program=0, name="One"), melody(track_id="t2", name="Two")])
    export_stems(small, tmp_path / "out")
    small.tracks.pop()
    export_stems(small, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out" / "stems").iterdir()] == ["01-one.wav"]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "diary.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(BadRequest, match="other files"):
        export_stems(small, tmp_path / "mine")
    assert (tmp_path / "mine" / "diary.txt").read_text(encoding="utf-8") == "dear"
    with pytest.raises(BadRequest, match="no tracks"):
        export_stems(Score(), tmp_path / "none")


def test_names_in_every_script_become_safe_file_names() -> None:
    tracks = [
        Track("t1", name="Übermut / 3"),
        Track("t2", name="ピアノ", program=40),
        Track("t3", name="../../etc"),
        Track("t4", is_drum=True),
    ]
    names = file_names(Score(tracks=tracks))
    assert names == ["01-ubermut-3", "02-violin", "03-etc", "04-drums"]
    assert slug("a" * 100) == "a" * 40
