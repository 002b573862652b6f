"""Where the manifest lies in each kind of file, put there after the file was written, and found again.

==========  ====================================================================================================
WAV         a ``LIST INFO`` chunk at the end: title, software, date, comment, and the manifest as ``IWBM``
MP3         the ID3v2.4 frame ``TXXX:WORKBENCH_MANIFEST`` (id3.org, 2000)
FLAC        the Vorbis comment ``WORKBENCH_MANIFEST`` (RFC 9639, section 8.6)
MP4, M4A    a ``uuid`` box at the end (ISO/IEC 14496-12, section 4.2)
MIDI        a text event at the beginning of the first track
MusicXML    a processing instruction after the last element
zip, .wbz   the member ``manifest.json``; in an export it lies in the folder inside the zip
==========  ====================================================================================================

In all but zips the manifest stands in one piece, so that its seal can be found by its place. Nothing here decodes
sound, and what a file says of its own sizes is believed only within its length.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import struct
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from workbench.errors import BadFile
from workbench.fsutil import replacing_file
from workbench.score.midi.notes import STATEMENT
from workbench.score.midi.write import varlen

KEY = b"WORKBENCH_MANIFEST"
MIDI_MARK = STATEMENT
XML_MARK = b"<?music-workbench-manifest "
BOX = bytes.fromhex("6d7573696377624d9a6e5c0d5b1f7e01")
#: What files with a manifest have in them, however they are damaged otherwise.
MARKS = (KEY, BOX, MIDI_MARK, XML_MARK)
MAX_HEAD = 64 * 2**20
MAX_ITEMS = 100_000
_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a file: first byte and length."""

    start: int
    length: int

    def of(self, file: BinaryIO, limit: int = MAX_HEAD) -> bytes:
        """Its bytes; raises :class:`BadFile` where it is longer than ``limit``."""
        if self.length > limit:
            raise BadFile("The statement in this file is too large to be read.")
        file.seek(self.start)
        return file.read(self.length)


def kind_of(path: Path) -> str:
    """What a file is by its content: ``wav``, ``mp3``, ``flac``, ``mp4``, ``midi``, ``xml``, ``zip``, or ``""``."""
    try:
        with path.open("rb") as file:
            start = _after_id3(file)
            file.seek(0)
            head = file.read(4096)
            file.seek(start)
            flac = file.read(4) == b"fLaC"
    except OSError as error:
        raise BadFile(f"{path.name[:80]!r} cannot be opened: {error.strerror or error}.") from error
    if head[:4] in (b"RIFF", b"RF64"):
        return "wav" if head[8:12] == b"WAVE" else "midi" if head[8:12] == b"RMID" else ""
    if flac:
        return "flac"
    if head[:3] == b"ID3" or (head[:1] == b"\xff" and len(head) > 1 and head[1] & 0xE6 == 0xE2):
        return "mp3"
    if head[:4] == b"MThd":
        return "midi"
    if head[4:8] == b"ftyp":
        return "mp4"
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return "zip"
    return "xml" if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<") else ""


def find(file: BinaryIO, kind: str) -> Piece | None:
    """Where the manifest stands in a file of this kind; None where there is none. Not for zips.

    Raises:
        BadFile: the file's structure is broken.
    """
    return _FIND[kind](file) if kind in _FIND else None


def put(path: Path, kind: str, manifest: bytes, tags: Mapping[str, str]) -> None:
    """Put a manifest into a file that has none.

    Args:
        path: the file.
        kind: see :func:`kind_of`; not ``zip``.
        manifest: as :func:`workbench.provenance.manifest.packed` gives it.
        tags: plain facts for programs that know nothing of us: ``title``, ``software``, ``date``.

    Raises:
        BadFile: the file's structure is broken.
        Unavailable: it cannot be written.
    """
    if kind in ("wav", "mp4"):
        with path.open("r+b") as file:
            (_append_info if kind == "wav" else _append_box)(file, manifest, tags)
        return
    with replacing_file(path) as temporary, path.open("rb") as old, temporary.open("wb") as new:
        _WRITE[kind](old, new, manifest)


