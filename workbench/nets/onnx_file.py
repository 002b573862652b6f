"""Opening the ONNX file of a network that is shipped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from workbench.errors import BadFile


def open_network(path: Path, threads: int, what: str) -> Any:
    """A session of onnxruntime for a file.

    Args:
        path: the file.
        threads: that a pass may use; 0 means as many as there are cores.
        what: the network in a person's words, for the sentence of an error ("The splitting network").

    Raises:
        BadFile: it cannot be read.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime has an error class for every cause, and no base for them
        raise BadFile(f"{what}'s file is damaged; install the workbench again.") from error
