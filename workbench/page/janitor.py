"""One thread that clears away: what visitors have brought and made, when its time is over, and what the dead left."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from workbench.hub.public import sweep, trace
from workbench.page.quarters import sweep_dead
from workbench.page.session import Pages

_log = logging.getLogger(__name__)

#: Files stay at most this much longer than they should, as a share of their time, and in seconds.
SHARE, MOST_SECONDS = 0.1, 60.0
LEAST_SECONDS = 0.25


class Janitor:
    """Clears away for as long as a server runs.

    Args:
        pages: whose files, and idle pages.
        folders: further folders, such as the host's own cache: what lies directly in them goes when it is old.
        quarters: the folder where dead processes may have left theirs.
        keep_seconds: how long things are kept.
    """

    def __init__(self, pages: Pages, folders: tuple[Path, ...], quarters: Path, keep_seconds: int) -> None:
        self._pages, self._folders, self._quarters = pages, folders, quarters
        self._keep = keep_seconds
        self._every = min(MOST_SECONDS, max(LEAST_SECONDS, SHARE * keep_seconds))
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="workbench-janitor", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; what is being cleared away just now is still finished."""
        self._over.set()

    def _run(self) -> None:
        while not self._over.wait(self._every):
            self.clear()

    def clear(self) -> None:
        """Clear away once; a part that fails does not keep the others from being done."""
        folders = (self._pages.exports.folder, *self._folders)
        works: list[Callable[[], object]] = [
            self._pages.let_idle_go, self._pages.sweep_media, lambda: sweep_dead(self._quarters),
            *(lambda folder=folder: sweep(folder, self._keep) for folder in folders),  # type: ignore[misc]
        ]  # fmt: skip
        for work in works:
            try:
                work()
            except Exception as problem:
                _log.warning("clearing away failed: %s", trace(problem))
