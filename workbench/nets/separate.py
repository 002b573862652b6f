"""The splitting network: what part of each band belongs to the drums, to the bass and to everything else.

A small U-Net (Ronneberger et al., 2015; for music Jansson et al., 2017) over bands and frames, with a recurrent layer
at its narrowest place, where a frame sees all bands and the seconds around it. Convolutions read edges (a stroke stands
upright, a tone lies) and so hold for timbres that were never heard; see ``models/separate/README.md``.
"""

from __future__ import annotations

import itertools

import torch
from torch import nn
from torch.nn import functional as F

from workbench.nets.separate_bands import BANDS, STEMS


def _conv(inputs: int, outputs: int, stride: tuple[int, int] = (1, 1)) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


class Separate(nn.Module):
    """Input float32 [batch, 2, frames, BANDS], frames a multiple of ``STRIDE``; output logits [batch, 3, ...]."""

    def __init__(self, widths: tuple[int, ...] = (16, 32, 64, 96), inner: int = 224) -> None:
        super().__init__()
        steps = ((1, 2), (2, 2), (2, 2))
        self.config = {"widths": list(widths), "inner": inner}
        self.enter = _conv(2, widths[0])
        self.down = nn.ModuleList()
        self.up = nn.ModuleList()
        self.join = nn.ModuleList()
        self.steps = steps
        for step, (here, deeper) in zip(steps, itertools.pairwise(widths), strict=True):
            self.down.append(nn.Sequential(_conv(here, here), _conv(here, deeper, step)))
            self.up.append(nn.Conv2d(deeper, here, 1))
            self.join.append(nn.Sequential(_conv(2 * here, here), _conv(here, here)))
        bottom = widths[-1] * (BANDS // 8)
        self.deep = nn.Sequential(_conv(widths[-1], widths[-1]), _conv(widths[-1], widths[-1]))
        self.narrow = nn.Linear(bottom, inner)
        self.over_time = nn.GRU(inner, inner // 2, batch_first=True, bidirectional=True)
        self.over_time2 = nn.GRU(inner, inner // 2, batch_first=True, bidirectional=True)
        self.widen = nn.Linear(inner, bottom)
        self.leave = nn.Conv2d(widths[0], len(STEMS), 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits [batch, stems, frames, BANDS]; a softmax over the stems makes them shares that sum to 1."""
        x = self.enter(x)
        kept = []
        for layer in self.down:
            kept.append(x)
            x = layer(x)
        x = self.deep(x)
        batch, channels, frames, bands = x.shape
        row = self.narrow(x.permute(0, 2, 1, 3).reshape(batch, frames, channels * bands))
        row = row + self.over_time(row)[0]
        row = row + self.over_time2(row)[0]
        x = x + self.widen(row).reshape(batch, frames, channels, bands).permute(0, 2, 1, 3)
        for number in reversed(range(len(self.steps))):
            x = self.up[number](x)
            x = F.interpolate(x, scale_factor=tuple(float(s) for s in self.steps[number]), mode="nearest")
            x = self.join[number](torch.cat([x, kept[number]], dim=1))
        logits: torch.Tensor = self.leave(x)
        return logits
