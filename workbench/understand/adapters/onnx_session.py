"""Opening an ONNX file whose inputs and outputs are known beforehand, on few threads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from workbench.errors import BadFile, Unavailable

MAX_BYTES = 1_000_000_000
#: Small networks only wait for each other on more threads than this.
MOST_THREADS = 4


class OnnxNetwork:
    """A network of an ONNX file.

    Args:
        path: the file; its weights lie inside it.
        inputs: the names it must have, each with its shape, None for an axis that may have any length.
        outputs: the names to ask for, in order.
        threads: how many threads a pass uses at most.

    Raises:
        BadFile: not an ONNX network, or not the one with these inputs and outputs.
        Unavailable: onnxruntime is not installed.
    """

    def __init__(
        self, path: Path, inputs: Mapping[str, Sequence[int | None]], outputs: Sequence[str], *,
        threads: int = MOST_THREADS,
    ) -> None:  # fmt: skip
        try:
            import onnxruntime
        except ImportError as error:
            raise Unavailable(
                "This model is run by onnxruntime; run  pip install onnxruntime  and try again."
            ) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = max(1, min(threads, MOST_THREADS, _cores()))
        options.inter_op_num_threads = 1
        options.log_severity_level = 4  # what it has to say goes into the one sentence below
        try:
            if path.stat().st_size > MAX_BYTES:
                raise BadFile(f"The network {path.name} is too large to be one that the workbench knows.")
            data = path.read_bytes()  # from memory: a file that names others beside it is refused, not followed
            self._session: Any = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        except BadFile:
            raise
        except Exception as error:  # onnxruntime names many kinds
            raise BadFile(f"The network {path.name} cannot be read; pull the model again.") from error
        found = {item.name: item.shape for item in self._session.get_inputs()}
        given = {item.name for item in self._session.get_outputs()}
        fits = found.keys() == inputs.keys() and set(outputs) <= given
        if not fits or not all(_fits(found[name], shape) for name, shape in inputs.items()):
            raise BadFile(f"The network {path.name} is another one than this adapter was written for.")
        self._outputs = list(outputs)

    def run(self, inputs: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        """One pass: inputs by name, the outputs in the order asked for.

        Raises:
            BadFile: the network failed on sound that it should take.
        """
        try:
            out = self._session.run(self._outputs, dict(inputs))
        except Exception as error:
            raise BadFile("The network failed in the middle of a pass; pull the model again.") from error
        return [np.asarray(item) for item in out]


def _fits(found: Sequence[Any], wanted: Sequence[int | None]) -> bool:
    if len(found) != len(wanted):
        return False
    return all(
        want is None or not isinstance(have, int) or have == want for have, want in zip(found, wanted, strict=True)
    )


def _cores() -> int:
    import os

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
