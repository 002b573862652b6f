"""The take that is always there: the piece as the workbench itself plays it, given back as it is."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.errors import BadRequest
from workbench.hub.protocol import Alternative, CancelToken, Model, Progress, Result, Support
from workbench.hub.tasks.take.guard import NAME
from workbench.hub.tasks.take.request import TakeRequest

_NOTHING = "There is no piece yet whose sound this could be; make one first."
_HONEST = "This is your piece as the workbench plays it, and no recording by a model."


class OwnSound(Model):
    """Adapter of the piece's own sound for the hub: what steps in where a model cannot be had."""

    def support(self, request: TakeRequest) -> Support:
        """There must be a piece."""
        return Support.no(_NOTHING) if request.piece is None else Support.full()

    def estimate_seconds(self, request: TakeRequest) -> float:
        """Nothing is made: a moment."""
        return 0.1

    def run(self, request: TakeRequest, *, seed: int, cancel: CancelToken) -> Iterator[Progress | Result]:
        """Yield the sound of the piece; the seed changes nothing."""
        cancel.check()
        yield Progress(0.0)
        cancel.check()
        if request.piece is None:
            raise BadRequest(_NOTHING)
        yield Result((Alternative(stems={NAME: request.piece}, remarks=(_HONEST,)),))
