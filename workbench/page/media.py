"""A person's own files on the server: recordings, pictures, videos, scores; each a file with an id, never a text.

A :class:`Shelf` belongs to one page. Files arrive piece by piece and are written as they come (memory stays flat
whatever their size); what is stopped or refused on the way leaves nothing behind. What a file is is judged by its
content. Everything is gone when the page is, and on a public server after the owner's time.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import shutil
import threading
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from workbench.errors import BadFile, BadRequest, Unavailable
from workbench.page.mediakinds import HEAD, Kind, kind_of

GB, MB = 1_000_000_000, 1_000_000
#: Free space that an upload always leaves on the disk, in bytes.
SPARE = 200 * MB
ID = re.compile(r"[0-9a-f]{32}\Z")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one page may hold: bytes of one file, bytes in all, number of files; ``seconds``: how long (None: as
    long as the page).
    """

    file_bytes: int = 2 * GB
    all_bytes: int = 8 * GB
    files: int = 48
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class MediaItem:
    """One file on a shelf. ``kind``: see :class:`.mediakinds.Kind`; ``size`` in bytes; ``sha256`` of its content."""

    id: str
    name: str
    kind: str
    media_type: str
    size: int
    sha256: str
    path: Path
    added: float

    def to_dict(self) -> dict[str, Any]:
        """What a page is told: everything but where it lies."""
        return {
            "id": self.id, "name": self.name, "kind": self.kind, "media_type": self.media_type, "size": self.size,
            "sha256": self.sha256,
        }  # fmt: skip


def plain_name(name: Any) -> str:
    """The name to show for a file: the last part of what was sent, printable, at most 120 characters."""
    text = unicodedata.normalize("NFC", name if isinstance(name, str) else "")
    text = "".join(letter for letter in text.replace("\\", "/").rsplit("/", 1)[-1] if letter.isprintable()).strip()
    return text[-120:] or "file"


def size_text(size: int) -> str:
    """Bytes as a person says them: ``2 GB``, ``20 MB``."""
    return f"{size / GB:.3g} GB" if size >= GB else f"{max(1, round(size / MB))} MB"


class Shelf:
    """The files of one page.

    Args:
        folder: where they are kept; made with the first file.
        limits: how much may be there.
        clock: seconds since 1970.
    """

    def __init__(self, folder: Path, limits: Limits | None = None, clock: Callable[[], float] = time.time) -> None:
        self.folder = folder
        self.limits = limits or Limits()
        self._clock = clock
        self._items: dict[str, MediaItem] = {}
        self._copies: dict[str, MediaItem] = {}  # id of a file -> the copy of it that browsers can play
        self._arriving: set[Arrival] = set()
        self._closed = False
        self._lock = threading.Lock()

    def items(self) -> list[MediaItem]:
        """What is there, in the order in which it came."""
        with self._lock:
            return list(self._items.values())

    def get(self, media_id: Any) -> MediaItem:
        """One file by its id; raises :class:`BadRequest` if it is not on this shelf."""
        with self._lock:
            item = self._items.get(media_id) if isinstance(media_id, str) else None
            item = item or next((copy for copy in self._copies.values() if copy.id == media_id), None)
        if item is None:
            raise BadRequest("That file is no longer here; choose it again.")
        return item

    @property
    def room(self) -> int:
        """How many bytes may still come."""
        with self._lock:
            return self._room()

    def _room(self) -> int:
        kept = [*self._items.values(), *self._copies.values()]
        used = sum(item.size for item in kept) + sum(arrival.promised for arrival in self._arriving)
        return max(0, self.limits.all_bytes - used)

    def begin(self, name: Any, size: int | None) -> Arrival:
        """Let a file come in.

        Args:
            name: what the person calls it; untrusted.
            size: bytes it will have, if that is known; more is refused on the way, and so is less.

        Raises:
            BadRequest: it is empty, too large, or there is no room for another.
            Unavailable: the disk is full or cannot be written.
        """
        shown = plain_name(name)
        if size is not None and size <= 0:
            raise BadFile(f"{shown} is empty.")
        if size is not None and size > self.limits.file_bytes:
            raise BadRequest(
                f"{shown} is too large: files of up to {size_text(self.limits.file_bytes)} can be opened here."
            )
        with self._lock:
            if self._closed:
                raise BadRequest("This page has been closed; reload it.")
            if len(self._items) + len(self._arriving) >= self.limits.files:
                raise BadRequest(f"There is room for {self.limits.files} files here; remove one first.")
            if (size or 1) > self._room():
                raise BadRequest(
                    f"There is no room for {shown}: all files together may have "
                    f"{size_text(self.limits.all_bytes)} here; remove one first."
                )
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                if shutil.disk_usage(self.folder).free - (size or 0) < SPARE:
                    raise Unavailable("The disk of this computer is nearly full; free some space and try again.")
                arrival = Arrival(self, shown, size)
            except OSError as error:
                raise Unavailable(f"Files cannot be kept here ({error.strerror or error}).") from error
            self._arriving.add(arrival)
        return arrival

    def _arrived(self, arrival: Arrival, item: MediaItem | None) -> None:
        with self._lock:
            self._arriving.discard(arrival)
            if item is not None and not self._closed:
                self._items[item.id] = item
                return
        arrival.path.unlink(missing_ok=True)

    def copy_of(self, item: MediaItem) -> MediaItem | None:
        """The copy of a file that browsers can play, if there is one."""
        with self._lock:
            return self._copies.get(item.id)

    def keep_copy(self, item: MediaItem, path: Path) -> MediaItem:
        """Keep a playable copy of a file beside it: found by its own id, in no list, gone with the file.

        Args:
            item: the file.
            path: the copy; it is moved to the shelf.

        Raises:
            BadRequest: the file has gone meanwhile, or there is no room.
            Unavailable: the disk cannot be written.
        """
        with path.open("rb") as file:
            kind = kind_of(file.read(HEAD)) or Kind("video", "video/mp4")
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        name, size = secrets.token_hex(16), path.stat().st_size
        copy = MediaItem(
            name, item.name, kind.kind, kind.media_type, size, digest, self.folder / name, self._clock()
        )  # fmt: skip
        with self._lock:
            if self._closed or item.id not in self._items:
                raise BadRequest("That file is no longer here; choose it again.")
            if size > self._room():
                raise BadRequest(f"There is no room for a copy of {item.name}; remove a file first.")
            try:
                shutil.move(path, copy.path)
            except OSError as error:
                raise Unavailable(f"Files cannot be kept here ({error.strerror or error}).") from error
            self._copies[item.id] = copy
        return copy

    def remove(self, media_id: Any) -> None:
        """Delete one file; raises :class:`BadRequest` if it is not there."""
        self._drop(self.get(media_id))

    def _drop(self, item: MediaItem) -> None:
        with self._lock:
            self._items.pop(item.id, None)
            copy = self._copies.pop(item.id, None)
            self._copies = {name: other for name, other in self._copies.items() if other is not item}
        for gone in (item, copy):
            if gone is not None:
                gone.path.unlink(missing_ok=True)

    def sweep(self) -> int:
        """Delete what has been here for longer than the limits say; returns how many files went."""
        if self.limits.seconds is None:
            return 0
        oldest = self._clock() - self.limits.seconds
        late = [item for item in self.items() if item.added < oldest]
        for item in late:
            self._drop(item)
        return len(late)

    def close(self) -> None:
        """Delete everything; what is still on its way is refused."""
        with self._lock:
            self._closed = True
            self._items.clear()
            self._copies.clear()
        shutil.rmtree(self.folder, ignore_errors=True)


