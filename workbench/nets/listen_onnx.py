"""The listening network without torch: onnxruntime over stretches of twenty seconds that overlap.

The graph (:mod:`workbench.training.listen_export` writes it) holds what :class:`workbench.nets.listen.Listen` does and
ends in probabilities, so that a stretch goes in and its rows come out; where two stretches overlap, one fades into the
other, and a recording of any length is heard in the memory of one stretch.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from workbench.errors import BadFile
from workbench.nets.listen_spectrum import BINS, DRUMS, FPS, KINDS, PITCHES, ROOTS
from workbench.nets.onnx_file import open_network

#: What the network says of each frame, and how many numbers each is.
HEADS = {
    "onset": PITCHES, "frame": PITCHES, "end": PITCHES, "velocity": PITCHES, "melody": PITCHES, "drums": DRUMS,
    "beats": 2, "root": ROOTS, "kind": KINDS, "voiced": 1,
}  # fmt: skip
#: Frames of one stretch, and of the overlap of two.
STRETCH, OVERLAP = round(20 * FPS), round(4 * FPS)


class ListenRuntime:
    """A loaded network; safe to share, read-only after construction."""

    def __init__(self, path: Path, threads: int = 0) -> None:
        """Load the graph; ``threads`` 0 means as many as there are cores.

        Raises:
            BadFile: it is damaged or another network.
        """
        self._session = open_network(path, threads, "The listening network")
        wanted = [output.name for output in self._session.get_outputs()]
        if wanted != list(HEADS) or self._session.get_inputs()[0].shape[-1] != BINS:
            raise BadFile("The listening network's file holds another network; install the workbench again.")

    def stretch(self, bins: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """Probabilities of one stretch: [frames, BINS] -> head -> [frames, numbers of it]."""
        found: list[Any] = self._session.run(None, {"bins": bins[None]})
        return {name: rows[0] for name, rows in zip(HEADS, found, strict=True)}

    def hear(self, bins: NDArray[np.float32]) -> dict[str, NDArray]:
        """Probabilities of a whole spectrum [frames, BINS]."""
        whole = Joined(len(bins), np.float32)
        for start, end in stretches(len(bins)):
            whole.put(start, self.stretch(bins[start:end]))
        return whole.rows


def stretches(frames: int) -> Iterator[tuple[int, int]]:
    """Where to listen: overlapping stretches that cover so many frames, none of them short."""
    if frames <= STRETCH:
        yield 0, frames
        return
    count = -(-(frames - OVERLAP) // (STRETCH - OVERLAP))
    for number in range(count):
        start = round(number * (frames - STRETCH) / (count - 1))
        yield start, start + STRETCH


class Joined:
    """Stretches joined to a whole: where two overlap, the earlier fades out as the later fades in."""

    def __init__(self, frames: int, dtype: DTypeLike) -> None:
        """Room for so many frames."""
        self.rows: dict[str, NDArray] = {name: np.zeros((frames, count), dtype) for name, count in HEADS.items()}
        self._filled = 0

    def put(self, start: int, rows: dict[str, NDArray[np.float32]]) -> None:
        """Add the rows of a stretch that begins at frame ``start``; stretches come in their order."""
        end = start + len(next(iter(rows.values())))
        both = self._filled - start
        weight = _fade(both)[:, None]
        for name, found in rows.items():
            whole = self.rows[name]
            whole[start : start + both] = whole[start : start + both] * (1 - weight) + found[:both] * weight
            whole[start + both : end] = found[both:]
        self._filled = end


def _fade(count: int) -> NDArray[np.float32]:
    """Weights from 0 to 1 over an overlap; in its outer quarters the side that has seen more speaks alone."""
    still = count // 4
    return np.clip((np.arange(count) - still + 0.5) / max(1, count - 2 * still), 0, 1).astype(np.float32)
