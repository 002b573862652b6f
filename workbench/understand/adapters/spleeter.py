"""Spleeter's two stems (Hennequin et al., 2020): a voice, and all that accompanies it.

Two U-Nets (:mod:`workbench.nets.unet`) look at windows of twelve seconds of the spectrogram, up to 11 kHz, and the
squares of what they make of it share the recording out. Windows overlap, so that none of their edges is ever heard,
and sound is read and written window after window: memory grows by the stems alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import BadFile, Unavailable
from workbench.hub.protocol import Alternative, CancelToken, Model, Partial, Progress, Result, Support
from workbench.hub.tasks.separate.request import SeparateRequest
from workbench.hub.weights.bundle import read_bundle
from workbench.sound.audio import Audio

if TYPE_CHECKING:
    from workbench.nets.unet import UNet

RATE, FRAME, HOP = 44_100, 4_096, 1_024
#: Frames of a window, those at either end that only give it its surroundings, and bins that are looked at.
WINDOW, MARGIN, BINS = 512, 32, 1_024
STEP = WINDOW - 2 * MARGIN
STEMS = ("vocals", "accompaniment")
_EPS = 1e-10

Samples = NDArray[np.float32]


class Masks:
    """The two U-Nets. Raises :class:`BadFile` where the checkpoint is another one."""

    def __init__(self, index: Any, data: Any) -> None:
        from workbench.nets.unet import unet_from_tensorflow

        tensors = read_bundle(index, data, lambda name: name.startswith(("conv2d", "batch_normalization")))
        self._nets: list[UNet] = [unet_from_tensorflow(tensors, number) for number in range(len(STEMS))]

    def voice(self, magnitudes: Samples) -> Samples:
        """The voice's share 0 to 1 of each bin. ``magnitudes``: float32 [2, frames, bins], :data:`WINDOW` frames."""
        import torch

        with torch.inference_mode():
            x = torch.from_numpy(magnitudes)[None]
            voice, rest = ((net(x)[0] * x[0]).square() for net in self._nets)
            share: Samples = ((voice + _EPS / 2) / (voice + rest + _EPS)).numpy()
        return share


def split(audio: Audio, masks: Masks) -> Iterator[float | Samples]:
    """Yield the share of the work done after each window, and last the voice, float32 of the shape of ``audio``'s
    samples, which must be at :data:`RATE`.

    A recording that is not stereo is heard as its middle, and each of its channels masked alike.
    """
    import torch

    sound = audio.samples
    heard = sound if audio.channels == 2 else np.repeat(audio.mono()[:, None], 2, axis=1)
    shape = torch.hann_window(FRAME, periodic=True)
    window = shape.numpy()
    total = (audio.frames - 1 + FRAME) // HOP + 1  # frame n ends at sample n * HOP: every sample lies in four
    voice = np.zeros((audio.frames + 2 * FRAME, audio.channels), np.float32)
    for first in range(0, total, STEP):
        spectra = np.abs(_frames(heard, first - MARGIN, WINDOW, window))
        share = masks.voice(np.ascontiguousarray(spectra[:, :, :BINS], np.float32))
        count = min(STEP, total - first)
        kept = share[:, MARGIN : MARGIN + count]
        own = _frames(sound, first, count, window)
        own[:, :, BINS:] = 0.0
        own[:, :, :BINS] *= kept if audio.channels == 2 else kept.mean(axis=0, keepdims=True)
        pieces = np.fft.irfft(own, axis=2) * window * (2 / 3)  # squares of the window sum to 3/2
        for place in range(count):
            at = (first + place) * HOP
            voice[at : at + FRAME] += pieces[:, place].T
        yield min(1.0, (first + count) / total)
    yield np.ascontiguousarray(voice[FRAME : FRAME + audio.frames])


def _frames(sound: Samples, first: int, count: int, window: Samples) -> NDArray[np.complex64]:
    """Spectra [channels, frames, bins] of ``count`` frames, silence where there is no sound."""
    start, size = first * HOP - FRAME, (count - 1) * HOP + FRAME
    low, high = max(0, start), min(len(sound), start + size)
    piece = np.zeros((size, sound.shape[1]), np.float32)
    if high > low:
        piece[low - start : high - start] = sound[low:high]
    views = np.lib.stride_tricks.sliding_window_view(piece, FRAME, axis=0)[::HOP]
    return np.fft.rfft(views.transpose(1, 0, 2) * window, axis=2).astype(np.complex64)


class Spleeter(Model):
    """Adapter of Spleeter's two-stem checkpoint for the hub."""

    _masks: Masks | None = None

    def prepare(self) -> None:
        """Load the weights; raises :class:`BadFile` if they are of another kind."""
        if self._masks is None:
            index = [path for name, path in self.files.items() if name.endswith(".index")]
            data = [path for name, path in self.files.items() if ".data-00000-of-00001" in name]
            if len(index) != 1 or len(data) != 1:
                raise BadFile(f"The entry of {self.spec.id} must name one checkpoint: its index and its data.")
            self._masks = Masks(index[0], data[0])

    def release(self) -> None:
        """Let go of the weights."""
        self._masks = None

    def support(self, request: SeparateRequest) -> Support:
        """It knows a voice and its accompaniment."""
        known = [name for name in request.stems if name in STEMS]
        if not known:
            return Support.no(f"This model splits a recording into {' and '.join(STEMS)}; ask for one of these.")
        if len(known) < len(request.stems):
            return Support.partial(f"This model knows {' and '.join(STEMS)} alone; all else stays in the rest.")
        return Support.full()

    def estimate_seconds(self, request: SeparateRequest) -> float:
        """Wall-clock seconds on a laptop core."""
        return 1.0 + 0.2 * float(request.audio.seconds)

    def run(self, request: SeparateRequest, *, seed: int, cancel: CancelToken) -> Iterator[Progress | Partial | Result]:
        """Yield progress a window, then the stems at the recording's own rate."""
        self.prepare()
        if self._masks is None:
            raise Unavailable("The model was unloaded while it was needed; try again.")
        audio: Audio = request.audio
        voice: Samples | None = None
        for item in split(audio.resampled(RATE), self._masks):
            cancel.check()
            if isinstance(item, float):
                yield Progress(item)
            else:
                voice = item
        assert voice is not None
        stem = Audio(voice, RATE).resampled(audio.rate).samples[: audio.frames]
        stem = np.pad(stem, ((0, audio.frames - len(stem)), (0, 0)))
        stems = {"vocals": stem, "accompaniment": audio.samples - stem}
        wanted = {name: Audio(stems[name], audio.rate) for name in request.stems if name in stems}
        yield Result((Alternative(stems=wanted),))
