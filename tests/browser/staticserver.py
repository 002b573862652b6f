"""A plain web server for the built files and the test pages, for tests and measurements that need no app."""

from __future__ import annotations

import contextlib
import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
#: First part of an address -> folder.
FOLDERS = {"public": ROOT / "workbench/web/public", "pages": Path(__file__).parent / "pages"}


class _Handler(http.server.SimpleHTTPRequestHandler):
    def guess_type(self, path: Any) -> str:
        return "text/javascript" if str(path).endswith(".js") else super().guess_type(path)

    def translate_path(self, path: str) -> str:
        first, _, rest = path.split("?")[0].lstrip("/").partition("/")
        folder = FOLDERS.get(first)
        target = (folder / rest).resolve() if folder else ROOT / "missing"
        return str(target if folder and target.is_relative_to(folder.resolve()) else ROOT / "missing")

    def log_message(self, *_: Any) -> None:
        pass


@contextlib.contextmanager
def serve() -> Iterator[str]:
    """Serve until the block ends; gives the address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Handler, directory=str(ROOT)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
