"""The lock of the researcher's page: one password, few tries, and a cookie that no script can read.

Everything below the page's path passes through here, Gradio's own routes too: without the cookie there is only the
form. The password is compared in constant time and kept as a hash alone; tries are counted by address and in all.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable

from workbench.errors import BadRequest
from workbench.ui.door import UNKEPT, Asgi, Receive, Scope, Send, answer, cookie_of

FEWEST_LETTERS = 12
COOKIE = "workbench_researcher"
#: How long somebody stays in, in seconds.
STAY_SECONDS = 8 * 3_600
#: Wrong passwords within so many seconds: from one address, and from everywhere.
WINDOW_SECONDS, PER_ADDRESS, IN_ALL = 300.0, 5, 50


class Lock:
    """Who is let in.

    Args:
        password: at least twelve characters.
        clock: monotonic seconds.

    Raises:
        BadRequest: the password is too short.
    """

    def __init__(self, password: str, clock: Callable[[], float] = time.monotonic) -> None:
        if len(password) < FEWEST_LETTERS:
            raise BadRequest(f"The researcher's password needs at least {FEWEST_LETTERS} characters.")
        self._salt = secrets.token_bytes(16)
        self._hash = self._hashed(password)
        self._clock = clock
        self._wrong: list[tuple[float, str]] = []
        self._inside: dict[str, float] = {}
        self._guard = threading.Lock()

    def _hashed(self, password: str) -> bytes:
        return hashlib.pbkdf2_hmac("sha256", password.encode("utf-8", "replace"), self._salt, 100_000)

    def enter(self, password: str, address: str) -> str | None:
        """Try a password: the token of a cookie, or None if it is wrong.

        Raises:
            BadRequest: too many were wrong; this one was not looked at.
        """
        with self._guard:
            now = self._clock()
            self._wrong = [(when, whose) for when, whose in self._wrong if when > now - WINDOW_SECONDS]
            if len(self._wrong) >= IN_ALL or sum(whose == address for _, whose in self._wrong) >= PER_ADDRESS:
                raise BadRequest("Too many wrong passwords; wait five minutes and try again.")
            # Counted before it is looked at, so that many tries at once are not each the first.
            self._wrong.append((now, address))
        fits = hmac.compare_digest(self._hashed(password[:1_000]), self._hash)
        if not fits:
            return None
        with self._guard:
            self._wrong.remove((now, address))
            token = secrets.token_urlsafe(32)
            self._inside = {name: until for name, until in self._inside.items() if until > now}
            self._inside[_digest(token)] = now + STAY_SECONDS
        return token

    def fits(self, token: str) -> bool:
        """Whether somebody with this token is let in."""
        with self._guard:
            return self._inside.get(_digest(token), 0.0) > self._clock()

    def leave(self, token: str) -> None:
        """Let a token count no longer."""
        with self._guard:
            self._inside.pop(_digest(token), None)


def _digest(token: str) -> str:
    """Tokens are looked up by their hash, so that how long it takes says nothing of them."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def token_of(scope: Scope) -> str:
    """The token in a request's cookie; "" if there is none."""
    return cookie_of(scope, COOKIE)


class Gate:
    """The lock before an app: whoever has no cookie sees the form instead of the page, and 401 elsewhere."""

    def __init__(self, app: Asgi, lock: Lock, form: Callable[[], bytes]) -> None:
        self._app, self._lock, self._form = app, lock, form

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request in, or not."""
        if scope["type"] not in ("http", "websocket") or self._lock.fits(token_of(scope)):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        elif scope["method"] in ("GET", "HEAD") and scope["path"].rstrip("/") == scope.get("root_path", ""):
            await answer(send, 200, self._form(), more=UNKEPT)
        else:
            await answer(send, 401, b"Give the password first.", "text/plain; charset=utf-8", UNKEPT)
