"""The network that finds the symbols of a score: what stands where, on a page of 8 pixels a staff space.

A small U-Net (Ronneberger et al., 2015) from half the page's resolution down to a sixteenth, widened there by dilated
convolutions. Symbols are peaks of one map a kind, as in CenterNet (Zhou et al., 2019); beside them masks of lines,
stems, beams and curves, and at each notehead what only its surroundings tell: flags, stem, dots, tie, its own staff.
"""

from __future__ import annotations

import itertools

import torch
from torch import nn
from torch.nn import functional as F

from workbench.nets.score_symbols import KINDS, MASKS

#: Channels of the answer, in order: kinds, masks, flags 0 to 4, stem (down, none, up), dots 0 to 2, tie, offset.
FLAGS, STEMS, DOT_COUNTS = 5, 3, 3
OUTPUTS = len(KINDS) + len(MASKS) + FLAGS + STEMS + DOT_COUNTS + 2
#: The page's sides must be multiples of this.
STRIDE = 16


def _conv(inputs: int, outputs: int, size: int = 3, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    padding = (size - stride) // 2 if size % 2 == 0 else dilation * (size // 2)
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, stride, padding, dilation, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class ReadScore(nn.Module):
    """Input float32 [batch, 1, H, W], 0 paper to 1 ink; output logits [batch, OUTPUTS, H / 2, W / 2]."""

    def __init__(self, widths: tuple[int, ...] = (32, 48, 96, 128), head: int = 48) -> None:
        super().__init__()
        self.config = {"widths": list(widths), "head": head}
        self.enter = nn.Sequential(_conv(1, widths[0], 6, 2), _conv(widths[0], widths[0]))
        self.down, self.up, self.join = nn.ModuleList(), nn.ModuleList(), nn.ModuleList()
        for here, deeper in itertools.pairwise(widths):
            self.down.append(nn.Sequential(_conv(here, deeper, 3, 2), _conv(deeper, deeper)))
            self.up.append(nn.Conv2d(deeper, here, 1))
            self.join.append(_conv(here, here))
        self.wide = nn.ModuleList(_conv(widths[-1], widths[-1], dilation=dilation) for dilation in (2, 4))
        self.head = _conv(widths[0], head)
        self.leave = nn.Conv2d(head, OUTPUTS, 1)
        assert self.leave.bias is not None
        nn.init.zeros_(self.leave.bias)
        nn.init.constant_(self.leave.bias[: len(KINDS)], -4.6)  # at first nothing is anywhere: one in a hundred

    def forward(self, page: torch.Tensor) -> torch.Tensor:
        """Logits [batch, OUTPUTS, H / 2, W / 2]; the offset is a plain number."""
        x = self.enter(page)
        kept = []
        for layer in self.down:
            kept.append(x)
            x = layer(x)
        for layer in self.wide:
            x = x + layer(x)
        for up, join, skip in zip(reversed(self.up), reversed(self.join), reversed(kept), strict=True):
            x = join(F.interpolate(up(x), scale_factor=2.0, mode="nearest") + skip)
        out: torch.Tensor = self.leave(self.head(x))
        return out


def split(answer: torch.Tensor) -> dict[str, torch.Tensor]:
    """The channels of an answer by name: kinds, masks, flags, stem, dots, tie, offset."""
    sizes = (len(KINDS), len(MASKS), FLAGS, STEMS, DOT_COUNTS, 1, 1)
    names = ("kinds", "masks", "flags", "stem", "dots", "tie", "offset")
    return dict(zip(names, torch.split(answer, list(sizes), dim=1), strict=True))
