"""Worker processes: the same results, progress and Stop pass through, and a broken one is one sentence."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.sound.scores import band
from workbench.errors import BadRequest, Cancelled, Unavailable
from workbench.page import workers as module
from workbench.page.exports import Exports
from workbench.page.workers import Here, Workers
from workbench.score.score import Note, Score, Track
from workbench.sound.files import read_audio


@pytest.fixture(scope="module")
def pool() -> Iterator[Workers]:
    workers = Workers()
    workers._warm()
    yield workers
    workers.close()


def long_piece(minutes: float = 8) -> Score:
    track = Track("t1", program=48)
    for number in range(int(minutes * 120)):
        track.notes[f"n{number}"] = Note(f"n{number}", number * 960, 900, 48 + number % 30)
    return Score(tracks=[track])


def drawn(labour: Any, score: Score) -> tuple[Any, list[str], list[float]]:
    partials: list[str] = []
    shares: list[float] = []

    def tell(kind: str, value: Any) -> None:
        partials.extend(value["peaks"]) if kind == "partial" else shares.append(value)

    return labour.run("waveforms", {"score": score, "limits": {}}, tell), partials, shares


def test_a_worker_does_what_this_process_does(pool: Workers) -> None:
    (there, partials, shares), (here, expected, _) = drawn(pool, band()), drawn(Here(), band())
    assert there == here
    assert partials == expected == ["t1", "t2", "t3", "t4"]
    assert shares == sorted(shares)
    values = {"score": band(), "width": 900, "transpose": 0, "paper": False}
    assert len(pool.run("sheet", values)["pages"]) == 1


def test_errors_come_through_as_what_they_are(pool: Workers) -> None:
    with pytest.raises(BadRequest, match="width"):
        pool.run("sheet", {"score": band(), "width": 3, "transpose": 0, "paper": False})
    with pytest.raises(RuntimeError, match="in a worker"):
        pool.run("sheet", {"score": band()})
    with pytest.raises(BadRequest, match="of all tracks together"):
        pool.run("waveforms", {"score": long_piece(), "limits": {"max_minutes": 10, "max_track_minutes": 1}})


def test_an_export_is_made_and_a_stopped_one_leaves_nothing(pool: Workers, tmp_path: Path) -> None:
    exports = Exports(tmp_path, labour=pool)
    shares: list[float] = []
    made = exports.make(band(), "flac", None, shares.append, lambda: False)
    assert read_audio(made).samples.any()
    assert shares[-1] == 1.0
    before = sorted(tmp_path.rglob("*"))
    started = time.monotonic()
    with pytest.raises(Cancelled):
        exports.make(long_piece(), "zip", None, shares.append, lambda: time.monotonic() - started > 0.5)
    assert time.monotonic() - started < 4.5
    assert sorted(tmp_path.rglob("*")) == before
    assert pool.run("sheet", {"score": band(), "width": 900, "transpose": 0, "paper": False})["pages"]


def test_a_killed_worker_is_one_sentence_and_the_next_one_works(pool: Workers) -> None:
    def kill(kind: str, value: Any) -> None:
        for worker in list(pool._all):
            if worker not in pool._idle:
                os.kill(worker.process.pid, signal.SIGKILL)

    with pytest.raises(Unavailable, match=r"^[^.]*\.$"):
        pool.run("waveforms", {"score": long_piece(), "limits": {}}, kill)
    assert pool.run("waveforms", {"score": band(), "limits": {}})["peaks"]


def test_work_that_takes_too_long_is_ended() -> None:
    workers = Workers(seconds=1.5)
    try:
        workers._warm()
        with pytest.raises(Unavailable, match="too long"):
            workers.run("waveforms", {"score": long_piece(25), "limits": {}})
        assert not workers._all
    finally:
        workers.close()


def test_work_that_takes_too_much_memory_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A worker of its own kind, whose work asks for all memory there is."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\nif 'workbench.page.worker' in sys.orig_argv:\n"
        "    from workbench.page import work\n"
        "    work.WORK['sheet'] = lambda values, tell, stop: bytearray(2**36)\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    workers = Workers(most=1)
    try:
        workers._warm()
        with pytest.raises(Unavailable, match="more memory"):
            workers.run("sheet", {"score": band()})
    finally:
        workers.close()


def test_work_waits_for_a_free_worker_and_stop_ends_the_waiting() -> None:
    workers = Workers(most=1)
    try:
        workers._warm()
        going, done = threading.Event(), threading.Event()

        def long_work() -> None:
            with pytest.raises(Cancelled):
                workers.run("waveforms", {"score": long_piece(25), "limits": {}}, lambda *_: going.set(), done.is_set)

        thread = threading.Thread(target=long_work)
        thread.start()
        assert going.wait(20)
        asked = time.monotonic()
        with pytest.raises(Cancelled):
            workers.run("waveforms", {"score": long_piece(), "limits": {}}, stop=lambda: time.monotonic() - asked > 0.4)
        assert time.monotonic() - asked < 2
        done.set()
        thread.join(10)
        assert not thread.is_alive()
    finally:
        workers.close()


def test_a_small_piece_does_not_wait_for_a_worker_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    started = threading.Event()

    class Slow(module._Worker):
        def __init__(self) -> None:
            time.sleep(1)
            super().__init__()
            started.set()

    monkeypatch.setattr(module, "_Worker", Slow)
    workers = Workers()
    try:
        values = {"score": band(), "width": 900, "transpose": 0, "paper": False}
        Here().run("sheet", values)  # libraries are loaded
        asked = time.monotonic()
        assert workers.run("sheet", values)["pages"]
        assert time.monotonic() - asked < 0.9
        assert started.wait(20)  # and the next one finds a worker
    finally:
        workers.close()


def test_where_no_process_can_be_started_the_work_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(module.subprocess, "Popen", refuse)
    workers = Workers()
    assert workers.run("waveforms", {"score": long_piece(0.5), "limits": {}})["peaks"]
    workers.close()


def test_workers_end_with_whoever_started_them() -> None:
    workers = Workers(most=1)
    workers._warm()
    process = workers._all[0].process
    assert process.stdin is not None
    process.stdin.close()  # as when the server is killed
    assert process.wait(10) == 0
    workers.close()
