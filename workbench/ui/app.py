"""The app: one page, one document, a tab for each way of looking at it.

Nothing here is process-wide; ``cli.py`` and ``spaces/*/app.py`` make the settings that are (static paths,
analytics, torch threads) before they call :func:`build`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.utils import get_upload_folder

from workbench.hub.public import PublicRules
from workbench.hub.shared import shared_hub
from workbench.page import quarters
from workbench.page.janitor import Janitor
from workbench.page.logbook import Logbook
from workbench.page.queue import Limits, Queue
from workbench.page.replays import Replays
from workbench.page.session import Pages, media_limits
from workbench.page.texts import text
from workbench.page.workers import Workers
from workbench.study.log.ids import load_salt
from workbench.study.log.sinks import open_sink
from workbench.ui.browsergate import gate
from workbench.ui.callers import Callers
from workbench.ui.components import PUBLIC, add_doors, listen, make_view
from workbench.ui.door import doors
from workbench.ui.endpoints import add_endpoints
from workbench.ui.hosts import Hosts
from workbench.ui.logroute import log_routes
from workbench.ui.mediaroute import routes
from workbench.ui.tabs import Context, all_tabs, replay
from workbench.ui.tabs.home import opening
from workbench.ui.theme import CSS, STUDY_CSS, theme

if TYPE_CHECKING:
    from workbench.hub.executor.cluster import Cluster
    from workbench.ui.classroom.room import Room
    from workbench.ui.researcher import Researcher

#: Events that Gradio keeps open at once, most of them waiting: what is above is refused.
GRADIO_THREADS = 200


@dataclass(frozen=True)
class Settings:
    """How the app is offered.

    ``rules``: the rules of a public server (True: the usual ones; False: one's own computer). ``at_once``: how much
    slow work is done at the same time. ``host``: the address it will listen on, where that is not Gradio's usual one.
    ``names``: further names it is reached by. ``room``: the class it is opened for. ``study``: who comes here takes
    part in a study, and sees the app only during its tasks. ``replay``: an interaction log whose sessions are played
    again. ``log``: where the interaction log of those lies who agree to help research (a folder, ``sqlite:FILE`` or
    ``hub:OWNER/DATASET``; empty: nothing is kept of anybody), and ``log_days``: after how many days it is deleted by
    itself (0: never). ``researcher``: the page that shows a study while it runs.
    ``cluster``: the computers that models run on, if not this one.
    """

    rules: bool | PublicRules = False
    at_once: int = 2
    host: str | None = None
    names: tuple[str, ...] = ()
    room: Room | None = None
    study: bool = False
    replay: str = ""
    log: str = ""
    log_days: int = 0
    researcher: Researcher | None = None
    cluster: Cluster | None = None

    @property
    def public(self) -> bool:
        """Whether strangers come here."""
        return self.rules is not False


@dataclass(frozen=True)
class App:
    """The page as Gradio blocks, and what ``blocks.launch`` needs beside the address."""

    blocks: gr.Blocks
    pages: Pages
    hosts: Hosts
    callers: Callers = field(default_factory=Callers)
    room: Room | None = None
    study: bool = False
    researcher: Researcher | None = None

    @property
    def launch_options(self) -> dict[str, Any]:
        """Look, limits, the door, and the one folder outside ``public/`` that may be fetched: finished exports."""
        rules = self.pages.rules
        middleware = doors(self.hosts, rules, self.callers, PUBLIC)
        if self.room is not None:
            middleware.append(self.room.gate)
        if self.pages.study is not None:
            middleware.append(gate(self.pages.study.study))
        size, css = media_limits(rules).file_bytes, CSS + (STUDY_CSS if self.study else "")
        own = self.researcher.routes if self.researcher is not None else []
        ways = [*own, *routes(self.pages), *log_routes(self.pages)]
        return {
            "theme": theme(), "css": css, "show_error": False, "footer_links": [], "run_history": False,
            "max_file_size": size, "ssr_mode": False, "favicon_path": str(PUBLIC / "favicon.svg"),
            "allowed_paths": [str(self.pages.exports.folder)], "max_threads": GRADIO_THREADS,
            "app_kwargs": {"routes": ways, "middleware": middleware, "lifespan": self._lifetime},
            **(self.room.launch_options if self.room is not None else {}),
        }  # fmt: skip

    @asynccontextmanager
    async def _lifetime(self, server: Any) -> AsyncIterator[None]:
        """What goes on beside the requests: clearing away; at the end nothing is left."""
        rules, cache = self.pages.rules, Path(get_upload_folder())
        own = quarters.own()
        # A cache that other programs use too is left to Gradio, which deletes what this app has put there.
        folders = (cache,) if own.folder in cache.parents else ()
        keep = (rules or PublicRules()).keep_seconds
        janitor = Janitor(self.pages, folders, own.parent, keep)
        janitor.start()
        try:
            async with self.researcher.lifespan() if self.researcher is not None else nullcontext():
                yield
        finally:
            janitor.stop()
            self.pages.close()


def build(settings: Settings | None = None) -> App:
    """Make the whole page."""
    settings = settings or Settings()
    hub = shared_hub(settings.rules, settings.cluster)
    at_once = settings.at_once if settings.cluster is None else max(settings.at_once, settings.cluster.size)
    pages = Pages(lambda: hub, hub.rules, Queue(Limits.of(hub.rules, at_once)), Workers())
    if settings.log:
        pages.logbook = Logbook(open_sink(settings.log), load_salt(), keep_days=settings.log_days or None)
    rules = hub.rules or PublicRules()
    app_hosts = Hosts.here(settings.host, {*settings.names, *rules.hosts}, rules.frames)
    callers = Callers()
    tidy = (max(1, rules.keep_seconds // 10), rules.keep_seconds)  # how often, and how old a file may grow, in seconds
    with gr.Blocks(title=text("app.title"), analytics_enabled=False, delete_cache=tidy) as blocks:
        over = None
        if settings.study:
            options = {"study": True}
            over = make_view("study", pages, document=opening(), options=options)
        pages.replays = Replays(settings.replay) if settings.replay else None
        tabs = gr.Tabs(elem_id="wb-tabs", selected="replay" if settings.replay else "home")
        context = Context(pages, hub, settings.public, tabs)
        with tabs:
            for tab in (*((replay.TAB,) if settings.replay else ()), *all_tabs()):
                with gr.Tab(tab.title or text(f"tab.{tab.name}"), id=tab.name, elem_id=f"wb-tab-{tab.name}"):
                    view = tab.build(context)
                    if view is not None:
                        listen(view, pages)
                        context.views[tab.name] = view
        if over is not None:  # what is kept about a participant is told by the study's own page
            add_doors(over, tabs, [tab.name for tab in all_tabs()])
            listen(over, pages)
        else:
            listen(make_view("kept", pages, document=opening()), pages)
        if not settings.study:  # whoever takes part has the models of their condition, and no others
            add_endpoints(pages, callers)
    # How much works at once, and how much may wait, is for the pages' own queue to say, whatever asked for it.
    blocks.queue(max_size=GRADIO_THREADS, default_concurrency_limit=None, api_open=False)
    return App(blocks, pages, app_hosts, callers, settings.room, settings.study, settings.researcher)
