"""What is wished for and what is not: the reach of "no", "very" and "only" over the atoms of a text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.understand.words.atoms import Atom, Reading
from workbench.understand.words.combine import strengthened
from workbench.understand.words.meanings import LEVELS, meanings
from workbench.understand.words.vocabulary import Meaning

#: Atoms that "no" may stand before what it is about; and those in which an "or" must come for a list to go on.
_REACH, _LIST = 6, 8
#: Atoms that may lie between two names of sections that follow each other.
_GAP = 5
_ADJECTIVES = ("mood", "level", "tempo word")
_STOPS = frozenset(".;!?\n()")
#: What "not fast" and the like come to; the others are left alone.
_NOT_TEMPO = {
    "very slow": "moderate", "slow": "moderate", "fast": "moderate", "very fast": "moderate", "lively": "relaxed",
    "presto": "moderate", "allegro": "moderate", "largo": "moderate", "adagio": "moderate",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wish:
    """Atoms ``first`` to ``last`` (excluded) mean ``value`` of a chip's ``kind``."""

    first: int
    last: int
    kind: str
    value: str


def wishes(read: Reading, row: Sequence[Atom]) -> list[Wish]:
    """Every wish among the atoms (amounts are no atoms any more), from left to right."""
    out: list[Wish] = []
    sections = _forms(read, row)
    out += sections
    spent = {place for wish in sections for place in range(wish.first, wish.last)}
    denied, less, since, last_kind, thing = -1, False, 0, "", True
    for at, atom in enumerate(row):
        sign = read.tokens[atom.first].text
        if at in spent or sign in _STOPS or (atom.has("word", "but") and denied >= 0 and last_kind):
            denied, last_kind = -1, ""
        if at in spent:
            continue
        if atom.has("word", "less") or (atom.has("word", "no") and not atom.has("word", "only") and not atom.content):
            if not (denied >= 0 and not last_kind):
                denied, since = at, 0
            less, last_kind = atom.has("word", "less"), ""
            thing = not (less or atom.has("word", "not"))
            continue
        if denied >= 0 and last_kind and not _goes_on(read, row, at, last_kind, thing):
            denied, last_kind = -1, ""
        found = atom.content
        if denied == at - 1 and not last_kind and sign == ",":  # "3/4? No, in 2/4"
            denied = -1
        if not found:
            since += 1
            if since > _REACH:
                denied, last_kind = -1, ""
            continue
        start, strength = _strength(row, at)
        if denied >= 0 and last_kind in _ADJECTIVES and atom.has("instrument") and out and out[-1].last == at:
            # "No loud drums" forbids the drums and says nothing of the volume.
            start = min(wish.first for wish in out if wish.last == at)
            out = [wish for wish in out if wish.last != at]
        for meaning in found:
            out += _wish(row, meaning, min(start, denied) if denied >= 0 and not last_kind else start, at,
                         strength, denied >= 0, less)  # fmt: skip
        if denied >= 0:
            last_kind, since = found[0][0], 0
    return sorted([*out, *_only(row, out)], key=lambda wish: wish.first)


def _goes_on(read: Reading, row: Sequence[Atom], at: int, kind: str, thing: bool) -> bool:
    """Whether a "no" that has met something already reaches on to this atom ("no drums, bass or guitar").

    ``thing``: it is one that things are denied with ("no loud drums"), unlike "not" ("not a fast guitar piece").
    """
    atom, sign = row[at], read.tokens[row[at].first].text
    if atom.has("word", "or") or sign == "\u3001" or (thing and kind in _ADJECTIVES and sign != ","):
        return True
    behind = row[at + 1 :]
    if sign == ",":
        return bool(behind) and behind[0].has(kind) and any(other.has("word", "or") for other in behind[:_LIST])
    if atom.has("word", "and") or sign in ("&", "+"):
        return bool(behind) and behind[0].has(kind)
    if not atom.content:
        return False
    before = row[at - 1]
    joined = before.has("word", "or") or before.has("word", "and") or read.tokens[before.first].text in ",\u3001&+"
    return joined and (atom.has(kind) or (kind in _ADJECTIVES and any(atom.has(other) for other in _ADJECTIVES)))


