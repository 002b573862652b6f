"""Which letters the bytes of a MIDI text mean.

The MIDI file format names no encoding. New programs write UTF-8; older ones wrote the code page of their country.
The guess is made once a file, from all its texts, so that it is the same for every text and for every reading:

1. a byte-order mark decides (UTF-8, UTF-16);
2. what is valid UTF-8 is UTF-8 (plain ASCII is);
3. Shift-JIS, if *all* other texts are valid in it and two of its two-byte letters stand side by side somewhere
   (in western text letters above 127 are rare and alone);
4. Windows-1252 for everything else, with Latin-1 for the five bytes that it leaves open.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
#: Two neighbouring two-byte letters of Shift-JIS whose first byte lies where Windows-1252 has no letters.
_SJIS_RUN = re.compile(rb"(?:[\x81-\x9f][\x40-\x7e\x80-\xfc]){2}")


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_shift_jis(texts: list[bytes]) -> bool:
    try:
        for text in texts:
            text.decode("cp932")
    except UnicodeDecodeError:
        return False
    return any(_SJIS_RUN.search(text) for text in texts)


def _western(data: bytes) -> str:
    # Byte by byte: the five bytes that Windows-1252 leaves open keep their Latin-1 meaning (control characters).
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return "".join(bytes((byte,)).decode("cp1252", "ignore") or chr(byte) for byte in data)


def decoder(payloads: Iterable[bytes]) -> Callable[[bytes], str]:
    """A function from bytes to text for one file, given all its texts; the text never holds lone surrogates."""
    legacy = [text for text in payloads if not text.startswith(tuple(bom for bom, _ in _BOMS)) and not _is_utf8(text)]
    shift_jis = bool(legacy) and _is_shift_jis(legacy)

    def decode(data: bytes) -> str:
        for bom, encoding in _BOMS:
            if data.startswith(bom):
                return data[len(bom) :].decode(encoding, "replace")
        if _is_utf8(data):
            return data.decode("utf-8")
        return data.decode("cp932", "replace") if shift_jis else _western(data)

    return decode
