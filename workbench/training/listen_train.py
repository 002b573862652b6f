"""The training loop of the listening network: resumable, one line of log a minute, a constant rate and a decay."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from workbench.nets.listen import Listen, parameters
from workbench.training.listen_data import batches

#: How much each part of the loss counts.
PARTS = {
    "onset": 6.0, "frame": 2.0, "end": 1.0, "velocity": 0.5, "melody": 1.0, "voiced": 0.3, "drums": 3.0, "beats": 3.0,
    "root": 0.5, "kind": 0.4,
}  # fmt: skip


def losses(out: dict[str, torch.Tensor], y: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The parts of the loss for a batch; what is not known of a scene does not count."""
    known = y["known"].float()
    found: dict[str, torch.Tensor] = {}
    onset = soften(y["onset"].float())
    found["onset"] = _focal(out["onset"], onset)
    found["frame"] = F.binary_cross_entropy_with_logits(out["frame"], y["frame"].float())
    found["end"] = _focal(out["end"], soften(y["end"].float()))
    struck = y["onset"] > 0
    aim = y["velocity"].float()[struck] / 127
    found["velocity"] = F.mse_loss(torch.sigmoid(out["velocity"][struck]), aim) if len(aim) else onset.sum() * 0
    found["drums"] = _focal(out["drums"], soften(y["drums"].float()))
    beats = _focal(out["beats"], soften(y["beats"].float()), mean=False).mean(dim=(1, 2))
    found["beats"] = (beats * known[:, 0]).sum() / known[:, 0].sum().clamp(min=1)
    melody = F.binary_cross_entropy_with_logits(out["melody"], y["melody"].float(), reduction="none").mean(dim=(1, 2))
    found["melody"] = (melody * known[:, 1]).sum() / known[:, 1].sum().clamp(min=1)
    sung = y["melody"].amax(dim=2, keepdim=True).float()
    voiced = F.binary_cross_entropy_with_logits(out["voiced"], sung, reduction="none").mean(dim=(1, 2))
    found["voiced"] = (voiced * known[:, 1]).sum() / known[:, 1].sum().clamp(min=1)
    for name in ("root", "kind"):
        label = y[name].long()
        wanted = label != 255
        logits = out[name][wanted]
        found[name] = F.cross_entropy(logits, label[wanted]) if len(logits) else onset.sum() * 0
    return found


def soften(hits: torch.Tensor) -> torch.Tensor:
    """[batch, frames, n]: a hit also counts half on the frames beside it, since a frame is but 20 ms."""
    beside = F.max_pool2d(hits[:, None], (3, 1), 1, (1, 0))[:, 0] * 0.4
    return torch.maximum(hits, beside)


def _focal(logits: torch.Tensor, aim: torch.Tensor, mean: bool = True) -> torch.Tensor:
    """Cross entropy in which hits, which are rare, count more."""
    loss = F.binary_cross_entropy_with_logits(logits, aim, reduction="none") * (1 + 3 * aim)
    return loss.mean() if mean else loss


def train(
    data: Path,
    run: Path,
    seconds: float,
    *,
    rate: float = 1.5e-3,
    decay: float = 0.25,
    size: int = 8,
    bfloat16: bool = False,
) -> None:
    """Train for ``seconds`` of processor time from the last checkpoint of ``run``; the last ``decay`` of it cools."""
    run.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    net = Listen()
    optimiser = torch.optim.AdamW(net.parameters(), rate, (0.9, 0.98), weight_decay=0.01)
    step, spent = 0, 0.0
    slow = {name: value.detach().clone() for name, value in net.state_dict().items()}  # a running mean of the weights
    last = run / "last.pt"
    if last.exists():
        state = torch.load(last, weights_only=True)
        net.load_state_dict(state["net"])
        optimiser.load_state_dict(state["optimiser"])
        step, spent, slow = state["step"], state["spent"], state["slow"]
    begun, told, sums, count = time.process_time(), time.monotonic(), dict.fromkeys(PARTS, 0.0), 0
    print(f"{parameters(net):,} parameters, step {step}, {spent:.0f} s behind", flush=True)
    for x, y in batches(data, "train", size, step + 1):
        now = time.process_time() - begun
        if now > seconds:
            break
        left = (seconds - now) / seconds
        scale = min(1.0, (step + 1) / 200) * (min(1.0, left / decay) if decay else 1.0)
        for group in optimiser.param_groups:
            group["lr"] = rate * scale
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            out = net(x)
        parts = losses({name: value.float() for name, value in out.items()}, y)
        loss = sum((PARTS[name] * value for name, value in parts.items()), torch.zeros(()))
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        step, count = step + 1, count + 1
        keep = min(0.998, 1 - 1 / step)
        with torch.no_grad():
            for name, value in net.state_dict().items():
                slow[name].lerp_(value, 1 - keep)
        for name, value in parts.items():
            sums[name] += float(value.detach())
        if time.monotonic() - told > 60:
            line = {name: round(value / count, 4) for name, value in sums.items()}
            print(json.dumps({"step": step, "cpu": round(spent + now), **line}), flush=True)
            told, sums, count = time.monotonic(), dict.fromkeys(PARTS, 0.0), 0
            _save(last, net, slow, optimiser, step, spent + now)
    _save(last, net, slow, optimiser, step, spent + time.process_time() - begun)


def _save(
    path: Path, net: Listen, slow: dict[str, torch.Tensor], optimiser: torch.optim.Optimizer, step: int, spent: float
) -> None:
    state = {"net": net.state_dict(), "slow": slow, "optimiser": optimiser.state_dict(), "step": step, "spent": spent}
    temporary = path.with_suffix(".part")
    torch.save(state, temporary)
    temporary.replace(path)


def seed_all(seed: int) -> np.random.Generator:
    """One seed for everything random."""
    torch.manual_seed(seed)
    return np.random.default_rng(seed)
