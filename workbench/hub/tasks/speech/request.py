"""What can be asked of a model that finds voices in a recording."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.errors import BadRequest
from workbench.hub.tasks.base import TaskRequest, Wire
from workbench.hub.tasks.recordings import samples_hash


@dataclass(frozen=True)
class SpeechRequest(TaskRequest):
    """Find where a voice sounds. ``audio``: ``workbench.sound.Audio``.

    The answer is a value: ``{"duration": s, "speech": [{"start", "end", "confidence"}]}`` in seconds, spans in order
    that do not overlap.
    """

    audio: Any
    document_revision: int = 0

    def inputs(self) -> dict[str, str]:
        """The recording by the sha256 of its samples."""
        return {"audio": samples_hash(self.audio)}

    def settings(self) -> dict[str, Any]:
        """There is nothing to set."""
        return {"task": "speech"}


class SpeechWire(Wire):
    """``inputs``: the ``audio`` (``workbench.sound.Audio``); the data is :meth:`SpeechRequest.settings`."""

    def read(self, data: Any, inputs: Mapping[str, Any], document_revision: int = 0) -> SpeechRequest:
        """The request of an untrusted client; raises :class:`BadRequest`."""
        if data not in ({}, {"task": "speech"}) or "audio" not in inputs:
            raise BadRequest("This is not a request to find where somebody speaks.")
        return SpeechRequest(inputs["audio"], document_revision)
