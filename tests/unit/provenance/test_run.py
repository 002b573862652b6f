"""The record of a run: what it holds, that strangers' records are checked, and which run wrote which note."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.hub.rogues import gap, hub, piece, spec
from workbench.errors import BadDocument, Cancelled
from workbench.hub.protocol import Attempt, CancelScope, CancelToken, Result
from workbench.provenance.run import Run, fact, record, runs
from workbench.provenance.writers import runs_behind, writers
from workbench.score import edits
from workbench.score.canonical import project_hash
from workbench.score.document import Document
from workbench.score.events import EventLog, dumps_events, loads_events
from workbench.score.score import Note, Score

DIGEST = "b" * 64


def made(document: Document, seed: int = 1, model: str = "rogue-good") -> tuple[Run, Any]:
    """One run on the document as it stands, kept in its log, and the idea it gave."""
    attempts: list[Attempt] = []
    workbench = hub(spec("good", adapter="Good", model_id=model))
    items = list(
        workbench.run(model, gap(document.score), seed=seed, cancel=CancelToken.never(), ended=attempts.append)
    )
    result = items[-1]
    assert isinstance(result, Result)
    run = Run.of(attempts[0])
    record(document.log, run)
    return run, result.alternatives[0]


def keep(document: Document, run: Run, idea: Any) -> None:
    document.apply(dict(idea.operation), "model", document.log.runs[run.id], kind="accept", runs={run.id: []})


def places(idea: Any) -> set[tuple[str, str]]:
    return {(track, note.id) for track, notes in idea.notes.items() for note in notes}


def test_a_record_has_all_that_is_needed_to_make_the_music_again_and_survives_json() -> None:
    document = Document(piece())
    run, idea = made(document, seed=42)
    assert (run.model, run.task, run.seed, run.outcome) == ("rogue-good", "infill", 42, "done")
    assert run.inputs == {"score": project_hash(document.score)}
    assert run.settings == json.loads(json.dumps(gap(document.score).settings()))
    assert run.rights["sell"] == "Yes."
    assert idea.run == run.id
    assert Run.from_dict(json.loads(json.dumps(run.to_dict()))) == run


def test_two_runs_never_share_an_id() -> None:
    document = Document(piece())
    assert len({made(document)[0].id for _ in range(20)}) == 20


def test_what_was_stopped_is_recorded_as_stopped() -> None:
    attempts: list[Attempt] = []
    scope = CancelScope()
    work = hub(spec("good", adapter="Good")).run(
        "rogue-good", gap(piece()), seed=1, cancel=scope.start(), ended=attempts.append
    )
    next(work)
    next(work)
    scope.cancel()
    with pytest.raises(Cancelled):
        next(work)
    assert [Run.of(attempt).outcome for attempt in attempts] == ["cancelled"]


@pytest.mark.parametrize(
    "change",
    [
        {"id": "run-1"}, {"id": None}, {"seed": -1}, {"seed": True}, {"seed": 2**53}, {"model": ""}, {"model": 5},
        {"outcome": "fine"}, {"seconds": float("nan")}, {"seconds": -1}, {"settings": [1]}, {"settings": {"x": {1}}},
        {"inputs": {"score": "abc"}}, {"weights": {"model.safetensors": DIGEST.upper()}}, {"weights": [DIGEST]},
        {"rights": {"sell": 3}}, {"reported": "x"}, {"reported": [3]}, {"asked_for": "x" * 3_000}, {"surprise": 1},
    ],
    ids=str,
)  # fmt: skip
def test_a_stranger_s_record_is_checked(change: dict[str, Any]) -> None:
    good = {
        "id": "r0123456789abcdef", "task": "infill", "model": "markov", "revision": "embedded", "seed": 1,
        "settings": {}, "outcome": "done", "weights": {"model.safetensors": DIGEST},
    }  # fmt: skip
    assert Run.from_dict(good).model == "markov"
    with pytest.raises(BadDocument):
        Run.from_dict(good | change)
    with pytest.raises(BadDocument):
        Run.from_dict({name: value for name, value in good.items() if name != "settings"})


def test_the_log_holds_a_run_once() -> None:
    document = Document(piece())
    run, _ = made(document)
    record(document.log, run)
    assert [event["kind"] for event in document.log.events] == ["run"]
    read = loads_events(dumps_events(document.log.events))
    assert runs(read) == {run.id: run}


def test_every_note_of_a_fill_is_known_by_its_run_and_no_other_is() -> None:
    document = Document(piece())
    run, idea = made(document)
    keep(document, run, idea)
    assert set(writers(document.score, document.log.events)) == places(idea)
    assert set(writers(document.score, document.log.events).values()) == {run.id}


def test_an_idea_that_was_not_kept_or_was_undone_is_behind_nothing() -> None:
    document = Document(piece())
    kept, idea = made(document, 1)
    made(document, 2)
    keep(document, kept, idea)
    assert runs_behind(document.score, document.log.events) == [kept]
    document.undo()
    assert runs_behind(document.score, document.log.events) == []
    document.redo()
    assert runs_behind(document.score, document.log.events) == [kept]


def test_a_run_whose_notes_were_all_filled_over_is_gone_and_undo_brings_it_back() -> None:
    document = Document(piece())
    first, idea = made(document, 1)
    keep(document, first, idea)
    second, other = made(document, 2, "rogue-second")
    keep(document, second, other)
    assert runs_behind(document.score, document.log.events) == [second]
    document.undo()
    assert runs_behind(document.score, document.log.events) == [first]


def test_notes_keep_their_run_when_a_person_moves_them_and_pass_it_on_to_copies() -> None:
    document = Document(piece())
    run, idea = made(document)
    keep(document, run, idea)
    track, name = sorted(places(idea))[0]
    document.apply(edits.move_notes(document.score, track, [name], 10, 1))
    note = document.score.track(track).notes[name]
    copy = Note("copy", note.start + 9_600, note.duration, note.pitch, note.velocity, note.author)
    document.apply(edits.add_notes(track, [copy]))
    document.apply(edits.remove_notes(document.score, track, [n for t, n in places(idea) if t == track]))
    found = writers(document.score, document.log.events)
    assert found[track, "copy"] == run.id


def test_a_person_s_note_with_an_id_that_a_model_s_note_had_is_the_person_s() -> None:
    document = Document(piece())
    run, idea = made(document)
    keep(document, run, idea)
    track, name = sorted(places(idea))[0]
    document.undo()
    document.apply(edits.add_notes(track, [Note(name, 0, 10, 60)]))
    assert writers(document.score, document.log.events) == {}


def test_of_two_ideas_mixed_each_track_has_its_own_run() -> None:
    document = Document(piece())
    (first, one), (second, two) = made(document, 1), made(document, 2)
    parts: list[Any] = []
    score = document.score.copy()
    for idea, track in ((one, "t1"), (two, "t2")):
        parts.append(edits.add_notes(track, [Note(f"m{n.id}", n.start, n.duration, n.pitch, author=n.author)
                                             for n in idea.notes[track]]))  # fmt: skip
    assert score == document.score
    document.apply(edits.compound("mix", parts), "model", runs={first.id: ["t1"], second.id: ["t2"]})
    by_track = {track: run for (track, _), run in writers(document.score, document.log.events).items()}
    assert by_track == {"t1": first.id, "t2": second.id}


def test_another_piece_begins_with_no_run() -> None:
    document = Document(piece())
    run, idea = made(document)
    keep(document, run, idea)
    document.open(document.score.copy(), reason="restored")
    assert runs_behind(document.score, document.log.events) == [run]
    document.open(piece(2), reason="file")
    assert runs_behind(document.score, document.log.events) == []
    assert runs(document.log.events) == {run.id: run}


def test_a_score_changed_by_hand_keeps_the_run_of_what_is_as_it_was() -> None:
    document = Document(piece())
    run, idea = made(document)
    keep(document, run, idea)
    (track, name), *rest = sorted(places(idea))
    other = document.score.copy()
    note = other.track(track).notes[name]
    other.track(track).notes[name] = Note(name, note.start, note.duration, note.pitch + 1, 33, note.author)
    document.open(other, reason="python")
    assert set(writers(document.score, document.log.events)) == set(rest)
    assert runs_behind(document.score, document.log.events) == [run]


def test_a_broken_log_is_passed_over() -> None:
    log = EventLog()
    for payload in ({}, {"operation": 3}, {"operation": {"op": "compound"}}, {"operation": {"op": "add_notes"}}, None):
        log.add("edit", "user", payload)  # type: ignore[arg-type]
    log.add("open", "user", None)  # type: ignore[arg-type]
    log.add("run", "model", {"id": "r"})
    log.add("run", "model", [])  # type: ignore[arg-type]
    assert runs(log.events) == {}
    assert writers(Score(), log.events) == {}


@pytest.mark.parametrize("value", [None, 3, "r", ["r0123456789abcdef"], {"x": []}, {"r0123456789abcdef": "t1"}])
def test_only_what_can_be_a_fact_is_taken(value: Any) -> None:
    assert fact(value) == {}


def test_a_fact_names_tracks() -> None:
    assert fact({"r0123456789abcdef": ["t1", 5]}) == {"r0123456789abcdef": ["t1"]}