def payload(file: BinaryIO, kind: str) -> str:
    """The sha256 of what a file is for (its sound or pictures), without names, tags and statements; "" for others."""
    digest = hashlib.sha256()
    if kind not in _PAYLOAD:
        return ""
    for piece in _PAYLOAD[kind](file):
        file.seek(piece.start)
        left = piece.length
        while left and (data := file.read(min(left, _AT_ONCE))):
            digest.update(data)
            left -= len(data)
    return digest.hexdigest()


def size_of(file: BinaryIO) -> int:
    """The length of an open file in bytes."""
    return file.seek(0, os.SEEK_END)


# --- RIFF -----------------------------------------------------------------------------------------------------------


def chunks(file: BinaryIO) -> Iterator[tuple[bytes, Piece]]:
    """The chunks of a RIFF file: name and content; raises :class:`BadFile` where they do not fill it."""
    size, at, count = size_of(file), 12, 0
    while at < size:
        file.seek(at)
        head = file.read(8)
        length = int.from_bytes(head[4:], "little")
        count += 1
        if len(head) < 8 or at + 8 + length > size or count > MAX_ITEMS:
            raise BadFile("This WAV file is cut off or damaged.")
        yield head[:4], Piece(at + 8, length)
        at += 8 + length + length % 2


def _find_wav(file: BinaryIO) -> Piece | None:
    for name, chunk in chunks(file):
        if name == b"LIST" and chunk.length >= 12:
            at, end = chunk.start + 4, chunk.start + chunk.length
            while at + 8 <= end:
                file.seek(at)
                head = file.read(8)
                length = int.from_bytes(head[4:], "little")
                if head[:4] == b"IWBM" and at + 8 + length <= end:
                    return _trimmed(file, Piece(at + 8, length))
                at += 8 + length + length % 2
    return None


def _trimmed(file: BinaryIO, piece: Piece) -> Piece:
    """Without the zeros at its end."""
    return Piece(piece.start, len(piece.of(file).rstrip(b"\0")))


def _append_info(file: BinaryIO, manifest: bytes, tags: Mapping[str, str]) -> None:
    fields = [(b"INAM", tags.get("title", "").encode()), (b"ISFT", tags.get("software", "").encode()),
              (b"ICRD", tags.get("date", "").encode()), (b"IWBM", manifest)]  # fmt: skip
    body = b"INFO"
    for name, text in fields:
        if text:
            text += b"\0" * (1 + (len(text) + 1) % 2)
            body += name + struct.pack("<I", len(text)) + text
    size = size_of(file)
    if size % 2:
        size += file.write(b"\0")
    file.write(b"LIST" + struct.pack("<I", len(body)) + body)
    file.seek(4)
    file.write(struct.pack("<I", size + len(body)))


# --- ID3 and MPEG audio ---------------------------------------------------------------------------------------------


def _after_id3(file: BinaryIO) -> int:
    """Where an ID3v2 tag at the beginning of a file ends; 0 where there is none."""
    file.seek(0)
    head = file.read(10)
    if len(head) < 10 or head[:3] != b"ID3" or any(byte & 0x80 for byte in head[6:]):
        return 0
    return 10 + _synchsafe(head[6:])


def _synchsafe(data: bytes) -> int:
    return data[0] << 21 | data[1] << 14 | data[2] << 7 | data[3]


def _as_synchsafe(value: int) -> bytes:
    return bytes((value >> 21 & 127, value >> 14 & 127, value >> 7 & 127, value & 127))


def id3_frames(file: BinaryIO) -> Iterator[tuple[bytes, Piece]]:
    """The frames of an ID3v2.3 or 2.4 tag: name and content; raises :class:`BadFile` where the tag is cut off."""
    end = _after_id3(file)
    if not end:
        return
    if end > size_of(file):
        raise BadFile("The tag of this sound file is cut off.")
    file.seek(3)
    version, at = file.read(1)[0], 10
    while at + 10 <= end:
        file.seek(at)
        head = file.read(10)
        if not head[:4].isalnum():
            return  # padding
        length = _synchsafe(head[4:8]) if version == 4 else int.from_bytes(head[4:8], "big")
        if at + 10 + length > end:
            raise BadFile("The tag of this sound file is cut off.")
        yield head[:4], Piece(at + 10, length)
        at += 10 + length


def _find_mp3(file: BinaryIO) -> Piece | None:
    begin = b"\x03" + KEY + b"\0"
    for name, frame in id3_frames(file):
        if name == b"TXXX" and Piece(frame.start, min(frame.length, len(begin))).of(file) == begin:
            return _trimmed(file, Piece(frame.start + len(begin), frame.length - len(begin)))
    return None


