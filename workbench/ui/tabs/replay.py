"""Sessions of an interaction log, played again; only where the app was started for it."""

from __future__ import annotations

import gradio as gr

from workbench.ui.components import make_view
from workbench.ui.tabs.context import Context, Tab


def build(context: Context) -> gr.HTML:
    """Build the tab."""
    return make_view("replay", context.pages)


TAB = Tab("replay", build)
