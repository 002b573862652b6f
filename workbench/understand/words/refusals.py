"""What is not done: imitating a person's voice or manner, and words that hurt. No list of people is kept.

A person is told by the words around the name: "sing like ...", "in the style of ..." before something that no
vocabulary knows. Words that hurt are kept as hashes (``vocabulary/hurtful.txt``), so that none stands here.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Sequence
from itertools import pairwise

from workbench.understand.words.atoms import Reading
from workbench.understand.words.meanings import FOLDER
from workbench.understand.words.tokens import Token, fold, is_han
from workbench.understand.words.vocabulary import Vocabulary, vocabulary
from workbench.understand.words.wishes import LANGUAGES

HURTFUL = "I would rather not work with these words; tell me what the music should feel like instead."
VOICE = "I don't imitate anyone's voice; tell me the mood or the genre you like in it, and I make something of its own."
STYLE = "I don't imitate people, so I left out {name}; name a genre or a mood instead, such as jazz, folk or dreamy."
#: Words of a name at most, and characters of a Chinese one.
_NAME, _HAN_NAME = 5, 8
_ARTICLES = frozenset({"the", "los", "las", "os", "as", "die", "den"})


def refusal(read: Reading) -> tuple[str, set[int]]:
    """The sentence ("" for none) and the tokens that it is about."""
    if hurtful([fold(token.raw) for token in read.tokens]) or hurtful([token.text for token in read.tokens]):
        return HURTFUL, set(range(len(read.tokens)))
    for what in ("voice", "style", "like"):
        for name in dict.fromkeys((read.language, *LANGUAGES)):
            own = vocabulary(name)
            found = _han(read, own, what) if name == "zh" else _named(read, own, what)
            if found:
                named = " ".join(read.tokens[place].raw for place in found[1])
                named = named.replace(" ", "") if is_han(named) else named
                sentence = VOICE if what == "voice" else STYLE.format(name=named[:60])
                return sentence, set(range(found[0], found[1][-1] + 1))
    return "", set()


def hurtful(words: Sequence[str]) -> bool:
    """Whether a folded word, or two or three together, is one of those that hurt."""
    pairs = [f"{one} {other}" for one, other in pairwise(words)]
    triples = ["".join(words[at : at + 3]) for at in range(len(words)) if is_han(words[at])]
    pairs += ["".join(pair) for pair in pairwise(words)] + triples
    return not _hashes().isdisjoint(map(digest, [*words, *pairs]))


def digest(word: str) -> str:
    """The hash under which a folded word stands in the list."""
    return hashlib.sha256(f"words:{word}".encode()).hexdigest()[:20]


@functools.cache
def _hashes() -> frozenset[str]:
    lines = (FOLDER / "vocabulary" / "hurtful.txt").read_text(encoding="ascii").split("\n")
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def _named(read: Reading, own: Vocabulary, what: str) -> tuple[int, list[int]] | None:
    """Where a phrase such as "in the style of" begins, and the tokens of the name behind it."""
    row = read.tokens
    for at in range(len(row)):
        for phrase in own.refuse.get(what, ()):
            end = at + len(phrase)
            if end > len(row) or not all(own.fits(part, row[at + step].text) for step, part in enumerate(phrase)):
                continue
            name = _name(read, end)
            capitals = sum(row[place].raw[0].isupper() for place in name)
            vague = what == "like" or phrase[-1] in ("like", "wie", "como")
            # "Sounds like rain" and "wie Regen" are no people; two capitals in a row, or a voice, are.
            if name and not (vague and what != "voice" and capitals < 2):
                return at, name
    return None


def _name(read: Reading, at: int) -> list[int]:
    """The tokens from ``at`` on that may be a person's name: words that nobody knows."""
    out: list[int] = []
    for place in range(at, min(len(read.tokens), at + _NAME)):
        token = read.tokens[place]
        # A word that was only understood as a misspelt one is rather a name when it has a capital.
        put_right = place in read.fixed
        if not out and place == at and token.text in _ARTICLES:
            continue
        named = bool(out) and token.raw[0].isupper() and read.language != "de"  # "Swift" behind "Taylor"
        if token.kind != "word" or is_han(token.text) or (_known(token.text) and not put_right and not named):
            break
        out.append(place)
    return out


def _known(word: str) -> bool:
    return any(vocabulary(name).knows(word) for name in ("common", *LANGUAGES))


def _han(read: Reading, own: Vocabulary, what: str) -> tuple[int, list[int]] | None:
    """The same in Chinese, where the name stands between two phrases: "like ... sings"."""
    row = read.tokens
    for at in range(len(row)):
        for phrase in own.refuse.get(what, ()):
            start = at + len(phrase)
            if not _stands(row, at, phrase):
                continue
            for end in range(start + 1, min(len(row), start + _HAN_NAME) + 1):
                if any(_stands(row, end, closing) for closing in own.refuse.get(f"{what}_end", ())):
                    unknown = [place for place in range(start, end) if not _covered(row, own, start, end, place)]
                    if len(unknown) >= 2 or any(not is_han(row[place].text) for place in unknown):
                        return at, list(range(start, end))
                    break
    return None


def _stands(row: Sequence[Token], at: int, phrase: tuple[str, ...]) -> bool:
    return tuple(token.text for token in row[at : at + len(phrase)]) == phrase


def _covered(row: Sequence[Token], own: Vocabulary, start: int, end: int, place: int) -> bool:
    """Whether a phrase of the vocabulary that lies between ``start`` and ``end`` covers this token."""
    at = start
    while at < end:
        length, _ = own.match(row[:end], at)
        if at <= place < at + max(1, length):
            return length > 0
        at += max(1, length)
    return False
