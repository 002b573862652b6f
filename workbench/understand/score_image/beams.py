"""Beams counted along a stem in the full picture: at the network's eight pixels a space two beams may look like one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workbench.understand.score_image.items import Item
from workbench.understand.score_image.symbols import SPACE, Symbol

#: A beam, and a beam with the gap to the next, in staff spaces, as engravers draw them.
_THICK, _STEP = 0.5, 0.75
#: The thinnest black run that may be a beam: staff lines are thinner.
_THINNEST = 0.27


class BeamCounter:
    """Counts beams on pages drawn finer than the network sees them.

    ``pages``: of each, ink as float32 [H, W] and its pixels a staff space, with the network's beam mask and its stride.
    """

    def __init__(self, pages: list[tuple[NDArray[np.float32], float, NDArray[np.uint8], int]]) -> None:
        self._pages = pages

    def __call__(self, page: int, item: Item, far: Symbol) -> int | None:
        """How many beams a chord's stem bears; None where none are seen or it cannot be told.

        ``far``: its notehead nearest to the stem's end.
        """
        ink, fine, mask, stride = self._pages[page]
        zoom = fine / SPACE
        if zoom < 1.4:
            return None
        x = (item.x + item.stem * 0.58 * SPACE) * zoom
        y = far.y * zoom
        tip = self._tip(ink, x, y, item.stem, fine)
        if tip is None:
            return None
        counts = []
        for side in (-1, 1):
            column = tip[0] + side * 0.42 * fine
            if not self._masked(mask, column / zoom / stride, tip[1] / zoom / stride, item.stem):
                counts.append(0)
                continue
            counts.append(self._count(ink, column, tip[1], y, item.stem, fine))
        best = max(counts)
        return best if best else None

    @staticmethod
    def _tip(ink: NDArray[np.float32], x: float, y: float, stem: int, fine: float) -> tuple[float, float] | None:
        """The end of a stem that begins at a notehead, followed through small gaps."""
        height, width = ink.shape
        reach = max(1, round(0.3 * fine))
        left, right = max(0, round(x) - reach), min(width, round(x) + reach + 1)
        if right - left < 2:
            return None
        start = round(y - stem * 0.9 * fine)
        rows = range(start, max(-1, start - round(9 * fine)), -1) if stem > 0 else range(
            start, min(height, start + round(9 * fine))
        )  # fmt: skip
        at: int | None = None
        last = start
        gap = 0
        for row in rows:
            if not 0 <= row < height:
                break
            part = ink[row, left:right]
            column = left + int(part.argmax()) if at is None else at
            if at is not None:
                near = ink[row, max(0, at - 1) : min(width, at + 2)]
                column = max(0, at - 1) + int(near.argmax())
            if ink[row, column] > 0.45:
                at, last, gap = column, row, 0
            else:
                gap += 1
                if gap > 0.3 * fine:
                    break
        return (float(at), float(last)) if at is not None and abs(last - y) > 1.2 * fine else None

    @staticmethod
    def _masked(mask: NDArray[np.uint8], column: float, row: float, stem: int) -> bool:
        height, width = mask.shape
        x = int(column)
        if not 0 <= x < width:
            return False
        top, bottom = (row - 2, row + 6) if stem > 0 else (row - 6, row + 2)
        part = mask[max(0, int(top)) : min(height, int(bottom) + 1), max(0, x - 1) : x + 2]
        return bool(part.size and part.max() > 110)

    @staticmethod
    def _count(ink: NDArray[np.float32], column: float, tip: float, head: float, stem: int, fine: float) -> int:
        """Beams beside a stem, from its end towards the head."""
        height, width = ink.shape
        x = round(column)
        if not 1 <= x < width - 1:
            return 0
        first = round(tip - stem * 0.7 * fine)
        span = min(abs(head - tip) - 0.9 * fine, 3.6 * fine) + 0.7 * fine
        rows = first + stem * np.arange(max(0, round(span)))
        rows = rows[(rows >= 0) & (rows < height)]
        if len(rows) < 3:
            return 0
        profile = ink[rows, x - 1 : x + 2].mean(axis=1) > 0.5
        edges = np.flatnonzero(np.diff(np.concatenate([[0], profile.astype(np.int8), [0]])))
        count, end = 0, None
        for start, stop in zip(edges[::2], edges[1::2], strict=True):
            length = (stop - start) / fine
            if length < _THINNEST:
                continue
            if end is not None and (start - end) / fine > 0.85:
                break  # too far from the beam before
            if end is None and start / fine > 1.6:
                break
            count += max(1, round((length + _STEP - _THICK) / _STEP))
            end = stop
        return min(4, count)
