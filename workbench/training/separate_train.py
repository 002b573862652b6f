"""The training loop of the splitting network: resumable, one line of log a minute, a constant rate and a decay."""

from __future__ import annotations

import json
import time
from pathlib import Path

import torch

from workbench.nets.separate import Separate
from workbench.training.separate_mix import batches

#: What a stem's error is never counted below, as a part of the mix: -30 dB.
FLOOR = 1e-3
#: Weight of the error that counts quiet places, too.
QUIET = 3.0


def losses(logits: torch.Tensor, y: dict[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The loss, and of each stem the mean error in decibels beside its own energy, with the mask and without.

    The first part is the logarithm of the error that the masked spectrum itself would have (the mask is one number a
    band, the spectrum within it is complex), so the network is trained on what is measured; the second counts all
    bands and frames alike but for the fourth root of their power.
    """
    mask = torch.softmax(logits.float(), dim=1)
    power, inner, energy = y["power"][:, None], y["inner"], y["energy"]
    error = (mask**2 * power - 2 * mask * inner + energy).clamp(min=0).sum(dim=(2, 3))
    total = power.sum(dim=(2, 3)).clamp(min=1e-6)  # silence has no ratio
    own = energy.sum(dim=(2, 3))
    ratio = torch.log10((error + FLOOR * total) / (own + FLOOR * total))
    aim = (inner / power.clamp(min=1e-12)).clamp(0, 1)
    weight = (power / power.mean(dim=(2, 3), keepdim=True).clamp(min=1e-12)).clamp(min=1e-8) ** 0.25
    quiet = (weight * (mask - aim) ** 2).sum(dim=(1, 2, 3)) / weight.sum(dim=(1, 2, 3))
    heard = own > 1e-2 * total
    plain = (power - 2 * inner + energy).clamp(min=0).sum(dim=(2, 3))
    before = torch.log10((plain + FLOOR * total) / (own + FLOOR * total))
    shown = torch.stack([(10 * (before - ratio))[:, s][heard[:, s]].mean() for s in range(ratio.shape[1])])
    return ratio.mean() + QUIET * quiet.mean(), shown.detach(), quiet.mean().detach()


def train(
    folder: Path, run: Path, seconds: float, *, decay: float = 0.3, size: int = 6, rate: float = 2e-3, seed: int = 1,
    save_every: float = 150.0,
) -> Separate:  # fmt: skip
    """Train for a number of CPU seconds, from the last checkpoint on if there is one.

    Args:
        folder: files of :func:`workbench.training.separate_data.build`.
        run: where ``last.pt`` and ``log.jsonl`` are kept.
        seconds: budget of CPU time, over all resumed runs.
        decay: the last part of the budget, over which the rate falls to nothing.
        size: mixes in a batch.
        rate: learning rate of AdamW.
        seed: of the weights and the mixes.
        save_every: CPU seconds between checkpoints.
    """
    run.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    net = Separate()
    optimizer = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=1e-4)
    spent, step, path = 0.0, 0, run / "last.pt"
    if path.exists():
        state = torch.load(path, weights_only=True)
        net.load_state_dict(state["net"])
        optimizer.load_state_dict(state["optimizer"])
        spent, step = state["spent"], state["step"]
    begin, saved, logged = time.process_time() - spent, spent, spent
    sums: list[torch.Tensor] = []
    net.train()
    for batch in batches(folder, size, seed + step):
        spent = time.process_time() - begin
        if spent >= seconds:
            break
        factor = min(1.0, (step + 1) / 100, (seconds - spent) / (decay * seconds))
        for group in optimizer.param_groups:
            group["lr"] = rate * factor
        y = {name: torch.from_numpy(value) for name, value in batch.items()}
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = net(y["inputs"])
        loss, shown, quiet = losses(logits, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        step += 1
        if not torch.isfinite(norm):
            continue
        optimizer.step()
        sums.append(torch.cat([loss.detach()[None], quiet[None], shown]))
        if spent - logged > 60:
            means = torch.stack(sums).nanmean(0).tolist()
            line = {"spent": round(spent), "step": step, "loss": means[0], "quiet": means[1], "gain": means[2:]}
            with (run / "log.jsonl").open("a") as log:
                log.write(json.dumps(line) + "\n")
            sums, logged = [], spent
        if spent - saved > save_every:
            _save(path, net, optimizer, spent, step)
            saved = spent
    _save(path, net, optimizer, spent, step)
    return net


def _save(path: Path, net: Separate, optimizer: torch.optim.Optimizer, spent: float, step: int) -> None:
    temporary = path.with_suffix(".tmp")
    state = {"net": net.state_dict(), "optimizer": optimizer.state_dict(), "spent": spent, "step": step}
    torch.save({**state, "config": net.config}, temporary)
    temporary.replace(path)
