"""Writes TensorFlow checkpoints as TensorFlow does: a table of entries, and the numbers one after the other."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

import numpy as np

MAGIC = 0xDB4775248B80FB57


def varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def field(number: int, value: int | bytes) -> bytes:
    """A field of a protocol-buffer message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def entry(dtype: int, shape: Sequence[int], offset: int, size: int) -> bytes:
    """A BundleEntryProto, with a checksum that nobody reads."""
    body = b"".join(field(2, field(1, axis)) for axis in shape)
    return field(1, dtype) + field(2, body) + field(4, offset) + field(5, size) + varint(6 << 3 | 5) + b"\1\2\3\4"


def block(items: Sequence[tuple[bytes, bytes]]) -> bytes:
    """A block of a LevelDB table: shared beginnings are left out, except at the first key."""
    out, before = b"", b""
    for key, value in items:
        shared = next(
            (n for n, (a, b) in enumerate(zip(before, key, strict=False)) if a != b), min(len(before), len(key))
        )
        out += varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        before = key
    return out + struct.pack("<II", 0, 1)


def table(entries: Mapping[str, bytes], header: bytes = b"\x08\x01\x1a\x02\x08\x01", compression: int = 0) -> bytes:
    """A whole index file with two blocks of entries."""
    items = [(b"", header), *((name.encode(), value) for name, value in sorted(entries.items()))]
    half = (len(items) + 1) // 2
    out, places = b"", []
    for part in (items[:half], items[half:]):
        body = block(part)
        places.append(((part or items)[-1][0], varint(len(out)) + varint(len(body))))
        out += body + bytes([compression]) + bytes(4)
    metaindex = (len(out), len(block([])))
    out += block([]) + bytes(5)
    index = (len(out), len(block(places)))
    out += block(places) + bytes(5)
    footer = b"".join(varint(number) for number in (*metaindex, *index))
    return out + footer.ljust(40, b"\0") + struct.pack("<Q", MAGIC)


def bundle(tensors: Mapping[str, np.ndarray]) -> tuple[bytes, bytes]:
    """``(index, data)`` of float32 tensors."""
    entries, data = {}, b""
    for name, value in sorted(tensors.items()):
        body = value.astype("<f4").tobytes()
        entries[name] = entry(1, value.shape, len(data), len(body))
        data += body
    return table(entries), data
