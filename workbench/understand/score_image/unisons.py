"""Noteheads that two voices share: one stem up and one down, where the network tells of one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from workbench.understand.score_image.symbols import MASK_STRIDE, SPACE, Symbol

#: Pixels from a notehead's middle to its stem, and pixels beyond it in which a stem is looked for.
_ASIDE = 0.575 * SPACE
_STEM, _SHORT = (6, 22), (6, 14)
#: How bright the mask of stems, 0 to 255, is on one.
_LIT = 90


def unisons(heads: Sequence[Symbol], stems: NDArray[np.uint8] | None) -> list[Symbol]:
    """The second note of every notehead with two stems: the same, its stem on the other side.

    Args:
        heads: the noteheads of a staff.
        stems: the network's mask of stems, uint8 [H, W].
    """
    if stems is None:
        return []
    full = [head for head in heads if head.kind in ("head_full", "head_half") and head.stem]
    return [_second(head, full) for head in full if _shared(head, full, stems)]


def _shared(head: Symbol, heads: Sequence[Symbol], stems: NDArray[np.uint8]) -> bool:
    other = -head.stem
    for rival in heads:
        if rival is head:
            continue
        beyond, aside = (head.y - rival.y) * other, (rival.x - head.x) * other
        if abs(aside) < 0.5 * SPACE and rival.stem == other and -0.5 * SPACE < beyond < 7.5 * SPACE:
            return False  # its stem may be that one's
        if abs(aside - 1.1 * SPACE) < 0.4 * SPACE and abs(beyond) < 3.75 * SPACE:
            return False  # a head on the other side of its own chord's stem
    return (
        _lit(stems, head, other, other, _STEM) > 0.95
        and _lit(stems, head, -other, -other, (6, 16)) > 0.8
        and _lit(stems, head, other, -other, _SHORT) < 0.5
    )


def _lit(stems: NDArray[np.uint8], head: Symbol, side: int, up: int, span: tuple[int, int]) -> float:
    """How much of a stem beside a head is there: ``side`` 1 to the right, ``up`` 1 upwards, ``span`` in pixels."""
    rows = ((head.y - up * np.arange(*span, MASK_STRIDE)) / MASK_STRIDE).astype(int).clip(0, stems.shape[0] - 1)
    best = 0.0
    for step in (-MASK_STRIDE, 0, MASK_STRIDE):
        column = int((head.x + side * _ASIDE + step) / MASK_STRIDE)
        if 0 <= column < stems.shape[1]:
            best = max(best, float((stems[rows, column] > _LIT).mean()))
    return best


def _second(head: Symbol, heads: Sequence[Symbol]) -> Symbol:
    """The second note; as many flags as those that stand on its stem with it."""
    beside = [
        other.flags for other in heads
        if other.stem == -head.stem and abs(other.x - head.x) < 0.5 * SPACE and abs(other.y - head.y) < 7.5 * SPACE
    ]  # fmt: skip
    return replace(head, stem=-head.stem, flags=max(beside, default=0), tie=False)
