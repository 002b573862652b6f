"""The listening network: sound in, notes, drums, beats and chords out, from one pass.

Architecture: a log-frequency spectrum (three bins a semitone), stacked at its harmonics as basic-pitch does (Bittner
et al., 2022), a small convolutional network over semitones and time, and two kinds of heads: one value a pitch and
frame (onset, sounding, end, loudness; after Onsets and Frames, Hawthorne et al., 2018), and one row a frame (drum
strokes, beats, downbeats, chords) from a network over time whose steps widen (a TCN after Davies and Boeck, 2019).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from workbench.nets.listen_spectrum import (
    BINS,
    BINS_A_SEMITONE,
    DRUMS,
    FPS,
    HARMONICS,
    HOP,
    KINDS,
    LEAST,
    LOW,
    PITCHES,
    RATE,
    ROOTS,
    SILENT,
    SPAN,
    SPARSE,
    WINDOWS,
    filters,
)

__all__ = ["BINS", "DRUMS", "FPS", "KINDS", "LOW", "PITCHES", "RATE", "ROOTS", "Listen", "Shape", "spectrum"]


def spectrum(audio: torch.Tensor) -> torch.Tensor:
    """Log-frequency spectrum of sound.

    Args:
        audio: float32 [batch, samples] at :data:`RATE`.

    Returns:
        float32 [batch, frames, BINS], frames = samples // HOP + 1; decibels over the window's own loudness, about 0
        to 1 for what is heard.
    """
    rows = []
    for (size, _), matrix in zip(WINDOWS, filters(), strict=True):
        window = torch.hann_window(size)
        every = SPARSE if size > 4096 else 1
        power = torch.stft(
            audio, size, HOP * every, window=window, center=True, pad_mode="constant", return_complex=True
        ).abs().square() / window.square().sum()  # fmt: skip
        row = torch.from_numpy(matrix) @ power
        rows.append(row.repeat_interleave(every, dim=2)[:, :, : audio.shape[1] // HOP + 1])
    power = torch.cat(rows, dim=1).transpose(1, 2)
    decibels = 10 * torch.log10(power + LEAST)
    top = torch.quantile(decibels.amax(dim=2), 0.95, dim=1)[:, None, None]
    return ((decibels - top.clamp(min=SILENT) + SPAN) / SPAN).clamp(-0.2, 1.3)


def stack(bins: torch.Tensor) -> torch.Tensor:
    """[batch, frames, BINS] -> [batch, harmonics, frames, 3 * PITCHES]: each key beside its harmonics."""
    width, start = BINS_A_SEMITONE * PITCHES, BINS_A_SEMITONE
    rows = []
    for harmonic in HARMONICS:
        shift = round(12 * BINS_A_SEMITONE * float(np.log2(harmonic)))
        low = start + shift
        left, right = max(0, -low), max(0, low + width - bins.shape[2])
        rows.append(F.pad(bins, (left, right))[:, :, low + left : low + left + width])
    return torch.stack(rows, dim=1)


class Residual(nn.Module):
    """Two convolutions around a skip; the first looks further in time."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, (3, 3), padding=(dilation, 1), dilation=(dilation, 1))
        #: How much of the octave below and above comes in, by channel. (As a dilated depthwise convolution this costs
        #: more in the backward pass than the rest of the block together.)
        self.below = nn.Parameter(torch.zeros(channels, 1, 1))
        self.above = nn.Parameter(torch.zeros(channels, 1, 1))
        self.second = nn.Conv2d(channels, channels, 1)
        self.norm = nn.GroupNorm(4, channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[batch, channels, frames, pitches] -> the same."""
        y = F.silu(self.norm(self.first(x)))
        y = y + self.below * F.pad(y[..., :-12], (12, 0)) + self.above * F.pad(y[..., 12:], (0, 12))
        out: torch.Tensor = x + self.second(F.silu(y))
        return out


class Over(nn.Module):
    """A step of the network over time: [batch, width, frames] -> the same, looking ``dilation`` frames around."""

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(width, width, 5, padding=2 * dilation, dilation=dilation, groups=4)
        self.mix = nn.Conv1d(width, width, 1)
        self.norm = nn.GroupNorm(4, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """One residual step."""
        out: torch.Tensor = x + self.mix(F.silu(self.norm(self.conv(x))))
        return out


@dataclass(frozen=True)
class Shape:
    """Sizes of the network."""

    channels: int = 32
    blocks: tuple[int, ...] = (1, 2, 4, 1)
    width: int = 96
    steps: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 64)


class Listen(nn.Module):
    """The network. ``forward`` gives logits by head; see :meth:`forward`."""

    def __init__(self, shape: Shape | None = None) -> None:
        super().__init__()
        shape = shape or Shape()
        c, w = shape.channels, shape.width
        self.entry = nn.Conv2d(len(HARMONICS), c, (5, 5), stride=(1, 3), padding=(2, 1))
        self.norm = nn.GroupNorm(4, c)
        self.blocks = nn.ModuleList(Residual(c, dilation) for dilation in shape.blocks)
        self.keys = nn.Conv2d(c, 4, 1)
        self.melody = nn.Conv2d(c, 1, 1)
        self.wide = nn.Conv1d(BINS, w, 3, padding=1)  # what no key shows: drums, breath, the whole sound at once
        self.fold = nn.Conv1d(c * PITCHES, w, 1)
        self.over = nn.ModuleList(Over(w, dilation) for dilation in shape.steps)
        self.frames = nn.Conv1d(w, DRUMS + 2 + ROOTS + KINDS + 1, 1)

    def forward(self, bins: torch.Tensor) -> dict[str, torch.Tensor]:
        """Logits from a spectrum.

        Args:
            bins: float32 [batch, frames, BINS] of :func:`spectrum`.

        Returns:
            ``onset``, ``frame``, ``end``, ``velocity``, ``melody``: [batch, frames, PITCHES]; ``drums`` [batch,
            frames, DRUMS]; ``beats`` [..., 2] (beat, downbeat); ``root`` [..., ROOTS] and ``kind`` [..., KINDS]
            (softmax); ``voiced`` [..., 1]: whether there is a melody.
        """
        x = F.silu(self.norm(self.entry(stack(bins))))
        for block in self.blocks:
            x = block(x)
        keys = self.keys(x)
        batch, _, frames, _ = x.shape
        flat = x.permute(0, 1, 3, 2).reshape(batch, -1, frames)
        y = self.wide(bins.transpose(1, 2)) + self.fold(flat)
        for step in self.over:
            y = step(y)
        rows = self.frames(y).transpose(1, 2)
        at = 0
        out = {name: keys[:, number] for number, name in enumerate(("onset", "frame", "end", "velocity"))}
        out["melody"] = self.melody(x)[:, 0]
        for name, count in (("drums", DRUMS), ("beats", 2), ("root", ROOTS), ("kind", KINDS), ("voiced", 1)):
            out[name] = rows[..., at : at + count]
            at += count
        return out


def parameters(net: Any) -> int:
    """How many numbers the network has."""
    return sum(tensor.numel() for tensor in net.parameters())
