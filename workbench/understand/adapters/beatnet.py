"""BeatNet's three networks with the workbench's own decoder: beats, downbeats and tempo of a recording.

The networks (:mod:`workbench.nets.beatnet`) differ in what they were trained without; the mean of what they say is
decoded. They only look back, so sound is heard minute by minute with their state handed on.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from workbench.errors import Unavailable
from workbench.hub.protocol import Alternative, CancelToken, Model, Partial, Progress, Result
from workbench.hub.tasks.beats.request import BeatsRequest
from workbench.sound.audio import Audio
from workbench.understand.adapters.following import followed
from workbench.understand.adapters.tensors import read_tensors
from workbench.understand.beats import Reading, track_beats
from workbench.understand.heard import Heard

if TYPE_CHECKING:
    from workbench.nets.beatnet import BeatNet

#: Frames (50 a second) that are heard at once.
BLOCK = 1_500


def activations(audio: Audio, networks: Sequence[BeatNet]) -> Iterator[float | NDArray[np.float32]]:
    """Yield the share of the work done after each block, and last the activations: float32 [frames, 2], 50 a second,
    the probabilities that a beat, and that a downbeat, lies on the frame."""
    import torch

    from workbench.nets.beatnet import FPS, RATE, features

    sound = audio.resampled(RATE).mono()
    total = math.ceil(len(sound) * FPS / RATE)
    states: list[tuple[torch.Tensor, torch.Tensor] | None] = [None] * len(networks)
    said = np.zeros((total, 2), np.float32)
    for first in range(0, total, BLOCK):
        count = min(BLOCK, total - first)
        with torch.inference_mode():
            heard = torch.from_numpy(features(sound, first, count))
            for place, network in enumerate(networks):
                share, states[place] = network(heard, states[place])
                said[first : first + count] += share.numpy()[:, :2] / len(networks)
        yield (first + count) / total
    said[:, 0] += said[:, 1]  # the networks tell beats from downbeats; here a downbeat is a beat as well
    yield np.clip(said, 0.0, 1.0)


class BeatNetTracker(Model):
    """Adapter of BeatNet's weights for the hub."""

    _networks: tuple[BeatNet, ...] = ()

    def prepare(self) -> None:
        """Load the networks; raises :class:`BadFile` if they are of another kind."""
        if not self._networks:
            from workbench.nets.beatnet import beatnet_from

            self._networks = tuple(beatnet_from(read_tensors([path])) for _, path in sorted(self.files.items()))

    def release(self) -> None:
        """Let go of the networks."""
        self._networks = ()

    def estimate_seconds(self, request: BeatsRequest) -> float:
        """Wall-clock seconds on a laptop core."""
        return 0.5 + 0.03 * float(request.audio.seconds)

    def run(self, request: BeatsRequest, *, seed: int, cancel: CancelToken) -> Iterator[Progress | Partial | Result]:
        """Yield progress, then the beats."""
        self.prepare()
        if not self._networks:
            raise Unavailable("The model was unloaded while it was needed; try again.")
        said = yield from followed(
            activations(request.audio, self._networks), cancel, np.zeros((0, 2), np.float32), share=0.9
        )
        heard = Heard(request.audio.seconds, beats=track_beats(said, reading=READING))
        yield Result((Alternative(value=heard.to_json()),))


#: How these networks' word is taken: they are sure of themselves and sharp.
READING = Reading()
