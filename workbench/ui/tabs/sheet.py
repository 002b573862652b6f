"""The sheet: the same piece in notation, to read, follow and print."""

from __future__ import annotations

import gradio as gr

from workbench.ui.components import make_view
from workbench.ui.tabs.context import Context, Tab


def build(context: Context) -> gr.HTML:
    """Build the tab."""
    return make_view("sheet", context.pages)


TAB = Tab("sheet", build)
