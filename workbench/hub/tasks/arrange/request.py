"""What can be asked of a model that lets a band join a piece, checked before any model sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from workbench.errors import BadDocument, BadRequest
from workbench.hub.tasks.base import TaskRequest
from workbench.hub.tasks.infill.controls import InfillControls
from workbench.hub.tasks.infill.request import MAX_ALTERNATIVES
from workbench.score.canonical import project_hash
from workbench.score.lanes import check_id, check_int, check_text
from workbench.score.score import Region, Score, Track
from workbench.score.timemap import TimeMap

MAX_BARS = 1_000
MAX_PARTS = 32
MAX_SECTIONS = 256
#: How much of what a style plays the network may change, in per cent of the beats, where nobody says.
JOIN = 30
#: How far a band plays as people do, where nobody says.
HUMANISE = 60
#: Names in the JSON form of an :class:`ArrangeRequest`.
SETTINGS = frozenset({"task", "style", "bars", "parts", "sections", "tune", "controls", "join", "humanise", "count"})


@dataclass(frozen=True, slots=True)
class BandTrack:
    """A track that a part of the style is to play: ``id`` is free in the score, ``part`` the part's name.

    ``program``, ``volume`` and ``pan`` as in MIDI, 0 to 127.
    """

    id: str
    part: str
    name: str = ""
    program: int = 0
    is_drum: bool = False
    volume: int = 100
    pan: int = 64

    def __post_init__(self) -> None:
        try:
            check_id(self.id, "A new track's id")
            check_text(self.part, "A part's name", 100)
            check_text(self.name, "A new track's name", 1_000)
            for value in (self.program, self.volume, self.pan):
                check_int(value, 0, 127, "A new track's instrument, volume or place")
        except BadDocument as error:
            raise BadRequest(str(error)) from error
        if not isinstance(self.is_drum, bool):
            raise BadRequest("A new track is a drum track or not; say true or false.")

    def track(self) -> Track:
        """The empty track as it enters the score."""
        return Track(
            self.id, name=self.name or self.part, program=self.program, is_drum=self.is_drum, volume=self.volume,
            pan=self.pan,
        )  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class SectionSpan:
    """A section of the style ("Groove A", "Fill 2" ...) from bar to bar, and the parts that play in it (none: all)."""

    section: str
    first: int
    last: int
    parts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", tuple(self.parts))
        try:
            check_text(self.section, "A section's name", 100)
            check_int(self.first, 0, 2**31 - 1, "A section's first bar")
            check_int(self.last, self.first, 2**31 - 1, "A section's last bar")
            for part in self.parts:
                check_text(part, "A part's name", 100)
        except BadDocument as error:
            raise BadRequest(str(error)) from error

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        out: dict[str, Any] = {"section": self.section, "first": self.first, "last": self.last}
        return {**out, "parts": list(self.parts)} if self.parts else out


@dataclass(frozen=True)
class ArrangeRequest(TaskRequest):
    """Let a band join these bars of this score.

    ``style``: a style's id, or plain words for one. ``bars``: first and last bar, both included. ``parts``: the tracks
    to write, one a part of the style. ``sections``: which section of the style comes where; empty: by the phrases of
    the piece. ``tune``: id of the track that has the tune; empty: the model finds it. ``controls``: wishes, as for a
    fill; ``chords`` among them replaces the score's lane for this band. ``join``: how much of it a network may change
    around the tune, in per cent, 0: the style as it is. ``humanise``: how far the band plays as people do, 0 (on the
    grid) to 100. ``count``: how many ideas, 1 to 8.

    Raises:
        BadRequest: something does not fit the score; the sentence says what.
    """

    score: Score
    style: str
    bars: tuple[int, int]
    parts: tuple[BandTrack, ...]
    sections: tuple[SectionSpan, ...] = ()
    tune: str = ""
    controls: InfillControls = field(default_factory=InfillControls)
    join: int = JOIN
    count: int = 1
    document_revision: int = 0
    humanise: int = 0

    def __post_init__(self) -> None:
        for name in ("bars", "parts", "sections"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if not isinstance(self.style, str) or not self.style.strip() or len(self.style) > 200:
            raise BadRequest("Name a style in a few words, such as swing or a rock band.")
        if len(self.bars) != 2 or any(type(number) is not int for number in self.bars):
            raise BadRequest("Name the first and the last bar as two whole numbers.")
        if not 0 <= self.bars[1] - self.bars[0] < MAX_BARS:
            raise BadRequest(f"A band can join 1 to {MAX_BARS:,} bars at a time, the earlier bar named first.")
        TimeMap(self.score).bar(self.bars[0])  # raises where there is no such bar
        if not 1 <= len(self.parts) <= MAX_PARTS:
            raise BadRequest(f"A band has 1 to {MAX_PARTS} parts.")
        taken = {track.id for track in self.score.tracks}
        new = [part.id for part in self.parts]
        if len(set(new)) < len(new) or set(new) & taken:
            raise BadRequest("A new track needs an id that no other track has.")
        if len({part.part for part in self.parts}) < len(self.parts):
            raise BadRequest("A part of a style can play on one track alone; name it once.")
        if self.tune and self.tune not in taken:
            raise BadRequest(f"There is no track {str(self.tune)[:64]!r} in this piece.")
        if len(self.sections) > MAX_SECTIONS:
            raise BadRequest(f"A band can play at most {MAX_SECTIONS} sections.")
        if any(after.first <= before.last for before, after in zip(self.sections, self.sections[1:], strict=False)):
            raise BadRequest("The sections must follow each other and not overlap.")
        if not isinstance(self.controls, InfillControls):
            raise BadRequest("The wishes for a band are those of a fill.")
        if type(self.join) is not int or not 0 <= self.join <= 100:
            raise BadRequest("How much is varied is a whole number from 0 to 100.")
        if type(self.humanise) is not int or not 0 <= self.humanise <= 100:
            raise BadRequest("How human the playing is goes from 0 to 100.")
        if type(self.count) is not int or not 1 <= self.count <= MAX_ALTERNATIVES:
            raise BadRequest(f"Ask for 1 to {MAX_ALTERNATIVES} ideas at a time.")
        if type(self.document_revision) is not int or self.document_revision < 0:
            raise BadRequest("The revision of a document is a whole number from 0.")

    @property
    def region(self) -> Region:
        """The bars in ticks, with the new tracks."""
        start, end = TimeMap(self.score).bar_range(*self.bars)
        return Region(start, end, tuple(part.id for part in self.parts))

    def copied(self) -> ArrangeRequest:
        """The same request on a copy of the score."""
        return replace(self, score=self.score.copy())

    def inputs(self) -> dict[str, str]:
        """The score by its project hash."""
        return {"score": project_hash(self.score)}

    def settings(self) -> dict[str, Any]:
        """JSON form of everything but the score."""
        out: dict[str, Any] = {
            "task": "arrange", "style": self.style, "bars": list(self.bars),
            "parts": [part.to_dict() for part in self.parts], "controls": self.controls.to_dict(), "join": self.join,
            "count": self.count,
        }  # fmt: skip
        if self.sections:
            out["sections"] = [section.to_dict() for section in self.sections]
        if self.tune:
            out["tune"] = self.tune
        if self.humanise:
            out["humanise"] = self.humanise
        return out

    @classmethod
    def from_settings(cls, score: Score, data: Any, *, document_revision: int = 0) -> ArrangeRequest:
        """Read what :meth:`settings` wrote, or what an untrusted client sent in that form.

        Raises:
            BadRequest: an unknown field, a wrong type, or a value that does not fit the score.
        """
        if not isinstance(data, Mapping) or not data.keys() <= SETTINGS or data.get("task") != "arrange":
            raise BadRequest("This is not a request for a band.")
        bars, parts, sections = data.get("bars"), data.get("parts"), data.get("sections", [])
        if not isinstance(bars, list) or not isinstance(parts, list) or not isinstance(sections, list):
            raise BadRequest("The bars, parts and sections of a request must be lists.")
        try:
            return cls(
                score, data.get("style", ""), _pair(bars), tuple(BandTrack(**item) for item in parts),
                tuple(SectionSpan(**item) for item in sections), data.get("tune", ""),
                InfillControls.from_dict(data.get("controls", {})), data.get("join", JOIN), data.get("count", 1),
                document_revision, data.get("humanise", 0),
            )  # fmt: skip
        except (KeyError, TypeError) as error:
            raise BadRequest("A band needs a style, bars and parts that fit this piece; choose them again.") from error


def _pair(bars: list[Any]) -> tuple[int, int]:
    if len(bars) != 2:
        raise BadRequest("Name the first and the last bar as two whole numbers.")
    return bars[0], bars[1]
