"""Settings of the whole process, made by whatever starts the app before it imports Gradio."""

from __future__ import annotations

import logging
import os
import socket
import sys
import threading
import traceback
from contextlib import suppress
from typing import Any

from workbench.errors import Unavailable
from workbench.hub.public import trace
from workbench.page import quarters

_log = logging.getLogger(__name__)


def settings() -> dict[str, str]:
    """Variables for ``os.environ``; what the owner has set there stays, but for what would undo a promise."""
    wanted = {
        # A fill is many small products of matrices: on two busy cores, threads for them made it 15 times slower.
        "OPENBLAS_NUM_THREADS": "1",
        # Gradio sums up all its events after each one, for a page that nobody is shown.
        "GRADIO_ANALYTICS_MAX_EVENTS": "1", "GRADIO_ANALYTICS_CACHE_FREQUENCY": "1000000000",
    }  # fmt: skip
    if "GRADIO_TEMP_DIR" not in os.environ:
        wanted["GRADIO_TEMP_DIR"] = str(quarters.own().folder / "gradio")
    # Uvicorn would believe anybody on this machine about where a request comes from; the door decides that.
    always = {"GRADIO_ANALYTICS_ENABLED": "False", "FORWARDED_ALLOW_IPS": ""}
    return {**{name: value for name, value in wanted.items() if name not in os.environ}, **always}


def free_port(first: int = 7860, most: int = 100) -> int:
    """The first port from ``first`` on that nothing listens on; raises :class:`Unavailable` if there is none."""
    for port in range(first, first + most):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("", port))
            return port
    raise Unavailable(f"No port from {first} to {first + most - 1} is free: choose one with --port.")


def keep_quiet() -> None:
    """Let nothing that this process prints hold what visitors wrote: of what goes wrong, kinds and places alone.

    Gradio prints the arguments of a wrong call in its tracebacks, Uvicorn whatever an exception says.
    """

    def place(kind: Any, problem: BaseException | None, *_: Any) -> None:
        _log.error("%s", trace(problem) if problem is not None else getattr(kind, "__name__", kind))

    def print_exc(*_: Any, **__: Any) -> None:
        place(*sys.exc_info())

    traceback.print_exc = print_exc
    threading.excepthook = lambda given: place(given.exc_type, given.exc_value)
    for name in ("uvicorn.error", "asyncio"):
        logging.getLogger(name).addFilter(_plain)


def _plain(record: logging.LogRecord) -> bool:
    if record.exc_info and record.exc_info[1] is not None:
        record.msg, record.args, record.exc_info = trace(record.exc_info[1]), (), None
    return True
