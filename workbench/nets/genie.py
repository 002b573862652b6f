"""Piano Genie: an autoencoder that squeezes 88 keys through eight buttons.

The encoder (bidirectional, for training alone) reads a whole performance and gives every note a scalar; a quantiser
with eight levels turns it into a button; the decoder, one step a press, turns buttons back into keys. After Donahue,
Simon and Dieleman, "Piano Genie", IUI 2019, with a chord input, the button's move as an input of its own, and losses
that tie the buttons to the hand: the sign of every move, and no move where the key repeats.

Decoder input, 147 numbers, in this order: button value in [-1, 1] (1), its change since the last press (1), whether
that change is down, none or up (3; all zero at the first press), previous key (89; 0 = start, else key + 1), time
since the last press in bins of 1/31.25 s (33; the last one holds a second and more, and the first press), chord root
(12) and chord family (8), all zero without a chord. All but the first two are one-hot, so the input layer is stored
as 147 rows to be summed.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

BUTTONS = 8
KEYS = 88
LOWEST_PITCH = 21
TIME_BINS = 33
ROOTS = 12
FAMILIES = 8
HIDDEN = 128
LAYERS = 2
#: First row of each part of the decoder's input.
ROW_BUTTON, ROW_MOVE, ROW_DIRECTION, ROW_KEY, ROW_TIME, ROW_ROOT, ROW_FAMILY = 0, 1, 2, 5, 94, 127, 139
INPUTS = 147

State = tuple[Tensor, Tensor]


def quantise(scalar: Tensor) -> Tensor:
    """Scalars to the nearest of eight values in [-1, 1]; the gradient passes straight through (IQST)."""
    steps = BUTTONS - 1
    level = torch.round((scalar.clamp(-1, 1) + 1) / 2 * steps)
    value = level / steps * 2 - 1
    return scalar + (value - scalar).detach()


def buttons_of(scalar: Tensor) -> Tensor:
    """Button numbers 0 to 7, int64, of the encoder's scalars."""
    return torch.round((scalar.clamp(-1, 1) + 1) / 2 * (BUTTONS - 1)).long()


class Encoder(nn.Module):
    """Keys and time bins, int64 [batch, time] each, to scalars, float32 [batch, time]."""

    def __init__(self) -> None:
        super().__init__()
        self.key = nn.Embedding(KEYS, HIDDEN)
        self.time = nn.Embedding(TIME_BINS, HIDDEN)
        self.lstm = nn.LSTM(HIDDEN, HIDDEN, LAYERS, batch_first=True, bidirectional=True)
        self.out = nn.Linear(2 * HIDDEN, 1)

    def forward(self, keys: Tensor, bins: Tensor) -> Tensor:
        """One scalar a note; inside [-1, 1] once trained."""
        hidden, _ = self.lstm(self.key(keys) + self.time(bins))
        return torch.as_tensor(self.out(hidden)).squeeze(-1)


class Decoder(nn.Module):
    """One step a press: input rows summed, two LSTM layers of 128, 88 logits."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = nn.Parameter(torch.randn(INPUTS, HIDDEN) * 0.1)
        self.bias = nn.Parameter(torch.zeros(HIDDEN))
        self.lstm = nn.LSTM(HIDDEN, HIDDEN, LAYERS, batch_first=True)
        self.out = nn.Linear(HIDDEN, KEYS)
        for layer in range(
            LAYERS
        ):  # gates: input, forget, candidate, output; a forget bias of one remembers from the start
            getattr(self.lstm, f"bias_ih_l{layer}").data[HIDDEN : 2 * HIDDEN] = 1.0

    def forward(
        self, values: Tensor, previous: Tensor, bins: Tensor, roots: Tensor, families: Tensor,
        state: State | None = None, last_value: Tensor | None = None,
    ) -> tuple[Tensor, State]:  # fmt: skip
        """Logits of the next key.

        Args:
            values: float32 [batch, time], quantised buttons in [-1, 1].
            previous: int64 [batch, time], 0 at the start, else the last key + 1.
            bins: int64 [batch, time], time bins.
            roots: int64 [batch, time], 0 to 11, or -1 for none.
            families: int64 [batch, time], 0 to 7, or -1 for none.
            state: hidden and cell, float32 [2, batch, 128] each, of the step before; None at the start.
            last_value: float32 [batch], the button value of the step before; None at the start.

        Returns:
            logits, float32 [batch, time, 88], and the new state.
        """
        known = last_value is not None
        before = values[:, :1] if last_value is None else last_value[:, None]
        move = values - torch.cat([before, values[:, :-1]], dim=1)
        direction = torch.round(move.detach() * (BUTTONS - 1) / 2).sign().long() + 1
        present = torch.ones_like(move)
        if not known:
            present[:, 0] = 0.0
        total = (
            self.bias
            + values[..., None] * self.rows[ROW_BUTTON]
            + move[..., None] * self.rows[ROW_MOVE]
            + present[..., None] * functional.embedding(direction + ROW_DIRECTION, self.rows)
            + functional.embedding(previous + ROW_KEY, self.rows)
            + functional.embedding(bins + ROW_TIME, self.rows)
            + (roots >= 0)[..., None] * functional.embedding(roots.clamp(min=0) + ROW_ROOT, self.rows)
            + (families >= 0)[..., None] * functional.embedding(families.clamp(min=0) + ROW_FAMILY, self.rows)
        )
        hidden, new_state = self.lstm(total, state)
        return self.out(hidden), new_state


class Genie(nn.Module):
    """Encoder, quantiser and decoder, trained together; only the decoder ships."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = Encoder()
        self.decoder = Decoder()

    def forward(self, keys: Tensor, bins: Tensor, roots: Tensor, families: Tensor) -> tuple[Tensor, Tensor]:
        """Teacher-forced logits, float32 [batch, time, 88], and the encoder's scalars, float32 [batch, time]."""
        scalar = self.encoder(keys, bins)
        start = torch.zeros_like(keys[:, :1])
        previous = torch.cat([start, keys[:, :-1] + 1], dim=1)
        logits, _ = self.decoder(quantise(scalar), previous, bins, roots, families)
        return logits, scalar


def hand_losses(scalar: Tensor, keys: Tensor) -> dict[str, Tensor]:
    """What ties the buttons to the hand, each a mean over the notes, in units of one button.

    ``margin``: squared excess of the scalars over [-1, 1]. ``contour``: how far a move of the key falls short of one
    whole button in the same direction (the sign of the move counts, not its size). ``deviate``: how far the button
    moves although the key repeats.
    """
    unit = (BUTTONS - 1) / 2
    margin = ((scalar.abs() - 1).clamp(min=0) * unit).square().mean()
    sign = (keys[:, 1:] - keys[:, :-1]).sign().float()
    move = (scalar[:, 1:] - scalar[:, :-1]) * unit
    contour = (sign.abs() * (1 - sign * move).clamp(min=0)).mean()
    deviate = ((1 - sign.abs()) * move.abs()).mean()
    return {"margin": margin, "contour": contour, "deviate": deviate}
