"""In a notebook too the log says what happened, plays again, and goes on from a project that is opened."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from tests.golden.random_edits import random_operation
from tests.unit.jupyter.test_protocol import HERE, THERE, Window
from workbench.hub.hub import Hub
from workbench.hub.registry import Registry
from workbench.jupyter.live import LiveDocument, as_document
from workbench.jupyter.server import DocumentServer
from workbench.jupyter.widgets import PianoRoll
from workbench.score import Note, Score, Track, edits
from workbench.score.events import Event
from workbench.score.operations import inverse
from workbench.score.project import Project
from workbench.score.replay import replay_log


def tune() -> Score:
    notes = {f"n{i}": Note(f"n{i}", 960 * i, 960, 60 + i) for i in range(4)}
    return Score("A tune", tracks=[Track("t1", "Piano", notes=notes)])


def serve(document: LiveDocument) -> DocumentServer:
    return DocumentServer(document, lambda: Hub(Registry.load(plugins=False, user=False)))


def kinds(events: Any) -> list[str]:
    return [event["kind"] for event in events]


def test_changes_and_events_of_a_window_are_logged_in_the_order_they_were_made() -> None:
    document = LiveDocument(tune())
    window = Window(serve(document))
    operation = edits.set_score(document.score, title="Mine")
    changes = [
        {"kind": "accept", "operation": operation, "revision": 1, "source": "model", "n": 1, "time": 5},
        {"kind": "undo", "operation": inverse(operation), "revision": 2, "n": 3, "time": 7},
    ]
    heard = {"kind": "audition", "payload": {"run": "r1"}, "n": 2, "time": 6}
    assert window.call(type="ops", base=0, changes=changes, events=[heard])["type"] == "ack"
    window.call(type="ops", base=2, changes=[], events=[heard, {**heard, "n": 4}], hash=document.hash)
    events: list[Event] = list(document.log.events)
    assert kinds(events) == ["accept", "audition", "undo", "audition", "check"]
    assert (events[0]["source"], events[2]["cause"]) == ("model", events[0]["seq"])
    assert kinds(document.story())[0] == "open"
    assert replay_log(document.story()).hash == document.hash


def test_windows_python_and_late_changes_play_again_from_the_log() -> None:
    for seed in range(15):
        rng = random.Random(seed)
        document = LiveDocument(tune())
        server = serve(document)
        windows = [Window(server, HERE), Window(server, THERE)]
        for _ in range(30):
            revision = document.revision - (rng.random() < 0.2)  # sometimes made before the last change was heard of
            deed = rng.randrange(4)
            if deed == 0 and document.can_undo:
                document.undo()
            elif deed == 1 and document.can_redo:
                document.redo()
            elif deed == 2:
                document.apply(random_operation(rng, document.score))
            else:
                rng.choice(windows).change(random_operation(rng, document.score), max(0, revision) + 1)
        assert replay_log(document.story()).hash == document.hash, f"session {seed}"


def test_a_project_opened_from_a_file_goes_on_with_its_log_and_is_saved_with_it(tmp_path: Path) -> None:
    roll = PianoRoll(tune(), keep=False)
    roll.apply(edits.set_score(roll.score, title="One"))
    roll.save(tmp_path / "a.wbz")
    again = PianoRoll(str(tmp_path / "a.wbz"), keep=False)
    again.apply(edits.set_score(again.score, title="Two"))
    again.undo()
    again.save(tmp_path / "a.wbz")
    events = list(Project.open(tmp_path / "a.wbz").events)
    assert kinds(events) == ["open", "edit", "open", "edit", "undo"]
    assert replay_log(events).hash == again.document.hash
    again.save(tmp_path / "a.mid")
    assert Score.open(tmp_path / "a.mid").note_count == 4


def test_a_project_opened_in_the_page_goes_on_with_its_log(tmp_path: Path) -> None:
    saved = LiveDocument(Score("Saved", tracks=[Track("t1")]))
    saved.apply(edits.set_score(saved.score, title="Saved twice"))
    Project.of(saved, {"notes.mid": b"MThd\0\0\0\6\0\0\0\1\0\x60MTrk\0\0\0\4\0\xff\x2f\0"}).save(tmp_path / "a.wbz")
    data = (tmp_path / "a.wbz").read_bytes()
    document = LiveDocument(tune())
    window = Window(serve(document))
    begun = window.call(type="media.begin", name="a.wbz", size=len(data))
    item = window.piece(begun["id"], data)["item"]
    reply = window.call(type="import", id=item["id"])
    window.call(type="open", score=reply["score"], revision=1, reason="file")
    assert kinds(document.log.events) == ["open", "edit", "open"]
    assert [item["name"] for item in window.call(type="media")["items"]] == ["notes.mid"]
    window.change(edits.set_score(document.score, title="And on"), 2)
    assert kinds(document.log.events) == ["open", "edit", "open", "edit"]
    assert replay_log(document.story()).hash == document.hash
    assert as_document(document) is document
