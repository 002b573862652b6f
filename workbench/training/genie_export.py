"""From a checkpoint to what is released, and back.

``model.safetensors`` is the decoder in half precision: all that plays. ``encoder.safetensors`` lies beside it for
those who measure the model or train it further; no player loads it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from workbench.training import checkpoint


def decoder_tensors(model: Any) -> dict[str, np.ndarray]:
    """The decoder's tensors by name, float16."""
    return {name: value.detach().cpu().numpy().astype(np.float16) for name, value in model.decoder.state_dict().items()}


def load_run(run: str) -> Any:
    """The network of a run's last checkpoint; raises :class:`~workbench.errors.BadFile` if there is none."""
    from workbench.nets.genie import Genie

    model = Genie()
    checkpoint.load_weights(checkpoint.folder(run) / "model.safetensors", model)
    model.eval()
    return model


def load_released(folder: Path, model: Any = None) -> Any:
    """The network (a new one unless given) with the released files of ``folder``, ready to be measured.

    Raises:
        BadFile: the files are missing or belong to another network.
    """
    from workbench.nets.genie import Genie

    model = model or Genie()
    checkpoint.load_weights(folder / "model.safetensors", model.decoder)
    checkpoint.load_weights(folder / "encoder.safetensors", model.encoder)
    model.eval()
    return model


def export(run: str, folder: Path) -> None:
    """Write the released files of a run, both in half precision; ``folder`` is called like the model."""
    from safetensors.numpy import save_file

    model = load_run(run)
    # Players read the model's id there (:func:`workbench.nets.genie_numpy.model_of`): the folder is called by it.
    save_file(decoder_tensors(model), folder / "model.safetensors", metadata={"model": f"{folder.name} decoder"})
    encoder = {name: value.detach().numpy().astype(np.float16) for name, value in model.encoder.state_dict().items()}
    save_file(encoder, folder / "encoder.safetensors", metadata={"model": f"{folder.name} encoder"})
    for name in ("model", "encoder"):
        (folder / f"{name}.safetensors").chmod(0o644)  # safetensors writes for the owner alone
