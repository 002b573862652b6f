"""The U-Net that masks a spectrogram (Jansson et al., 2017), in the form Spleeter gives it (Hennequin et al., 2020).

Six convolutions halve time and frequency, six transposed ones double them again, each joined by what went down on
its level; one last, dilated convolution says for every bin how much of it belongs to the stem. The arrangement (skips
before normalisation, normalisation after the activation on the way up, TensorFlow's padding at the far end) is that of
the published weights.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from workbench.errors import BadFile

#: Channels after each convolution on the way down.
WIDTHS = (16, 32, 64, 128, 256, 512)
KERNEL, LAST_KERNEL, DILATION, LEAK, EPS = 5, 4, 2, 0.2, 1e-3
#: Time and frequency must be multiples of this.
GRAIN = 2 ** len(WIDTHS)


class _Norm(nn.Module):
    """Batch normalisation with fixed statistics: one factor and one shift a channel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.factor = nn.Parameter(torch.ones(channels))
        self.shift = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        return torch.addcmul(self.shift[:, None, None], x, self.factor[:, None, None])


class UNet(nn.Module):
    """One stem's mask. ``channels``: of the spectrogram (2 for stereo); ``widths``: see :data:`WIDTHS`."""

    def __init__(self, channels: int = 2, widths: tuple[int, ...] = WIDTHS) -> None:
        super().__init__()
        ins = (channels, *widths[:-1])
        self.down = nn.ModuleList(nn.Conv2d(a, b, KERNEL, stride=2) for a, b in zip(ins, widths, strict=True))
        self.down_norm = nn.ModuleList(_Norm(width) for width in widths[:-1])
        outs = (*widths[-2::-1], 1)
        sources = (widths[-1], *(2 * width for width in widths[-2::-1]))
        self.up = nn.ModuleList(nn.ConvTranspose2d(a, b, KERNEL, stride=2) for a, b in zip(sources, outs, strict=True))
        self.up_norm = nn.ModuleList(_Norm(width) for width in outs)
        self.last = nn.Conv2d(1, channels, LAST_KERNEL, dilation=DILATION, padding=DILATION * (LAST_KERNEL - 1) // 2)

    def forward(self, spectrogram: Tensor) -> Tensor:
        """Magnitudes [batch, channels, frames, bins] in, the stem's share of each 0 to 1 out, of the same shape.

        Frames and bins are multiples of 2 ** (number of widths).
        """
        skips, x = [], spectrogram
        for place, layer in enumerate(self.down):
            x = layer(F.pad(x, (1, 2, 1, 2)))
            skips.append(x)
            if place < len(self.down_norm):
                x = F.leaky_relu(self.down_norm[place](x), LEAK)
        x = skips.pop()
        for layer, norm in zip(self.up, self.up_norm, strict=True):
            x = norm(F.relu(layer(x)[..., 1:-2, 1:-2]))
            if skips:
                x = torch.cat((skips.pop(), x), dim=1)
        return torch.sigmoid(self.last(x))


def unet_from_tensorflow(tensors: Mapping[str, NDArray], number: int) -> UNet:
    """The ``number``-th U-Net (from 0) of a Spleeter checkpoint, ready to run.

    Args:
        tensors: by TensorFlow's names (``conv2d_7/kernel``), kernels [height, width, in, out], transposed ones
            [height, width, out, in].

    Raises:
        BadFile: a tensor is missing, of another shape, or not finite.
    """
    first = tensors.get(_named("conv2d", number * (len(WIDTHS) + 1)) + "/kernel")
    widths = []
    for place in range(len(WIDTHS)):
        kernel = tensors.get(_named("conv2d", number * (len(WIDTHS) + 1) + place) + "/kernel")
        widths.append(0 if kernel is None or kernel.ndim != 4 else kernel.shape[3])
    if first is None or not all(1 <= width <= 4_096 for width in widths) or not 1 <= first.shape[2] <= 8:
        raise BadFile("This checkpoint is not that of a Spleeter network; pull the model again.")
    network = UNet(int(first.shape[2]), tuple(widths))
    state: dict[str, Tensor] = {}
    depth = len(widths)
    for place in range(depth):
        _convolution(state, f"down.{place}", tensors, _named("conv2d", number * (depth + 1) + place), (3, 2, 0, 1))
        name = _named("conv2d_transpose", number * depth + place)
        _convolution(state, f"up.{place}", tensors, name, (3, 2, 0, 1))
    _convolution(state, "last", tensors, _named("conv2d", number * (depth + 1) + depth), (3, 2, 0, 1))
    for place in range(2 * depth):
        if place != depth - 1:  # the normalisation at the bottom leads nowhere
            where = f"down_norm.{place}" if place < depth else f"up_norm.{place - depth}"
            _norm(state, where, tensors, _named("batch_normalization", number * 2 * depth + place))
    expected = network.state_dict()
    if any(name not in state or state[name].shape != value.shape for name, value in expected.items()):
        raise BadFile("The weights of this Spleeter network do not fit together; pull the model again.")
    if not all(bool(value.isfinite().all()) for value in state.values()):
        raise BadFile("The weights of this Spleeter network are damaged; pull the model again.")
    network.load_state_dict(state, assign=True)
    return network.eval().requires_grad_(False)


def _named(kind: str, number: int) -> str:
    return f"{kind}_{number}" if number else kind


def _tensor(tensors: Mapping[str, NDArray], name: str, axes: int) -> NDArray:
    value = tensors.get(name)
    if value is None or value.ndim != axes:
        raise BadFile("A part of this Spleeter network is missing; pull the model again.")
    return np.asarray(value, np.float32)


def _convolution(
    state: dict[str, Tensor], where: str, tensors: Mapping[str, NDArray], name: str, order: tuple[int, ...]
) -> None:
    kernel = _tensor(tensors, f"{name}/kernel", 4).transpose(order)
    state[f"{where}.weight"] = torch.from_numpy(np.ascontiguousarray(kernel))
    state[f"{where}.bias"] = torch.from_numpy(_tensor(tensors, f"{name}/bias", 1).copy())


def _norm(state: dict[str, Tensor], where: str, tensors: Mapping[str, NDArray], name: str) -> None:
    names = ("gamma", "beta", "moving_mean", "moving_variance")
    gamma, beta, mean, variance = (_tensor(tensors, f"{name}/{part}", 1) for part in names)
    if not gamma.shape == beta.shape == mean.shape == variance.shape or (variance < 0).any():
        raise BadFile("The weights of this Spleeter network do not fit together; pull the model again.")
    factor = gamma / np.sqrt(variance + EPS)
    state[f"{where}.factor"] = torch.from_numpy(factor.astype(np.float32))
    state[f"{where}.shift"] = torch.from_numpy((beta - mean * factor).astype(np.float32))
