"""The fields and symbols of ABC: keys, metres, unit lengths, tempos, chord symbols (ABC standard 2.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction

from workbench.score.notation.tables import STEPS

_MODES = {
    "": 0,
    "m": -3,
    "maj": 0,
    "ion": 0,
    "mix": -1,
    "dor": -2,
    "min": -3,
    "aeo": -3,
    "phr": -4,
    "loc": -5,
    "lyd": 1,
}
_FIFTHS = {"C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5, "F": -1}
_SHARPS = "FCGDAEB"
_KEY = re.compile(r"([A-G])([#b]?)\s*([A-Za-z]*)")
_EXPLICIT = re.compile(r"(\^\^|__|[\^_=])([A-Ga-g])(?![A-Za-z])")
_LENGTH = re.compile(r"(\d{1,4})\s*/\s*(\d{1,4})")
_CHORD = re.compile(r"([A-G])([#b♯♭]?)([^/]*)(?:/([A-Ga-g])([#b♯♭]?))?$")
_QUALITIES = {
    "": "maj", "maj": "maj", "M": "maj", "m": "min", "min": "min", "mi": "min", "-": "min", "7": "7", "dom7": "7",
    "maj7": "maj7", "M7": "maj7", "m7": "min7", "min7": "min7", "dim": "dim", "o": "dim", "°": "dim", "dim7": "dim7",
    "o7": "dim7", "aug": "aug", "+": "aug", "aug7": "aug7", "+7": "aug7", "sus": "sus4", "sus4": "sus4", "sus2": "sus2",
    "6": "6", "m6": "min6", "9": "9", "m9": "min9", "maj9": "maj9", "m7b5": "hdim7", "ø": "hdim7", "7sus4": "7sus4",
    "7sus": "7sus4", "5": "5", "m(maj7)": "minmaj7", "mmaj7": "minmaj7",
}  # fmt: skip
_ALTER = {"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1}
SIGNS = {"^": 1, "^^": 2, "_": -1, "__": -2, "=": 0}


@dataclass(slots=True)
class KeyField:
    """A key: the signature it shows, its mode, and what each step is altered by."""

    fifths: int = 0
    mode: str = "major"
    alters: dict[str, int] = field(default_factory=dict)


def read_key(text: str) -> KeyField | None:
    """The ``K:`` field; None if it names no key (a clef alone)."""
    text = text.strip()
    if text[:2] in ("HP", "Hp"):  # bagpipes: two sharps, a natural G
        return KeyField(2, "major", {"F": 1, "C": 1})
    found = _KEY.match(text)
    if found is None and text[:4].lower() != "none" and text:
        return None
    fifths, minor = 0, False
    if found is not None:
        word = found[3] if found[3] in ("m", "M") else found[3].lower()[:3]
        shift = _MODES.get("" if word == "M" else word, 0)
        fifths = _FIFTHS[found[1]] + 7 * _ALTER[found[2]] + shift
        minor = shift in (-2, -3, -4, -5)
    while abs(fifths) > 7:
        fifths -= 12 if fifths > 0 else -12
    steps = _SHARPS[:fifths] if fifths > 0 else _SHARPS[fifths:] if fifths else ""
    key = KeyField(fifths, "minor" if minor else "major", dict.fromkeys(steps, 1 if fifths > 0 else -1))
    if re.search(r"\bexp\b", text):
        key.alters.clear()
    for sign, step in _EXPLICIT.findall(text[found.end(2) if found else 0 :]):
        key.alters[step.upper()] = SIGNS[sign]
    return key


def read_meter(text: str) -> tuple[int, int] | None:
    """The ``M:`` field; None for free metre."""
    text = text.strip()
    if text[:2] == "C|":
        return 2, 2
    if text[:1] == "C":
        return 4, 4
    found = re.match(r"\(?\s*(\d{1,2}(?:\s*\+\s*\d{1,2})*)\s*\)?\s*/\s*(\d{1,3})", text)
    if found is None:
        return None
    upper, lower = sum(int(number) for number in found[1].split("+")), int(found[2])
    return (upper, lower) if upper and lower in (1, 2, 4, 8, 16, 32, 64) else None


def read_unit(text: str) -> Fraction | None:
    """The ``L:`` field in quarters."""
    found = _LENGTH.search(text)
    if found is None or not int(found[1]) or not int(found[2]):
        return Fraction(4) if text.strip() == "1" else None
    return Fraction(4 * int(found[1]), int(found[2]))


def default_unit(meter: tuple[int, int] | None) -> Fraction:
    """The unit length of a tune that names none: a sixteenth in short metres, else an eighth."""
    return Fraction(1, 4) if meter is not None and meter[0] * 4 < meter[1] * 3 else Fraction(1, 2)


def read_tempo(text: str, unit: Fraction) -> int | None:
    """The ``Q:`` field in microseconds per quarter."""
    text = re.sub(r'"[^"]*"', " ", text)
    found = re.search(r"(?:^|=)\s*(\d{1,4}(?:\.\d+)?)\s*$", text)
    if found is None or not float(found[1]):
        return None
    beat = sum((Fraction(4 * int(a), int(b)) for a, b in _LENGTH.findall(text) if int(b)), Fraction(0))
    per_minute = float(found[1]) * float(beat or (unit if "=" in text else Fraction(1)))
    return min(0xFFFFFF, max(1, round(6e7 / per_minute)))


def read_chord(text: str) -> tuple[int, str, int, bool] | None:
    """Root, quality, bass and whether it was simplified; None if the text is no chord."""
    found = _CHORD.match(text.strip())
    if found is None:
        return None
    root = (STEPS[found[1]] + _ALTER[found[2]]) % 12
    bass = (STEPS[found[4].upper()] + _ALTER[found[5]]) % 12 if found[4] else -1
    name = found[3].strip()
    quality = _QUALITIES.get(name)
    if quality is not None:
        return root, quality, bass if bass != root else -1, False
    if name[:1] not in ("m", "M", "7", "9", "1", "6", "s", "d", "a", "+", "(", "b", "#", "-"):
        return None
    rough = "maj7" if name[:3] == "maj" else "min7" if name[0] in "m-" else "dim" if name[0] == "d" else "7"
    return root, rough, bass if bass != root else -1, True
