"""What can be asked of a model that splits a recording into stems."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.errors import BadDocument, BadRequest
from workbench.hub.tasks.base import TaskRequest
from workbench.hub.tasks.recordings import samples_hash
from workbench.score.lanes import check_id


@dataclass(frozen=True)
class SeparateRequest(TaskRequest):
    """Split a recording. ``audio``: ``workbench.sound.Audio``; ``stems``: the names wanted, in order.

    The hub adds a stem named ``rest`` when the model's stems do not sum to the input.
    """

    audio: Any
    stems: tuple[str, ...] = ("vocals", "drums", "bass", "other")
    document_revision: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "stems", tuple(self.stems))
        if not 1 <= len(self.stems) <= 16 or len(set(self.stems)) < len(self.stems) or "rest" in self.stems:
            raise BadRequest("Name 1 to 16 different stems; the name 'rest' is taken.")
        try:
            for name in self.stems:
                check_id(name, "A stem's name")
        except BadDocument as error:
            raise BadRequest(str(error)) from error

    def inputs(self) -> dict[str, str]:
        """The recording by the sha256 of its samples (float32, frame by frame)."""
        return {"audio": samples_hash(self.audio)}

    def settings(self) -> dict[str, Any]:
        """JSON form of everything but the recording."""
        return {"task": "separate", "stems": list(self.stems)}
