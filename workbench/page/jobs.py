"""Long work that reports by a callback, turned into a generator that can be stopped.

Rendering and export call back with a figure; a page wants messages, one after the other, and Stop to take effect.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator
from typing import Any, TypeVar

from workbench.hub.protocol import CancelToken

#: How often the watcher looks whether the page is still there, in seconds.
LOOK_SECONDS = 0.25
#: A host can only close a generator where it yields: silent work yields at least this often, in seconds.
BEAT_SECONDS = 1.0

Item = TypeVar("Item")


def beating(work: Iterator[Item]) -> Generator[Item | None, None, None]:
    """Run ``work`` beside the caller; yields its items as they come, and None after each second without one.

    What ``work`` raises is raised here. Closing this generator ends ``work`` at its next item; cancel its token too,
    so that it ends at its next step.
    """
    news: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
    gone = threading.Event()

    def run() -> None:
        try:
            for item in work:
                if gone.is_set():
                    break
                news.put(("item", item))
            news.put(("done", None))
        except BaseException as problem:
            news.put(("failed", problem))
        finally:
            if close := getattr(work, "close", None):
                close()

    threading.Thread(target=run, name="workbench-model", daemon=True).start()
    try:
        while True:
            try:
                kind, value = news.get(timeout=BEAT_SECONDS)
            except queue.Empty:
                yield None
                continue
            if kind == "failed":
                raise value
            if kind == "done":
                return
            yield value
    finally:
        gone.set()


def watched(
    work: Callable[[Callable[[float], None], Callable[[], bool]], Any], token: CancelToken
) -> Generator[float, None, Any]:
    """Run ``work(progress, stop)`` beside the caller; yields figures from 0 to 1, returns what ``work`` returned.

    The last figure is repeated every second, so that the host finds a place to close it when the page has gone.

    Closing the generator, or a stale token, makes ``stop()`` true; what ``work`` raises is raised here.
    """
    news: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
    gone = threading.Event()

    def stop() -> bool:
        return gone.is_set() or token.cancelled

    def run() -> None:
        try:
            news.put(("done", work(lambda share: news.put(("progress", share)), stop)))
        except BaseException as problem:
            news.put(("failed", problem))

    thread = threading.Thread(target=run, name="workbench-job", daemon=True)
    thread.start()
    share, silent = 0.0, 0.0
    try:
        while True:
            try:
                kind, value = news.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                token.check()
                silent += LOOK_SECONDS
                if silent >= BEAT_SECONDS:
                    silent = 0.0
                    yield share
                continue
            if kind == "progress":
                share, silent = float(value), 0.0
                yield share
            elif kind == "failed":
                raise value
            else:
                return value
    finally:
        gone.set()


def messages(
    work: Callable[[Callable[[str, Any], None], Callable[[], bool]], Any], token: CancelToken
) -> Generator[dict[str, Any], None, Any]:
    """Run ``work(tell, stop)`` beside the caller, like :func:`watched`; returns what ``work`` returned.

    Yields ``progress`` at least every half second (the last figure again where there is nothing new), and
    ``partial`` with the fields that ``work`` tells of by ``tell("partial", {...})``. ``tell("stage", sentence)`` says
    what goes on from now on.
    """
    news: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
    gone = threading.Event()

    def run() -> None:
        try:
            news.put(("done", work(lambda kind, value: news.put((kind, value)), stop)))
        except BaseException as problem:
            news.put(("failed", problem))

    def stop() -> bool:
        return gone.is_set() or token.cancelled

    threading.Thread(target=run, name="workbench-job", daemon=True).start()
    told = {"type": "progress", "done": 0.0, "seconds_left": None, "text": ""}
    last = time.monotonic()
    try:
        while True:
            try:
                kind, value = news.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                kind, value = "", None
                token.check()
            if kind == "failed":
                raise value
            if kind == "done":
                return value
            if kind == "partial":
                yield {"type": "partial", **value}
            if kind == "progress":
                told = {**told, "done": round(float(value), 3)}
            if kind == "stage":
                told = {**told, "text": value}
            if time.monotonic() - last >= LOOK_SECONDS:
                last = time.monotonic()
                yield told
    finally:
        gone.set()


def figures(work: Generator[float, None, Any]) -> Generator[dict[str, Any], None, Any]:
    """Turn the figures of a watched job into progress messages; returns what the job returned."""
    while True:
        try:
            share = next(work)
        except StopIteration as end:
            return end.value
        yield {"type": "progress", "done": round(share, 3), "seconds_left": None, "text": ""}
