"""Project files: the log goes in and out and goes on, media stay out of memory, and strangers' files are checked."""

from __future__ import annotations

import json
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest

from workbench.errors import BadDocument, BadFile, Cancelled
from workbench.jupyter.live import LiveDocument, as_document
from workbench.score import Note, Score, Track, edits
from workbench.score.canonical import project_hash
from workbench.score.document import Document
from workbench.score.events import Event, loads_events
from workbench.score.project import Packed, Project, media_names, pieces_of, shortened
from workbench.score.replay import leads_to, replay_log


def tune() -> Score:
    return Score("Tune", tracks=[Track("t1", "Piano", notes={"n1": Note("n1", 0, 960, 60)})])


def retitle(document: Document, count: int) -> None:
    for number in range(count):
        document.apply(edits.set_score(document.score, title=f"Title {number}"))


def test_the_log_goes_on_where_the_file_ends(tmp_path: Path) -> None:
    document = Document(tune())
    retitle(document, 3)
    document.undo()
    Project.of(document).save(tmp_path / "a.wbz")
    again = Project.open(tmp_path / "a.wbz").document()
    assert again.hash == document.hash
    retitle(again, 1)
    Project.of(again).save(tmp_path / "b.wbz")
    events = list(Project.open(tmp_path / "b.wbz").events)
    assert [event["kind"] for event in events] == ["open", "edit", "edit", "edit", "undo", "open", "edit"]
    assert [event["seq"] for event in events] == list(range(-1, 6)), "the numbers go on"
    assert replay_log(events).hash == again.hash
    assert len([event for event in events if "score" in event["payload"]]) == 1, "the piece stands in it once"


def test_media_go_from_file_to_file_without_being_read_into_memory(tmp_path: Path) -> None:
    size = 60_000_000
    with (tmp_path / "video.mp4").open("wb") as file:
        file.write(b"head")
        file.truncate(size)
    tracemalloc.start()
    try:
        Project(tune(), [], {"video.mp4": tmp_path / "video.mp4", "hum.wav": b"RIFF"}).save(tmp_path / "a.wbz")
        project = Project.open(tmp_path / "a.wbz")
        project.save(tmp_path / "b.wbz")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20_000_000
    assert (tmp_path / "a.wbz").read_bytes() == (tmp_path / "b.wbz").read_bytes()
    video = Project.open(tmp_path / "b.wbz").media["video.mp4"]
    assert isinstance(video, Packed)
    assert sum(len(piece) for piece in pieces_of(video)) == video.size == size
    (tmp_path / "b.wbz").unlink()
    with pytest.raises(BadFile, match="cannot be opened"):
        list(pieces_of(video))


def test_a_long_log_is_saved_and_read_without_being_held_in_memory(tmp_path: Path) -> None:
    document = Document(tune())
    retitle(document, 1)
    for _ in range(3_000):
        document.log.add("select", "user", {"notes": "x" * 5_000})
    tracemalloc.start()
    try:
        Project.of(document).save(tmp_path / "a.wbz")
        project = Project.open(tmp_path / "a.wbz")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8_000_000 < sum(len(str(event)) for event in project.events)
    assert len(project.events) == 3_002
    assert project.document().hash == document.hash


def test_a_save_that_is_stopped_leaves_nothing(tmp_path: Path) -> None:
    asked = iter([False, False, True])
    with pytest.raises(Cancelled):
        Project(tune(), [], {"film.mp4": b"x" * 9, "hum.wav": b"y"}).save(tmp_path / "a.wbz", lambda: next(asked))
    assert list(tmp_path.iterdir()) == []


def test_a_project_saved_onto_itself_keeps_its_media(tmp_path: Path) -> None:
    path = tmp_path / "a.wbz"
    Project(tune(), [], {"hum.wav": b"RIFF"}).save(path)
    project = Project.open(path)
    document = project.document()
    retitle(document, 1)
    Project.of(document, project.media).save(path)
    assert b"".join(pieces_of(Project.open(path).media["hum.wav"])) == b"RIFF"


