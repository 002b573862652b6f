"""Work that is silent for long can still be ended, because its generator goes on yielding."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from workbench.errors import BadRequest
from workbench.hub.protocol import CancelScope
from workbench.page import jobs


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "BEAT_SECONDS", 0.02)
    monkeypatch.setattr(jobs, "LOOK_SECONDS", 0.01)


def test_items_come_in_order_and_silence_beats() -> None:
    go = threading.Event()

    def work() -> Iterator[int]:
        yield 1
        go.wait()
        yield 2

    running = jobs.beating(work())
    assert next(running) == 1
    assert next(running) is None
    go.set()
    assert [item for item in running if item is not None] == [2]


def test_what_the_work_raises_is_raised_to_the_caller() -> None:
    def work() -> Iterator[int]:
        yield 1
        raise BadRequest("No.")

    with pytest.raises(BadRequest, match="No"):
        list(jobs.beating(work()))


def test_closing_ends_the_work_and_lets_go_of_what_it_holds() -> None:
    go, closed = threading.Event(), threading.Event()

    def work() -> Iterator[int]:
        try:
            while True:
                go.wait()
                yield 1
        finally:
            closed.set()

    running = jobs.beating(work())
    assert next(running) is None
    running.close()
    go.set()
    assert closed.wait(10)


def test_silent_rendering_repeats_its_figure_and_closing_tells_it_to_stop() -> None:
    ended = threading.Event()

    def work(progress: object, stop: object) -> None:
        progress(0.5)  # type: ignore[operator]
        while not stop():  # type: ignore[operator]
            pass
        ended.set()

    running = jobs.watched(work, CancelScope().start())
    assert [next(running), next(running)] == [0.5, 0.5]
    running.close()
    assert ended.wait(10)
