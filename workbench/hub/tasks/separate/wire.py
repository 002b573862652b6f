"""A separation as JSON: which stems are wanted; the recording itself is never part of a message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.errors import BadRequest
from workbench.hub.protocol import Alternative
from workbench.hub.tasks.base import Wire
from workbench.hub.tasks.separate.request import SeparateRequest


class SeparateWire(Wire):
    """``inputs``: the ``audio`` (``workbench.sound.Audio``); the data is :meth:`SeparateRequest.settings`."""

    def read(self, data: Any, inputs: Mapping[str, Any], document_revision: int = 0) -> SeparateRequest:
        """The request of an untrusted client; raises :class:`BadRequest`."""
        known = isinstance(data, Mapping) and data.keys() <= {"task", "stems"} and "audio" in inputs
        if not known or data.get("task", "separate") != "separate":
            raise BadRequest("This is not a request to split a recording.")
        stems = data.get("stems", SeparateRequest.stems)
        if not isinstance(stems, (list, tuple)) or not all(isinstance(name, str) for name in stems):
            raise BadRequest("The stems wanted must be a list of names.")
        return SeparateRequest(inputs["audio"], tuple(stems), document_revision)

    def answer(self, idea: Alternative) -> dict[str, Any]:
        """The names of the stems, in order; their sound travels as files."""
        answer = super().answer(idea)
        return {**{name: answer[name] for name in answer.keys() - {"operation", "notes", "confidence"}},
                "stems": list(idea.stems)}  # fmt: skip
