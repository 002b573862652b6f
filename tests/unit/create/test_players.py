"""Instruments named in plain words play parts of a style that suits the piece; what the piece has stays out."""

from __future__ import annotations

from collections import defaultdict

import pytest

from workbench.create.accompany import accompany
from workbench.create.compose.players import own_roles, players
from workbench.create.compose.remetre import cells
from workbench.create.infill.ensembles import instruments
from workbench.errors import BadRequest
from workbench.score import Note, Score
from workbench.score.lanes import Meter, Tempo
from workbench.score.score import Track

#: Steps of a tune in C, a note an eighth.
STEPS = (67, 64, 60, 62, 64, 65, 67, 69, 67, 65, 64, 62, 60, 64, 62, 59, 60, 60)


def tune(upper: int = 4, lower: int = 4, bars: int = 8, tempo: int = 100) -> Score:
    score = Score(meters=[Meter(0, upper, lower)], tempos=[Tempo(0, 60_000_000 // tempo)])
    length = 3840 * upper // lower
    track = Track("t1", name="Tune", program=73)
    for number in range(bars * length // 480):
        track.notes[f"n{number}"] = Note(f"n{number}", number * 480, 480, STEPS[number % len(STEPS)])
    score.tracks.append(track)
    return score


def with_drums(score: Score) -> Score:
    drums = Track("d1", name="Kit", is_drum=True)
    for number in range(score.end // 960):
        drums.notes[f"d{number}"] = Note(f"d{number}", number * 960, 120, 36)
    score.tracks.append(drums)
    return score


@pytest.mark.parametrize(("upper", "lower"), [(4, 4), (3, 4), (6, 8)])
def test_named_instruments_play_chords_and_grooves_of_the_piece_own_metre(upper: int, lower: int) -> None:
    score = tune(upper, lower)
    made = accompany(score, instruments=["electric bass", "piano", "drums"], humanise=0, seed=3)[0].score()
    assert made.tracks[0].notes == score.tracks[0].notes
    by_program = {"drums" if track.is_drum else track.program: track for track in made.tracks[1:]}
    assert set(by_program) == {"drums", 33, 0}
    struck: dict[int, set[int]] = defaultdict(set)
    for note in by_program[0].notes.values():
        struck[note.start].add(note.pitch % 12)
    sounding = [
        {n.pitch % 12 for n in by_program[0].notes.values() if n.start <= tick < n.end} for tick in sorted(struck)
    ]
    assert max(map(len, sounding)) >= 3, "chords, not one key over and over"
    keys = [n.pitch for n in by_program[0].notes.values()]
    assert max(keys.count(key) for key in set(keys)) < 0.6 * len(keys)
    length = 3840 * upper // lower
    per_bar = [sum(n.start // length == bar for n in by_program["drums"].notes.values()) for bar in range(6)]
    assert all(2 <= count <= 24 for count in per_bar), per_bar


def test_a_guitar_in_three_plays_a_waltz_and_a_rock_guitar_a_rock_guitar_part() -> None:
    score = tune(3, 4)
    found = players(score, instruments(score, ["nylon guitar", "bass"]))
    assert found is not None
    assert found[0].metre == (3, 4)
    fast = tune(tempo=126)
    found = players(fast, instruments(fast, ["distortion guitar", "drums"]))
    assert found is not None
    assert found[0].id == "rock"
    assert players(score, instruments(score, ["violin", "bass"])) is None, "no style has a line for it"


def test_the_drums_and_the_bass_that_a_piece_has_are_not_doubled() -> None:
    score = with_drums(tune())
    assert own_roles(score) == {"drums"}
    idea = accompany(score, style="rock", humanise=0)[0]
    assert not any(track.is_drum for track in idea.score().tracks[2:])
    assert "has drums of its own" in idea.remarks[0]
    named = accompany(score, style="rock", parts=["Drums"], humanise=0)[0]
    assert any(track.is_drum for track in named.score().tracks[2:]), "who names them hears them"


def test_drums_alone_give_a_band_no_chords() -> None:
    score = with_drums(tune())
    score.tracks = score.tracks[1:]
    with pytest.raises(BadRequest, match="only drums"):
        accompany(score, style="rock")


def test_a_bar_of_three_quarters_is_not_taken_for_one_of_six_eighths() -> None:
    """Both are as long; three beats of a waltz over two beats of a jig would be another dance."""
    assert [cell.target for cell in cells((3, 4), (6, 8), 0)] == [0, 1440]
    assert len(cells((6, 8), (3, 4), 0)) == 3
    assert len(cells((4, 4), (2, 2), 0)) == 1
