"""What a person may ask of a fill: sliders in plain words, limits, harmony, and curves drawn over time.

Every slider runs from 0 to 100; 50 means "as in the music around", None means "no wish". Values come from browsers
and command lines, so each is checked here, once; models may trust what they get.
"""

from __future__ import annotations

import itertools
import math
import operator
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

from workbench.errors import BadDocument, BadRequest
from workbench.score.lanes import MAX_TICK, Chord, check_id

#: Scales a person can pick: pitch classes above the tonic.
SCALES: Mapping[str, tuple[int, ...]] = MappingProxyType({
    "major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10), "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
    "melodic minor": (0, 2, 3, 5, 7, 9, 11), "dorian": (0, 2, 3, 5, 7, 9, 10), "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11), "mixolydian": (0, 2, 4, 5, 7, 9, 10), "major pentatonic": (0, 2, 4, 7, 9),
    "minor pentatonic": (0, 3, 5, 7, 10), "blues": (0, 3, 5, 6, 7, 10), "whole tone": (0, 2, 4, 6, 8, 10),
    "chromatic": tuple(range(12)),
})  # fmt: skip

#: Sliders 0 to 100 and the two ends as a person reads them.
SLIDERS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "density": ("fewer notes", "more notes"),
    "loudness": ("softer", "louder"),
    "register": ("lower", "higher"),
    "wildness": ("calmer", "wilder"),
    "syncopation": ("on the beat", "syncopated"),
    "richness": ("simpler", "richer"),
    "surprise": ("like before", "surprise me"),
})  # fmt: skip
#: Sliders that can also be drawn over time.
CURVES = ("density", "loudness", "register")
#: How far a chord lane binds: not at all, as a wish, or every note that starts on a beat must be a chord tone.
HARMONY = ("free", "hint", "strict")
MAX_CURVE_POINTS = 512
MAX_CHORDS = 4_096

#: Whole-number limits: name -> (lowest, highest).
_LIMITS: Mapping[str, tuple[int, int]] = MappingProxyType({
    "max_polyphony": (1, 88), "pitch_low": (0, 127), "pitch_high": (0, 127), "grid": (1, 96), "tonic": (0, 11),
    "closeness": (0, 100), "max_notes": (1, 20_000), "min_notes": (0, 20_000),
})  # fmt: skip
_FLAGS = ("keep_rhythm", "keep_pitches", "part_writing")

#: Points (tick, value 0 to 100, or None where a stretch begins that is left to the model).
Curve = tuple[tuple[int, int | None], ...]


