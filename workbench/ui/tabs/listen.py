"""Listening: a hum, a song or a video becomes notes, which can be put right and built on."""

from __future__ import annotations

import gradio as gr

from workbench.ui.components import add_doors, make_view
from workbench.ui.tabs.context import Context, Tab


def build(context: Context) -> gr.HTML:
    """Build the tab."""
    view = make_view("listen", context.pages)
    add_doors(view, context.tabs, ["roll", "genie"])
    return view


TAB = Tab("listen", build)
