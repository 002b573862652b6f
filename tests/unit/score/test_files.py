"""Opening and saving whatever kind of file, and saying in one sentence what is wrong with a bad one."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

from workbench.errors import BadFile, BadRequest, Unavailable
from workbench.fsutil import replacing_folder
from workbench.provenance.authorship import models, statement
from workbench.score import Note, Score, Track, edits
from workbench.score.canonical import project_hash
from workbench.score.document import Document
from workbench.score.files import load, save, sniff
from workbench.score.project import Project, read_project, write_project


def tune() -> Score:
    notes = {
        "n1": Note("n1", 0, 960, 60),
        "n2": Note("n2", 960, 960, 64, author="model:markov"),
        "n3": Note("n3", 1920, 960, 67, author="human+model:piano-genie"),
    }
    return Score("八木節 / Étude", tracks=[Track("t1", "Piano", notes=notes), Track("t2", "Bass", 32)])


def test_a_project_keeps_everything_and_is_the_same_every_time(tmp_path: Path) -> None:
    document = Document(tune())
    document.apply(edits.set_score(document.score, title="Later"))
    data = write_project(Project(document.score, document.log.events, {"hum.wav": b"RIFF"}))
    assert data == write_project(Project(document.score, document.log.events, {"hum.wav": b"RIFF"}))
    again = read_project(data)
    assert project_hash(again.score) == document.hash
    assert again.events == document.log.events
    assert again.media == {"hum.wav": b"RIFF"}


@pytest.mark.parametrize("suffix", [".mid", ".musicxml", ".wbz"])
def test_saved_files_open_again_whatever_they_are_called(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"tune{suffix}"
    save(tune(), path)
    renamed = path.rename(tmp_path / "tune.bin")
    score = load(renamed).score
    assert [(note.start * 960 // score.ppq, note.pitch) for _, note in score.all_notes()] == [
        (0, 60), (960, 64), (1920, 67),
    ]  # fmt: skip
    assert list(tmp_path.iterdir()) == [renamed]


def test_score_open_and_save_are_the_short_way(tmp_path: Path) -> None:
    tune().save(tmp_path / "tune.wbz")
    assert project_hash(Score.open(tmp_path / "tune.wbz")) == project_hash(tune())


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


SCORE = json.dumps({"schema": 1, "score": tune().to_dict()}).encode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"just some text, saved as tune.mid", "not a score"),
        (b"\x00" * 100, "not a score"),
        (zipped({"score.json": b"{}"}), "score.json"),
        (zipped({"score.json": b'{"schema": 99, "score": {}}'}), "newer version"),
        (zipped({"score.json": b"[" * 100_000}), "broken"),
        (zipped({"score.json": b'{"schema": 1, "score": {"schema": 1, "ppq": 1e3, "tracks": []}}'}), "whole numbers"),
        (zipped({"score.json": SCORE, "../evil": b"x"}), "."),
        (zipped({"score.json": SCORE, "events.jsonl": b"{}\n{}\n"}), "event"),
        (zipped({"score.json": SCORE, "events.jsonl": b"\xff\xfe\xff\n"}), "text"),
        (zipped({"score.json": SCORE, "media/big": b"0" * (300 * 2**20)}), "256 MB"),
    ],
)
def test_bad_projects_and_strange_files_get_one_sentence(data: bytes, words: str) -> None:
    with pytest.raises(BadFile, match=words) as caught:
        load(data)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_a_folder_a_missing_and_a_huge_file(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="folder"):
        load(tmp_path)
    with pytest.raises(BadFile, match="cannot be opened"):
        load(tmp_path / "nothing.mid")
    huge = tmp_path / "huge.mid"
    with huge.open("wb") as file:
        file.truncate(2**40)  # sparse: it takes no room
    with pytest.raises(BadFile, match="MB"):
        load(huge)


def test_saving_where_that_is_impossible_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match=r"\.mid"):
        save(tune(), tmp_path / "tune.xyz")
    with pytest.raises(Unavailable, match="cannot be written"):
        save(tune(), tmp_path / "no" / "such" / "tune.mid")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_folder_leaves_the_old_one(tmp_path: Path) -> None:
    place = tmp_path / "stems"
    with replacing_folder(place) as folder:
        (folder / "manifest.json").write_text("{}")

    def fail() -> None:
        with replacing_folder(place) as folder:
            (folder / "half").write_text("x")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert [path.name for path in place.iterdir()] == ["manifest.json"]
    assert list(tmp_path.iterdir()) == [place]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(Unavailable, match="other files"), replacing_folder(tmp_path / "mine"):
        pass


def test_sniffing_looks_at_content_alone() -> None:
    assert sniff(b"RIFF\x00\x00\x00\x00RMIDdata\x00\x00\x00\x00MThd") == "midi"
    assert sniff("\ufeff<?xml version='1.0'?><score-partwise/>".encode()) == "musicxml"
    assert sniff("<?xml version='1.0'?><score-partwise/>".encode("utf-16")) == "musicxml"
    assert sniff(b"%abc\nX:1\nT:Tune\nK:C\nCDE|") == "abc"
    assert sniff(b"RIFF\x00\x00\x00\x00WAVEfmt ") == ""


def test_the_statement_says_who_wrote_what() -> None:
    assert models(tune()) == ["markov", "piano-genie"]
    said = statement(tune())
    assert "Piano: 1 by markov, 1 by a person with piano-genie of 3 notes" in said
    assert "No part was written by a model" in statement(Score())
