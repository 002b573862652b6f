"""How often an address or a page may ask for something: a bucket that fills steadily and holds so much."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

MAX_REMEMBERED = 20_000


class Rates:
    """Buckets by key, all alike. Safe to use from several threads; memory is bounded, whoever asks.

    Args:
        per_second: how fast a bucket fills.
        burst: how much it holds; a new one is full.
        clock: monotonic seconds.
    """

    def __init__(self, per_second: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second, self._burst, self._clock = per_second, burst, clock
        self._lock = threading.Lock()
        self._level: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allow(self, key: str) -> bool:
        """Take one from a bucket; False where it is empty."""
        with self._lock:
            now = self._clock()
            level, when = self._level.pop(key, (self._burst, now))
            level = min(self._burst, level + (now - when) * self._per_second)
            allowed = level >= 1.0
            self._level[key] = (level - 1.0 if allowed else level, now)
            while len(self._level) > MAX_REMEMBERED:
                self._level.popitem(last=False)
            return allowed
