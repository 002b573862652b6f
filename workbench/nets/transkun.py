"""Transkun (Yan and Duan, 2024, arXiv:2404.09466): piano notes as whole intervals, found by a semi-Markov field.

Six spectra of each frame (one plain window, five learnt ones) are narrowed by convolutions eight frames at a time; a
transformer attends over frequency and time in turn, with one row of its own for every key and pedal; each row then says
of every pair of frames how well a note begins at the one and ends at the other. The best set of intervals that do not
overlap is found exactly, and read off are also the loudness and where between frames a note begins and ends.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from workbench.errors import BadFile

RATE, HOP, FRAME = 44_100, 1_024, 4_096
#: The rows: two pedals (as negative controllers), then the keys of a piano.
ROWS = (-64, -67, *range(21, 109))
HEADS, GROUPS, PATCH, EPS = 8, 4, 8, 1e-5
_FRONT = "framewiseFeatureExtractor."
_DOWN = ((1, (2, 1)), (5, (2, 2)), (9, (2, 2)), (13, (1, 1)))

Intervals = list[tuple[int, int]]


class Transkun:
    """The network as functions of its tensors, which keep the names of the published checkpoint.

    Raises:
        BadFile: a tensor is missing, does not fit the others, or is not finite.
    """

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        self._w = {name: value.float() for name, value in tensors.items()}
        try:
            self.wide = int(self._w["backbone.upConv1dSkip.weight"].shape[0])
            self.layers = len({name.split(".")[2] for name in self._w if name.startswith("backbone.encoderLayers.")})
            shapes = expected(int(self._w["backbone.inputConv.weight"].shape[0]), self.wide, self.layers)
        except (KeyError, IndexError) as error:
            raise BadFile("These weights are not those of Transkun; pull the model again.") from error
        fits = 1 <= self.layers <= 64 and self.wide % HEADS == 0
        for name, shape in shapes.items():
            value = self._w.get(name)
            fits = fits and value is not None and tuple(value.shape) == shape and bool(value.isfinite().all())
        if not fits:
            raise BadFile("These weights are not those of Transkun; pull the model again.")

    def hear(self, sound: Tensor) -> Tensor:
        """Context [rows, frames, wide] of one stretch of sound, float32 [channels, samples] at :data:`RATE`."""
        frames = math.ceil(sound.shape[-1] / HOP) + 1
        padded = F.pad(sound, (FRAME // 2, (frames - 1) * HOP + FRAME // 2 - sound.shape[-1]))
        pieces = padded.unfold(-1, FRAME, HOP)
        pieces = (pieces - pieces.mean()) / (pieces.std() + 1e-8)
        return self._context(self._spectra(pieces))

    def _spectra(self, pieces: Tensor) -> Tensor:
        """Log mel spectra [6, frames, bands] by the six windows, the mean over channels."""
        w = self._w
        sigma = torch.sigmoid(w[_FRONT + "spectrogramExtractor.winGen.sigma"])
        centre = torch.sigmoid(w[_FRONT + "spectrogramExtractor.winGen.center"])
        place = torch.arange(FRAME)[:, None]
        learnt = (-0.5 * ((place - FRAME * centre) / (sigma * FRAME / 2)) ** 2).exp().T
        out = []
        for window in (w[_FRONT + "spectrogramExtractor.win"], *learnt):
            power = torch.fft.rfft(pieces * window, norm="ortho").abs().square().mean(dim=0)
            mel = power @ w[_FRONT + "freq2mels"]
            out.append(((mel + EPS).log() - math.log(EPS)) / -math.log(EPS))
        return torch.stack(out)

    def _context(self, spectra: Tensor) -> Tensor:
        w, frames = self._w, spectra.shape[1]
        bands = torch.arange(spectra.shape[2], dtype=torch.float32)
        h = F.conv2d(spectra[None], w["backbone.inputConv.weight"], w["backbone.inputConv.bias"], padding=1)
        h = h + self._places("backbone.posEmbedBuilder", bands[:, None]).T[None, :, None]
        h = F.pad(h, (2, 1, 4, 3))
        for number, (place, stride) in enumerate(_DOWN):
            name = f"backbone.downConv.{place}"
            h = F.conv2d(h, w[f"{name}.weight"], w[f"{name}.bias"], stride=stride, padding=1)
            norm = f"backbone.downConv.{place + 1}"
            h = F.group_norm(h, GROUPS, w[f"{norm}.weight"], w[f"{norm}.bias"])
            h = h if number == len(_DOWN) - 1 else F.gelu(h)
        h = F.pad(h[0].permute(1, 2, 0), (0, 0, 1, 0, 1, 0))  # one row of time and one of frequency sum up
        times, bins = (torch.arange(size, dtype=torch.float32) for size in h.shape[:2])
        h = h + self._places("backbone.posEmbedBuilderAttnTF", torch.cartesian_prod(times, bins)).view(h.shape)
        rows = torch.tensor(ROWS, dtype=torch.float32)
        own = self._places("backbone.posEmbedBuilderAttnTE", torch.cartesian_prod(times, rows))
        h = torch.cat((h, own.view(len(times), len(rows), -1)), dim=1)
        for layer in range(self.layers):
            h = self._layer(f"backbone.encoderLayers.{layer}.", h)
        target = h[1:, -len(rows) :].permute(1, 2, 0)
        skip = "backbone.upConv1dSkip"
        out = F.conv_transpose1d(target, w[f"{skip}.weight"], w[f"{skip}.bias"], stride=PATCH)
        return out[..., :frames].transpose(1, 2)

    def _places(self, name: str, coordinates: Tensor) -> Tensor:
        """Learnt waves of positions, float32 [positions, wide]."""
        w = self._w
        waves = torch.cos(F.linear(coordinates, w[f"{name}.proj.weight"], w[f"{name}.proj.bias"]))
        h = F.linear(waves / math.sqrt(waves.shape[-1] / 2), w[f"{name}.mlp.0.weight"], w[f"{name}.mlp.0.bias"])
        return F.linear(F.gelu(h), w[f"{name}.mlp.3.weight"], w[f"{name}.mlp.3.bias"])

    def _layer(self, name: str, x: Tensor) -> Tensor:
        """Attention over frequency, then over time; both look at what came into the layer, [time, frequency, wide]."""
        h = self._feed(f"{name}fnnBlockF.", self._attend(f"{name}mhaBlockF.", x, x))
        h = self._attend(f"{name}mhaBlockT.", h.transpose(0, 1), x.transpose(0, 1))
        return self._feed(f"{name}fnnBlockT.", h).transpose(0, 1)

    def _attend(self, name: str, x: Tensor, memory: Tensor) -> Tensor:
        w = self._w
        parts = ((_rms(x), "q"), (memory, "k"), (memory, "v"))
        q, k, v = (
            (given @ w[f"{name}module.{part}_proj_weight"]).unflatten(-1, (HEADS, -1)).transpose(-2, -3)
            for given, part in parts
        )
        out = F.scaled_dot_product_attention(q, k, v).transpose(-2, -3).flatten(-2)
        return (
            x + F.linear(out, w[f"{name}module.out_proj.weight"], w[f"{name}module.out_proj.bias"]) * w[f"{name}scale"]
        )

    def _feed(self, name: str, x: Tensor) -> Tensor:
        w = self._w
        h = F.gelu(F.linear(_rms(x), w[f"{name}module.0.weight"], w[f"{name}module.0.bias"]))
        return x + F.linear(h, w[f"{name}module.3.weight"], w[f"{name}module.3.bias"]) * w[f"{name}scale"]

    def score(self, context: Tensor) -> Tensor:
        """How well a note of one row [frames, wide] lasts from frame b to frame e: [e, b]; b = e is a single frame."""
        out = F.linear(context, self._w["scorer.map.0.weight"], self._w["scorer.map.0.bias"])
        q, k, alone = out.split([self.wide, self.wide, 1], dim=-1)
        frames = torch.arange(len(context))
        length = (frames[:, None] - frames).abs()
        scores: Tensor = (q / math.sqrt(self.wide)) @ k.T * length + torch.diag(alone[:, 0])
        return scores

    def attributes(self, first: Tensor, last: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Of notes, from the contexts [notes, wide] of their first and last frames: velocity [notes], how far the
        start and the end lie from those frames [notes, 2] (-0.5 to 0.5), and whether they lie inside [notes, 2]."""
        both = torch.cat((first, last, first * last), dim=-1)
        velocity = self._two("velocityPredictor", both).argmax(dim=-1)
        value, inside = self._two("refinedOFPredictor", both).chunk(2, dim=-1)
        mean = torch.distributions.ContinuousBernoulli(logits=value, validate_args=False).mean.nan_to_num(0.5)
        return velocity, ((mean - 0.5) / 0.99).clamp(-0.5, 0.5), inside > 0

    def _two(self, name: str, x: Tensor) -> Tensor:
        w = self._w
        h = F.gelu(F.linear(x, w[f"{name}.0.weight"], w[f"{name}.0.bias"]))
        return F.linear(h, w[f"{name}.3.weight"], w[f"{name}.3.bias"])


