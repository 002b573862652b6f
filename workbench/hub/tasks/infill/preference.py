"""What a person preferred, as a file others can learn from: of two ideas for one gap, which was kept.

A file holds one JSON object a line, with the fields of :data:`FIELDS`; :func:`load_preferences` believes none of them.
Pieces are in the workbench's own score JSON, cut to :data:`BARS_AROUND` bars on either side of the gap and without
titles, names, words or facts; times are ticks of that piece. ``InfillRequest.from_settings(score, request)`` is the
request as the model had it, so that key and window come out as they were for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import BadDocument, BadFile, BadRequest, WorkbenchError
from workbench.fsutil import shown
from workbench.hub.tasks.infill.request import MAX_DRAFT_NOTES, InfillRequest
from workbench.score.score import Note, Score, Track
from workbench.score.timemap import TimeMap

FORMAT, VERSION = "workbench-preference", 1
#: How a preference came about.
SOURCES = {
    "kept": "one idea was kept while the other was shown beside it",
    "rejected": "one idea was kept, the other was turned away in so many words",
    "again": "a part of the other was tried again, and what came of it was kept",
    "edited": "the person changed the idea that they had kept; what they made of it is the chosen one",
}
#: Every field of a line.
FIELDS = {
    "format": f"always {FORMAT}",
    "version": "of this format",
    "person": "code of the person, made for this file alone: split training and test by it",
    "source": "; ".join(f"{name}: {text}" for name, text in SOURCES.items()),
    "model": "id of the model that wrote the ideas",
    "revision": "of its weights",
    "weights": "file of the weights -> SHA-256",
    "run": "id of the run that wrote the chosen idea (of edited: that it was before)",
    "seed": "of that run",
    "score": "the piece around the gap, score JSON; no note of the ideas is in it",
    "request": "the request but for the piece: gaps (ticks, tracks), count, controls, new tracks",
    "window": "first and last tick of the piece from which notes were kept",
    "chosen": "track -> [start, duration, pitch, velocity] of each note of the idea that was kept",
    "rejected": "the same of the other idea",
    "heard": "whether the other idea was listened to; null where the log does not say",
    "consent": "box that was ticked, and version of the text",
}
BARS_AROUND = 16
MAX_LINE, MAX_LINES = 16 * 2**20, 200_000

_PERSON = re.compile(r"p[0-9a-f]{16}\Z")
_NAME = re.compile(r"[^\s\x00-\x1f]{1,200}\Z")
Row = tuple[int, int, int, int]
Notes = Mapping[str, tuple[Note, ...]]


@dataclass(frozen=True)
class Preference:
    """One line; see :data:`FIELDS`. ``request`` holds the piece and what was asked for."""

    person: str
    source: str
    model: str
    revision: str
    run: str
    seed: int
    request: InfillRequest
    window: tuple[int, int]
    chosen: Notes
    rejected: Notes
    heard: bool | None
    consent: Mapping[str, str]
    weights: Mapping[str, str]

    def __post_init__(self) -> None:
        if not (isinstance(self.person, str) and _PERSON.match(self.person)):
            raise BadDocument("its person is no code")
        if self.source not in SOURCES:
            raise BadDocument(f"its source is none of {', '.join(SOURCES)}")
        for name in ("model", "revision", "run"):
            if not (isinstance(getattr(self, name), str) and _NAME.match(getattr(self, name))):
                raise BadDocument(f"its {name} is no name")
        if type(self.seed) is not int or not 0 <= self.seed < 2**53:
            raise BadDocument("its seed is no whole number")
        for name in ("consent", "weights"):
            found = getattr(self, name)
            if not isinstance(found, Mapping) or not all(isinstance(x, str) for item in found.items() for x in item):
                raise BadDocument(f"its {name} are no texts")
        if not self.consent.get("box"):
            raise BadDocument("it does not say what box of the consent permits it")
        if self.heard not in (True, False, None):
            raise BadDocument("whether it was heard cannot be read")
        if rows_of(self.chosen) == rows_of(self.rejected):
            raise BadDocument("both ideas are the same")

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        settings = self.request.settings()
        return {
            "format": FORMAT, "version": VERSION, "person": self.person, "source": self.source, "model": self.model,
            "revision": self.revision, "weights": dict(self.weights), "run": self.run, "seed": self.seed,
            "score": self.request.score.to_dict(), "request": settings, "window": list(self.window),
            "chosen": rows_of(self.chosen), "rejected": rows_of(self.rejected), "heard": self.heard,
            "consent": dict(self.consent),
        }  # fmt: skip

    @classmethod
    def from_json(cls, data: Any) -> Preference:
        """Read the JSON form, whoever wrote it.

        Raises:
            BadDocument: it is none; the text says what is wrong and fits after "the preference: ".
        """
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise BadDocument("it is something else")
        if data.get("version") != VERSION:
            raise BadDocument(f"it is of version {str(data.get('version'))[:20]}, and this workbench reads {VERSION}")
        if set(data) != set(FIELDS):
            raise BadDocument("its fields are others")
        try:
            request = InfillRequest.from_settings(Score.from_dict(data["score"]), data["request"])
        except (BadDocument, BadRequest) as problem:
            raise BadDocument(f"its piece or request does not fit ({problem})") from problem
        window = data["window"]
        if not isinstance(window, list) or len(window) != 2 or not all(type(tick) is int for tick in window):
            raise BadDocument("its window is no stretch of time")
        return cls(
            data["person"], data["source"], data["model"], data["revision"], data["run"], data["seed"], request,
            (window[0], window[1]), _notes(data["chosen"], request, "chosen"),
            _notes(data["rejected"], request, "rejected"), data["heard"], data["consent"], data["weights"],
        )  # fmt: skip


def rows_of(notes: Mapping[str, Sequence[Note]]) -> dict[str, list[list[int]]]:
    """Notes of an idea as plain numbers by track, sorted; tracks without notes are left out."""
    return {
        name: sorted([note.start, note.duration, note.pitch, note.velocity] for note in found)
        for name, found in sorted(notes.items())
        if found
    }


def _notes(data: Any, request: InfillRequest, what: str) -> Notes:
    count = sum(len(rows) for rows in data.values() if isinstance(rows, list)) if isinstance(data, dict) else -1
    if not 0 <= count <= MAX_DRAFT_NOTES:
        raise BadDocument(f"its {what} idea is no table of notes")
    out: dict[str, tuple[Note, ...]] = {}
    for name, rows in data.items():
        if not isinstance(rows, list) or not all(isinstance(row, list) and len(row) == 4 for row in rows):
            raise BadDocument(f"its {what} idea is no table of notes")
        try:
            found = tuple(Note(f"n{number}", *row) for number, row in enumerate(rows, 1))
        except (BadDocument, TypeError) as problem:
            raise BadDocument(f"a note of its {what} idea cannot be ({problem})") from problem
        if not all(any(region.contains(name, note) for region in request.regions) for note in found):
            raise BadDocument(f"a note of its {what} idea lies outside the gap")
        out[name] = found
    return out


def around_gap(request: InfillRequest) -> tuple[InfillRequest, tuple[int, int]]:
    """The request on the part of its piece near the gaps, without anything that says whose piece it is, and its window.

    What stands in the gaps and is to be replaced stays: a model may look at it.
    """
    score, time = request.score, TimeMap(request.score)
    first, last = min(r.start for r in request.regions), max(r.end for r in request.regions)
    bars = time.bar_at(first), time.bar_at(max(first, last - 1))
    start = max(0, first - BARS_AROUND * (bars[0].end - bars[0].start))
    end = last + BARS_AROUND * (bars[1].end - bars[1].start)
    small = Score(ppq=score.ppq, pickup=score.pickup)
    for name in ("tempos", "meters", "keys", "chords"):
        setattr(small, name, list(getattr(score, name)))
    for track in score.tracks:
        own = {note.id: note for note in track.notes.values() if start <= note.start < end}
        small.tracks.append(
            Track(track.id, program=track.program, is_drum=track.is_drum, locked=track.locked, notes=own)
        )
    settings = {name: value for name, value in request.settings().items() if name not in ("draft", "again")}
    settings["new_tracks"] = [{**track.to_dict(), "name": ""} for track in request.new_tracks]
    return InfillRequest.from_settings(small, settings), (start, end)


def write_lines(preferences: Iterable[Preference]) -> bytes:
    """The file's bytes: a line each."""
    lines = (json.dumps(one.to_json(), ensure_ascii=False, separators=(",", ":")) for one in preferences)
    return "".join(f"{line}\n" for line in lines).encode()


def load_preferences(path: str | Path) -> list[Preference]:
    """Read a file of preferences, whoever wrote it.

    Raises:
        BadFile: it cannot be read, or a line is no preference; the sentence names the line.
    """
    place = Path(path)
    out: list[Preference] = []
    try:
        with place.open("rb") as file:
            for number in range(1, MAX_LINES + 2):
                line = file.readline(MAX_LINE + 1)
                if not line:
                    break
                if len(line) > MAX_LINE or number > MAX_LINES:
                    raise BadFile(f"{shown(place)} is too large for a file of preferences (line {number}).")
                if line.strip():
                    out.append(_line(place, number, line))
    except OSError as problem:
        raise BadFile(f"{shown(place)} cannot be read: {problem.strerror or problem}.") from problem
    if not out:
        raise BadFile(f"There is no preference in {shown(place)}.")
    return out


def _line(place: Path, number: int, line: bytes) -> Preference:
    try:
        return Preference.from_json(json.loads(line))
    except WorkbenchError as problem:
        reason = str(problem).rstrip(".")
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError):
        reason = "it cannot be read"
    raise BadFile(f"Line {number} of {shown(place)} is no preference: {reason}.")
