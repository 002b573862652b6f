"""Numbers with what they count: lengths, bars, tempos, metres; and keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.understand.labels import key_name
from workbench.understand.words.atoms import Atom, Reading
from workbench.understand.words.tokens import is_han
from workbench.understand.words.vocabulary import Vocabulary, vocabulary
from workbench.understand.words.wishes import LANGUAGES

#: Slowest and fastest beats a minute, shortest and longest piece in seconds, most bars that are taken for meant.
TEMPOS, SECONDS, MOST_BARS = (20.0, 320.0), (1.0, 3_600.0), 400
_UNITS = (2, 4, 8, 16)


@dataclass(frozen=True, slots=True)
class Amount:
    """Atoms ``first`` to ``last`` (excluded) mean ``value`` of a chip's ``kind``."""

    first: int
    last: int
    kind: str
    value: str


def amounts(read: Reading, row: Sequence[Atom]) -> list[Amount]:
    """Every amount among the atoms, from left to right."""
    out: list[Amount] = []
    at = 0
    while at < len(row):
        found = (
            _clock(read, row, at) or _metre(read, row, at) or _length(read, row, at) or _counted(read, row, at)
            or _tempo(read, row, at)
        )  # fmt: skip
        if found:
            out.append(found)
        at = found.last if found else at + 1
    return out


def number_at(read: Reading, row: Sequence[Atom], at: int) -> float | None:
    """The number that an atom is, in figures or in words."""
    if at >= len(row):
        return None
    token = read.tokens[row[at].first]
    if token.kind == "number":
        try:
            return float(token.raw.replace(",", "."))
        except ValueError:
            return None
    return float(row[at].value("number")) if row[at].has("number") else None


def _span(read: Reading, row: Sequence[Atom], at: int) -> tuple[float, int] | None:
    """A number, or the middle of two ("90 to 100", "90-100"), and the atom behind it."""
    first = number_at(read, row, at)
    if first is None:
        return None
    if at + 1 < len(row):
        between = read.text[row[at].end : row[at + 1].start].strip()
        step = 1 if between in ("-", "\u2013", "~") else 2 if row[at + 1].has("word", "range") else 0
        second = number_at(read, row, at + step) if step else None
        if second is not None and first < second <= 3 * first:
            return (first + second) / 2, at + step + 1
    return first, at + 1


def _is(row: Sequence[Atom], at: int, kind: str, value: str) -> bool:
    return 0 <= at < len(row) and row[at].has(kind, value)


def _clock(read: Reading, row: Sequence[Atom], at: int) -> Amount | None:
    token = read.tokens[row[at].first]
    if token.kind != "clock":
        return None
    minutes, _, seconds = token.raw.partition(":")
    whole = 60 * int(minutes) + int(seconds)
    if int(seconds) > 59 or not 3 <= whole <= SECONDS[1]:
        return None
    return Amount(at, at + 1 + _is(row, at + 1, "unit", "minutes"), "length", f"{whole}")


def _metre(read: Reading, row: Sequence[Atom], at: int) -> Amount | None:
    """A metre in figures: "3/4", "6 by 8"."""
    token, last = read.tokens[row[at].first], at + 1
    beats, _, unit = token.raw.partition("/")
    if token.kind == "number" and _is(row, at + 1, "word", "by") and at + 2 < len(row):
        unit, last = read.tokens[row[at + 2].first].raw, at + 3
    elif token.kind != "fraction":
        return None
    if not (beats.isdecimal() and unit.isdecimal() and 1 < int(beats) <= 16 and int(unit) in _UNITS):
        return None
    return Amount(at, last, "metre", f"{int(beats)}/{int(unit)}")


