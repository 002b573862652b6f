"""A take as JSON: words, length and rate; the tune, the piece and the take itself are never part of a message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.errors import BadRequest
from workbench.hub.protocol import Alternative
from workbench.hub.tasks.base import Wire
from workbench.hub.tasks.take.request import TakeRequest
from workbench.score.score import Score
from workbench.score.timemap import TimeMap

#: Seconds of a take by which models are compared.
USUAL = 10.0


class TakeWire(Wire):
    """``inputs``: perhaps the ``melody`` and the ``piece`` as sound; the data is :meth:`TakeRequest.settings`."""

    def read(self, data: Any, inputs: Mapping[str, Any], document_revision: int = 0) -> TakeRequest:
        """The request of an untrusted client; raises :class:`BadRequest`."""
        needed = {"words", "seconds"}
        known = isinstance(data, Mapping) and needed <= data.keys() <= {*needed, "task", "rate"}
        if not known or data.get("task", "take") != "take":
            raise BadRequest("This is not a request for a recording by a model.")
        return TakeRequest(
            data["words"], data["seconds"], inputs.get("melody"), inputs.get("piece"),
            data.get("rate", TakeRequest.rate), document_revision,
        )  # fmt: skip

    def usual(self, score: Score) -> TakeRequest | None:
        """A take as long as the piece, ten seconds at the most."""
        seconds = TimeMap(score).seconds(score.end)
        return TakeRequest("music", min(USUAL, max(1.0, seconds))) if score.note_count else None

    def answer(self, idea: Alternative) -> dict[str, Any]:
        """The names of what sounds; the sound travels as a file."""
        answer = super().answer(idea)
        return {**{name: answer[name] for name in answer.keys() - {"operation", "notes", "confidence"}},
                "stems": list(idea.stems)}  # fmt: skip
