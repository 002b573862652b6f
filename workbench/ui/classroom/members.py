"""Who belongs to a class: the code that lets in, the cookies that remember it, and how many are here now."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable

#: Letters and digits that nobody mixes up when they are read from a board.
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
LENGTH = 5
#: How many wrong codes an address may try within so many seconds.
TRIES, TRY_SECONDS = 8, 60.0
#: Somebody is here as long as their page was heard of within so many seconds.
HERE_SECONDS = 300.0
#: Members that are remembered, and how many may be here at once.
MOST = 200


def new_code() -> str:
    """A code for one lesson, such as ``K7MQ2``."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


class Members:
    """The members of a class. Cookies are signed with a key that this run alone knows.

    Args:
        code: lets pupils in.
        clock: monotonic seconds.
    """

    def __init__(self, code: str | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.code = code or new_code()
        #: Opens the teacher's page.
        self.teacher_key = secrets.token_urlsafe(16)
        self._key = secrets.token_bytes(32)
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: dict[str, float] = {}
        self._wrong: dict[str, list[float]] = {}

    def right(self, code: str) -> bool:
        """Whether this is the code; small letters and spaces are forgiven."""
        told = "".join(code.split()).upper()[:64]
        return hmac.compare_digest(told.encode(), self.code.upper().encode())

    def may_try(self, address: str) -> bool:
        """Whether an address may try a code now."""
        with self._lock:
            return len(self._recent(address)) < TRIES

    def was_wrong(self, address: str) -> None:
        """An address has tried a wrong code."""
        with self._lock:
            self._wrong[address] = [*self._recent(address), self._clock()]

    def _recent(self, address: str) -> list[float]:
        oldest = self._clock() - TRY_SECONDS
        self._wrong = {who: times for who, times in self._wrong.items() if times[-1] > oldest}
        return [when for when in self._wrong.get(address, []) if when > oldest]

    def enrol(self, teacher: bool = False) -> str | None:
        """The cookie of a new member; None where as many are here as there is room for."""
        if not teacher and self.here() >= MOST:
            return None
        name = ("t" if teacher else "p") + secrets.token_hex(8)
        return f"{name}.{self._signature(name)}"

    def member(self, cookie: str) -> str | None:
        """The name within a cookie of ours (it begins with ``t`` for the teacher); None for any other."""
        name, _, signature = cookie.partition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(name).encode()):
            return None
        return name

    def _signature(self, name: str) -> str:
        return hmac.new(self._key, name.encode(), hashlib.sha256).hexdigest()

    def heard_of(self, name: str) -> None:
        """A member's page has asked for something."""
        with self._lock:
            self._seen[name] = self._clock()

    def here(self) -> int:
        """How many pupils are here; the teacher does not count."""
        with self._lock:
            oldest = self._clock() - HERE_SECONDS
            self._seen = {name: when for name, when in self._seen.items() if when > oldest}
            return sum(name.startswith("p") for name in self._seen)
