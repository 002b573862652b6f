"""Training of the chord network: the layer solved for, then the network that corrects it, by gradient descent.

``python models/chords/train.py --budget 1200`` goes on where the last run stopped; with ``--init`` and the path of
``model.safetensors`` a new run begins with the network of those weights. CPU seconds are counted, since wall time means
nothing on a shared machine. What is kept is a running mean of the weights, at the end of the budget; some
chords of a tune are told and the others asked for, so that a person's chords lead.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from workbench.nets.chords import NET
from workbench.tokens import half_bars as hb
from workbench.training import checkpoint
from workbench.training.chord_data import Tune, tunes
from workbench.training.chord_examples import OPEN_LAYER, Examples, example, padded, told_states
from workbench.training.chord_fit import SOURCES, fit
from workbench.training.chord_heard import HEARD, heard_tunes
from workbench.training.schedule import CpuClock

#: What a root, a chord and a bass count in the loss; and how slowly the mean of the weights follows, every few steps.
ROOT, CHORD, BASS = 1.0, 0.5, 0.2
MEAN, EVERY = 0.998, 4
JUDGED = 40  #: held-out pieces of each set whose chords were heard


@dataclass(frozen=True)
class Options:
    """A run: its name, CPU seconds in all, half bars at a time, peak of the learning rate, chance of told chords.

    ``width`` and ``layers``: of the network. ``open`` 1: learn from free music alone. ``init``: a file of weights whose
    network a new run begins with; without one it begins as the layer alone.
    """

    run: str = "chords"
    budget: float = 1200.0
    batch: int = 2000
    rate: float = 2e-3
    drop: float = 0.2
    blind: float = 0.1
    decay: float = 0.1
    told: float = 0.45
    seed: int = 1
    width: int = 128
    layers: int = 4
    open: int = 0
    init: str = ""


def rate_at(done: float, step: int, peak: float) -> float:
    """Learning rate after a share of the budget: warm-up, a fifth at the peak, then down along a cosine."""
    down = 1.0 if done < 0.2 else 0.5 * (1.0 + math.cos(math.pi * min(1.0, (done - 0.2) / 0.8))) + 0.01
    return peak * min(1.0, step / 60 + 0.02) * down


def loss_of(model: Any, batch: tuple[np.ndarray, ...], chance: float, rng: np.random.Generator) -> Any:
    """Nats a half bar whose chord is asked for, roots, chords and basses weighed; None if none is."""
    import torch
    from torch.nn import functional

    told, states, bass, real = batch
    known = np.stack([told_states(row, chance, rng) for row in states])
    asked = torch.from_numpy((states >= 0) & (known < 0))
    if not asked.any():
        return None
    fit_, low = model(torch.from_numpy(told), torch.from_numpy(known), torch.from_numpy(real))
    logs, aim = fit_.log_softmax(-1)[asked], torch.from_numpy(states)[asked]
    roots = torch.logsumexp(logs.view(-1, 12, len(hb.KINDS)), dim=-1)
    sounds = torch.from_numpy(bass >= 0)
    return (
        ROOT * functional.nll_loss(roots, aim // len(hb.KINDS))
        + CHORD * functional.nll_loss(logs, aim)
        + BASS * functional.cross_entropy(low[sounds], torch.from_numpy(bass)[sounds])
    )


def judged(model: Any, layer: dict[str, np.ndarray], found: list[Tune]) -> tuple[float, float]:
    """Nats of a root and share of roots that are likeliest where the song has them, mean over tunes; no chain."""
    import torch

    nats, right = [], []
    model.eval()
    with torch.no_grad():
        for tune in found:
            each = example(tune, tune.notes, layer)
            told, states, _, real = padded([each])
            fit_, _ = model(torch.from_numpy(told), torch.full((1, len(states[0])), -1), torch.from_numpy(real))
            roots = torch.logsumexp(fit_[0].log_softmax(-1).view(-1, 12, len(hb.KINDS)), dim=-1).numpy()
            known = each.states >= 0
            aim = each.states[known] // len(hb.KINDS)
            nats.append(-float(roots[known, aim].mean()))
            right.append(float((roots[known].argmax(1) == aim).mean()))
    model.train()
    return float(np.mean(nats)), float(np.mean(right))


def solved(open_music: bool) -> dict[str, np.ndarray]:
    """The layer, solved for with all training songs; ``open_music``: with heard tunes instead."""
    if open_music:
        every = itertools.chain.from_iterable(heard_tunes(name, "train") for name in HEARD)
        return fit(itertools.islice(every, 0, None, OPEN_LAYER))[0]
    return fit(tune for name in SOURCES for tune in tunes(name, "train"))[0]


def train(options: Options) -> dict[str, np.ndarray]:
    """Train until the budget is spent, saving at each pass; returns the tensors of the layer and the network."""
    import torch

    from workbench.nets.chord_net import ChordNet, Shape

    torch.manual_seed(options.seed)
    torch.set_num_threads(1)
    layer = solved(bool(options.open))
    examples = Examples(np.random.default_rng(options.seed), open_music=bool(options.open))
    held = [list(tunes(name, "valid")) for name in SOURCES]
    held += [list(itertools.islice(heard_tunes(name, "valid"), JUDGED)) for name in HEARD]
    shape = Shape(width=options.width, layers=options.layers)
    model, mean = ChordNet(shape, drop=options.drop, blind=options.blind), ChordNet(shape)
    if options.init:
        model.load_state_dict(_network_of(Path(options.init)))
    mean.load_state_dict(model.state_dict())
    optimizer = torch.optim.AdamW(_groups(model, options.decay), lr=options.rate, betas=(0.9, 0.98))
    progress = checkpoint.load(options.run, model, optimizer) or {"step": 0, "spent": 0.0}
    target = checkpoint.folder(options.run)
    if progress["step"]:
        checkpoint.load_weights(target / "mean.safetensors", mean)
    rng = np.random.default_rng([options.seed, progress["step"]])
    clock = CpuClock(progress["spent"])
    while clock.spent < options.budget:
        for batch in examples.batches(options.batch, rng):
            if clock.spent >= options.budget:
                break
            for group in optimizer.param_groups:
                group["lr"] = rate_at(clock.spent / options.budget, progress["step"], options.rate)
            loss = loss_of(model, padded(batch), options.told, rng)
            if loss is None:
                continue
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            progress["step"] += 1
            if progress["step"] % EVERY == 0:
                keep = min(MEAN, progress["step"] / (progress["step"] + 20)) ** EVERY
                with torch.no_grad():
                    for own, new in zip(mean.parameters(), model.parameters(), strict=True):
                        own.lerp_(new, 1.0 - keep)
        progress["spent"] = clock.spent
        found = [judged(mean, layer, each) for each in held]
        _write(mean, target / "mean.safetensors")
        checkpoint.save(options.run, model, optimizer, progress)
        with (target / "log.jsonl").open("a") as file:
            file.write(json.dumps({**progress, "valid": found}) + "\n")
        print({**progress, "valid": found}, flush=True)
    return {**layer, **{NET + name: value.numpy() for name, value in mean.state_dict().items()}}


def export(tensors: dict[str, np.ndarray], folder: Path) -> None:
    """Write ``model.safetensors`` (half precision) into ``folder``."""
    from safetensors.numpy import save_file

    path = folder / "model.safetensors"
    save_file({name: np.ascontiguousarray(value, dtype=np.float16) for name, value in tensors.items()}, path)
    path.chmod(0o644)  # safetensors writes for the owner alone


def _network_of(path: Path) -> dict[str, Any]:
    """The network's tensors of a file that :func:`export` wrote, float32 by their names in the torch module."""
    from safetensors.torch import load_file

    return {name[len(NET) :]: value.float() for name, value in load_file(path).items() if name.startswith(NET)}


def _groups(model: Any, decay: float) -> list[dict[str, Any]]:
    """Matrices are held near zero; biases, norms, embeddings and what attention adds by place are not."""
    free = ("distance", "alike", "known")
    named = list(model.named_parameters())
    held = [own for name, own in named if own.ndim > 1 and not any(word in name for word in free)]
    rest = [own for name, own in named if own.ndim <= 1 or any(word in name for word in free)]
    return [{"params": held, "weight_decay": decay}, {"params": rest, "weight_decay": 0.0}]


def _write(model: Any, path: Path) -> None:
    from safetensors.torch import save_file

    save_file({name: value.detach().contiguous() for name, value in model.state_dict().items()}, path)


def main(folder: Path, arguments: list[str] | None = None) -> None:
    """Command line of ``models/chords/train.py``; ``arguments``: others than the process's own."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, value in asdict(Options()).items():
        parser.add_argument(f"--{name}", type=type(value), default=value)
    export(train(Options(**vars(parser.parse_args(arguments)))), folder)
