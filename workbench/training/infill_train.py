"""The training loop of the infilling network: resumable, constant learning rate and a final decay.

Every worker is a process with one thread of its own (a network this small gains little from threads); their gradients
are averaged after every step, so two workers are one run with batches twice as large.

A run goes on from a checkpoint (weights, optimiser, counters) if there is one, else from released weights alone
(``--init``), else from nothing. The learning rate stays constant until the last part of the run, because a
schedule that has been annealed cannot be continued without loss.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, distributed
from torch.multiprocessing.spawn import spawn
from torch.nn import functional

from workbench.nets.infill import InfillConfig, InfillNet
from workbench.tokens import rows as r
from workbench.training import chord_counts, grid_pieces, infill_bits, infill_windows, voice_counts
from workbench.training.corpora import train_dir
from workbench.training.grid_pieces import GridPiece
from workbench.training.infill_optim import optimisers
from workbench.training.precision import autocast, bfloat16_works

#: Size of the filter of training runs: 16 MiB. With POP909 in all forms and the later sets there are eleven million,
#: of which 8 MiB would take one strange run in fifteen for a known one.
FILTER_LOG2_BITS = 27
#: Sets of songs that are under copyright, whose runs are kept out in every form that the network meets them in.
PROTECTED = ("pop909_main",)
HEADS = ("time", "slot", "pitch", "duration", "velocity")
WEIGHT = {"velocity": 0.5}  #: share of a head's loss; velocity is a nicety beside the notes


def to_tensors(batch: r.Arrays) -> dict[str, Tensor]:
    """numpy arrays of a batch as tensors."""
    return {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in batch.items()}


def loss_of(net: InfillNet, batch: dict[str, Tensor]) -> tuple[Tensor, dict[str, float]]:
    """Nats a note summed over the chain, and bits a note of each head."""
    with autocast():
        logits = net(batch)
    total = torch.zeros(())
    bits = {}
    for head in HEADS:
        target = batch[f"target_{head}"].flatten()
        nats = functional.cross_entropy(logits[head].float().flatten(0, 1), target, ignore_index=r.IGNORE)
        if torch.isfinite(nats):
            total = total + WEIGHT.get(head, 1.0) * nats
            bits[head] = float(nats.detach()) / np.log(2)
    return total, bits


def parser() -> argparse.ArgumentParser:
    """Options of ``models/infill/train.py``."""
    out = argparse.ArgumentParser(
        description="Train the infilling network; a second call goes on where the first ended."
    )
    out.add_argument("--run", default="infill", help="name of the run: checkpoints and log carry it")
    out.add_argument("--folder", type=Path, help="where they lie (default: below WORKBENCH_TRAIN_DIR)")
    out.add_argument(
        "--init", type=Path, help="start from these released weights (safetensors) if there is no checkpoint"
    )
    out.add_argument("--minutes", type=float, default=120.0, help="wall-clock minutes of this call")
    out.add_argument(
        "--decay", type=float, default=0.0, help="share of this call in which the learning rate falls to 0"
    )
    out.add_argument("--lr", type=float, default=1.5e-3)
    out.add_argument("--batch", type=int, default=8, help="windows a step")
    out.add_argument("--length", type=int, default=384, help="rows a window")
    out.add_argument("--adamw", action="store_true", help="AdamW for all weights instead of Muon for the blocks")
    out.add_argument("--dropout", type=float, default=0.1, help="share of what the blocks write that is left out")
    out.add_argument("--lower", type=int, default=3)
    out.add_argument("--upper", type=int, default=2)
    out.add_argument("--width", type=int, default=256)
    out.add_argument("--seed", type=int, default=1)
    out.add_argument("--workers", type=int, default=1, help="processes of one thread each that share every step")
    out.add_argument("--checkpoint-minutes", type=float, default=5.0, help="CPU time of a worker between checkpoints")
    out.add_argument("--open", action="store_true", help="learn from sets alone that may be passed on note by note")
    out.add_argument("--without", action="append", default=[], metavar="SET", help="a corpus that is not at hand")
    out.add_argument("--export", type=Path, help="only write the weights of the run's checkpoint into this folder")
    out.add_argument("--index", type=Path, help="only write the filter of the training music's runs into this folder")
    out.add_argument("--chords", type=Path, help="only write the tables of chords for a lone tune into this folder")
    out.add_argument("--voices", type=Path, help="only write the tables of chords for four voices into this folder")
    return out


def checkpoint_path(options: argparse.Namespace) -> Path:
    """Where the run's checkpoint lies; its log lies beside it."""
    folder: Path = options.folder or train_dir() / "infill"
    return folder / f"{options.run}.pt"


