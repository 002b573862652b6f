"""Whether the store of content credentials inside a file is byte for byte as its writer made it.

C2PA's hashes cover the file around the store and what the claims say, yet not every byte of the store itself: lengths,
fixed labels and the zeros kept free in a signature may change unnoticed. All of these have one possible value, which
is held against what is there. Formats: JUMBF (ISO/IEC 19566-5), C2PA 2.2 sections 11.1 and 13.2, CBOR (RFC 8949).
"""

from __future__ import annotations

import re
from collections.abc import Callable

_MAX_DEPTH = 8
#: The name of a manifest: a URN in small letters (C2PA 2.2, section 8.2).
_URN = re.compile(rb"(?:urn:c2pa:|urn:uuid:|[a-z0-9_.-]+:urn:uuid:)[0-9a-f-]{36}(?::[a-z0-9_.:-]*)?\Z")
_TAIL = bytes.fromhex("00110010800000aa00389b71")
#: What may stand beside a signature and is checked by whoever checks it: certificates, time stamps, revocations.
_CHECKED = (b"x5chain", b"sigTst", b"sigTst2", b"rVals")
#: The kind of a box -> what its label must be.
_LABELS: dict[bytes, Callable[[bytes], bool]] = {
    b"c2pa": lambda label: label == b"c2pa", b"c2as": lambda label: label == b"c2pa.assertions",
    b"c2cl": lambda label: label in (b"c2pa.claim", b"c2pa.claim.v2"),
    b"c2cs": lambda label: label == b"c2pa.signature", b"c2ma": lambda label: bool(_URN.match(label)),
    b"c2um": lambda label: bool(_URN.match(label)),
}  # fmt: skip


def untouched(store: bytes) -> bool:
    """Whether all that no hash covers has its one possible value.

    Args:
        store: the outermost JUMBF box, from its length on to the end of its carrier.
    """
    try:
        return _box(store, 0, len(store), 0) == len(store)
    except (IndexError, ValueError):
        return False


def _box(data: bytes, at: int, end: int, depth: int, parent: bytes = b"") -> int:
    """Check one box; returns where it ends. Raises :class:`ValueError` where it is not as it must be."""
    length, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
    stop = at + length
    if length < 8 or stop > end or depth > _MAX_DEPTH:
        raise ValueError
    if name != b"jumb":
        if parent == b"c2cs" and name == b"cbor":
            _signature(data[at + 8 : stop])
        return stop
    kind, at = _description(data, at + 8, stop)
    while at < stop:
        at = _box(data, at, stop, depth + 1, kind)
    if depth == 0 and kind != b"c2pa":
        raise ValueError
    return stop


def _description(data: bytes, at: int, end: int) -> tuple[bytes, int]:
    """Check the box that says what its parent is; returns its kind and where it ends."""
    length = int.from_bytes(data[at : at + 4], "big")
    stop = at + length
    if data[at + 4 : at + 8] != b"jumd" or stop > end or length < 26:
        raise ValueError
    kind, toggles = data[at + 8 : at + 12], data[at + 24]
    label, closed, more = data[at + 25 : stop].partition(b"\0")
    # Bit 0: it may be asked for by name; 1: it has a label; 4: a box of salt follows the label.
    if not closed or toggles != (0x13 if more else 0x03) or (more and int.from_bytes(more[:4], "big") != len(more)):
        raise ValueError
    if kind in _LABELS and (data[at + 12 : at + 24] != _TAIL or not _LABELS[kind](label)):
        raise ValueError
    return kind, stop


def _signature(data: bytes) -> None:
    """Check a COSE_Sign1 (RFC 9052): nothing but padding of zeros beside what is signed."""
    at = 1 if data[:1] == b"\xd2" else 0
    if data[at] != 0x84:
        raise ValueError
    at = _skip(data, at + 1, 0x40)  # protected headers, which are signed
    pairs, at = _head(data, at, 0xA0)
    for _ in range(pairs):
        size, at = _head(data, at, 0x60)
        key, at = data[at : at + size], at + size
        if key in _CHECKED:
            at = _item(data, at, 0)
            continue
        if key not in (b"pad", b"pad2"):
            raise ValueError
        size, at = _head(data, at, 0x40)
        if data[at : at + size].strip(b"\0") or at + size > len(data):
            raise ValueError
        at += size
    if data[at] != 0xF6 or _skip(data, at + 1, 0x40) != len(data):
        raise ValueError


def _head(data: bytes, at: int, major: int) -> tuple[int, int]:
    """The number in the head of an item of one major type, and where its content begins."""
    first = data[at]
    if first & 0xE0 != major:
        raise ValueError
    low = first & 0x1F
    if low < 24:
        return low, at + 1
    if low > 27:
        raise ValueError
    size = 1 << (low - 24)
    return int.from_bytes(data[at + 1 : at + 1 + size], "big"), at + 1 + size


def _skip(data: bytes, at: int, major: int) -> int:
    size, at = _head(data, at, major)
    if at + size > len(data):
        raise ValueError
    return at + size


def _item(data: bytes, at: int, depth: int) -> int:
    """Where an item of any type ends."""
    major = data[at] & 0xE0
    if depth > _MAX_DEPTH:
        raise ValueError
    if major in (0x40, 0x60):
        return _skip(data, at, major)
    value, at = _head(data, at, major)
    for _ in range({0x80: value, 0xA0: 2 * value, 0xC0: 1}.get(major, 0)):
        at = _item(data, at, depth + 1)
    return at
