"""Writing files so that a failure never leaves half of one behind."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workbench.errors import Unavailable, WorkbenchError

#: What is left free on a disk for everything else, in bytes.
RESERVE_BYTES = 100_000_000


def shown(path: Path) -> str:
    """A file's name in quotes for a sentence; the end of a very long one is left out."""
    return repr(path.name if len(path.name) <= 80 else f"{path.name[:79]}…")


def explain(path: Path, error: OSError) -> Unavailable:
    """The sentence for a file that cannot be written."""
    return Unavailable(f"{shown(path)} cannot be written{because(error)}")


def because(error: OSError) -> str:
    """The end of a sentence that begins with "... cannot be written"."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return " because the disk is full; free some space and try again."
    if error.errno == errno.EROFS:
        return " because the disk is read-only; choose another place."
    return f": {error.strerror or error}. Choose another place."


def check_space(folder: str | Path, needed: int) -> None:
    """Raise :class:`Unavailable` with one sentence where ``needed`` bytes do not fit on a folder's disk."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise explain(Path(folder), error) from error
    if needed + RESERVE_BYTES > free:
        if needed < RESERVE_BYTES // 10:
            raise Unavailable("The disk is nearly full; free some space and try again.")
        raise Unavailable(
            f"This needs about {_size(needed)} of disk, and {_size(max(0, free - RESERVE_BYTES))} are free; free some "
            "space or choose something smaller."
        )


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{max(1, round(count / 1e6))} MB"


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


def replaceable(path: Path) -> bool:
    """Whether a folder may take the place of ``path``: nothing is there, it is empty, or the workbench wrote it.

    A folder of ours holds a ``manifest.json``; nobody's own files are ever lost.
    """
    if not path.exists():
        return True
    return path.is_dir() and (not any(path.iterdir()) or (path / "manifest.json").is_file())


@contextmanager
def replacing_folder(path: str | Path) -> Iterator[Path]:
    """Give a temporary folder beside ``path`` that takes its place at the end, or vanishes on failure.

    An existing folder is only replaced where :func:`replaceable` says so, and stays whole until its successor
    is complete.

    Raises:
        Unavailable: the folder cannot be written, or holds other files.
    """
    path = Path(path)
    if path.exists() and not path.is_dir():
        raise WorkbenchError(f"{shown(path)} is a file; name a folder.")
    if not replaceable(path):
        raise Unavailable(f"The folder {shown(path)} already holds other files; name a new or an empty one.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.parent / f".{path.name[:40]}-{secrets.token_hex(6)}"
        temporary.mkdir()
    except OSError as error:
        raise explain(path, error) from error
    try:
        yield temporary
        former = temporary.with_name(f"{temporary.name}-old")
        if path.is_dir():
            os.replace(path, former)
        os.replace(temporary, path)
        shutil.rmtree(former, ignore_errors=True)
    except OSError as error:
        raise explain(path, error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
