"""What people decided between ideas, read out of one sitting: what lay side by side, and which of it was kept.

Follows the piece change by change, so that every run is met with the piece that it was asked for (by the hash that the
run names), and what a person makes of a kept idea is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workbench.errors import WorkbenchError
from workbench.hub.tasks.infill.preference import rows_of
from workbench.hub.tasks.infill.request import InfillRequest
from workbench.provenance.run import Run
from workbench.score.events import CHANGES
from workbench.score.score import Note, Region, Score
from workbench.study.tables.piece import Piece

Event = Mapping[str, Any]
Notes = dict[str, tuple[Note, ...]]


@dataclass
class Shown:
    """One idea that was shown: ``number`` as the page counts, ``place`` in its run; the run and what it was asked."""

    number: int
    place: int
    run: Run
    request: InfillRequest
    heard: bool = False
    turned_away: bool = False

    def comparable(self, other: Shown) -> bool:
        """Whether both were made for the same gaps of the same piece."""
        same = self.run.inputs == other.run.inputs and self.request.regions == other.request.regions
        return same and self.request.around == other.request.around and self.run.model == other.run.model


@dataclass
class Decision:
    """An idea was kept.

    ``shown``: all that lay there, the kept one too; ``notes``: of the kept one, as they entered the piece; ``mixed``:
    it is made of several; ``edited``: what the person made of its notes, None where they left them, and ``edits``: by
    which events; ``undone``: they took it back; ``closed``: another idea was kept in the same place.
    """

    kept: Shown
    shown: list[Shown]
    notes: Notes
    seq: int
    mixed: bool = False
    edited: Notes | None = None
    undone: bool = False
    edits: set[int] = field(default_factory=set)
    closed: bool = False


def decisions(events: Sequence[Event]) -> list[Decision]:
    """Every idea that was kept in a sitting, in order; what the log does not hold in full is passed over."""
    return _Reader(events).read()


class _Reader:
    def __init__(self, events: Sequence[Event]) -> None:
        self.events = events
        self.piece = Piece()
        self.wanted = {hash_ for run in _runs(events) for hash_ in run.inputs.values()}
        self.pieces: dict[str, Score] = {}
        self.runs = {run.id: run for run in _runs(events)}
        self.table: list[Shown] = []
        self.found: list[Decision] = []

    def read(self) -> list[Decision]:
        last = None
        for event in self.events:
            if last is not None and event["seq"] != last + 1:
                self.piece.lost()
                self.table = []
            last = event["seq"]
            self._one(event)
        return self.found

    def _one(self, event: Event) -> None:
        kind, payload = event["kind"], event["payload"]
        if kind == "open" and event["before"] != event["after"]:
            self.table = []
        if kind in CHANGES:
            self._changed(event)
        self.piece.follow(event)
        self._snapshot(event)
        if kind == "suggest":
            self._suggested(payload)
        elif kind == "audition":
            for one in self._named(payload.get("what"), payload):
                one.heard = True
        elif kind == "reject":
            for one in self._named(payload.get("idea"), payload):
                one.turned_away = True
        elif kind in ("edited", "undo", "redo"):
            self._followed(event)

    def _snapshot(self, event: Event) -> None:
        """Remember the piece as a run was given it."""
        if event["kind"] in (*CHANGES, "open") and event["after"] in self.wanted and self.piece.score is not None:
            self.pieces.setdefault(str(event["after"]), self.piece.score.copy())

    def _suggested(self, payload: Mapping[str, Any]) -> None:
        run = self.runs.get(str(payload.get("run")))
        first, count = payload.get("first", 1), payload.get("ideas")
        if first == 1:
            self.table = []
        if run is None or type(first) is not int or type(count) is not int or not 0 < count <= 64:
            return
        piece = self.pieces.get(run.inputs.get("score", ""))
        if piece is None:
            return
        try:
            request = InfillRequest.from_settings(piece, dict(run.settings))
        except WorkbenchError:
            return
        self.table += [Shown(first + place, place, run, request) for place in range(count)]

    def _named(self, number: Any, payload: Mapping[str, Any]) -> Iterator[Shown]:
        runs = payload.get("runs")
        names = {payload.get("run"), *(runs if isinstance(runs, (dict, list)) else ())}
        yield from (one for one in self.table if str(one.number) == str(number) and one.run.id in names)

    def _changed(self, event: Event) -> None:
        """Before the piece changes: an idea is kept, or a step is taken back or brought back."""
        kind, payload = event["kind"], event["payload"]
        if kind == "accept":
            self._kept(event)
        elif kind in ("undo", "redo"):
            for decision in self.found:
                if decision.seq == event["cause"]:
                    decision.undone = kind == "undo"
        regions = list(_replaced(payload.get("operation")))
        for decision in self.found:  # written over: what stands there afterwards is no work on this idea
            if kind == "accept" and decision.seq != event["seq"] and _meet(decision.kept.request.regions, regions):
                decision.closed = True

    def _kept(self, event: Event) -> None:
        payload = event["payload"]
        rows = payload.get("ideas")
        named = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        numbers = [str(row.get("number")) for row in named] or str(payload.get("idea", "")).split("+")
        kept = [one for name in numbers for one in self._named(name, payload)]
        if kept:
            notes = {track: tuple(found) for track, found in _added(payload.get("operation")).items()}
            self.found.append(Decision(kept[0], self.table, notes, event["seq"], mixed=len(numbers) != 1))
        self.table = []

    def _followed(self, event: Event) -> None:
        """The person worked on the notes of a kept idea, or took that back: look at what stands there now."""
        for decision in self.found:
            if event["kind"] == "edited" and decision.seq == event["cause"]:
                decision.edits.add(int(event["payload"].get("edit", -1)))
            elif event["kind"] == "edited" or event["cause"] not in decision.edits:
                continue
            if decision.closed or self.piece.score is None:
                continue
            now = _standing(self.piece.score, decision)
            decision.edited = None if rows_of(now) == rows_of(decision.notes) else now


def _runs(events: Sequence[Event]) -> Iterator[Run]:
    for event in events:
        if event["kind"] == "run" and event["payload"].get("task") == "infill":
            try:
                run = Run.from_dict(event["payload"])
            except WorkbenchError:
                continue
            if run.outcome == "done":
                yield run


def _parts(operation: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(operation, dict):
        if operation.get("op") == "compound":
            for part in operation.get("ops", ()):
                yield from _parts(part)
        else:
            yield operation


def _added(operation: Any) -> dict[str, list[Note]]:
    """The notes that an operation brings, by track; those that stood there before and stay are not among them."""
    out: dict[str, list[Note]] = {}
    for part in _parts(operation):
        if part.get("op") == "replace_region":
            for track, items in part["added"].items():
                stays = part["removed"].get(track, ())
                out.setdefault(track, []).extend(Note.from_dict(item) for item in items if item not in stays)
        elif part.get("op") == "add_track":
            content = part["content"]
            out.setdefault(content["id"], []).extend(Note.from_dict(item) for item in content.get("notes", ()))
    return out


def _replaced(operation: Any) -> Iterator[Region]:
    for part in _parts(operation):
        if part.get("op") == "replace_region":
            found = part["region"]
            yield Region(found["start"], found["end"], tuple(found["tracks"]))


def _meet(some: Sequence[Region], others: Sequence[Region]) -> bool:
    return any(
        a.start < b.end and b.start < a.end and not set(a.tracks).isdisjoint(b.tracks) for a in some for b in others
    )


def _standing(score: Score, decision: Decision) -> Notes:
    """What stands in the gaps of a kept idea now, without what stood there before and was not to be replaced."""
    request = decision.kept.request
    stood = {
        track.id: {note.id for note in track.notes.values() if request.around or note.locked}
        for track in request.score.tracks
    }
    return {
        track.id: tuple(
            note
            for note in track.sorted_notes()
            if note.id not in stood.get(track.id, ()) and any(r.contains(track.id, note) for r in request.regions)
        )
        for track in score.tracks
    }