def _write_mp3(old: BinaryIO, new: BinaryIO, manifest: bytes) -> None:
    frames = b""
    for name, frame in id3_frames(old):
        data = frame.of(old)
        frames += name + _as_synchsafe(len(data)) + b"\0\0" + data
    text = b"\x03" + KEY + b"\0" + manifest
    frames += b"TXXX" + _as_synchsafe(len(text)) + b"\0\0" + text
    new.write(b"ID3\x04\0\0" + _as_synchsafe(len(frames)) + frames)
    old.seek(_after_id3(old))
    shutil.copyfileobj(old, new, _AT_ONCE)


def _rest(file: BinaryIO) -> Iterator[Piece]:
    start = _after_id3(file)
    yield Piece(start, size_of(file) - start)


# --- FLAC -----------------------------------------------------------------------------------------------------------


def _blocks(file: BinaryIO) -> tuple[int, list[tuple[int, Piece]], int]:
    """Where ``fLaC`` begins, the metadata blocks (type and content), and where the sound begins."""
    start, size = _after_id3(file), size_of(file)
    at, last = start + 4, False
    out: list[tuple[int, Piece]] = []
    while not last:
        file.seek(at)
        head = file.read(4)
        length = int.from_bytes(head[1:], "big")
        if len(head) < 4 or at + 4 + length > size or len(out) > MAX_ITEMS:
            raise BadFile("This FLAC file is cut off or damaged.")
        last = bool(head[0] & 0x80)
        out.append((head[0] & 0x7F, Piece(at + 4, length)))
        at += 4 + length
    return start, out, at


_COMMENT = 4


def _find_flac(file: BinaryIO) -> Piece | None:
    for kind, block in _blocks(file)[1]:
        if kind == _COMMENT:
            data = block.of(file)
            for start, text in _comments(data):
                if text[: len(KEY) + 1] == KEY + b"=":
                    return Piece(block.start + start + len(KEY) + 1, len(text) - len(KEY) - 1)
    return None


