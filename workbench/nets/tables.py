"""Small tables of numbers that were counted, not trained: read from safetensors files and checked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from workbench.errors import BadFile


def read_tables(path: Path, shapes: Mapping[str, tuple[int, ...]], what: str) -> dict[str, npt.NDArray[np.float64]]:
    """The tables of a safetensors file, float64, as they are stored.

    Args:
        path: the file.
        shapes: every table that must be there, and its shape.
        what: the tables in a person's words, for the sentence of an error ("The table of four-voice chords").

    Raises:
        BadFile: the file is missing or damaged, lacks a table, or one has another shape.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        found = load_file(path)
        tables = {name: found[name].astype(np.float64) for name in shapes}
    except (OSError, SafetensorError, ValueError, KeyError) as error:
        raise BadFile(f"{what} is missing or damaged; fetch it again.") from error
    if any(tables[name].shape != shape for name, shape in shapes.items()):
        raise BadFile(f"{what} has the wrong shape; fetch it again.")
    return tables