def _strength(row: Sequence[Atom], at: int) -> tuple[int, str]:
    """Where "very" or "slightly" before an atom begins, and which of them it is."""
    for word in ("very", "slightly"):
        if at and row[at - 1].has("word", word) and not row[at - 1].content:
            return at - 1, word
    return at, ""


def _wish(
    row: Sequence[Atom], meaning: Meaning, start: int, at: int, strength: str, denied: bool, less: bool
) -> list[Wish]:
    kind, value = meaning
    if kind == "tempo word":
        if denied:
            value = _NOT_TEMPO.get(value, "")
        elif strength == "very" and f"very {value}" in meanings().tempos:
            value = f"very {value}"
        elif strength == "slightly":
            value = {"slow": "relaxed", "fast": "lively"}.get(value, value)
        return [Wish(start, at + 1, kind, value)] if value else []
    if kind == "level":
        levels = meanings().levels[value]
        return [Wish(start, at + 1, level, f"{_level(levels[level], strength, denied):g}")
                for level in LEVELS if level in levels]  # fmt: skip
    if kind == "mood":
        return [Wish(start, at + 1, "not" if denied else kind, value if denied else f"{strength} {value}".strip())]
    if kind == "instrument":
        return [] if less and denied else [Wish(start, at + 1, "without" if denied else kind, value)]
    if kind == "without":
        return [Wish(start, at + 1, "instrument" if denied else kind, value)]
    if kind == "style":
        return [Wish(start, at + 1, "not style" if denied else kind, value)]
    if kind == "length word" and not denied:
        return [Wish(start, at + 1, "length", "30" if value == "short" else "180")]
    if kind == "mode":
        other = "minor" if value == "major" else "major"
        return [Wish(start, at + 1, kind, other if denied else value)]
    if kind == "shape":
        return [Wish(start, at + 1, kind, "steady" if denied else value)]
    if kind == "metre" and not denied:
        return [Wish(start, at + 1, kind, value)]
    return []


def _level(value: float, strength: str, denied: bool) -> float:
    """A level; denied, it lies somewhat on the other side of the middle."""
    return round(0.5 - 0.5 * (value - 0.5) if denied else strengthened(value, strength), 3)


def _only(row: Sequence[Atom], found: Sequence[Wish]) -> list[Wish]:
    """ "Only piano", "solo piano", "piano solo": the word stands beside an instrument, and no other is named apart."""
    named = [wish for wish in found if wish.kind == "instrument"]
    for at, atom in enumerate(row):
        solo = atom.has("word", "solo")
        if not (solo or atom.has("word", "only")) or atom.content:
            continue
        follows = any(wish.last == at for wish in named)  # a "guitar solo"
        ahead = [wish for wish in named if at < wish.first <= at + 2 and not follows]
        behind = [wish for wish in named if wish.last == at]
        alone = len({wish.value for wish in named}) == 1
        if (ahead and (alone or atom.has("word", "only"))) or (behind and alone):
            return [Wish(at, at + 1, "only", "")]
    return []


def _forms(read: Reading, row: Sequence[Atom]) -> list[Wish]:
    """Two or more names of sections in a row, or letters such as AABA."""
    out: list[Wish] = []
    at = 0
    while at < len(row):
        word = read.tokens[row[at].first].text
        if not row[at].has("section"):
            if re.fullmatch(r"a[abc]{2,11}", word) and "b" in word and read.tokens[row[at].first].raw.isupper():
                out.append(Wish(at, at + 1, "form", word))
            at += 1
            continue
        names, last, place, times = [row[at].value("section")], at, at + 1, 1
        while place < len(row) and place - last <= _GAP:
            token = read.tokens[row[place].first]
            if row[place].has("section"):
                names += [row[place].value("section")] * times
                last, times = place, 1
            elif row[place].has("number") or token.kind == "number":
                said = row[place].value("number") or token.raw
                times = int(said) if said in ("2", "3", "4") else 1
            elif row[place].content or (token.kind == "mark" and token.text not in ",+"):
                break
            place += 1
        if len(names) > 1 and len(names) <= 40:
            out.append(Wish(at, last + 1, "form", " ".join(names)))
        at = last + 1
    return out
