"""The way of files between a browser and a page's media shelf: one route in, one out.

``POST /gradio_api/media`` takes the bytes of one file as the body, with the page's token and the file's name
(percent-encoded) in headers, and writes them to disk as they come: memory stays flat, and a connection that ends early
leaves nothing. The headers are of our own, so a foreign web page cannot send them without asking first, and it is
never allowed to. ``GET /gradio_api/media/ID`` gives a file back, in ranges, for players and pictures; the id cannot be
guessed.

Gradio's own upload route writes a form to its cache, where files of equal content share a place, and learns the size
at the end; this one refuses before the first byte.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from workbench.errors import BadRequest, WorkbenchError
from workbench.page.media import ID

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from workbench.page.media import Arrival, MediaItem
    from workbench.page.session import Pages

PATH = "/gradio_api/media"
SESSION, NAME = "x-workbench-session", "x-workbench-name"
#: Bytes that are gathered before they are written, so that the disk is asked seldom and never by the event loop.
GATHER = 1 << 20


def routes(pages: Pages) -> list[Any]:
    """The two routes as Starlette knows them, for ``launch(app_kwargs={"routes": ...})``."""
    from starlette.routing import Route

    async def take(request: Request) -> Response:
        return await _take(pages, request)

    async def give(request: Request) -> Response:
        return await _give(pages, request)

    return [Route(PATH, take, methods=["POST"]), Route(f"{PATH}/{{media_id}}", give, methods=["GET", "HEAD"])]


def _begin(pages: Pages, request: Request) -> Arrival:
    address = request.client.host if request.client is not None else ""
    page = pages.page({"session": request.headers.get(SESSION)}, address)
    length = request.headers.get("content-length", "")
    size = int(length) if length.isascii() and length.isdecimal() and len(length) < 16 else None
    return page.media.begin(unquote(request.headers.get(NAME, ""), errors="replace")[:1_000], size)


async def _take(pages: Pages, request: Request) -> Response:
    from starlette.requests import ClientDisconnect
    from starlette.responses import JSONResponse, Response

    try:
        arrival = _begin(pages, request)
    except WorkbenchError as problem:
        return JSONResponse({"type": "error", "text": str(problem)}, 400, {"connection": "close"})
    with arrival:
        try:
            item = await _receive(arrival, request)
        except WorkbenchError as problem:
            return JSONResponse({"type": "error", "text": str(problem)}, 400, {"connection": "close"})
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is there to read it
    return JSONResponse({"type": "media.come", "item": item.to_dict()})


async def _receive(arrival: Arrival, request: Request) -> MediaItem:
    from anyio import to_thread

    gathered = bytearray()
    async for chunk in request.stream():
        gathered += chunk
        if len(gathered) >= GATHER:
            await to_thread.run_sync(arrival.write, bytes(gathered))
            gathered.clear()
    if gathered:
        await to_thread.run_sync(arrival.write, bytes(gathered))
    return await to_thread.run_sync(arrival.finish)


async def _give(pages: Pages, request: Request) -> Response:
    from starlette.responses import FileResponse, PlainTextResponse

    media_id = request.path_params["media_id"]
    try:
        if not ID.match(media_id):
            raise BadRequest("That is not the name of a file.")
        item = pages.find_media(media_id)
    except WorkbenchError as problem:
        return PlainTextResponse(str(problem), 404)
    shown = item.kind in ("sound", "video", "picture")
    return FileResponse(
        item.path,
        media_type=item.media_type if shown else "application/octet-stream",
        filename=item.name,
        content_disposition_type="inline" if shown else "attachment",
        headers={
            "x-content-type-options": "nosniff",
            "content-security-policy": "default-src 'none'; media-src 'self'; img-src 'self'; sandbox",
            "cache-control": "private, no-store",
        },
    )
