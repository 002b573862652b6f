"""Work that reports how far it is by calling back, turned into a generator that can be stopped between its steps."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator
from typing import Any, TypeVar

from workbench.hub.protocol import CancelToken

Made = TypeVar("Made")
#: How often the token is looked at while nothing is reported, in seconds.
_LOOK = 0.1


def steps(
    work: Callable[[Callable[[float], None], Callable[[], bool]], Made], cancel: CancelToken
) -> Generator[float, None, Made]:
    """Yield the share of the work that is done, 0 to 1, as it grows; return what it made.

    Args:
        work: called in a thread of its own with ``progress`` (a share) and ``cancelled`` (asked between its steps).
        cancel: the token of the run.

    Raises:
        Cancelled: the token went stale; the work has ended by then.
    """
    told: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
    closing = threading.Event()

    def stopped() -> bool:
        return closing.is_set() or cancel.cancelled

    def task() -> None:
        try:
            told.put(("made", work(lambda share: told.put(("share", share)), stopped)))
        except BaseException as error:  # handed over to the thread that waits for it
            told.put(("failed", error))

    thread = threading.Thread(target=task, name="listening", daemon=True)
    thread.start()
    shown = -1.0
    try:
        while True:
            try:
                kind, value = told.get(timeout=_LOOK)
            except queue.Empty:
                continue  # the work itself looks at the token, and ends
            if kind == "made":
                cancel.check()
                made: Made = value
                return made
            if kind == "failed":
                raise value
            if value >= shown + 0.01:
                shown = value
                yield float(min(1.0, max(0.0, value)))
    finally:
        closing.set()
        thread.join()
