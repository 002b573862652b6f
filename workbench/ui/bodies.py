"""How large what is sent here may be: of one request, of all from one address, and of all visitors together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from workbench.hub.public import PublicRules
from workbench.page.session import media_limits

MB = 1_000_000
#: A call larger than this is refused on one's own computer: documents of any length a page can hold are smaller.
MAX_CALL = 90 * 2**20
#: Room for what stands around a file or a text in a request.
AROUND = 64 * 1024
SMALL = 64 * 1024
#: How many of the largest calls may be on their way at once: from one address, and in all.
CALLS_PER_ADDRESS, CALLS_IN_ALL = 3, 12


@dataclass(frozen=True, slots=True)
class Body:
    """``limit``: bytes of one request; ``media_type``: the type it must have; ``kept``: whether it stays on disk."""

    limit: int
    media_type: str = "application/json"
    kept: bool = False


def call_limit(rules: PublicRules | None) -> int:
    """Most bytes of a call: on a public server a file of the owner's limit as base64."""
    return MAX_CALL if rules is None else rules.max_upload_mb * MB * 4 // 3 + 16 * AROUND


def bodies(rules: PublicRules | None) -> dict[str, Body]:
    """What may be sent, by the first part of the route behind ``/gradio_api/``; nothing else is taken."""
    call, file = Body(call_limit(rules)), media_limits(rules).file_bytes + AROUND
    small = Body(SMALL)
    return {
        "component_server": call, "queue": call, "call": call, "run": call, "api": call,
        "upload": Body(file, "multipart/form-data", kept=True),
        "media": Body(file, "application/octet-stream", kept=True),
        "cancel": small, "reset": small, "log": Body(2 * SMALL), "researcher": small,
    }  # fmt: skip


class Meter:
    """Bytes that have come within some seconds, by address and in all.

    Args:
        per_address: most bytes from one address.
        in_all: most bytes from everybody.
        seconds: how long bytes count after their request has ended.
        clock: monotonic seconds.
    """

    def __init__(
        self, per_address: int, in_all: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:  # fmt: skip
        self._per_address, self._in_all, self._seconds = per_address, in_all, seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._counts: list[Count] = []

    def begin(self, address: str, promised: int) -> Count | None:
        """A request begins; None if so many bytes are too many now."""
        with self._lock:
            now = self._clock()
            self._counts = [count for count in self._counts if count.ended is None or count.ended > now - self._seconds]
            count = Count(address)
            if not self._fits(count, promised):
                return None
            count.size = promised
            self._counts.append(count)
            return count

    def grow(self, count: Count, come: int) -> bool:
        """So many bytes of a request have come; whether more may."""
        with self._lock:
            if come <= count.size:
                return True
            if not self._fits(count, come - count.size):
                return False
            count.size = come
            return True

    def end(self, count: Count, come: int) -> None:
        """A request is over, and so much had come of it."""
        with self._lock:
            count.size, count.ended = come, self._clock()

    def _fits(self, count: Count, more: int) -> bool:
        near = sum(other.size for other in self._counts if other.address == count.address)
        return near + more <= self._per_address and sum(other.size for other in self._counts) + more <= self._in_all


class Count:
    """What one request has brought."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.size = 0
        self.ended: float | None = None


def meters(rules: PublicRules | None, **options: Any) -> dict[bool, Meter]:
    """The meters of a public server, of what is kept (True) and of calls (False); none on one's own computer."""
    if rules is None:
        return {}
    call = call_limit(rules)
    kept = Meter(rules.uploads_per_address_mb * MB, rules.uploads_mb * MB, rules.keep_seconds, **options)
    return {True: kept, False: Meter(CALLS_PER_ADDRESS * call, CALLS_IN_ALL * call, 0.0, **options)}
