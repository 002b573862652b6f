"""Sessions played again without a browser: to the same piece, or not at all, with the event that does not fit."""

from __future__ import annotations

import copy
import json
import random
import sys
from pathlib import Path
from typing import Any

import pytest

from workbench.create.genie.again import play_again
from workbench.create.genie.play import GeniePlayer
from workbench.errors import BadDocument, BadRequest
from workbench.hub.tasks.genie.chords import parse_chords
from workbench.hub.tasks.genie.request import GenieSettings
from workbench.study.log.read import session_log
from workbench.study.replay import replay, takes

GOLDEN = Path(__file__).parents[2] / "golden"
sys.path.insert(0, str(GOLDEN))
from random_sessions import random_session  # noqa: E402 - found by the line above

SESSIONS = json.loads((GOLDEN / "sessions.json").read_text(encoding="utf-8"))


def test_a_hundred_random_sessions_lead_where_they_led() -> None:
    rng = random.Random(7)
    for number in range(100):
        events, digest = random_session(rng, f"s{number}", 20)
        found = replay(session_log(f"s{number}", events))
        assert found.hash == digest
        assert found.checks >= found.changes
        assert found.score is not None


@pytest.mark.parametrize("session", SESSIONS, ids=lambda item: item["events"][0]["session"])
def test_the_golden_sessions_lead_where_they_led(session: Any) -> None:
    assert replay(session["events"]).hash == session["hash"]


def test_it_stops_where_it_is_told_to() -> None:
    events = SESSIONS[0]["events"]
    for event in events:
        if event["after"] is not None:
            assert replay(events, until=event["seq"]).hash == event["after"]
    assert replay(events, until=0).score is None
    assert replay([]).hash is None


def test_a_log_with_a_hole_is_not_played_again() -> None:
    events = list(SESSIONS[0]["events"])
    log = session_log("s0", [event for event in events if event["seq"] != 3])
    with pytest.raises(BadDocument, match="events 3 of the server are missing"):
        replay(log)


def test_what_was_changed_afterwards_is_found() -> None:
    def spoilt(place: int, **fields: Any) -> list[dict[str, Any]]:
        events = copy.deepcopy(SESSIONS[0]["events"])
        events[place].update(fields)
        return events

    change = next(event["seq"] for event in SESSIONS[0]["events"] if event["kind"] == "edit")
    with pytest.raises(BadDocument, match=f"Event {change} of the session does not fit"):
        replay(spoilt(change, payload={"operation": {"op": "add_notes", "track": "none", "notes": []}}))
    with pytest.raises(BadDocument, match=f"After event {change} the piece is another"):
        replay(spoilt(change, after="0" * 64))
    with pytest.raises(BadDocument, match="no piece was opened"):
        replay([event for event in SESSIONS[0]["events"] if event["kind"] != "open"])


def layer(seed: int = 3) -> dict[str, Any]:
    """What the Genie's page keeps of one pass of playing."""
    settings = [GenieSettings(), GenieSettings(mode="replayable", chords="hard", scale=(0, 2, 4, 5, 7, 9, 11))]
    chords = parse_chords("C Am F G")
    player, presses = GeniePlayer(settings[0], seed), []
    for number in range(40):
        if number == 20:
            player.settings = settings[1]
        chord, time = chords[number // 8 % len(chords)], 0.25 * number
        said = {"root": chord.root, "quality": chord.quality, "bass": chord.bass, "time": chord.time}
        pitch = player.press(number * 3 % 8, time, chord)
        presses.append({"time": time, "button": number * 3 % 8, "pitch": pitch, "chord": said, "velocity": 90})
    changes = [
        {"from": 20 * place, "settings": json.loads(json.dumps(vars_of(item)))} for place, item in enumerate(settings)
    ]
    return {"seed": seed, "changes": changes, "presses": presses, "pedals": []}


def vars_of(settings: GenieSettings) -> dict[str, Any]:
    """Settings as the browser writes them."""
    return {name: getattr(settings, name) for name in GenieSettings.__dataclass_fields__}


def test_the_genie_plays_the_same_notes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    own = layer()
    now, then = play_again(own)
    assert now == then
    with monkeypatch.context() as owner:  # whichever weights are offered now: those that it was played on
        owner.setenv("WORKBENCH_WEIGHTS", "open")
        assert play_again(own) == (now, then)
        free = layer()
    assert [press["pitch"] for press in free["presses"]] != now
    assert len(set(play_again(free | {"model": "piano-genie-open"})[0])) > 5
    assert play_again(free | {"model": "piano-genie-open"}) == ([press["pitch"] for press in free["presses"]],) * 2
    assert len(set(now)) > 5
    other = layer() | {"model": "piano-genie-open"}  # the notes are the others'
    now, then = play_again(other)
    assert now != then
    other = layer() | {"seed": 4}
    now, then = play_again(other)
    assert now != then


@pytest.mark.parametrize(
    "data",
    [{}, {"seed": 1, "changes": [], "presses": [{}]}, {"seed": "x", "changes": [], "presses": []},
     {"seed": 1, "changes": [{"from": 0, "settings": {"buttons": 5}}], "presses": []},
     {"seed": 1, "changes": [], "presses": [{"button": 99, "time": 0, "pitch": 1}]}],
)  # fmt: skip
def test_what_is_no_playing_is_refused_in_a_sentence(data: Any) -> None:
    with pytest.raises(BadRequest):
        play_again(data)


def test_takes_are_found_in_the_log() -> None:
    events = copy.deepcopy(SESSIONS[0]["events"])
    events[-1] |= {"kind": "genie", "payload": {"action": "take", "number": 1, **layer()}}
    assert [take["seed"] for take in takes(events)] == [3]
