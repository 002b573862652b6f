"""The browser core's views as Gradio components.

A view is a bundle in ``workbench/web/public`` (see ``workbench/web/src/README.md``). It talks to the server in two
ways: *calls* go through a server function and are answered by its value; *events* begin jobs, and what the server has
to say comes back piece by piece as a pushed property, so that a long answer never overwrites what the person did
meanwhile. Whatever is slow waits for its turn in the workbench's own queue, in threads that are not Gradio's.
"""

from __future__ import annotations

import itertools
import json
import secrets
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any

import gradio as gr
from anyio import to_thread
from gradio.events import EventListener

from workbench import resources
from workbench.hub.protocol import CancelScope
from workbench.page.queue import Person
from workbench.page.rows import Message
from workbench.page.session import Pages
from workbench.page.table import table
from workbench.page.texts import SPOKEN_JS, everywhere
from workbench.ui.bodies import MAX_CALL
from workbench.ui.pump import items_of, result_of

PUBLIC = resources.path("web/public")
#: Calls with more characters than this are read beside the event loop.
LONG_CALL = 20_000

_ON_LOAD = """
// The quoted names become events that Python can listen to: 'message' 'edit' %(doors)s
const base = (window.gradio_config?.root || '').replace(/\\/$/, '') + '/gradio_api/file=%(public)s';
const host = element.querySelector('.wb-host');
host.addEventListener('wb-go', (event) => trigger('go_' + event.detail));
// A view opened while the server is away comes when the server does. (A failed address is remembered: hence the count.)
const failed = (problem) => { host.textContent = %(spoken)s(%(failed)s); console.error(problem); };
const load = (turn) => import(base + '/%(name)s.js' + (turn ? '?again=' + turn : '')).then(
  (bundle) => { host.textContent = ''; bundle.mountGradio(host, { props, trigger, watch, server, base }); },
  (problem) => { failed(problem); setTimeout(() => load(turn + 1), 2000); },
).catch(failed);
load(0);
"""


#: The tabs that a view can lead to.
DOORS = ("home", "prompt", "listen", "roll", "sheet", "stems", "genie", "models")
_DOORS = " ".join(f"'go_{name}'" for name in DOORS)


def make_view(name: str, pages: Pages, *, document: str = "", options: dict[str, Any] | None = None) -> gr.HTML:
    """One view of the page's document.

    Not a subclass of ``gr.HTML``: Gradio writes an interface file beside the source of every subclass.

    Args:
        name: the bundle, such as ``roll``.
        pages: where calls are answered.
        document: canonical JSON of a score that the page opens on, unless it remembers its own.
        options: plain settings of the view.
    """

    async def message(text: str, request: gr.Request) -> str:
        long = isinstance(text, str) and len(text) > LONG_CALL
        content = await to_thread.run_sync(parse, text) if long else parse(text)
        person, scope = Person(address(request), await _session(request)), CancelScope()
        work = partial(_reply, pages, content, person, scope)
        if is_slow(content):
            return await result_of(work, scope.cancel, request.is_disconnected)
        return await to_thread.run_sync(work)

    return gr.HTML(
        value="",
        html_template='<div class="wb-host"></div>',
        js_on_load=_ON_LOAD
        % {
            "public": PUBLIC.as_posix(),
            "name": name,
            "doors": _DOORS,
            "spoken": SPOKEN_JS,
            "failed": json.dumps(dict(everywhere("app.failed"))),
        },
        apply_default_css=False,
        server_functions=[message],
        app="workbench",
        document=document,
        patch="",
        options=json.dumps(options or {}),
        elem_classes=["wb-view", f"wb-{name}"],
        container=False,
        padding=False,
    )


def _reply(pages: Pages, content: Any, person: Person, scope: CancelScope) -> str:
    return json.dumps(pages.call(content, person, scope), separators=(",", ":"))


def is_slow(content: Any) -> bool:
    """Whether a call must wait for its turn."""
    kind = content.get("type") if isinstance(content, dict) else None
    row = table().calls.get(kind) if isinstance(kind, str) else None
    return row is not None and row.slow


def address(request: Any) -> str:
    """The network address of whoever sent a request (see :mod:`workbench.ui.door`)."""
    client = getattr(request, "client", None)
    return str(client.host) if client is not None else ""


async def _session(request: Any) -> str:
    """Gradio's session of a call to a server function, which is given the bare request."""
    try:
        return str((await request.json())["session_hash"])[:64]  # read already, so this costs nothing
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""


def parse(text: Any) -> Any:
    """The JSON of a message, or None if it is none: the caller's checks then refuse it in words."""
    if not isinstance(text, str) or len(text) > MAX_CALL:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def listen(view: gr.HTML, pages: Pages) -> None:
    """Answer a view's events by the jobs of ``pages``, whose queue says how many run at the same time."""

    async def on_message(evt: gr.EventData, request: gr.Request) -> AsyncIterator[Any]:
        content = parse(getattr(evt, "message", None))
        numbers = (f"{turn}-{number}" for turn in [secrets.token_hex(6)] for number in itertools.count(1))
        person, scope = Person(address(request), str(request.session_hash)[:64]), CancelScope()
        async for reply in items_of(lambda: pages.answer(content, person, scope), scope.cancel):
            yield push(reply, numbers)

    # Not ``view.message``: that name is taken by the server function of the same name.
    EventListener(event_name="message").listener(
        view, on_message, None, view, show_progress="hidden", trigger_mode="multiple", concurrency_limit=None,
        api_visibility="private", queue=True,
    )  # fmt: skip


def push(message: Message, numbers: Iterator[str]) -> Any:
    """A message as an update of the view's ``patch`` property.

    Gradio drops a value that equals the one before, and a page drops a message whose number it has seen: no two
    messages to a page may carry the same number.
    """
    return gr.HTML(patch=json.dumps({**message, "n": next(numbers)}, separators=(",", ":")))


def add_doors(view: gr.HTML, tabs: gr.Tabs, names: list[str]) -> None:
    """Let a view lead to other tabs; this happens in the browser alone, so it also works while the server is away."""
    for name in names:
        EventListener(event_name=f"go_{name}").listener(
            view, None, None, tabs, js=f"() => ({{__type__: 'update', selected: {json.dumps(name)}}})",
            show_progress="hidden", api_visibility="private", queue=False,
        )  # fmt: skip
