"""A request to read a score as JSON; the pictures themselves are never part of a message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.errors import BadRequest
from workbench.hub.tasks.base import Wire
from workbench.hub.tasks.read_score.request import ReadScoreRequest


class ReadScoreWire(Wire):
    """``inputs``: the ``pages`` (uint8 arrays); the data is :meth:`ReadScoreRequest.settings`."""

    def read(self, data: Any, inputs: Mapping[str, Any], document_revision: int = 0) -> ReadScoreRequest:
        """The request of an untrusted client; raises :class:`BadRequest`."""
        known = isinstance(data, Mapping) and data.keys() <= {"task"} and "pages" in inputs
        if not known or data.get("task", "read_score") != "read_score":
            raise BadRequest("This is not a request to read a score.")
        return ReadScoreRequest(tuple(inputs["pages"]), document_revision)
