"""Whose music a passage is: copies are found in any key and tempo, with the right title; chance is left alone."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from workbench.deliver.stems import export_stems
from workbench.errors import Cancelled
from workbench.provenance import neighbours as module
from workbench.provenance.neighbours import Neighbour, neighbours
from workbench.score.lines import BREAK, FARTHEST, WIDEST
from workbench.score.score import Note, Score, Track

Line = list[tuple[int, int, int]]
SCALE = (0, 2, 4, 5, 7, 9, 11)


def piece(lines: list[Line], author: str = "human") -> Score:
    score = Score(ppq=960)
    for number, line in enumerate(lines):
        track = Track(f"t{number}", name="Line")
        for place, (start, length, pitch) in enumerate(line):
            track.notes[f"n{place}"] = Note(f"n{place}", start, length, pitch, author=author)
        score.tracks.append(track)
    return score


def in_key(rng: random.Random, kind: str, count: int) -> Line:
    """A melody in C by chance: ``free`` over an octave and a half, or a ``walk`` by steps, ``even``: in one rhythm."""
    out, at, degree = [], 0, rng.randint(0, 7)
    for _ in range(count):
        degree = rng.randint(-3, 9) if kind == "free" else max(-4, min(11, degree + rng.choice((-2, -1, 1, 2, 3, -3))))
        length = 480 if kind == "even walk" else rng.choice((480, 480, 960, 960, 1440))
        out.append((at, length, 60 + 12 * (degree // 7) + SCALE[degree % 7]))
        at += length
    return out


def excerpts(rng: random.Random, count: int, notes: int) -> list[tuple[set[int], Line]]:
    """Passages of the training music and whose they are, each in another key and tempo than it stands there."""
    corpus = module._corpus()
    out: list[tuple[set[int], Line]] = []
    while len(out) < count:
        at = rng.randrange(corpus.lines.shape[1] - notes)
        steps = corpus.lines[0, at : at + notes - 1]
        if (steps == BREAK).any():
            continue
        pitches = 62 + rng.randint(-4, 5) + np.cumsum([0, *(steps.astype(int) - WIDEST)])
        if pitches.min() < 0 or pitches.max() > 127:
            continue
        told = np.cumsum([0, *(corpus.lines[1, at : at + notes - 2].astype(float) - FARTHEST)])
        lengths = rng.choice((120, 240, 360)) * 2.0 ** (told - told.min())
        starts = np.cumsum([0, *lengths]).astype(int)
        line = [(int(starts[place]), 60, int(pitches[place])) for place in range(notes)]
        out.append(({int(np.searchsorted(corpus.ends, at, side="right"))}, line))
    return out


def planted(rng: random.Random, line: Line) -> Line:
    """A passage between two stretches of chance."""
    before, after = in_key(rng, "free", 6), in_key(rng, "free", 6)
    shift = before[-1][0] + before[-1][1]
    inner = [(start + shift, length, pitch) for start, length, pitch in line]
    end = inner[-1][0] + 960
    return [*before, *inner, *((start + end, length, pitch) for start, length, pitch in after)]


@pytest.fixture(scope="module")
def copies() -> tuple[list[str], Score, list[Neighbour]]:
    rng = random.Random(5)
    taken = excerpts(rng, 60, 12)
    titles = [module._corpus().works[min(works)].title for works, _ in taken]
    score = piece([planted(rng, line) for _, line in taken], author="model:infill")
    return titles, score, neighbours(score)


def test_twelve_notes_of_the_training_music_are_told_with_their_title(
    copies: tuple[list[str], Score, list[Neighbour]], monkeypatch: pytest.MonkeyPatch
) -> None:
    titles, score, found = copies
    monkeypatch.setattr(module, "MOST_WORKS", 100_000)
    everywhere = neighbours(score)
    for number, title in enumerate(titles):
        mine = [item for item in found if item.track == f"t{number}"]
        assert mine, f"{title} was not found"
        assert max(len(item.notes) for item in mine) >= 12
        named = {work.title for item in everywhere if item.track == f"t{number}" for work in item.works}
        assert title in named


def test_a_neighbour_says_where_it_is_and_under_which_licence(
    copies: tuple[list[str], Score, list[Neighbour]],
) -> None:
    _, score, found = copies
    for item in found:
        notes = [score.track(item.track).notes[name] for name in item.notes]
        assert [note.start for note in notes] == sorted(note.start for note in notes)
        assert (item.start, item.end) == (notes[0].start, notes[-1].start)
        assert all(work.licence and work.attribution for work in item.works)
        assert str(len(item.notes)) in item.sentence()
        assert item.works[0].title in item.sentence()
        assert item.to_dict()["overlap"] == len(notes)


@pytest.mark.parametrize("kind", ["free", "walk", "even walk"])
def test_melodies_by_chance_are_nobodys(kind: str) -> None:
    rng = random.Random(11)
    found = neighbours(piece([in_key(rng, kind, 32) for _ in range(60)]))
    assert len({item.track for item in found}) <= 3


def test_only_what_was_asked_for_is_told() -> None:
    rng = random.Random(8)
    score = piece([planted(rng, line) for _, line in excerpts(rng, 3, 16)])
    score.tracks[2].is_drum = True
    assert {item.track for item in neighbours(score)} == {"t0", "t1"}
    mine = score.tracks[1].notes
    for name in list(mine)[8:12]:
        mine[name] = replace(mine[name], author="model:infill")
    assert {item.track for item in neighbours(score, written_by=lambda note: "model:" in note.author)} == {"t1"}
    assert neighbours(score, tracks=["t2"]) == []


def test_pieces_without_a_line_and_stopping() -> None:
    assert neighbours(Score()) == []
    assert neighbours(piece([in_key(random.Random(1), "free", 7)])) == []
    chord = [(0, 960, pitch) for pitch in range(40, 70)]
    assert neighbours(piece([chord])) == []
    with pytest.raises(Cancelled):
        neighbours(piece([in_key(random.Random(1), "free", 20)]), cancelled=lambda: True)


def test_what_stands_everywhere_hides_nothing_and_costs_no_more_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    # A thousand times the same note stands in tens of thousands of places; the budget goes to what is rare.
    monkeypatch.setattr(module, "PAIRS", 50_000)
    rng = random.Random(9)
    drone = [(place * 480, 400, 60) for place in range(1_000)]
    end = drone[-1][0] + 960
    copy = [(start + end, length, pitch) for start, length, pitch in excerpts(rng, 1, 16)[0][1]]
    found = neighbours(piece([[*drone, *copy]]))
    assert any(item.end >= end and len(item.notes) >= 12 for item in found)


def test_the_command_and_the_manifest_tell_it(tmp_path: Path) -> None:
    rng = random.Random(12)
    score = piece([planted(rng, excerpts(rng, 1, 14)[0][1])], author="model:infill")
    score.save(tmp_path / "piece.wbz")
    done = subprocess.run(
        [sys.executable, "-m", "workbench", "neighbours", str(tmp_path / "piece.wbz"), "--json"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    told = json.loads(done.stdout)["neighbours"]
    assert told[0]["overlap"] >= 12
    manifest = export_stems(score, tmp_path / "stems", rate=44_100)
    assert [item["notes"] for item in manifest["neighbours"]] == [item["notes"] for item in told]
    assert json.loads((tmp_path / "stems/manifest.json").read_text())["neighbours"] == manifest["neighbours"]
