"""The piano roll, where the piece is edited and gaps are filled."""

from __future__ import annotations

from workbench.ui.components import View
from workbench.ui.tabs.context import Context, Tab
from workbench.ui.texts import text


def build(context: Context) -> View:
    """Build the tab."""
    return View("roll", context.pages, failed=text("app.failed"))


TAB = Tab("roll", build)
