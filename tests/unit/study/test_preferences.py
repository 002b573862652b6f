"""Pairs of ideas out of a log: the ideas that people really saw, of those alone who agreed to it."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from workbench.cli import main
from workbench.errors import BadFile, BadRequest
from workbench.hub.estimates import SpeedBook
from workbench.hub.hub import Hub
from workbench.hub.protocol import Alternative, CancelToken, Result
from workbench.hub.registry import Registry
from workbench.hub.tasks.infill.preference import FIELDS, load_preferences, rows_of, write_lines
from workbench.hub.tasks.infill.request import InfillRequest
from workbench.provenance.run import Run
from workbench.score import edits
from workbench.score.document import Document
from workbench.score.events import EventLog
from workbench.score.score import Note, Region, Score, Track
from workbench.study.log.follow import Follower
from workbench.study.log.read import load
from workbench.study.log.recorder import Recorder
from workbench.study.log.sinks import open_sink
from workbench.study.preferences import Found, export, preferences

BAR = 4 * 960
GAP = Region(2 * BAR, 4 * BAR, ("t1",))


@pytest.fixture(scope="module")
def hub() -> Hub:
    return Hub(Registry.load(plugins=False, user=False), speeds=SpeedBook(None))


def tune() -> Score:
    """Eight bars of a melody without much order, so that no two ideas for it are the same."""
    rng, track, at = random.Random(4), Track("t1", "Ada's voice"), 0
    while at < 8 * BAR:
        length = rng.choice((480, 480, 960, 1_440))
        track.notes[f"n{at}"] = Note(f"n{at}", at, length, rng.choice((60, 62, 64, 65, 67, 69, 71, 72, 74)), 80)
        at += length
    return Score("For Ada", tracks=[track])


class Desk:
    """A person before the real thing: a page and its server, telling the log what they tell it."""

    def __init__(self, where: Path, person: str, hub: Hub, boxes: dict[str, bool]) -> None:
        self.sink, self.hub, self.number = open_sink(where), hub, 0
        self.recorder = Recorder(self.sink, "study", person)
        self.follower = Follower(self.recorder)
        self.recorder.record("session", "system", {"action": "begin"})
        self.recorder.record("consent", "person", {"version": "2", "agreed": boxes, "step": "consent"})
        self.document = Document(tune(), EventLog())
        self.follower.take("open", {"reason": "start", "revision": 0, "score": self.document.score.to_dict()})

    def ask(self, seed: int, *, count: int = 3, more: bool = False, **parts: Any) -> tuple[Run, list[Alternative]]:
        self.number = self.number if more else 0
        first = self.number + 1
        request = InfillRequest(self.document.score, (GAP,), count=count, **parts)
        self.follower.take("prompt", {"kind": "fill", "first": first, "seed": seed, "model": "markov"})
        *_, result = self.hub.run("markov", request, seed=seed, cancel=CancelToken.never())
        assert isinstance(result, Result)
        assert result.attempt is not None
        run = Run.of(result.attempt)
        self.follower.tell("run", "model", run.to_dict())
        self.follower.take("suggest", {"id": "j1", "run": run.id, "first": first, "ideas": len(result.alternatives)})
        self.number += len(result.alternatives)
        return run, list(result.alternatives)

    def hear(self, run: Run, number: int) -> None:
        self.follower.take("audition", {"what": number, "runs": {run.id: []}})

    def turn_away(self, run: Run, number: int) -> None:
        self.follower.take("reject", {"id": "j1", "idea": number, "run": run.id})

    def keep(self, run: Run, idea: Alternative, number: int) -> None:
        payload = {"operation": idea.operation, "runs": {run.id: []}, "idea": str(number),
                   "ideas": [{"number": number, "run": run.id}]}  # fmt: skip
        self.document.apply(idea.operation, "model", kind="accept", name="fill")  # type: ignore[arg-type]
        self.follower.take("accept", payload, "model")

    def move_a_note(self) -> None:
        note = next(n for n in self.document.score.track("t1").sorted_notes() if n.author == "model:markov")
        operation = edits.move_notes(self.document.score, "t1", [note.id], 0, 1)
        self.document.apply(operation, "user")
        self.follower.take("edit", {"operation": operation})

    def undo(self) -> None:
        self.follower.take("undo", {"operation": self.document.undo()})


def _found(where: Path, hub: Hub, **options: Any) -> Found:
    return preferences(load(str(where)), hub=hub, **options)


def test_the_ideas_that_were_shown_come_out_as_they_were(tmp_path: Path, hub: Hub) -> None:
    desk = Desk(tmp_path / "log", "ada", hub, {"training": True})
    run, ideas = desk.ask(seed=7)
    desk.hear(run, 1)
    desk.turn_away(run, 3)
    before = desk.document.score.copy()
    desk.keep(run, ideas[1], 2)
    output = tmp_path / "pairs.jsonl"
    said = export(str(tmp_path / "log"), output, hub=hub)
    assert said.startswith(f"{output}: 2 pairs of 1 person (1 kept, 1 rejected). 0 sittings are left out")
    pairs = {pair.source: pair for pair in load_preferences(output)}
    for source, number, heard in (("kept", 0, True), ("rejected", 2, False)):
        pair = pairs[source]
        assert rows_of(pair.chosen) == rows_of(ideas[1].notes)
        assert rows_of(pair.rejected) == rows_of(ideas[number].notes)
        assert (pair.run, pair.model, pair.seed, pair.heard) == (run.id, "markov", 7, heard)
        assert pair.consent == {"box": "training", "version": "2"}
        assert pair.request.regions == (GAP,)
        standing = {(n.start, n.pitch) for n in pair.request.score.track("t1").notes.values()}
        assert standing == {(n.start, n.pitch) for n in before.track("t1").notes.values()}
    text = output.read_text(encoding="utf-8")
    assert "ada" not in text.lower()  # neither the person's id, nor the names in their piece
    assert {*json.loads(text.splitlines()[0])} == {*FIELDS}


def test_the_request_of_a_line_gives_its_ideas_again(tmp_path: Path, hub: Hub) -> None:
    """What is cut away around the gap is nothing that the model needs, in a piece of this length."""
    desk = Desk(tmp_path / "log", "ada", hub, {"training": True})
    run, ideas = desk.ask(seed=3)
    desk.keep(run, ideas[0], 1)
    pair = _found(tmp_path / "log", hub).preferences[0]
    *_, result = hub.run("markov", pair.request, seed=pair.seed, cancel=CancelToken.never())
    assert rows_of(pair.chosen) in [rows_of(idea.notes) for idea in result.alternatives]  # type: ignore[union-attr]


def test_what_a_person_makes_of_an_idea_is_preferred_to_it(tmp_path: Path, hub: Hub) -> None:
    desk = Desk(tmp_path / "log", "ada", hub, {"training": True})
    run, ideas = desk.ask(seed=1, count=1)
    desk.keep(run, ideas[0], 1)
    desk.move_a_note()
    (pair,) = _found(tmp_path / "log", hub).preferences
    assert pair.source == "edited"
    own = {note.start: note.pitch for note in ideas[0].notes["t1"]}
    now = {note.start: note.pitch for note in pair.chosen["t1"]}
    assert sorted(now[start] - own[start] for start in own) == [0] * (len(own) - 1) + [1]
    desk.undo()
    assert not _found(tmp_path / "log", hub).preferences
    assert _found(tmp_path / "log", hub).left_out == {"alone": 1}


def test_a_part_tried_again_is_preferred_to_what_it_was(tmp_path: Path, hub: Hub) -> None:
    desk = Desk(tmp_path / "log", "ada", hub, {"training": True})
    _, ideas = desk.ask(seed=1, count=1)
    part = Region(3 * BAR, 4 * BAR, ("t1",))
    run, again = desk.ask(seed=2, count=1, more=True, draft=ideas[0].notes, again=(part,))
    assert rows_of(again[0].notes) != rows_of(ideas[0].notes)
    desk.keep(run, again[0], 2)
    (pair,) = _found(tmp_path / "log", hub).preferences
    assert pair.source == "again"
    assert rows_of(pair.rejected) == rows_of(ideas[0].notes)
    assert rows_of(pair.chosen) == rows_of(again[0].notes)
    assert not pair.request.is_part


def test_an_idea_that_was_taken_back_is_no_preference(tmp_path: Path, hub: Hub) -> None:
    desk = Desk(tmp_path / "log", "ada", hub, {"training": True})
    run, ideas = desk.ask(seed=1)
    desk.keep(run, ideas[0], 1)
    desk.undo()
    found = _found(tmp_path / "log", hub)
    assert not found.preferences
    assert found.left_out == {"undone": 1}


@pytest.mark.parametrize("boxes", [{}, {"training": False}, {"log": True, "recordings": True}])
def test_without_consent_nothing_is_exported(tmp_path: Path, hub: Hub, boxes: dict[str, bool]) -> None:
    desk = Desk(tmp_path / "log", "ada", hub, boxes)
    run, ideas = desk.ask(seed=1)
    desk.keep(run, ideas[0], 1)
    with pytest.raises(BadRequest, match=r"Nobody in this log ticked the box 'training'.*1 sitting is left out"):
        export(str(tmp_path / "log"), tmp_path / "pairs.jsonl", hub=hub)
    assert not (tmp_path / "pairs.jsonl").exists()


def test_only_those_who_agreed_and_stayed_are_exported(tmp_path: Path, hub: Hub) -> None:
    for person, boxes in (("ada", {"training": True}), ("bob", {"training": False}), ("eve", {"training": True})):
        desk = Desk(tmp_path / "log", person, hub, boxes)
        run, ideas = desk.ask(seed=1, count=2)
        desk.keep(run, ideas[0], 1)
        if person == "eve":
            desk.recorder.end(reason="withdrawn")
    found = _found(tmp_path / "log", hub, key="k")
    assert (found.sittings, found.closed, len(found.preferences)) == (1, 2, 1)
    child = Desk(tmp_path / "log", "ada", hub, {"training": True})  # the child's own text has the box too, unticked
    child.recorder.record("consent", "person", {"version": "1", "agreed": {"training": False}, "step": "assent"})
    assert not _found(tmp_path / "log", hub).preferences


def test_a_person_has_one_code_in_a_file_and_another_in_the_next(tmp_path: Path, hub: Hub) -> None:
    desk = Desk(tmp_path / "log", "ada", hub, {"training": True})
    for seed in (1, 2):
        run, ideas = desk.ask(seed=seed)
        desk.keep(run, ideas[0], 1)
    first, second = ({pair.person for pair in _found(tmp_path / "log", hub).preferences} for _ in range(2))
    assert len(first) == len(second) == 1
    assert first != second


def test_ideas_that_do_not_come_out_again_are_left_out(tmp_path: Path, hub: Hub) -> None:
    desk = Desk(tmp_path / "log", "ada", hub, {"training": True})
    run, ideas = desk.ask(seed=1)
    other = edits.replace_region(desk.document.score, GAP, {"t1": [Note("n99", GAP.start, 480, 60)]})
    desk.keep(run, Alternative(operation=other), 1)
    found = _found(tmp_path / "log", hub)
    assert not found.preferences
    assert found.left_out == {"other": 1}
    assert ideas


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory, hub: Hub) -> str:
    """One line as it should be."""
    where = tmp_path_factory.mktemp("good") / "log"
    desk = Desk(where, "ada", hub, {"training": True})
    run, ideas = desk.ask(seed=1, count=2)
    desk.keep(run, ideas[0], 1)
    return write_lines(_found(where, hub).preferences).decode()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda line: line.pop("seed"), "its fields are others"),
        (lambda line: line.update(person="Ada Lovelace"), "its person is no code"),
        (lambda line: line["request"]["regions"][0].update(tracks=["t9"]), "its piece or request does not fit"),
        (lambda line: line["chosen"].update(t1=[[0, 480, 60, 80]]), "lies outside the gap"),
        (lambda line: line["chosen"].update(t1=[[2 * BAR, 480, 300, 80]]), "cannot be"),
        (lambda line: line["chosen"].update(t1="notes"), "no table of notes"),
        (lambda line: line.update(rejected=line["chosen"]), "both ideas are the same"),
        (lambda line: line.update(consent={}), "what box"),
        (lambda line: line.update(version=2), "of version 2"),
    ],
)
def test_a_line_that_cannot_be_is_named(tmp_path: Path, good: str, change: Any, said: str) -> None:
    line = json.loads(good)
    change(line)
    path = tmp_path / "pairs.jsonl"
    path.write_text(f"{good}{json.dumps(line)}\n", encoding="utf-8")
    with pytest.raises(BadFile, match=f"Line 2 of .* is no preference: .*{said}"):
        load_preferences(path)
    path.write_text(good + "{not JSON\n", encoding="utf-8")
    with pytest.raises(BadFile, match=r"Line 2 of .* is no preference: it cannot be read\."):
        load_preferences(path)


def test_it_is_a_command(tmp_path: Path, hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    desk = Desk(tmp_path / "log", "ada", hub, {"learn": True})
    run, ideas = desk.ask(seed=1, count=2)
    desk.keep(run, ideas[0], 1)
    output = tmp_path / "pairs.jsonl"
    assert main(["study", "preferences", str(tmp_path / "log"), "-o", str(output)]) == 1
    assert "ticked the box 'training'" in capsys.readouterr().err
    assert not output.exists()
    assert main(["study", "preferences", str(tmp_path / "log"), "-o", str(output), "--box", "learn"]) == 0
    assert len(load_preferences(output)) == 1
