"""What can be asked of a model that hears beats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.hub.tasks.base import TaskRequest
from workbench.hub.tasks.recordings import samples_hash


@dataclass(frozen=True)
class BeatsRequest(TaskRequest):
    """Hear the beats of a recording. ``audio``: ``workbench.sound.Audio``.

    The answer is a value: ``beats``, ``downbeats``, ``beat_confidence``, ``tempo`` and ``metre`` of the JSON form of
    :class:`workbench.understand.heard.Heard`.
    """

    audio: Any
    document_revision: int = 0

    def inputs(self) -> dict[str, str]:
        """The recording by the sha256 of its samples."""
        return {"audio": samples_hash(self.audio)}

    def settings(self) -> dict[str, Any]:
        """There is nothing to set."""
        return {"task": "beats"}
