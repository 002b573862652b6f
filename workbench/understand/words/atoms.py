"""A text as atoms: stretches of tokens with all that they may mean, in the text's language or else in another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from workbench.understand.words.spelling import meant
from workbench.understand.words.tokens import Token, is_han, tokens
from workbench.understand.words.vocabulary import CONTENT, Meaning, Vocabulary, vocabulary
from workbench.understand.words.wishes import LANGUAGES

#: Words of another language than the text's count from this many letters on.
_FOREIGN = 4


@dataclass(frozen=True, slots=True)
class Atom:
    """Tokens ``first`` to ``last`` (excluded). ``meanings``: (kind, value) pairs; none: not understood.

    ``start``, ``end``: characters of the text. ``read_as``: the word that a misspelt one was read as, or "".
    """

    first: int
    last: int
    start: int
    end: int
    meanings: tuple[Meaning, ...] = ()
    read_as: str = ""

    def has(self, kind: str, value: str = "") -> bool:
        """Whether it may mean this (any of the kind where no value is given)."""
        return any(own == kind and value in ("", what) for own, what in self.meanings)

    def value(self, kind: str) -> str:
        """Its first value of a kind, or ""."""
        return next((what for own, what in self.meanings if own == kind), "")

    @property
    def content(self) -> tuple[Meaning, ...]:
        """What it wishes for."""
        return tuple(meaning for meaning in self.meanings if meaning[0] in CONTENT)


@dataclass(frozen=True, slots=True)
class Reading:
    """A text, its language, its tokens (misspelt words put right) and which tokens were put right, by index."""

    text: str
    language: str
    tokens: tuple[Token, ...]
    fixed: dict[int, str]

    @property
    def own(self) -> Vocabulary:
        """The vocabulary of the text's language."""
        return vocabulary(self.language)


def reading(text: str) -> Reading:
    """Cut a text into tokens, tell its language and put small spelling mistakes right."""
    row = tokens(text, vocabulary("zh").simplified)
    language = language_of(row)
    fixed: dict[int, str] = {}
    everyone = [vocabulary(name) for name in ("common", *LANGUAGES)]
    for place, token in enumerate(row):
        if token.kind != "word" or is_han(token.text) or any(own.knows(token.text) for own in everyone):
            continue
        if word := _umlauts(token.text) if language == "de" else "":
            row[place] = replace(token, text=word)
        elif word := meant(token.text, language if language != "zh" else "en"):
            row[place], fixed[place] = replace(token, text=word), word
    return Reading(text, language, tuple(row), fixed)


def _umlauts(word: str) -> str:
    """A word written with ae, oe or ue for umlauts, if German knows it without, or ""."""
    plain = word.replace("ae", "a").replace("oe", "o").replace("ue", "u")
    return plain if plain != word and vocabulary("de").knows(plain) else ""


def language_of(row: Sequence[Token]) -> str:
    """The language whose vocabulary knows most of the tokens; English where none does."""
    if sum(is_han(token.text) for token in row) * 3 > len(row):
        return "zh"
    scores: dict[str, float] = {}
    for name in LANGUAGES:
        own, at, score = vocabulary(name), 0, 0.0
        while at < len(row):
            length, meanings = own.match(row, at)
            if length:
                score += length * (1.0 if any(kind in CONTENT for kind, _ in meanings) else 0.9)
            at += max(1, length)
        scores[name] = score
    return max(LANGUAGES, key=lambda name: scores[name])


def atoms(read: Reading, taken: set[int]) -> list[Atom]:
    """The atoms of all tokens that are not ``taken``, in order; the longest phrase counts."""
    out: list[Atom] = []
    others = [vocabulary(name) for name in LANGUAGES if name != read.language]
    at = 0
    while at < len(read.tokens):
        if at in taken:
            at += 1
            continue
        end = next((place for place in range(at, len(read.tokens)) if place in taken), len(read.tokens))
        row = read.tokens[:end]
        length, meanings = read.own.match(row, at)
        shared, terms = vocabulary("common").match(row, at)
        if shared > length or (shared == length and length and not any(kind in CONTENT for kind, _ in meanings)):
            length, meanings = shared, terms
        if not any(kind in CONTENT or kind in ("unit", "number", "word") for kind, _ in meanings) and length < 2:
            foreign = _foreign(row, at, others)
            if foreign[0] > length or (foreign[0] and not meanings):
                length, meanings = foreign
        last = at + max(1, length)
        words = [read.fixed[place] for place in range(at, last) if place in read.fixed]
        start, stop = read.tokens[at].start, read.tokens[last - 1].end
        out.append(Atom(at, last, start, stop, meanings, " ".join(words)))
        at = last
    return out


def _foreign(row: Sequence[Token], at: int, others: Sequence[Vocabulary]) -> tuple[int, tuple[Meaning, ...]]:
    """What another language knows here, if it is a wish and no short word."""
    best: tuple[int, tuple[Meaning, ...]] = (0, ())
    if len(row[at].text) < _FOREIGN and not is_han(row[at].text):
        return best
    for own in others:
        length, meanings = own.match(row, at)
        wishes = tuple(meaning for meaning in meanings if meaning[0] in CONTENT)
        if wishes and length > best[0]:
            best = (length, wishes)
    return best