@dataclass(frozen=True)
class InfillControls:
    """Wishes for a fill; all optional, all checked in the constructor.

    Sliders (0 to 100, 50 = as around, None = no wish): ``density`` (notes a beat), ``loudness`` (velocity),
    ``register`` (mean pitch), ``wildness`` (leaps, accents, off-beats), ``syncopation`` (share of onsets off the
    beat), ``richness`` (distinct rhythms, chords, passing notes), ``surprise`` (distance from what stands around).
    ``curves``: the first three over time, name -> ((tick, value 0 to 100 or None), ...) with rising ticks; linear
    between values, flat outside; None leaves the stretch up to the next point to the model; a curve overrules its
    slider.
    ``closeness``: how much of what stood in the region comes back, 0 (little) to 100 (nearly all); None: what stood
    there is not looked at.
    Sampling, for those who know it: ``temperature`` 0.05 to 2.0, ``top_p`` above 0 up to 1.0 (floats, no unit); None
    leaves them to the model, which then follows ``surprise``.
    Hard limits, enforced by the hub on every model: ``pitch_low`` and ``pitch_high`` (MIDI, inclusive),
    ``max_polyphony`` (notes sounding at once in one track), ``max_notes`` (new notes in one track), ``tonic`` (pitch
    class, 0 = C) with ``scale`` (a name in :data:`SCALES`). Drums ignore pitch limits and scale. ``min_notes``: new
    notes that a track should get at the least, as far as the gap and the model allow.
    ``chords``: a chord lane for the fill alone; empty means the score's own. ``harmony``: one of :data:`HARMONY`.
    ``grid``: onsets fall on multiples of a quarter divided by this (None: the model's choice).
    ``keep_rhythm`` keeps the onsets and lengths that stand in the region and changes pitches; ``keep_pitches`` keeps
    the order of pitches and changes the rhythm. ``part_writing``: each track is a voice: one note at once, no
    parallel fifths or octaves and no crossing between the tracks of the region and those that sound beside it;
    ``under``: the id of the track whose tune they are set under (None: the highest line).

    Raises:
        BadRequest: a value is outside its range, or two wishes contradict each other.
    """

    density: int | None = None
    loudness: int | None = None
    register: int | None = None
    wildness: int | None = None
    syncopation: int | None = None
    richness: int | None = None
    surprise: int | None = None
    curves: Mapping[str, Curve] = field(default_factory=dict)
    temperature: float | None = None
    top_p: float | None = None
    pitch_low: int | None = None
    pitch_high: int | None = None
    max_polyphony: int | None = None
    tonic: int | None = None
    scale: str | None = None
    chords: tuple[Chord, ...] = ()
    harmony: str = "hint"
    grid: int | None = None
    keep_rhythm: bool = False
    keep_pitches: bool = False
    closeness: int | None = None
    max_notes: int | None = None
    min_notes: int | None = None
    part_writing: bool = False
    under: str | None = None

    def __post_init__(self) -> None:
        for name in SLIDERS:
            _whole(getattr(self, name), 0, 100, name)
        for name, (low, high) in _LIMITS.items():
            _whole(getattr(self, name), low, high, name)
        for name in _FLAGS:
            if not isinstance(getattr(self, name), bool):
                raise BadRequest(f"{_words(name)} must be on or off.")
        if self.under is not None:
            _name(self.under)
        object.__setattr__(self, "temperature", _real(self.temperature, 0.05, 2.0, "temperature"))
        object.__setattr__(self, "top_p", _real(self.top_p, 0.01, 1.0, "top_p"))
        if self.scale is not None and (not isinstance(self.scale, str) or self.scale not in SCALES):
            raise BadRequest(f"{str(self.scale)[:40]!r} is not a scale known here; choose {', '.join(SCALES)}.")
        if (self.scale is None) != (self.tonic is None):
            raise BadRequest("A scale needs its first note and a first note needs its scale; give both or neither.")
        if self.harmony not in HARMONY:
            raise BadRequest(f"Harmony must be one of {', '.join(HARMONY)}.")
        if self.pitch_low is not None and self.pitch_high is not None and self.pitch_low > self.pitch_high:
            raise BadRequest("The lowest note allowed lies above the highest one; swap them.")
        if self.max_notes is not None and self.min_notes is not None and self.min_notes > self.max_notes:
            raise BadRequest("The fewest notes asked for are more than the most; swap them.")
        if self.keep_rhythm and self.keep_pitches:
            raise BadRequest("Keeping both the rhythm and the pitches leaves nothing to change; choose one.")
        if self.closeness is not None and (self.keep_rhythm or self.keep_pitches):
            raise BadRequest("Keep the rhythm or the pitches, or vary everything by closeness; choose one.")
        object.__setattr__(self, "curves", MappingProxyType(_curves(self.curves)))
        object.__setattr__(self, "chords", _chords(self.chords))

    def value(self, name: str, tick: int) -> float | None:
        """The wish for slider ``name`` at ``tick``, 0.0 to 100.0: its curve, else its slider, else None."""
        curve = self.curves.get(name)
        if not curve:
            return getattr(self, name)  # type: ignore[no-any-return]
        at = bisect_right(curve, tick, key=operator.itemgetter(0)) - 1
        left, low = curve[max(at, 0)]
        if low is None or tick <= left or at + 1 == len(curve):
            return low
        right, high = curve[at + 1]
        return float(low) if high is None else low + (high - low) * (tick - left) / (right - left)

    def pitch_classes(self) -> frozenset[int] | None:
        """Pitch classes of the scale asked for; None if all twelve are free."""
        if self.scale is None or self.tonic is None:
            return None
        return frozenset((self.tonic + step) % 12 for step in SCALES[self.scale])

    def to_dict(self) -> dict[str, Any]:
        """JSON form; wishes that were not made are left out."""
        out: dict[str, Any] = {}
        for item in fields(self):
            value = getattr(self, item.name)
            if item.name == "curves":
                value = {name: [list(point) for point in curve] for name, curve in value.items()}
            elif item.name == "chords":
                value = [chord.to_dict() for chord in value]
            nothing = value is None or value is False or value in ({}, [])
            if not nothing and not (item.name == "harmony" and value == "hint"):
                out[item.name] = value
        return out

    @classmethod
    def from_dict(cls, data: Any) -> InfillControls:
        """Read the JSON form as an untrusted client may send it.

        Raises:
            BadRequest: an unknown name or a value outside its range.
        """
        if not isinstance(data, Mapping):
            raise BadRequest("The settings of a fill must be a JSON object.")
        unknown = sorted(str(name)[:40] for name in data.keys() - {item.name for item in fields(cls)})
        if unknown:
            raise BadRequest(f"There is no setting called {unknown[0]!r}; leave it out.")
        return cls(**{str(name): value for name, value in data.items()})


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _whole(value: Any, low: int, high: int, name: str) -> None:
    if value is not None and (type(value) is not int or not low <= value <= high):
        raise BadRequest(f"{_words(name)} must be a whole number from {low} to {high}, not {str(value)[:40]!r}.")


