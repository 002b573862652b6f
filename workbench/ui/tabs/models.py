"""The models: what each one does, what it learnt from, and whether its results may be sold; and the credits."""

from __future__ import annotations

import gradio as gr

from workbench.ui.components import make_view
from workbench.ui.tabs.context import Context, Tab


def build(context: Context) -> gr.HTML:
    """Build the tab."""
    return make_view("models", context.pages)


TAB = Tab("models", build)