def _length(read: Reading, row: Sequence[Atom], at: int) -> Amount | None:
    """Minutes with halves and seconds: "a minute and a half", "half a minute", "1 min 30", "90 seconds"."""
    half = _is(row, at, "word", "half")
    if half and (place := at + 1 + _is(row, at + 1, "word", "one")) < len(row) and _is(row, place, "unit", "minutes"):
        return Amount(at, place + 1, "length", "30")
    found = _span(read, row, at)
    if found is None and _is(row, at, "word", "one") and _is(row, at + 1, "unit", "minutes"):
        found = (1.0, at + 1)
    if found is None and _is(row, at, "unit", "minutes") and _is(row, at + 1, "word", "and_half"):
        found = (1.0, at)
    if found is None:
        return None
    value, place = found
    if _is(row, place, "word", "and_half") and _is(row, place + 1, "unit", "minutes"):
        value, place = value + 0.5, place + 1
    if _is(row, place, "unit", "seconds"):
        return _lasting(at, place + 1, value)
    if not _is(row, place, "unit", "minutes"):
        return None
    seconds, place = 60.0 * value, place + 1
    if _is(row, place, "word", "and_half"):
        return _lasting(at, place + 1, seconds + 30.0)
    joined = place + _is(row, place, "word", "and")
    rest = number_at(read, row, joined)
    if rest is not None and rest < 60 and (joined == place or _is(row, joined + 1, "unit", "seconds")):
        unit = _is(row, joined + 1, "unit", "seconds")
        if unit or not any(_is(row, joined + 1, "unit", other) for other in ("bars", "bpm", "minutes", "beats")):
            return _lasting(at, joined + 1 + unit, seconds + rest)
    return _lasting(at, place, seconds)


def _lasting(first: int, last: int, seconds: float) -> Amount | None:
    return Amount(first, last, "length", f"{seconds:g}") if SECONDS[0] <= seconds <= SECONDS[1] else None


def _counted(read: Reading, row: Sequence[Atom], at: int) -> Amount | None:
    """Bars, and beats a minute with their unit: "8 bars", "96 bpm", "every minute 96 beats"."""
    before = _is(row, at, "unit", "perminute")
    found = _span(read, row, at + before)
    if found is None:
        return None
    value, place = found
    if _is(row, place, "unit", "bars") and 1 <= value <= MOST_BARS and not before:
        return Amount(at, place + 1, "bars", f"{round(value)}")
    beats = _is(row, place, "unit", "beats") and (before or _is(row, place + 1, "unit", "perminute") or value >= 30)
    if _is(row, place, "unit", "bpm") or beats or (before and value >= 30):
        last = place + (_is(row, place, "unit", "bpm") or _is(row, place, "unit", "beats"))
        last += _is(row, last, "unit", "perminute")
        return _beating(at, last, value)
    return None


def _tempo(read: Reading, row: Sequence[Atom], at: int) -> Amount | None:
    """A number behind a word for tempo: "tempo: 96", "at 120", "= 72"."""
    sign = read.tokens[row[at].first].text == "="
    if not sign and not row[at].has("word", "at") and not row[at].has("unit", "bpm"):
        return None
    place = at + 1
    while place < min(len(row), at + 4) and not sign:
        if not (row[place].has("filler") or read.tokens[row[place].first].text in (":", "=")):
            break
        if number_at(read, row, place) is not None:
            break
        place += 1
    found = _span(read, row, place)
    if found is None or any(_is(row, found[1], "unit", unit) for unit in ("seconds", "minutes", "bars")):
        return None
    if not 30 <= found[0] <= 300 or read.tokens[row[place].first].kind != "number":
        return None
    last = found[1] + (_is(row, found[1], "unit", "bpm") or _is(row, found[1], "unit", "beats"))
    return _beating(at, last, found[0])


def _beating(first: int, last: int, value: float) -> Amount | None:
    return Amount(first, last, "tempo", f"{value:g}") if TEMPOS[0] <= value <= TEMPOS[1] else None


def keys(read: Reading) -> list[Amount]:
    """Every key among the tokens; here ``first`` and ``last`` count tokens."""
    out: list[Amount] = []
    at = 0
    while at < len(read.tokens):
        found = _key_at(read, at)
        if found:
            out.append(found)
        at = found.last if found else at + 1
    return out


