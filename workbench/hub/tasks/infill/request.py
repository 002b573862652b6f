"""What can be asked of a model that fills gaps, checked before any model sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from workbench.errors import BadDocument, BadRequest
from workbench.hub.tasks.base import TaskRequest
from workbench.hub.tasks.infill.controls import CURVES, HARMONY, SCALES, SLIDERS, InfillControls
from workbench.score.canonical import project_hash
from workbench.score.lanes import check_id, check_int, check_text
from workbench.score.score import Note, Region, Score, Track

__all__ = [
    "CURVES", "HARMONY", "MAX_ALTERNATIVES", "MAX_REGIONS", "SCALES", "SLIDERS", "InfillControls", "InfillRequest",
    "NewTrack", "draft",
]  # fmt: skip

MAX_ALTERNATIVES = 8
MAX_REGIONS = 64
MAX_DRAFT_NOTES = 20_000
#: Names in the JSON form of an :class:`InfillRequest`.
SETTINGS = frozenset({
    "task", "count", "controls", "regions", "around", "overhang", "per_track", "new_tracks", "draft", "again",
})  # fmt: skip


def draft(start: int, duration: int, pitch: int, velocity: int = 80) -> Note:
    """A note as a model yields it (ticks; MIDI pitch and velocity): the hub gives it its id and author."""
    return Note("draft", start, duration, pitch, velocity)


@dataclass(frozen=True, slots=True)
class NewTrack:
    """A track that does not exist yet and is to be filled: ``id`` is free in the score, ``program`` 0 to 127."""

    id: str
    name: str = ""
    program: int = 0
    is_drum: bool = False

    def __post_init__(self) -> None:
        try:
            check_id(self.id, "A new track's id")
            check_text(self.name, "A new track's name", 1_000)
            check_int(self.program, 0, 127, "A new track's instrument")
        except BadDocument as error:
            raise BadRequest(str(error)) from error
        if not isinstance(self.is_drum, bool):
            raise BadRequest("A new track is a drum track or not; say true or false.")

    def track(self) -> Track:
        """The empty track as it enters the score."""
        return Track(self.id, name=self.name, program=self.program, is_drum=self.is_drum)

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {"id": self.id, "name": self.name, "program": self.program, "is_drum": self.is_drum}


@dataclass(frozen=True)
class InfillRequest(TaskRequest):
    """Fill these regions of this score.

    ``regions``: each a stretch of time and the tracks to fill there; a track's regions must not overlap. A track
    id may be one of ``new_tracks``. ``around``: keep what stands in the regions and add to it (default: replace
    it; locked notes always stay). ``overhang``: filled notes may sound past their region's end. ``controls`` hold for
    every track but those in ``per_track``. ``count``: how many alternatives, 1 to 8. ``document_revision``: the
    revision of the document the person saw.

    ``draft`` and ``again`` ask for a part of an idea anew: ``draft`` holds the idea's notes by track id, ``again`` the
    stretches, each inside one of ``regions``, that are written anew while the rest of the draft stands. The hub
    unfolds this (:mod:`workbench.hub.tasks.infill.redo`): no model ever sees a draft.

    Models treat the score as read-only; they are given a copy of their own anyway.

    Raises:
        BadRequest: something does not fit the score; the sentence says what.
    """

    score: Score
    regions: tuple[Region, ...]
    around: bool = False
    overhang: bool = False
    controls: InfillControls = field(default_factory=InfillControls)
    per_track: Mapping[str, InfillControls] = field(default_factory=dict)
    new_tracks: tuple[NewTrack, ...] = ()
    count: int = 1
    document_revision: int = 0
    draft: Mapping[str, tuple[Note, ...]] = field(default_factory=dict)
    again: tuple[Region, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "regions", tuple(self.regions))
        object.__setattr__(self, "again", tuple(self.again))
        object.__setattr__(self, "draft", MappingProxyType({k: tuple(v) for k, v in dict(self.draft).items()}))
        object.__setattr__(self, "new_tracks", tuple(self.new_tracks))
        object.__setattr__(self, "per_track", MappingProxyType(dict(self.per_track)))
        if not isinstance(self.around, bool) or not isinstance(self.overhang, bool):
            raise BadRequest("Filling around notes and overhang are each on or off.")
        if type(self.count) is not int or not 1 <= self.count <= MAX_ALTERNATIVES:
            raise BadRequest(f"Ask for 1 to {MAX_ALTERNATIVES} ideas at a time.")
        if type(self.document_revision) is not int or self.document_revision < 0:
            raise BadRequest("The revision of a document is a whole number from 0.")
        old = {track.id: track for track in self.score.tracks}
        new = {track.id for track in self.new_tracks}
        if len(new) < len(self.new_tracks) or new & old.keys():
            raise BadRequest("A new track needs an id that no other track has.")
        if not self.regions or len(self.regions) > MAX_REGIONS:
            raise BadRequest(f"Mark 1 to {MAX_REGIONS} gaps to fill.")
        spans: dict[str, list[tuple[int, int]]] = {}
        for region in self.regions:
            self._check_region(region, old, new, spans)
        if unused := sorted(new - spans.keys()):
            raise BadRequest(f"The new track {unused[0]!r} is in no gap; add it to one or leave it out.")
        for track_id, controls in self.per_track.items():
            if track_id not in spans or not isinstance(controls, InfillControls):
                raise BadRequest(f"Settings were given for {str(track_id)[:64]!r}, which is not being filled.")
        if all(track_id in old and old[track_id].locked for track_id in spans):
            raise BadRequest("Every track of this gap is locked; unlock one or choose another.")
        self._check_draft()

    def _check_draft(self) -> None:
        if bool(self.draft) != bool(self.again) or len(self.again) > MAX_REGIONS:
            raise BadRequest("To try a part of an idea again, send the idea's notes and say which part.")
        within: dict[str, list[tuple[int, int]]] = {}
        for region in self.again:
            for track_id in region.tracks:
                around = [item for item in self.regions if track_id in item.tracks]
                if not any(item.start <= region.start < region.end <= item.end for item in around):
                    raise BadRequest("The part to try again must lie inside the gap that the idea fills.")
                others = within.setdefault(track_id, [])
                if any(region.start < end and start < region.end for start, end in others):
                    raise BadRequest("Two parts to try again overlap; join them into one.")
                others.append((region.start, region.end))
        for track_id, notes in self.draft.items():
            inside = [region for region in self.regions if track_id in region.tracks]
            if not all(isinstance(n, Note) and any(r.start <= n.start < r.end for r in inside) for n in notes):
                raise BadRequest("The idea to change does not fit the gap; ask for ideas again.")

    @staticmethod
    def _check_region(
        region: Region, old: Mapping[str, Track], new: set[str], spans: dict[str, list[tuple[int, int]]]
    ) -> None:
        if region.end <= region.start or not region.tracks:
            raise BadRequest("A gap to fill needs a length and at least one track.")
        if len(set(region.tracks)) < len(region.tracks):
            raise BadRequest("A gap names the same track twice; name it once.")
        for track_id in region.tracks:
            if track_id not in old and track_id not in new:
                raise BadRequest(f"There is no track {str(track_id)[:64]!r} in this piece.")
            others = spans.setdefault(track_id, [])
            if any(region.start < end and start < region.end for start, end in others):
                raise BadRequest("Two gaps overlap in one track; join them into one.")
            others.append((region.start, region.end))

    def controls_for(self, track_id: str) -> InfillControls:
        """The wishes that hold for one track."""
        return self.per_track.get(track_id, self.controls)

    def is_drum(self, track_id: str) -> bool:
        """Whether a track of the score or a new one is a drum track."""
        for new in self.new_tracks:
            if new.id == track_id:
                return new.is_drum
        for track in self.score.tracks:
            if track.id == track_id:
                return track.is_drum
        raise BadRequest(f"There is no track {track_id[:64]!r} in this request.")

    def fillable(self, region: Region) -> tuple[str, ...]:
        """The region's tracks that are not locked, in the region's order."""
        locked = {track.id for track in self.score.tracks if track.locked}
        return tuple(track_id for track_id in region.tracks if track_id not in locked)

    def with_score(self, score: Score) -> InfillRequest:
        """The same request on another score (a copy, or the document as it is now)."""
        return replace(self, score=score)

    @property
    def is_part(self) -> bool:
        """Whether a part of an idea is to be tried again."""
        return bool(self.again)

    def copied(self) -> InfillRequest:
        """The same request on a copy of the score."""
        return self.with_score(self.score.copy())

    def inputs(self) -> dict[str, str]:
        """The score by its project hash."""
        return {"score": project_hash(self.score)}

    def settings(self) -> dict[str, Any]:
        """JSON form of everything but the score: what an idea needs, with seed and model, to be made again."""
        out: dict[str, Any] = {
            "task": "infill", "count": self.count, "controls": self.controls.to_dict(),
            "regions": [{"start": r.start, "end": r.end, "tracks": list(r.tracks)} for r in self.regions],
        }  # fmt: skip
        for name in ("around", "overhang"):
            if getattr(self, name):
                out[name] = True
        if self.per_track:
            out["per_track"] = {name: controls.to_dict() for name, controls in self.per_track.items()}
        if self.new_tracks:
            out["new_tracks"] = [track.to_dict() for track in self.new_tracks]
        if self.again:
            out["again"] = [{"start": r.start, "end": r.end, "tracks": list(r.tracks)} for r in self.again]
            out["draft"] = {name: [note.to_dict() for note in notes] for name, notes in self.draft.items()}
        return out

    @classmethod
    def from_settings(cls, score: Score, data: Any, *, document_revision: int = 0) -> InfillRequest:
        """Read what :meth:`settings` wrote, or what an untrusted client sent in that form.

        Raises:
            BadRequest: an unknown field, a wrong type, or a value that does not fit the score.
        """
        if not isinstance(data, Mapping) or not data.keys() <= SETTINGS or data.get("task", "infill") != "infill":
            raise BadRequest("This is not a request to fill a gap.")
        per_track, regions, new = data.get("per_track", {}), data.get("regions"), data.get("new_tracks", [])
        draft, again = data.get("draft", {}), data.get("again", [])
        if not all(isinstance(item, list) for item in (regions, new, again)):
            raise BadRequest("The gaps and new tracks of a request must be lists.")
        if not isinstance(per_track, Mapping) or not isinstance(draft, Mapping):
            raise BadRequest("The track settings of a request must be an object, and so must an idea's notes.")
        try:
            return cls(
                score, _regions(regions),
                data.get("around", False), data.get("overhang", False),
                InfillControls.from_dict(data.get("controls", {})),
                {name: InfillControls.from_dict(item) for name, item in per_track.items()},
                tuple(NewTrack(**item) for item in new), data.get("count", 1), document_revision,
                {name: tuple(Note.from_dict(note) for note in _short(notes)) for name, notes in draft.items()},
                _regions(again),
            )  # fmt: skip
        except (BadDocument, KeyError, TypeError) as error:
            raise BadRequest("A gap needs a start, an end and tracks that fit this piece; mark it again.") from error


def _regions(items: Any) -> tuple[Region, ...]:
    return tuple(Region(item["start"], item["end"], tuple(item["tracks"])) for item in items)


def _short(notes: Any) -> list[Any]:
    if not isinstance(notes, list) or len(notes) > MAX_DRAFT_NOTES:
        raise BadRequest(f"An idea to change may hold at most {MAX_DRAFT_NOTES:,} notes a track.")
    return notes
