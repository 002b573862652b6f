"""`workbench chords`: told as people write them, as JSON, and as a file to play."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.create.test_harmonisations import BAR, tune
from workbench.cli import main
from workbench.score.files import load
from workbench.score.lanes import Chord
from workbench.score.score import Score


@pytest.fixture
def piece(tmp_path: Path) -> Path:
    """A lone tune in whose second bar somebody wrote a chord."""
    path = tmp_path / "tune.wbz"
    Score(tracks=[tune()], chords=[Chord(BAR, BAR, 5, "6")]).save(path)
    return path


def test_a_line_a_way_with_the_persons_own_chord_in_each(piece: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["chords", str(piece), "--count", "3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert len(set(lines)) == 3
    for number, line in enumerate(lines, 1):
        assert line.startswith(f"{number}: ")
        bars = line.partition(": ")[2].split(" | ")
        assert len(bars) == 12
        assert bars[1] == "F6"
    assert main(["chords", str(piece), "--json"]) == 0
    ways = json.loads(capsys.readouterr().out)["ways"]
    assert [way["text"] for way in ways] == [line.partition(": ")[2] for line in lines]
    assert [(row["bar"], row["symbol"]) for row in ways[2]["chords"] if row["written"]] == [(2, "F6")]


def test_one_way_is_written_with_a_part_that_plays_it(
    piece: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.wbz"
    assert main(["chords", str(piece), "--use", "2", "--json", "-o", str(out)]) == 0
    way = json.loads(capsys.readouterr().out)["ways"][1]
    score = load(out).score
    assert [(chord.tick, chord.root) for chord in score.chords] == [(row["tick"], row["root"]) for row in way["chords"]]
    assert score.tracks[0].notes == tune().notes
    assert {note.author for note in score.tracks[1].notes.values()} == {"model:arranger"}
    for name in ("out.mid", "out.musicxml"):
        assert main(["chords", str(piece), "-o", str(tmp_path / name)]) == 0
        assert [track.name for track in load(tmp_path / name).score.tracks][-1] == "Chords"


def test_what_cannot_be_done_is_one_sentence(piece: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Score().save(tmp_path / "empty.wbz")
    for words in ([str(tmp_path / "empty.wbz")], [str(piece), "--count", "99"], [str(piece), "--use", "7"]):
        assert main(["chords", *words]) == 1
        assert len(capsys.readouterr().err.splitlines()) == 1
