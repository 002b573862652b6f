"""Fit an operation that was made on an older revision to the score as it is now.

The rules are those of ``workbench/web/src/store/rebase.ts``, and one more: notes that a page adds under ids that have
been taken meanwhile get fresh ones, and what the page then does to them is done to those.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from workbench.errors import BadDocument, BadOperation
from workbench.score.operations import Operation, apply
from workbench.score.score import Score, fresh_ids

#: (track, id on the page) -> id here.
Renamed = dict[tuple[str, str], str]


def fit(score: Score, operation: Any, renamed: Renamed) -> Operation:
    """The operation to apply instead; neither the score nor the operation is changed.

    Args:
        score: as it is now.
        operation: as it came; untrusted.
        renamed: ids given to a page's notes in earlier operations; new ones are added.

    Raises:
        BadOperation: it is not even shaped like an operation. (Whether the result fits, applying it will tell.)
    """
    try:
        return _fit(score, operation, renamed, 0)
    except (AttributeError, KeyError, TypeError, ValueError, BadDocument) as problem:
        raise BadOperation("The operation cannot be fitted to the piece as it is now.") from problem


def _fit(score: Score, operation: Any, renamed: Renamed, depth: int) -> Operation:
    kind = operation["op"]
    if kind == "compound" and depth < 8:
        return {**operation, "ops": _fit_parts(score, operation["ops"], renamed, depth + 1)}
    if kind == "add_track":  # others may have gone meanwhile
        return {**operation, "index": min(operation["index"], len(score.tracks))}
    if kind == "replace_region":
        return _fit_region(score, operation, renamed)
    if kind == "add_notes":
        track = operation["track"]
        return {**operation, "notes": _make_room(score, track, operation["notes"], frozenset(), renamed)}
    for field in ("notes", "changes"):
        if field in operation:
            track = operation["track"]
            items = [{**item, "id": renamed.get((track, item["id"]), item["id"])} for item in operation[field]]
            operation = {**operation, field: items}
    return dict(operation)


def _fit_parts(score: Score, parts: list[Any], renamed: Renamed, depth: int) -> list[Operation]:
    """Part by part, each on what those before it have made: a fill of a track that an earlier part adds finds it."""
    known, out = score.copy(), []
    for part in parts:
        out.append(_fit(known, part, renamed, depth))
        with suppress(BadOperation):  # applying the whole will tell
            apply(known, out[-1])
    return out


def _fit_region(score: Score, operation: Operation, renamed: Renamed) -> Operation:
    region = operation["region"]
    tracks = [name for name in region["tracks"] if any(track.id == name for track in score.tracks)]
    removed: dict[str, list[Any]] = {}
    added: dict[str, list[Any]] = {}
    for name in tracks:
        notes = score.track(name).notes
        leaving = []
        for item in operation["removed"].get(name, []):
            wanted = {**item, "id": renamed.get((name, item["id"]), item["id"])}
            now = notes.get(wanted["id"])
            if now is not None and not now.locked and now.to_dict() == wanted:
                leaving.append(wanted)
        gone = frozenset(item["id"] for item in leaving)
        coming = _make_room(score, name, operation["added"].get(name, []), gone, renamed)
        if leaving:
            removed[name] = leaving
        if coming:
            added[name] = coming
    return {**operation, "region": {**region, "tracks": tracks}, "removed": removed, "added": added}


def _make_room(
    score: Score, track: str, coming: list[Mapping[str, Any]], gone: frozenset[str], renamed: Renamed
) -> list[dict[str, Any]]:
    """The notes to add, under ids that are free."""
    notes = score.track(track).notes
    clashes = [item["id"] for item in coming if item["id"] in notes and item["id"] not in gone]
    taken = [*notes, *(item["id"] for item in coming)]
    renamed.update(((track, old), new) for old, new in zip(clashes, fresh_ids(taken, "n", len(clashes)), strict=True))
    return [{**item, "id": renamed[track, item["id"]] if item["id"] in clashes else item["id"]} for item in coming]
