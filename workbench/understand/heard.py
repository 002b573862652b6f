"""The description of a recording: what was heard, how surely, and its JSON form.

Plain frozen values; all times are seconds from the recording's start. A person puts a description right with
:meth:`Heard.corrected`, which gives a new one. The JSON form is that of ``workbench transcribe --json``.
"""

from __future__ import annotations

import math
import operator
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import BadRequest
from workbench.understand.labels import key_name, read_chord

if TYPE_CHECKING:
    from workbench.score.score import Score

#: Longest recording in seconds, and most notes, beats or chords of one.
MAX_SECONDS = 4 * 3_600.0
MAX_ITEMS = 200_000
#: Times closer than this, in seconds, are the same.
SAME = 1e-3
KINDS = ("singing", "piano", "band")


def number(value: Any, low: float, high: float, what: str) -> float:
    """``value`` as a float if it is a number from ``low`` to ``high``; raises :class:`BadRequest`."""
    try:
        found = float(value) if not isinstance(value, (str, bytes, bool)) else math.nan
    except (TypeError, ValueError):
        found = math.nan
    if not low <= found <= high:
        raise BadRequest(f"{what} must be a number from {low:g} to {high:g}, not {str(value)[:30]!r}.")
    return found


def whole(value: Any, low: int, high: int, what: str) -> int:
    """``value`` as an int if it is a whole number from ``low`` to ``high``; raises :class:`BadRequest`."""
    try:
        found = operator.index(value) if not isinstance(value, bool) else low - 1
    except TypeError:
        found = low - 1
    if not low <= found <= high:
        raise BadRequest(f"{what} must be a whole number from {low} to {high}, not {str(value)[:30]!r}.")
    return found


def _span(item: Any, what: str) -> None:
    object.__setattr__(item, "start", number(item.start, 0.0, MAX_SECONDS, f"The start of {what} in seconds"))
    object.__setattr__(item, "end", number(item.end, 0.0, MAX_SECONDS, f"The end of {what} in seconds"))
    object.__setattr__(item, "confidence", number(item.confidence, 0.0, 1.0, f"The confidence of {what}"))
    if item.end - item.start < 0.99 * SAME:  # a millisecond exactly may have been rounded
        raise BadRequest(f"The end of {what} must come at least a millisecond after its start.")


@dataclass(frozen=True, slots=True)
class HeardNote:
    """One note. ``start``, ``end`` in seconds; ``pitch`` and ``velocity`` as in MIDI (velocity 1 to 127).

    ``confidence``: 0.0 to 1.0. ``cents``: how far what was heard lies above (or below) the pitch. ``drum``: the pitch
    names an instrument of the General MIDI drum kit.
    """

    start: float
    end: float
    pitch: int
    velocity: int = 80
    confidence: float = 1.0
    cents: float = 0.0
    drum: bool = False

    def __post_init__(self) -> None:
        _span(self, "a note")
        object.__setattr__(self, "pitch", whole(self.pitch, 0, 127, "A note's pitch"))
        object.__setattr__(self, "velocity", whole(self.velocity, 1, 127, "A note's velocity"))
        object.__setattr__(self, "cents", number(self.cents, -1_200.0, 1_200.0, "A note's deviation in cents"))


@dataclass(frozen=True, slots=True)
class HeardChord:
    """One chord from ``start`` to ``end`` in seconds; ``label`` in the syntax of mir_eval, ``N`` for none."""

    start: float
    end: float
    label: str
    confidence: float = 1.0

    def __post_init__(self) -> None:
        _span(self, "a chord")
        read_chord(self.label)


@dataclass(frozen=True, slots=True)
class HeardSection:
    """One part of the form, from ``start`` to ``end`` in seconds; equal ``label`` s sound alike."""

    start: float
    end: float
    label: str
    confidence: float = 1.0

    def __post_init__(self) -> None:
        _span(self, "a section")
        _label(self.label, "A section's name")


