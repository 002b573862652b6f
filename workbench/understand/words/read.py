"""The one call: ``read_words("a calm waltz for piano, no drums, a minute and a half")``.

A parser: the text is cut into tokens, its language told, small spelling mistakes put right; keys, numbers with what
they count and the phrases of the vocabularies are found; "no", "very" and "only" reach over them. Each understood
stretch is a chip; what nothing was made of is listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from workbench.errors import BadRequest
from workbench.understand.words.amounts import amounts, keys
from workbench.understand.words.atoms import Atom, Reading, atoms, reading
from workbench.understand.words.combine import combine
from workbench.understand.words.refusals import HURTFUL, refusal
from workbench.understand.words.scopes import wishes
from workbench.understand.words.sentences import sentence
from workbench.understand.words.wishes import MAX_CHARACTERS, MAX_CHIPS, Chip, Wishes

#: Stretches that were not understood: how many are listed, and how long each may be.
_MOST, _LONGEST = 60, 80


def read_words(text: str) -> Wishes:
    """What a text asks for, in any of the five languages; at most :data:`MAX_CHARACTERS` of it are read.

    Raises:
        BadRequest: it is no text.
    """
    if not isinstance(text, str):
        raise BadRequest("What you want must be a text.")
    cut = text[:MAX_CHARACTERS]
    read = reading(cut)
    refused, taken = refusal(read)
    chips: list[Chip] = []
    left: list[str] = []
    if refused != HURTFUL:
        chips = _keys(read, taken)
        row = atoms(read, taken)
        found = amounts(read, row)
        spent = {place for amount in found for place in range(amount.first, amount.last)}
        for amount in found:
            chips.append(_chip(row[amount.first : amount.last], amount.kind, amount.value))
        rest = [atom for place, atom in enumerate(row) if place not in spent]
        wished = wishes(read, rest)
        if any(amount.kind in ("length", "bars") for amount in found):  # "short" says nothing beside "20 seconds"
            wished = [wish for wish in wished if wish.kind != "length"]
        used = {place for wish in wished for place in range(wish.first, wish.last)}
        chips += [_chip(rest[wish.first : wish.last], wish.kind, wish.value) for wish in wished]
        left = _left(read, [atom for place, atom in enumerate(rest) if place not in used])
    wanted = combine(cut, read.language, _numbered(chips), left, refused)
    if len(text) > MAX_CHARACTERS:
        wanted = replace(wanted, remarks=(*wanted.remarks, f"I read the first {MAX_CHARACTERS:,} characters."))
    return wanted


def _keys(read: Reading, taken: set[int]) -> list[Chip]:
    """The keys; their tokens are added to ``taken``."""
    out: list[Chip] = []
    for key in keys(read):
        places = set(range(key.first, key.last))
        if not places & taken:
            taken |= places
            start, end = read.tokens[key.first].start, read.tokens[key.last - 1].end
            out.append(Chip("", start, end, "key", key.value, sentence("key", key.value)))
    return out


def _chip(row: Sequence[Atom], kind: str, value: str) -> Chip:
    read_as = " ".join(atom.read_as for atom in row if atom.read_as)[:60]
    return Chip("", row[0].start, row[-1].end, kind, value, sentence(kind, value, read_as))


def _numbered(chips: Iterable[Chip]) -> list[Chip]:
    """The chips by their place, each with an id, and none twice."""
    out: dict[tuple[int, int, str, str], Chip] = {}
    for chip in sorted(chips, key=lambda chip: (chip.start, chip.end)):
        out.setdefault((chip.start, chip.end, chip.kind, chip.value), chip)
    kept = list(out.values())[:MAX_CHIPS]
    return [replace(chip, id=f"{chip.kind.replace(' ', '-')}-{place}") for place, chip in enumerate(kept)]


def _left(read: Reading, row: Sequence[Atom]) -> list[str]:
    """Runs of words of which nothing was made, as they were written."""
    runs: list[list[int]] = []
    for atom in row:
        token = read.tokens[atom.first]
        idle = atom.has("filler") or atom.has("word") or atom.has("unit")
        if token.kind == "mark" or (idle and not atom.content):
            continue
        joined = bool(runs) and atom.first == runs[-1][2]
        if joined:
            runs[-1][1:] = [atom.end, atom.last]
        else:
            runs.append([atom.start, atom.end, atom.last])
    return list(dict.fromkeys(read.text[start:end][:_LONGEST] for start, end, _ in runs))[:_MOST]
