"""The app: one page, one document, a tab for each way of looking at it.

Nothing here is process-wide; ``cli.py`` and ``spaces/*/app.py`` make the settings that are (static paths,
analytics, torch threads) before they call :func:`build`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from workbench.hub.hub import Hub
from workbench.hub.public import PublicRules
from workbench.hub.registry import Registry
from workbench.page.session import Pages
from workbench.page.texts import text
from workbench.ui.components import PUBLIC, listen
from workbench.ui.endpoints import add_endpoints
from workbench.ui.mediaroute import routes
from workbench.ui.tabs import TABS, Context
from workbench.ui.theme import CSS, theme


@dataclass(frozen=True)
class Settings:
    """How the app is offered. ``rules``: the rules of a public server (True: the usual ones; False: one's own)."""

    rules: bool | PublicRules = False
    fills_at_once: int = 2

    @property
    def public(self) -> bool:
        """Whether strangers come here."""
        return self.rules is not False


@dataclass(frozen=True)
class App:
    """The page as Gradio blocks, and what ``blocks.launch`` needs beside the address."""

    blocks: gr.Blocks
    pages: Pages

    @property
    def launch_options(self) -> dict[str, Any]:
        """Look, limits and the one folder outside ``public/`` that may be fetched: finished exports."""
        return {
            "theme": theme(), "css": CSS, "show_error": False, "footer_links": [], "run_history": False,
            "max_file_size": "64mb", "ssr_mode": False, "favicon_path": str(PUBLIC / "favicon.svg"),
            "allowed_paths": [str(self.pages.exports.folder)], "app_kwargs": {"routes": routes(self.pages)},
        }  # fmt: skip


def build(settings: Settings | None = None) -> App:
    """Make the whole page."""
    settings = settings or Settings()
    hub = Hub(Registry.load(), public=settings.rules)
    pages = Pages(lambda: hub, hub.rules)
    with gr.Blocks(title=text("app.title"), analytics_enabled=False) as blocks:
        tabs = gr.Tabs(elem_id="wb-tabs", selected="home")
        context = Context(pages, hub, settings.public, tabs)
        with tabs:
            for tab in TABS:
                with gr.Tab(text(f"tab.{tab.name}"), id=tab.name, elem_id=f"wb-tab-{tab.name}"):
                    view = tab.build(context)
                    if view is not None:
                        listen(view, pages, at_once=settings.fills_at_once)
                        context.views[tab.name] = view
        add_endpoints(hub, pages.exports)
    blocks.queue(max_size=64, default_concurrency_limit=settings.fills_at_once)
    return App(blocks, pages)
