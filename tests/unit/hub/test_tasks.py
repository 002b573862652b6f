"""What may be asked of a fill, as untrusted clients send it."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from tests.unit.hub.rogues import BAR, finish, hub, piece, spec
from workbench.errors import BadRequest
from workbench.hub.protocol import CancelToken
from workbench.hub.tasks.infill.controls import InfillControls
from workbench.hub.tasks.infill.parted import parted
from workbench.hub.tasks.infill.request import InfillRequest, NewTrack
from workbench.hub.tasks.separate.request import SeparateRequest
from workbench.score.lanes import Chord
from workbench.score.operations import apply
from workbench.score.score import Region


def test_controls_survive_json() -> None:
    controls = InfillControls(
        density=0, loudness=100, wildness=50, curves={"register": [[0, 10], [960, 90]]}, temperature=1, top_p=0.9,
        pitch_low=40, pitch_high=80, max_polyphony=3, tonic=9, scale="minor pentatonic",
        chords=(Chord(0, 960, 9, "min"),), harmony="strict", grid=4, keep_rhythm=True,
    )  # fmt: skip
    text = json.dumps(controls.to_dict())
    assert InfillControls.from_dict(json.loads(text)) == controls
    assert InfillControls().to_dict() == {}


def test_a_curve_overrules_its_slider_and_is_straight_between_its_points() -> None:
    controls = InfillControls(density=20, loudness=30, curves={"density": [(960, 0), (1920, 100)]})
    assert [controls.value("density", tick) for tick in (0, 960, 1440, 1920, 5000)] == [0, 0, 50, 100, 100]
    assert controls.value("loudness", 5000) == 30
    assert controls.value("register", 0) is None


def test_a_blank_stretch_of_a_curve_asks_for_nothing() -> None:
    controls = InfillControls(
        density=20, curves={"density": [(960, 80), (1920, None), (2880, 40)], "register": [(5, None)]}
    )
    values = [controls.value("density", tick) for tick in (0, 959, 1440, 1920, 2879, 2880, 9000)]
    assert values == [80, 80, 80, None, None, 40, 40]
    assert controls.value("register", 0) is None
    assert InfillControls.from_dict(json.loads(json.dumps(controls.to_dict()))) == controls


def test_a_scale_is_pitch_classes_above_its_tonic() -> None:
    assert InfillControls(tonic=2, scale="major").pitch_classes() == {2, 4, 6, 7, 9, 11, 1}
    assert InfillControls().pitch_classes() is None


@pytest.mark.parametrize(
    "bad",
    [
        {"density": 101}, {"density": -1}, {"density": 1.5}, {"density": True}, {"density": "50"}, {"speed": 3},
        {"temperature": 0}, {"temperature": math.nan}, {"temperature": "hot"}, {"temperature": True}, {"top_p": 1.5},
        {"pitch_low": 128}, {"pitch_low": 70, "pitch_high": 60}, {"max_polyphony": 0}, {"scale": "major"},
        {"tonic": 3}, {"tonic": 3, "scale": "klingon"}, {"tonic": 3, "scale": ["major"]}, {"harmony": "maybe"},
        {"keep_rhythm": 1}, {"keep_rhythm": True, "keep_pitches": True}, {"curves": []}, {"curves": {"surprise": []}},
        {"curves": {"density": [[0, 101]]}}, {"curves": {"density": [[5, 1], [5, 2]]}}, {"curves": {"density": [0, 1]}},
        {"curves": {"density": [[None, 5]]}}, {"curves": {"density": [[k, 1] for k in range(600)]}},
        {"chords": [{"tick": 0}]}, {"chords": "C"}, {"grid": 0}, {"closeness": 101},
        {"closeness": 50, "keep_rhythm": True}, {"part_writing": 1}, {"syncopation": -1},
        {"chords": [Chord(9, 1, 0).to_dict(), Chord(0, 1, 0).to_dict()]}, 7, None, [],
    ],
)  # fmt: skip
def test_bad_wishes_are_refused_in_one_sentence(bad: Any) -> None:
    with pytest.raises(BadRequest) as caught:
        InfillControls.from_dict(bad)
    assert str(caught.value).endswith(".")
    assert len(str(caught.value)) < 300


def test_a_request_survives_json() -> None:
    score = piece()
    request = InfillRequest(
        score, (Region(0, BAR, ("t1", "new")), Region(2 * BAR, 3 * BAR, ("t2",))), around=True, overhang=True,
        controls=InfillControls(density=70), per_track={"new": InfillControls(register=10)},
        new_tracks=(NewTrack("new", "Bass", 32),), count=3,
    )  # fmt: skip
    again = InfillRequest.from_settings(score, json.loads(json.dumps(request.settings())))
    assert again == request
    assert again.controls_for("new").register == 10
    assert again.controls_for("t1").density == 70


def region(start: Any = 0, end: Any = BAR, tracks: Any = ("t1",)) -> dict[str, Any]:
    return {"start": start, "end": end, "tracks": tracks}


@pytest.mark.parametrize(
    "bad",
    [
        {}, {"regions": []}, {"regions": [region(end=0)]}, {"regions": [region(tracks=[])]},
        {"regions": [region(tracks=["nobody"])]}, {"regions": [region(tracks=["t1", "t1"])]},
        {"regions": [region(), region(100, 200)]}, {"regions": [region(-1)]}, {"regions": [region(0.5)]},
        {"regions": [region(tracks=[["t1"]])]}, {"regions": [region(tracks=None)]}, {"regions": "all"},
        {"regions": [region()] * 100}, {"regions": [region()], "count": 0}, {"regions": [region()], "count": 9},
        {"regions": [region()], "around": 1}, {"regions": [region()], "extra": 1}, {"regions": [region()], "task": "x"},
        {"regions": [region()], "new_tracks": [{"id": "t1"}]}, {"regions": [region()], "new_tracks": [{"id": "t9"}]},
        {"regions": [region()], "new_tracks": [{"id": "../x"}]}, {"regions": [region()], "new_tracks": [7]},
        {"regions": [region()], "per_track": {"t2": {}}}, {"regions": [region()], "per_track": []}, 5, None,
    ],
)  # fmt: skip
def test_bad_requests_are_refused_in_one_sentence(bad: Any) -> None:
    with pytest.raises(BadRequest) as caught:
        InfillRequest.from_settings(piece(), bad)
    assert str(caught.value).endswith(".")


def test_locked_tracks_are_left_out_and_a_gap_of_nothing_else_is_refused() -> None:
    score = piece()
    score.track("t1").locked = True
    request = InfillRequest(score, (Region(0, BAR, ("t1", "t2")),))
    assert request.fillable(request.regions[0]) == ("t2",)
    with pytest.raises(BadRequest, match="locked"):
        InfillRequest(score, (Region(0, BAR, ("t1",)),))


@pytest.mark.parametrize("stems", [(), ("a", "a"), ("rest",), ("a b",), tuple("abcdefghijklmnopq")])
def test_stems_need_different_plain_names(stems: tuple[str, ...]) -> None:
    with pytest.raises(BadRequest):
        SeparateRequest(None, stems)


@pytest.mark.parametrize("around", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_what_gives_way_is_just_what_the_operation_takes_out(seed: int, around: bool) -> None:
    score = piece(seed)
    score.track("t2").locked = seed % 2 == 0
    spans = (Region(0, BAR, ("t1", "t2")), Region(2 * BAR, 3 * BAR, ("t1", "t3")))
    request = InfillRequest(score, spans, around)
    found = parted(request)
    for track in score.tracks:
        assert {*found.kept[track.id], *found.gone[track.id]} == set(track.notes.values())
        assert not {*found.kept[track.id]} & {*found.gone[track.id]}
        assert found.kept[track.id] == [note for note in track.sorted_notes() if note in found.kept[track.id]]
    assert set(found.gaps) == ({"t1", "t3"} if score.track("t2").locked else {"t1", "t2", "t3"})
    idea = finish(hub(spec("good", adapter="Good")).run("rogue-good", request, seed=1, cancel=CancelToken.never()))
    apply(score, dict(idea.alternatives[0].operation or {}))
    for track_id, notes in found.gone.items():
        assert not [note for note in notes if score.track(track_id).notes.get(note.id) == note]
    for track_id, notes in found.kept.items():
        assert all(score.track(track_id).notes[note.id] == note for note in notes)
    assert any(found.stood.values())
    assert any(found.gone.values()) is not around
