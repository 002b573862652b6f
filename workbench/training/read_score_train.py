"""The training loop of the score reader: resumable, a constant rate and a decay, bfloat16 where the processor has it.

    python -m workbench.training.read_score_train RUN SECONDS [WEIGHTS]

trains for so many seconds of wall time over all resumptions; a new run begins from ``WEIGHTS``, a safetensors file.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from workbench.nets.read_score import ReadScore, split
from workbench.training import checkpoint
from workbench.training.engraved_build import folder
from workbench.training.precision import autocast
from workbench.training.read_score_data import IGNORED, crops
from workbench.training.schedule import Schedule

#: Weights of the parts of the loss beside that of the symbols.
PARTS = {"masks": 4.0, "flags": 1.5, "stem": 0.25, "dots": 0.5, "tie": 0.5, "offset": 0.1}


class Focal(torch.autograd.Function):
    """CenterNet's focal loss, its slope written out: the maps of all kinds are the largest thing in a step.

    Cells near a symbol count less as mistakes: by the fourth power of how far from it they are.
    """

    @staticmethod
    def forward(ctx: Any, z: torch.Tensor, aim: torch.Tensor) -> torch.Tensor:  # type: ignore[override]
        """The loss by symbols of logits and uint8 aims, 255 at a symbol's own cell."""
        p = torch.sigmoid(z)
        rest = -torch.log1p(-p.clamp(max=1 - 1e-6))
        weight = _FAR[aim.int()]
        slope = weight * p * p
        loss = (slope * rest).sum()
        slope.mul_(rest.mul_(1 - p).mul_(2).add_(p))
        own = torch.nonzero(aim.flatten() == 255)[:, 0]
        q = p.flatten()[own]
        missed = -torch.log(q.clamp(min=1e-9))
        count = max(1, len(own))
        slope.view(-1)[own] = -((1 - q) ** 2) * (2 * q * missed + 1 - q)
        ctx.save_for_backward(slope.div_(count))
        return (loss + ((1 - q) ** 2 * missed).sum()) / count

    @staticmethod
    def backward(ctx: Any, *upper: torch.Tensor) -> tuple[torch.Tensor, None]:
        """The slope by the logits."""
        return ctx.saved_tensors[0] * upper[0], None


#: Weight of a cell as a mistake, by its aim; a symbol's own cell is none.
_FAR = torch.tensor([(1 - level / 255) ** 4 for level in range(255)] + [0.0])


def losses(logits: torch.Tensor, y: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The parts of the loss, each a mean: over symbols, over the cells of masks, over the cells of heads."""
    answer = split(logits.float())
    out: dict[str, torch.Tensor] = {"kinds": Focal.apply(answer["kinds"], y["kinds"])}
    mask = y["masks"].float() / 255
    weight = 1 + 4 * mask
    out["masks"] = (weight * F.binary_cross_entropy_with_logits(answer["masks"], mask, reduction="none")).mean()
    for name in ("flags", "stem", "dots"):
        target = y[name].long()
        known = target != IGNORED
        spread = answer[name].permute(0, 2, 3, 1)[known]
        out[name] = (
            F.cross_entropy(spread, target[known].clamp(max=spread.shape[-1] - 1)) if len(spread) else logits.sum() * 0
        )
    known = y["tie"] != IGNORED
    tie, offset = answer["tie"][:, 0][known], answer["offset"][:, 0][known]
    if len(tie):
        out["tie"] = F.binary_cross_entropy_with_logits(tie, y["tie"][known].float())
        out["offset"] = (offset - y["offset"][known]).abs().clamp(max=6).mean()
    return out


def _feed(queue: Any, pages: Path, size: int, seed: int) -> None:
    for batch in crops(pages, size, seed):
        queue.put(batch)


def batches(pages: Path, size: int, seed: int) -> Iterator[dict[str, torch.Tensor]]:
    """Batches made by another process, so that a step never waits for one."""
    context = multiprocessing.get_context("spawn")
    queue = context.Queue(8)
    worker = context.Process(target=_feed, args=(queue, pages, size, seed), daemon=True)
    worker.start()
    try:
        while True:
            yield {name: torch.from_numpy(value) for name, value in queue.get(timeout=120).items()}
    finally:
        worker.terminate()


def train(
    run: str, seconds: float, weights: Path | None = None, *, size: int = 8, rate: float = 2e-3, seed: int = 1,
    decay: float = 0.4,
) -> ReadScore:  # fmt: skip
    """Train for a number of seconds of wall time, from the last checkpoint on if there is one."""
    torch.manual_seed(seed)
    net = ReadScore()
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=1e-3)
    progress = checkpoint.load(run, net, optimizer)
    if progress is None:
        progress = {"spent": 0.0, "step": 0}
        if weights is not None:
            checkpoint.load_weights(weights, net, strict=False)
    schedule = Schedule(rate, seconds, warmup=40.0, decay=decay)
    begin, step = time.monotonic() - progress["spent"], int(progress["step"])
    saved = logged = progress["spent"]
    sums: dict[str, list[float]] = {}
    log = checkpoint.folder(run) / "log.jsonl"
    net.train()
    for batch in batches(folder("train"), size, seed + step):
        spent = time.monotonic() - begin
        if schedule.finished(spent):
            break
        for group in optimizer.param_groups:
            group["lr"] = schedule.rate(spent)
        with autocast():
            logits = net(batch["ink"][:, None].to(memory_format=torch.channels_last))
        parts = losses(logits, batch)
        loss = sum((PARTS.get(name, 1.0) * value for name, value in parts.items()), torch.zeros(()))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        norm = torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        step += 1
        if not torch.isfinite(norm):
            continue
        optimizer.step()
        for name, value in parts.items():
            sums.setdefault(name, []).append(float(value.detach()))
        if spent - logged > 30:
            line = {
                "spent": round(spent),
                "step": step,
                **{name: round(float(np.mean(v)), 4) for name, v in sums.items()},
            }
            with log.open("a") as stream:
                stream.write(json.dumps(line) + "\n")
            sums, logged = {}, spent
        if spent - saved > 150:
            checkpoint.save(run, net, optimizer, {"spent": spent, "step": step})
            saved = spent
    checkpoint.save(run, net, optimizer, {"spent": time.monotonic() - begin, "step": step})
    return net


if __name__ == "__main__":
    torch.set_num_threads(1)
    train(sys.argv[1], float(sys.argv[2]), Path(sys.argv[3]) if len(sys.argv) > 3 else None)