class Arrival:
    """A file that is coming in. A context manager: leaving it before :meth:`finish` deletes what has come."""

    def __init__(self, shelf: Shelf, name: str, size: int | None) -> None:
        self.id = secrets.token_hex(16)
        self.name = name
        self.path = shelf.folder / self.id
        self._shelf = shelf
        self._size = size
        self._come = 0
        self._head = b""
        self._hash = hashlib.sha256()
        self._file = self.path.open("xb")
        self._over = False

    @property
    def promised(self) -> int:
        """Bytes that this file takes up of its page's room."""
        return max(self._size or 0, self._come)

    @property
    def come(self) -> int:
        """Bytes that have come."""
        return self._come

    def write(self, data: bytes) -> None:
        """Take the next piece.

        Raises:
            BadRequest: more than was said, or more than is allowed.
            Unavailable: the disk is full.
        """
        if self._over:
            raise BadRequest("The upload was stopped.")
        self._come += len(data)
        limits = self._shelf.limits
        if self._size is not None and self._come > self._size:
            raise BadRequest(f"{self.name} is larger than its sender said; choose it again.")
        if self._come > limits.file_bytes:
            raise BadRequest(f"{self.name} is too large: files of up to {size_text(limits.file_bytes)} can be opened.")
        if self._size is None and not self._shelf.room:
            raise BadRequest(f"There is no room for {self.name}; remove a file first.")
        if len(self._head) < HEAD:
            self._head += data[: HEAD - len(self._head)]
            if len(self._head) >= HEAD:
                self._kind()  # refuse early what can never be used
        self._hash.update(data)
        try:
            self._file.write(data)
        except OSError as error:
            raise Unavailable(f"{self.name} cannot be kept: {error.strerror or error}.") from error

    def _kind(self) -> Kind:
        kind = kind_of(self._head)
        if kind is None:
            raise BadFile(
                f"{self.name} is no file the workbench knows; choose a recording, a picture, a video, a PDF or a score."
            )
        return kind

    def finish(self) -> MediaItem:
        """The file is whole: put it on the shelf.

        Raises:
            BadFile: it is empty, cut off, or of no known kind.
        """
        if self._size is not None and self._come != self._size:
            raise BadFile(f"{self.name} did not arrive whole; choose it again.")
        if not self._come:
            raise BadFile(f"{self.name} is empty.")
        kind = self._kind()
        try:
            self._file.close()
        except OSError as error:
            raise Unavailable(f"{self.name} cannot be kept: {error.strerror or error}.") from error
        item = MediaItem(
            self.id, self.name, kind.kind, kind.media_type, self._come, self._hash.hexdigest(), self.path,
            self._shelf._clock(),
        )  # fmt: skip
        self._over = True
        self._shelf._arrived(self, item)
        return item

    def abort(self) -> None:
        """Stop: nothing of it stays. Harmless after :meth:`finish`."""
        if self._over:
            return
        self._over = True
        self._file.close()
        self.path.unlink(missing_ok=True)
        self._shelf._arrived(self, None)

    def __enter__(self) -> Arrival:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.abort()
