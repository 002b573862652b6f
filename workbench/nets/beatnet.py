"""BeatNet (Heydari et al., 2021, arXiv:2108.03576): a beat and a downbeat from each frame and what came before.

A short convolution over the spectrum, a layer that narrows it, two recurrent layers that only look back, and three
answers: a beat, a downbeat, neither. The features it reads are made here too: bands of 24 an octave, their logarithm,
and how far each has risen since the frame before.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from workbench.errors import BadFile

RATE, FRAME, HOP = 22_050, 1_411, 441
#: Frames a second.
FPS = RATE / HOP
BANDS_AN_OCTAVE, LOWEST, HIGHEST, REFERENCE = 24, 30.0, 17_000.0, 440.0
FEATURES, KERNEL, NARROW, LAYERS, CLASSES = 272, 10, 150, 2, 3

Floats = NDArray[np.float32]


@cache
def filters() -> Floats:
    """Triangles over the bins, float32 [bins, bands]: each sums to one; bands that would share a bin are one."""
    bins = FRAME // 2
    frequencies = np.arange(bins) * RATE / (2 * bins)
    first = np.floor(np.log2(LOWEST / REFERENCE) * BANDS_AN_OCTAVE)
    last = np.ceil(np.log2(HIGHEST / REFERENCE) * BANDS_AN_OCTAVE)
    centres = REFERENCE * 2.0 ** (np.arange(first, last) / BANDS_AN_OCTAVE)
    centres = centres[(centres >= LOWEST) & (centres <= HIGHEST)]
    above = np.clip(np.searchsorted(frequencies, centres), 1, bins - 1)
    nearer_below = centres - frequencies[above - 1] < frequencies[above] - centres
    corners = np.unique(above - nearer_below)
    bank = np.zeros((bins, len(corners) - 2), np.float32)
    for band, (start, centre, stop) in enumerate(zip(corners, corners[1:], corners[2:], strict=False)):
        if stop - start < 2:
            centre, stop = start, start + 1
        up, down = np.arange(centre - start) / max(1, centre - start), 1 - np.arange(stop - centre) / (stop - centre)
        triangle = np.concatenate([up, down])
        bank[start:stop, band] = triangle / triangle.sum()
    return bank


def bands(sound: Floats, first: int, count: int) -> Floats:
    """Log bands [count, 136] of ``count`` frames from ``first`` on; frame n is centred on sample ``n * HOP``."""
    start, size = first * HOP - FRAME // 2, (count - 1) * HOP + FRAME
    piece = np.zeros(size, np.float32)
    low, high = max(0, start), min(len(sound), start + size)
    if high > low:
        piece[low - start : high - start] = sound[low:high]
    frames = np.lib.stride_tricks.sliding_window_view(piece, FRAME)[::HOP] * np.hanning(FRAME)
    magnitudes = np.abs(np.fft.rfft(frames, axis=1)[:, : FRAME // 2]).astype(np.float32)
    return np.asarray(np.log10(magnitudes @ filters() + 1.0), np.float32)


def features(sound: Floats, first: int, count: int) -> Floats:
    """What the network reads, float32 [count, 272]: bands, and how far each rose; the first frame of all rose by none.

    ``sound``: float32 [samples] at :data:`RATE`.
    """
    wide = bands(sound, first - 1, count + 1) if first else bands(sound, 0, count)
    rise = np.maximum(0.0, np.diff(wide, axis=0))
    if not first:
        return np.hstack([wide, np.vstack([np.zeros_like(wide[:1]), rise])])
    return np.hstack([wide[1:], rise])


class BeatNet(nn.Module):
    """The network; its state is handed on from call to call."""

    def __init__(self, narrow: int = NARROW) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(1, 2, KERNEL)
        self.linear0 = nn.Linear(2 * ((FEATURES - KERNEL + 1) // 2), narrow)
        self.lstm = nn.LSTM(narrow, narrow, LAYERS, batch_first=True)
        self.linear = nn.Linear(narrow, CLASSES)

    def forward(self, x: Tensor, state: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Features [frames, 272] in; probabilities [frames, 3] of a beat (no downbeat), a downbeat, neither; state."""
        h = F.max_pool1d(F.relu(self.conv1(x[:, None, :])), 2).flatten(1)
        out, state = self.lstm(self.linear0(h)[None], state)
        return torch.softmax(self.linear(out[0]), dim=-1), state


def beatnet_from(tensors: Mapping[str, Tensor]) -> BeatNet:
    """The network with published weights.

    Raises:
        BadFile: a tensor is missing, of another shape, or not finite.
    """
    narrow = tensors["linear0.weight"].shape[0] if "linear0.weight" in tensors else 0
    if not 1 <= narrow <= 4_096:
        raise BadFile("These weights are not those of BeatNet; pull the model again.")
    network = BeatNet(narrow)
    state = {}
    for name, expected in network.state_dict().items():
        value = tensors.get(name)
        if value is None or value.shape != expected.shape or not bool(value.float().isfinite().all()):
            raise BadFile("These weights are not those of BeatNet; pull the model again.")
        state[name] = value.float()
    network.load_state_dict(state)
    return network.eval().requires_grad_(False)
