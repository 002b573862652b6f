"""Long work that reports by a callback, turned into a generator that can be stopped.

Rendering and export call back with a figure; a page wants messages, one after the other, and Stop to take effect.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator
from typing import Any

from workbench.hub.protocol import CancelToken

#: How often the watcher looks whether the page is still there, in seconds.
LOOK_SECONDS = 0.25


def watched(
    work: Callable[[Callable[[float], None], Callable[[], bool]], Any], token: CancelToken
) -> Generator[float, None, Any]:
    """Run ``work(progress, stop)`` beside the caller; yields figures from 0 to 1, returns what ``work`` returned.

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
    try:
        while True:
            try:
                kind, value = news.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                token.check()
                continue
            if kind == "progress":
                yield float(value)
            elif kind == "failed":
                raise value
            else:
                return value
    finally:
        gone.set()
