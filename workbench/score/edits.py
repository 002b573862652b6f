"""Convenient ways to make operations: each function looks at the score and returns the operation as data.

Nothing here changes the score; hand the result to :func:`workbench.score.operations.apply` or to
:meth:`workbench.score.document.Document.apply`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from workbench.errors import BadOperation
from workbench.score.lanes import Chord, Key, LaneEvent, Meter, Tempo
from workbench.score.operations import Operation
from workbench.score.score import Note, Region, Score, Track


def add_notes(track_id: str, notes: Iterable[Note]) -> Operation:
    """Add whole notes to a track."""
    return {"op": "add_notes", "track": track_id, "notes": [note.to_dict() for note in notes]}


def remove_notes(score: Score, track_id: str, ids: Iterable[str]) -> Operation:
    """Remove the notes with these ids."""
    return {"op": "remove_notes", "track": track_id, "notes": [_find(score, track_id, name).to_dict() for name in ids]}


def _find(score: Score, track_id: str, note_id: str) -> Note:
    note = score.track(track_id).notes.get(note_id)
    if note is None:
        raise BadOperation(f"There is no note {note_id[:64]} in track {track_id}.")
    return note


def _change(
    kind: str, score: Score, track_id: str, ids: Iterable[str], editor: str, change: Callable[[Note], dict[str, int]]
) -> Operation:
    changes = []
    for name in ids:
        note = _find(score, track_id, name)
        new: dict[str, Any] = change(note)
        old: dict[str, Any] = {field: int(getattr(note, field)) for field in new}
        if editor != note.author and editor not in note.edited_by:
            old["edited_by"] = list(note.edited_by)
            new["edited_by"] = sorted({*note.edited_by, editor})
        changes.append({"id": name, "old": old, "new": new})
    return {"op": kind, "track": track_id, "changes": changes}


def move_notes(
    score: Score, track_id: str, ids: Iterable[str], ticks: int, semitones: int, editor: str = "human"
) -> Operation:
    """Shift notes in time and pitch; the operation stores where they were and where they go."""
    return _change(
        "move_notes", score, track_id, ids, editor,
        lambda note: {"start": note.start + ticks, "pitch": note.pitch + semitones},
    )  # fmt: skip


def resize_notes(score: Score, track_id: str, spans: Mapping[str, tuple[int, int]], editor: str = "human") -> Operation:
    """Give notes new (start, duration), by id."""
    return _change(
        "resize_notes", score, track_id, spans, editor,
        lambda note: {"start": spans[note.id][0], "duration": spans[note.id][1]},
    )  # fmt: skip


def set_velocity(score: Score, track_id: str, values: Mapping[str, int], editor: str = "human") -> Operation:
    """Give notes new velocities, by id."""
    return _change("set_velocity", score, track_id, values, editor, lambda note: {"velocity": values[note.id]})


def lock_notes(score: Score, track_id: str, ids: Iterable[str], locked: bool, editor: str = "human") -> Operation:
    """Lock or free notes: a locked note is never changed by a model."""
    return _change("edit_notes", score, track_id, ids, editor, lambda note: {"locked": int(locked)})


def replace_region(
    score: Score, region: Region, added: Mapping[str, Sequence[Note]], *, around: bool = False
) -> Operation:
    """Put notes into a region: instead of the unlocked notes whose onset lies inside, or (``around``) beside them."""
    removed: dict[str, list[dict[str, Any]]] = {}
    for name in region.tracks:
        inside = [note for note in score.track(name).sorted_notes() if region.contains(name, note)]
        leaving = [] if around else [note for note in inside if not note.locked and not score.track(name).locked]
        if leaving:
            removed[name] = [note.to_dict() for note in leaving]
    return {
        "op": "replace_region",
        "region": {"start": region.start, "end": region.end, "tracks": list(region.tracks)},
        "removed": removed,
        "added": {name: [note.to_dict() for note in notes] for name, notes in added.items() if notes},
    }


def set_track(score: Score, track_id: str, **settings: Any) -> Operation:
    """Change settings of a track (``name``, ``program``, ``volume``, ``pan``, ``mute`` ...)."""
    track = score.track(track_id)
    plain = {name: int(value) if isinstance(value, bool) else value for name, value in settings.items()}
    old = {name: getattr(track, name) for name in plain}
    old = {name: int(value) if isinstance(value, bool) else value for name, value in old.items()}
    return {"op": "set_track", "track": track_id, "old": old, "new": plain}


def add_track(score: Score, track: Track, index: int | None = None) -> Operation:
    """Add a whole track, at the end unless ``index`` says where."""
    return {"op": "add_track", "index": len(score.tracks) if index is None else index, "content": track.to_dict()}


def remove_track(score: Score, track_id: str) -> Operation:
    """Remove a track with all it holds."""
    track = score.track(track_id)
    return {"op": "remove_track", "index": score.tracks.index(track), "content": track.to_dict()}


def move_track(score: Score, track_id: str, place: int) -> Operation:
    """Move a track to another place in the list."""
    return {"op": "move_track", "track": track_id, "old": score.tracks.index(score.track(track_id)), "new": place}


def set_lane(score: Score, lane: str, events: Sequence[LaneEvent], track_id: str = "") -> Operation:
    """Make a lane hold exactly ``events``; the operation carries only the stretch that differs."""
    before: list[LaneEvent] = getattr(score.track(track_id) if track_id else score, lane)
    after = sorted(events, key=lambda event: event.tick)
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < min(len(before), len(after)) - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    return {
        "op": "set_lane", "track": track_id, "lane": lane, "at": head,
        "old": [event.to_dict() for event in before[head : len(before) - tail]],
        "new": [event.to_dict() for event in after[head : len(after) - tail]],
    }  # fmt: skip


def set_tempos(score: Score, tempos: Sequence[Tempo]) -> Operation:
    """Replace the tempo map."""
    return set_lane(score, "tempos", tempos)


def set_meters(score: Score, meters: Sequence[Meter]) -> Operation:
    """Replace the metres."""
    return set_lane(score, "meters", meters)


def set_keys(score: Score, keys: Sequence[Key]) -> Operation:
    """Replace the key signatures."""
    return set_lane(score, "keys", keys)


def set_chords(score: Score, chords: Sequence[Chord]) -> Operation:
    """Replace the chord lane."""
    return set_lane(score, "chords", chords)


def set_score(score: Score, **facts: Any) -> Operation:
    """Change the title, the pickup's length in ticks or the facts about the piece (``meta``)."""
    return {"op": "set_score", "old": {name: getattr(score, name) for name in facts}, "new": facts}


def compound(name: str, operations: Iterable[Operation]) -> Operation:
    """Several operations as one step of undo."""
    return {"op": "compound", "name": name, "ops": list(operations)}
