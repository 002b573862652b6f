"""Small spelling mistakes: the word of a vocabulary that was probably meant.

The distance is that of optimal string alignment (R. A. Wagner and R. Lowrance, J. ACM 1975): letters put in, left out,
changed, or two neighbours swapped. Short words are near to many others, so in them a letter may only be left out,
doubled, swapped with its neighbour, or changed for one that is often written for it.
"""

from __future__ import annotations

import functools

from workbench.understand.words.tokens import is_han
from workbench.understand.words.vocabulary import Vocabulary, vocabulary

#: Fewest letters of a word with one mistake, of one in which any letter may be wrong, and of one with two mistakes.
ONE, ANY, TWO = 5, 7, 9
_LONGEST = 24
#: Letters that are written for each other, by ear or beside each other on the keys.
_ALIKE = ("ae", "ai", "ao", "bp", "bv", "ck", "cs", "cz", "dt", "ei", "eu", "fv", "gh", "gj", "iy", "jy", "kq",
          "lr", "mn", "ou", "sx", "sz", "uv", "vw")  # fmt: skip


def distance(one: str, other: str, limit: int) -> int:
    """Mistakes between two words; anything above ``limit`` is returned as ``limit + 1``."""
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, start=1):
        last, before, row = before, row, [at]
        for place, sign in enumerate(other, start=1):
            cost = min(before[place] + 1, row[-1] + 1, before[place - 1] + (letter != sign))
            if at > 1 and place > 1 and letter == other[place - 2] and one[at - 2] == sign:
                cost = min(cost, last[place - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return row[-1]


@functools.lru_cache(maxsize=4_096)
def meant(word: str, language: str) -> str:
    """The word of a language (or the stem of one) that ``word`` misspells, or ""."""
    if not ONE <= len(word) <= _LONGEST or is_han(word):
        return ""
    own = vocabulary(language)
    best: tuple[int, str] | None = None
    for known in _by_letter(language).get(word[0], ()) + _by_letter(language).get(word[1], ()):
        if known[0] != word[0] and not (known[0] == word[1] and known[1:2] == word[0]):
            continue
        found = _mistakes(word, known, own)
        if found is not None and (best is None or (found, known) < best):
            best = (found, known)
    return best[1].removesuffix("*") if best else ""


def _mistakes(word: str, known: str, own: Vocabulary) -> int | None:
    """How many mistakes make ``word`` of a known word or stem; None: it is another word."""
    stem = known.removesuffix("*")
    limit = 2 if len(stem) >= TWO else 1
    parts = [word]
    if stem != known:
        if len(word) - len(stem) > own.endings + 1:
            return None
        parts = [word[: len(stem) + more] for more in (-1, 0, 1) if len(word) >= len(stem) + more]
    return min((found for part in parts if (found := distance(part, stem, limit)) <= limit and _likely(part, stem)),
               default=None)  # fmt: skip


def _likely(word: str, meant: str) -> bool:
    """Whether a short word may be the other with one slip of the kinds that are common."""
    if word == meant or min(len(word), len(meant)) >= ANY:
        return True
    if len(word) < len(meant):
        return not meant.startswith(word)  # a plural is no mistake
    at = next((place for place, (one, other) in enumerate(zip(word, meant, strict=False)) if one != other), len(meant))
    if len(word) > len(meant):
        return word[at] == word[at - 1] or word[at] in word[at + 1 : at + 2]
    return word[at + 1 :] != meant[at + 1 :] or "".join(sorted(word[at] + meant[at])) in _ALIKE


@functools.cache
def _by_letter(language: str) -> dict[str, tuple[str, ...]]:
    """Words that are a phrase alone and mean something, by their first letter."""
    words: set[str] = set()
    for name in (language, "common"):
        for phrases in vocabulary(name).phrases.values():
            words |= {phrase[0] for phrase, (kind, _) in phrases if len(phrase) == 1 and kind != "filler"}
    out: dict[str, list[str]] = {}
    for word in sorted(words):
        if len(word.removesuffix("*")) >= (ONE + 1 if word.endswith("*") else ONE) and not is_han(word):
            out.setdefault(word[0], []).append(word)
    return {letter: tuple(found) for letter, found in out.items()}