def _name(value: Any) -> None:
    try:
        check_id(value, "The track to set voices under")
    except BadDocument as error:
        raise BadRequest(str(error)) from error


def _real(value: Any, low: float, high: float, name: str) -> float | None:
    if value is None:
        return None
    if type(value) not in (int, float) or not math.isfinite(value) or not low <= value <= high:
        raise BadRequest(f"{_words(name)} must be a number from {low} to {high}, not {str(value)[:40]!r}.")
    return float(value)


def _curves(value: Any) -> dict[str, Curve]:
    if not isinstance(value, Mapping) or not all(name in CURVES for name in value):
        raise BadRequest(f"Only {', '.join(CURVES)} can be drawn over time.")
    out: dict[str, Curve] = {}
    for name in CURVES:
        points = value.get(name, ())
        if not isinstance(points, (list, tuple)) or len(points) > MAX_CURVE_POINTS:
            raise BadRequest(f"The {name} curve must be a list of at most {MAX_CURVE_POINTS} points.")
        for point in points:
            if not isinstance(point, (list, tuple)) or len(point) != 2 or point[0] is None:
                raise BadRequest(f"Each point of the {name} curve must be a tick and a value from 0 to 100 or nothing.")
            _whole(point[0], 0, MAX_TICK, f"a tick of the {name} curve")
            _whole(point[1], 0, 100, f"a value of the {name} curve")
        if any(after[0] <= before[0] for before, after in itertools.pairwise(points)):
            raise BadRequest(f"The points of the {name} curve must follow each other in time.")
        if points:
            out[name] = tuple((point[0], point[1]) for point in points)
    return out


def _chords(value: Any) -> tuple[Chord, ...]:
    if not isinstance(value, (list, tuple)) or len(value) > MAX_CHORDS:
        raise BadRequest(f"The chords must be a list of at most {MAX_CHORDS:,}.")
    try:
        chords = tuple(item if isinstance(item, Chord) else Chord.from_dict(item) for item in value)
    except BadDocument as error:
        raise BadRequest(str(error)) from error
    if any(after.tick < before.tick for before, after in itertools.pairwise(chords)):
        raise BadRequest("The chords must follow each other in time.")
    return chords
