"""What sits in the lanes of a score or a track: tempo, metre, key, chords, texts, controllers.

Lanes are lists sorted by tick; events on one tick keep their order. Every event is a frozen value that checks
itself, and its canonical form is its fields as integers and strings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from typing import Any

from workbench.errors import BadDocument

DEFAULT_TEMPO = 500_000  # microseconds per quarter: 120 quarters a minute
MAX_TICK = 2**31 - 1
MAX_TEXT = 10_000
MAX_EVENTS = 2_000_000

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}\Z")
_AUTHOR = re.compile(r"(human|imported|(human\+)?model:[A-Za-z0-9][A-Za-z0-9_./-]{0,95})\Z")
_SURROGATE = re.compile("[\ud800-\udfff]")
TEXT_KINDS = ("text", "copyright", "name", "instrument", "lyric", "marker", "cue", "program", "device")
MODES = ("major", "minor")
#: Chord qualities and their pitch classes above the root. The first eight are the Piano Genie chord families.
QUALITIES: dict[str, tuple[int, ...]] = {
    "maj": (0, 4, 7), "min": (0, 3, 7), "aug": (0, 4, 8), "dim": (0, 3, 6),
    "7": (0, 4, 7, 10), "maj7": (0, 4, 7, 11), "min7": (0, 3, 7, 10), "hdim7": (0, 3, 6, 10),
    "sus4": (0, 5, 7), "sus2": (0, 2, 7), "dim7": (0, 3, 6, 9), "6": (0, 4, 7, 9), "min6": (0, 3, 7, 9),
    "minmaj7": (0, 3, 7, 11), "5": (0, 7), "7sus4": (0, 5, 7, 10), "9": (0, 4, 7, 10, 2), "maj9": (0, 4, 7, 11, 2),
    "min9": (0, 3, 7, 10, 2), "aug7": (0, 4, 8, 10),
}  # fmt: skip


def check_int(value: Any, low: int, high: int, what: str) -> int:
    """Return ``value`` if it is an ``int`` (no bool) from ``low`` to ``high``; ``what`` begins the complaint."""
    if type(value) is not int or not low <= value <= high:
        raise BadDocument(f"{what} must be a whole number from {low} to {high}, not {str(value)[:40]!r}.")
    return value


def check_text(value: Any, what: str, limit: int = MAX_TEXT) -> str:
    """Return ``value`` if it is text without lone surrogates, at most ``limit`` characters long."""
    if not isinstance(value, str) or len(value) > limit or _SURROGATE.search(value):
        raise BadDocument(f"{what} must be text of at most {limit} characters.")
    return value


def check_flag(value: Any, what: str) -> bool:
    """Return ``value`` as a bool if it is 0 or 1."""
    if value not in (0, 1):
        raise BadDocument(f"{what} must be 0 or 1.")
    return bool(value)


def check_id(value: Any, what: str = "An id") -> str:
    """Return ``value`` if it is a legal id (ASCII letters, digits, ``_ . -``; 64 characters at most)."""
    if not isinstance(value, str) or not _ID.match(value):
        raise BadDocument(f"{what} must be 1 to 64 letters, digits, dots, dashes or underscores.")
    return value


def check_author(value: Any) -> str:
    """Return ``value`` if it is ``human``, ``imported``, ``model:<id>`` or ``human+model:<id>``."""
    if not isinstance(value, str) or not _AUTHOR.match(value):
        raise BadDocument(f"{str(value)[:60]!r} is not a known kind of author.")
    return value


def check_record(data: Any, known: set[str], needed: set[str], what: str) -> dict[str, Any]:
    """Return ``data`` if it is an object with all of ``needed`` and nothing beyond ``known``."""
    if not isinstance(data, dict):
        raise BadDocument(f"{what} must be a JSON object.")
    if not known >= data.keys() or not needed <= data.keys():
        odd = sorted(str(key)[:40] for key in data.keys() - known) or sorted(needed - data.keys())
        raise BadDocument(f"{what} has unknown or missing fields: {', '.join(odd[:5])}.")
    return data


def check_list(value: Any, what: str, limit: int) -> list[Any]:
    """Return ``value`` if it is a list of at most ``limit`` items."""
    if not isinstance(value, list) or len(value) > limit:
        raise BadDocument(f"{what} must be a list of at most {limit:,} items.")
    return value


class LaneEvent:
    """Base of everything that sits in a lane: a frozen dataclass whose first field is ``tick``."""

    __slots__ = ()
    tick: int

    def to_dict(self) -> dict[str, Any]:
        """Canonical form: every field, always."""
        return {name: getattr(self, name) for name in _field_names(type(self))}

    @classmethod
    def from_dict(cls, data: Any) -> Any:
        """Read the canonical form; raises :class:`BadDocument` on anything else."""
        names = set(_field_names(cls))
        what = f"A {cls.__name__.lower()}"
        data = check_record(data, names, names, what)
        for item in fields(cls):  # type: ignore[arg-type]
            if type(data[item.name]).__name__ != item.type:
                raise BadDocument(f"{what} holds a wrong kind of value in {item.name}.")
        return cls(**data)


_NAMES: dict[type, tuple[str, ...]] = {}


def _field_names(cls: type) -> tuple[str, ...]:
    if cls not in _NAMES:
        _NAMES[cls] = tuple(item.name for item in fields(cls))
    return _NAMES[cls]


@dataclass(frozen=True, slots=True)
class Tempo(LaneEvent):
    """Tempo from ``tick`` on, in microseconds per quarter (1 to 16,777,215, as in MIDI)."""

    tick: int
    us_per_quarter: int = DEFAULT_TEMPO

    def __post_init__(self) -> None:
        check_int(self.tick, 0, MAX_TICK, "A tempo's tick")
        check_int(self.us_per_quarter, 1, 0xFFFFFF, "A tempo")


@dataclass(frozen=True, slots=True)
class Meter(LaneEvent):
    """Metre from ``tick`` on; ``clocks`` and ``thirty_seconds`` are MIDI's metronome fields, kept as found."""

    tick: int
    numerator: int = 4
    denominator: int = 4
    clocks: int = 24
    thirty_seconds: int = 8

    def __post_init__(self) -> None:
        check_int(self.tick, 0, MAX_TICK, "A metre's tick")
        check_int(self.numerator, 1, 255, "A metre's upper number")
        if self.denominator not in (1, 2, 4, 8, 16, 32, 64, 128, 256):
            raise BadDocument("A metre's lower number must be a power of two up to 256.")
        check_int(self.clocks, 0, 255, "A metre's clock count")
        check_int(self.thirty_seconds, 0, 255, "A metre's count of thirty-seconds")


