"""The piece behind a log, followed change by change: whose notes there are, and whose notes a change touches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from workbench.errors import WorkbenchError
from workbench.score.canonical import project_hash
from workbench.score.events import CHANGES
from workbench.score.operations import CHANGE_FIELDS, apply
from workbench.score.score import Score

#: Whose a note is, as columns: a person's, from a file, a model's, and written by both.
WHOSE = ("human", "imported", "model", "shared")


def whose(author: str) -> str:
    """The column of an author: ``human+model:x`` is ``shared``, ``model:x`` is ``model``."""
    if author.startswith("human+"):
        return "shared"
    return "model" if author.startswith("model:") else author if author in WHOSE else "human"


class Piece:
    """A piece as the log says it stands; None where the log has lost it.

    ``score``: the piece. ``trouble``: how often a change did not fit or a hash was another.
    """

    def __init__(self) -> None:
        self.score: Score | None = None
        self.checked = 0
        self.trouble = 0

    def follow(self, event: Mapping[str, Any]) -> bool:
        """Take in one event; whether it changed notes that a model wrote (before the change)."""
        kind, payload = event["kind"], event["payload"]
        if kind == "open" and "score" in payload:
            self._open(payload["score"])
        elif kind in CHANGES and isinstance(payload.get("operation"), dict):
            return self._change(payload["operation"])
        return False

    def _open(self, data: Any) -> None:
        try:
            self.score = Score.from_dict(data)
        except WorkbenchError:
            self.score = None
            self.trouble += 1

    def _change(self, operation: dict[str, Any]) -> bool:
        if self.score is None:
            return False
        try:
            touched = any("model:" in author for author in _touched(self.score, operation))
            apply(self.score, operation)
        except (WorkbenchError, KeyError, TypeError, AttributeError, ValueError):
            self.score = None  # until the log brings the whole piece again
            self.trouble += 1
            return False
        return touched

    def check(self, digest: Any) -> None:
        """Compare the piece with the hash that the log gives, if it gives one."""
        if self.score is None or not isinstance(digest, str):
            return
        self.checked += 1
        self.trouble += project_hash(self.score) != digest

    def lost(self) -> None:
        """Events are missing here: what the piece is now is not known."""
        self.score = None

    def notes(self) -> Counter[str]:
        """Number of notes by whose they are; ``changed``: those a model wrote and a person changed later."""
        if self.score is None:
            return Counter()
        out: Counter[str] = Counter()
        for track in self.score.tracks:
            for note in track.notes.values():
                out[whose(note.author)] += 1
                out["changed"] += "human" in note.edited_by and "model:" in note.author
        return out


def _touched(score: Score, operation: Mapping[str, Any]) -> Iterator[str]:
    """Authors of the notes that an operation changes or takes out; a note merely added touches none."""
    kind = operation["op"]
    if kind == "compound":
        for part in operation["ops"]:  # ids that an earlier part brings in are not there yet, and are nobody's
            yield from _touched(score, part)
    elif kind in CHANGE_FIELDS or kind == "remove_notes":
        notes = score.track(operation["track"]).notes
        for item in operation["changes" if kind in CHANGE_FIELDS else "notes"]:
            if item["id"] in notes:
                yield notes[item["id"]].author
    elif kind == "replace_region":
        for items in operation["removed"].values():
            yield from (str(item.get("author", "human")) for item in items)
    elif kind == "remove_track":
        yield from (str(item.get("author", "human")) for item in operation["content"]["notes"])
