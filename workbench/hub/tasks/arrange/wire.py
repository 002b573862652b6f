"""A band as JSON: the request that a page or a program sends, and the ideas that it gets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.errors import BadRequest
from workbench.hub.tasks.arrange.request import ArrangeRequest, BandTrack
from workbench.hub.tasks.base import Wire
from workbench.score.score import Score, fresh_ids

#: What a model's speed is told by: so many bars of a band of three.
USUAL_BARS = 8


class ArrangeWire(Wire):
    """``inputs``: the ``score``; the data is :meth:`ArrangeRequest.settings`."""

    def read(self, data: Any, inputs: Mapping[str, Any], document_revision: int = 0) -> ArrangeRequest:
        """See :meth:`ArrangeRequest.from_settings`."""
        score = inputs.get("score")
        if not isinstance(score, Score):
            raise BadRequest("There is no piece that a band could join; open one.")
        return ArrangeRequest.from_settings(score, data, document_revision=document_revision)

    def usual(self, score: Score) -> ArrangeRequest | None:
        """Eight bars of a rock band with bass, keys and drums."""
        ids = fresh_ids((track.id for track in score.tracks), "t", 3)
        named = zip(ids, (("Drums", 0, True), ("Bass", 33, False), ("Guitar", 27, False)), strict=True)
        parts = tuple(BandTrack(name, part, part, program, drum) for name, (part, program, drum) in named)
        return ArrangeRequest(score, "rock", (1, USUAL_BARS), parts)
