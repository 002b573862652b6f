"""A part of an idea tried again: the rest of the idea and of the piece stand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.hub.rogues import BAR, hub, piece, spec
from workbench.errors import BadRequest
from workbench.hub.protocol import CancelToken, Partial, Result
from workbench.hub.tasks.infill.request import InfillRequest, NewTrack
from workbench.score.operations import apply
from workbench.score.score import Note, Region, Score

EARLY = Note("n1", 0, 1, 60)


def _run(request: InfillRequest, seed: int) -> tuple[Result, list[Partial]]:
    events = list(hub(spec("good", adapter="Good")).run("rogue-good", request, seed=seed, cancel=CancelToken.never()))
    return events[-1], [item for item in events if isinstance(item, Partial)]  # type: ignore[return-value]


def _look(note: Note) -> tuple[int, int, int, int]:
    return note.start, note.duration, note.pitch, note.velocity


def _request(score: Score, **more: Any) -> InfillRequest:
    return InfillRequest(score, (Region(BAR, 3 * BAR, ("t1", "t2", "new")),), new_tracks=(NewTrack("new"),), **more)


def test_one_bar_of_one_track_changes_and_the_rest_of_the_idea_stands() -> None:
    score = piece(1)
    idea = _run(_request(score), 1)[0].alternatives[0]
    again = (Region(2 * BAR, 3 * BAR, ("t1",)),)
    result, partials = _run(_request(score, draft=idea.notes, again=again), 7)
    other = result.alternatives[0]
    for name in ("t2", "new"):
        assert sorted(map(_look, other.notes[name])) == sorted(map(_look, idea.notes[name]))
    before = [_look(note) for note in idea.notes["t1"] if note.start < 2 * BAR]
    assert [_look(note) for note in other.notes["t1"] if note.start < 2 * BAR] == before
    assert {_look(n) for n in other.notes["t1"]} != {_look(n) for n in idea.notes["t1"]}
    assert {_look(note) for note in partials[0].notes} <= {_look(n) for n in idea.notes[partials[0].track_id]}
    filled = score.copy()
    apply(filled, other.operation or {})
    for track in score.tracks:
        outside = {k: n for k, n in track.notes.items() if n.locked or not BAR <= n.start < 3 * BAR}
        assert outside.items() <= filled.track(track.id).notes.items()
    assert len(filled.track("new").notes) == len(other.notes["new"])


def test_it_can_be_made_again_from_its_settings() -> None:
    score = piece(2)
    idea = _run(_request(score), 1)[0].alternatives[0]
    request = _request(score, draft=idea.notes, again=(Region(BAR, 2 * BAR, ("t1", "new")),), count=2)
    settings = json.loads(json.dumps(request.settings()))
    repeated = InfillRequest.from_settings(score, settings)
    assert repeated.again == request.again
    assert _run(repeated, 3)[0].alternatives[1].notes == _run(request, 3)[0].alternatives[1].notes


@pytest.mark.parametrize(
    "bad",
    [
        {"again": [{"start": 0, "end": BAR, "tracks": ["t1"]}]},
        {"draft": {"t1": []}},
        {"draft": {"t1": []}, "again": [{"start": 0, "end": BAR, "tracks": ["t1"]}]},
        {"draft": {"t1": []}, "again": [{"start": BAR, "end": 2 * BAR, "tracks": ["t3"]}]},
        {"draft": {"t1": [EARLY.to_dict()]}, "again": [{"start": BAR, "end": 2 * BAR, "tracks": ["t1"]}]},
        {"draft": {"t9": []}, "again": [{"start": BAR, "end": 2 * BAR, "tracks": ["t1"]}] * 2},
        {"draft": {"t1": 7}, "again": [{"start": BAR, "end": 2 * BAR, "tracks": ["t1"]}]},
        {"draft": {"t1": [{}]}, "again": [{"start": BAR, "end": 2 * BAR, "tracks": ["t1"]}]},
        {"draft": [], "again": [{"start": BAR, "end": 2 * BAR, "tracks": ["t1"]}]},
        {"draft": {"t1": []}, "again": 3},
    ],
)  # fmt: skip
def test_a_draft_that_does_not_fit_is_one_sentence(bad: dict[str, Any]) -> None:
    data = {"regions": [{"start": BAR, "end": 3 * BAR, "tracks": ["t1", "t2"]}], **bad}
    with pytest.raises(BadRequest) as caught:
        InfillRequest.from_settings(piece(), data)
    assert str(caught.value).endswith(".")
