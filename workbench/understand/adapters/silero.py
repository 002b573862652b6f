"""Silero VAD: where a voice speaks, thirty times a second, from a very small recurrent network.

The network is the package's ONNX file for 16 kHz, run by onnxruntime: frames of 512 samples, each with the 64 samples
before it, its state handed on from block to block.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from workbench.errors import BadFile, Unavailable
from workbench.hub.protocol import Alternative, CancelToken, Model, Partial, Progress, Result
from workbench.hub.tasks.speech.request import SpeechRequest
from workbench.sound.audio import Audio
from workbench.understand.adapters.following import followed, one_network
from workbench.understand.adapters.onnx_session import OnnxNetwork
from workbench.understand.spans import as_value, spans

RATE, FRAME, BEFORE, STATE = 16_000, 512, 64, 128
FPS = RATE / FRAME
#: Frames of a block: sixteen seconds.
BLOCK = 512


def probabilities(audio: Audio, network: OnnxNetwork) -> Iterator[float | NDArray[np.float32]]:
    """Yield the share of the work done after each block, and last how likely each frame is speech: float32 [frames]."""
    sound = audio.resampled(RATE).mono()
    total = -(-len(sound) // FRAME)
    padded = np.pad(sound, (BEFORE, total * FRAME - len(sound)))
    views = np.lib.stride_tricks.sliding_window_view(padded, BEFORE + FRAME)[::FRAME] if total else padded[:0]
    hidden, cell = (np.zeros((1, 1, STATE), np.float32) for _ in range(2))
    said = np.zeros(total, np.float32)
    for first in range(0, total, BLOCK):
        block = np.ascontiguousarray(views[first : first + BLOCK], np.float32)
        odds, hidden, cell = network.run({"input": block, "h": hidden, "c": cell})
        if odds.size != len(block) or hidden.shape != (1, 1, STATE) or not np.isfinite(odds).all():
            raise BadFile("The network of Silero VAD gave an answer of another shape; pull it again.")
        said[first : first + len(block)] = np.clip(odds.reshape(-1), 0.0, 1.0)
        yield min(1.0, (first + len(block)) / total)
    yield said


class SileroVad(Model):
    """Adapter of Silero VAD for the hub."""

    _network: OnnxNetwork | None = None

    def prepare(self) -> None:
        """Load the network; raises :class:`BadFile` if it is another one."""
        if self._network is None:
            found = one_network(self.files, self.spec.id)
            inputs = {"input": (None, BEFORE + FRAME), "h": (1, 1, STATE), "c": (1, 1, STATE)}
            self._network = OnnxNetwork(found, inputs, ("speech_probs", "hn", "cn"), threads=1)

    def release(self) -> None:
        """Let go of the network."""
        self._network = None

    def estimate_seconds(self, request: SpeechRequest) -> float:
        """Wall-clock seconds on a laptop core."""
        return 0.2 + 0.01 * float(request.audio.seconds)

    def run(self, request: SpeechRequest, *, seed: int, cancel: CancelToken) -> Iterator[Progress | Partial | Result]:
        """Yield progress, then where a voice speaks."""
        self.prepare()
        if self._network is None:
            raise Unavailable("The model was unloaded while it was needed; try again.")
        audio: Audio = request.audio
        said = yield from followed(probabilities(audio, self._network), cancel, np.zeros(0, np.float32))
        yield Result((Alternative(value=as_value(audio.seconds, spans(said, FPS, audio.seconds))),))
