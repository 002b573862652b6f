"""Beats as JSON; the recording itself is never part of a message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.errors import BadRequest
from workbench.hub.tasks.base import Wire
from workbench.hub.tasks.beats.request import BeatsRequest


class BeatsWire(Wire):
    """``inputs``: the ``audio`` (``workbench.sound.Audio``); the data is :meth:`BeatsRequest.settings`."""

    def read(self, data: Any, inputs: Mapping[str, Any], document_revision: int = 0) -> BeatsRequest:
        """The request of an untrusted client; raises :class:`BadRequest`."""
        if data not in ({}, {"task": "beats"}) or "audio" not in inputs:
            raise BadRequest("This is not a request to hear the beats of a recording.")
        return BeatsRequest(inputs["audio"], document_revision)
