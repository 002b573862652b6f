"""Eight buttons that play a whole piano; everything happens in the browser."""

from __future__ import annotations

import gradio as gr

from workbench.ui.components import add_doors, make_view
from workbench.ui.tabs.context import Context, Tab


def build(context: Context) -> gr.HTML:
    """Build the tab."""
    view = make_view("genie", context.pages)
    add_doors(view, context.tabs, ["roll"])
    return view


TAB = Tab("genie", build)
