"""Muon with AdamW beside it: the optimiser of the infilling network.

Muon (Jordan et al. 2024) replaces the momentum of a weight matrix by the nearest orthogonal one, found by five
Newton-Schulz steps; scaled to the size of an AdamW update (Liu et al. 2025, "Muon is scalable for LLM training")
it shares AdamW's learning rate. Embeddings, heads, norms and biases stay with AdamW.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from workbench.training.precision import bfloat16_works


def orthogonalise(matrix: Tensor, steps: int = 5) -> Tensor:
    """Approximately ``U V^T`` of ``matrix`` = ``U S V^T``, by the quintic Newton-Schulz iteration.

    In bfloat16 where the processor has it: the iteration forgives its rounding. Elsewhere that would take thirty
    times as long as float32.
    """
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrix.bfloat16() if bfloat16_works() else matrix.float()
    tall = x.shape[0] > x.shape[1]
    if tall:
        x = x.T
    x = x / (x.norm() + 1e-7)
    for _ in range(steps):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    out: Tensor = (x.T if tall else x).to(matrix.dtype)
    return out


class Muon(torch.optim.Optimizer):
    """Momentum orthogonalised; for weight matrices [out, in] only. ``lr`` as for AdamW."""

    def __init__(self, params: Iterable[Tensor], lr: float, momentum: float = 0.95, decay: float = 0.02) -> None:
        super().__init__(list(params), {"lr": lr, "momentum": momentum, "decay": decay})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """One update of every matrix that has a gradient."""
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                if not state:
                    state["momentum"] = torch.zeros_like(weight)
                buffer = state["momentum"].lerp_(weight.grad, 1 - group["momentum"])
                update = orthogonalise(weight.grad.lerp(buffer, group["momentum"]))
                size = 0.2 * max(weight.shape) ** 0.5
                weight.mul_(1 - group["lr"] * group["decay"])
                weight.add_(update, alpha=-group["lr"] * size)


def optimisers(net: nn.Module, lr: float, muon: bool) -> list[torch.optim.Optimizer]:
    """AdamW alone, or Muon for the matrices of the blocks and AdamW for the rest."""
    blocks = [
        value for name, value in net.named_parameters() if value.dim() == 2 and name.startswith(("lower", "upper"))
    ]
    chosen = {id(value) for value in blocks} if muon else set()
    rest = [value for value in net.parameters() if id(value) not in chosen]
    adam = torch.optim.AdamW(rest, lr=lr, betas=(0.9, 0.98), weight_decay=0.01)
    return [Muon(blocks, lr=lr), adam] if muon else [adam]
