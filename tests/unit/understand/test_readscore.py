"""The description of a read score: its JSON form, corrections by a person, and the piece it becomes."""

from fractions import Fraction

import pytest

from workbench.errors import BadRequest
from workbench.understand.score_image.readscore import ReadScore
from workbench.understand.score_image.sounding import sound
from workbench.understand.score_image.written import (
    ReadBar,
    ReadEvent,
    ReadPage,
    ReadPart,
    ReadStaff,
    ReadSystem,
    spell_pitch,
    spelled,
)

F = Fraction


def event(ident, measure, onset, duration, *names, signs=None, **more):
    given = ReadEvent(
        ident, measure, F(onset), F(duration), tuple(60 for _ in names), names, signs or (None,) * len(names), **more
    )
    return given


def example() -> ReadScore:
    """Two bars of 3/4 in G major for piano: F with a sharp from the key, then one made natural."""
    bars = (ReadBar(1, F(3), (3, 4), 1), ReadBar(2, F(3), (3, 4), 1))
    keys = {1: 1, 2: 1}
    upper = sound(
        [
            event("e1", 1, 0, 2, "F4", "A4", tie=False),
            event("e2", 1, 2, 1, "F4", signs=(0,), tie=True),
            event("e3", 2, 0, 3, "F4"),
        ],
        keys,
    )
    lower = sound([event("e4", 1, 0, 3, "G2"), event("e5", 2, 0, 3)], keys)
    staves = (ReadStaff("G", 1, (3, 4), 0, events=upper), ReadStaff("F", 1, (3, 4), 0, events=lower))
    return ReadScore((ReadPage(800, 1000, (ReadSystem(staves, bars),)),), (ReadPart("Piano"),), model="read-score")


def pitches(score):
    return {item.id: item.pitches for item in score.events()}


def test_key_accidentals_and_ties_across_the_bar_line_decide_the_pitch():
    assert pitches(example()) == {"e1": (66, 69), "e2": (65,), "e3": (65,), "e4": (43,), "e5": ()}


def test_an_accidental_holds_to_the_end_of_its_bar_and_on_its_own_octave_only():
    events = [event("a", 1, 0, 1, "C5", signs=(1,)), event("b", 1, 1, 1, "C5"), event("c", 1, 2, 1, "C4")]
    events.append(event("d", 2, 0, 1, "C5"))
    assert [item.pitches[0] for item in sound(events, {})] == [73, 73, 60, 72]


def test_the_json_form_comes_back_as_it_went():
    score = example()
    again = ReadScore.from_json(score.to_json())
    assert again == score
    first = score.to_json()["pages"][0]["systems"][0]["staves"][0]["events"][0]
    assert (first["beat"], first["pitches"], first["duration"], first["rest"]) == (1, [66, 69], 2, False)


def test_a_third_of_a_beat_survives_json():
    bars = (ReadBar(1, F(1), (1, 4), 0),)
    staff = ReadStaff("G", 0, (1, 4), events=sound([event("a", 1, F(1, 3), F(1, 3), "C4")], {}))
    score = ReadScore((ReadPage(1, 1, (ReadSystem((staff,), bars),)),), (ReadPart("Piano"),))
    assert next(ReadScore.from_json(score.to_json()).events()).onset == F(1, 3)


def test_the_piece_has_one_track_a_part_its_ties_joined_and_its_metre():
    piece = example().to_score()
    assert [track.name for track in piece.tracks] == ["Piano"]
    notes = sorted((note.start / 960, note.duration / 960, note.pitch) for note in piece.tracks[0].notes.values())
    assert notes == [(0, 2, 66), (0, 2, 69), (0, 3, 43), (2, 4, 65)]
    assert (piece.meters[0].numerator, piece.meters[0].denominator, piece.keys[0].fifths) == (3, 4, 1)


def test_corrections_of_a_note_change_the_piece():
    score = example().corrected([{"id": "e2", "pitches": [67]}, {"id": "e4", "delete": True}])
    assert pitches(score)["e2"] == (67,)
    assert "e4" not in pitches(score)
    authors = {note.author for note in score.to_score().tracks[0].notes.values()}
    assert authors == {"model:read-score", "human+model:read-score"}
    longer = example().corrected([{"id": "e1", "duration": [1, 2]}])
    assert next(item.duration for item in longer.events() if item.id == "e1") == F(1, 2)


def test_corrections_of_a_clef_move_the_notes_of_that_staff_alone():
    score = example().corrected([{"staff": [0, 0, 0], "clef": "F"}])
    assert pitches(score)["e1"] == (45, 48)
    assert pitches(score)["e4"] == (43,)


def test_corrections_of_key_and_metre_hold_from_there_on():
    score = example().corrected([{"staff": [0, 0, 1], "key": 0}])
    assert pitches(score)["e1"] == (65, 69)
    score = example().corrected([{"staff": [0, 0, 0], "time": [6, 8]}])
    assert {bar.time for bar in score.bars()} == {(6, 8)}


def test_a_note_that_was_missed_can_be_added():
    given = {"measure": 2, "beat": 2, "pitches": [59, 62], "duration": [3, 2]}
    score = example().corrected([{"staff": [0, 0, 1], "add": given}])
    added = next(item for item in score.events() if item.pitches == (59, 62))
    assert (added.measure, added.onset, added.duration) == (2, 1, F(3, 2))
    assert ReadScore.from_json(score.to_json()) == score


@pytest.mark.parametrize(
    "change",
    [
        {"id": "nobody", "delete": True},
        {"id": "e1", "pitches": [60, 400]},
        {"id": "e1", "colour": 3},
        {"staff": [0, 0, 9], "key": 1},
        {"staff": [0, 0, 0], "key": 9},
        {"staff": [0, 0, 0], "clef": "Z"},
        {"staff": [0, 0, 0], "time": [3, 5]},
        {"staff": [0, 0, 0], "add": {"measure": 77, "duration": 1}},
        "delete everything",
    ],
)
def test_corrections_that_do_not_fit_are_refused_in_one_sentence(change):
    with pytest.raises(BadRequest) as caught:
        example().corrected([change])
    assert str(caught.value).endswith(".")


def test_json_of_a_stranger_is_checked():
    for spoil in (
        lambda data: data["pages"][0]["systems"][0]["staves"][0]["events"][0].update(pitches=[999]),
        lambda data: data["pages"][0]["systems"][0]["staves"][0]["events"][0].update(id="e2"),
        lambda data: data["pages"][0]["systems"][0]["staves"][0].update(key="many"),
        lambda data: data["pages"][0]["systems"][0]["bars"][0].update(time=[0, 4]),
        lambda data: data.update(pages="none"),
    ):
        data = example().to_json()
        spoil(data)
        with pytest.raises(BadRequest):
            ReadScore.from_json(data)


def test_pitches_are_spelled_in_their_key():
    assert spelled(spell_pitch(66, 1), 1) == "F#4"
    assert spelled(spell_pitch(70, -2), -1) == "Bb4"
    assert spelled(spell_pitch(60, 0), 0) == "C4"
