"""Where the researcher's page hangs in the app: its routes, behind the lock, and what must run beside them."""

from __future__ import annotations

import asyncio
import json
import shutil
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

from workbench.errors import WorkbenchError
from workbench.study.tables.live import Live
from workbench.ui.researcher.form import form
from workbench.ui.researcher.gate import COOKIE, STAY_SECONDS, Gate, Lock, token_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

PATH = "/researcher"
#: Where the password goes; the door lets small JSON in there.
ENTER = "/gradio_api/researcher"
_EXPORT = f"{PATH}/export.zip"


class Researcher:
    """The page of one running study.

    Args:
        live: the study.
        password: what lets its researcher in; at least twelve characters.

    Raises:
        BadRequest: the password is too short.
    """

    def __init__(self, live: Live, password: str) -> None:
        import gradio as gr
        from fastapi import FastAPI
        from starlette.routing import Mount

        from workbench.ui.researcher.view import STYLE, build
        from workbench.ui.theme import theme

        self.live, self.lock = live, Lock(password)
        self._holder = FastAPI(openapi_url=None)
        blocks = build(live, "export.zip", f"..{ENTER}")
        gr.mount_gradio_app(
            self._holder, blocks, PATH, theme=theme(), css=STYLE, footer_links=[], show_error=False, ssr_mode=False,
            run_history=False,
        )  # fmt: skip
        self._page = next(route.app for route in self._holder.routes if isinstance(route, Mount) and route.path == PATH)

    @property
    def routes(self) -> list[Any]:
        """What Starlette must know, before the app's own routes."""
        from starlette.routing import Mount, Route

        return [
            Route(ENTER, self._enter, methods=["POST"]),
            Route(_EXPORT, self._export, methods=["GET"]),
            Mount(PATH, app=Gate(self._page, self.lock, lambda: form(f"..{ENTER}"))),
        ]

    def lifespan(self) -> AbstractAsyncContextManager[Any]:
        """What runs while the page is offered; to be entered beside the app's own."""
        context: AbstractAsyncContextManager[Any] = self._holder.router.lifespan_context(self._holder)
        return context

    async def _enter(self, request: Request) -> Response:
        from starlette.responses import JSONResponse

        try:
            given = json.loads(await request.body())
        except (ValueError, RecursionError):
            given = None
        if not isinstance(given, dict):
            return JSONResponse({"error": "The password cannot be read."}, 400)
        if given.get("leave"):
            self.lock.leave(token_of(request.scope))
            left = JSONResponse({"left": True})
            left.delete_cookie(COOKIE, path=PATH)
            return left
        address = request.client.host if request.client is not None else ""
        try:
            token = await asyncio.to_thread(self.lock.enter, str(given.get("password", "")), address)
        except WorkbenchError as problem:
            return JSONResponse({"error": str(problem)}, 429)
        if token is None:
            return JSONResponse({"error": "That is not the password."}, 403)
        answer = JSONResponse({"entered": True})
        secure = "https" in (request.url.scheme, request.headers.get("x-forwarded-proto", "").split(",")[0].strip())
        answer.set_cookie(
            COOKIE, token, max_age=STAY_SECONDS, path=PATH, httponly=True, samesite="strict", secure=secure
        )  # fmt: skip
        return answer

    async def _export(self, request: Request) -> Response:
        from starlette.background import BackgroundTask
        from starlette.responses import FileResponse, PlainTextResponse

        if not self.lock.fits(token_of(request.scope)):
            return PlainTextResponse("Give the password first.", 401)
        try:
            path = await asyncio.to_thread(self.live.export)
        except WorkbenchError as problem:
            return PlainTextResponse(str(problem), 503)
        return FileResponse(
            path, filename="study.zip", media_type="application/zip", headers={"cache-control": "no-store"},
            background=BackgroundTask(shutil.rmtree, path.parent, True),
        )  # fmt: skip
