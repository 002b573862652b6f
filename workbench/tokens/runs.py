"""Runs of twelve notes, compared without regard to key and rhythm: how music is recognised as somebody's.

A *run* is twelve successive notes of one part, told by the eleven steps between them in semitones; notes of one moment
follow each other from high to low. Runs with fewer than three different steps (repeated notes, trills, scales) belong
to nobody and are left out.

:class:`RunFilter` is a Bloom filter (Bloom 1970) of many such runs in a few megabytes: it never misses a run that was
put in, and at eight bits a run takes about one in forty others for one.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from workbench.score.lines import mixed

RUN = 12  #: notes in a run
#: Bits that a run sets, and an odd number that spreads its hash over the table (Kirsch and Mitzenmacher 2006).
_PROBES = 5
_MIX = np.uint64(0xBF58476D1CE4E5B9)

Hashes = npt.NDArray[np.uint64]


def _add(value: Hashes, steps: npt.NDArray[np.int64]) -> Hashes:
    return mixed(value, (steps + 256).astype(np.uint64))


def part_runs(pitches: npt.NDArray[np.int64]) -> Hashes:
    """Hashes of the runs of one part, uint64 [m] with repeats, from its pitches int64 [n] in canonical order."""
    if len(pitches) < RUN:
        return np.zeros(0, dtype=np.uint64)
    steps = np.lib.stride_tricks.sliding_window_view(np.diff(pitches), RUN - 1)
    varied = (np.diff(np.sort(steps, axis=1), axis=1) != 0).sum(axis=1) >= 2
    value = np.zeros(len(steps), dtype=np.uint64)
    for column in range(RUN - 1):
        value = _add(value, steps[:, column])
    return np.asarray(value[varied])


def closing(last: Iterable[int], candidates: npt.NDArray[np.int64]) -> tuple[Hashes, npt.NDArray[np.bool_]]:
    """The runs that each of ``candidates`` (pitches) would end after the eleven pitches ``last``.

    Returns:
        Hashes uint64 [candidates], and which of them are runs at all (have three different steps), bool.
    """
    line = np.asarray(list(last), dtype=np.int64)
    if len(line) != RUN - 1:
        raise ValueError("a run ends after eleven notes")
    steps = np.diff(line)
    value = np.zeros(len(candidates), dtype=np.uint64)
    for step in steps:
        value = _add(value, np.full(1, step))
    known = np.unique(steps)
    final = candidates - line[-1]
    return _add(value, final), np.asarray(len(known) + ~np.isin(final, known) >= 3)


class RunFilter:
    """A set of runs that can be asked, not listed.

    Attributes:
        bits: uint8 [bytes], a power of two of them.
    """

    def __init__(self, bits: npt.NDArray[np.uint8]) -> None:
        if bits.dtype != np.uint8 or bits.ndim != 1 or len(bits) == 0 or len(bits) & (len(bits) - 1):
            raise ValueError("the table of a filter is a power of two of bytes")
        self.bits = bits
        self._mask = np.uint64(8 * len(bits) - 1)

    @classmethod
    def of(cls, hashes: Hashes, log2_bits: int) -> RunFilter:
        """A filter of ``2 ** log2_bits`` bits (at least 8) that holds ``hashes``."""
        out = cls(np.zeros(2 ** (log2_bits - 3), dtype=np.uint8))
        flags = np.zeros(2**log2_bits, dtype=bool)
        for at in range(0, len(hashes), 1 << 20):
            flags[out._places(hashes[at : at + (1 << 20)]).ravel()] = True
        out.bits = np.packbits(flags, bitorder="little")
        return out

    def _places(self, hashes: Hashes) -> npt.NDArray[np.uint64]:
        other = (hashes * _MIX) ^ (hashes >> np.uint64(31))
        step = other | np.uint64(1)
        return np.stack([(hashes + np.uint64(k) * step) & self._mask for k in range(_PROBES)])

    def holds(self, hashes: Hashes) -> npt.NDArray[np.bool_]:
        """Which of ``hashes`` are (very probably) in the set: bool of the same shape."""
        places = self._places(hashes)
        found = self.bits[(places >> np.uint64(3)).astype(np.int64)] >> (places & np.uint64(7)).astype(np.uint8)
        return np.asarray((found & 1).astype(bool).all(axis=0))