def weights_of(options: argparse.Namespace) -> dict[str, float]:
    """Every set that is learnt from, with its share of the windows."""
    return infill_windows.OPEN_WEIGHTS if options.open else infill_windows.WEIGHTS


def export(checkpoint: Path, folder: Path) -> None:
    """Write the averaged weights of a checkpoint as ``model.safetensors`` (float16) and ``config.json``."""
    from safetensors.torch import save_file

    saved = torch.load(checkpoint, weights_only=True)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(
        {name: value.half().contiguous() for name, value in saved["average"].items()}, folder / "model.safetensors"
    )
    about = {
        "network": saved["config"], "steps": saved["steps"], "notes": saved["notes"],
        "sets": saved["sets"],
    }  # fmt: skip
    if (before := folder / "config.json").exists():
        said = json.loads(before.read_text())
        about |= {name: said[name] for name in ("chord_finder", "tables") if said.get(name)}
    (folder / "config.json").write_text(json.dumps(about, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def export_runs(folder: Path) -> int:
    """Write the filter of all runs of the training music into ``folder``; returns how many there are.

    Merged into one part or split into hands, a song has other successions of notes; those of :data:`PROTECTED` sets are
    put in as well.
    """
    from safetensors.numpy import save_file

    from workbench.tokens.runs import RunFilter
    from workbench.training import infill_copying

    names = [name for name in infill_windows.WEIGHTS if name != "pop909_drums"]
    found = []
    for name in names:
        index = infill_copying.index_in_forms if name in PROTECTED else infill_copying.index
        found.append(index(grid_pieces.load(name, "train")))
    known = np.unique(np.concatenate(found))
    save_file({"runs": RunFilter.of(known, FILTER_LOG2_BITS).bits}, folder / "training_runs.safetensors")
    return len(known)


class Run:
    """State of one training run: network, its running average, optimisers, counters, log."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.path = checkpoint_path(options)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.log_path = self.path.with_suffix(".log")
        self.steps, self.notes, self.cpu_seconds = 0, 0, 0.0
        self.sets = [name for name in weights_of(options) if name not in options.without]
        self.learnt_from = set(self.sets)  # over all calls, for the card
        saved: dict[str, Any] | None = None
        config = InfillConfig(width=options.width, heads=options.width // 64, lower=options.lower, upper=options.upper)
        if self.path.exists():
            saved = torch.load(self.path, weights_only=True)
            config = InfillConfig(**saved["config"])
        elif options.init:
            about = json.loads((options.init.parent / "config.json").read_text())
            config = InfillConfig(**about["network"])
            self.learnt_from |= {*about.get("sets", ())}
            self.steps, self.notes = about.get("steps", 0), about.get("notes", 0)  # what the weights have seen
        torch.manual_seed(options.seed)
        self.net = InfillNet(config)
        for block in (*self.net.lower, *self.net.upper):
            block.dropout = options.dropout
        self.average = InfillNet(config)
        self.optimisers = optimisers(self.net, options.lr, not options.adamw)
        if saved is not None:
            self.net.load_state_dict(saved["net"])
            for optimiser, state in zip(self.optimisers, saved["optimisers"], strict=True):
                optimiser.load_state_dict(state)
            self.steps, self.notes, self.cpu_seconds = saved["steps"], saved["notes"], saved["cpu_seconds"]
            self.learnt_from = {*self.sets, *saved.get("sets", ())}
        elif options.init:
            from safetensors.torch import load_file

            self.net.load_state_dict({name: value.float() for name, value in load_file(options.init).items()})
        self.average.load_state_dict(saved["average"] if saved is not None else self.net.state_dict())

    def save(self) -> None:
        """Write the checkpoint, replacing the former one only when complete."""
        state = {
            "config": self.net.config.to_dict(), "net": self.net.state_dict(), "average": self.average.state_dict(),
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
            "steps": self.steps, "notes": self.notes, "cpu_seconds": self.cpu_seconds, "sets": sorted(self.learnt_from),
        }  # fmt: skip
        partial = self.path.with_suffix(".partial")
        torch.save(state, partial)
        os.replace(partial, self.path)

    def log(self, **values: Any) -> None:
        """One JSON line, on the screen and in the log."""
        line = json.dumps({"at": time.strftime("%H:%M:%S"), "steps": self.steps, "notes": self.notes,
                           "cpu": round(self.cpu_seconds), **values})  # fmt: skip
        print(line, flush=True)
        with self.log_path.open("a") as file:
            file.write(line + "\n")


def main(arguments: list[str] | None = None) -> None:
    """Train for the given time; checkpoints every few minutes, a validation line with each."""
    options = parser().parse_args(arguments)
    if options.export:
        export(checkpoint_path(options), options.export)
        return
    if options.index:
        print(f"{export_runs(options.index):,} runs")
        return
    if options.voices:
        print(f"{voice_counts.export(options.voices)} works for four voices")
        return
    if options.chords:
        print(f"{chord_counts.export(options.chords, open_music=options.open)} songs")
        return
    if options.workers == 1:
        train(0, options, None)
        return
    for name in weights_of(options):
        if (
            name != "pop909_drums" and name not in options.without
        ):  # caches are made once, before several workers want them
            grid_pieces.load(name, "train")
    with tempfile.TemporaryDirectory() as folder:
        spawn(train, (options, f"file://{folder}/meeting"), nprocs=options.workers)


def train(rank: int, options: argparse.Namespace, meeting: str | None) -> None:
    """One worker; number 0 keeps the log and the checkpoints. ``meeting``: where several workers find each other."""
    torch.set_num_threads(1)
    if meeting is not None:
        os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
        distributed.init_process_group("gloo", init_method=meeting, rank=rank, world_size=options.workers)
    run = Run(options)
    rng = np.random.default_rng([options.seed, run.steps, rank])
    pieces = infill_windows.training_pieces(names=run.sets)
    windows = infill_windows.Windows(pieces, options.length, rng, weights=weights_of(options))
    held_out = grid_pieces.load("pop909_main", "valid")[:16] if rank == 0 else []
    start, cpu = time.monotonic(), time.process_time()
    budget, last, recent, elapsed = options.minutes * 60, cpu, [], 0.0
    if rank == 0:
        run.log(event="start", parameters=sum(value.numel() for value in run.net.parameters()), bf16=bfloat16_works(),
                sets=run.sets)  # fmt: skip
    first = run.steps
    while elapsed < budget:
        left = (budget - elapsed) / max(1e-9, options.decay * budget)
        rate = options.lr * min(1.0, (run.steps - first + 1) / 100, left if options.decay else 1.0)
        for optimiser in run.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = rate
        batch = to_tensors(windows.batch(options.batch))
        loss, bits = loss_of(run.net, batch)
        loss.backward()  # type: ignore[no-untyped-call]
        elapsed = time.monotonic() - start
        if meeting is not None:
            elapsed = share(run.net, elapsed)
        torch.nn.utils.clip_grad_norm_(run.net.parameters(), 1.0)
        for optimiser in run.optimisers:
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        run.steps += 1
        run.notes += int((batch["target_pitch"] >= 0).sum()) * options.workers
        if rank:
            continue
        with torch.no_grad():
            weight = 0.005 if run.steps > 400 else 0.05
            torch._foreach_lerp_(list(run.average.parameters()), list(run.net.parameters()), weight)
        recent.append(bits)
        # Counted in CPU time: on a busy machine a checkpoint a few minutes by the clock would be all that a run does.
        if time.process_time() - last > options.checkpoint_minutes * 60 or run.steps - first == 100:
            run.cpu_seconds += (time.process_time() - cpu) * options.workers
            report(run, held_out, recent, rate)
            recent = []
            run.save()
            last = cpu = time.process_time()
    if rank == 0:
        run.cpu_seconds += (time.process_time() - cpu) * options.workers
        report(run, held_out, recent, 0.0)
        run.save()
    if meeting is not None:
        distributed.barrier()
        distributed.destroy_process_group()


def share(net: InfillNet, elapsed: float) -> float:
    """Average the gradients over all workers, and ``elapsed`` with them, so that all stop at the same step."""
    weights = list(net.parameters())
    for value in weights:  # a batch without known loudness, say, leaves a head without a gradient
        value.grad = torch.zeros_like(value) if value.grad is None else value.grad
    flat = torch.cat([*(value.grad.flatten() for value in weights), torch.tensor([elapsed])])  # type: ignore[union-attr]
    distributed.all_reduce(flat)
    flat /= distributed.get_world_size()
    place = 0
    for value in weights:
        value.grad.copy_(flat[place : place + value.numel()].view_as(value))  # type: ignore[union-attr]
        place += value.numel()
    return float(flat[-1])


def report(run: Run, held_out: list[GridPiece], recent: list[dict[str, float]], rate: float) -> None:
    """Log the training loss since the last report and the held-out bits a note of the average."""
    train = {head: round(float(np.mean([b[head] for b in recent if head in b])), 3) for head in HEADS if recent}
    values: dict[str, Any] = {"train": train, "rate": round(rate, 6)}
    scores = infill_bits.quick(run.average, held_out)
    values["valid"] = {mode: [round(x, 3) for x in found] for mode, found in scores.items()}
    run.log(**values)
