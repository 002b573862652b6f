"""The adherence card: for everything a person asked, how far the finished piece does it.

``Card.to_json()`` is what ``card.json`` holds: ``{"prompts": [{"slot", "measure", "value", "target", "sentence"}]}``,
and beside these what a picture of asked against got needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from workbench.errors import BadRequest
from workbench.understand.heard import number

#: The version of the JSON form.
VERSION = 1
#: Who asked: the six prompts, and what a person drew into the plan.
SLOTS = ("words", "voice", "recording", "picture", "video", "notes", "plan")
#: Where a value was taken: on the rendered sound by the listening layer, or on the final score, which says it exactly.
TAKEN = ("audio", "score")
#: How asked and got are drawn: curves over seconds, notes (seconds, pitch), marks at seconds, steps (seconds, pitch
#: class) that last until the next, or one bar a label.
PICTURES = ("", "curve", "notes", "marks", "steps", "bars")
#: Most points of one series and most lines of a card.
MAX_POINTS, MAX_LINES = 20_000, 200

Series = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing asked and what came of it.

    Attributes:
        slot: who asked it, one of :data:`SLOTS`; ``measure``: its name, such as ``tempo`` or ``chords``.
        value, target: 0.0 to 1.0; 1.0 is obeyed to the letter, and from ``target`` on it counts as obeyed.
        sentence: the same in plain words.
        chance: about the value of a piece that was made without this prompt.
        taken: one of :data:`TAKEN`.
        picture: one of :data:`PICTURES`; ``asked`` and ``got``: its points (x, y); ``labels``: names of its bars.
    """

    slot: str
    measure: str
    value: float
    target: float
    sentence: str
    chance: float = 0.0
    taken: str = "score"
    picture: str = ""
    asked: Series = ()
    got: Series = ()
    labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.slot not in SLOTS:
            raise BadRequest(f"A line of the card belongs to one of {', '.join(SLOTS)}.")
        for name, known in (("taken", TAKEN), ("picture", PICTURES)):
            if getattr(self, name) not in known:
                raise BadRequest(f"The card's {name} must be one of {', '.join(filter(None, known))}.")
        for name in ("value", "target", "chance"):
            object.__setattr__(self, name, number(getattr(self, name), 0.0, 1.0, f"A {name} on the card"))
        for name, longest in (("measure", 60), ("sentence", 500)):
            _text(getattr(self, name), longest, f"A {name} on the card")
        for name in ("asked", "got"):
            object.__setattr__(self, name, _series(getattr(self, name)))
        if not isinstance(self.labels, (list, tuple)) or len(self.labels) > 200:
            raise BadRequest("The names on a picture must be a list of at most 200 texts.")
        for label in self.labels:
            _text(label, 100, "A name on a picture")
        object.__setattr__(self, "labels", tuple(self.labels))

    @property
    def met(self) -> bool:
        """Whether the value reaches its target."""
        return self.value >= self.target - 1e-9

    def to_json(self) -> dict[str, Any]:
        """By name; values to a ten-thousandth, points to a thousandth."""
        out: dict[str, Any] = {
            "slot": self.slot, "measure": self.measure, "value": round(self.value, 4),
            "target": round(self.target, 4), "sentence": self.sentence, "met": self.met,
            "chance": round(self.chance, 4), "taken": self.taken, "picture": self.picture,
        }  # fmt: skip
        for name in ("asked", "got"):
            out[name] = [[round(x, 3), round(y, 3)] for x, y in getattr(self, name)]
        return out | {"labels": list(self.labels)}

    @classmethod
    def from_json(cls, data: Any) -> Line:
        """Read the JSON form; raises :class:`BadRequest` with one sentence."""
        needed, known = {"slot", "measure", "value", "target", "sentence"}, {*cls.__dataclass_fields__, "met"}
        if not isinstance(data, Mapping) or not needed <= data.keys() <= known:
            raise BadRequest(f"A line of the card must be an object with {', '.join(sorted(needed))}.")
        return cls(**{name: value for name, value in data.items() if name != "met"})


@dataclass(frozen=True, slots=True)
class Card:
    """All lines, those of one slot together. ``remarks``: plain sentences about what could not be measured."""

    prompts: tuple[Line, ...] = ()
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.prompts) > MAX_LINES or len(self.remarks) > MAX_LINES:
            raise BadRequest(f"A card has at most {MAX_LINES} lines.")
        object.__setattr__(self, "prompts", tuple(self.prompts))
        object.__setattr__(self, "remarks", tuple(self.remarks))

    def of(self, slot: str) -> tuple[Line, ...]:
        """The lines of one slot."""
        return tuple(line for line in self.prompts if line.slot == slot)

    def line(self, slot: str, measure: str) -> Line | None:
        """One line by its names, or None."""
        return next((line for line in self.of(slot) if line.measure == measure), None)

    def score(self, slot: str) -> float | None:
        """How well one slot was obeyed altogether: the mean of its lines' values, None if it has none."""
        values = [line.value for line in self.of(slot)]
        return sum(values) / len(values) if values else None

    def corrected(self, **changes: Any) -> Card:
        """The same with other fields."""
        return replace(self, **changes)

    def to_json(self) -> dict[str, Any]:
        """``{"version", "prompts": [line], "slots": {slot: mean}, "remarks"}``."""
        slots = {slot: round(value, 4) for slot in SLOTS if (value := self.score(slot)) is not None}
        return {
            "version": VERSION, "prompts": [line.to_json() for line in self.prompts], "slots": slots,
            "remarks": list(self.remarks),
        }  # fmt: skip

    @classmethod
    def from_json(cls, data: Any) -> Card:
        """Read the JSON form, also of an untrusted client; raises :class:`BadRequest` with one sentence."""
        if not isinstance(data, Mapping) or not isinstance(data.get("prompts"), list):
            raise BadRequest("A card must be an object with a list of prompts.")
        if data.get("version", VERSION) != VERSION:
            raise BadRequest("This card was written by another version of the workbench.")
        remarks = data.get("remarks", [])
        if not isinstance(remarks, list) or len(data["prompts"]) > MAX_LINES or len(remarks) > MAX_LINES:
            raise BadRequest(f"A card has at most {MAX_LINES} lines.")
        for remark in remarks:
            _text(remark, 500, "A remark on the card")
        return cls(tuple(Line.from_json(line) for line in data["prompts"]), tuple(remarks))


def _text(value: Any, longest: int, what: str) -> None:
    if not isinstance(value, str) or not 1 <= len(value) <= longest:
        raise BadRequest(f"{what} must be a text of 1 to {longest} characters.")


def _series(points: Any) -> Series:
    if not isinstance(points, Iterable) or isinstance(points, (str, bytes, Mapping)):
        raise BadRequest("The points of a picture must be a list of pairs.")
    pairs = list(points)
    if len(pairs) > MAX_POINTS or any(not isinstance(pair, (list, tuple)) or len(pair) != 2 for pair in pairs):
        raise BadRequest(f"The points of a picture must be at most {MAX_POINTS:,} pairs.")
    return tuple((number(x, -1e6, 1e6, "A point's place"), number(y, -1e6, 1e6, "A point's value")) for x, y in pairs)
