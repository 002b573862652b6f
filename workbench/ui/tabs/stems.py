"""The stems: balance, mute, loop, and take the piece away."""

from __future__ import annotations

import gradio as gr

from workbench.ui.components import add_doors, make_view
from workbench.ui.tabs.context import Context, Tab


def build(context: Context) -> gr.HTML:
    """Build the tab."""
    view = make_view("stems", context.pages)
    add_doors(view, context.tabs, ["listen"])
    return view


TAB = Tab("stems", build)