def _key_at(read: Reading, at: int) -> Amount | None:
    others = [vocabulary(name) for name in LANGUAGES if name != read.language]
    found = _key_in(read, at, read.own)
    return found or next(filter(None, (_key_in(read, at, own, needs_mode=True) for own in others)), None)


def _key_in(read: Reading, at: int, own: Vocabulary, needs_mode: bool = False) -> Amount | None:
    """The key that begins at a token, in the words of one language."""
    row = read.tokens
    first = at
    before = 0
    if is_han(row[at].text) and at + 1 < len(row):
        before = (row[at].text in own.sharps) - (row[at].text in own.flats)
        at += before != 0
    note = _note(read, at, own)
    if note is None:
        return None
    pitch, place, spelled = note[0] + before, at + 1, note[1]
    if place < len(row) and (row[place].text in own.sharps or row[place].text in own.flats):
        pitch += 1 if row[place].text in own.sharps else -1
        place, spelled = place + 1, True
    length, meanings = own.match(row, place) if place < len(row) else (0, ())
    mode = next((value for kind, value in meanings if kind == "mode"), "")
    if mode and not _only_article(read, at, place, length):
        return Amount(first, place + length, "key", key_name(pitch % 12, mode))
    if mode or needs_mode:
        return None
    if place < len(row) and row[place].text == "\u8c03" and row[at].raw.isascii():
        return Amount(first, place + 1, "key", key_name(pitch % 12, "major"))
    return _bare_key(read, at, place, pitch % 12, spelled)


def _note(read: Reading, at: int, own: Vocabulary) -> tuple[int, bool] | None:
    """Pitch class of a note's name at a token, and whether it is spelled with a sign of its own ("C#", "Bb")."""
    if at >= len(read.tokens) or read.tokens[at].kind != "word":
        return None
    word, raw = read.tokens[at].text.removesuffix("m") if len(read.tokens[at].text) > 1 else "", read.tokens[at].raw
    word = word or read.tokens[at].text
    if read.tokens[at].text in own.notes:
        return own.notes[read.tokens[at].text], False
    letters = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
    if word[0] in letters and word[1:] in ("", "#", "\u266d", "b") and (len(word) > 1 or raw[0].isupper()):
        step = 1 if word[1:] == "#" else -1 if word[1:] else 0
        return letters[word[0]] + step, bool(word[1:]) or raw.endswith("m")
    return None


def _only_article(read: Reading, at: int, place: int, length: int) -> bool:
    """Whether the English "a minor ..." is an article: "in a minor key", "with a major build"."""
    token = read.tokens[at]
    if read.language != "en" or token.raw != "a" or place != at + 1:
        return False
    if length > 1:  # "minor key"
        return True
    behind = read.tokens[place + length] if place + length < len(read.tokens) else None
    return behind is not None and behind.kind == "word" and not (at and read.tokens[at - 1].text in ("in", "of"))


def _bare_key(read: Reading, at: int, place: int, pitch: int, spelled: bool) -> Amount | None:
    """A key without its mode: "key of G", "in Bb", "in F#m"."""
    row = read.tokens
    raw = row[at].raw
    for back in range(4, 0, -1):
        if at - back < 0:
            continue
        length, meanings = read.own.match(row, at - back)
        if length == back and ("word", "in_key") in meanings:
            named = back > 1 or len(row[at - 1].text) > 2  # more than "in"
            behind = row[place] if place < len(row) else None
            ends = behind is None or behind.kind == "mark"
            clear = raw[0].isupper() and (spelled or (len(raw) == 1 and ends))
            if not (clear or (named and (raw[0].isupper() or spelled))):
                return None
            small = raw.endswith("m") and len(raw) > 1
            return Amount(at, place, "key", key_name(pitch, "minor" if small else "major"))
    if spelled and len(raw) == 3 and raw[0].isupper() and raw.endswith("m"):  # C#m, Bbm
        return Amount(at, place, "key", key_name(pitch, "minor"))
    return None