@dataclass(frozen=True, slots=True)
class HeardTag:
    """A guess about the recording as a whole, such as an instrument or a mood."""

    label: str
    confidence: float

    def __post_init__(self) -> None:
        _label(self.label, "A tag")
        object.__setattr__(self, "confidence", number(self.confidence, 0.0, 1.0, "The confidence of a tag"))


def _label(value: Any, what: str) -> None:
    if not isinstance(value, str) or not 1 <= len(value) <= 100 or not value.isprintable():
        raise BadRequest(f"{what} must be a text of 1 to 100 characters.")


@dataclass(frozen=True, slots=True)
class HeardKey:
    """The key: ``tonic`` as pitch class (0 = C), ``mode`` "major" or "minor"."""

    tonic: int
    mode: str
    confidence: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "tonic", whole(self.tonic, 0, 11, "A key's tonic"))
        object.__setattr__(self, "confidence", number(self.confidence, 0.0, 1.0, "The confidence of a key"))
        if self.mode not in ("major", "minor"):
            raise BadRequest("A key's mode must be major or minor.")

    @property
    def name(self) -> str:
        """Such as ``A minor``."""
        return key_name(self.tonic, self.mode)


def _floats(values: Iterable[Any], high: float, what: str) -> tuple[float, ...]:
    out = tuple(number(value, 0.0, high, what) for value in values)
    if len(out) > MAX_ITEMS:
        raise BadRequest(f"There may be at most {MAX_ITEMS:,} beats.")
    return out


