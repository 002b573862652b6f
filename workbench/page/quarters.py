"""Where a process keeps its temporary files, and how what a dead one has left is found.

Each process has one folder below ``workbench-<user>`` in the temporary folder, and holds a lock on it for as long as
it lives. A folder that nobody holds belonged to a process that was killed: whoever comes next deletes it.
"""

from __future__ import annotations

import atexit
import functools
import getpass
import os
import re
import secrets
import shutil
import stat
import tempfile
import time
from pathlib import Path

from workbench.errors import Unavailable

#: A folder younger than this may not have its lock yet, in seconds.
YOUNG_SECONDS = 20.0


def root() -> Path:
    """The folder of all processes of this user; raises :class:`Unavailable` if it cannot be had."""
    try:
        name = re.sub(r"\W+", "-", getpass.getuser())[:40]
    except (OSError, KeyError, ImportError):  # a container may have a user without a name
        name = str(os.getuid()) if hasattr(os, "getuid") else "user"
    folder = Path(tempfile.gettempdir()) / f"workbench-{name}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise Unavailable(f"No temporary files can be kept ({error.strerror or error}); free the disk.") from error
    strange = hasattr(os, "getuid") and found.st_uid != os.getuid()
    if strange or not stat.S_ISDIR(found.st_mode):  # somebody else's trap in a folder that all may write
        return Path(tempfile.mkdtemp(prefix="workbench-"))
    return folder


class Quarters:
    """One process's folder of temporary files, with its lock. ``close`` deletes it."""

    def __init__(self, parent: Path | None = None) -> None:
        self.parent = parent or root()
        sweep_dead(self.parent)
        self.folder = self.parent / secrets.token_hex(16)
        try:
            self.folder.mkdir(mode=0o700)
            self._held = hold(self.folder)
        except OSError as error:
            raise Unavailable(f"No temporary files can be kept ({error.strerror or error}); free the disk.") from error
        self._process = os.getpid()

    def place(self, name: str) -> Path:
        """A folder within for one purpose, with a name of its own; it is made when it is first used."""
        return self.folder / f"{name}-{secrets.token_hex(8)}"

    def close(self) -> None:
        """Delete everything; a forked child, which has the lock too, deletes nothing."""
        if self._held is not None and os.getpid() == self._process:
            shutil.rmtree(self.folder, ignore_errors=True)
            os.close(self._held)
            self._held = None


def hold(folder: Path) -> int | None:
    """Take the lock of a folder: an open file to keep, or None if another process has it."""
    windows = os.name == "nt"
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT) if windows else os.open(folder, os.O_RDONLY)
    try:
        if windows:
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


def sweep_dead(parent: Path, now: float | None = None) -> int:
    """Delete the folders of processes that live no more; returns how many went."""
    gone = 0
    for folder in list(parent.iterdir()) if parent.is_dir() else []:
        try:
            if not re.fullmatch(r"[0-9a-f]{32}", folder.name) or folder.is_symlink() or not folder.is_dir():
                continue
            if (time.time() if now is None else now) - folder.stat().st_mtime < YOUNG_SECONDS:
                continue
            held = hold(folder)
        except OSError:
            continue
        if held is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(held)
            gone += 1
    return gone


@functools.cache
def own() -> Quarters:
    """This process's quarters; deleted when it ends in peace."""
    quarters = Quarters()
    atexit.register(quarters.close)
    return quarters
