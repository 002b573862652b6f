"""The parts of what was read in pictures of a score: pages of systems of staves of events, and how notes are named.

Plain frozen values. Musical times are exact fractions of quarters; boxes are pixels ``(x, y, width, height)`` of the
page's own picture, see :func:`workbench.understand.score_image.read.page_images`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from workbench.errors import BadRequest
from workbench.understand.heard import number, whole

#: Most pages of one description, and most events.
MAX_PAGES = 200
MAX_EVENTS = 200_000
#: Longest duration or bar in quarters.
MAX_QUARTERS = 64
#: Clefs and the step (7 x octave + letter, C = 0) on their middle line.
CLEF_MIDDLES = {
    "G": 34, "G8": 27, "F": 22, "C1": 32, "C2": 30, "C3": 28, "C4": 26, "C5": 24, "F3": 24, "G1": 36,
}  # fmt: skip
_LETTERS = "CDEFGAB"
_NATURAL = (0, 2, 4, 5, 7, 9, 11)
_SIGNS = {-2: "bb", -1: "b", 0: "", 1: "#", 2: "##"}

Box = tuple[float, float, float, float]


def natural(step: int) -> int:
    """MIDI pitch of a step (7 x octave + letter) without any accidental."""
    return 12 * (step // 7 + 1) + _NATURAL[step % 7]


def key_alter(step: int, fifths: int) -> int:
    """What a key signature does to a step, in semitones."""
    order = (3, 0, 4, 1, 5, 2, 6) if fifths > 0 else (6, 2, 5, 1, 4, 0, 3)
    return (1 if fifths > 0 else -1) if step % 7 in order[: abs(fifths)] else 0


def spelled(step: int, alter: int) -> str:
    """A note's name with its octave, such as ``F#4`` or ``Bb3``."""
    return f"{_LETTERS[step % 7]}{_SIGNS[max(-2, min(2, alter))]}{step // 7}"


def step_of(name: Any) -> int:
    """The step of a note's name; raises :class:`BadRequest`."""
    text = name if isinstance(name, str) else ""
    octave = text.lstrip(_LETTERS).lstrip("#b")
    if not text or text[0] not in _LETTERS or not (octave.isdigit() and octave.isascii() and len(octave) == 1):
        raise BadRequest(f"{str(name)[:20]!r} is not the name of a note, such as F#4.")
    return 7 * int(octave) + _LETTERS.index(text[0])


def spell_pitch(pitch: int, fifths: int) -> int:
    """The step that a MIDI pitch is written on in a key: its own scale first, then sharps in sharp keys, else flats."""
    best = min(
        (
            abs(alter - key_alter(step, fifths)) + 0.1 * (alter < 0 if fifths >= 0 else alter > 0) + 0.5 * abs(alter),
            step,
        )
        for step in range(max(0, 7 * (pitch // 12 - 2)), 7 * (pitch // 12 + 1))
        if abs(alter := pitch - natural(step)) <= 2
    )
    return best[1]


def box_of(value: Any) -> Box:
    """A box of four numbers; raises :class:`BadRequest`."""
    if not isinstance(value, (list, tuple)) or len(value) != 4:
        raise BadRequest("A box must be four numbers: x, y, width, height.")
    x, y, width, height = (number(item, -100_000, 100_000, "A box's number") for item in value)
    return x, y, width, height


def quarters(value: Any, what: str, low: int = 0) -> Fraction:
    """A musical length in quarters from a number or ``[numerator, denominator]``; raises :class:`BadRequest`."""
    if isinstance(value, (list, tuple)) and len(value) == 2:
        top, bottom = whole(value[0], 0, 100_000, what), whole(value[1], 1, 100_000, what)
        out = Fraction(top, bottom)
    else:
        given = value if isinstance(value, Fraction) else number(value, low, MAX_QUARTERS, what)
        out = Fraction(given).limit_denominator(960)
    if not low <= out <= MAX_QUARTERS:
        raise BadRequest(f"{what} must be from {low} to {MAX_QUARTERS} quarters.")
    return out


@dataclass(frozen=True, slots=True)
class ReadEvent:
    """A chord (one note is a chord too) or a rest.

    ``onset``: quarters from the bar's start. ``pitches``: MIDI, rising, empty for a rest; ``names``: their spelling;
    ``signs``: the accidental written before each, in semitones, None for none. ``tie``: it is tied to what follows.
    ``grace``: a grace note, whose duration is 0. ``voice``: 1 or 2 of its staff (more where needed).
    """

    id: str
    measure: int
    onset: Fraction
    duration: Fraction
    pitches: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    signs: tuple[int | None, ...] = ()
    tie: bool = False
    grace: bool = False
    voice: int = 1
    confidence: float = 1.0
    box: Box = (0.0, 0.0, 0.0, 0.0)
    changed: bool = False

    @property
    def rest(self) -> bool:
        """Whether it is a rest."""
        return not self.pitches


@dataclass(frozen=True, slots=True)
class ReadBar:
    """One bar of a system. ``measure``: counted from 1 (0: a pickup) through the piece; ``length`` in quarters."""

    measure: int
    length: Fraction
    time: tuple[int, int]
    key: int
    box: Box = (0.0, 0.0, 0.0, 0.0)
    repeat_start: bool = False
    repeat_end: bool = False


@dataclass(frozen=True, slots=True)
class ReadStaff:
    """One staff of a system; ``clef`` (a name of :data:`CLEF_MIDDLES`), ``key`` (sharps, negative: flats) and ``time``
    hold at its start; ``clefs``: changes within as (measure, onset in quarters, clef); ``part``: index of its part.
    """

    clef: str
    key: int
    time: tuple[int, int]
    part: int = 0
    box: Box = (0.0, 0.0, 0.0, 0.0)
    events: tuple[ReadEvent, ...] = ()
    clefs: tuple[tuple[int, Fraction, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ReadSystem:
    """Staves that sound together, and their bars."""

    staves: tuple[ReadStaff, ...]
    bars: tuple[ReadBar, ...] = ()
    box: Box = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class ReadPage:
    """One page.

    ``width``, ``height``: pixels of its picture, in which all boxes lie. ``number``: which page of the source it is,
    counted from 1, 0 where nobody has said. ``turned``: it was upside down.
    """

    width: int
    height: int
    systems: tuple[ReadSystem, ...] = ()
    number: int = 0
    turned: bool = False


@dataclass(frozen=True, slots=True)
class ReadPart:
    """One player. ``program``: General MIDI."""

    name: str
    program: int = 0
