"""What a piece inherits from the weights that wrote in it, the official word for it, shares and rights."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.provenance.files import NO, YES, filled, person_s
from workbench.errors import BadRequest
from workbench.provenance.authorship import shares, summary
from workbench.provenance.licences import selling
from workbench.provenance.manifest import written_by
from workbench.provenance.rights import inputs_of, rights_of
from workbench.provenance.sourcetype import source_type
from workbench.score import edits
from workbench.score.events import EventLog
from workbench.score.score import Note, Score


def test_a_part_by_non_commercial_weights_binds_the_piece_until_it_is_replaced() -> None:
    document = filled(NO)
    told = selling(document.score, document.log.events)
    (part,) = told.bound
    assert (told.answer, part.name, part.first, part.last, part.notes) == ("no", "Piano", 5, 6, 8)
    with pytest.raises(BadRequest, match=r"replace Piano \(bars 5 to 6, 8 notes\), which rogue made"):
        told.check()
    document.apply(edits.remove_notes(document.score, "t1", [f"m{at}" for at in range(16, 24)]))
    assert selling(document.score, document.log.events).answer == "yes"
    document.undo()
    assert selling(document.score, document.log.events).answer == "no"


def test_a_clear_yes_binds_nothing_and_an_unclear_card_is_said_but_not_refused() -> None:
    assert selling(*of(filled(YES))).answer == "yes"
    told = selling(*of(filled("Unclear, nobody knows.")))
    assert told.answer == "no"  # its weights are CC BY-NC by their own word
    score = person_s()
    score.tracks[0].notes["x"] = Note("x", 0, 960, 80, 80, author="model:never-heard-of")
    told = selling(score, ())
    told.check()
    assert told.answer == "unclear"
    assert "never-heard-of" in told.sentence()


def by(author: str) -> Score:
    """The piece with all its notes by one author."""
    score = person_s()
    score.tracks[0].notes = {name: replace(note, author=author) for name, note in score.tracks[0].notes.items()}
    return score


def of(document) -> tuple[Score, list]:  # type: ignore[no-untyped-def, type-arg]
    return document.score, list(document.log.events)


def test_notes_without_a_record_go_by_the_card_of_their_model() -> None:
    score = person_s()
    score.tracks[0].notes["x"] = Note("x", 0, 960, 80, 80, author="model:infill")
    assert selling(score, ()).answer == "yes"
    assert written_by(score, ())["licences"]["infill"]["sell"].startswith("Yes")


def test_the_official_word_follows_who_wrote_the_notes() -> None:
    def term(score: Score, events: object = ()) -> str:
        return source_type(score, events).rsplit("/", 1)[1]  # type: ignore[arg-type]

    person = person_s()
    assert term(person) == "digitalCreation"
    both = filled()
    assert term(*of(both)) == "compositeWithTrainedAlgorithmicMedia"
    for number in range(16):
        del both.score.tracks[0].notes[f"n{number}"]
    assert term(*of(both)) == "trainedAlgorithmicMedia"
    assert term(by("imported")) == "humanEdits"
    assert term(by("model:singing")) == "algorithmicallyEnhanced"
    assert term(by("model:markov")) == "algorithmicMedia"


def test_shares_are_told_by_notes_and_by_time() -> None:
    score = person_s()
    score.tracks[0].notes = {
        "a": Note("a", 0, 3_000, 60, 90, author="human"), "b": Note("b", 0, 500, 62, 90, author="model:x"),
        "c": Note("c", 0, 500, 64, 90, author="model:x"),
    }  # fmt: skip
    found = shares(score)
    assert found["human"] == {"notes": 0.3333, "time": 0.75}
    assert found["model:x"] == {"notes": 0.6667, "time": 0.25}
    assert summary(found) == "Of the notes, 67 % by the model x, 33 % by a person"
    assert summary({"human": {"notes": "all"}, 3: {}, "x": None}) == ""
    assert shares(Score()) == {}


def test_whose_a_recording_is_stays_with_the_piece() -> None:
    log = EventLog()
    log.add("import", "user", {"name": "tune.mid", "sha256": "a" * 64})
    log.add("prompt", "user", {"action": "rights", "slot": "sound", "name": "hum.wav", "sha256": "b" * 64,
                               "rights": "licensed"})  # fmt: skip
    hum = {"slot": "recording", "name": "hum.wav", "sha256": "b" * 64, "rights": ""}
    log.add("prompt", "user", {"action": "keep", "given": [hum, {"slot": "words", "name": ""}, 5]})
    log.add("prompt", "user", {"action": "rights", "sha256": "b" * 64, "rights": "mine"})
    found = inputs_of(log.events)
    assert [(item["name"], item["rights"]) for item in found] == [("tune.mid", "not-said"), ("hum.wav", "mine")]
    assert rights_of("stolen") == rights_of(None) == "not-said"
    assert rights_of("public-domain") == "public-domain"
