"""The hub that everything in a process shares, so that a loaded model stays loaded, whoever asked for it first."""

from __future__ import annotations

import functools
import threading
from pathlib import Path

from workbench.hub import places
from workbench.hub.hub import Hub
from workbench.hub.public import PublicRules
from workbench.hub.registry import Registry

_lock = threading.Lock()  # two first calls at once must get the same one


def shared_hub(rules: PublicRules | bool = False) -> Hub:
    """The hub of this process.

    Args:
        rules: of a public server (True: the usual ones); False on one's own computer.
    """
    with _lock:
        return _hub(places.home(), PublicRules() if rules is True else rules)


@functools.lru_cache(maxsize=4)
def _hub(home: Path, rules: PublicRules | bool) -> Hub:
    """One hub for each place where settings are kept: another home means other models."""
    return Hub(Registry.load(), public=rules)
