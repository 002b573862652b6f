"""Reading zip archives that strangers made: compressed MusicXML (.mxl) and projects (.wbz).

Nothing is ever written to disk and nothing is believed that the archive says about itself: members are counted
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
    if not is_archive(data):
        raise BadFile("This is not a zip archive; choose the file that the program saved, unchanged.")
    if len(data) > max_bytes + max_members * _ENTRY_BYTES:
        raise BadFile(_too_large(max_bytes))
    entries = _count_entries(data, max_members)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if len(archive.filelist) < entries:
                raise zipfile.BadZipFile("fewer entries than the end record counts")
            return _read_members(archive, max_members, max_bytes)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, struct.error, IndexError) as error:
        raise BadFile("This archive is damaged; save or download the file again.") from error
    except (NotImplementedError, RuntimeError) as error:
        raise BadFile("This archive is packed in a way that cannot be read; save it as an ordinary zip.") from error


def _read_members(archive: zipfile.ZipFile, max_members: int, max_bytes: int) -> dict[str, bytes]:
    members = archive.infolist()
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
    out: dict[str, bytes] = {}
    left = max_bytes
    for member in members:
        if member.filename.endswith("/"):
            continue
        parts: list[bytes] = []
        with archive.open(member) as stream:
            while chunk := stream.read(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise BadFile(_too_large(max_bytes))
                parts.append(chunk)
        out[member.filename] = b"".join(parts)
    return out


def _count_entries(data: bytes, max_members: int) -> int:
    """Entries by the end record; refuses a huge directory before :mod:`zipfile` builds an object for each entry."""
    end = len(data) - _END_SIZE
    # The same two steps as zipfile's own search, so that both look at the same record.
    if end < 0 or not (data[end : end + 4] == _END and data[-2:] == b"\0\0"):
        end = data.rfind(_END, max(0, len(data) - _END_SIZE - 0xFFFF))
    if end < 0 or end + _END_SIZE > len(data):
        raise BadFile("This archive is damaged or cut short; save or download the file again.")
    entries, size = struct.unpack_from("<HI", data, end + 10)
    zip64 = end >= 20 and data[end - 20 : end - 16] == _LOCATOR64
    if zip64 or entries > max_members or size > max_members * _ENTRY_BYTES:
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
