"""The Prompt page: words, a voice, a recording, a picture of notes, a video, notes; any mixture becomes a piece."""

from __future__ import annotations

import gradio as gr

from workbench.ui.components import add_doors, make_view
from workbench.ui.tabs.context import Context, Tab


def build(context: Context) -> gr.HTML:
    """Build the tab."""
    view = make_view("prompt", context.pages)
    add_doors(view, context.tabs, ["roll", "stems"])
    return view


TAB = Tab("prompt", build)
