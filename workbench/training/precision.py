"""Which number format a training step runs in on this processor: asked, never assumed.

bfloat16 is faster only where the processor multiplies it (AVX512_BF16, AMX). Elsewhere oneDNN either refuses it (on
an AVX2 processor an LSTM stops with "could not create a primitive descriptor") or converts to and fro, which costs
three to thirty times as much as float32.
"""

from __future__ import annotations

from functools import cache
from typing import Any


@cache
def bfloat16_works() -> bool:
    """Whether bfloat16 is worth using here: the processor has it, oneDNN may use it, and a small LSTM learns in it.

    Asked once a process. ``ONEDNN_MAX_CPU_ISA=AVX2`` makes any processor answer as an AVX2 one.
    """
    import torch

    if not _instructions() or not _onednn_agrees():
        return False
    with torch.random.fork_rng(devices=[]):  # a seeded run draws the same numbers whether or not it asked before
        lstm = torch.nn.LSTM(4, 4, batch_first=True)
        layer = torch.nn.Linear(4, 4)
    try:
        with torch.enable_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
            out = layer(lstm(torch.ones(1, 2, 4))[0])
        out.float().sum().backward()
    except RuntimeError:  # what oneDNN raises where it has no kernel for this format
        return False
    return bool(torch.isfinite(out.float()).all())


def autocast() -> Any:
    """A context in which a forward pass runs in bfloat16 where that works, and in float32 elsewhere."""
    import torch

    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=bfloat16_works())


def _instructions() -> bool:
    """Whether the processor multiplies bfloat16; False where torch cannot tell."""
    import torch

    asked = (getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"))
    return any(bool(ask()) for ask in asked if ask is not None)


def _onednn_agrees() -> bool:
    """Whether oneDNN has kernels for bfloat16 on this processor, under the limit set for it in the environment."""
    import torch

    if not torch.backends.mkldnn.is_available():
        return False
    try:
        return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
    except AttributeError:  # a build of torch without this question
        return False
