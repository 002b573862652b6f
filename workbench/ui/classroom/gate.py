"""The gate of a class: an ASGI middleware that lets members in, and shows everybody else where to type the code.

It stands behind the door (:mod:`workbench.ui.door`), which has looked at names, pages and sizes before. A code comes
in the address (``/class?code=K7MQ2``, what the QR code holds) and becomes a cookie; codes that are tried out are
refused after some tries. ``/class/teacher?key=...`` is the teacher's page.
"""

from __future__ import annotations

import json
from urllib.parse import parse_qs

from workbench.ui.classroom.members import TRIES, Members
from workbench.ui.classroom.pages import door_page, teacher_page
from workbench.ui.door import UNKEPT, Asgi, Receive, Scope, Send, answer, cookie_of, refuse

COOKIE = "workbench_class"
ALL_HERE = "The class is full; ask your teacher."


class Gate:
    """The middleware.

    Args:
        app: what stands behind the gate.
        members: who belongs to the class.
        address: by which pupils reach the app; empty without a network.
        picture: the QR code as SVG.
        secure: whether the app speaks HTTPS.
        mark: the certificate's fingerprint.
    """

    def __init__(
        self, app: Asgi, members: Members, address: str = "", picture: str = "", secure: bool = False, mark: str = ""
    ) -> None:  # fmt: skip
        self._app, self._members = app, members
        self._address, self._picture, self._secure, self._mark = address, picture, secure, mark

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look at one connection."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        name = self._members.member(cookie_of(scope, COOKIE))
        if name is not None:
            self._members.heard_of(name)
        path, peer = scope["path"], (scope.get("client") or ("", 0))[0]
        own_start = path.endswith("/startup-events") and peer in ("127.0.0.1", "::1")  # Gradio's call to itself
        if scope["type"] == "http" and path.rstrip("/") in ("/class", "/class/teacher", "/class/count"):
            await self._own(path.rstrip("/"), scope, name, peer, send)
        elif name is not None or own_start:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        elif scope["method"] in ("GET", "HEAD") and "text/html" in _header(scope, b"accept"):
            await show(send, 401, door_page())
        else:
            await refuse(send, 401, "Type the code of the class first: open the workbench's page.")

    async def _own(self, path: str, scope: Scope, name: str | None, peer: str, send: Send) -> None:
        """The pages of the class itself."""
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        teacher = name is not None and name.startswith("t")
        if path == "/class":
            await self._enter(query.get("code", [""])[0], peer, send)
        elif path == "/class/teacher" and not teacher:
            await self._open_desk(query.get("key", [""])[0], peer, send)
        elif path == "/class/teacher":
            here = self._members.here()
            page = teacher_page(
                self._address, self._members.code, self._picture, here, secure=self._secure, mark=self._mark
            )
            await show(send, 200, page)
        elif teacher:
            text = json.dumps({"here": self._members.here()})
            await answer(send, 200, text.encode(), "application/json", UNKEPT)
        else:
            await refuse(send, 403, "Only the teacher sees that.")

    async def _enter(self, code: str, peer: str, send: Send) -> None:
        if not code:
            await show(send, 200, door_page())
        elif not self._members.may_try(peer):
            await show(send, 429, door_page(f"That were {TRIES} wrong codes; wait a minute and try again."))
        elif not self._members.right(code):
            self._members.was_wrong(peer)
            await show(send, 403, door_page("That is not the code; look at it again."))
        elif (cookie := self._members.enrol()) is None:
            await show(send, 503, door_page(ALL_HERE))
        else:
            await self._welcome(cookie, "/", send)

    async def _open_desk(self, key: str, peer: str, send: Send) -> None:
        """The teacher comes with the key that was printed at the start."""
        import hmac

        if not self._members.may_try(peer) or not hmac.compare_digest(key.encode(), self._members.teacher_key.encode()):
            self._members.was_wrong(peer)
            await show(send, 403, door_page("The teacher's page opens by the address that was printed at the start."))
            return
        cookie = self._members.enrol(teacher=True)
        assert cookie is not None
        await self._welcome(cookie, "/class/teacher", send)

    async def _welcome(self, cookie: str, place: str, send: Send) -> None:
        """On to ``place`` with the cookie; the code does not stay in the address."""
        text = f"{COOKIE}={cookie}; Path=/; HttpOnly; SameSite=Lax{'; Secure' if self._secure else ''}"
        await show(send, 303, "", (b"location", place.encode()), (b"set-cookie", text.encode()))


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name), "")


async def show(send: Send, status: int, page: str, *more: tuple[bytes, bytes]) -> None:
    """Send one of the class's own pages."""
    await answer(send, status, page.encode(), more=[*UNKEPT, *more])
