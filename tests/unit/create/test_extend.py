"""Going on and playing along: from Python and from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench import resources
from workbench.cli import main
from workbench.create.ensembles import STYLES
from workbench.create.extend import accompany, continue_piece
from workbench.errors import BadRequest
from workbench.score import Score

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
    assert len(list((folder / "stems").iterdir())) == 5
    assert capsys.readouterr().out.count("\n") == 2
    assert main(["continue", str(PIECE), "--bars", "0", "-o", str(out)]) == 1