def test_too_large_is_one_sentence_and_nothing_is_left(tmp_path: Path) -> None:
    with (tmp_path / "film.mp4").open("wb") as file:
        file.truncate(2_100_000_000)  # sparse
    with pytest.raises(BadDocument, match="2 GB"):
        Project(tune(), [], {"film.mp4": tmp_path / "film.mp4"}).save(tmp_path / "a.wbz")
    with pytest.raises(BadDocument, match="cannot be the name"):
        Project(tune(), [], {"../evil": b""}).save(tmp_path / "a.wbz")
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]


def test_of_a_very_long_log_the_end_is_kept_and_still_plays(tmp_path: Path) -> None:
    document = Document(tune())
    document.log.add("run", "model", {"id": "r1"})
    retitle(document, 500)
    events = list(document.story())
    kept = list(shortened(events, limit=20_000))
    assert 50 < len(kept) < 300
    assert (kept[0]["kind"], kept[1]["payload"]["reason"]) == ("run", "shortened")
    assert kept[-1] == events[-1]
    assert leads_to(kept, document.score)
    assert [event["seq"] for event in kept] == sorted({event["seq"] for event in kept})
    assert len(list(shortened(events, count=100))) <= 101
    assert shortened(events) is events


def test_a_score_changed_by_hand_is_logged_as_it_is_before_it_is_saved(tmp_path: Path) -> None:
    document = LiveDocument(tune())
    retitle(document, 2)
    document.score.title = "By hand"
    Project.of(document).save(tmp_path / "a.wbz")
    events = list(Project.open(tmp_path / "a.wbz").events)
    assert events[-1]["payload"]["reason"] == "python"
    again = as_document(tmp_path / "a.wbz")
    assert (again.score.title, again.log.events[:-1]) == ("By hand", events)
    assert replay_log(again.story()).hash == project_hash(again.score)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "sudo"}, "not an event"),
        ({"source": "root"}, "not an event"),
        ({"surplus": 1}, "not an event"),
        ({"payload": []}, "not an event"),
        ({"seq": -5}, "not an event"),
        ({"time": 1.5}, "not an event"),
        ({"cause": 99}, "not an event"),
        ({"payload": {"half": "\ud800"}}, "not an event"),
        ({"payload": {"deep": json.loads("[" * 100 + "]" * 100)}}, "not an event"),
        ({"payload": {"no": float("nan")}}, "cannot be read"),
        ({"seq": 0}, "out of order"),
    ],
)
def test_a_stranger_s_log_is_checked_line_by_line(change: dict[str, Any], words: str) -> None:
    good: Event = {"seq": 0, "time": 1, "kind": "select", "source": "user", "payload": {}}
    lines = [good, {**good, "seq": 1, **change}, {**good, "seq": 2}]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    with pytest.raises(BadDocument, match=words) as caught:
        loads_events(text)
    assert str(caught.value).startswith("Line 2 ")


def test_a_project_with_a_false_log_opens_with_a_new_one(tmp_path: Path) -> None:
    document = Document(tune())
    retitle(document, 2)
    events = list(document.story())
    for forged in (events[1:], events[:-1], [*events[:2], {**events[1], "seq": 50}]):
        Project(document.score, forged).save(tmp_path / "a.wbz")
        again = Project.open(tmp_path / "a.wbz").document()
        (event,) = again.log.events
        assert event["payload"]["left_out"] == len(forged)
        assert replay_log(again.log).hash == document.hash


def test_names_of_media_are_made_plain_and_each_its_own() -> None:
    names = media_names(["hum.wav", "HUM.wav", "../../etc/passwd", ".hidden", "a\\b:c\n.mp4", "", "鼻歌.wav"])
    assert names == ["hum.wav", "HUM (2).wav", "etcpasswd", "hidden", "abc.mp4", "file", "鼻歌.wav"]


def test_a_project_with_twins_or_paths_is_refused(tmp_path: Path) -> None:
    Project(tune()).save(tmp_path / "a.wbz")
    with zipfile.ZipFile(tmp_path / "a.wbz", "a") as archive:
        archive.writestr("media/../../evil", b"x")
    with pytest.raises(BadFile, match="unsafe"):
        Project.open(tmp_path / "a.wbz")
