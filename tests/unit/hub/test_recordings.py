"""The tasks about recordings: whatever a model writes, a person gets what lies in the recording and is in order."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pytest

from tests.unit.hub.rogues import finish, hub, spec
from workbench.errors import BadRequest
from workbench.hub.conformance import check
from workbench.hub.protocol import Alternative, CancelToken, Model, Partial, Progress, Result
from workbench.hub.tasks.beats.request import BeatsRequest
from workbench.hub.tasks.table import task
from workbench.hub.tasks.transcribe.request import TranscribeRequest
from workbench.score.score import Note
from workbench.sound.audio import Audio
from workbench.understand.heard import Heard

NAN = float("nan")
SOUND = Audio(np.zeros((16_000, 2), np.float32), 8_000)  # two seconds


class Hearer(Model):
    """Gives whatever the test wants."""

    value: ClassVar[Any] = None
    partials: ClassVar[tuple[Any, ...]] = ()

    def run(self, request: Any, *, seed: int, cancel: Any) -> Any:
        for partial in self.partials:
            cancel.check()
            yield partial
        yield Result((Alternative(value=type(self).value),))


class Steady(Model):
    """Two notes and a beat every half second, in steps."""

    def run(self, request: Any, *, seed: int, cancel: Any) -> Any:
        beats = []
        for step in range(int(2 * request.audio.seconds)):
            cancel.check()
            beats.append(step / 2)
            yield Progress((step + 1) / max(1, int(2 * request.audio.seconds)))
        notes = [{"start": time, "end": time + 0.2, "pitch": 60} for time in beats]
        value: dict[str, Any] = {"beats": beats, "downbeats": beats[::4], "notes": notes}
        if request.settings()["task"] == "transcribe" and self.spec.capabilities.get("late"):
            value["notes"] = [{"start": request.audio.seconds, "end": request.audio.seconds + 1, "pitch": 60}]
        yield Result((Alternative(value=value),))


def heard(value: Any, name: str = "transcribe", partials: tuple[Any, ...] = ()) -> tuple[Any, list[Any]]:
    entry = replace(spec("odd", task=name), adapter=f"{__name__}:Hearer")
    Hearer.value, Hearer.partials = value, partials
    request = TranscribeRequest(SOUND) if name == "transcribe" else BeatsRequest(SOUND)
    items = list(hub(entry).run(entry.id, request, seed=0, cancel=CancelToken.never()))
    return items[-1].alternatives, [item for item in items if isinstance(item, Partial)]


def note(start: Any, end: Any, pitch: Any = 60, **more: Any) -> dict[str, Any]:
    return {"start": start, "end": end, "pitch": pitch, **more}


def test_notes_end_up_inside_the_recording_in_order_and_in_range() -> None:
    (idea,), _ = heard(
        {
            "notes": [
                note(1.5, 9, velocity=200, confidence=7), note(-1, 0.5, 62, velocity=-3, confidence=NAN),
                note(NAN, 1), note(0, math.inf, 61), note(3, 4), note(1, 0.5), note(0, 1, 128), note(0, 1, 60.0),
                note("0", 1), note(0, 1, True), 5, None, note(0.2, 0.3, velocity="loud", cents=NAN, odd=[object()]),
            ]
        }
    )  # fmt: skip
    assert idea.value["notes"] == [
        note(0.0, 2.0, 61, velocity=80, confidence=0.5), note(0.0, 0.5, 62, velocity=1, confidence=0.5),
        note(0.2, 0.3, velocity=80, confidence=0.5), note(1.5, 2.0, velocity=127, confidence=1.0),
    ]  # fmt: skip
    assert idea.remarks == ("9 notes were outside the recording, or no notes at all, and were left out.",)
    assert [one.pitch for one in Heard.from_json(idea.value).notes] == [61, 62, 60, 60]
    assert idea.value["model"] == "rogue-odd"


def test_everything_else_is_put_in_order_too() -> None:
    (idea,), _ = heard(
        {
            "beats": [1.0, 0.5, 0.5, NAN, 9, 1.5, None], "downbeats": [0.5, 1.2, 1.5, "x"],
            "beat_confidence": [0.9, 0.8, 0.1, 0.1, 0.1, NAN], "tempo": math.inf, "metre": 99,
            "key": "H dur", "key_confidence": 3, "tuning_cents": NAN, "duration": 1e9, "surprise": 1,
            "chords": [
                {"start": 1, "end": 2, "label": "A:min7"}, {"start": 0, "end": 1.5, "label": "C"},
                {"start": 0, "end": 1, "label": "Q:maj"}, {"start": 0, "end": 1, "label": "C:funny"},
            ],
            "sections": [{"start": 0, "end": 1, "label": "A"}, {"start": 0, "end": 2, "label": "\n"}],
            "tags": {"mood": [{"label": "sad", "confidence": 4}, {"label": 7}, 3]},
            "curve": {"times": [0, 1, 0.5], "hertz": [1, 1, 1], "confidence": [1, 1, 1]}, "drums": "none",
        }
    )  # fmt: skip
    value = idea.value
    json.dumps(value, allow_nan=False)
    again = Heard.from_json(value)
    assert again.beats.beats == (0.5, 1.0, 1.5)
    assert again.beats.confidence == (0.8, 0.9, 0.5)
    assert again.beats.downbeats == (0.5, 1.5)
    assert (again.beats.metre, again.beats.tempo, again.key, again.curve) == (4, 120, None, None)
    assert [(chord.start, chord.end, chord.label) for chord in again.chords] == [(0, 1, "C"), (1, 2, "A:min7")]
    assert [section.label for section in again.sections] == ["A"]
    assert [(tag.label, tag.confidence) for tag in again.tags["mood"]] == [("sad", 1)]
    assert again.duration == 2


@pytest.mark.parametrize("value", [None, 5, [], "notes"])
def test_what_is_no_description_gives_no_idea(value: Any) -> None:
    assert heard(value)[0] == ()


def test_notes_are_shown_as_they_come_with_the_model_as_their_author() -> None:
    shown = Partial(7, "odd", (Note("x", 100, 9_000, 60), Note("x", 2_500, 10, 61), Note("x", 200, 0, 62)))
    _, partials = heard({"notes": []}, partials=(shown, Partial(0, "t", (Note("x", 1_999, 50, 63),)), 5))
    assert [(p.track_id, [(n.id, n.start, n.duration, n.author) for n in p.notes]) for p in partials] == [
        ("heard", [("n1", 100, 1_900, "model:rogue-odd"), ("n2", 200, 1, "model:rogue-odd")]),
        ("heard", [("n3", 1_999, 1, "model:rogue-odd")]),
    ]


def test_beats_alone_hold_nothing_but_beats() -> None:
    (idea,), _ = heard({"beats": [0.5, 1.0], "notes": [note(0, 1)]}, name="beats")
    assert idea.value == {
        "duration": 2.0, "beats": [0.5, 1.0], "downbeats": [], "beat_confidence": [0.5, 0.5], "tempo": 0.0, "metre": 4,
        "model": "rogue-odd",
    }  # fmt: skip


def test_requests_say_what_they_are_and_refuse_what_they_are_not() -> None:
    request = TranscribeRequest(SOUND, "piano", "nearest key")
    assert task("transcribe").make_wire().read(request.settings(), {"audio": SOUND}) == request
    assert task("beats").make_wire().read({}, {"audio": SOUND}).inputs() == request.inputs()
    with pytest.raises(BadRequest, match="auto, singing, piano, band"):
        TranscribeRequest(SOUND, "whale")
    with pytest.raises(BadRequest, match="as sung or nearest key"):
        TranscribeRequest(SOUND, tuning="well")
    with pytest.raises(BadRequest, match="hear the beats"):
        task("beats").make_wire().read({"kind": "piano"}, {"audio": SOUND})


def test_the_public_suites_pass_a_steady_model_and_find_one_that_writes_beyond_the_end() -> None:
    for name in ("transcribe", "beats"):
        rows = list(check(replace(spec("steady", task=name), adapter=f"{__name__}:Steady")))
        assert [row.text for row in rows if not row.passed] == []
        assert len(rows) >= 6
    late = replace(spec("late", task="transcribe"), adapter=f"{__name__}:Steady", capabilities={"late": True})
    assert [row.name for row in check(late) if not row.passed] == ["in order"]


def test_what_comes_through_the_hub_ends_in_one_result() -> None:
    entry = replace(spec("steady", task="transcribe"), adapter=f"{__name__}:Steady")
    done = finish(hub(entry).run(entry.id, TranscribeRequest(SOUND), seed=0, cancel=CancelToken.never()))
    assert len(done.alternatives[0].value["notes"]) == 4
