"""The Genie as a model of the hub: it plays a whole list of presses.

A player in a browser or notebook uses :class:`~workbench.create.genie.play.GeniePlayer` or its twin directly; the
hub is for whole lists: the command line, studies and replays, where seed, settings and revision are recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workbench.create.genie.play import GeniePlayer, perform
from workbench.errors import Unavailable
from workbench.hub.protocol import CancelToken, Model, Partial, Progress, Result
from workbench.hub.tasks.genie.request import TRACK_ID, GenieRequest, read_presses
from workbench.nets.genie_numpy import GenieDecoder
from workbench.score.score import Note

#: Notes that are handed over at a time.
BATCH = 64


class PianoGenie(Model):
    """Plays with the shipped decoder."""

    _decoder: GenieDecoder | None = None

    def estimate_seconds(self, request: Any) -> float:
        """A quarter of a millisecond a press."""
        return 0.05 + 0.00025 * len(request.presses)

    def prepare(self) -> None:
        """Load the decoder."""
        if self._decoder is None:
            path: Path | None = self.files.get("model.safetensors")
            if path is None:
                raise Unavailable("The Piano Genie's weights are missing; pull the model again.")
            self._decoder = GenieDecoder.load(path)

    def release(self) -> None:
        """Let go of the decoder."""
        self._decoder = None

    def run(self, request: GenieRequest, *, seed: int, cancel: CancelToken) -> Iterator[Progress | Partial | Result]:
        """One alternative, 64 notes at a time."""
        self.prepare()
        player = GeniePlayer(request.play, seed, self._decoder)
        line = read_presses(list(request.presses), request.play)
        batch: list[Note] = []
        for place, note in enumerate(perform(player, line, list(request.chords or ())), start=1):  # type: ignore[arg-type]
            cancel.check()
            batch.append(note)
            if len(batch) == BATCH or place == len(line):
                yield Partial(0, TRACK_ID, tuple(batch))
                yield Progress(place / len(line))
                batch = []