@dataclass(frozen=True, slots=True)
class Key(LaneEvent):
    """Key signature from ``tick`` on: sharps (positive) or flats (negative), and ``major`` or ``minor``."""

    tick: int
    fifths: int = 0
    mode: str = "major"

    def __post_init__(self) -> None:
        check_int(self.tick, 0, MAX_TICK, "A key's tick")
        check_int(self.fifths, -7, 7, "A key's number of sharps or flats")
        if self.mode not in MODES:
            raise BadDocument("A key's mode must be major or minor.")

    @property
    def tonic(self) -> int:
        """Pitch class of the tonic, 0 = C."""
        return (self.fifths * 7 + (9 if self.mode == "minor" else 0)) % 12


@dataclass(frozen=True, slots=True)
class Text(LaneEvent):
    """A text of the score (markers, cues, copyright) or of a track (lyrics, instrument names)."""

    tick: int
    kind: str
    text: str

    def __post_init__(self) -> None:
        check_int(self.tick, 0, MAX_TICK, "A text's tick")
        if self.kind not in TEXT_KINDS:
            raise BadDocument(f"A text's kind must be one of {', '.join(TEXT_KINDS)}.")
        check_text(self.text, "A text")


@dataclass(frozen=True, slots=True)
class Chord(LaneEvent):
    """A chord of the chord lane: root and bass as pitch classes, quality one of :data:`QUALITIES`."""

    tick: int
    duration: int
    root: int
    quality: str = "maj"
    bass: int = -1  # -1: the root

    def __post_init__(self) -> None:
        check_int(self.tick, 0, MAX_TICK, "A chord's tick")
        check_int(self.duration, 0, MAX_TICK, "A chord's duration")
        check_int(self.root, 0, 11, "A chord's root")
        check_int(self.bass, -1, 11, "A chord's bass")
        if self.quality not in QUALITIES:
            raise BadDocument("A chord's quality is not a known one.")

    @property
    def pitch_classes(self) -> frozenset[int]:
        """Pitch classes that sound, the bass included."""
        tones = {(self.root + step) % 12 for step in QUALITIES[self.quality]}
        return frozenset(tones | ({self.bass} if self.bass >= 0 else set()))