def _rms(x: Tensor) -> Tensor:
    return x * torch.rsqrt(x.square().mean(dim=-1, keepdim=True) + 1e-6)


def best_intervals(score: NDArray[np.float32], start: int) -> Intervals:
    """The intervals of the highest sum that do not overlap (they may touch), from frame ``start`` on, in order.

    ``score``: float32 [e, b], what a note from frame b to frame e is worth; a single frame counts on its own.
    """
    frames = len(score)
    alone = np.maximum(np.diagonal(score), 0.0)
    worth = np.zeros(frames)
    follows = np.full(frames, -1)
    worth[-1] = alone[-1]
    for b in range(frames - 2, -1, -1):
        taken = worth[b + 1 :] + score[b + 1 :, b]
        best = int(taken.argmax())
        if taken[best] > worth[b + 1]:
            follows[b], worth[b] = b + 1 + best, taken[best] + alone[b]
        else:
            worth[b] = worth[b + 1] + alone[b]
    out: Intervals = []
    at = start
    while at < frames:
        if alone[at] > 0:
            out.append((at, at))
        if at < frames - 1 and follows[at] >= 0:
            out.append((at, int(follows[at])))
            at = int(follows[at])
        else:
            at += 1
    return out


def expected(base: int, wide: int, layers: int) -> dict[str, tuple[int, ...]]:
    """The names and shapes of all tensors of a network of these widths."""
    out: dict[str, tuple[int, ...]] = {
        _FRONT + "freq2mels": (FRAME // 2 + 1, 229), _FRONT + "spectrogramExtractor.win": (FRAME,),
        _FRONT + "spectrogramExtractor.winGen.sigma": (5,), _FRONT + "spectrogramExtractor.winGen.center": (5,),
        "scorer.map.0.weight": (2 * wide + 1, wide), "scorer.map.0.bias": (2 * wide + 1,),
        "backbone.inputConv.weight": (base, 6, 3, 3), "backbone.inputConv.bias": (base,),
        "backbone.upConv1dSkip.weight": (wide, wide, PATCH), "backbone.upConv1dSkip.bias": (wide,),
    }  # fmt: skip
    for name, answers in (("velocityPredictor", 128), ("refinedOFPredictor", 4)):
        out |= {f"{name}.0.weight": (512, 3 * wide), f"{name}.0.bias": (512,)}
        out |= {f"{name}.3.weight": (answers, 512), f"{name}.3.bias": (answers,)}
    for name, size, axes in (("", base, 1), ("AttnTF", wide, 2), ("AttnTE", wide, 2)):
        waves = f"backbone.posEmbedBuilder{name}."
        out |= {f"{waves}proj.weight": (size, axes), f"{waves}proj.bias": (size,)}
        out |= {f"{waves}mlp.0.weight": (4 * size, size), f"{waves}mlp.0.bias": (4 * size,)}
        out |= {f"{waves}mlp.3.weight": (size, 4 * size), f"{waves}mlp.3.bias": (size,)}
    before = base
    for (place, _), size in zip(_DOWN, (2 * base, wide, wide, wide), strict=True):
        out |= {f"backbone.downConv.{place}.weight": (size, before, 3, 3), f"backbone.downConv.{place}.bias": (size,)}
        out |= {f"backbone.downConv.{place + 1}.{part}": (size,) for part in ("weight", "bias")}
        before = size
    for layer in range(layers):
        for kind in "FT":
            name = f"backbone.encoderLayers.{layer}.mhaBlock{kind}."
            out |= {f"{name}module.{part}_proj_weight": (wide, wide) for part in "qkv"}
            out |= {f"{name}module.out_proj.weight": (wide, wide), f"{name}module.out_proj.bias": (wide,)}
            feed = f"backbone.encoderLayers.{layer}.fnnBlock{kind}."
            out |= {f"{feed}module.0.weight": (4 * wide, wide), f"{feed}module.0.bias": (4 * wide,)}
            out |= {f"{feed}module.3.weight": (wide, 4 * wide), f"{feed}module.3.bias": (wide,)}
            out |= {f"{name}scale": (wide,), f"{feed}scale": (wide,)}
    return out
