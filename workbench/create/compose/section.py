"""What a section of a piece is: its kind, its bars, and how much goes on in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from workbench.errors import BadRequest

MAX_BARS = 400
#: Kinds of section with their usual bars and how much goes on in them, 0 (hardly anything) to 100 (all there is).
KINDS: Mapping[str, tuple[int, int]] = MappingProxyType({
    "intro": (4, 30), "verse": (8, 50), "build": (4, 65), "chorus": (8, 85), "bridge": (8, 45), "break": (2, 20),
    "ending": (4, 35),
})  # fmt: skip
#: Other words for them. The letters are those of AABA: A is told, B answers, C is the contrast.
WORDS: Mapping[str, str] = MappingProxyType({
    "introduction": "intro", "opening": "intro", "start": "intro", "strophe": "verse", "theme": "verse", "a": "verse",
    "tune": "verse", "prechorus": "build", "buildup": "build", "rise": "build", "lift": "build", "refrain": "chorus",
    "hook": "chorus", "drop": "chorus", "b": "chorus", "middle": "bridge", "contrast": "bridge", "c": "bridge",
    "solo": "bridge", "interlude": "break", "rest": "break", "pause": "break", "breakdown": "break", "outro": "ending",
    "end": "ending", "coda": "ending", "close": "ending", "finale": "ending",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of bars: its kind (one of :data:`KINDS`), first bar (from 1), bars, and energy, 0 to 100.

    ``label`` tells sections apart that hold different music ("A", "B"): equal letters sound alike. It is empty where
    nobody has looked.
    """

    kind: str
    first_bar: int
    bars: int
    energy: int
    label: str = ""

    @property
    def last_bar(self) -> int:
        """The last bar, included."""
        return self.first_bar + self.bars - 1

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "kind": self.kind, "first_bar": self.first_bar, "bars": self.bars, "energy": self.energy,
            "label": self.label,
        }  # fmt: skip

    @classmethod
    def from_dict(cls, data: Any) -> Section:
        """Read the JSON form; raises :class:`BadRequest` on anything else."""
        fields = {"kind", "first_bar", "bars", "energy"}
        if not isinstance(data, Mapping) or not fields <= data.keys() <= {*fields, "label"}:
            raise BadRequest("A section has a kind, a first bar, a number of bars and an energy.")
        kind, label = data["kind"], data.get("label", "")
        numbers = [data[name] for name in ("first_bar", "bars", "energy")]
        if kind not in KINDS or not isinstance(label, str) or len(label) > 8:
            raise BadRequest(f"A section must be one of {', '.join(KINDS)}.")
        if any(type(number) is not int for number in numbers):
            raise BadRequest("A section's bars and energy are whole numbers.")
        first, bars, energy = numbers
        if not (first >= 0 and 1 <= bars <= MAX_BARS and 0 <= energy <= 100):
            raise BadRequest(f"A section has 1 to {MAX_BARS} bars and an energy of 0 to 100.")
        return cls(kind, first, bars, energy, label)


def climax(sections: Sequence[Section]) -> int | None:
    """Which section is the piece's high point: the last chorus, or else the last verse or build; None without."""
    for kinds in (("chorus",), ("verse", "build")):
        found = [place for place, section in enumerate(sections) if section.kind in kinds]
        if found:
            return found[-1]
    return None


def kind_of(name: str) -> str:
    """The kind that a section's name means ("Verse 2", "pre-chorus"), or "" for none."""
    words = re.sub(r"[^a-z ]+", " ", name.casefold().replace("pre-", "pre")).split()
    if not words or len(words[0]) < 2:
        return ""
    kind = WORDS.get(words[0], words[0])
    return kind if kind in KINDS and len(words) <= 3 else ""
