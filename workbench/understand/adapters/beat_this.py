"""Beat This! (Foscarin, Schlueter and Widmer, 2024, arXiv:2407.21658): beats by a transformer that sees both ways.

The network is an ONNX file, run by onnxruntime; it reads mel spectra fifty times a second, thirty seconds at a time,
and says how likely each frame is a beat and a downbeat. The authors only pick peaks; here the workbench's own decoder
reads the same numbers, so that the answer has bars and a tempo as every other one has.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.errors import BadFile, Unavailable
from workbench.hub.protocol import Alternative, CancelToken, Model, Partial, Progress, Result
from workbench.hub.tasks.beats.request import BeatsRequest
from workbench.sound.audio import Audio
from workbench.understand.adapters.following import followed, one_network
from workbench.understand.adapters.onnx_session import OnnxNetwork
from workbench.understand.beats import Reading, track_beats
from workbench.understand.heard import Heard

RATE, HOP, FFT, MELS, LOW, HIGH = 22_050, 441, 1_024, 128, 30.0, 11_000.0
#: Frames of a chunk, and those at either end that another chunk sees better.
CHUNK, BORDER = 1_500, 6
INPUT, OUTPUTS = "input_spectrogram", ("beat", "downbeat")

Floats = NDArray[np.float32]


def _to_mel(hertz: float) -> float:
    """Slaney's scale: even below 1 kHz, logarithmic above."""
    return hertz * 3 / 200 if hertz < 1_000 else 15 + 27 * math.log(hertz / 1_000) / math.log(6.4)


def _to_hertz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(mels < 15, mels * 200 / 3, 1_000 * np.exp((mels - 15) * math.log(6.4) / 27))


@cache
def filters() -> Floats:
    """Triangles of height one between even steps of the mel scale: float32 [bins, 128]."""
    corners = _to_hertz(np.linspace(_to_mel(LOW), _to_mel(HIGH), MELS + 2))
    bins = np.linspace(0.0, RATE / 2, FFT // 2 + 1)[:, None]
    up = (bins - corners[:-2]) / (corners[1:-1] - corners[:-2])
    down = (corners[2:] - bins) / (corners[2:] - corners[1:-1])
    return np.maximum(0.0, np.minimum(up, down)).astype(np.float32)


def spectrum(sound: Floats, first: int, count: int) -> Floats:
    """What the network reads: float32 [count, 128] of the frames from ``first`` on, frame n centred on ``n * HOP``.

    ``sound``: float32 [samples] at :data:`RATE`; before its start and after its end it is mirrored.
    """
    start = first * HOP - FFT // 2
    size = (count - 1) * HOP + FFT
    places = np.abs(np.arange(start, start + size))
    last = len(sound) - 1
    places = np.where(places > last, np.maximum(0, 2 * last - places), places)
    frames = np.lib.stride_tricks.sliding_window_view(sound[places], FFT)[::HOP]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FFT) / FFT)
    magnitudes = np.abs(np.fft.rfft(frames * window, axis=1)) / math.sqrt(FFT)
    return np.asarray(np.log1p(1_000.0 * (magnitudes.astype(np.float32) @ filters())), np.float32)


def activations(audio: Audio, network: OnnxNetwork) -> Iterator[float | Floats]:
    """Yield the share of the work done after each chunk, and last the probabilities of a beat and of a downbeat:
    float32 [frames, 2], 50 a second."""
    sound = audio.resampled(RATE).mono()
    total = 1 + len(sound) // HOP if len(sound) > 1 else 0
    said = np.zeros((total, 2), np.float32)
    for first in range(0, total, CHUNK - 2 * BORDER):
        count = min(CHUNK - 2 * BORDER, total - first)
        low, high = max(0, first - BORDER), min(total, first + count + BORDER)
        out = network.run({INPUT: spectrum(sound, low, high - low)[None]})
        if any(answer.shape != (1, high - low) or not np.isfinite(answer).all() for answer in out):
            raise BadFile("The network of Beat This! gave an answer of another shape; pull it again.")
        odds = np.stack([np.clip(answer[0, first - low : first - low + count], -30, 30) for answer in out], axis=1)
        said[first : first + count] = 1.0 / (1.0 + np.exp(-odds))
        yield (first + count) / total
    yield said


def open_network(path: Path) -> OnnxNetwork:
    """The network in this file; raises :class:`BadFile` if it is another one."""
    return OnnxNetwork(path, {INPUT: (None, None, MELS)}, OUTPUTS)


class BeatThis(Model):
    """Adapter of Beat This! for the hub."""

    _network: OnnxNetwork | None = None

    def prepare(self) -> None:
        """Load the network; raises :class:`BadFile` if it is another one."""
        if self._network is None:
            found = one_network(self.files, self.spec.id)
            self._network = open_network(found)

    def release(self) -> None:
        """Let go of the network."""
        self._network = None

    def estimate_seconds(self, request: BeatsRequest) -> float:
        """Wall-clock seconds on a laptop core."""
        return 1.0 + 0.2 * float(request.audio.seconds)

    def run(self, request: BeatsRequest, *, seed: int, cancel: CancelToken) -> Iterator[Progress | Partial | Result]:
        """Yield progress, then the beats."""
        self.prepare()
        if self._network is None:
            raise Unavailable("The model was unloaded while it was needed; try again.")
        said = yield from followed(
            activations(request.audio, self._network), cancel, np.zeros((0, 2), np.float32), share=0.9
        )
        beats = track_beats(said, reading=Reading()) if len(said) else None
        heard = Heard(request.audio.seconds) if beats is None else Heard(request.audio.seconds, beats=beats)
        yield Result((Alternative(value=heard.to_json()),))
