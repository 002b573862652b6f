"""Writing files so that a failure never leaves half of one behind."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workbench.errors import Unavailable, WorkbenchError


def explain(path: Path, error: OSError) -> Unavailable:
    """The sentence for a file that cannot be written."""
    return Unavailable(f"{path.name!r} cannot be written: {error.strerror or error}. Choose another place.")


@contextmanager
def replacing_file(path: str | Path) -> Iterator[Path]:
    """Give a temporary path beside ``path``; move it into place at the end, or remove it on failure.

    Raises:
        Unavailable: the folder does not exist or cannot be written.
    """
    path = Path(path)
    try:
        temporary = path.parent / f".{path.stem[:40]}-{secrets.token_hex(6)}{path.suffix}"
        temporary.open("xb").close()  # not mkstemp: a result should be as readable as any other file
    except OSError as error:
        raise explain(path, error) from error
    try:
        yield temporary
        os.replace(temporary, path)
    except OSError as error:
        raise explain(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def write_file(path: str | Path, data: bytes) -> None:
    """Write ``data`` to ``path``, all or nothing; raises :class:`Unavailable` if that cannot be done."""
    with replacing_file(path) as temporary:
        temporary.write_bytes(data)


@contextmanager
def replacing_folder(path: str | Path) -> Iterator[Path]:
    """Give a temporary folder beside ``path`` that takes its place at the end, or vanishes on failure.

    An existing folder is only replaced if it is empty or was written by the workbench (it holds a
    ``manifest.json``), so that nobody's files are lost.

    Raises:
        Unavailable: the folder cannot be written, or holds other files.
    """
    path = Path(path)
    if path.exists() and not path.is_dir():
        raise WorkbenchError(f"{path.name!r} is a file; name a folder.")
    if path.is_dir() and any(path.iterdir()) and not (path / "manifest.json").is_file():
        raise Unavailable(f"The folder {path.name!r} already holds other files; name a new or an empty one.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.parent / f".{path.name[:40]}-{secrets.token_hex(6)}"
        temporary.mkdir()
    except OSError as error:
        raise explain(path, error) from error
    try:
        yield temporary
        if path.is_dir():
            shutil.rmtree(path)
        os.replace(temporary, path)
    except OSError as error:
        raise explain(path, error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
