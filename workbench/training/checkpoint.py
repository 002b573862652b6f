"""Checkpoints outside the repository, and a way back from the released weights alone.

A checkpoint holds weights, optimiser, counters and the state of the random generator, so that a run goes on where it
stopped. Weights are safetensors; the rest is JSON and one torch file that is read with ``weights_only``.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from workbench.errors import BadFile
from workbench.training.corpora import train_dir


def folder(run: str) -> Path:
    """``WORKBENCH_TRAIN_DIR/runs/<run>``, created."""
    path = train_dir() / "runs" / run
    path.mkdir(parents=True, exist_ok=True)
    return path


def save(run: str, model: Any, optimizer: Any, progress: dict[str, Any]) -> None:
    """Write a checkpoint of a torch module and its optimiser; ``progress`` must be JSON.

    Each file is written beside its place and moved over the old one; ``progress.json`` comes last, so an interrupted
    save leaves the older checkpoint or a newer one with older counters, never half a file.
    """
    import torch
    from safetensors.torch import save_file

    target = folder(run)
    weights = {name: value.detach().cpu().contiguous() for name, value in model.state_dict().items()}
    _replace(target / "model.safetensors", lambda path: save_file(weights, path))
    _replace(target / "optimizer.pt", lambda path: torch.save(optimizer.state_dict(), path))
    _replace(target / "progress.json", lambda path: path.write_text(json.dumps(progress)))


def _replace(path: Path, write: Any) -> None:
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    write(partial)
    partial.replace(path)


def load(run: str, model: Any, optimizer: Any) -> dict[str, Any] | None:
    """Restore a checkpoint in place; returns its progress, or None if the run has none."""
    import torch

    target = folder(run)
    if not (target / "progress.json").exists():
        return None
    load_weights(target / "model.safetensors", model)
    optimizer.load_state_dict(torch.load(target / "optimizer.pt", weights_only=True, map_location="cpu"))
    return dict(json.loads((target / "progress.json").read_text()))


def load_weights(path: Path, model: Any, prefix: str = "", strict: bool = True) -> int:
    """Load safetensors into ``model`` (names below ``prefix``); returns how many tensors were set.

    With ``strict`` off, tensors of another shape or name are skipped: the way to go on from released weights that
    hold a part of the network.

    Raises:
        BadFile: no such file, not safetensors, or (with ``strict``) names that do not fit.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        found = {prefix + name: value.float() for name, value in load_file(path).items()}
    except (OSError, SafetensorError) as error:
        raise BadFile(f"The weights {path.name} cannot be read; fetch or train them again.") from error
    own = model.state_dict()
    fitting = {name: value for name, value in found.items() if name in own and own[name].shape == value.shape}
    if strict and (len(fitting) < len(own) or len(fitting) < len(found)):
        raise BadFile(f"The weights {path.name} belong to another network.")
    model.load_state_dict({**own, **fitting})
    return len(fitting)
