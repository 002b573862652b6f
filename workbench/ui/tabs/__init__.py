"""The tabs of the app, one file each, in the order in which they stand; those of plug-ins come after ours."""

import functools
import logging

from workbench.hub.plugins import offers
from workbench.ui.tabs import genie, home, listen, models, prompt, roll, sheet, stems
from workbench.ui.tabs.context import Context, Tab

#: Entry points of plug-ins that bring tabs, each naming a :class:`Tab`.
GROUP = "workbench.tabs"
#: The workbench's own.
TABS: tuple[Tab, ...] = (home.TAB, prompt.TAB, listen.TAB, roll.TAB, genie.TAB, sheet.TAB, stems.TAB, models.TAB)

__all__ = ["TABS", "Context", "Tab", "all_tabs"]
_log = logging.getLogger(__name__)


@functools.cache
def all_tabs() -> tuple[Tab, ...]:
    """Our tabs and those of plug-ins; what is none, or has a name that is taken, is left out and logged."""
    offered, problems = offers(GROUP)
    out = list(TABS)
    for name, tab in offered:
        if not isinstance(tab, Tab):
            problems.append(f"The plug-in {name} brings something that is no tab.")
        elif any(tab.name == other.name for other in out):
            problems.append(f"The plug-in {name} brings a second tab called {tab.name!r}; it is left out.")
        else:
            out.append(tab)
    for problem in problems:
        _log.warning("%s", problem)
    return tuple(out)
