"""A log keeps everything without keeping it in memory, and undo reads from it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from typing import Any

import pytest

from workbench.errors import BadRequest
from workbench.score import edits
from workbench.score.document import Document
from workbench.score.events import EventLog, dumps_events, loads_events, replay
from workbench.score.eventstore import EventStore
from workbench.score.score import Score


def filled(store: EventStore, count: int = 200) -> list[dict[str, Any]]:
    events = [{"seq": number, "text": "八木節 \ud800" * (number % 7)} for number in range(count)]
    for event in events:
        store.append(event)
    return events


def test_events_on_disk_read_like_a_list() -> None:
    store = EventStore(memory_bytes=500)
    events = filled(store)
    assert list(store) == events
    assert store == events
    assert events == store
    assert store != events[:-1]
    assert (store[0], store[-1], store[3:190:50]) == (events[0], events[-1], events[3:190:50])
    with pytest.raises(IndexError):
        store[200]
    assert not EventStore()


def test_where_the_disk_takes_nothing_the_events_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    store = EventStore(memory_bytes=500)
    assert filled(store) == store


def test_a_full_log_says_so_before_anything_changes() -> None:
    log = EventLog()
    log.events = EventStore(max_bytes=300)
    document = Document(Score(), log)
    document.apply(edits.set_score(document.score, title="x" * 400))
    before = document.hash
    with pytest.raises(BadRequest, match="save the piece"):
        document.apply(edits.set_score(document.score, title="y"))
    with pytest.raises(BadRequest, match="save the piece"):
        document.undo()
    assert document.hash == before


def test_undo_and_replay_reach_back_to_what_left_memory() -> None:
    log = EventLog()
    log.events = EventStore(memory_bytes=300)
    document = Document(Score(), log)
    hashes = [document.hash]
    for number in range(30):
        document.apply(edits.set_score(document.score, title=f"Title {number}"))
        hashes.append(document.hash)
    for expected in reversed(hashes[:-1]):
        document.undo()
        assert document.hash == expected
    assert not document.can_undo
    for _ in range(30):
        document.redo()
    assert document.score.title == "Title 29"
    assert replay(Score(), log.events).title == "Title 29"
    assert loads_events(dumps_events(log.events)) == log.events


def test_three_rounds_of_a_hundred_thousand_notes_do_not_stay_in_memory() -> None:
    """Each round adds 100,000 notes and takes them away again; kept as objects they cost some 70 MB a round."""
    code = """
import resource
from workbench.score.document import Document
from workbench.score.score import Score, Track
notes = [{"id": f"n{i}", "start": i * 10, "duration": 100, "pitch": 60, "velocity": 80, "author": "human",
          "edited_by": []} for i in range(100_000)]
def rss():
    return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize() / 1e6
document = Document(Score(tracks=[Track("t1")]))
def round():
    document.apply({"op": "add_notes", "track": "t1", "notes": [dict(note) for note in notes]})
    document.undo()
round()
before = rss()
for _ in range(3):
    round()
print(rss() - before)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 40