def _comments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The comments of a block and where each begins; raises :class:`BadFile` where they are longer than it."""
    at = 4 + int.from_bytes(data[:4], "little")
    count = int.from_bytes(data[at : at + 4], "little")
    at += 4
    for _ in range(min(count, MAX_ITEMS)):
        length = int.from_bytes(data[at : at + 4], "little")
        if at + 4 + length > len(data):
            raise BadFile("The tags of this FLAC file are damaged.")
        yield at + 4, data[at + 4 : at + 4 + length]
        at += 4 + length


def _write_flac(old: BinaryIO, new: BinaryIO, manifest: bytes) -> None:
    start, blocks, sound = _blocks(old)
    found = [(kind, block.of(old)) for kind, block in blocks]
    comment = next((data for kind, data in found if kind == _COMMENT), b"\0\0\0\0\0\0\0\0")
    vendor = comment[: 4 + int.from_bytes(comment[:4], "little")]
    texts = [*(text for _, text in _comments(comment)), KEY + b"=" + manifest]
    body = vendor + struct.pack("<I", len(texts)) + b"".join(struct.pack("<I", len(text)) + text for text in texts)
    rest = [(kind, data) for kind, data in found if kind != _COMMENT]
    out = [rest[0], (_COMMENT, body), *rest[1:]]  # what the stream is must stand first
    old.seek(0)
    new.write(old.read(start) + b"fLaC")
    for number, (kind, data) in enumerate(out):
        new.write(bytes((kind | (0x80 if number == len(out) - 1 else 0),)) + len(data).to_bytes(3, "big") + data)
    old.seek(sound)
    shutil.copyfileobj(old, new, _AT_ONCE)


def _sound_of_flac(file: BinaryIO) -> Iterator[Piece]:
    _, _, sound = _blocks(file)
    yield Piece(sound, size_of(file) - sound)


# --- MP4 ------------------------------------------------------------------------------------------------------------


def boxes(file: BinaryIO) -> Iterator[tuple[bytes, Piece]]:
    """The outermost boxes of an MP4 file: name and content; raises :class:`BadFile` where they do not fill it."""
    size, at, count = size_of(file), 0, 0
    while at < size:
        file.seek(at)
        head = file.read(16)
        length, begin = int.from_bytes(head[:4], "big"), 8
        if length == 1:
            length, begin = int.from_bytes(head[8:16], "big"), 16
        elif length == 0:
            length = size - at
        count += 1
        if len(head) < 8 or length < begin or at + length > size or count > MAX_ITEMS:
            raise BadFile("This MP4 file is cut off or damaged.")
        yield head[4:8], Piece(at + begin, length - begin)
        at += length


def _find_mp4(file: BinaryIO) -> Piece | None:
    for name, box in boxes(file):
        if name == b"uuid" and Piece(box.start, min(16, box.length)).of(file) == BOX:
            return Piece(box.start + 16, box.length - 16)
    return None


def _append_box(file: BinaryIO, manifest: bytes, tags: Mapping[str, str]) -> None:
    file.seek(0, os.SEEK_END)
    file.write(struct.pack(">I", 24 + len(manifest)) + b"uuid" + BOX + manifest)


def _sound_of_mp4(file: BinaryIO) -> Iterator[Piece]:
    yield from (box for name, box in boxes(file) if name in (b"ftyp", b"mdat"))


# --- scores ---------------------------------------------------------------------------------------------------------


def _find_midi(file: BinaryIO) -> Piece | None:
    file.seek(0)
    data = file.read(MAX_HEAD)
    at = data.find(MIDI_MARK)
    if at < 0:
        return None
    # The length stands before the text, seven bits a byte.
    begin = at - 1
    while begin > 0 and at - begin < 5 and data[begin - 1] & 0x80:
        begin -= 1
    length = 0
    for byte in data[begin:at]:
        length = length << 7 | byte & 0x7F
    if data[begin - 2 : begin] != b"\xff\x01" or at + length > len(data):
        raise BadFile("The statement in this MIDI file is damaged.")
    return Piece(at + len(MIDI_MARK), length - len(MIDI_MARK))


def _write_midi(old: BinaryIO, new: BinaryIO, manifest: bytes) -> None:
    data = old.read()
    at = data.find(b"MTrk")
    if at < 0:
        raise BadFile("This MIDI file has no track.")
    length = int.from_bytes(data[at + 4 : at + 8], "big")
    begin = at + 8
    if data[begin : begin + 4] == b"\0\xff\0\x02":  # a sequence number stands before everything else
        begin += 6
    text = MIDI_MARK + manifest
    event = b"\0\xff\x01" + varlen(len(text)) + text
    new.write(data[: at + 4] + struct.pack(">I", length + len(event)) + data[at + 8 : begin] + event + data[begin:])


def _find_xml(file: BinaryIO) -> Piece | None:
    file.seek(0)
    data = file.read(MAX_HEAD)
    at = data.rfind(XML_MARK)
    end = data.find(b"?>", at)
    return Piece(at + len(XML_MARK), end - at - len(XML_MARK)) if at >= 0 and end > 0 else None


def _write_xml(old: BinaryIO, new: BinaryIO, manifest: bytes) -> None:
    new.write(old.read().rstrip() + b"\n" + XML_MARK + manifest + b"?>\n")


# --- zips -----------------------------------------------------------------------------------------------------------

_IN_ZIP = re.compile(r"(?:[^/]+/)?manifest\.json\Z")


def manifest_member(archive: zipfile.ZipFile) -> str:
    """The name of the manifest in a zip: at its top or in its only folder; "" where there is none."""
    return next((name for name in archive.namelist() if _IN_ZIP.match(name)), "")


_FIND: dict[str, Callable[[BinaryIO], Piece | None]] = {
    "wav": _find_wav, "mp3": _find_mp3, "flac": _find_flac, "mp4": _find_mp4, "midi": _find_midi, "xml": _find_xml,
}  # fmt: skip
_WRITE: dict[str, Callable[[BinaryIO, BinaryIO, bytes], Any]] = {
    "mp3": _write_mp3, "flac": _write_flac, "midi": _write_midi, "xml": _write_xml,
}  # fmt: skip
_PAYLOAD: dict[str, Callable[[BinaryIO], Iterator[Piece]]] = {
    "wav": lambda file: (chunk for name, chunk in chunks(file) if name == b"data"),
    "mp3": _rest, "flac": _sound_of_flac, "mp4": _sound_of_mp4,
}  # fmt: skip