@dataclass(frozen=True, slots=True)
class Beats:
    """The beats of a recording.

    ``beats``: rising times in seconds. ``downbeats``: those of them that begin a bar (within a millisecond; they are
    moved onto the beat). ``confidence``: one 0.0 to 1.0 a beat; left out: 1. ``tempo``: beats a minute; left out: the
    median of the beats' distances. ``metre``: beats a bar, 1 to 12.
    """

    beats: tuple[float, ...] = ()
    downbeats: tuple[float, ...] = ()
    confidence: tuple[float, ...] = ()
    tempo: float = 0.0
    metre: int = 4

    def __post_init__(self) -> None:
        beats = _floats(self.beats, MAX_SECONDS, "The time of a beat")
        if any(after - before < 9.9 * SAME for before, after in pairwise(beats)):
            raise BadRequest("Beats must rise in time, at least ten milliseconds apart.")
        downbeats = tuple(self._on_beat(beats, time) for time in self.downbeats)
        if any(after <= before for before, after in pairwise(downbeats)):
            raise BadRequest("Downbeats must rise in time.")
        confidence = _floats(self.confidence, 1.0, "The confidence of a beat") or (1.0,) * len(beats)
        if len(confidence) != len(beats):
            raise BadRequest("There must be one confidence a beat.")
        tempo = number(self.tempo, 0.0, 6_000.0, "A tempo")
        if not tempo and len(beats) > 1:
            tempo = 60.0 / float(np.median(np.diff(beats)))
        object.__setattr__(self, "beats", beats)
        object.__setattr__(self, "downbeats", downbeats)
        object.__setattr__(self, "confidence", confidence)
        object.__setattr__(self, "tempo", tempo)
        object.__setattr__(self, "metre", whole(self.metre, 1, 12, "The number of beats a bar"))

    @staticmethod
    def _on_beat(beats: tuple[float, ...], time: Any) -> float:
        time = number(time, 0.0, MAX_SECONDS, "The time of a downbeat")
        place = bisect_left(beats, time - SAME)
        if place == len(beats) or abs(beats[place] - time) > SAME:
            raise BadRequest(f"The downbeat at {time:.3f} seconds is not one of the beats.")
        return beats[place]

    @property
    def ones(self) -> tuple[int, ...]:
        """Which of the beats are downbeats, as indices."""
        return tuple(bisect_left(self.beats, time) for time in self.downbeats)

    def with_ones(self, ones: Iterable[int], *, metre: int | None = None) -> Beats:
        """The same beats with other downbeats, as indices; those that are no beat are left out."""
        kept = sorted({one for one in ones if 0 <= one < len(self.beats)})
        return replace(self, downbeats=tuple(self.beats[one] for one in kept), metre=metre or self.metre)

    def half_time(self) -> Beats:
        """Half the tempo: every second beat, bars of as many beats as before and so twice as long."""
        first = (self.ones or (0,))[0] % 2
        beats, confidence = self.beats[first::2], self.confidence[first::2]
        ones = sorted({min(len(beats) - 1, (one - first + 1) // 2) for one in self.ones[::2]}) if beats else []
        return Beats(beats, tuple(beats[one] for one in ones), confidence, self.tempo / 2, self.metre)

    def double_time(self) -> Beats:
        """Twice the tempo: a beat between every two, bars of as many beats as before and so half as long."""
        beats, confidence = list(self.beats[:1]), list(self.confidence[:1])
        for (before, after), pair in zip(pairwise(self.beats), pairwise(self.confidence), strict=True):
            beats += [(before + after) / 2, after]
            confidence += [min(pair), pair[1]]
        ones = {2 * one for one in self.ones} | {2 * one + self.metre for one in self.ones}
        return Beats(
            tuple(beats), tuple(beats[one] for one in sorted(ones) if one < len(beats)), tuple(confidence),
            min(6_000.0, self.tempo * 2), self.metre,
        )  # fmt: skip

    def with_metre(self, metre: int) -> Beats:
        """Bars of ``metre`` beats throughout, counted from the first downbeat."""
        metre = whole(metre, 1, 12, "The number of beats a bar")
        first = (self.ones or (0,))[0] % metre
        return self.with_ones(range(first, len(self.beats), metre), metre=metre)


def shift_one(beats: Beats, by: int) -> Beats:
    """Let every bar begin ``by`` beats later (earlier if negative): what one click on another "one" does.

    Bars that become free at either end get their downbeat too.
    """
    ones = [one + by for one in beats.ones]
    if ones:
        ones = [*range(ones[0] % beats.metre, ones[0], beats.metre), *ones]
        ones += range(ones[-1] + beats.metre, len(beats.beats), beats.metre)
    return beats.with_ones(ones)


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """The pitch of a voice over time: float64 arrays of one length.

    ``times``: seconds, rising. ``hertz``: 0 where nothing is sung. ``confidence``: 0.0 to 1.0.
    """

    times: NDArray[np.float64]
    hertz: NDArray[np.float64]
    confidence: NDArray[np.float64]

    def __post_init__(self) -> None:
        for name in ("times", "hertz", "confidence"):
            try:
                values = np.asarray(getattr(self, name), dtype=np.float64)
            except (TypeError, ValueError) as error:
                raise BadRequest("A pitch curve must be made of numbers.") from error
            object.__setattr__(self, name, values)
        if self.times.ndim != 1 or not self.times.shape == self.hertz.shape == self.confidence.shape:
            raise BadRequest("A pitch curve needs as many pitches and confidences as times.")
        fine = all(np.isfinite(values).all() and (values >= 0).all() for values in (self.times, self.hertz))
        if not fine or not ((self.confidence >= 0) & (self.confidence <= 1)).all() or (np.diff(self.times) <= 0).any():
            raise BadRequest("A pitch curve needs rising times, pitches in hertz and confidences from 0 to 1.")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Curve) and all(
            np.array_equal(getattr(self, name), getattr(other, name)) for name in ("times", "hertz", "confidence")
        )

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Picture:
    """How loud each pitch is over time, to draw notes on: uint8 [semitones from ``low`` up, columns], 0 to 255.

    ``seconds``: how long one column lasts.
    """

    levels: NDArray[np.uint8]
    low: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Heard:
    """Everything heard in one recording; what was not listened for is empty or None.

    ``duration``: seconds. ``tuning_cents``: how far the recording lies above A = 440 Hz, -50 to 50. ``notes``: all
    pitched notes, ``melody`` the leading part by itself, ``drums`` as General MIDI drum pitches. ``tags``: by their
    kind (``instruments``, ``genre``, ``mood``), guesses. ``curve``: the pitch of a voice. ``kind``: what it was heard
    as. ``model``: the id of the model that wrote the notes. ``remarks``: plain sentences about the recording.
    ``changed``: which of these a person has put right. ``picture``: for drawing; no part of the JSON form.
    """

    duration: float
    tuning_cents: float = 0.0
    beats: Beats = field(default_factory=Beats)
    key: HeardKey | None = None
    chords: tuple[HeardChord, ...] = ()
    melody: tuple[HeardNote, ...] = ()
    notes: tuple[HeardNote, ...] = ()
    drums: tuple[HeardNote, ...] = ()
    sections: tuple[HeardSection, ...] = ()
    tags: Mapping[str, tuple[HeardTag, ...]] = field(default_factory=dict)
    curve: Curve | None = None
    kind: str = "band"
    model: str = ""
    remarks: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    picture: Picture | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "duration", number(self.duration, 0.0, MAX_SECONDS, "A recording's length in seconds"))
        object.__setattr__(self, "tuning_cents", number(self.tuning_cents, -100.0, 100.0, "The tuning in cents"))
        for name, order in _ORDER.items():
            items = tuple(sorted(getattr(self, name), key=order))
            if len(items) > MAX_ITEMS:
                raise BadRequest(f"There may be at most {MAX_ITEMS:,} {name}.")
            if any(item.end > self.duration + SAME for item in items):
                raise BadRequest(f"The {name} must end within the recording's {self.duration:.2f} seconds.")
            object.__setattr__(self, name, items)
        for name in ("chords", "sections"):
            if any(after.start < before.end - SAME for before, after in pairwise(getattr(self, name))):
                raise BadRequest(f"The {name} must not overlap.")
        if self.beats.beats and self.beats.beats[-1] > self.duration + SAME:
            raise BadRequest(f"The beats must lie within the recording's {self.duration:.2f} seconds.")
        _label(self.kind, "The kind of a recording")
        object.__setattr__(self, "tags", {str(kind): tuple(found) for kind, found in self.tags.items()})

    @property
    def tempo(self) -> float:
        """Beats a minute, 0 where no beat was heard."""
        return self.beats.tempo

    def corrected(self, **changes: Any) -> Heard:
        """The same with some of it put right: ``corrected(key="A minor", beats=shift_one(heard.beats, 1))``.

        Args:
            changes: fields by name; values as they are here or in the JSON form.

        Raises:
            BadRequest: a field that is not there to be changed, or a value that does not fit.
        """
        from workbench.understand.heard_json import read_fields

        fields = read_fields(changes)
        return replace(self, **fields, changed=tuple(sorted({*self.changed, *fields})))

    def to_json(self) -> dict[str, Any]:
        """The JSON form, times to a microsecond; see :mod:`workbench.understand.heard_json`."""
        from workbench.understand.heard_json import to_json

        return to_json(self)

    @classmethod
    def from_json(cls, data: Any) -> Heard:
        """Read the JSON form, also of an untrusted client; raises :class:`BadRequest` with one sentence."""
        from workbench.understand.heard_json import from_json

        return from_json(data)

    def score(self, **options: Any) -> Score:
        """The same as a piece; see :func:`workbench.understand.to_score.to_score`."""
        from workbench.understand.to_score import to_score

        return to_score(self, **options)

    def plot(self, *, title: str = "") -> Any:
        """The same as a drawing in plotly; see :func:`workbench.understand.picture.plot`."""
        from workbench.understand.picture import plot

        return plot(self, title=title)


def _note_order(note: HeardNote) -> tuple[float, int, float]:
    return note.start, note.pitch, note.end


def _time_order(item: HeardChord | HeardSection) -> float:
    return item.start


_ORDER: dict[str, Any] = {
    "chords": _time_order, "melody": _note_order, "notes": _note_order, "drums": _note_order, "sections": _time_order,
}  # fmt: skip
