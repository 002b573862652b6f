"""The hub that everything in a process shares, so that a loaded model stays loaded, whoever asked for it first."""

from __future__ import annotations

import functools
import threading
from pathlib import Path
from typing import Any

from workbench.hub import places
from workbench.hub.executor import Executor
from workbench.hub.hub import Hub
from workbench.hub.public import PublicRules
from workbench.hub.registry import Registry

_lock = threading.Lock()  # two first calls at once must get the same one


def shared_hub(rules: PublicRules | bool = False, executor: Executor | None = None) -> Hub:
    """The hub of this process.

    Args:
        rules: of a public server (True: the usual ones); False on one's own computer.
        executor: where models run, if that is not this process.
    """
    with _lock:
        elsewhere: Any = executor
        return _hub(places.home(), PublicRules() if rules is True else rules, elsewhere)


@functools.lru_cache(maxsize=4)
def _hub(home: Path, rules: PublicRules | bool, executor: Any) -> Hub:
    """One hub for each place where settings are kept: another home means other models."""
    return Hub(Registry.load(), public=rules, executor=executor)
