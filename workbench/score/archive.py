"""Reading zip archives that strangers made: compressed MusicXML (.mxl) and projects (.wbz).

Nothing is written to disk here and nothing is believed that the archive says about itself: members are counted
before the directory is parsed, sizes are counted while the bytes come out of the decompressor, and any name that
would mean a place outside the archive is refused. Format: PKWARE APPNOTE 6.3.
"""

from __future__ import annotations

import io
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from workbench.errors import BadFile

MAX_MEMBERS = 64
MAX_BYTES = 32 * 2**20

_CHUNK = 2**16
_END = b"PK\x05\x06"  # end of the central directory
_END_SIZE = 22
_LOCATOR64 = b"PK\x06\x07"
#: Far more than an honest directory entry takes (46 bytes, a name, a few extra fields).
_ENTRY_BYTES = 4_096
_DRIVE = re.compile(r"[A-Za-z]:")


def is_archive(data: bytes) -> bool:
    """Whether the bytes begin like a zip archive."""
    return data[:4] in (b"PK\x03\x04", _END)


def read_archive(data: bytes, *, max_members: int = MAX_MEMBERS, max_bytes: int = MAX_BYTES) -> dict[str, bytes]:
    """Every file of a zip archive, by name, in the archive's order; folders are left out.

    Archives inside the archive come back as bytes and are not opened.

    Args:
        data: the whole archive.
        max_members: most entries, folders included.
        max_bytes: most bytes of all files together once expanded.

    Raises:
        BadFile: not a zip archive, damaged, encrypted, too large, or with names that are not plain relative
            paths (absolute, ``..``, backslashes, drive letters, links, control characters, twice the same).
    """
    with Archive(io.BytesIO(data), max_members=max_members, max_bytes=max_bytes) as archive:
        return {name: archive.read(name) for name in archive.names}


class Archive:
    """A zip archive that lies in a file: its members are read when they are wanted, never more than allowed.

    Args:
        file: the whole archive, open for reading; it stays open.
        max_members: most entries, folders included.
        max_bytes: most bytes of all that is read, once expanded.

    Raises:
        BadFile: as :func:`read_archive`; so do its methods.
    """

    def __init__(self, file: BinaryIO, *, max_members: int = MAX_MEMBERS, max_bytes: int = MAX_BYTES) -> None:
        self._left = self._limit = max_bytes
        head = file.read(4)
        if not is_archive(head):
            raise BadFile("This is not a zip archive; choose the file that the program saved, unchanged.")
        if file.seek(0, io.SEEK_END) > max_bytes + max_members * _ENTRY_BYTES:
            raise BadFile(_too_large(max_bytes))
        entries = _count_entries(file, max_members)
        with _plain_errors():
            self._zip = zipfile.ZipFile(file)
            if len(self._zip.filelist) < entries:
                raise zipfile.BadZipFile("fewer entries than the end record counts")
        self._members = _check_members(self._zip.infolist(), max_members)
        #: The files' names, in the archive's order.
        self.names = tuple(self._members)

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def size(self, name: str) -> int:
        """How many bytes a file says it has; what comes may be less, never more."""
        return self._members[name].file_size

    def packed(self, name: str) -> int:
        """How many bytes a file takes inside the archive, as its directory says."""
        return self._members[name].compress_size

    def pieces(self, name: str, limit: int | None = None) -> Iterator[bytes]:
        """A file's bytes, piece by piece; ``limit``: most of them, where that is less than what is left of all."""
        left = self._left if limit is None else min(limit, self._left)
        most = self._limit if limit is None else min(limit, self._limit)
        with _plain_errors(), self._zip.open(self._members[name]) as stream:
            while chunk := stream.read(_CHUNK):
                left -= len(chunk)
                self._left -= len(chunk)
                if left < 0:
                    raise BadFile(_too_large(most))
                yield chunk

    def read(self, name: str, limit: int | None = None) -> bytes:
        """A file's bytes, all at once."""
        return b"".join(self.pieces(name, limit))


@contextmanager
def _plain_errors() -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, struct.error, IndexError) as error:
        raise BadFile("This archive is damaged; save or download the file again.") from error
    except (NotImplementedError, RuntimeError) as error:
        raise BadFile("This archive is packed in a way that cannot be read; save it as an ordinary zip.") from error


def _check_members(members: list[zipfile.ZipInfo], max_members: int) -> dict[str, zipfile.ZipInfo]:
    """The files among the entries by name; raises :class:`BadFile` where one of them is not plain."""
    if len(members) > max_members:
        raise BadFile(_too_many(max_members))
    seen: set[str] = set()
    for member in members:
        _check_member(member)
        # Names that differ in case or in accents' spelling alone are the same file on many systems.
        folded = unicodedata.normalize("NFC", member.filename).casefold().rstrip("/")
        if folded in seen:
            raise BadFile(f"This archive holds {_shown(member.filename)} twice; save the file again.")
        seen.add(folded)
    return {member.filename: member for member in members if not member.filename.endswith("/")}


def _count_entries(file: BinaryIO, max_members: int) -> int:
    """Entries by the end record; refuses a huge directory before :mod:`zipfile` builds an object for each entry."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - _END_SIZE - 0xFFFF - 20))
    data = file.read()
    end = len(data) - _END_SIZE
    # The same two steps as zipfile's own search, so that both look at the same record.
    if end < 0 or not (data[end : end + 4] == _END and data[-2:] == b"\0\0"):
        end = data.rfind(_END, max(0, len(data) - _END_SIZE - 0xFFFF))
    if end < 0 or end + _END_SIZE > len(data):
        raise BadFile("This archive is damaged or cut short; save or download the file again.")
    entries, directory = struct.unpack_from("<HI", data, end + 10)
    zip64 = end >= 20 and data[end - 20 : end - 16] == _LOCATOR64
    if zip64 or entries > max_members or directory > max_members * _ENTRY_BYTES:
        raise BadFile(_too_many(max_members))
    return int(entries)


def _check_member(member: zipfile.ZipInfo) -> None:
    name = member.orig_filename  # zipfile cuts ``filename`` at a null byte and turns backslashes on Windows
    steps = name.rstrip("/").split("/")
    if (
        not name.strip("/")
        or name != member.filename
        or name.startswith("/")
        or "\\" in name
        or _DRIVE.match(name)
        or any(step in ("", ".", "..") for step in steps)
        or any(unicodedata.category(sign) in ("Cc", "Cs") for sign in name)
    ):
        raise BadFile(f"This archive holds the unsafe file name {_shown(name)}, so it was not opened.")
    if member.flag_bits & 0x41:  # bit 0: encrypted, bit 6: strong encryption
        raise BadFile("This archive is locked with a password; save it without one.")
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise BadFile(f"This archive holds a link or a device ({_shown(name)}), so it was not opened.")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise BadFile("This archive is packed in a way that cannot be read; save it as an ordinary zip.")


def _shown(name: str) -> str:
    """The name as one short, harmless piece of a sentence."""
    return ascii(name[:60])


def _too_large(max_bytes: int) -> str:
    return f"This archive expands to more than {max_bytes / 2**20:.0f} MB, so it was not opened."


def _too_many(max_members: int) -> str:
    return f"This archive holds more than {max_members} files, so it was not opened."
