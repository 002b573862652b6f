"""The network that corrects the layer's answers by the whole tune: a small transformer over half bars.

Input of a half bar, 225 numbers (:func:`inputs`): what the tune does in it, what the whole tune sounds, and what the
layer of :mod:`workbench.nets.chords` answers there; and the chord that stands in it, if one is known. A convolution
looks at the neighbours, attention at all of the tune: by learnt distances, and by how alike the tune is in two places
(:func:`likeness`), so that what comes back is harmonised as it was before, and a chord that a person wrote is heard
wherever its bars come back. The answer is added to the layer's.

The numpy twin is :mod:`workbench.nets.chord_net_numpy`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from workbench.nets.chord_net_numpy import LOUDER, N_INPUTS, SCALES, SILENCE, SOUND, STRUCK, TOLD
from workbench.tokens import half_bars as hb


@dataclass(frozen=True)
class Shape:
    """Sizes of the network; ``reach`` is the distance in half bars up to which attention tells distances apart."""

    width: int = 96
    layers: int = 3
    heads: int = 4
    reach: int = 64

    def to_dict(self) -> dict[str, int]:
        """As ``config.json`` has it."""
        return asdict(self)


class Block(nn.Module):
    """Attention biased by distance and likeness, then two linear layers; each normalised before and added after."""

    def __init__(self, shape: Shape, drop: float) -> None:
        super().__init__()
        self.heads, self.reach = shape.heads, shape.reach
        self.norm_attention, self.norm_wide = nn.LayerNorm(shape.width), nn.LayerNorm(shape.width)
        self.qkv = nn.Linear(shape.width, 3 * shape.width)
        self.out = nn.Linear(shape.width, shape.width)
        # Two heads begin by looking near, two by looking where the tune comes back; training moves all of them.
        apart = torch.arange(-shape.reach, shape.reach + 1).abs()
        distance, alike = torch.zeros(shape.heads, 2 * shape.reach + 1), torch.zeros(shape.heads, len(SCALES))
        distance[0], distance[1] = -apart / 4, -apart / 16
        alike[-2, 1], alike[-1, 2] = 3.0, 5.0
        self.distance, self.alike = nn.Parameter(distance), nn.Parameter(alike)
        self.wide, self.narrow = nn.Linear(shape.width, 2 * shape.width), nn.Linear(2 * shape.width, shape.width)
        self.drop = nn.Dropout(drop)

    def forward(self, x: Tensor, real: Tensor, alike: Tensor) -> Tensor:
        """``x`` [batch, n, width]; ``real`` bool [batch, n]: what is no padding; ``alike`` of :func:`likeness`."""
        batch, count, width = x.shape
        q, k, v = self.qkv(self.norm_attention(x)).view(batch, count, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        place = torch.arange(count)
        apart = (place[None, :] - place[:, None]).clamp(-self.reach, self.reach) + self.reach
        bias = torch.einsum("hk,bknm->bhnm", self.alike, alike) + self.distance[:, apart][None]
        bias = bias.masked_fill(~real[:, None, None, :], -1e4)
        seen = functional.scaled_dot_product_attention(q, k, v, attn_mask=bias)
        x = x + self.drop(self.out(seen.transpose(1, 2).reshape(batch, count, width)))
        wider = functional.gelu(self.wide(self.norm_wide(x)), approximate="tanh")
        out: Tensor = x + self.drop(self.narrow(wider))
        return out


class ChordNet(nn.Module):
    """What a tune does and known chords in, chords and basses out."""

    def __init__(self, shape: Shape | None = None, drop: float = 0.0, blind: float = 0.0) -> None:
        """``drop``: share of the numbers inside that is left out in training; ``blind``: of the input."""
        super().__init__()
        self.shape = shape = shape or Shape()
        self.told = nn.Linear(N_INPUTS, shape.width)
        self.known = nn.Embedding(hb.N_STATES + 1, shape.width)  # the last row: not known
        nn.init.normal_(self.known.weight, std=0.1)
        self.near = nn.Conv1d(shape.width, shape.width, 5, padding=2)
        self.blocks = nn.ModuleList(Block(shape, drop) for _ in range(shape.layers))
        self.norm = nn.LayerNorm(shape.width)
        self.chord, self.bass = nn.Linear(shape.width, hb.N_STATES), nn.Linear(shape.width, 12)
        # It begins as the layer alone.
        self.layer = nn.Parameter(torch.tensor([10.0]))
        nn.init.zeros_(self.chord.weight)
        nn.init.zeros_(self.chord.bias)
        self.drop, self.blind = nn.Dropout(drop), nn.Dropout(blind)

    def forward(self, told: Tensor, known: Tensor, real: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of the chord [batch, n, 84] and of the bass' pitch class [batch, n, 12].

        Args:
            told: float32 [batch, n, N_INPUTS].
            known: int64 [batch, n], state of the chord that stands there, -1 where none is known.
            real: bool [batch, n].
        """
        answers = told[..., TOLD : TOLD + hb.N_STATES]
        heard = torch.cat([told[..., :TOLD], LOUDER * told[..., TOLD:]], dim=-1)
        x = self.told(self.blind(heard)) + self.known(torch.where(known < 0, hb.N_STATES, known))
        x = self.drop(x * real[..., None])
        x = x + functional.gelu(self.near(x.transpose(1, 2)).transpose(1, 2), approximate="tanh") * real[..., None]
        alike = likeness(told, real)
        for block in self.blocks:
            x = block(x, real, alike)
        x = self.norm(x)
        return self.chord(x) + self.layer * answers, self.bass(x)


def likeness(told: Tensor, real: Tensor) -> Tensor:
    """How alike half bars are, alone and with what is around them: float32 [batch, scales, n, n], 0 to 1."""
    silence = SILENCE * real[..., None].to(told.dtype)
    line = torch.cat([told[..., SOUND], 0.5 * told[..., STRUCK], silence], dim=-1)
    line = line / line.norm(dim=-1, keepdim=True).clamp(min=1e-3)
    same = line @ line.transpose(1, 2)
    count = same.shape[1]
    out = []
    for around, power in SCALES:
        wide = functional.pad(same, (around, around, around, around))
        diagonal = torch.stack([wide[:, at : at + count, at : at + count] for at in range(2 * around + 1)])
        out.append(diagonal.mean(dim=0).clamp(min=0) ** power)
    return torch.stack(out, dim=1)
