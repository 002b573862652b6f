"""Where recorded samples wait until the gain is known: in memory, or in a file that vanishes by itself."""

from __future__ import annotations

import errno
from typing import IO, Protocol

import numpy as np
from numpy.typing import NDArray

FRAME_BYTES = 8  # stereo, float32

Block = NDArray[np.float32]


class Tape(Protocol):
    """Stereo samples as they are recorded; silence where nothing was written."""

    def put(self, start: int, samples: Block) -> None:
        """Write from frame ``start`` on, float32 [2, frames]."""

    def add(self, start: int, samples: Block) -> None:
        """Add to what is there from frame ``start`` on, float32 [2, frames]."""

    def read(self, start: int, end: int) -> Block:
        """Frames ``start`` to ``end``: a copy, float32 [end - start, 2]."""

    def close(self) -> None:
        """Give the space back."""


class MemoryTape:
    """A tape in memory; what was never written costs nothing."""

    def __init__(self, frames: int) -> None:
        self.samples = np.zeros((frames, 2), np.float32)

    def put(self, start: int, samples: Block) -> None:
        """See :meth:`Tape.put`."""
        self.samples[start : start + samples.shape[1]] = samples.T

    def add(self, start: int, samples: Block) -> None:
        """See :meth:`Tape.add`."""
        self.samples[start : start + samples.shape[1]] += samples.T

    def read(self, start: int, end: int) -> Block:
        """See :meth:`Tape.read`."""
        samples = self.samples[start:end]
        if len(samples) == end - start:
            return samples.copy()
        out = np.zeros((max(0, end - start), 2), np.float32)
        out[: len(samples)] = samples
        return out

    def close(self) -> None:
        """See :meth:`Tape.close`."""
        self.samples = np.zeros((0, 2), np.float32)


class DiskTape:
    """A tape in a file (unbuffered, and all of it ours)."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._frames = 0

    def put(self, start: int, samples: Block) -> None:
        """See :meth:`Tape.put`."""
        self._write(start, np.ascontiguousarray(samples.T))

    def add(self, start: int, samples: Block) -> None:
        """See :meth:`Tape.add`."""
        there = self.read(start, start + samples.shape[1])
        there += samples.T
        self._write(start, there)

    def _write(self, start: int, samples: Block) -> None:
        data = samples.data.cast("B")
        self._file.seek(start * FRAME_BYTES)
        if self._file.write(data) != len(data):
            raise OSError(errno.ENOSPC, "the disk is full")
        self._frames = max(self._frames, start + len(samples))

    def read(self, start: int, end: int) -> Block:
        """See :meth:`Tape.read`."""
        wanted = max(0, min(end, self._frames) - start)
        out = np.zeros((max(0, end - start), 2), np.float32)
        if wanted:
            self._file.seek(start * FRAME_BYTES)
            data = self._file.read(wanted * FRAME_BYTES)
            out.reshape(-1)[: len(data) // 4] = np.frombuffer(data, np.float32)
        return out

    def close(self) -> None:
        """See :meth:`Tape.close`."""
        self._file.close()
