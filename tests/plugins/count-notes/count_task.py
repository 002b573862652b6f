"""The task and its model: how many notes does a piece have, in each track?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from workbench.errors import BadRequest
from workbench.hub.card import Card
from workbench.hub.conformance import Suite
from workbench.hub.protocol import Alternative, CancelToken, Model, Progress, Result
from workbench.hub.spec import ModelSpec
from workbench.hub.tasks.base import TaskRequest, Wire
from workbench.hub.tasks.table import Task
from workbench.score.canonical import project_hash
from workbench.score.score import Note, Score, Track


@dataclass(frozen=True)
class CountRequest(TaskRequest):
    """Count notes of at least ``loudest`` (MIDI velocity)."""

    score: Score
    loudest: int = 1
    document_revision: int = 0

    def __post_init__(self) -> None:
        if type(self.loudest) is not int or not 1 <= self.loudest <= 127:
            raise BadRequest("How loud a note must be is a whole number from 1 to 127.")

    def settings(self) -> dict[str, Any]:
        return {"task": "count-notes", "loudest": self.loudest}

    def inputs(self) -> dict[str, str]:
        return {"score": project_hash(self.score)}

    def copied(self) -> CountRequest:
        return replace(self, score=self.score.copy())


class CountWire(Wire):
    def read(self, data: Any, inputs: Mapping[str, Any], document_revision: int = 0) -> CountRequest:
        if not isinstance(data, Mapping) or not data.keys() <= {"task", "loudest"}:
            raise BadRequest("This is not a request to count notes.")
        return CountRequest(inputs["score"], data.get("loudest", 1), document_revision)


class Counter(Model):
    def run(self, request: CountRequest, *, seed: int, cancel: CancelToken) -> Iterator[Progress | Result]:
        found = {}
        for place, track in enumerate(request.score.tracks, start=1):
            cancel.check()
            found[track.id] = sum(note.velocity >= request.loudest for note in track.notes.values())
            yield Progress(place / len(request.score.tracks))
        yield Result((Alternative(value=found),))


class CountSuite(Suite):
    def request(self, size: int = 1) -> CountRequest:
        notes = {f"n{step}": Note(f"n{step}", 480 * step, 240, 60) for step in range(8 * size)}
        return CountRequest(Score(tracks=[Track(f"t{number}", notes=notes) for number in (1, 2, 3)]))


CARD = Card("Counts.", "Apache-2.0", "none: it has no weights", "a number is nobody's", "Yes.", ())
SPEC = ModelSpec("note-counter", "count-notes", "count_task:Counter", CARD, default=True)
TASK = Task("count-notes", "count_task:CountRequest", wire="count_task:CountWire", conformance="count_task:CountSuite")
