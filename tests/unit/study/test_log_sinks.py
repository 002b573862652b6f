"""The interaction log on disk: kept once and whole through kills and full disks, erased to the last byte."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from workbench.errors import BadDocument, Unavailable
from workbench.study.log import segments
from workbench.study.log.read import load
from workbench.study.log.recorder import Recorder
from workbench.study.log.schema import event
from workbench.study.log.segments import Segments
from workbench.study.log.sinks import Sink, open_sink

ANNA, BERT = "p" + "a" * 32, "p" + "b" * 32


def an_event(seq: int, session: str = "s1", person: str = ANNA, **rest: Any) -> dict[str, Any]:
    facts = {"server_time": 1_000 + seq, "kind": "mark", "source": "person", "payload": {"text": f"note {seq}"}, **rest}
    return event(session=session, person=person, seq=seq, **facts)


@pytest.fixture(params=["folder", "sqlite"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "log") if request.param == "folder" else f"sqlite:{tmp_path / 'log.sqlite'}"


def bytes_below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_what_is_kept_is_read_back_by_session_and_in_order(where: str) -> None:
    sink = open_sink(where)
    sink.append("s1", [an_event(0), an_event(1, client_seq=0, client_time=5)])
    sink.append("s2", [an_event(0, "s2", BERT)])
    sink.append("s1", [an_event(2, payload={"text": "Grüße\r\n\u2028 𝄞"})])
    sink.close()
    first, second = load(where)
    assert [item["seq"] for item in first.events] == [0, 1, 2]
    assert first.person == ANNA
    assert first.whole
    assert first.events[2]["payload"]["text"] == "Grüße\r\n\u2028 𝄞"
    assert (second.session, second.person) == ("s2", BERT)
    assert [log.session for log in load(where, session="s2")] == ["s2"]
    assert open_sink(where).sessions() == ["s1", "s2"]


def test_what_breaks_the_schema_is_refused_and_nothing_of_its_batch_is_kept(where: str) -> None:
    sink = open_sink(where)
    wrong = {**an_event(1), "address": "192.0.2.7"}
    with pytest.raises(BadDocument, match="its fields are others"):
        sink.append("s1", [an_event(0), wrong])
    with pytest.raises(BadDocument, match="unknown"):
        an_event(0, kind="spy")
    assert sink.sessions() == []


def test_a_person_leaves_no_byte_behind_and_the_others_stay(where: str, tmp_path: Path) -> None:
    sink = open_sink(where)
    for number in range(40):
        sink.append("s1", [an_event(number, payload={"text": f"secret of Anna {number}"})])
        sink.append("s2", [an_event(number, "s2", BERT)])
    if isinstance(sink, Segments):
        sink.close_segments()
        sink.append("s1", [an_event(40, payload={"text": "secret of Anna, still open"})])
    assert b"secret of Anna" in bytes_below(tmp_path)
    assert sink.erase(ANNA) == (41 if isinstance(sink, Segments) else 40)
    left = bytes_below(tmp_path)
    assert b"secret of Anna" not in left
    assert ANNA.encode() not in left
    (log,) = load(where)
    assert (log.session, len(log.events), log.whole) == ("s2", 40, True)
    assert sink.erase(ANNA) == 0
    sink.append("s2", [an_event(40, "s2", BERT)])
    assert len(load(where)[0].events) == 41


def test_old_sessions_go_when_their_time_is_over(where: str) -> None:
    sink = open_sink(where)
    sink.append("old", [an_event(0, "old"), an_event(1, "old")])
    sink.append("new", [an_event(0, "new", server_time=9_000_000)])
    assert sink.expire(5_000_000) == 2
    assert sink.sessions() == ["new"]


def test_several_threads_write_side_by_side(where: str) -> None:
    sinks = [open_sink(where) for _ in range(2)]

    def write(number: int) -> None:
        recorder = Recorder(sinks[number % 2], "", ANNA, f"s{number}")
        for count in range(20):
            recorder.record("mark", "person", {"text": str(count)})

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    logs = load(where)
    assert [len(log.events) for log in logs] == [20] * 4
    assert all(log.whole for log in logs)


_WRITER = """
import sys
from workbench.study.log.recorder import Recorder
from workbench.study.log.sinks import open_sink
recorder = Recorder(open_sink(sys.argv[1]), "", "p" + "a" * 32, "s1")
while True:
    seq = recorder.record("mark", "person", {"text": "x" * 3000})
    print(seq, flush=True)
