"""The document: a score of tracks and notes on an integer time line.

Time is counted in ticks, ``ppq`` to the quarter note; tempo is an integer number of microseconds per quarter.
Nothing here is a float, so the same document has the same canonical JSON (and the same hash) in Python and in
the browser. :class:`Note` and the lane events are plain values; :class:`Track` and :class:`Score` change
through :mod:`workbench.score.operations` alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.errors import BadDocument
from workbench.score.lanes import (
    MAX_TICK,
    SCORE_LANES,
    TRACK_LANES,
    Bend,
    Chord,
    Control,
    Key,
    Meter,
    Program,
    Raw,
    Silence,
    Tempo,
    Text,
    check_author,
    check_flag,
    check_id,
    check_int,
    check_list,
    check_record,
    check_text,
    read_lane,
)

SCHEMA = 1
DEFAULT_PPQ = 960
MAX_NOTES = 200_000
MAX_TRACKS = 1_024


@dataclass(frozen=True, slots=True)
class Note:
    """One note. ``start`` and ``duration`` in ticks; pitch and velocity as in MIDI (velocity 1 to 127).

    A duration of zero is a grace note (or a zero-length note of an imported file). ``author`` is set once;
    ``edited_by`` lists, sorted, who changed the note later.
    """

    id: str
    start: int
    duration: int
    pitch: int
    velocity: int = 80
    author: str = "human"
    edited_by: tuple[str, ...] = ()
    locked: bool = False

    def __post_init__(self) -> None:
        check_id(self.id, "A note's id")
        check_int(self.start, 0, MAX_TICK, "A note's start")
        check_int(self.duration, 0, MAX_TICK, "A note's duration")
        check_int(self.pitch, 0, 127, "A note's pitch")
        check_int(self.velocity, 1, 127, "A note's velocity")
        check_author(self.author)
        for name in self.edited_by:
            check_author(name)

    @property
    def end(self) -> int:
        """First tick after the note."""
        return self.start + self.duration

    def to_dict(self) -> dict[str, Any]:
        """Canonical form; ``edited_by`` and ``locked`` are left out while empty or 0."""
        out: dict[str, Any] = {
            "author": self.author, "duration": self.duration, "id": self.id, "pitch": self.pitch,
            "start": self.start, "velocity": self.velocity,
        }  # fmt: skip
        if self.edited_by:
            out["edited_by"] = list(self.edited_by)
        if self.locked:
            out["locked"] = 1
        return out

    @classmethod
    def from_dict(cls, data: Any) -> Note:
        """Read the canonical form; raises :class:`BadDocument` on anything else."""
        known = {"author", "duration", "id", "pitch", "start", "velocity", "edited_by", "locked"}
        data = check_record(data, known, {"id", "start", "duration", "pitch"}, "A note")
        edited = data.get("edited_by", [])
        if not isinstance(edited, list) or not all(isinstance(name, str) for name in edited):
            raise BadDocument("A note's editors must be a list of names.")
        return cls(
            data["id"], data["start"], data["duration"], data["pitch"], data.get("velocity", 80),
            data.get("author", "human"), tuple(sorted(set(edited))), check_flag(data.get("locked", 0), "A note's lock"),
        )  # fmt: skip


#: Scalar fields of a track: name, default, check.
_TRACK_FIELDS: dict[str, tuple[Any, Any]] = {
    "color": (0, lambda value: check_int(value, 0, 255, "A track's colour")),
    "is_drum": (False, lambda value: check_flag(value, "A track's drum flag")),
    "locked": (False, lambda value: check_flag(value, "A track's lock")),
    "mute": (False, lambda value: check_flag(value, "A track's mute")),
    "name": ("", lambda value: check_text(value, "A track's name", 1_000)),
    "pan": (64, lambda value: check_int(value, 0, 127, "A track's pan")),
    "program": (0, lambda value: check_int(value, 0, 127, "A track's program")),
    "room": (40, lambda value: check_int(value, 0, 127, "A track's room")),
    "solo": (False, lambda value: check_flag(value, "A track's solo")),
    "volume": (100, lambda value: check_int(value, 0, 127, "A track's volume")),
}
TRACK_FIELDS = tuple(_TRACK_FIELDS)


@dataclass(slots=True)
class Track:
    """One instrument: settings, notes by id, and lanes of events.

    ``volume`` and ``pan`` are MIDI controllers 7 and 10 at the track's start (0 to 127, pan 64 = centre),
    ``room`` the send to the common room (controller 91), ``color`` an index into the palette.
    """

    id: str
    name: str = ""
    program: int = 0
    is_drum: bool = False
    volume: int = 100
    pan: int = 64
    room: int = 40
    mute: bool = False
    solo: bool = False
    locked: bool = False
    color: int = 0
    notes: dict[str, Note] = field(default_factory=dict)
    bends: list[Bend] = field(default_factory=list)
    controls: list[Control] = field(default_factory=list)
    programs: list[Program] = field(default_factory=list)
    raws: list[Raw] = field(default_factory=list)
    silences: list[Silence] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)

    def __post_init__(self) -> None:
        check_id(self.id, "A track's id")
        for name in TRACK_FIELDS:
            setattr(self, name, check_track_field(name, getattr(self, name)))

    def sorted_notes(self) -> list[Note]:
        """Notes in canonical order: by start, pitch, id."""
        return sorted(self.notes.values(), key=lambda note: (note.start, note.pitch, note.id))

    def to_dict(self) -> dict[str, Any]:
        """Canonical form; empty lanes are left out, flags are 0 or 1."""
        out: dict[str, Any] = {"id": self.id, "notes": [note.to_dict() for note in self.sorted_notes()]}
        for name in TRACK_FIELDS:
            value = getattr(self, name)
            out[name] = int(value) if isinstance(value, bool) else value
        for name in TRACK_LANES:
            if lane := getattr(self, name):
                out[name] = [event.to_dict() for event in lane]
        return out

    @classmethod
    def from_dict(cls, data: Any) -> Track:
        """Read the canonical form; raises :class:`BadDocument` on anything else."""
        data = check_record(data, {"id", "notes", *TRACK_FIELDS, *TRACK_LANES}, {"id"}, "A track")
        track = cls(data["id"], **{name: data[name] for name in TRACK_FIELDS if name in data})
        for item in check_list(data.get("notes", []), "A track's notes", MAX_NOTES):
            note = Note.from_dict(item)
            if note.id in track.notes:
                raise BadDocument("Two notes of one track have the same id.")
            track.notes[note.id] = note
        for name, kind in TRACK_LANES.items():
            setattr(track, name, read_lane(data.get(name, []), kind, name))
        return track


def check_track_field(name: str, value: Any) -> Any:
    """Return ``value`` if track field ``name`` may hold it (flags become bool)."""
    if name not in _TRACK_FIELDS:
        raise BadDocument(f"{str(name)[:40]!r} is not a field of a track.")
    return _TRACK_FIELDS[name][1](value)


@dataclass(slots=True)
class Score:
    """The whole piece. ``pickup`` is the length in ticks of bar 0 (0: the piece starts with bar 1).

    ``meta`` holds plain facts about the piece (``composer``, ``licence``, ``source`` ...), text to text.
    """

    title: str = ""
    ppq: int = DEFAULT_PPQ
    pickup: int = 0
    tracks: list[Track] = field(default_factory=list)
    tempos: list[Tempo] = field(default_factory=lambda: [Tempo(0)])
    meters: list[Meter] = field(default_factory=lambda: [Meter(0)])
    keys: list[Key] = field(default_factory=list)
    chords: list[Chord] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    raws: list[Raw] = field(default_factory=list)
    meta: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("title", "ppq", "pickup"):
            check_score_field(name, getattr(self, name))

    def track(self, track_id: str) -> Track:
        """The track with this id; raises :class:`BadDocument` if there is none."""
        for track in self.tracks:
            if track.id == track_id:
                return track
        raise BadDocument(f"There is no track {str(track_id)[:64]!r} in this piece.")

    def all_notes(self) -> Iterator[tuple[Track, Note]]:
        """Every note with its track, track by track, in canonical order."""
        for track in self.tracks:
            for note in track.sorted_notes():
                yield track, note

    @property
    def note_count(self) -> int:
        """Number of notes in all tracks."""
        return sum(len(track.notes) for track in self.tracks)

    @property
    def end(self) -> int:
        """First tick after the last note (0 for an empty score)."""
        return max((note.end for track in self.tracks for note in track.notes.values()), default=0)

    def to_dict(self) -> dict[str, Any]:
        """Canonical form: integers, strings, lists and objects only."""
        out: dict[str, Any] = {
            "schema": SCHEMA, "title": self.title, "ppq": self.ppq, "pickup": self.pickup,
            "tracks": [track.to_dict() for track in self.tracks],
        }  # fmt: skip
        for name in SCORE_LANES:
            if lane := getattr(self, name):
                out[name] = [event.to_dict() for event in lane]
        if self.meta:
            out["meta"] = dict(self.meta)
        return out

    @classmethod
    def from_dict(cls, data: Any) -> Score:
        """Read the canonical form; raises :class:`BadDocument` on anything else."""
        known = {"schema", "title", "ppq", "pickup", "tracks", "meta", *SCORE_LANES}
        data = check_record(data, known, {"schema", "ppq", "tracks"}, "A score")
        if data["schema"] != SCHEMA:
            raise BadDocument("This project was made by a newer version of the workbench; update it to open this file.")
        score = cls(data.get("title", ""), data["ppq"], data.get("pickup", 0))
        for item in check_list(data["tracks"], "A score's tracks", MAX_TRACKS):
            score.tracks.append(Track.from_dict(item))
        ids = [track.id for track in score.tracks]
        if len(set(ids)) < len(ids):
            raise BadDocument("Two tracks have the same id.")
        if score.note_count > MAX_NOTES:
            raise BadDocument(f"A piece may hold at most {MAX_NOTES:,} notes.")
        for name, kind in SCORE_LANES.items():
            setattr(score, name, read_lane(data.get(name, []), kind, name))
        score.meta = check_meta(data.get("meta", {}))
        return score

    @classmethod
    def open(cls, source: str | Path | bytes) -> Score:
        """Open a MIDI, MusicXML, ABC or project file; see :func:`workbench.score.files.load`.

        Raises:
            BadFile: the file cannot be read; the message says why in one sentence.
        """
        from workbench.score.files import load

        return load(source).score

    def save(self, path: str | Path) -> None:
        """Save as ``.mid``, ``.musicxml`` or ``.wbz``; see :func:`workbench.score.files.save`."""
        from workbench.score.files import save

        save(self, path)

    def copy(self) -> Score:
        """A copy that can be changed by itself (notes and lane events are shared: they never change)."""
        twin = Score(self.title, self.ppq, self.pickup, meta=dict(self.meta))
        for name in SCORE_LANES:
            setattr(twin, name, list(getattr(self, name)))
        for track in self.tracks:
            clone = Track(track.id, **{name: getattr(track, name) for name in TRACK_FIELDS}, notes=dict(track.notes))
            for name in TRACK_LANES:
                setattr(clone, name, list(getattr(track, name)))
            twin.tracks.append(clone)
        return twin


def check_score_field(name: str, value: Any) -> Any:
    """Return ``value`` if score field ``title``, ``ppq``, ``pickup`` or ``meta`` may hold it."""
    if name == "title":
        return check_text(value, "A title", 1_000)
    if name == "ppq":
        return check_int(value, 1, 32_767, "The number of ticks to a quarter")
    if name == "pickup":
        return check_int(value, 0, MAX_TICK, "The pickup's length")
    if name == "meta":
        return check_meta(value)
    raise BadDocument(f"{str(name)[:40]!r} is not a field of a score.")


def check_meta(value: Any) -> dict[str, str]:
    """Return a copy of ``value`` if it maps ids to texts."""
    if not isinstance(value, dict) or len(value) > 100:
        raise BadDocument("The facts about a piece must be at most 100 named texts.")
    return {check_id(name, "A fact's name"): check_text(text, "A fact's text") for name, text in value.items()}


def fresh_ids(taken: Iterable[str], prefix: str, count: int) -> list[str]:
    """``count`` ids ``prefix1``, ``prefix2`` ... that continue after the highest one in ``taken``."""
    highest = 0
    for name in taken:
        tail = name[len(prefix) :]
        if name.startswith(prefix) and tail.isascii() and tail.isdigit() and len(tail) < 16:
            highest = max(highest, int(tail))
    return [f"{prefix}{highest + step}" for step in range(1, count + 1)]


@dataclass(frozen=True, slots=True)
class Region:
    """A stretch of some tracks: notes whose *onset* lies in [start, end) of a named track belong to it."""

    start: int
    end: int
    tracks: tuple[str, ...]

    def __post_init__(self) -> None:
        check_int(self.start, 0, MAX_TICK, "A region's start")
        check_int(self.end, self.start, MAX_TICK, "A region's end")

    def contains(self, track_id: str, note: Note) -> bool:
        """Whether the note's onset lies inside."""
        return track_id in self.tracks and self.start <= note.start < self.end
