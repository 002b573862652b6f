"""The embedded model of the task ``read_score``: the network of ``models/read-score`` and the rules around it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from workbench.hub.protocol import Alternative, CancelToken, Model, Partial, Progress, Result
from workbench.understand.steps import steps

if TYPE_CHECKING:
    from workbench.hub.tasks.read_score.request import ReadScoreRequest

#: Seconds a page on one laptop core.
_PAGE_SECONDS = 8.0


class ScoreReader(Model):
    """Adapter of ``models/read-score``."""

    def estimate_seconds(self, request: ReadScoreRequest) -> float:
        """Wall-clock seconds on a laptop core."""
        return 0.5 + _PAGE_SECONDS * len(request.pages)

    def prepare(self) -> None:
        """Load the network."""
        from workbench.understand.score_image.detect import runtime, weights_folder

        runtime(weights_folder())

    def release(self) -> None:
        """Let the network go."""
        from workbench.understand.score_image.detect import runtime

        runtime.cache_clear()

    def run(
        self, request: ReadScoreRequest, *, seed: int, cancel: CancelToken
    ) -> Iterator[Progress | Partial | Result]:
        """Yield progress and the whole description."""
        from workbench.understand.score_image.reading import read_pages

        running = steps(lambda tell, stop: read_pages(request.pages, progress=tell, cancelled=stop), cancel)
        try:
            while True:
                try:
                    share = next(running)
                except StopIteration as end:
                    yield Result((Alternative(value=end.value.to_json()),))
                    return
                yield Progress(share, "Reading the score")
        finally:
            running.close()
