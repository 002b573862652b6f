"""Reading the safetensors of a model, shared by the adapters whose networks are torch's."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import BadFile

if TYPE_CHECKING:
    from torch import Tensor


def read_tensors(paths: Iterable[Path]) -> dict[str, Tensor]:
    """Every tensor of these files by name.

    Raises:
        BadFile: a file is not safetensors, or there is none.
        ImportError: torch is not installed.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    out: dict[str, Tensor] = {}
    try:
        for path in paths:
            out |= load_file(path)
    except (SafetensorError, OSError) as error:
        raise BadFile("The weights of this model cannot be read; pull it again.") from error
    if not out:
        raise BadFile("This model came without weights; pull it again.")
    return out
