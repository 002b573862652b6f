"""What was given: roles, the line at the top, and the JSON form."""

from __future__ import annotations

import json

import pytest

from workbench.create.prompt.prompts import Prompt, Prompts, together
from workbench.errors import BadFile, WorkbenchError
from workbench.score.score import Note, Score, Track
from workbench.understand.heard import Beats, Heard, HeardNote


def tune() -> Score:
    score = Score("Tune")
    score.tracks = [Track("t1", "Flute", 73)]
    score.tracks[0].notes = {f"n{k}": Note(f"n{k}", 960 * k, 960, 60 + k % 8) for k in range(16)}
    return score


def heard(melody: bool = True) -> Heard:
    notes = tuple(HeardNote(0.5 * k, 0.5 * k + 0.4, 60 + k % 5) for k in range(16))
    return Heard(8.0, beats=Beats(tuple(0.5 * k for k in range(16)), tuple(2.0 * k for k in range(4))),
                 melody=notes if melody else (), notes=notes)  # fmt: skip


def slot(prompts: Prompts) -> str:
    found = prompts.tune()
    return found.slot if found else ""


def test_the_line_says_what_will_be_made() -> None:
    prompts = Prompts((Prompt("notes", tune()), Prompt("recording", heard())), seconds=20)
    assert prompts.sentence() == (
        "A piece with the tune from your notes, in the style of your recording, 20 seconds long."
    )
    assert ("the tune from your notes", True) in prompts.parts()
    assert Prompts().sentence() == "A new piece."


def test_a_recording_gives_its_tune_only_where_nothing_else_does() -> None:
    alone = Prompts((Prompt("recording", heard()),))
    assert slot(alone) == "recording"
    assert "the tune from your recording" in alone.sentence()
    beside = alone.with_prompt(Prompt("notes", tune()))
    assert slot(beside) == "notes"
    assert slot(Prompts((Prompt("recording", heard(melody=False)),))) == ""
    weak = beside.with_prompt(Prompt("notes", tune(), strength=0))
    assert slot(weak) == "recording"


def test_the_strongest_tune_is_told_and_a_chosen_role_counts() -> None:
    prompts = Prompts((Prompt("voice", heard(), strength=60), Prompt("notes", tune(), strength=50)))
    assert slot(prompts) == "voice"
    other = prompts.with_prompt(Prompt("notes", tune(), roles=("chords",)))
    assert [item.slot for item in other.with_role("chords")] == ["notes"]
    assert "over the chords of your notes" in other.sentence()


def test_the_json_form_comes_back_equal() -> None:
    prompts = Prompts((Prompt("notes", tune(), strength=70, name="a.mid"), Prompt("voice", heard(), ("tune",))), 30.0)
    told = json.loads(json.dumps(prompts.to_json()))
    assert Prompts.from_json(told).to_json() == prompts.to_json()


@pytest.mark.parametrize("change", [
    {"slot": "smell"}, {"roles": ["timing"]}, {"strength": 101}, {"kind": "heard"}, {"rights": "perhaps"},
    {"understood": {"tracks": "none"}}, {"given": "/etc/passwd"},
])  # fmt: skip
def test_nonsense_from_a_page_is_one_sentence(change: dict[str, object]) -> None:
    told = {**Prompt("notes", tune()).to_json(), **change}
    with pytest.raises(WorkbenchError) as error:
        Prompts.from_json({"items": [told]})
    assert str(error.value).endswith(".")


def test_what_cannot_be_read_is_said_and_the_others_go_on() -> None:
    mixture = together([Prompt("notes", tune()), BadFile("This is a cat.")])
    assert [item.slot for item in mixture.items] == ["notes"]
    assert mixture.remarks == ("This is a cat.",)
