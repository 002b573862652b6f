"""What every tab is given when the page is built."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import gradio as gr

from workbench.page.session import Pages

if TYPE_CHECKING:
    from workbench.hub.hub import Hub


@dataclass
class Context:
    """The page under construction: where calls are answered, the models, and the tabs' own component."""

    pages: Pages
    hub: Hub
    public: bool
    tabs: gr.Tabs
    views: dict[str, gr.HTML] = field(default_factory=dict)


@dataclass(frozen=True)
class Tab:
    """One tab.

    ``name``: also the key of its title in the catalogue of sentences. ``build``: makes its components, and gives the
    view whose messages are to be answered, if it has one. ``title``: instead of the catalogue's, for a plug-in's tab.
    """

    name: str
    build: Callable[[Context], gr.HTML | None]
    title: str = ""
