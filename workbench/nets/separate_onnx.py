"""The splitting network without torch: onnxruntime, one stretch of frames at a time.

The graph (:mod:`workbench.training.separate_export` writes it) holds :class:`workbench.nets.separate.Separate` and the
softmax after it; its weights are stored in half precision and widened when it is loaded.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from workbench.errors import BadFile
from workbench.nets.onnx_file import open_network
from workbench.nets.separate_bands import BANDS, STEMS, STRIDE, Array


class SeparateRuntime:
    """A loaded network; safe to share, read-only after construction."""

    def __init__(self, path: Path, threads: int = 0) -> None:
        """Load the graph; ``threads`` 0 means as many as there are cores.

        Raises:
            BadFile: it is damaged or another network.
        """
        self._session = open_network(path, threads, "The splitting network")
        outputs, inputs = self._session.get_outputs(), self._session.get_inputs()
        if [output.name for output in outputs] != ["shares"] or len(inputs) != 1 or inputs[0].shape[-1] != BANDS:
            raise BadFile("The splitting network's file holds another network; install the workbench again.")

    def shares(self, inputs: Array) -> Array:
        """What part of each band belongs to each stem, 0 to 1, summing to 1.

        Args:
            inputs: float32 [2, frames, BANDS], as :func:`workbench.nets.separate_bands.features`; any number of frames.

        Returns:
            float32 [len(STEMS), frames, BANDS].
        """
        frames = inputs.shape[1]
        padded = np.pad(inputs, ((0, 0), (0, -frames % STRIDE), (0, 0)), mode="edge")
        found: list[Any] = self._session.run(None, {"inputs": padded[None]})
        shares: Array = found[0][0][:, :frames]
        assert shares.shape[0] == len(STEMS)
        return shares
