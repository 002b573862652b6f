"""The infilling network: a transformer with one position a note and chained heads, readable in one sitting.

Every position reads one event (a note, the description of a part, or the start of a region) and predicts the
next one: time, then which part, then pitch, then duration, then velocity. Two ideas differ from a plain
decoder:

* **Attention knows musical time.** Rotary phases (Su et al. 2021, RoFormer) do not turn with the index alone
  but with the onset in beats and in bars, so a head can look at "the same beat one bar ago" or "what the other
  parts play now" wherever these notes stand in the sequence. Notes to the *right* of a gap are read before
  the gap and stay reachable by a negative distance in time.
* **The upper blocks know when and who.** The lower blocks predict time and part; both are then fed to the
  upper blocks, whose queries turn with the time of the *next* note. Pitch and duration are therefore decided
  by looking from the place where the note will sound.

Inputs are the arrays of ``workbench.tokens.rows``; nothing here knows MIDI. :mod:`workbench.create.
infill_runtime` computes the same function in numpy with a key-value cache.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

#: Sizes of the alphabet, as in ``workbench.tokens.grid12`` (networks import no other layer; a test compares them).
N_TIME, N_SLOT, N_PITCH, N_DURATION, N_VELOCITY = 98, 12, 175, 22, 16
N_PROGRAM, N_POSITION, N_BAR_LENGTH, N_REMAINING = 130, 98, 33, 66
#: Periods of the rotary phases: ticks (12 to a quarter), bars, and positions in the sequence.
TICK_PERIODS = (4.0, 6.0, 8.0, 12.0, 24.0, 48.0, 96.0, 192.0, 384.0, 768.0, 1536.0, 6144.0)
BAR_PERIODS = (0.125, 0.25, 1 / 3, 0.5, 1.0, 2.0, 3.0, 4.0, 8.0, 16.0, 32.0, 128.0)
INDEX_PERIODS = tuple(2 * math.pi * 4.0**power for power in range(8))

N_KIND = 6  #: context note, target note, part header, start of context, start of region, rest
N_TRAIT = 48  #: values of all steering traits together; 0 = not given


@dataclass(frozen=True)
class InfillConfig:
    """Shape of the network; stored as ``config.json`` beside the weights."""

    width: int = 256
    heads: int = 4
    lower: int = 2
    upper: int = 2
    expansion: int = 4
    traits: int = 5

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def phases(tick: Tensor, bar: Tensor) -> tuple[Tensor, Tensor]:
    """Cosine and sine of the rotary phases, float32 [batch, 1, positions, 32], from ticks and bar coordinates."""
    index = torch.arange(tick.shape[1], dtype=torch.float32).expand_as(bar)
    turn = 2 * math.pi
    parts = [
        tick.float()[..., None] * (turn / torch.tensor(TICK_PERIODS)),
        bar[..., None] * (turn / torch.tensor(BAR_PERIODS)),
        index[..., None] * (turn / torch.tensor(INDEX_PERIODS)),
    ]
    angle = torch.cat(parts, dim=-1)[:, None]
    return angle.cos(), angle.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn the halves of the last axis of ``x`` [batch, heads, positions, 64] against each other."""
    a, b = x.chunk(2, dim=-1)
    return torch.cat((a * cos - b * sin, a * sin + b * cos), dim=-1)


