"""The vocabularies of the languages, from ``vocabulary/*.toml``, and finding their phrases in tokens."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product

from workbench.understand.words.meanings import FOLDER
from workbench.understand.words.tokens import Token, fold, tokens

#: Section of a file -> what its entries are about.
SECTIONS = {
    "words": "word", "unit": "unit", "length": "length word", "mode": "mode", "metre": "metre", "tempo": "tempo word",
    "mood": "mood", "level": "level", "style": "style", "instrument": "instrument", "without": "without",
    "section": "section", "shape": "shape",
}  # fmt: skip
#: What a wish can be made of.
CONTENT = frozenset(SECTIONS.values()) - {"word", "unit"}
#: The longest phrase, in tokens, and the fewest letters before a "*".
LONGEST = 9
SHORTEST_STEM = 3

Meaning = tuple[str, str]


@dataclass(slots=True)
class Vocabulary:
    """One language. ``phrases``: first word (or stem with its "*") -> phrases with their meanings.

    ``endings``: letters that a stem may have behind it. ``notes``: pitch classes of note names; ``sharps``, ``flats``.
    ``refuse``: phrases before a person's name, by what is asked of that person.
    """

    language: str
    endings: int
    phrases: dict[str, list[tuple[tuple[str, ...], Meaning]]] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)
    sharps: frozenset[str] = frozenset()
    flats: frozenset[str] = frozenset()
    refuse: dict[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    simplified: dict[str, str] = field(default_factory=dict)
    words: frozenset[str] = frozenset()
    stems: frozenset[str] = frozenset()

    def fits(self, pattern: str, word: str) -> bool:
        """Whether a word is the pattern's, or begins with its stem and has few letters more."""
        if not pattern.endswith("*"):
            return pattern == word
        return word.startswith(pattern[:-1]) and len(word) - len(pattern) + 1 <= self.endings

    def knows(self, word: str) -> bool:
        """Whether a word stands in any phrase."""
        return word in self.words or any(key in self.stems for key in self._stems(word))

    def _stems(self, word: str) -> Iterator[str]:
        for length in range(len(word), max(SHORTEST_STEM, len(word) - self.endings) - 1, -1):
            yield word[:length] + "*"

    def match(self, row: Sequence[Token], at: int) -> tuple[int, tuple[Meaning, ...]]:
        """How many tokens the longest phrase from here covers, and all that it means; 0 if none begins here."""
        word = row[at].text
        longest, found = 0, dict[Meaning, None]()
        for key in (word, *self._stems(word)):
            for phrase, meaning in self.phrases.get(key, ()):
                length = len(phrase)
                if length < longest or at + length > len(row):
                    continue
                if all(self.fits(phrase[step], row[at + step].text) for step in range(1, length)):
                    if length > longest:
                        longest, found = length, {}
                    found[meaning] = None
        return longest, tuple(found)


@functools.cache
def vocabulary(language: str) -> Vocabulary:
    """The vocabulary of a language ("en"), or the terms that all share ("common")."""
    data = tomllib.loads((FOLDER / "vocabulary" / f"{language}.toml").read_text(encoding="utf-8"))
    pairs = data.get("traditional", "").split()
    out = Vocabulary(language, int(data["endings"]), simplified={pair[0]: pair[1] for pair in pairs})
    entries: list[tuple[str, Meaning]] = [(phrase, ("filler", "")) for phrase in data["filler"].split("|")]
    for section, kind in SECTIONS.items():
        for value, phrases in data.get(section, {}).items():
            entries += [(phrase, (kind, value)) for phrase in phrases.split("|")]
    if "numbers" in data:
        entries += [(phrase, ("number", f"{value:g}")) for phrase, value in _numbers(data["numbers"])]
    words = set(data.get("others", "").split("|")) - {""}
    for phrase, meaning in entries:
        pattern = _pattern(phrase)
        if pattern:
            out.phrases.setdefault(pattern[0], []).append((pattern, meaning))
            words.update(pattern)
    out.stems = frozenset(word for word in words if word.endswith("*"))
    notes = data.get("note", {})
    out.sharps = frozenset(fold(word).replace("\u266f", "#") for word in notes.get("sharp", "").split("|") if word)
    out.flats = frozenset(fold(word) for word in notes.get("flat", "").split("|") if word)
    out.notes = {fold(name): value for name, value in notes.items() if isinstance(value, int)}
    out.words = frozenset(words) - out.stems | out.sharps | out.flats | out.notes.keys()
    out.refuse = {
        what: tuple(pattern for phrase in phrases.split("|") if (pattern := _pattern(phrase)))
        for what, phrases in data.get("refuse", {}).items()
    }  # fmt: skip
    return out


def _pattern(phrase: str) -> tuple[str, ...]:
    out: list[str] = []
    for part in phrase.split():
        stem = part.endswith("*")
        found = [token.text for token in tokens(part.removesuffix("*"))]
        if stem and found:
            found[-1] += "*"
        out += found
    return tuple(out[:LONGEST])


def _numbers(grammar: dict[str, str]) -> Iterator[tuple[str, float]]:
    """How whole numbers from 1 to 299 are said, by the patterns of a language."""
    units, tens = grammar["units"].split(), grammar["tens"].split()
    below: dict[int, list[str]] = {number: [word] for number, word in enumerate(units, start=1)}
    for ten, unit in product(range(2, 10), range(10)):
        number = 10 * ten + unit
        said = tens[ten - 1] if unit == 0 else grammar["two"].format(tens=tens[ten - 1], unit=units[unit - 1])
        below.setdefault(number, []).append(said)
        if unit == 1 and number not in (1, 11) and units[0] == "eins":
            below[number].append(grammar["two"].format(tens=tens[ten - 1], unit="ein"))
    for number, words in below.items():
        for word in words:
            yield word, float(number)
    for hundred in (1, 2):
        one = "ein" if units[0] == "eins" and hundred == 1 else units[hundred - 1]
        named = [way.format(unit=one) for way in grammar["hundred"].split("|") if hundred == 1 or "{unit}" in way]
        for word in named:
            yield word, 100.0 * hundred
        for rest, words in below.items():
            for word, way in product(words, grammar["over"].split("|")):
                if "{hundred}" not in way:
                    if hundred == 1:
                        yield way.format(rest=word), 100.0 + rest
                    continue
                for start in named:
                    yield way.format(hundred=start, rest=word), 100.0 * hundred + rest
    for item in grammar.get("more", "").split("|"):
        word, _, value = item.partition("=")
        if word:
            yield word, float(value)
