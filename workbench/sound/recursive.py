"""Recursive filters in numpy: what ``lfilter`` of scipy computes, in blocks of matrix products.

Every output of a recursive filter needs the one before it, which is slow to say sample by sample in Python. But what
a filter of order p does to a block of samples is linear: its answer to the block from rest, plus its answer to the p
numbers it remembered. Both are matrices, made once a filter; so a block is one product, and only what is remembered
is handed on from block to block (and that, again, in blocks of blocks).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

_BLOCK = 64  # samples in a product
_GROUP = 32  # blocks whose memories are worked out at once

Array = NDArray[np.float64]


class Recursive:
    """A filter that goes on where it stopped.

    Args:
        numerator: b of ``y[n] = b0 x[n] + b1 x[n-1] + ... - a1 y[n-1] - ...``.
        denominator: a, whose first number is not 0; both of any length up to 8.
        channels: how many signals are filtered side by side.
    """

    def __init__(self, numerator: ArrayLike, denominator: ArrayLike, channels: int = 1) -> None:
        b, a = np.atleast_1d(np.asarray(numerator, float)), np.atleast_1d(np.asarray(denominator, float))
        self._plan = _plan(tuple((b / a[0]).tolist()), tuple((a / a[0]).tolist()))
        self._memory = np.zeros((channels, len(self._plan.step)))

    def process(self, signal: NDArray[np.floating]) -> Array:
        """The next stretch, filtered: float64 [channels, frames] of any floating [channels, frames]."""
        out, self._memory = filtered(self._plan, signal, self._memory)
        return out


class Plan:
    """The matrices of one filter; see the top of the file. Read only, shared by all filters of the same numbers."""

    def __init__(self, b: tuple[float, ...], a: tuple[float, ...]) -> None:
        order = max(len(a), len(b)) - 1
        top, bottom = np.zeros(order + 1), np.zeros(order + 1)
        top[: len(b)], bottom[: len(a)] = b, a
        # Transposed direct form II: y = s0 + b0 x; s_i' = s_{i+1} + b_{i+1} x - a_{i+1} y
        step = np.zeros((order, order))
        step[:-1, 1:] = np.eye(order - 1) if order > 1 else np.zeros((0, 0))
        step[:, 0] -= bottom[1:]
        enters = top[1:] - bottom[1:] * top[0]
        powers = [np.eye(order)]
        for _ in range(_BLOCK):
            powers.append(step @ powers[-1])
        self.step = step
        #: Row i: what the memory at a block's start adds to its sample i.
        self.heard = np.stack([power[0] for power in powers[:_BLOCK]])
        answer = np.concatenate([[top[0]], self.heard[: _BLOCK - 1] @ enters])
        lag = np.subtract.outer(np.arange(_BLOCK), np.arange(_BLOCK))
        self.inside = np.where(lag >= 0, answer[np.maximum(lag, 0)], 0.0)
        #: Row i: what sample i of a block leaves in the memory after it.
        self.left = np.stack([powers[_BLOCK - 1 - place] @ enters for place in range(_BLOCK)])
        self.over = powers[_BLOCK]
        self.powers = powers
        #: The memories before each block of a group and after it: from the one before the group, and from the blocks.
        jumps = [np.eye(order)]
        for _ in range(_GROUP):
            jumps.append(self.over @ jumps[-1])
        self.carried = np.concatenate(jumps)
        self.handed = np.zeros(((_GROUP + 1) * order, _GROUP * order))
        for later in range(_GROUP + 1):
            for earlier in range(later):
                rows, columns = slice(later * order, (later + 1) * order), slice(earlier * order, (earlier + 1) * order)
                self.handed[rows, columns] = jumps[later - 1 - earlier]


@lru_cache(maxsize=512)
def _plan(b: tuple[float, ...], a: tuple[float, ...]) -> Plan:
    return Plan(b, a)


def filtered(plan: Plan, signal: NDArray[np.floating], memory: Array) -> tuple[Array, Array]:
    """``signal`` [channels, frames] through a filter that remembers ``memory`` [channels, order]; and the new one."""
    channels, frames = signal.shape
    order = memory.shape[1]
    blocks, rest = divmod(frames, _BLOCK)
    out = np.empty((channels, frames))
    if blocks:
        whole = np.asarray(signal[:, : blocks * _BLOCK], np.float64).reshape(channels, blocks, _BLOCK)
        left = whole @ plan.left
        before = np.empty((channels, blocks, order))
        for first in range(0, blocks, _GROUP):
            count = min(_GROUP, blocks - first)
            given = left[:, first : first + count].reshape(channels, count * order)
            rows = (count + 1) * order
            found = memory @ plan.carried[:rows].T + given @ plan.handed[:rows, : count * order].T
            found = found.reshape(channels, count + 1, order)
            before[:, first : first + count], memory = found[:, :count], found[:, count]
        out[:, : blocks * _BLOCK] = (whole @ plan.inside.T + before @ plan.heard.T).reshape(channels, -1)
    if rest:
        piece = np.asarray(signal[:, blocks * _BLOCK :], np.float64)
        out[:, blocks * _BLOCK :] = piece @ plan.inside[:rest, :rest].T + memory @ plan.heard[:rest].T
        memory = memory @ plan.powers[rest].T + piece @ plan.left[_BLOCK - rest :]
    return out, memory


def biquads(signal: NDArray[np.floating], b: Array, a: Array, memory: Array, length: int) -> tuple[Array, Array]:
    """A second-order filter whose numbers change from block to block.

    All blocks are filtered at once, sample by sample: from rest, and from each of the two numbers that a filter
    remembers; then what is remembered goes through the blocks in their order.

    Args:
        signal: [frames], floating; the last block may be shorter than the others.
        b: numerators, float64 [3, blocks]; ``a``: denominators, float64 [3, blocks], their first number 1.
        memory: what was remembered, float64 [2].
        length: of a block, in frames.

    Returns:
        The filtered signal, float64 [frames], and the memory after it, as if silence filled the last block up.
    """
    blocks = b.shape[1]
    padded = np.zeros(blocks * length)
    padded[: len(signal)] = signal
    entering = np.ascontiguousarray(padded.reshape(blocks, length).T)
    out = np.empty((length, 3, blocks))
    first, second = np.zeros((3, blocks)), np.zeros((3, blocks))  # rows: from rest, from either number remembered
    first[1], second[2] = 1.0, 1.0
    for place in range(length):
        now = out[place]
        now[:] = first
        now[0] += b[0] * entering[place]
        first = second - a[1] * now
        first[0] += b[1] * entering[place]
        second = -a[2] * now
        second[0] += b[2] * entering[place]
    kept = np.empty((2, blocks))
    one, two = memory.tolist()
    rows = np.stack([*first, *second]).T.tolist()
    for block, (rest1, one1, two1, rest2, one2, two2) in enumerate(rows):
        kept[0, block], kept[1, block] = one, two
        one, two = rest1 + one * one1 + two * two1, rest2 + one * one2 + two * two2
    heard = out[:, 0]
    heard += out[:, 1] * kept[0]
    heard += out[:, 2] * kept[1]
    return np.ascontiguousarray(heard.T).reshape(-1)[: len(signal)], np.array([one, two])
