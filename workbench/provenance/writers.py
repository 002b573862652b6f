"""Which run wrote which note: followed through a piece's log, edit by edit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from workbench.errors import BadDocument
from workbench.provenance.run import Run, fact, runs
from workbench.score.events import CHANGES, Event
from workbench.score.score import Note, Score

#: Reasons of an ``open`` that brings another piece, if it carries one; and of one that a person changed from Python.
ANOTHER_PIECE = ("file", "page", "start")
BY_HAND = "python"

Place = tuple[str, str]  # track id, note id
Shape = tuple[str, int, int, int]  # author, pitch, duration, velocity


def writers(score: Score, events: Iterable[Event]) -> dict[Place, str]:
    """Which run wrote each note of a piece: (track id, note id) -> run id; notes of no recorded run are left out.

    Follows the log's edits, undone and redone ones too. A copy of a model's note, which a person pasted, counts as
    written by the run of the note it equals, or else by the last run of that model whose notes were kept. An ``open``
    of another piece begins anew; where somebody changed a score by hand, notes that look as they were written are
    still known. Events that make no sense are passed over.

    Args:
        score: the piece as it stands now.
        events: its whole log.
    """
    events = list(events)
    trail = _Trail(runs(events))
    for event in events:
        kind, payload = event["kind"], event.get("payload")
        try:
            if kind == "open" and "score" in payload:  # type: ignore[operator]
                trail = trail.after(payload["reason"], payload["score"])  # type: ignore[index]
            elif kind in CHANGES:
                trail.follow(event)
        except (BadDocument, AttributeError, KeyError, TypeError, ValueError):
            continue  # a stranger's log; what it does not tell is not known
    places = ((track.id, note) for track in score.tracks for note in track.notes.values())
    return {
        (track_id, note.id): run
        for track_id, note in places
        if (run := trail.at.get((track_id, note.id))) and "model:" in note.author
    }


class _Trail:
    """Which run wrote what, edit by edit."""

    def __init__(self, known: Mapping[str, Run]) -> None:
        self.known = known
        self.at: dict[Place, str] = {}
        self._steps: dict[int, tuple[dict[Place, str], dict[Place, str]]] = {}  # seq -> before, after ("": nobody)
        self._shapes: dict[Shape | None, str] = {}  # what a run's note looked like -> the run
        self._last: dict[str, str] = {}  # author -> the last run that wrote a note under this name

    def after(self, reason: str, score: Any) -> _Trail:
        """The trail once a log has gone on with a score that its changes did not lead to."""
        if reason in ANOTHER_PIECE:
            return _Trail(self.known)
        if reason == BY_HAND:
            there = Score.from_dict(score)
            looks = {(track.id, note.id): _shape(note) for track, note in there.all_notes()}
            self.at = {place: run for place, run in self.at.items() if self._shapes.get(looks.get(place)) is not None}
        return self

    def follow(self, event: Event) -> None:
        kind, cause = event["kind"], event.get("cause")
        if kind in ("undo", "redo") and cause in self._steps:
            self._turn(self._steps[cause][kind == "redo"])
            return
        told = fact(event["payload"].get("runs"))
        after: dict[Place, str] = {}
        for place, note in _changes(event["payload"]["operation"]):
            after[place] = "" if note is None else self._writer(place, note, told)
        self._steps[event.get("seq", -1)] = ({place: self.at.get(place, "") for place in after}, after)
        self._turn(after)

    def _turn(self, changes: Mapping[Place, str]) -> None:
        for place, run in changes.items():
            if run:
                self.at[place] = run
            else:
                self.at.pop(place, None)

    def _writer(self, place: Place, note: Note, told: Mapping[str, list[str]]) -> str:
        """The run that wrote a note which an edit brings in; empty if that is nobody we know."""
        shape = _shape(note)
        author = shape[0]
        if not author.startswith("model:"):
            return ""
        for run, tracks in told.items():
            if (not tracks or place[0] in tracks) and (
                run not in self.known or f"model:{self.known[run].model}" == author
            ):
                self._shapes[shape] = self._last[author] = run
                return run
        return self._shapes.get(shape) or self._last.get(author, "")


def _shape(note: Note) -> Shape:
    return note.author.removeprefix("human+"), note.pitch, note.duration, note.velocity


def _changes(operation: Any) -> Iterator[tuple[Place, Note | None]]:
    """The notes that an operation takes out (None) and brings in, in order."""
    kind = operation["op"]
    if kind == "compound":
        for part in operation["ops"]:
            yield from _changes(part)
    elif kind in ("add_notes", "remove_notes"):
        for item in operation["notes"]:
            yield (operation["track"], item["id"]), Note.from_dict(item) if kind == "add_notes" else None
    elif kind == "replace_region":
        for track, items in operation["removed"].items():
            yield from (((track, item["id"]), None) for item in items)
        for track, items in operation["added"].items():
            yield from (((track, item["id"]), Note.from_dict(item)) for item in items)
    elif kind in ("add_track", "remove_track"):
        content = operation["content"]
        for item in content["notes"]:
            yield (content["id"], item["id"]), Note.from_dict(item) if kind == "add_track" else None


def runs_behind(score: Score, events: Iterable[Event]) -> list[Run]:
    """Every run that wrote a note of the piece as it stands, in the order in which they ran."""
    events = list(events)
    wanted = set(writers(score, events).values())
    return [run for name, run in runs(events).items() if name in wanted]
