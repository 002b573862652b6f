"""A text cut into words, numbers, signs and single Chinese characters, each with its place."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

#: Chinese characters: each is a token of its own, and longer words are found by the vocabulary.
_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_TOKEN = re.compile(
    rf"(?P<clock>\d{{1,2}}:\d{{2}}(?!\d))|(?P<fraction>\d{{1,2}}/\d{{1,2}}(?![\d/]))"
    rf"|(?P<number>\d{{1,7}}(?:[.,]\d{{1,3}})?)|(?P<note>\b[A-Ga-g][#\u266f\u266d]m?(?![^\W\d_]))|(?P<han>[{_HAN}])"
    rf"|(?P<word>[^\W\d_{_HAN}](?:[\u0300-\u036f]|[^\W\d_{_HAN}]|['\u2019](?=[^\W\d_{_HAN}]))*)"
    r"|(?P<mark>[.,;:!?=&+\n()\u3001\u3002\uff0c\uff1b\uff1a\uff01\uff1f\u2026#\u266f\u266d])"
)
_ALIKE = {"\uff0c": ",", "\uff1b": ";", "\uff1a": ":", "\uff01": "!", "\uff1f": "?", "\u3002": ".", "\u2026": "."}


@dataclass(frozen=True, slots=True)
class Token:
    """``text``: folded; ``raw``: as written, at ``start`` to ``end``. ``kind``: clock, fraction, number, word, mark."""

    text: str
    raw: str
    start: int
    end: int
    kind: str


def fold(word: str) -> str:
    """Lower case, without accents and apostrophes."""
    plain = unicodedata.normalize("NFKD", word.casefold())
    return "".join(sign for sign in plain if not unicodedata.combining(sign) and sign not in "'\u2019")


def tokens(text: str, simplified: dict[str, str] | None = None) -> list[Token]:
    """The tokens of a text; characters of ``simplified`` are read as what stands there. Other signs only part words."""
    out: list[Token] = []
    for found in _TOKEN.finditer(text):
        kind, raw = found.lastgroup or "mark", found.group()
        plain = raw
        if kind == "han":
            plain, kind = (simplified or {}).get(raw, raw), "word"
        elif kind in ("word", "note"):
            plain, kind = fold(raw).replace("\u266f", "#"), "word"
        elif kind == "mark":
            plain = _ALIKE.get(raw, raw)
        if plain:
            out.append(Token(plain, raw, found.start(), found.end(), kind))
    return out


def is_han(sign: str) -> bool:
    """Whether a text begins with a Chinese character."""
    return bool(re.match(rf"[{_HAN}]", sign))
