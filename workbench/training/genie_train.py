"""Training of the Genie: one core, a budget in CPU seconds, a line in the log every minute."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from workbench.training import checkpoint
from workbench.training.corpora import train_dir
from workbench.training.genie_data import SOURCES, Batch, Sampler, source, windows
from workbench.training.genie_export import load_released
from workbench.training.precision import autocast
from workbench.training.schedule import CpuClock, Schedule


@dataclass(frozen=True)
class Options:
    """Settings of a run; ``chord_share`` 0 trains the twin without the chord input."""

    run: str = "piano-genie"
    budget: float = 3600.0  # CPU seconds over all resumptions
    peak: float = 2e-3
    batch: int = 32
    seed: int = 1
    chord_share: float = 0.5
    weights: dict[str, float] = field(default_factory=lambda: {"margin": 3.0, "contour": 6.0, "deviate": 6.0})
    shares: dict[str, float] = field(default_factory=lambda: dict(SOURCES))
    released: str = ""  # a folder of released weights from which a run without a checkpoint begins


def tensors(batch: Batch) -> tuple[Any, Any, Any, Any]:
    """The four arrays of a batch as torch tensors."""
    import torch

    return (
        torch.from_numpy(batch.keys), torch.from_numpy(batch.bins),
        torch.from_numpy(batch.roots), torch.from_numpy(batch.families),
    )  # fmt: skip


def train(options: Options) -> Any:
    """Train or go on training until the budget is spent; returns the network."""
    import torch

    from workbench.nets.genie import Genie, hand_losses

    torch.manual_seed(options.seed)
    model = Genie()
    optimizer = torch.optim.Adam(model.parameters(), lr=options.peak)
    progress = checkpoint.load(options.run, model, optimizer)
    if progress is None:
        progress = {"step": 0, "cpu": 0.0}
        if options.released:
            load_released(Path(options.released), model)
    clock = CpuClock(progress["cpu"])
    schedule = Schedule(options.peak, options.budget)
    rng = np.random.default_rng([options.seed, progress["step"]])
    sampler = Sampler("train", options.shares, options.chord_share)
    held_out = [window for item in source("pop909", "valid") for window in list(windows(item))[2:5]]
    log = (train_dir() / f"{options.run}.jsonl").open("a")
    log.write(json.dumps({"options": asdict(options), "from": progress}) + "\n")
    step, sums, noted = progress["step"], np.zeros(4), time.process_time()
    saved, since = noted, 0
    while not schedule.finished(clock.spent):
        for group in optimizer.param_groups:
            group["lr"] = schedule.rate(clock.spent)
        keys, bins, roots, families = tensors(sampler.batch(rng, options.batch))
        with autocast():  # bfloat16, where the processor has it, is 1.4 times as fast; the losses stay in float32
            logits, scalar = model(keys, bins, roots, families)
        logits, scalar = logits.float(), scalar.float()
        choice = torch.nn.functional.cross_entropy(logits.flatten(0, 1), keys.flatten())
        hand = hand_losses(scalar, keys)
        loss = choice + sum(options.weights[name] * value for name, value in hand.items())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step, since = step + 1, since + 1
        sums += [float(choice.detach()), *(float(value.detach()) for value in hand.values())]
        now = time.process_time()
        if now - noted > 45:
            row = {"step": step, "cpu": round(clock.spent), "lr": schedule.rate(clock.spent)}
            row |= dict(zip(("ce", "margin", "contour", "deviate"), (sums / since).round(4).tolist(), strict=True))
            row |= {f"valid_{name}": value for name, value in validate(model, held_out).items()}
            print(json.dumps(row), file=log, flush=True)
            print(json.dumps(row), flush=True)
            sums, since, noted = np.zeros(4), 0, now
        if now - saved > 60:
            checkpoint.save(options.run, model, optimizer, {"step": step, "cpu": clock.spent})
            saved = now
    checkpoint.save(options.run, model, optimizer, {"step": step, "cpu": clock.spent})
    return model


def validate(model: Any, held_out: list[Batch]) -> dict[str, float]:
    """Quick figures on held-out windows without chords: perplexity, contour and repeat faults, the rarest button."""
    import torch

    from workbench.nets.genie import buttons_of

    full = [batch for batch in held_out if batch.keys.shape[1] == held_out[0].keys.shape[1]]
    keys = torch.from_numpy(np.concatenate([batch.keys for batch in full]))
    bins = torch.from_numpy(np.concatenate([batch.bins for batch in full]))
    none = torch.full_like(keys, -1)
    model.eval()
    with torch.no_grad():
        logits, scalar = model(keys, bins, none, none)
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), keys.flatten())
    model.train()
    button = buttons_of(scalar).numpy()
    pitch_move, move = np.sign(np.diff(keys.numpy())), np.sign(np.diff(button))
    same = move == 0
    usage = np.bincount(button.ravel(), minlength=8) / button.size
    return {
        "ppl": round(float(torch.exp(loss)), 3),
        "contour": round(float((pitch_move * move < 0).mean()), 4),
        "stuck": round(float(((move == 0) & (pitch_move != 0)).mean()), 4),  # another key on the same button
        "loyal": round(float((pitch_move[same] == 0).mean()) if same.any() else 1.0, 4),
        "deviate": round(float(((pitch_move == 0) & (move != 0)).sum() / max(1, (pitch_move == 0).sum())), 4),
        "rarest": round(float(usage.min()), 3),
        "commonest": round(float(usage.max()), 3),
    }
