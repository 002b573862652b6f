"""Who listens for an answer: programs that have asked for work hear of it through a stream, and may hang up."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

#: Seconds within which a program must begin to listen after it has asked, and come back after it has hung up.
BEGIN_SECONDS, BACK_SECONDS = 20.0, 3.0
MAX_REMEMBERED = 5_000


class Callers:
    """The streams that are open now, by the keys they listen for (a session, or the id of one call).

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._open: dict[str, int] = {}
        self._left: OrderedDict[str, float] = OrderedDict()

    @contextmanager
    def listening(self, key: str) -> Iterator[None]:
        """A stream for this key is open as long as this is held."""
        with self._lock:
            self._open[key] = self._open.get(key, 0) + 1
        try:
            yield
        finally:
            with self._lock:
                self._open[key] -= 1
                if not self._open[key]:
                    del self._open[key]
                self._left[key] = self._clock()
                self._left.move_to_end(key)
                while len(self._left) > MAX_REMEMBERED:
                    self._left.popitem(last=False)

    def gone(self, keys: Collection[str], asked: float) -> bool:
        """Whether nobody waits for work that was asked for at ``asked`` (by the clock) under one of these keys."""
        with self._lock:
            if any(key in self._open for key in keys):
                return False
            left = max((self._left[key] for key in keys if key in self._left), default=None)
        now = self._clock()
        if left is None or left < asked:
            return now - asked > BEGIN_SECONDS
        return now - left > BACK_SECONDS
