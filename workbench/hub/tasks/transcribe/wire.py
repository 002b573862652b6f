"""A transcription as JSON: what kind of recording it is; the recording itself is never part of a message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.errors import BadRequest
from workbench.hub.tasks.base import Wire
from workbench.hub.tasks.transcribe.request import TranscribeRequest


class TranscribeWire(Wire):
    """``inputs``: the ``audio`` (``workbench.sound.Audio``); the data is :meth:`TranscribeRequest.settings`."""

    def read(self, data: Any, inputs: Mapping[str, Any], document_revision: int = 0) -> TranscribeRequest:
        """The request of an untrusted client; raises :class:`BadRequest`."""
        known = isinstance(data, Mapping) and data.keys() <= {"task", "kind", "tuning"} and "audio" in inputs
        if not known or data.get("task", "transcribe") != "transcribe":
            raise BadRequest("This is not a request to write a recording down.")
        return TranscribeRequest(
            inputs["audio"], data.get("kind", "auto"), data.get("tuning", "as sung"), document_revision
        )
