"""The door of the server: what comes in is looked at before anything of it is read, and what goes out is labelled.

An ASGI middleware around the whole app. It refuses names and pages that are not the server's own
(:mod:`workbench.ui.hosts`), routes that nobody needs, and bodies of the wrong type or size (:mod:`workbench.ui.bodies`)
as they come; it gives every request its visitor's true address, notes who listens, and tells browsers what the pages
may do. Refusals are JSON with one sentence.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextlib import ExitStack
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from workbench.hub.public import PublicRules
from workbench.page import genieweights
from workbench.page.rates import Rates
from workbench.ui.bodies import Body, Meter, bodies, meters
from workbench.ui.callers import Callers
from workbench.ui.harp.way import led
from workbench.ui.hosts import ALWAYS, FILE_POLICY, Hosts, address_of, split_host

if TYPE_CHECKING:
    from workbench.ui.bodies import Count

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

SAFE = ("GET", "HEAD", "OPTIONS")
API = "/gradio_api/"
#: For an answer that no browser may keep.
UNKEPT = ((b"cache-control", b"no-store"),)
#: For an answer that a browser may keep, but must ask about each time.
ASKED_AGAIN = (b"cache-control", b"no-cache")
#: Parts of Gradio that the app does not use, and that would only tell strangers about it.
CLOSED = re.compile(
    r"(gradio_api/)?(vibe|undo-vibe|run-history|runs\b|proxy=|monitoring|profiling|dev/|custom_component/)"
)
#: A sender that is silent for so long in the middle of a body is not waited for, in seconds.
PATIENCE_SECONDS = 60.0


class Door:
    """The middleware.

    Args:
        app: what stands behind the door.
        hosts: the server's names.
        rules: of a public server, or None.
        callers: where to note who listens.
        public_files: the folder whose files are the app's own.
    """

    def __init__(
        self, app: Asgi, hosts: Hosts, rules: PublicRules | None, callers: Callers, public_files: str
    ) -> None:  # fmt: skip
        self._app = app
        self._hosts, self._callers = hosts, callers
        self._proxies = rules.proxies if rules is not None else 0
        self._bodies: dict[str, Body] = bodies(rules)
        self._meters: dict[bool, Meter] = meters(rules)
        self._rates = _rates(rules)
        self._own_files = f"{API}file={public_files}/"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Look at one connection."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        if (path := self._led(scope["path"])) != scope["path"]:
            scope.update(path=path, raw_path=path.encode())
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        peer, port = scope.get("client") or ("", 0)
        scope["client"] = (address_of(peer, headers, self._proxies), port)
        refusal = self._too_often(scope) or self._refusal(scope, headers)
        if scope["type"] == "websocket":
            if refusal or not self._hosts.obeys(headers, self._proxies > 0):
                await send({"type": "websocket.close", "code": 1008})
            else:
                await self._app(scope, receive, send)
            return
        send = self._labelled(scope["path"], send)
        if refusal:
            await refuse(send, *refusal)
            return
        with ExitStack() as stack:
            for key in listened(scope):
                stack.enter_context(self._callers.listening(key))
            if scope["method"] in SAFE and (page := genieweights.standalone(self._own_name(scope["path"]))) is not None:
                await answer(send, 200, page)
            elif scope["method"] in SAFE:
                await self._app(scope, receive, send)
            else:
                await self._take(scope, headers, receive, send)

    def _own_name(self, path: str) -> str:
        """The name of a file of the app's own that a path asks for; "" if it asks for none."""
        return path.partition(self._own_files)[2]

    def _led(self, path: str) -> str:
        """Where a path belongs: HARP's, and the Genie's weights, which are those of the owner's set."""
        name = self._own_name(path)
        return path.removesuffix(name) + genieweights.led(name) if name else led(path)

    def _too_often(self, scope: Scope) -> tuple[int, str] | None:
        """Whether an address asks more often than it may."""
        kinds = ("request",) if scope["type"] == "websocket" or scope["method"] in SAFE else ("request", "message")
        who = scope["client"][0]
        if all(self._rates[kind].allow(who) for kind in kinds if kind in self._rates):
            return None
        return 429, "Your address asks for very much at once; wait a moment and try again."

    def _refusal(self, scope: Scope, headers: dict[str, str]) -> tuple[int, str] | None:
        """Why a request is not let in, before its body: a status and a sentence."""
        host = headers.get("host", "")
        if host and not self._hosts.allows(host):
            name = re.sub(r"[^A-Za-z0-9.:\[\]-]", "", split_host(host)[0])[:100]
            return 421, f"This workbench does not know itself by the name {name}; its owner can add it (--allow-host)."
        path = scope["path"]
        if CLOSED.match(path[path.find(API) + 1 :] if API in path else path.lstrip("/")):
            return 404, "There is nothing here."
        if scope["type"] == "websocket" or scope["method"] in SAFE:
            return None
        if not self._hosts.obeys(headers, self._proxies > 0):
            return 403, "Only the workbench's own pages may do that."
        body = self._body(path)
        if body is None:
            return 404, "There is nothing to send here."
        if headers.get("content-type", "").split(";")[0].strip().lower() != body.media_type:
            return 415, f"This must be sent as {body.media_type}."
        return None

    def _body(self, path: str) -> Body | None:
        _, found, rest = path.rpartition(API)
        return self._bodies.get(rest.split("/")[0]) if found else None

    async def _take(self, scope: Scope, headers: dict[str, str], receive: Receive, send: Send) -> None:
        """Let a body in, as far as it may come."""
        body = self._body(scope["path"])
        assert body is not None
        declared = headers.get("content-length", "")
        promised = int(declared) if declared.isascii() and declared.isdecimal() and len(declared) < 16 else 0
        if promised > body.limit or (declared and not promised and declared.strip("0")):
            await refuse(send, 413, too_large(body.limit))
            return
        meter = self._meters.get(body.kept)
        count = meter.begin(scope["client"][0], promised) if meter is not None else None
        if meter is not None and count is None:
            await refuse(send, 429, "Much has been sent here lately; try again later.")
            return
        taken = _Intake(body, meter, count, receive, send)
        try:
            await self._app(scope, taken.receive, taken.send)
        finally:
            if meter is not None and count is not None:
                meter.end(count, 0 if taken.refused else taken.come)

    def _labelled(self, path: str, send: Send) -> Send:
        """``send`` with what browsers must be told in every answer."""

        async def labelled(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                names = {name.lower() for name, _ in headers}
                kind = next((value for name, value in headers if name.lower() == b"content-type"), b"")
                more = list(ALWAYS)
                if self._own_name(path) in genieweights.CHANGING:
                    more.append(ASKED_AGAIN)
                if f"{API}file=" in path and self._own_files not in path:
                    more.append(FILE_POLICY)
                elif kind.startswith(b"text/html"):
                    more += self._hosts.page_headers
                message = {**message, "headers": [*headers, *(pair for pair in more if pair[0] not in names)]}
            await send(message)

        return labelled


#: How many seconds' worth may come at once: a page is some sixty requests, and a class opens it together.
BURST_SECONDS = 30


def _rates(rules: PublicRules | None) -> dict[str, Rates]:
    """How often an address may ask; on one's own computer nobody counts."""
    if rules is None:
        return {}
    most = {"request": rules.requests_per_second, "message": rules.messages_per_second}
    return {kind: Rates(per_second, per_second * BURST_SECONDS) for kind, per_second in most.items()}


def doors(hosts: Hosts, rules: PublicRules | None, callers: Callers, public_files: Path) -> list[Any]:
    """The door as Gradio takes it: ``launch(app_kwargs={"middleware": ...})``."""
    from starlette.middleware import Middleware

    door: Any = Door
    return [Middleware(door, hosts=hosts, rules=rules, callers=callers, public_files=public_files.as_posix())]


class _Intake:
    """A body on its way in: counted as it comes, ended where it is too much or nothing comes any more."""

    def __init__(self, body: Body, meter: Meter | None, count: Count | None, receive: Receive, send: Send) -> None:
        self._body, self._meter, self._count = body, meter, count
        self._receive, self._send = receive, send
        self.come = 0
        self.refused = self._whole = self._answered = False

    async def receive(self) -> MutableMapping[str, Any]:
        """The next piece; a refused body looks to the app as if its sender had gone."""
        if self.refused:
            return {"type": "http.disconnect"}
        if self._whole:
            return await self._receive()
        try:
            message = await asyncio.wait_for(self._receive(), PATIENCE_SECONDS)
        except TimeoutError:
            return await self._refuse(408, "The rest of it did not come; send it again.")
        if message["type"] == "http.request":
            self.come += len(message.get("body", b""))
            self._whole = not message.get("more_body", False)
            if self.come > self._body.limit:
                return await self._refuse(413, too_large(self._body.limit))
            if self._meter is not None and self._count is not None and not self._meter.grow(self._count, self.come):
                return await self._refuse(429, "Much has been sent here lately; try again later.")
        return message

    async def send(self, message: MutableMapping[str, Any]) -> None:
        """What the app answers, unless the refusal was the answer."""
        if not self.refused:
            self._answered = True
            await self._send(message)

    async def _refuse(self, status: int, text: str) -> MutableMapping[str, Any]:
        self.refused = True
        if not self._answered:
            await refuse(self._send, status, text)
        return {"type": "http.disconnect"}


def too_large(limit: int) -> str:
    """The sentence for a body above its limit."""
    return f"That is too large; at most {max(1, limit // 1_000_000)} MB can be sent here."


async def answer(
    send: Send,
    status: int,
    body: bytes,
    kind: str = "text/html; charset=utf-8",
    more: Iterable[tuple[bytes, bytes]] = (),
) -> None:
    """Answer a request from a middleware: a small page or text of the type ``kind``, with ``more`` headers."""
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode()), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def refuse(send: Send, status: int, text: str) -> None:
    """Answer with one sentence, in the forms that pages and programs look for it."""
    content = json.dumps({"type": "error", "text": text, "detail": text, "error": text}).encode()
    await answer(send, status, content, "application/json", [(b"connection", b"close")])


def cookie_of(scope: Scope, name: str) -> str:
    """The cookie of this name that a request brings; "" if there is none, or what it brings cannot be read."""
    for header, value in scope["headers"]:
        if header.lower() == b"cookie":
            try:
                found = SimpleCookie(value.decode("latin-1")).get(name)
            except CookieError:
                continue
            if found is not None:
                return found.value
    return ""


def listened(scope: Scope) -> list[str]:
    """What a request listens for: the session of ``queue/data``, or the id of one call."""
    path = scope["path"].rpartition(API)[2].split("/")
    if scope["method"] != "GET":
        return []
    if path == ["queue", "data"]:
        return parse_qs(scope.get("query_string", b"").decode("latin-1")).get("session_hash", [])[:1]
    return path[-1:] if path[0] == "call" and len(path) > 2 else []
