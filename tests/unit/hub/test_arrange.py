"""A band through the hub: what can be asked, what the guard lets through, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from workbench.create.compose.joining import band_request, join_in
from workbench.errors import BadRequest, Cancelled
from workbench.hub.hub import Hub
from workbench.hub.protocol import CancelScope, CancelToken, Partial, Progress, Result
from workbench.hub.registry import Registry
from workbench.hub.tasks.arrange.guard import ArrangeGuard
from workbench.hub.tasks.arrange.request import ArrangeRequest, BandTrack
from workbench.hub.tasks.arrange.wire import ArrangeWire
from workbench.hub.tasks.infill.request import draft
from workbench.score.canonical import project_hash
from workbench.score.operations import apply, inverse
from workbench.score.score import Note, Score, Track

BAR = 3840


@pytest.fixture(scope="module")
def hub() -> Hub:
    return Hub(Registry.load(plugins=False, user=False))


def tune(times: int = 2) -> Score:
    score = Score()
    track = Track("t1", "Tune", program=73)
    for at, pitch in enumerate((60, 64, 67, 64, 65, 69, 72, 69, 67, 71, 74, 71, 72, 67, 64, 60) * times):
        track.notes[f"n{at}"] = Note(f"n{at}", 960 * at, 960, pitch + 12, locked=at == 3)
    score.tracks.append(track)
    return score


def test_a_request_comes_back_from_its_json_and_odd_ones_are_refused() -> None:
    score = tune()
    asked = band_request(score, "a jazz band", count=2, controls={"loudness": 70})
    assert asked.style == "swing"
    assert asked.bars == (1, 8)
    again = ArrangeWire().read(asked.settings(), {"score": score})
    assert again == asked
    for change in (
        {"bars": [0, 4]}, {"bars": [4, 2]}, {"bars": [1]}, {"bars": ["1", 2]}, {"parts": []}, {"style": ""},
        {"style": 3}, {"count": 9}, {"join": 101}, {"join": True}, {"tune": "t9"}, {"controls": {"nonsense": 1}},
        {"more": 1}, {"task": "infill"}, {"parts": [{"id": "t1", "part": "Bass"}]},
        {"parts": [{"id": "t5", "part": "Bass"}, {"id": "t6", "part": "Bass"}]},
        {"sections": [{"section": "Groove A", "first": 1, "last": 4}, {"section": "Ending", "first": 4, "last": 4}]},
        {"sections": [{"section": "Groove A", "first": 3, "last": 2}]}, {"sections": [{"section": 1}]},
    ):  # fmt: skip
        with pytest.raises(BadRequest):
            ArrangeWire().read({**asked.settings(), **change}, {"score": score})
    with pytest.raises(BadRequest, match="no piece"):
        ArrangeWire().read(asked.settings(), {})


def test_the_guard_adds_tracks_and_changes_nothing(hub: Hub) -> None:
    score = tune()
    parts = (BandTrack("t8", "Bass", "Low", 33, volume=90, pan=40), BandTrack("t9", "Drums", "Kit", 0, True),
             BandTrack("t10", "Piano"))  # fmt: skip
    request = ArrangeRequest(score, "rock", (2, 3), parts)
    guard = ArrangeGuard(request, hub.registry.find("arranger"))
    sent: list[tuple[str, list[Any]]] = [
        ("t8", [draft(BAR, 9 * BAR, 40), draft(0, 10, 40), draft(3 * BAR, 10, 40), "no note"]),
        ("t9", [draft(BAR, 100, 36), draft(BAR, 100, 3)]),
        ("t1", [draft(BAR, 100, 60)]),
        ("elsewhere", [draft(BAR, 100, 60)]),
    ]
    for name, notes in sent:
        guard.partial(Partial(0, name, tuple(notes)))
    (idea,) = guard.result(None, seed=1, revision="r")
    assert {name: [note.pitch for note in notes] for name, notes in idea.notes.items()} == {"t8": [40], "t9": [36]}
    assert idea.notes["t8"][0].end == 3 * BAR
    assert any("no drum has that key" in line for line in idea.remarks)
    assert not any("shortened" in line for line in idea.remarks), "a section's last notes ring no further; no news"
    assert idea.settings["style"] == "rock"
    before, digest = score.tracks[0].to_dict(), project_hash(score)
    apply(score, dict(idea.operation or {}))
    assert score.tracks[0].to_dict() == before
    assert [track.name for track in score.tracks] == ["Tune", "Low", "Kit"], "a part that plays nothing has no track"
    assert (score.track("t8").volume, score.track("t8").pan) == (90, 40)
    assert all(note.author == "model:arranger" for note in score.track("t8").notes.values())
    apply(score, inverse(dict(idea.operation or {})))
    assert project_hash(score) == digest


def test_a_band_joins_a_tune_in_plain_words(hub: Hub) -> None:
    score = tune(4)
    ideas = join_in(score, "a jazz band", count=3, seed=4, join=0, hub=hub)
    assert len(ideas) == 3
    for idea in ideas:
        made = idea.score()
        assert made.tracks[0].to_dict() == score.tracks[0].to_dict()
        assert [track.is_drum for track in made.tracks].count(True) == 1
        assert {note.start // BAR for note in made.tracks[1].notes.values()} >= set(range(14))
        assert "found for the tune" in " ".join(idea.remarks)
    assert len({str([note.to_dict() for note in idea.notes[ideas[0].score().tracks[-1].id]]) for idea in ideas}) == 3
    again = join_in(score, "swing", count=3, seed=4, join=0, hub=hub)
    assert [idea.notes for idea in again] == [idea.notes for idea in ideas]


def test_chords_that_a_person_wrote_are_played_and_stay(hub: Hub) -> None:
    from workbench.score.lanes import Chord

    score = tune()
    score.chords = [Chord(bar * BAR, BAR, (2 * bar) % 12, "min") for bar in range(8)]
    (idea,) = join_in(score, "rock", seed=1, join=0, humanise=0, hub=hub)
    made = idea.score()
    assert made.chords == score.chords
    bass = next(track for track in made.tracks if track.name == "Bass")
    ones = {note.start // BAR: note.pitch % 12 for note in bass.notes.values() if note.start % BAR == 0}
    assert ones == {bar: (2 * bar) % 12 for bar in range(8)}
    assert not any("found" in remark for remark in idea.remarks)


def test_progress_partials_stop_and_one_sentence_for_what_cannot_be(hub: Hub) -> None:
    request = band_request(tune(4), "rock", count=2, join=0)
    items = list(hub.run("arrange", request, seed=1, cancel=CancelToken.never()))
    assert isinstance(items[-1], Result)
    assert any(isinstance(item, Progress) for item in items)
    shown = {item.track_id for item in items if isinstance(item, Partial)}
    assert shown == {part.id for part in request.parts}
    scope = CancelScope()

    def stopped() -> Iterator[Any]:
        for item in hub.run("arrange", request, seed=1, cancel=scope.start()):
            yield item
            if isinstance(item, Partial):
                scope.cancel()

    with pytest.raises(Cancelled):
        list(stopped())
    other = ArrangeRequest(tune(), "polka of the seven moons", (1, 4), (BandTrack("t8", "Bass"),))
    with pytest.raises(BadRequest, match="There is no style 'polka"):
        list(hub.run("arrange", other, seed=1, cancel=CancelToken.never()))
    with pytest.raises(BadRequest, match="no part called 'Harp'"):
        list(hub.run("arrange", ArrangeRequest(tune(), "rock", (1, 4), (BandTrack("t8", "Harp"),)), seed=1,
                     cancel=CancelToken.never()))  # fmt: skip
    with pytest.raises(BadRequest, match="nothing to play along"):
        band_request(Score(), "rock")


def test_a_band_plays_as_people_do_within_what_stands_on_the_grid(hub: Hub) -> None:
    score = tune(4)
    (written,) = join_in(score, "rock", seed=1, join=0, humanise=0, hub=hub)
    (played,) = join_in(score, "rock", seed=1, join=0, hub=hub)
    twelfth = score.ppq / 12
    for grid, own in zip(written.score().tracks[1:], played.score().tracks[1:], strict=True):
        places = sorted((note.start, note.pitch) for note in grid.notes.values())
        heard = sorted((note.start, note.pitch) for note in own.notes.values())
        assert {start for start, _ in places} != {start for start, _ in heard}, "nobody plays like a machine"
        rounded = sorted((round(start / twelfth), pitch) for start, pitch in heard)
        assert rounded == sorted((round(start / twelfth), pitch) for start, pitch in places)
        late = [start - round(start / twelfth) * twelfth for start, _ in heard]
        assert 3 < (sum(ticks**2 for ticks in late) / len(late)) ** 0.5 < twelfth / 2
        assert len({note.velocity for note in own.notes.values()}) > 8
    assert played.score().tracks[0] == score.tracks[0], "the person's own tune is played as it is"
    again = ArrangeWire().read(band_request(score, "rock", humanise=35).settings(), {"score": score})
    assert again.humanise == 35
    with pytest.raises(BadRequest):
        band_request(score, "rock", humanise=101)
