"""``workbench.infill``: what a person calls from Python."""

from __future__ import annotations

import pytest

import workbench
from tests.unit.create.scores import BAR, PPQ, band
from workbench.create.idea import Idea
from workbench.create.infill.fill import find_tracks, infill
from workbench.errors import BadRequest, Cancelled, WorkbenchError
from workbench.hub.protocol import CancelScope, Partial
from workbench.hub.shared import shared_hub
from workbench.hub.tasks.infill.controls import InfillControls
from workbench.score.canonical import project_hash
from workbench.score.operations import apply, inverse
from workbench.score.score import Region, Score, Track


def onsets(idea: Idea) -> set[int]:
    return {note.start for notes in idea.notes.values() for note in notes}


def test_fills_the_bars_of_a_track_and_leaves_the_piece_alone() -> None:
    score = band()
    before = project_hash(score)
    ideas = workbench.infill(score, (9, 12), tracks=["melody"], count=3, seed=5)
    assert project_hash(score) == before
    assert len(ideas) == 3
    assert len({project_hash(idea.score()) for idea in ideas}) == 3
    for idea in ideas:
        assert idea.notes.keys() == {"t1"}
        assert all(8 * BAR <= start < 12 * BAR for start in onsets(idea))
        assert idea.model == "infill"
        assert idea.seed == 5
        assert {note.author for notes in idea.notes.values() for note in notes} == {"model:infill"}


def test_an_idea_is_one_step_of_undo() -> None:
    score = band()
    before = project_hash(score)
    (idea,) = infill(score, (3, 4), instrument=["violin", "drums"])
    apply(score, idea.operation)
    assert [track.name for track in score.tracks[4:]] == ["Violin", "Drums"]
    assert (score.tracks[4].program, score.tracks[5].is_drum) == (40, True)
    assert project_hash(score) == project_hash(idea.score())
    apply(score, inverse(idea.operation))
    assert project_hash(score) == before


def test_an_idea_can_be_made_again_from_its_seed_and_settings() -> None:
    first = infill(band(), (5, 6), seed=11, controls={"density": 70, "tonic": 7, "scale": "major"})[0]
    again = infill(band(), (5, 6), seed=11, controls=InfillControls(density=70, tonic=7, scale="major"))[0]
    assert first.operation == again.operation
    assert first.settings["controls"] == {"density": 70, "tonic": 7, "scale": "major"}
    assert infill(band(), (5, 6), seed=12)[0].operation != first.operation


def test_without_tracks_it_fills_all_that_play_and_are_not_locked() -> None:
    score = band()
    score.tracks.append(Track("t5", name="Silent"))
    score.track("t3").locked = True
    (idea,) = infill(score, (9, 9))
    assert {name for name, notes in idea.notes.items() if notes} == {"t1", "t2", "t4"}


def test_bar_numbers_respect_the_pickup() -> None:
    score = band()
    score.pickup = PPQ
    (idea,) = infill(score, (1, 1), tracks=[1])
    assert all(PPQ <= start < PPQ + BAR for start in onsets(idea))


def test_several_gaps_in_ticks() -> None:
    regions = (Region(0, BAR, ("t4",)), Region(4 * BAR, 5 * BAR, ("t1",)))
    (idea,) = infill(band(), regions=regions)
    assert {start // BAR for start in onsets(idea)} == {0, 4}


def test_filling_around_keeps_what_stands() -> None:
    score = band()
    (idea,) = infill(score, (9, 10), tracks=["piano"], around=True, controls={"max_polyphony": 6, "density": 90})
    assert idea.note_count
    assert score.track("t2").notes.items() <= idea.score().track("t2").notes.items()


def test_an_empty_piece_starts_from_an_instrument() -> None:
    (idea,) = infill(Score(), (1, 4), instrument="piano")
    assert idea.note_count >= 4
    assert idea.score().tracks[0].name.lower().endswith("piano")


def test_partial_notes_can_be_watched_and_stopped() -> None:
    scope, seen = CancelScope(), []

    def watch(item: object) -> None:
        if isinstance(item, Partial):
            seen.append(item)
            scope.cancel()

    with pytest.raises(Cancelled):
        infill(band(), (1, 8), cancel=scope.start(), watch=watch)
    assert len(seen) == 1


def test_what_could_not_be_honoured_is_said() -> None:
    (idea,) = infill(band(), (9, 10), tracks=["Drums"], controls={"register": 90})
    assert any("register" in text for text in idea.remarks)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"bars": (5, 2)}, "comes before"),
        ({"bars": (0, 2)}, "no bar 0"),
        ({"bars": (40, 41)}, "ends with bar 16"),
        ({"bars": (1, 5000)}, "1,000 bars"),
        ({"bars": (1.5, 2)}, "whole numbers"),
        ({"bars": None}, "which bars"),
        ({"tracks": ["Tuba"]}, "no track 'Tuba'; the tracks are 1 Melody, 2 Piano, 3 Bass, 4 Drums"),
        ({"tracks": ["9"]}, "no track '9'"),
        ({"instrument": "xyzzyq"}, "no instrument"),
        ({"count": 0}, "1 to 8"),
        ({"seed": -1}, "seed"),
        ({"model": "nobody"}, "markov"),
        ({"controls": {"densty": 1}}, "densty"),
        ({"controls": {"density": 101}}, "0 to 100"),
        ({"controls": {"tonic": 0, "scale": "major", "pitch_low": 61, "pitch_high": 61}}, "widen"),
    ],
)
def test_a_wrong_request_is_one_sentence(changes: dict, words: str) -> None:
    settings = {"bars": (1, 2), **changes}
    with pytest.raises(WorkbenchError) as caught:
        infill(band(), settings.pop("bars"), **settings)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_piece_with_nothing_to_fill_says_so() -> None:
    with pytest.raises(BadRequest, match="name a track or a new instrument"):
        infill(Score(), (1, 2))


def test_tracks_are_found_by_name_number_or_part() -> None:
    score = Score(tracks=[Track("a", name="Violin I"), Track("b", name="violin II"), Track("c", name="2"), Track("d")])
    assert find_tracks(score, ["VIOLIN i", 4, "a"]) == ("a", "d")
    assert find_tracks(score, ["2"]) == ("c",)  # a name goes before a number
    with pytest.raises(BadRequest, match="by its number: 1 Violin I, 2 violin II"):
        find_tracks(score, ["violin"])


def test_calls_share_one_hub() -> None:
    assert shared_hub() is shared_hub()