class Block(nn.Module):
    """Pre-norm attention and a squared-ReLU feed-forward layer, both without biases."""

    def __init__(self, config: InfillConfig) -> None:
        super().__init__()
        width = config.width
        self.heads = config.heads
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)
        self.widen = nn.Linear(width, config.expansion * width, bias=False)
        self.narrow = nn.Linear(config.expansion * width, width, bias=False)
        self.dropout = 0.0  # set by who trains; part of no file
        self.norm1 = nn.Parameter(torch.ones(width))
        self.norm2 = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor, query: tuple[Tensor, Tensor], key: tuple[Tensor, Tensor]) -> Tensor:
        """One block; ``x`` [batch, positions, width], phases of queries and keys from :func:`phases`."""
        batch, length, width = x.shape
        normed = functional.rms_norm(x, (width,), self.norm1)
        qkv = self.qkv(normed).view(batch, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        q, k, v = rotate(qkv[0], *query), rotate(qkv[1], *key), qkv[2]
        mixed = functional.scaled_dot_product_attention(q, k.to(q.dtype), v.to(q.dtype), is_causal=True)
        mixed = self.out(mixed.transpose(1, 2).reshape(batch, length, width))
        x = x + functional.dropout(mixed, self.dropout, self.training)
        normed = functional.rms_norm(x, (width,), self.norm2)
        widened = self.narrow(functional.relu(self.widen(normed)).square())
        return x + functional.dropout(widened, self.dropout, self.training)


class InfillNet(nn.Module):
    """See the module's text. ``forward`` takes the arrays of one batch of windows, all [batch, positions]."""

    def __init__(self, config: InfillConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or InfillConfig()
        width = config.width
        self.kind = nn.Embedding(N_KIND, width)
        self.slot = nn.Embedding(N_SLOT + 1, width)
        self.program = nn.Embedding(N_PROGRAM, width)
        self.pitch = nn.Embedding(N_PITCH + 1, width)
        self.chroma = nn.Embedding(14, width)
        self.duration = nn.Embedding(N_DURATION + 1, width)
        self.velocity = nn.Embedding(N_VELOCITY + 2, width)
        self.position = nn.Embedding(N_POSITION, width)
        self.bar_length = nn.Embedding(N_BAR_LENGTH, width)
        self.remaining = nn.Embedding(N_REMAINING, width)
        self.wanted = nn.Linear(N_SLOT, width, bias=False)
        self.trait = nn.Embedding(N_TRAIT, width)
        self.next_time = nn.Embedding(N_TIME, width)
        self.next_position = nn.Embedding(N_POSITION, width)
        self.next_slot = nn.Embedding(N_SLOT + 1, width)
        self.next_program = nn.Embedding(N_PROGRAM, width)
        self.lower = nn.ModuleList(Block(config) for _ in range(config.lower))
        self.upper = nn.ModuleList(Block(config) for _ in range(config.upper))
        self.norm_lower = nn.Parameter(torch.ones(width))
        self.norm_upper = nn.Parameter(torch.ones(width))
        self.time_head = nn.Linear(width, N_TIME)
        self.slot_widen = nn.Linear(width, width)
        self.slot_head = nn.Linear(width, N_SLOT)
        self.pitch_head = nn.Linear(width, N_PITCH)
        self.own_pitch = nn.Embedding(N_PITCH + 1, width)
        self.duration_widen = nn.Linear(width, width)
        self.duration_head = nn.Linear(width, N_DURATION)
        self.own_duration = nn.Embedding(N_DURATION + 1, width)
        self.velocity_widen = nn.Linear(width, width)
        self.velocity_head = nn.Linear(width, N_VELOCITY)
        self.reset()

    def reset(self) -> None:
        """Small random weights; layers that write into the residual stream start at zero."""
        for name, value in self.named_parameters():
            if value.dim() < 2:
                if not name.startswith(("norm", "lower", "upper")):
                    nn.init.zeros_(value)
            elif name.endswith(("out.weight", "narrow.weight")):
                nn.init.zeros_(value)
            elif name.endswith("head.weight"):
                nn.init.normal_(value, std=0.02)
            else:
                linear = any(part in name for part in ("qkv", "widen", "wanted"))
                nn.init.normal_(value, std=value.shape[1] ** -0.5 if linear else 0.25)

    def embed(self, b: dict[str, Tensor]) -> Tensor:
        """Sum of the embeddings of what each position reads: [batch, positions, width]."""
        chroma = torch.where(b["pitch"] < 128, b["pitch"] % 12, torch.where(b["pitch"] < N_PITCH, 12, 13))
        x = self.kind(b["kind"]) + self.slot(b["slot"]) + self.program(b["program"])
        x = x + self.pitch(b["pitch"]) + self.chroma(chroma) + self.duration(b["duration"])
        x = x + self.velocity(b["velocity"]) + self.position(b["position"]) + self.bar_length(b["bar_length"])
        x = x + self.remaining(b["remaining"]) + self.wanted(b["wanted"])
        out: Tensor = x + self.trait(b["traits"]).sum(dim=2)
        return out

    def forward(self, b: dict[str, Tensor]) -> dict[str, Tensor]:
        """Logits of the next event at each position, given the true parts of it before each link of the chain.

        Args:
            b: int64 ``kind, slot, program, pitch, duration, velocity, tick, position, bar_length, remaining``
                and float32 ``bar`` [batch, positions], float32 ``wanted`` [batch, positions, 12], int64
                ``traits`` [batch, positions, traits]; of the next event ``next_time, next_tick,
                next_position, next_slot, next_program, next_pitch, next_duration`` and float32 ``next_bar``.

        Returns:
            ``time, slot, pitch, duration, velocity``: logits [batch, positions, size].
        """
        here = phases(b["tick"], b["bar"])
        there = phases(b["next_tick"], b["next_bar"])
        width = (self.config.width,)
        x = self.embed(b)
        for block in self.lower:
            x = block(x, here, here)
        low = functional.rms_norm(x, width, self.norm_lower)
        moment = self.next_time(b["next_time"]) + self.next_position(b["next_position"])
        slot = self.slot_head(functional.relu(self.slot_widen(low + moment)).square())
        x = x + moment + self.next_slot(b["next_slot"]) + self.next_program(b["next_program"])
        for block in self.upper:
            x = block(x, there, here)
        high = functional.rms_norm(x, width, self.norm_upper)
        with_pitch = high + self.own_pitch(b["next_pitch"])
        with_both = with_pitch + self.own_duration(b["next_duration"])
        return {
            "time": self.time_head(low),
            "slot": slot,
            "pitch": self.pitch_head(high),
            "duration": self.duration_head(functional.relu(self.duration_widen(with_pitch)).square()),
            "velocity": self.velocity_head(functional.relu(self.velocity_widen(with_both)).square()),
        }
