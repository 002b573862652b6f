"""A bounded reader for TensorFlow checkpoints ("tensor bundles"), without TensorFlow.

A bundle is two files. ``NAME.index`` is a sorted table as LevelDB writes it: blocks of keys that share beginnings, an
index block of their places, and a footer of 48 bytes. Its values are small protocol-buffer messages that say each
tensor's type, shape and place. ``NAME.data-00000-of-00001`` holds the numbers, little-endian, one tensor after the
other. Nothing in either can run. Only uncompressed tables and single data files are read, as TensorFlow writes them.

Checksums inside are not looked at: whoever opens a bundle knows the sha256 of both files.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.errors import BadFile

MAX_INDEX, MAX_DATA, MAX_TENSORS, MAX_AXES = 16_000_000, 4_000_000_000, 20_000, 8
_FOOTER, _MAGIC = 48, 0xDB4775248B80FB57
_TRAILER = 5  # a byte that names the compression, and a checksum
_TYPES = {1: "<f4", 2: "<f8", 3: "<i4", 9: "<i8", 19: "<f2"}


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a tensor lies: ``dtype`` as numpy writes it, ``shape``, first byte and number of bytes of the data."""

    dtype: str
    shape: tuple[int, ...]
    offset: int
    size: int


def read_bundle(
    index: Path, data: Path, wanted: Callable[[str], bool] = lambda name: True
) -> dict[str, NDArray[np.generic]]:
    """The tensors of a bundle whose names are ``wanted``, by name, each a copy of its own.

    Raises:
        BadFile: not a bundle of the kind that can be read, damaged, or larger than any that is known.
    """
    try:
        if index.stat().st_size > MAX_INDEX or data.stat().st_size > MAX_DATA:
            raise BadFile(f"{index.name} is larger than any checkpoint that is known, so it was not opened.")
        table = index.read_bytes()
        size = data.stat().st_size
    except OSError as error:
        raise BadFile(f"The checkpoint {index.name} cannot be read; pull the model again.") from error
    try:
        entries = read_index(table, size)
    except (ValueError, IndexError, struct.error) as error:
        raise BadFile(f"{index.name} is not a TensorFlow checkpoint that can be read; pull the model again.") from error
    out: dict[str, NDArray[np.generic]] = {}
    with data.open("rb") as file:
        for name, entry in entries.items():
            if wanted(name):
                file.seek(entry.offset)
                out[name] = np.frombuffer(file.read(entry.size), entry.dtype).reshape(entry.shape).copy()
    return out


def read_index(table: bytes, data_size: int) -> dict[str, Entry]:
    """The entries of an index by tensor name; those of other types than plain numbers are left out.

    Args:
        table: the whole index file.
        data_size: bytes of the data file; no entry may reach beyond.

    Raises:
        ValueError: not such a table, or an entry that cannot be true.
        IndexError: it ends too soon.
    """
    if len(table) < _FOOTER or int.from_bytes(table[-8:], "little") != _MAGIC:
        raise ValueError("no footer")
    footer = table[-_FOOTER:]
    at = 0
    for _ in range(2):  # the block of blocks about blocks is not needed
        _, at = _varint(footer, at)
    place, at = _varint(footer, at)
    size, at = _varint(footer, at)
    entries: dict[str, Entry] = {}
    header = False
    for _, handle in _block(table, place, size):
        start, at = _varint(handle, 0)
        length, at = _varint(handle, at)
        for key, value in _block(table, start, length):
            if not key:
                header = _is_plain(value)
                continue
            entry = _entry(value, data_size)
            if entry is not None:
                entries[key.decode("utf-8")] = entry
            if len(entries) > MAX_TENSORS:
                raise ValueError("too many tensors")
    if not header:
        raise ValueError("no header")
    return entries


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """``(number, place after it)``; seven bits a byte, the lowest first."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
        if shift > 63:
            raise ValueError("number too long")


def _block(table: bytes, start: int, size: int) -> Iterator[tuple[bytes, bytes]]:
    """The keys and values of a block; each key is written as what differs from the one before."""
    if size < 4 or start + size + _TRAILER > len(table) - _FOOTER + _TRAILER or table[start + size] != 0:
        raise ValueError("a block out of bounds, or compressed")
    block = table[start : start + size]
    end = size - 4 * (1 + int.from_bytes(block[-4:], "little"))
    if end < 0:
        raise ValueError("restarts out of bounds")
    at, key = 0, b""
    while at < end:
        shared, at = _varint(block, at)
        fresh, at = _varint(block, at)
        length, at = _varint(block, at)
        if shared > len(key) or at + fresh + length > end:
            raise ValueError("a key out of bounds")
        key = key[:shared] + block[at : at + fresh]
        at += fresh
        yield key, block[at : at + length]
        at += length


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a protocol-buffer message: ``(number, value)``; fixed-size ones as bytes."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        number, kind = tag >> 3, tag & 7
        value: int | bytes
        if kind == 0:
            value, at = _varint(message, at)
        else:
            length, at = _varint(message, at) if kind == 2 else ({1: 8, 5: 4}[kind] if kind in (1, 5) else -1, at)
            if length < 0 or at + length > len(message):
                raise ValueError("a field out of bounds")
            value, at = message[at : at + length], at + length
        yield number, value


def _is_plain(header: bytes) -> bool:
    """Whether the header says: one data file, little-endian."""
    found = dict(_fields(header))
    return found.get(1) == 1 and found.get(2, 0) == 0


def _entry(message: bytes, data_size: int) -> Entry | None:
    found: Mapping[int, int | bytes] = dict(_fields(message))
    dtype = _TYPES.get(_number(found, 1))
    if dtype is None or 7 in found:  # texts and the like, and tensors cut in slices
        return None
    shape = []
    body = found.get(2, b"")
    for number, value in _fields(body if isinstance(body, bytes) else b""):
        if number == 2 and isinstance(value, bytes):
            shape.append(_number(dict(_fields(value)), 1))
    offset, size = _number(found, 4), _number(found, 5)
    count = 1
    for axis in shape:
        count *= axis
    if len(shape) > MAX_AXES or _number(found, 3) or count * np.dtype(dtype).itemsize != size:
        raise ValueError("a tensor whose size is not that of its shape")
    if offset + size > data_size:
        raise ValueError("a tensor that reaches beyond the data")
    return Entry(dtype, tuple(shape), offset, size)


def _number(fields: Mapping[int, int | bytes], key: int) -> int:
    value = fields.get(key, 0)
    if not isinstance(value, int):
        raise ValueError("a field of another kind")
    return value