def joined_chords(chords: Iterable[Chord]) -> list[Chord]:
    """Chords by time, those that follow an equal one without a gap joined to it."""
    out: list[Chord] = []
    for chord in chords:
        last = out[-1] if out else None
        same = last and (last.root, last.quality, last.bass) == (chord.root, chord.quality, chord.bass)
        if last and same and last.tick + last.duration == chord.tick:
            out[-1] = replace(last, duration=last.duration + chord.duration)
        else:
            out.append(chord)
    return out


@dataclass(frozen=True, slots=True)
class Control(LaneEvent):
    """A MIDI controller event (64 sustain, 7 volume, 10 pan, 11 expression ...)."""

    tick: int
    number: int
    value: int

    def __post_init__(self) -> None:
        check_int(self.tick, 0, MAX_TICK, "A controller's tick")
        check_int(self.number, 0, 127, "A controller's number")
        check_int(self.value, 0, 127, "A controller's value")


@dataclass(frozen=True, slots=True)
class Bend(LaneEvent):
    """A pitch bend, -8192 to 8191; kept in MIDI, not rendered."""

    tick: int
    value: int

    def __post_init__(self) -> None:
        check_int(self.tick, 0, MAX_TICK, "A bend's tick")
        check_int(self.value, -8192, 8191, "A bend's value")


@dataclass(frozen=True, slots=True)
class Program(LaneEvent):
    """A change of program inside a track (the first one is the track's own ``program``)."""

    tick: int
    program: int

    def __post_init__(self) -> None:
        check_int(self.tick, 0, MAX_TICK, "A program change's tick")
        check_int(self.program, 0, 127, "A program")


@dataclass(frozen=True, slots=True)
class Raw(LaneEvent):
    """A MIDI message that the document has no words for (pressure, system exclusive ...), as hexadecimal bytes.

    Channel messages are stored for channel 0 and moved to the track's channel when written.
    """

    tick: int
    data: str

    def __post_init__(self) -> None:
        check_int(self.tick, 0, MAX_TICK, "A message's tick")
        if not isinstance(self.data, str) or not re.fullmatch(r"([0-9a-f]{2}){1,65536}", self.data):
            raise BadDocument("A raw message must be bytes in hexadecimal.")


@dataclass(frozen=True, slots=True)
class Silence(LaneEvent):
    """A stretch of a track that the mixer mutes: from ``tick`` for ``duration`` ticks."""

    tick: int
    duration: int

    def __post_init__(self) -> None:
        check_int(self.tick, 0, MAX_TICK, "A muted range's tick")
        check_int(self.duration, 1, MAX_TICK, "A muted range's duration")


SCORE_LANES: dict[str, type[LaneEvent]] = {
    "chords": Chord, "keys": Key, "meters": Meter, "tempos": Tempo, "texts": Text, "raws": Raw,
}  # fmt: skip
TRACK_LANES: dict[str, type[LaneEvent]] = {
    "bends": Bend, "controls": Control, "programs": Program, "raws": Raw, "silences": Silence, "texts": Text,
}  # fmt: skip


def read_lane(value: Any, kind: type[LaneEvent], name: str) -> list[Any]:
    """Read a lane from its JSON form; it must already be sorted by tick."""
    events = [kind.from_dict(item) for item in check_list(value, f"The lane {name}", MAX_EVENTS)]
    if any(after.tick < before.tick for before, after in pairwise(events)):
        raise BadDocument(f"The lane {name} is not in the order of time.")
    return events
