"""The network of :mod:`workbench.nets.read_score` without torch: onnxruntime, one strip of a page at a time.

The graph (:mod:`workbench.training.read_score_export` writes it) ends in probabilities; its weights are stored in half
precision and widened as it is loaded.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import BadFile
from workbench.nets.onnx_file import open_network
from workbench.nets.score_symbols import KINDS, MASKS

#: Outputs of the graph in order, with their channels: kinds, masks, flags 0 to 4, stem down/none/up, dots 0 to 2, tie,
#: offset from the own staff's middle in spaces.
CHANNELS = {"kinds": len(KINDS), "masks": len(MASKS), "flags": 5, "stem": 3, "dots": 3, "tie": 1, "offset": 1}
STRIDE = 16  #: a strip's sides are padded to multiples of this
Array = NDArray[np.float32]


class ReadScoreRuntime:
    """A loaded network; safe to share, read-only after construction."""

    def __init__(self, path: Path, threads: int = 0) -> None:
        """Load the graph; ``threads`` 0 means as many as there are cores.

        Raises:
            BadFile: it is damaged or another network.
        """
        self._session = open_network(path, threads, "The score reader")
        if [output.name for output in self._session.get_outputs()] != list(CHANNELS):
            raise BadFile("The score reader's file holds another network; install the workbench again.")

    def answer(self, strip: Array) -> dict[str, Array]:
        """What the network says of a strip.

        Args:
            strip: float32 [H, W], 0 paper to 1 ink, 8 pixels a staff space; even sides.

        Returns:
            By the names of :data:`CHANNELS`, float32 [channels, H / 2, W / 2].
        """
        height, width = strip.shape
        padded = np.pad(strip, ((0, -height % STRIDE), (0, -width % STRIDE)))
        found: list[Any] = self._session.run(None, {"page": padded[None, None]})
        return {
            name: values[0][:, : -(-height // 2), : -(-width // 2)]
            for name, values in zip(CHANNELS, found, strict=True)
        }
