"""Chords for the Genie: what a person types, and what the decoder is told.

``parse_chords("C Am F G")`` reads the usual lead-sheet symbols. Where the network knows only eight families
(major, minor, augmented, diminished, dominant 7, major 7, minor 7, half-diminished), the nearest is used; a suspended
chord or a bare fifth tells it the root alone. Masks always use the chord's true tones.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.errors import BadRequest
from workbench.score.lanes import QUALITIES

MAX_CHORDS = 10_000
#: Index of the chord family that the network is told; qualities that are not listed tell it the root alone.
FAMILIES: dict[str, int] = {
    "maj": 0, "6": 0, "min": 1, "min6": 1, "minmaj7": 1, "aug": 2, "aug7": 2, "dim": 3, "dim7": 3,
    "7": 4, "9": 4, "7sus4": 4, "maj7": 5, "maj9": 5, "min7": 6, "min9": 6, "hdim7": 7,
}  # fmt: skip
_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SYMBOLS: dict[str, tuple[str, ...]] = {
    "maj": ("", "M", "maj", "major"), "min": ("m", "min", "-", "minor"), "aug": ("aug", "+"),
    "dim": ("dim", "°", "o"), "7": ("7", "dom7"), "maj7": ("maj7", "M7", "Δ", "Δ7", "ma7"),
    "min7": ("m7", "min7", "-7"), "hdim7": ("m7b5", "min7b5", "ø", "ø7", "hdim7", "-7b5"),
    "sus4": ("sus4", "sus"), "sus2": ("sus2",), "dim7": ("dim7", "°7", "o7"), "6": ("6", "maj6"),
    "min6": ("m6", "min6"), "minmaj7": ("mM7", "mmaj7", "minmaj7"), "5": ("5",), "7sus4": ("7sus4", "7sus"),
    "9": ("9",), "maj9": ("maj9", "M9"), "min9": ("m9", "min9"), "aug7": ("aug7", "+7", "7#5"),
}  # fmt: skip
_QUALITY = {symbol: quality for quality, symbols in _SYMBOLS.items() for symbol in symbols}
_SYMBOL = re.compile(r"([A-Ga-g])([#♯b♭]?)([^/\s]*)(?:/([A-Ga-g])([#♯b♭]?))?\Z")


@dataclass(frozen=True)
class PlayChord:
    """A chord that holds from ``time`` (seconds) until the next one; quality ``""`` means no chord."""

    time: float
    root: int = 0
    quality: str = ""
    bass: int = -1

    def __post_init__(self) -> None:
        if self.quality and self.quality not in QUALITIES:
            raise BadRequest(f"{self.quality!r} is not a kind of chord that the workbench knows.")
        if not 0 <= self.root <= 11 or not -1 <= self.bass <= 11 or not 0 <= self.time < 1e6:
            raise BadRequest("A chord needs a root and bass from 0 to 11 and a time in seconds.")

    @property
    def pitch_classes(self) -> frozenset[int]:
        """Pitch classes of the chord, the bass included; empty without a chord."""
        if not self.quality:
            return frozenset()
        tones = frozenset((self.root + step) % 12 for step in QUALITIES[self.quality])
        return tones | {self.bass} if self.bass >= 0 else tones

    @property
    def inputs(self) -> tuple[int, int]:
        """Root and family as the decoder takes them, -1 for none."""
        return (self.root, FAMILIES.get(self.quality, -1)) if self.quality else (-1, -1)


NO_CHORD = PlayChord(0.0)


def parse_symbol(text: str, time: float = 0.0) -> PlayChord:
    """One chord symbol, such as ``F#m7`` or ``C/E``; ``N``, ``NC``, ``-`` or ``%`` mean no chord.

    Raises:
        BadRequest: not a chord symbol.
    """
    if text.upper() in ("N", "NC", "N.C.", "-"):
        return PlayChord(time)
    match = _SYMBOL.match(text)
    quality = _QUALITY.get(match[3]) if match else None
    if match is None or quality is None:
        raise BadRequest(f"{text[:20]!r} is not a chord; write chords like C, Am, F#m7, Bb or G7.")
    bass = _pitch_class(match[4], match[5] or "") if match[4] else -1
    return PlayChord(time, _pitch_class(match[1], match[2]), quality, bass)


def _pitch_class(letter: str, sign: str) -> int:
    return (_STEPS[letter.upper()] + {"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1}[sign]) % 12


def parse_chords(text: str, seconds_each: float = 2.0, until: float = 0.0) -> list[PlayChord]:
    """Chord symbols, parted by spaces, commas or bar lines, each ``seconds_each`` long, repeated up to ``until``.

    Raises:
        BadRequest: no chord in the text, one that cannot be read, or times out of bounds.
    """
    words = [word for word in re.split(r"[\s,|]+", text) if word]
    if not words:
        raise BadRequest("Write at least one chord, for example C Am F G.")
    if not 0.05 <= seconds_each <= 600 or not 0 <= until <= 36_000:
        raise BadRequest("A chord must last from 0.05 to 600 seconds.")
    chords = [parse_symbol(word) for word in words]
    rounds = max(1, -(-int(until / seconds_each + 1) // len(chords)))
    if rounds * len(chords) > MAX_CHORDS:
        raise BadRequest(f"There may be at most {MAX_CHORDS:,} chords.")
    return [
        PlayChord(place * seconds_each, chord.root, chord.quality, chord.bass)
        for place, chord in enumerate(chords * rounds)
    ]


def chord_at(chords: Sequence[PlayChord], time: float) -> PlayChord:
    """The last chord that begins at or before ``time``; no chord before the first. ``chords`` in order of time."""
    found = NO_CHORD
    for chord in chords:
        if chord.time > time:
            break
        found = chord
    return found
