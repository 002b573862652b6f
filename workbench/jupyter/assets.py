"""The browser's files by name, for pages that have no address to fetch them from."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from pathlib import Path

from workbench import resources
from workbench.page import genieweights


@functools.cache
def listing() -> Mapping[str, Path]:
    """What may be asked for: every file of ``public/`` by its name there, such as ``soundfonts/000.sf3``."""
    public = resources.path("web/public")
    files = (path for path in public.rglob("*") if path.is_file() and not path.is_symlink())
    return {path.relative_to(public).as_posix(): path for path in files}


def read(name: object) -> bytes | None:
    """The bytes of a file of ``public/``, of the Genie's weights those of the owner's set; None for any other name."""
    if not isinstance(name, str):
        return None
    path = listing().get(genieweights.led(name))
    return genieweights.standalone(name) or path.read_bytes() if path is not None else None


@functools.cache
def fingerprint(name: str) -> str:
    """A short hash of a file of ``public/``, so that a page does not keep an old one; empty if there is none."""
    data = read(name)
    return hashlib.sha256(data).hexdigest()[:12] if data is not None else ""