"""


def test_a_killed_server_loses_nothing_that_it_has_acknowledged(where: str) -> None:
    with subprocess.Popen([sys.executable, "-c", _WRITER, where], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        told = [int(writer.stdout.readline()) for _ in range(15)]
        writer.send_signal(signal.SIGKILL if os.name != "nt" else signal.SIGTERM)
        told += [int(line) for line in writer.stdout if line.strip()]
    (log,) = load(where)
    assert log.whole
    assert len(log.events) >= len(told)
    # Another process goes on where it ended.
    resumed = Recorder.resume(open_sink(where), "s1")
    assert resumed is not None
    seq = resumed[0].record("session", "system", {"action": "resume"})
    (log,) = load(where)
    assert log.whole
    assert log.events[-1]["seq"] == seq == len(log.events) - 1


def test_half_a_line_that_a_killed_process_leaves_is_cut_off(tmp_path: Path) -> None:
    clock = [1_000.0]
    dead = Segments(tmp_path, clock=lambda: clock[0])
    dead.append("s1", [an_event(0)])
    (part,) = tmp_path.glob("*.part")
    with part.open("ab") as file:
        file.write(b'{"v":1,"study":"","session":"s1","pers')
    assert [len(log.events) for log in load(str(tmp_path))] == [1]
    clock[0] += 2 * segments.CLOSE_SECONDS
    other = Segments(tmp_path, clock=lambda: clock[0])
    other.append("s1", [an_event(1)])  # closes what is due, whoever began it
    (closed,) = tmp_path.glob("*.jsonl")
    assert closed.read_bytes().endswith(b"}\n")
    assert closed.stem == part.stem
    (log,) = load(str(tmp_path))
    assert log.whole
    assert len(log.events) == 2


def test_a_closed_segment_is_never_touched_again(tmp_path: Path) -> None:
    sink = Segments(tmp_path, close_bytes=2_000)
    for number in range(30):
        sink.append("s1", [an_event(number)])
    closed = sorted(tmp_path.glob("*.jsonl"))
    before = [(path.read_bytes(), path.stat().st_mtime_ns) for path in closed]
    assert len(closed) > 2
    for number in range(30, 60):
        sink.append("s1", [an_event(number)])
    assert [(path.read_bytes(), path.stat().st_mtime_ns) for path in closed] == before
    assert load(str(tmp_path))[0].whole


def test_a_full_disk_keeps_whole_batches_only_and_goes_on_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = Segments(tmp_path)
    recorder = Recorder(sink, "", ANNA, "s1")
    recorder.record("mark", "person", {"text": "before"}, client_seq=0)
    real = os.write
    room = [100]

    def full(handle: int, data: bytes) -> int:
        if not room[0]:
            raise OSError(28, "No space left on device")
        count = real(handle, data[: room[0]])
        room[0] -= count
        return count

    monkeypatch.setattr(os, "write", full)
    recorder.record("mark", "person", {"text": "during"}, client_seq=1)
    assert "the disk is full" in recorder.trouble
    assert (recorder.wanted, recorder.taken) == (1, 2)
    assert [item["payload"]["text"] for item in load(str(tmp_path))[0].events] == ["before"]
    room[0] = 10**9
    recorder.record("mark", "person", {"text": "after"}, client_seq=2)
    assert recorder.trouble == ""
    assert recorder.wanted == 3
    (log,) = load(str(tmp_path))
    assert log.whole
    assert [item["payload"]["text"] for item in log.events] == ["before", "during", "after"]


_LIMITED = """
import resource, sys
from workbench.study.log.recorder import Recorder
from workbench.study.log.sinks import open_sink
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
recorder = Recorder(open_sink(sys.argv[1]), "", "p" + "a" * 32, "s1")
for number in range(80):
    recorder.record("mark", "person", {"text": "x" * 6_000})
print(recorder.next_seq, recorder.trouble)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits on files are POSIX")
def test_where_no_file_may_grow_the_log_is_cut_into_more_files_or_says_so(where: str) -> None:
    done = subprocess.run([sys.executable, "-c", _LIMITED, where], capture_output=True, text=True, check=True)
    count, _, trouble = done.stdout.strip().partition(" ")
    (log,) = load(where)
    assert count == "80"
    assert log.whole
    if where.startswith("sqlite:"):
        assert "cannot be written" in trouble
        assert 10 < len(log.events) < 80
    else:
        assert trouble == ""
        assert len(log.events) == 80


def test_gaps_and_doubles_are_named(where: str) -> None:
    sink: Sink = open_sink(where)
    sink.append("s1", [an_event(0, client_seq=0), an_event(1, client_seq=1), an_event(4, client_seq=3)])
    sink.append("s1", [an_event(5, client_seq=3), an_event(6, cause=2)])
    (log,) = load(where)
    assert [str(gap) for gap in log.gaps] == [
        "events 2 to 3 of the server are missing",
        "events 2 of the page are missing",
    ]
    assert log.problems == (
        "Events 4 and 5 are the page's 3 twice; the first one counts.", "The cause of event 6 is missing.",
    )  # fmt: skip
    assert [item["seq"] for item in log.events] == [0, 1, 4, 6]


def test_a_line_that_somebody_has_changed_is_named(tmp_path: Path) -> None:
    sink = Segments(tmp_path)
    sink.append("s1", [an_event(0), an_event(1)])
    (path,) = sink.close_segments()
    path.write_bytes(path.read_bytes().replace(b'"seq":1', b'"seq":"x"'))
    (log,) = load(str(tmp_path))
    assert not log.whole
    assert log.problems == (f"A line of {path.stem} cannot be read.",)


def test_a_recorder_takes_what_a_page_sends_again_once(where: str) -> None:
    sink = open_sink(where)
    recorder = Recorder(sink, "", ANNA, "s1")
    with recorder.gathering():
        for number in range(3):
            recorder.record("select", "person", {}, client_seq=number)
        assert recorder.wanted == 0, "nothing counts as kept before the sink has it"
    assert recorder.wanted == recorder.taken == 3
    assert recorder.end()
    with pytest.raises(Unavailable, match="has ended"):
        recorder.record("mark", "person", {})
    made = Recorder.resume(sink, "s1")
    assert made is not None
    assert (made[0].wanted, made[0].next_seq) == (3, 4)
    assert Recorder.resume(sink, "s9") is None


def test_a_process_that_dies_while_it_erases_loses_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sink = Segments(tmp_path)
    sink.append("s1", [an_event(0)])
    sink.append("s2", [an_event(0, "s2", BERT)])
    calls: list[Callable[..., Any]] = []

    def dies(*_: Any) -> None:
        calls.append(dies)
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", dies)
        with pytest.raises(Unavailable, match="not everything is deleted"):
            sink.erase(ANNA)
    assert calls
    assert {log.session for log in load(str(tmp_path))} == {"s1", "s2"}
    sink.erase(ANNA)
    assert {log.session for log in load(str(tmp_path))} == {"s2"}
    assert ANNA.encode() not in bytes_below(tmp_path)
