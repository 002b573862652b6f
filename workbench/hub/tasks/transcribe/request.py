"""What can be asked of a model that writes a recording down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.errors import BadRequest
from workbench.hub.tasks.base import TaskRequest
from workbench.hub.tasks.recordings import samples_hash

KINDS = ("auto", "singing", "piano", "band")
TUNINGS = ("as sung", "nearest key")


@dataclass(frozen=True)
class TranscribeRequest(TaskRequest):
    """Write a recording down. ``audio``: ``workbench.sound.Audio``.

    ``kind``: what is heard, one of :data:`KINDS`; a model may find out itself where it is ``auto``. ``tuning``: for a
    voice, whether its notes keep to the singer's own tuning or move to the nearest note of the key.

    The answer is a value: the JSON form of :class:`workbench.understand.heard.Heard`, or the fields of it that the
    model knows about.
    """

    audio: Any
    kind: str = "auto"
    tuning: str = "as sung"
    document_revision: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise BadRequest(f"A recording is heard as {', '.join(KINDS)}, not {str(self.kind)[:30]!r}.")
        if self.tuning not in TUNINGS:
            raise BadRequest(f"A voice is tuned {' or '.join(TUNINGS)}, not {str(self.tuning)[:30]!r}.")

    def inputs(self) -> dict[str, str]:
        """The recording by the sha256 of its samples."""
        return {"audio": samples_hash(self.audio)}

    def settings(self) -> dict[str, Any]:
        """JSON form of everything but the recording."""
        return {"task": "transcribe", "kind": self.kind, "tuning": self.tuning}
