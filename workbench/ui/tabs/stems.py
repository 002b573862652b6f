"""The stems: balance, mute, loop, and take the piece away."""

from __future__ import annotations

from workbench.ui.components import View
from workbench.ui.tabs.context import Context, Tab
from workbench.ui.texts import text


def build(context: Context) -> View:
    """Build the tab."""
    return View("stems", context.pages, failed=text("app.failed"))


TAB = Tab("stems", build)
