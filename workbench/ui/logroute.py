"""The last words of a page: what its browser sends by itself when it is closed or hidden.

``POST /gradio_api/log`` takes one ``log_take`` message as JSON, at most 64 kB, as ``navigator.sendBeacon`` sends it:
Gradio's own channel is gone by then. Nobody waits for the answer; what was taken here and comes again counts once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.ui.components import address, parse

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from workbench.page.session import Pages

PATH = "/gradio_api/log"


def log_routes(pages: Pages) -> list[Any]:
    """The route, for Starlette."""
    from starlette.routing import Route

    async def take(request: Request) -> Response:
        from anyio import to_thread
        from starlette.requests import ClientDisconnect
        from starlette.responses import JSONResponse, Response

        from workbench.page.queue import Person

        try:
            message = parse((await request.body()).decode("utf-8", "replace"))
        except ClientDisconnect:
            return Response(status_code=400)
        if not isinstance(message, dict) or message.get("type") != "log_take":
            return JSONResponse({"type": "error", "text": "Only what a page tells for the log is taken here."}, 400)
        person = Person(address(request), str(message.get("session"))[:64])
        return JSONResponse(await to_thread.run_sync(pages.call, message, person))

    return [Route(PATH, take, methods=["POST"])]
