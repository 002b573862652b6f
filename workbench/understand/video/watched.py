"""The description of a video: what music can follow in it, and its JSON form.

Plain frozen values; all times are seconds from the first picture. A person puts a description right with
:meth:`Watched.corrected`. The JSON form is that of ``workbench watch --json``: ``{"duration", "fps", "cuts": [s],
"moments": [s], "motion": [[s, value]], "brightness": [[s, value]], "speech": [[s, s]], "mood": {}}``, and beside it
``width``, ``height``, ``rotation``, ``has_sound``, ``remarks`` and ``changed``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from workbench.errors import BadRequest
from workbench.understand.heard import MAX_ITEMS, number, whole

#: Longest video in seconds, and the largest picture in pixels a side.
MAX_SECONDS = 3_600.0
MAX_SIDE = 16_384
#: Times closer than this, in seconds, are the same.
SAME = 1e-3

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Watched:
    """Everything seen in one video; what is not there is empty.

    ``duration``: seconds from the first picture to the end of the last. ``fps``: pictures a second, the mean where it
    varies. ``width`` and ``height``: of the upright picture in pixels. ``rotation``: by how many degrees clockwise a
    player turns the stored picture (0, 90, 180 or 270). ``cuts``: where a new shot begins. ``moments``: where something
    happens that music may answer (a peak of motion, a change of light, the beginning of speech), apart from the cuts.
    ``motion`` and ``brightness``: (seconds, 0 to 1), rising in time. ``speech``: (start, end) where somebody talks.
    ``mood``: words and how well they fit, 0 to 1, an estimate from light, colour and motion. ``has_sound``: whether
    there is a sound track. ``remarks``: plain sentences. ``changed``: which of these a person has put right.
    """

    duration: float
    fps: float = 0.0
    width: int = 0
    height: int = 0
    rotation: int = 0
    cuts: tuple[float, ...] = ()
    moments: tuple[float, ...] = ()
    motion: Points = ()
    brightness: Points = ()
    speech: tuple[tuple[float, float], ...] = ()
    mood: Mapping[str, float] = field(default_factory=dict)
    has_sound: bool = False
    remarks: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        set_to = object.__setattr__
        set_to(self, "duration", number(self.duration, 0.0, MAX_SECONDS, "A video's length in seconds"))
        set_to(self, "fps", number(self.fps, 0.0, 1_000.0, "A video's pictures a second"))
        for name in ("width", "height"):
            set_to(self, name, whole(getattr(self, name), 0, MAX_SIDE, f"A video's {name} in pixels"))
        set_to(self, "rotation", whole(self.rotation, 0, 270, "A video's rotation in degrees"))
        if self.rotation % 90:
            raise BadRequest("A video's rotation must be 0, 90, 180 or 270 degrees.")
        for name in ("cuts", "moments"):
            found = tuple(sorted(self._time(value, f"A time among the {name}") for value in getattr(self, name)))
            if any(after - before < SAME for before, after in pairwise(found)):
                raise BadRequest(f"The {name} must lie at least a millisecond apart.")
            set_to(self, name, found)
        for name in ("motion", "brightness"):
            set_to(self, name, self._points(getattr(self, name), name))
        spans = tuple(sorted(self._span(span) for span in self.speech))
        if any(after[0] < before[1] - SAME for before, after in pairwise(spans)):
            raise BadRequest("The stretches of speech must not overlap.")
        set_to(self, "speech", spans)
        set_to(self, "mood", {str(name): number(value, 0, 1, "A mood") for name, value in self.mood.items()})
        set_to(self, "has_sound", bool(self.has_sound))

    def _time(self, value: Any, what: str) -> float:
        found = number(value, 0.0, self.duration + SAME, f"{what} in seconds")
        return min(found, self.duration)

    def _points(self, values: Any, name: str) -> Points:
        out = tuple((self._time(s, f"A time of the {name}"), number(v, 0, 1, f"A value of {name}")) for s, v in values)
        if any(after[0] <= before[0] for before, after in pairwise(out)):
            raise BadRequest(f"The times of the {name} must rise.")
        return out

    def _span(self, span: Any) -> tuple[float, float]:
        start, end = (self._time(value, "A time of speech") for value in span)
        if end - start < 0.99 * SAME:
            raise BadRequest("A stretch of speech must end at least a millisecond after its start.")
        return start, end

    @property
    def scenes(self) -> tuple[tuple[float, float], ...]:
        """The shots between the cuts, as (start, end) in seconds."""
        edges = [0.0, *(cut for cut in self.cuts if SAME < cut < self.duration - SAME), self.duration]
        return tuple(pairwise(edges))

    def corrected(self, **changes: Any) -> Watched:
        """The same with some of it put right: ``corrected(cuts=[4.0, 9.5], mood={"calm": 1})``.

        Args:
            changes: fields by name; values as they are here or in the JSON form. The length, size and rotation belong
                to the file and cannot be changed.

        Raises:
            BadRequest: a field that is not there to be changed, or a value that does not fit.
        """
        unknown = changes.keys() - set(_CHANGEABLE)
        if unknown:
            raise BadRequest(f"{min(map(str, unknown))[:40]!r} is nothing that can be changed in what was seen.")
        fields = {name: _READ[name](value) for name, value in changes.items()}
        return replace(self, **fields, changed=tuple(sorted({*self.changed, *fields})))

    def to_json(self) -> dict[str, Any]:
        """Plain numbers, texts, lists and objects; times to a tenth of a millisecond, values to a ten-thousandth."""
        pairs = {name: [[round(a, 4), round(b, 4)] for a, b in getattr(self, name)] for name in _PAIRS}
        return {
            "duration": round(self.duration, 6), "fps": round(self.fps, 4),
            "cuts": [round(time, 4) for time in self.cuts], "moments": [round(time, 4) for time in self.moments],
            **pairs, "mood": {name: round(value, 4) for name, value in self.mood.items()},
            "width": self.width, "height": self.height, "rotation": self.rotation, "has_sound": self.has_sound,
            "remarks": list(self.remarks), "changed": list(self.changed),
        }  # fmt: skip

    @classmethod
    def from_json(cls, data: Any) -> Watched:
        """Read the JSON form, also of an untrusted client; raises :class:`BadRequest` with one sentence."""
        if not isinstance(data, Mapping) or "duration" not in data:
            raise BadRequest("What was seen must be an object with a duration.")
        unknown = data.keys() - {"duration", *_READ}
        if unknown:
            raise BadRequest(f"{min(map(str, unknown))[:40]!r} is no part of what is seen in a video.")
        return cls(data["duration"], **{name: read(data[name]) for name, read in _READ.items() if name in data})


def _list(value: Any, what: str) -> list[Any]:
    if not isinstance(value, (list, tuple)) or len(value) > MAX_ITEMS:
        raise BadRequest(f"{what} must be a list of at most {MAX_ITEMS:,} items.")
    return list(value)


def _times(value: Any) -> tuple[Any, ...]:
    return tuple(_list(value, "The times"))


def _pairs(value: Any) -> tuple[tuple[Any, Any], ...]:
    found = _list(value, "The pairs of numbers")
    if not all(isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in found):
        raise BadRequest("Motion, brightness and speech must be lists of two numbers each.")
    return tuple((first, second) for first, second in found)


def _texts(value: Any) -> tuple[str, ...]:
    found = _list(value, "The remarks")
    if len(found) > 100 or not all(isinstance(text, str) and len(text) <= 500 for text in found):
        raise BadRequest("The remarks must be a list of at most 100 short texts.")
    return tuple(found)


def _mood(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping) or len(value) > 50:
        raise BadRequest("The mood must be an object of at most 50 numbers.")
    if not all(isinstance(name, str) and 1 <= len(name) <= 40 and name.isprintable() for name in value):
        raise BadRequest("The words of the mood must be short texts.")
    return dict(value)


def _same(value: Any) -> Any:
    return value


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadRequest("Whether a video has sound must be true or false.")
    return value


_PAIRS = ("motion", "brightness", "speech")
_CHANGEABLE = ("cuts", "moments", *_PAIRS, "mood")
_READ: dict[str, Callable[[Any], Any]] = {
    "fps": _same, "width": _same, "height": _same, "rotation": _same, "cuts": _times, "moments": _times,
    "motion": _pairs, "brightness": _pairs, "speech": _pairs, "mood": _mood, "has_sound": _truth, "remarks": _texts,
    "changed": _texts,
}  # fmt: skip
