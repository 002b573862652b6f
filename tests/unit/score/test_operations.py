"""Operations: exact inverses, atomic refusals, and what each convenience makes."""

from __future__ import annotations

import importlib.util
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import BadDocument, BadOperation
from workbench.score import Note, Region, Score, Track, edits
from workbench.score.canonical import dumps, loads, project_hash
from workbench.score.document import Document
from workbench.score.events import EventLog, dumps_events, loads_events, replay
from workbench.score.lanes import Tempo
from workbench.score.operations import apply, inverse

_spec = importlib.util.spec_from_file_location("random_edits", Path(__file__).parents[2] / "golden" / "random_edits.py")
assert _spec is not None
assert _spec.loader is not None
random_edits = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(random_edits)


def tune() -> Score:
    notes = {f"n{step}": Note(f"n{step}", step * 960, 960, 60 + step) for step in range(8)}
    bass = {"n1": Note("n1", 0, 3840, 36, locked=True), "n2": Note("n2", 3840, 3840, 43)}
    return Score("Tune", tracks=[Track("t1", "Piano", notes=notes), Track("t2", "Bass", 32, notes=bass)])


def change(old: dict[str, int], new: dict[str, int]) -> dict[str, object]:
    return {"id": "n0", "old": old, "new": new}


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 25))
def test_undo_of_any_sequence_is_the_identity(seed: int, length: int) -> None:
    rng = random.Random(seed)
    score = random_edits.random_score(rng)
    document = Document(score.copy())
    begin = document.hash
    hashes = [begin]
    for _ in range(length):
        document.apply(random_edits.random_operation(rng, document.score))
        hashes.append(document.hash)
    for expected in reversed(hashes[:-1]):
        document.undo()
        assert document.hash == expected
    assert not document.can_undo
    for expected in hashes[1:]:
        document.redo()
        assert document.hash == expected
    assert project_hash(replay(score, document.log.events)) == document.hash


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_a_refused_operation_changes_nothing(seed: int) -> None:
    rng = random.Random(seed)
    score = random_edits.random_score(rng)
    operation = random_edits.spoil(rng, random_edits.random_operation(rng, score))
    before = project_hash(score)
    try:
        apply(score, operation)
    except BadOperation:
        assert project_hash(score) == before
    else:
        apply(score, inverse(operation))
        assert project_hash(score) == before


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32))
def test_json_round_trip_keeps_the_hash(seed: int) -> None:
    rng = random.Random(seed)
    score, _ = random_edits.random_sequence(rng, random_edits.random_score(rng), 10)
    assert dumps(loads(dumps(score))) == dumps(score)
    assert project_hash(score.copy()) == project_hash(score)


def test_a_failing_compound_leaves_no_trace() -> None:
    score = tune()
    before = project_hash(score)
    good = edits.move_notes(score, "t1", ["n0"], 10, 1)
    with pytest.raises(BadOperation):
        apply(score, edits.compound("paste", [good, good]))
    assert project_hash(score) == before


def test_replace_region_takes_onsets_inside_and_spares_locked_notes() -> None:
    score = tune()
    region = Region(0, 3840, ("t1", "t2"))
    operation = edits.replace_region(score, region, {"t1": [Note("m1", 0, 480, 72, author="model:markov")]})
    apply(score, operation)
    assert set(score.track("t1").notes) == {"m1", "n4", "n5", "n6", "n7"}
    assert set(score.track("t2").notes) == {"n1", "n2"}
    around = edits.replace_region(score, region, {"t1": [Note("m2", 10, 480, 70)]}, around=True)
    assert around["removed"] == {}


def test_a_region_cannot_take_or_bring_notes_from_outside() -> None:
    score = tune()
    operation = edits.replace_region(score, Region(0, 960, ("t1",)), {"t1": [Note("m1", 960, 480, 72)]})
    with pytest.raises(BadOperation, match="outside"):
        apply(score, operation)


def test_moving_remembers_who_edited() -> None:
    score = tune()
    score.track("t1").notes["n0"] = Note("n0", 0, 960, 60, author="model:markov")
    apply(score, edits.move_notes(score, "t1", ["n0"], 0, 2))
    assert score.track("t1").notes["n0"].edited_by == ("human",)
    assert score.track("t1").notes["n0"].author == "model:markov"


@pytest.mark.parametrize(
    "operation",
    [
        None, [], "add_notes", {}, {"op": []}, {"op": "add_notes"}, {"op": "add_notes", "track": "t1", "notes": {}},
        {"op": "add_notes", "track": ["t1"], "notes": []},
        {"op": "add_notes", "track": "t1", "notes": [{"id": "x", "start": 0, "duration": 1, "pitch": 1e3}]},
        {"op": "set_velocity", "track": "t1", "changes": [change({"pitch": 60}, {"pitch": 61})]},
        {"op": "set_velocity", "track": "t1", "changes": [change({"velocity": 80}, {"velocity": 0})]},
        {"op": "set_track", "track": "t1", "old": {"mute": 0}, "new": {"mute": True}},
        {"op": "set_track", "track": "t1", "old": {"notes": 0}, "new": {"notes": 1}},
        {"op": "set_lane", "track": "", "lane": "tracks", "at": 0, "old": [], "new": []},
        {"op": "set_lane", "track": "", "lane": "tempos", "at": 0, "old": [], "new": [Tempo(5).to_dict()]},
        {"op": "move_track", "track": "t1", "old": 0, "new": 2},
        {"op": "compound", "name": "x", "ops": [{"op": "compound"}]},
    ],
)  # fmt: skip
def test_malformed_operations_are_refused(operation: object) -> None:
    score = tune()
    before = project_hash(score)
    with pytest.raises(BadOperation):
        apply(score, operation)  # type: ignore[arg-type]
    assert project_hash(score) == before


def test_compounds_nest_to_a_limit() -> None:
    operation = edits.set_score(tune(), title="x")
    for _ in range(50):
        operation = edits.compound("deep", [operation])
    with pytest.raises(BadOperation, match="levels"):
        apply(tune(), operation)


def test_set_tempos_carries_only_what_differs() -> None:
    score = tune()
    score.tempos = [Tempo(tick * 960, 500_000 + tick) for tick in range(100)]
    changed = [*score.tempos[:50], Tempo(50 * 960, 400_000), *score.tempos[51:]]
    operation = edits.set_tempos(score, changed)
    assert (operation["at"], len(operation["old"]), len(operation["new"])) == (50, 1, 1)
    apply(score, operation)
    assert score.tempos == changed


def test_undo_is_linear_and_logged() -> None:
    document = Document(tune(), EventLog(clock=lambda: 7))
    document.apply(edits.set_score(document.score, title="One"))
    document.undo()
    document.apply(edits.set_score(document.score, title="Two"))
    with pytest.raises(BadOperation, match="nothing to redo"):
        document.redo()
    assert [event["kind"] for event in document.log.events] == ["edit", "undo", "edit"]
    assert document.log.events[1]["cause"] == 0
    assert document.revision == 3


def test_the_log_survives_a_crash_in_the_middle_of_a_line(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "log.jsonl")
    log.add("open", "user", {"name": "八木節"})
    log.add("export", "user", {})
    text = (tmp_path / "log.jsonl").read_text(encoding="utf-8")
    assert loads_events(text) == log.events
    assert loads_events(text[:-9]) == log.events[:1]
    assert dumps_events(log.events) == text
    with pytest.raises(BadDocument, match="Line 1"):
        loads_events("{nonsense\n" + text)
