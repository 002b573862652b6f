"""A fill as JSON: the request that a page or a program sends, and the ideas that it gets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.errors import BadRequest
from workbench.hub.tasks.base import Wire
from workbench.hub.tasks.infill.request import InfillRequest
from workbench.score.score import Region, Score
from workbench.score.timemap import TimeMap

#: How long a gap is, in bars, by which a model's speed is told.
USUAL_BARS = 4


class InfillWire(Wire):
    """``inputs``: the ``score``; the data is :meth:`InfillRequest.settings`."""

    def read(self, data: Any, inputs: Mapping[str, Any], document_revision: int = 0) -> InfillRequest:
        """See :meth:`InfillRequest.from_settings`."""
        score = inputs.get("score")
        if not isinstance(score, Score):
            raise BadRequest("There is no piece whose gap could be filled; open one.")
        return InfillRequest.from_settings(score, data, document_revision=document_revision)

    def usual(self, score: Score) -> InfillRequest | None:
        """Four bars of the first track that is not locked."""
        track = next((track.id for track in score.tracks if not track.locked), None)
        if track is None:
            return None
        start, end = TimeMap(score).bar_range(1, USUAL_BARS)
        return InfillRequest(score, (Region(start, end, (track,)),))
