"""``workbench infill`` as a person types it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from tests.unit.create.scores import BAR, band
from workbench.commands import infill as cli_infill
from workbench.errors import WorkbenchError
from workbench.score.files import load, save
from workbench.score.score import Score


@pytest.fixture
def tune(tmp_path: Path) -> Path:
    path = tmp_path / "tune.mid"
    save(band(), path)
    return path


def infill(*words: str | Path) -> str:
    """Run the command and return the line it prints."""
    parser = argparse.ArgumentParser()
    cli_infill.add_parser(parser.add_subparsers())
    arguments = parser.parse_args(["infill", *map(str, words)])
    return str(arguments.run(arguments))


def notes(score: Score, track: int, first: int, last: int) -> list[tuple[int, int, int]]:
    """(start, duration, pitch) of a track's notes from bar ``first`` up to bar ``last``, counted from 1."""
    inside = (n for n in score.tracks[track].sorted_notes() if (first - 1) * BAR <= n.start < last * BAR)
    return [(note.start, note.duration, note.pitch) for note in inside]


def test_fills_one_track_and_keeps_the_rest(tune: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mid"
    line = infill(tune, "--from", 9, "--to", 10, "--track", "melody", "--seed", 3, "-o", out)
    assert line.startswith("Filled bars 9 to 10 with ")
    assert line.count("\n") == 0
    before, after = load(tune).score, load(out).score
    assert notes(before, 0, 9, 10) != notes(after, 0, 9, 10)
    for track in range(4):
        assert notes(before, track, 1, 8) == notes(after, track, 1, 8)
        assert notes(before, track, 11, 16) == notes(after, track, 11, 16)
        assert track == 0 or notes(before, track, 9, 10) == notes(after, track, 9, 10)


def test_the_file_says_what_a_model_wrote(tune: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mid"
    infill(tune, "--from", 9, "--to", 9, "--track", 2, "-o", out)
    assert b"The model infill wrote notes in bar 9 of Piano." in out.read_bytes()


def test_a_project_keeps_who_wrote_what(tune: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.wbz"
    infill(tune, "--from", 1, "--to", 4, "--instrument", "violin", "-o", out)
    track = load(out).score.tracks[-1]
    assert track.name == "Violin"
    assert {note.author for note in track.notes.values()} == {"model:infill"}


def test_several_ideas_go_into_a_folder(tune: Path, tmp_path: Path) -> None:
    out = tmp_path / "ideas"
    infill(tune, "--from", 5, "--to", 6, "--set", "density=80", "-n", 3, "-o", out)
    assert sorted(path.name for path in out.iterdir()) == ["idea-1.mid", "idea-2.mid", "idea-3.mid", "manifest.json"]
    assert len({(out / f"idea-{number}.mid").read_bytes() for number in (1, 2, 3)}) == 3
    ideas = json.loads((out / "manifest.json").read_text())["ideas"]
    assert [idea["settings"]["controls"] for idea in ideas] == [{"density": 80}] * 3


def test_equal_seeds_give_equal_files(tune: Path, tmp_path: Path) -> None:
    for name, seed in (("a.mid", 1), ("b.mid", 1), ("c.mid", 2)):
        infill(tune, "--from", 5, "--to", 8, "--seed", seed, "-o", tmp_path / name)
    a, b, c = ((tmp_path / name).read_bytes() for name in ("a.mid", "b.mid", "c.mid"))
    assert a == b != c


@pytest.mark.parametrize(
    "words",
    [
        ("--from", 9, "--to", 8, "-o", "out.mid"),
        ("--from", 0, "--to", 2, "-o", "out.mid"),
        ("--from", 300, "--to", 301, "-o", "out.mid"),
        ("--from", 1, "--to", 2, "--track", "Oboe", "-o", "out.mid"),
        ("--from", 1, "--to", 2, "--instrument", "xyzzyq", "-o", "out.mid"),
        ("--from", 1, "--to", 2, "--model", "nobody", "-o", "out.mid"),
        ("--from", 1, "--to", 2, "--set", "density", "-o", "out.mid"),
        ("--from", 1, "--to", 2, "--set", "density=lots", "-o", "out.mid"),
        ("--from", 1, "--to", 2, "--set", "swing=3", "-o", "out.mid"),
        ("--from", 1, "--to", 2, "--seed", -4, "-o", "out.mid"),
        ("--from", 1, "--to", 2, "-n", 9, "-o", "out"),
        ("--from", 1, "--to", 2, "-n", 2, "-o", "out.mid"),
        ("--from", 1, "--to", 2, "-o", "out.gif"),
        ("--from", 1, "--to", 2, "-o", "no/such/folder/out.mid"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_leaves_nothing(
    tune: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WorkbenchError) as caught:
        infill(tune, *words)
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["tune.mid"]


def test_a_broken_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.mid").write_text("this is a letter, not a tune")
    with pytest.raises(WorkbenchError):
        infill(tmp_path / "bad.mid", "--from", 1, "--to", 2, "-o", tmp_path / "out.mid")
    assert not (tmp_path / "out.mid").exists()


def test_a_folder_with_other_files_is_not_replaced(tune: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "letter.txt").write_text("keep me")
    with pytest.raises(WorkbenchError):
        infill(tune, "--from", 1, "--to", 2, "-n", 2, "-o", folder)
    assert (folder / "letter.txt").read_text() == "keep me"
