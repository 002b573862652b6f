"""The tabs of the app, one file each, in the order in which they stand."""

from workbench.ui.tabs import genie, home, models, roll, sheet, stems
from workbench.ui.tabs.context import Context, Tab

TABS: tuple[Tab, ...] = (home.TAB, roll.TAB, genie.TAB, sheet.TAB, stems.TAB, models.TAB)

__all__ = ["TABS", "Context", "Tab"]
