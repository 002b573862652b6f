"""Going on and playing along: from Python and from the command line."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from pathlib import Path

import pytest

from workbench import resources
from workbench.cli import main
from workbench.create.infill.ensembles import STYLES
from workbench.create.infill.extend import accompany, continue_piece, harmonise, try_again, vary
from workbench.errors import BadRequest
from workbench.score import Note, Score

PIECE = resources.path("assets/pieces/opening.wbz")
BAR = 3840


def test_going_on_begins_where_the_piece_ends_and_changes_nothing_before() -> None:
    score = Score.open(PIECE)
    longer = continue_piece(score, 2, model="markov", seed=3)[0].score()
    for track in score.tracks:
        kept = {note.id: note for note in longer.track(track.id).notes.values() if note.start < 4 * BAR}
        assert kept == track.notes
    new = [note for _, note in longer.all_notes() if note.start >= 4 * BAR]
    assert new
    assert max(note.start for note in new) < 6 * BAR
    assert all(note.author == "model:markov" for note in new)


def test_playing_along_adds_instruments_and_leaves_the_tune() -> None:
    tune = Score.open(PIECE)
    tune.tracks = tune.tracks[:1]
    together = accompany(tune, style="jazz", model="markov")[0].score()
    assert together.track("t1").notes == tune.track("t1").notes
    assert len(together.tracks) == 1 + len(STYLES["jazz"])
    assert all(track.notes for track in together.tracks[1:])
    assert [track.is_drum for track in together.tracks] == [False, False, False, True]


def _looks(notes: Iterable[Note]) -> list[tuple[int, int, int, int]]:
    return sorted((note.start, note.duration, note.pitch, note.velocity) for note in notes)


def test_voices_under_a_tune_keep_their_ranges_and_move_apart() -> None:
    score = Score.open(PIECE)
    score.tracks = score.tracks[:1]
    together = harmonise(score, seed=2, controls={"density": 0})[0].score()
    assert together.track("t1").notes == score.track("t1").notes
    assert [track.name for track in together.tracks[1:]] == ["Alto", "Tenor", "Bass"]
    onsets = {note.start for note in score.track("t1").notes.values()}
    lines = [together.tracks[place].sorted_notes() for place in range(1, 4)]
    for line in lines:
        assert len(line) >= 8
        assert {note.start for note in line} <= onsets
        assert all(after.start >= note.end for note, after in itertools.pairwise(line))
    for high, low in itertools.pairwise(lines):
        moves = [(a, b) for a, b in itertools.pairwise(zip(high, low, strict=True)) if a[0].start != b[0].start]
        for (a, b), (c, d) in moves:
            interval = (a.pitch - b.pitch) % 12
            parallel = interval in (0, 7) and (c.pitch - d.pitch) % 12 == interval
            assert not (parallel and a.pitch != c.pitch and b.pitch != d.pitch)


def test_voices_need_a_tune() -> None:
    with pytest.raises(BadRequest, match="no tune"):
        harmonise(Score())
    drums = Score.open(PIECE)
    drums.tracks = [track for track in drums.tracks if track.is_drum]
    with pytest.raises(BadRequest, match="no tune"):
        harmonise(drums)


def test_the_closer_a_variation_the_more_of_the_piece_comes_back() -> None:
    score = Score.open(PIECE)

    def share(closeness: int) -> float:
        idea = vary(score, (1, 4), closeness=closeness, seed=4)[0]
        stood = {(track.id, *look) for track in score.tracks for look in _looks(track.notes.values())}
        came = {(name, *look) for name, notes in idea.notes.items() for look in _looks(notes)}
        return len(stood & came) / len(stood)

    shares = [share(value) for value in (0, 50, 100)]
    assert shares[0] < shares[1] < shares[2]
    assert shares[2] > 0.85
    assert shares[2] < 1.0, "something has changed"


def test_one_bar_is_tried_again_and_the_rest_of_the_idea_stands() -> None:
    score = Score.open(PIECE)
    idea = vary(score, (2, 3), closeness=20, tracks=["1", "2"], seed=1)[0]
    other = try_again(idea, (3, 3), tracks=["1"], seed=9)[0]
    assert _looks(other.notes["t2"]) == _looks(idea.notes["t2"])
    early = [[n for n in each.notes["t1"] if n.start < 2 * BAR] for each in (idea, other)]
    assert _looks(early[0]) == _looks(early[1])
    assert _looks(other.notes["t1"]) != _looks(idea.notes["t1"])
    with pytest.raises(BadRequest, match="of the gap"):
        try_again(idea, (4, 4))


def test_every_instrument_of_a_band_plays() -> None:
    score = Score.open(PIECE)
    score.tracks = score.tracks[:1]
    for style in ("band", "jazz"):
        made = accompany(score, style=style, seed=3)[0].score()
        for track in made.tracks[1:]:
            assert len(track.notes) >= 6, track.name


def test_a_long_continuation_ends_in_its_key_and_comes_back_to_its_opening() -> None:
    score = Score.open(PIECE)
    longer = continue_piece(score, 24, tracks=["1", "3"], seed=5)[0].score()
    melody = longer.track("t1")
    bars = [
        frozenset((note.start - at * BAR, note.pitch) for note in melody.notes.values() if note.start // BAR == at)
        for at in range(28)
    ]
    assert sum(map(bool, bars)) >= 22, "a tune rests now and then"
    likeness = [max(len(new & old) / len(new | old) for old in bars[:4]) for new in bars[4:]]
    assert max(likeness) > 0.5, "a bar of the opening comes back"
    assert min(likeness) < 0.3, "and something is new"


def test_what_cannot_be_done_is_one_sentence() -> None:
    with pytest.raises(BadRequest, match="nothing to go on"):
        continue_piece(Score(), 4)
    with pytest.raises(BadRequest, match="1 to 256"):
        continue_piece(Score.open(PIECE), 0)
    with pytest.raises(BadRequest, match="no style"):
        accompany(Score.open(PIECE), style="polka")


def test_both_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "longer.mid"
    assert main(["continue", str(PIECE), "--bars", "1", "--model", "markov", "-o", str(out)]) == 0
    assert Score.open(out).end > 4 * BAR
    folder = tmp_path / "together"
    assert main(["accompany", str(PIECE), "--instrument", "cello", "--model", "markov", "-o", str(folder)]) == 0
    assert (folder / "mix.wav").is_file()
    assert len(list((folder / "stems").iterdir())) == 6, "four of the piece, the cello, and the mark"
    assert capsys.readouterr().out.count("\n") == 2
    assert main(["continue", str(PIECE), "--bars", "0", "-o", str(out)]) == 1


def test_voices_and_variations_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "choir.musicxml"
    assert main(["harmonise", str(PIECE), "--track", "Melody", "-o", str(out)]) == 0
    assert len(Score.open(out).tracks) == len(Score.open(PIECE).tracks) + 3
    other = tmp_path / "other.mid"
    assert main(["vary", str(PIECE), "--from", "2", "--to", "3", "--closeness", "80", "-o", str(other)]) == 0
    assert Score.open(other).note_count > 50
    assert capsys.readouterr().out.count("\n") == 2
    for wrong in (["--closeness", "101"], ["--from", "2"], ["--track", "nobody"]):
        assert main(["vary", str(PIECE), *wrong, "-o", str(tmp_path / "x.mid")]) == 1
    assert main(["harmonise", str(PIECE), "-o", str(tmp_path / "x.wav")]) == 1
    assert not list(tmp_path.glob("x.*"))
