"""What holds for every performance of the Genie, whatever the model did."""

from __future__ import annotations

from typing import Any

from workbench.hub.protocol import Alternative, Partial, Result
from workbench.hub.spec import ModelSpec
from workbench.hub.tasks.genie.request import TRACK_ID, TRACK_NAME, GenieRequest
from workbench.score import edits
from workbench.score.score import Note, Score, Track


class GenieGuard:
    """What holds for every performance: one note a press, at the press's time, inside the range."""

    def __init__(self, request: GenieRequest, spec: ModelSpec) -> None:
        self.request, self.spec = request, spec
        self._notes: list[Note] = []

    @property
    def full(self) -> bool:
        """Whether every press has its note."""
        return len(self._notes) >= len(self.request.presses)

    def partial(self, partial: Any) -> Partial | None:
        """Keep the notes that are notes; None if there are none."""
        low, high = self.request.play.low, self.request.play.high
        try:
            fresh = [note for note in partial.notes if isinstance(note, Note) and low <= note.pitch <= high]
        except Exception:  # whatever a foreign object does when it is looked at
            return None
        fresh = fresh[: len(self.request.presses) - len(self._notes)]
        self._notes += fresh
        return Partial(0, TRACK_ID, tuple(fresh)) if fresh else None

    def result(self, result: Result | None, *, seed: int, revision: str) -> tuple[Alternative, ...]:
        """The performance, with all that is needed to make it again."""
        missing = len(self.request.presses) - len(self._notes)
        remarks = (f"{missing} presses have no note, because the model gave none.",) if missing else ()
        track = Track(TRACK_ID, TRACK_NAME, notes={note.id: note for note in self._notes})
        return (
            Alternative(
                notes={TRACK_ID: tuple(self._notes)}, operation=edits.add_track(Score(), track), seed=seed,
                settings=self.request.settings(),
                model_id=self.spec.id, revision=revision, remarks=remarks,
            ),
        )  # fmt: skip
