"""What holds for every transcription, whatever the model did.

Notes lie within the recording, have pitches and velocities of MIDI, are in order and last at least a millisecond;
chords and sections do not overlap; beats rise and downbeats are some of them; nothing is NaN.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from workbench.hub.protocol import Alternative, Partial, Result
from workbench.hub.spec import ModelSpec
from workbench.hub.tasks.base import TaskRequest, sentences
from workbench.hub.tasks.recordings import MAX_NOTES, in_order
from workbench.score.score import Note

#: The track that notes are shown on as they come, one tick a millisecond.
TRACK_ID = "heard"


class TranscribeGuard:
    """The guard of ``transcribe``; that of ``beats`` keeps other ``fields``."""

    #: Fields of a description that the task's answer may have; empty: all.
    fields: frozenset[str] = frozenset()

    def __init__(self, request: TaskRequest, spec: ModelSpec) -> None:
        self.request, self.spec = request, spec
        self._seconds = float(request.audio.seconds)  # type: ignore[attr-defined]
        self._shown = 0

    @property
    def full(self) -> bool:
        """Whether more notes came than anyone can use."""
        return self._shown >= MAX_NOTES

    def partial(self, partial: Any) -> Partial | None:
        """Notes that begin within the recording, in milliseconds; None if nothing is left."""
        last = round(1_000 * self._seconds)
        try:
            fresh = [note for note in partial.notes if isinstance(note, Note) and note.start < last]
        except Exception:  # whatever a foreign object does when it is looked at
            return None
        notes = []
        for number, note in enumerate(fresh[: MAX_NOTES - self._shown], start=self._shown + 1):
            length = max(1, min(note.duration, last - note.start))
            notes.append(replace(note, id=f"n{number}", duration=length, author=f"model:{self.spec.id}", edited_by=()))
        self._shown += len(notes)
        return Partial(0, TRACK_ID, tuple(notes)) if notes else None

    def result(self, result: Result | None, *, seed: int, revision: str) -> tuple[Alternative, ...]:
        """One alternative whose value is in order; none where the model gave no description at all."""
        try:
            idea = result.alternatives[0] if result is not None else None
            if idea is None or not isinstance(idea.value, dict):
                return ()
            value, remarks = in_order(idea.value, self._seconds)
            said = sentences(idea.remarks)
        except Exception:  # as above
            return ()
        if self.fields:
            value = {name: field for name, field in value.items() if name in self.fields}
        value["model"] = self.spec.id
        return (
            Alternative(
                value=value, seed=seed, settings=self.request.settings(), model_id=self.spec.id, revision=revision,
                remarks=(*said, *remarks),
            ),
        )  # fmt: skip
