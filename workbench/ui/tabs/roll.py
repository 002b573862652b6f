"""The piano roll, where the piece is edited and gaps are filled."""

from __future__ import annotations

import gradio as gr

from workbench.ui.components import add_doors, make_view
from workbench.ui.tabs.context import Context, Tab


def build(context: Context) -> gr.HTML:
    """Build the tab."""
    view = make_view("roll", context.pages)
    add_doors(view, context.tabs, ["models"])
    return view


TAB = Tab("roll", build)
