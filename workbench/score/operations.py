"""Every change of a score, as data.

An operation is a JSON object with a kind (``op``) that carries the old and the new values, never differences:
it can be checked before it is applied, undone exactly, sent between browser and server, logged and replayed.

=================  =============================================================================
kind               fields
=================  =============================================================================
``add_notes``      ``track``, ``notes``
``remove_notes``   ``track``, ``notes`` (whole notes, so that the inverse can bring them back)
``move_notes``     ``track``, ``changes``: ``id``, ``old``, ``new`` with start and pitch
``resize_notes``   the same with start and duration
``set_velocity``   the same with velocity
``edit_notes``     the same with any of start, duration, pitch, velocity, locked
``replace_region`` ``region`` (start, end, tracks), ``removed`` and ``added``: notes by track
``set_track``      ``track``, ``old``, ``new``: settings of the track
``add_track``      ``index``, ``content`` (the whole track)
``remove_track``   ``index``, ``content``
``move_track``     ``track``, ``old``, ``new``: places in the list
``set_lane``       ``track`` ("" for the score's own lanes), ``lane``, ``at``, ``old``, ``new``: a splice
``set_score``      ``old``, ``new``: title, pickup, meta
``compound``       ``name``, ``ops``: applied in order, undone as one
=================  =============================================================================

Changes of notes may also carry ``edited_by`` (in old and new). The TypeScript twin lives in
``workbench/web/src/document``; both pass the same golden file.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

from workbench.errors import BadDocument, BadOperation
from workbench.score.lanes import SCORE_LANES, TRACK_LANES, check_int, check_list, check_record, read_lane
from workbench.score.score import (
    MAX_NOTES,
    MAX_TRACKS,
    TRACK_FIELDS,
    Note,
    Region,
    Score,
    Track,
    check_score_field,
    check_track_field,
)

Operation = dict[str, Any]

MAX_DEPTH = 8
#: Which fields of a note each kind of change may touch (``edited_by`` may always come along).
CHANGE_FIELDS: dict[str, frozenset[str]] = {
    "move_notes": frozenset({"start", "pitch", "edited_by"}),
    "resize_notes": frozenset({"start", "duration", "edited_by"}),
    "set_velocity": frozenset({"velocity", "edited_by"}),
    "edit_notes": frozenset({"start", "duration", "pitch", "velocity", "locked", "edited_by"}),
}
SCORE_FIELDS = ("meta", "pickup", "title")


def apply(score: Score, operation: Operation) -> None:
    """Apply an operation in place; on failure the score is left as it was.

    Raises:
        BadOperation: the operation is malformed, or its old values are not what the score holds.
    """
    _apply(score, operation, 0)


def inverse(operation: Operation) -> Operation:
    """The operation that exactly undoes ``operation``."""
    op = operation["op"]
    if op == "add_notes":
        return {**operation, "op": "remove_notes"}
    if op == "remove_notes":
        return {**operation, "op": "add_notes"}
    if op in CHANGE_FIELDS:
        turned = [{"id": item["id"], "old": item["new"], "new": item["old"]} for item in operation["changes"]]
        return {**operation, "changes": turned}
    if op == "replace_region":
        return {**operation, "removed": operation["added"], "added": operation["removed"]}
    if op == "add_track":
        return {**operation, "op": "remove_track"}
    if op == "remove_track":
        return {**operation, "op": "add_track"}
    if op in ("set_track", "move_track", "set_lane", "set_score"):
        return {**operation, "old": operation["new"], "new": operation["old"]}
    if op == "compound":
        return {**operation, "ops": [inverse(part) for part in reversed(operation["ops"])]}
    raise BadOperation(f"{str(op)[:40]!r} is not a kind of operation.")


def _apply(score: Score, operation: Any, depth: int) -> None:
    kind = operation.get("op") if isinstance(operation, dict) else None
    handler = _HANDLERS.get(kind) if isinstance(kind, str) else None
    try:
        if kind == "compound":
            _apply_compound(score, operation, depth)
        elif handler is None:
            raise BadOperation(f"{str(kind)[:40]!r} is not a kind of operation.")
        else:
            handler(score, operation)
    except BadDocument as error:
        raise BadOperation(str(error)) from error


def _apply_compound(score: Score, operation: Operation, depth: int) -> None:
    check_record(operation, {"op", "name", "ops"}, {"name", "ops"}, "A compound operation")
    if not isinstance(operation["name"], str) or depth >= MAX_DEPTH:
        raise BadOperation("A compound operation needs a name and at most eight levels.")
    done: list[Operation] = []
    try:
        for part in check_list(operation["ops"], "A compound's parts", MAX_NOTES):
            _apply(score, part, depth + 1)
            done.append(part)
    except BadOperation:
        for part in reversed(done):
            _apply(score, inverse(part), depth + 1)
        raise


def _track(score: Score, operation: Operation) -> Track:
    name = operation["track"]
    return score.track(name)


def _read_notes(value: Any) -> list[Note]:
    notes = [Note.from_dict(item) for item in check_list(value, "The notes", MAX_NOTES)]
    if len({note.id for note in notes}) < len(notes):
        raise BadOperation("An operation names one note twice.")
    return notes


def _check_present(track: Track, notes: list[Note]) -> None:
    for note in notes:
        if track.notes.get(note.id) != note:
            raise BadOperation(f"Note {note.id} of track {track.id} is not there as the operation says.")


def _check_absent(track: Track, notes: list[Note], leaving: frozenset[str] = frozenset()) -> None:
    for note in notes:
        if note.id in track.notes and note.id not in leaving:
            raise BadOperation(f"Track {track.id} already has a note {note.id}.")


def _check_room(score: Score, growth: int) -> None:
    if score.note_count + growth > MAX_NOTES:
        raise BadOperation(f"A piece may hold at most {MAX_NOTES:,} notes.")


def _add_notes(score: Score, operation: Operation) -> None:
    check_record(operation, {"op", "track", "notes"}, {"track", "notes"}, "The operation")
    track, notes = _track(score, operation), _read_notes(operation["notes"])
    _check_absent(track, notes)
    _check_room(score, len(notes))
    track.notes.update((note.id, note) for note in notes)


def _remove_notes(score: Score, operation: Operation) -> None:
    check_record(operation, {"op", "track", "notes"}, {"track", "notes"}, "The operation")
    track, notes = _track(score, operation), _read_notes(operation["notes"])
    _check_present(track, notes)
    for note in notes:
        del track.notes[note.id]


def _side(value: Any, allowed: frozenset[str]) -> dict[str, Any]:
    side = dict(check_record(value, set(allowed), set(), "A change"))
    if "edited_by" in side:
        names = check_list(side["edited_by"], "A note's editors", 100)
        if not all(isinstance(name, str) for name in names):
            raise BadOperation("A note's editors must be a list of names.")
        side["edited_by"] = tuple(names)
    if "locked" in side:
        side["locked"] = bool(check_int(side["locked"], 0, 1, "A note's lock"))
    _check_plain({name: value for name, value in side.items() if name not in ("edited_by", "locked")})
    return side


def _check_plain(values: dict[str, Any]) -> None:
    """Refuse ``true`` and ``false``: they equal 1 and 0 in Python, but not in the log or in the browser."""
    if any(isinstance(value, bool) for value in values.values()):
        raise BadOperation("Flags are written as 0 or 1.")


def _change_notes(score: Score, operation: Operation) -> None:
    check_record(operation, {"op", "track", "changes"}, {"track", "changes"}, "The operation")
    track, allowed = _track(score, operation), CHANGE_FIELDS[operation["op"]]
    changed: dict[str, Note] = {}
    for item in check_list(operation["changes"], "The changes", MAX_NOTES):
        item = check_record(item, {"id", "old", "new"}, {"id", "old", "new"}, "A change")
        note = track.notes.get(item["id"]) if isinstance(item["id"], str) else None
        old, new = _side(item["old"], allowed), _side(item["new"], allowed)
        if note is None or note.id in changed or old.keys() != new.keys():
            raise BadOperation("A change names a note that is not there, twice, or with different fields.")
        if any(
            type(getattr(note, name)) is not type(value) or getattr(note, name) != value for name, value in old.items()
        ):
            raise BadOperation(f"Note {note.id} of track {track.id} is not there as the operation says.")
        if tuple(sorted(set(new.get("edited_by", ())))) != new.get("edited_by", ()):
            raise BadOperation("A note's editors must be sorted and named once.")
        changed[note.id] = replace(note, **new)
    track.notes.update(changed)


def _read_region(value: Any) -> Region:
    data = check_record(value, {"start", "end", "tracks"}, {"start", "end", "tracks"}, "A region")
    tracks = check_list(data["tracks"], "A region's tracks", MAX_TRACKS)
    if not all(isinstance(name, str) for name in tracks) or len(set(tracks)) < len(tracks):
        raise BadOperation("A region's tracks must be a list of ids, each named once.")
    return Region(data["start"], data["end"], tuple(tracks))


def _notes_by_track(value: Any, region: Region) -> dict[str, list[Note]]:
    if not isinstance(value, dict) or not set(value) <= set(region.tracks):
        raise BadOperation("A region's notes must be given by track, for its own tracks only.")
    out = {name: _read_notes(notes) for name, notes in value.items()}
    for name, notes in out.items():
        if not all(region.contains(name, note) for note in notes):
            raise BadOperation("A note to replace begins outside the region.")
    return out


def _replace_region(score: Score, operation: Operation) -> None:
    names = {"region", "removed", "added"}
    check_record(operation, {"op", *names}, names, "The operation")
    region = _read_region(operation["region"])
    removed = _notes_by_track(operation["removed"], region)
    added = _notes_by_track(operation["added"], region)
    tracks = {name: score.track(name) for name in region.tracks}
    growth = 0
    for name, track in tracks.items():
        leaving = frozenset(note.id for note in removed.get(name, []))
        _check_present(track, removed.get(name, []))
        _check_absent(track, added.get(name, []), leaving)
        growth += len(added.get(name, [])) - len(leaving)
    _check_room(score, growth)
    for name, track in tracks.items():
        for note in removed.get(name, []):
            del track.notes[note.id]
        track.notes.update((note.id, note) for note in added.get(name, []))


def _set_track(score: Score, operation: Operation) -> None:
    check_record(operation, {"op", "track", "old", "new"}, {"track", "old", "new"}, "The operation")
    track, fields = _track(score, operation), set(TRACK_FIELDS)
    old = check_record(operation["old"], fields, set(), "A track's settings")
    new = check_record(operation["new"], fields, set(), "A track's settings")
    _check_plain(old)
    _check_plain(new)
    if old.keys() != new.keys() or any(getattr(track, name) != value for name, value in old.items()):
        raise BadOperation(f"The settings of track {track.id} are not as the operation says.")
    checked = {name: check_track_field(name, value) for name, value in new.items()}
    for name, value in checked.items():
        setattr(track, name, value)


def _add_track(score: Score, operation: Operation) -> None:
    check_record(operation, {"op", "index", "content"}, {"index", "content"}, "The operation")
    index = check_int(operation["index"], 0, len(score.tracks), "A track's place")
    track = Track.from_dict(operation["content"])
    if any(other.id == track.id for other in score.tracks) or len(score.tracks) >= MAX_TRACKS:
        raise BadOperation(f"There is no room for another track {track.id}.")
    _check_room(score, len(track.notes))
    score.tracks.insert(index, track)


def _remove_track(score: Score, operation: Operation) -> None:
    check_record(operation, {"op", "index", "content"}, {"index", "content"}, "The operation")
    index = check_int(operation["index"], 0, len(score.tracks) - 1, "A track's place")
    if score.tracks[index].to_dict() != Track.from_dict(operation["content"]).to_dict():
        raise BadOperation("The track to remove is not there as the operation says.")
    del score.tracks[index]


def _move_track(score: Score, operation: Operation) -> None:
    check_record(operation, {"op", "track", "old", "new"}, {"track", "old", "new"}, "The operation")
    track = _track(score, operation)
    old = check_int(operation["old"], 0, len(score.tracks) - 1, "A track's place")
    new = check_int(operation["new"], 0, len(score.tracks) - 1, "A track's place")
    if score.tracks[old] is not track:
        raise BadOperation(f"Track {track.id} is not in place {old}.")
    score.tracks.insert(new, score.tracks.pop(old))


def _set_lane(score: Score, operation: Operation) -> None:
    names = {"track", "lane", "at", "old", "new"}
    check_record(operation, {"op", *names}, names, "The operation")
    name = operation["lane"]
    kinds = TRACK_LANES if operation["track"] else SCORE_LANES
    if not isinstance(name, str) or name not in kinds:
        raise BadOperation(f"{str(name)[:40]!r} is not a lane.")
    holder = _track(score, operation) if operation["track"] else score
    lane = getattr(holder, name)
    at = check_int(operation["at"], 0, len(lane), "A place in a lane")
    old, new = (read_lane(operation[side], kinds[name], name) for side in ("old", "new"))
    if lane[at : at + len(old)] != old:
        raise BadOperation(f"The lane {name} is not as the operation says.")
    around = lane[max(0, at - 1) : at] + new + lane[at + len(old) : at + len(old) + 1]
    if any(after.tick < before.tick for before, after in pairwise(around)):
        raise BadOperation(f"The lane {name} would not be in the order of time.")
    lane[at : at + len(old)] = new


def _set_score(score: Score, operation: Operation) -> None:
    check_record(operation, {"op", "old", "new"}, {"old", "new"}, "The operation")
    old = check_record(operation["old"], set(SCORE_FIELDS), set(), "The piece's facts")
    new = check_record(operation["new"], set(SCORE_FIELDS), set(), "The piece's facts")
    _check_plain(old)
    if old.keys() != new.keys() or any(getattr(score, name) != value for name, value in old.items()):
        raise BadOperation("The facts about the piece are not as the operation says.")
    checked = {name: check_score_field(name, value) for name, value in new.items()}
    for name, value in checked.items():
        setattr(score, name, value)


_HANDLERS = {
    "add_notes": _add_notes,
    "remove_notes": _remove_notes,
    "move_notes": _change_notes,
    "resize_notes": _change_notes,
    "set_velocity": _change_notes,
    "edit_notes": _change_notes,
    "replace_region": _replace_region,
    "set_track": _set_track,
    "add_track": _add_track,
    "remove_track": _remove_track,
    "move_track": _move_track,
    "set_lane": _set_lane,
    "set_score": _set_score,
}
KINDS = (*_HANDLERS, "compound")
