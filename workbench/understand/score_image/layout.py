"""Where the music stands on a page: staves, the systems they form, and bar lines; from the masks of the network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

from workbench.understand.score_image.symbols import MASK_STRIDE, SPACE, Detected, Symbol

#: Width of the strips in which a staff is followed, in pixels of the masks (four staff spaces).
_STRIP = 4 * SPACE // MASK_STRIDE
#: One staff space in pixels of the masks.
_UNIT = SPACE // MASK_STRIDE
#: Shortest staff in staff spaces.
_SHORTEST = 10
#: Part of the gap between two staves that a line through it must fill, and of a staff's height that a bar line must.
_THROUGH = 0.75
_UPRIGHT = 0.7
#: How sure, 0 to 1, the network must be of a bar line that stands plainly in the picture.
_HALF_SEEN = 0.25
#: How far from its straight line a place of a staff may lie, in staff spaces, before it is looked at again.
_ASTRAY = 0.3
#: How far bar lines may lean, in columns a row.
_LEANS = (-0.06, -0.045, -0.03, -0.015, 0.0, 0.015, 0.03, 0.045, 0.06)
#: Pixels above and below a staff line where it is white again, and how much lighter that must be.
_LINE, _DARKER = 3, 0.12


@dataclass(slots=True)
class Line:
    """A staff by its middle line: ``xs``, ``ys`` in pixels of the normalised page, rising; ``left`` to ``right``."""

    xs: NDArray[np.float64]
    ys: NDArray[np.float64]
    left: float
    right: float

    def middle(self, x: float) -> float:
        """Height of the middle line at ``x``."""
        return float(np.interp(x, self.xs, self.ys))


@dataclass(slots=True)
class Block:
    """A system: its staves from the top, and where its bars end: rising ``x``; ``joined``: a line runs through the
    gap below each staff but the last, at more bar lines than the first.
    """

    staves: list[Line]
    ends: list[float] = field(default_factory=list)
    joined: list[bool] = field(default_factory=list)

    @property
    def left(self) -> float:
        """Where it begins."""
        return min(staff.left for staff in self.staves)

    @property
    def right(self) -> float:
        """Where it ends."""
        return max(staff.right for staff in self.staves)


def find_blocks(found: Detected, ink: NDArray[np.float32] | None = None) -> list[Block]:
    """The systems of a page from the top, each with its staves and bar lines; none where there is no staff.

    ``ink``: the page itself, float32 [H, W] at 8 pixels a staff space; a line from the top to the bottom of a system of
    two or more staves is a bar line, whether the network saw it or not.
    """
    staves = find_staves(found)
    if not staves:
        return []
    if ink is not None:
        for staff in staves:
            centre(staff, ink)
            straighten(staff, ink)
        staves = _once(staves)
    bars = found.masks.get("barline")
    upright = np.zeros((1, 1), dtype=np.float32) if bars is None else _wide((bars / 255).astype(np.float32))
    black = None if ink is None else _wide((_halved(ink) > 0.45).astype(np.float32))
    links = [_linked(upright, above, below) or _linked(black, above, below) for above, below in pairwise(staves)]
    groups: list[list[int]] = [[0]]
    for index, link in enumerate(links, 1):
        if link:
            groups[-1].append(index)
        else:
            groups.append([index])
    groups = _even(groups, staves)
    heads = [symbol for symbol in found.symbols if symbol.kind.startswith("head_")]
    blocks = []
    for group in groups:
        block = Block([staves[index] for index in group])
        block.ends = _bar_ends(upright, black, block, heads)
        block.joined = [len(links[index]) > 1 for index in group[:-1]]
        blocks.append(block)
    return blocks


def _halved(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """The page at the resolution of the masks, a line one pixel wide kept as black as it is."""
    even = ink[: ink.shape[0] // 2 * 2, : ink.shape[1] // 2 * 2]
    columns = np.maximum(even[:, ::2], even[:, 1::2])
    return ((columns[::2] + columns[1::2]) / 2).astype(np.float32)


def _wide(mask: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each pixel the largest of itself and its neighbours to the left and right: lines lean a little."""
    out = mask.copy()
    out[:, 1:] = np.maximum(out[:, 1:], mask[:, :-1])
    out[:, :-1] = np.maximum(out[:, :-1], mask[:, 1:])
    return out


def find_staves(found: Detected) -> list[Line]:
    """All staves from the top."""
    mask = found.masks.get("line")
    if mask is None or not mask.any():
        return []
    line: NDArray[np.float32] = (mask / 255).astype(np.float32)
    height, width = line.shape
    chains: list[list[tuple[float, float, float]]] = []  # of (x, y, strength)
    open_chains: list[list[tuple[float, float, float]]] = []
    for left in range(0, width, _STRIP):
        part = line[:, left : left + _STRIP]
        profile = part.mean(axis=1)
        profile = np.convolve(profile, np.array([0.6, 1.0, 0.6]), "same")
        peaks = [
            y for y in range(1, height - 1)
            if profile[y] > 0.3 and profile[y] >= profile[y - 1] and profile[y] > profile[y + 1]
        ]  # fmt: skip
        x = left + part.shape[1] / 2
        for y in peaks:
            near = profile[max(0, y - 1) : y + 2]
            fine = y + float((near * np.arange(-min(1, y), len(near) - min(1, y))).sum() / near.sum())
            best = None
            for chain in open_chains:
                last = chain[-1]
                far = abs(last[1] - fine)
                if 0 < x - last[0] <= 4 * _STRIP and far < 0.9 * _UNIT and (best is None or far < best[0]):
                    best = (far, chain)
            if best is None:
                chain = [(x, fine, float(profile[y]))]
                chains.append(chain)
                open_chains.append(chain)
            else:
                best[1].append((x, fine, float(profile[y])))
        open_chains = [chain for chain in open_chains if x - chain[-1][0] <= 4 * _STRIP]
    staves = [_staff(line, chain) for chain in chains if len(chain) * _STRIP >= _SHORTEST * _UNIT - _STRIP]
    staves = [staff for staff in staves if staff.right - staff.left >= _SHORTEST * SPACE]
    staves.sort(key=lambda staff: staff.left - staff.right)
    kept: list[Line] = []
    for staff in staves:
        middle = (staff.left + staff.right) / 2
        rivals = [
            other for other in kept
            if abs(other.middle(middle) - staff.middle(middle)) < 4 * SPACE
            and min(other.right, staff.right) - max(other.left, staff.left) > -8 * SPACE
        ]  # fmt: skip
        if not rivals:
            kept.append(staff)
        elif len(rivals) == 1 and _continues(rivals[0], staff):
            _join(rivals[0], staff)
    lines = found.masks.get("lines")
    if lines is not None:
        kept = [staff for staff in kept if _lined(lines, staff)]
    return sorted(kept, key=lambda staff: float(np.mean(staff.ys)))


def _lined(lines: NDArray[np.uint8], staff: Line) -> bool:
    """Whether four more lines lie around a middle line: rows of words have none."""
    columns = np.arange(int(staff.left / MASK_STRIDE), min(lines.shape[1], int(staff.right / MASK_STRIDE)))
    middles = np.interp(columns * MASK_STRIDE, staff.xs, staff.ys) / MASK_STRIDE
    seen = []
    for step in (-2, -1, 1, 2):
        rows = np.floor(middles + step * _UNIT).astype(int).clip(1, lines.shape[0] - 2)
        level = np.maximum.reduce([lines[rows - 1, columns], lines[rows, columns], lines[rows + 1, columns]])
        seen.append(float((level > 100).mean()) if len(columns) else 0.0)
    return sorted(seen)[1] > 0.5


def _once(staves: list[Line]) -> list[Line]:
    """Every staff once: pieces of one are joined, and what lies where a longer one does is dropped."""
    kept: list[Line] = []
    for staff in sorted(staves, key=lambda item: item.left - item.right):
        middle = (staff.left + staff.right) / 2
        near = [other for other in kept if abs(other.middle(middle) - staff.middle(middle)) < 4 * SPACE]
        if any(other.left - SPACE < middle < other.right + SPACE for other in near):
            continue
        joins = [other for other in near if _continues(other, staff)]
        if joins:
            _join(joins[0], staff)
        else:
            kept.append(staff)
    return sorted(kept, key=lambda item: float(np.mean(item.ys)))


def _join(long: Line, short: Line) -> None:
    """Make a piece of a staff part of it."""
    order = np.argsort(np.concatenate([long.xs, short.xs]))
    long.xs, long.ys = (np.concatenate(pair)[order] for pair in ((long.xs, short.xs), (long.ys, short.ys)))
    long.left, long.right = min(long.left, short.left), max(long.right, short.right)


def centre(staff: Line, ink: NDArray[np.float32]) -> None:
    """Move a staff to where five lines lie in the picture: the network may have followed a line beside the middle."""
    left, right = max(0, int(staff.left)), min(ink.shape[1], int(staff.right) + 1)
    columns = np.arange(left, right)
    if len(columns) < 2 * SPACE:
        return
    middles = np.interp(columns, staff.xs, staff.ys)
    steps = np.arange(-4 * SPACE - SPACE // 2, 4 * SPACE + SPACE // 2 + 1)
    rows = np.floor(middles[None, :] + steps[:, None]).astype(int).clip(0, ink.shape[0] - 1)
    whole = _thin(ink[rows, columns]).mean(axis=1)  # how much of each row is a line: beams and words are none
    shifts = np.arange(-2 * SPACE, 2 * SPACE + 1)
    zero = int(np.flatnonzero(steps == 0)[0])

    def fit(shift: int) -> float:
        lines = [max(whole[zero + shift + k * SPACE + d] for d in (0, -1, 1)) for k in (-2, -1, 0, 1, 2)]
        return float(np.mean(lines) + min(lines))

    best = max(shifts, key=lambda shift: (fit(int(shift)) - 0.004 * abs(shift), -abs(shift)))
    staff.ys = staff.ys + float(best)


def straighten(staff: Line, ink: NDArray[np.float32]) -> None:
    """Places where a staff leaves its own straight line go back to it where five lines lie there: clefs mislead."""
    if len(staff.xs) < 4:
        return
    one, two = np.triu_indices(len(staff.xs), 1)  # the line of Theil and Sen: a third of the places may be wrong
    slope = float(np.median((staff.ys[two] - staff.ys[one]) / np.maximum(1.0, staff.xs[two] - staff.xs[one])))
    straight = slope * staff.xs + float(np.median(staff.ys - slope * staff.xs))
    for place in np.flatnonzero(np.abs(staff.ys - straight) > _ASTRAY * SPACE):
        left, right = (int(staff.xs[place] + side * _STRIP) for side in (-1, 1))
        rows = [_lines_at(ink[:, max(0, left) : right], float(y)) for y in (staff.ys[place], straight[place])]
        if rows[1] > rows[0]:
            staff.ys[place] = straight[place]


def _lines_at(part: NDArray[np.float32], middle: float) -> float:
    """How well five lines lie around a height of a piece of the page, 0 to 2."""
    top = round(middle) - 3 * SPACE
    if top < 0 or top + 6 * SPACE >= part.shape[0]:
        return 0.0
    thin = _thin(part[top : top + 6 * SPACE + 1]).mean(axis=1)
    lines = [float(thin[3 * SPACE + k * SPACE - 1 : 3 * SPACE + k * SPACE + 2].max()) for k in (-2, -1, 0, 1, 2)]
    return float(np.mean(lines)) + min(lines)


def _thin(rows: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Where rows, float32 [H, W], are darker than a few pixels above and below: a line is, and no beam is."""
    above, below = np.roll(rows, _LINE, axis=0), np.roll(rows, -_LINE, axis=0)
    return rows - np.maximum(above, below) > _DARKER


def _continues(long: Line, short: Line) -> bool:
    overlap = min(long.right, short.right) - max(long.left, short.left)
    x = long.right if short.left > long.left else long.left
    return overlap < 4 * SPACE and abs(long.middle(x) - short.middle(x)) < 1.2 * SPACE


def _staff(line: NDArray[np.float32], chain: list[tuple[float, float, float]]) -> Line:
    xs = np.array([x for x, _, _ in chain])
    ys = np.array([y for _, y, _ in chain])
    if len(ys) >= 5:  # a strip that a beam or a bad patch has pulled away follows its neighbours
        middle = np.array([np.median(ys[max(0, i - 2) : i + 3]) for i in range(len(ys))])
        ys = np.where(np.abs(ys - middle) > 0.4 * _UNIT, middle, ys)
    first, last = int(xs[0] - _STRIP), int(xs[-1] + _STRIP)
    columns = np.arange(max(0, first), min(line.shape[1], last + 1))
    rows = np.interp(columns, xs, ys).round().astype(int).clip(1, line.shape[0] - 2)
    level = np.maximum(np.maximum(line[rows - 1, columns], line[rows, columns]), line[rows + 1, columns])
    lit = columns[level > 0.35]
    left, right = (float(lit[0]), float(lit[-1])) if len(lit) else (float(xs[0]), float(xs[-1]))
    return Line((xs + 0.5) * MASK_STRIDE, (ys + 0.5) * MASK_STRIDE, left * MASK_STRIDE, right * MASK_STRIDE)


def _linked(upright: NDArray[np.float32] | None, above: Line, below: Line) -> list[float]:
    """Where lines run through the gap between two staves."""
    if upright is None:
        return []
    left, right = max(above.left, below.left) - 2 * SPACE, min(above.right, below.right) + 2 * SPACE
    if right - left < 0.5 * max(above.right - above.left, below.right - below.left):
        return []
    if abs(above.left - below.left) < 4 * SPACE:  # one was seen late; farther out lie the shadows of a scan's edge
        left = min(left, min(above.left, below.left) - SPACE / 2)
    out: list[float] = []
    for column in range(max(0, int(left / MASK_STRIDE)), min(upright.shape[1], int(right / MASK_STRIDE) + 1)):
        x = column * MASK_STRIDE
        top = int((above.middle(x) + 2 * SPACE) / MASK_STRIDE) + 1
        bottom = int((below.middle(x) - 2 * SPACE) / MASK_STRIDE)
        if bottom - top < 2:
            continue
        if (upright[top:bottom, column] > 0.4).mean() >= _THROUGH and (not out or x - out[-1] > 2 * SPACE):
            out.append(float(x))
    return out


def _even(groups: list[list[int]], staves: list[Line]) -> list[list[int]]:
    """Where most systems have as many staves, two pieces that add up to that are one whose line was not seen."""
    sizes = [len(group) for group in groups]
    if len(groups) < 3:
        return groups
    usual = max(set(sizes), key=lambda size: (sizes.count(size) * size, size))
    out: list[list[int]] = []
    for group in groups:
        if out and len(out[-1]) < usual and len(out[-1]) + len(group) == usual and len(group) < usual:
            out[-1] = out[-1] + group
        else:
            out.append(group)
    return out


def _bar_ends(
    upright: NDArray[np.float32], black: NDArray[np.float32] | None, block: Block, heads: Sequence[Symbol]
) -> list[float]:
    """Where the bars of a system end; the line at its beginning is none."""
    left, right = block.left, block.right
    first = max(0, int(left / MASK_STRIDE))
    last = min(upright.shape[1], int((right + SPACE) / MASK_STRIDE) + 1)
    filled = []
    for staff in block.staves:
        columns = np.arange(first, last)
        tops = np.array([round((staff.middle(x * MASK_STRIDE) - 2 * SPACE) / MASK_STRIDE) for x in columns])
        level = np.zeros(len(columns), dtype=np.float32)
        for place, (column, top) in enumerate(zip(columns, tops, strict=True)):
            strip = upright[max(0, top + 1) : top + 4 * _UNIT, column]
            level[place] = (strip > 0.4).mean() if len(strip) else 0.0
        filled.append(level)
    if not filled or not len(filled[0]):
        return [right]
    where = _leaning(block, [level >= _UPRIGHT for level in filled], first)
    together = np.mean([level[at] >= _UPRIGHT for level, at in zip(filled, where, strict=True)], axis=0)
    seen = together >= 0.6
    if black is not None:
        seen |= _drawn(black, upright, block, heads, first, where)
        if len(block.staves) > 1:
            seen |= _through(black, block, first, last)
    places = [first + int(i) for i in np.nonzero(seen)[0]]
    ends: list[list[float]] = []
    for place in places:
        x = float(place * MASK_STRIDE)
        if x < left + 1.5 * SPACE:
            continue
        if ends and x - ends[-1][-1] <= 2 * SPACE:
            ends[-1].append(x)
        else:
            ends.append([x])
    out = [float(np.mean(group)) for group in ends]
    if not out or right - out[-1] > 4 * SPACE:
        out.append(right)
    return out


def _leaning(block: Block, marks: Sequence[NDArray[np.bool_]], first: int) -> list[NDArray[np.int64]]:
    """Where the columns of a system lie on each of its staves: on a photograph bar lines lean, differently left and
    right.

    Args:
        block: the system.
        marks: for each staff, where it may bear a bar line, bool [columns].
        first: the first column.
    """
    columns = np.arange(len(marks[0]))
    heights = np.array([staff.middle((first + len(columns) / 2) * MASK_STRIDE) for staff in block.staves]) / MASK_STRIDE
    heights -= heights.mean()
    ramp = columns / max(1, len(columns) - 1)
    best: tuple[float, list[NDArray[np.int64]]] | None = None
    leans = _LEANS if len(marks) > 1 else (0.0,)
    for at_left, at_right in sorted(product(leans, leans), key=lambda pair: abs(pair[0]) + abs(pair[1])):
        shift = at_left + (at_right - at_left) * ramp
        where = [np.round(columns + shift * y).astype(np.int64).clip(0, len(columns) - 1) for y in heights]
        agree = np.mean([mark[at] for mark, at in zip(marks, where, strict=True)], axis=0)
        score = float((agree**3).sum()) - 2 * (abs(at_left) + abs(at_right)) / _LEANS[-1]
        if best is None or score > best[0]:
            best = (score, where)
    return [columns] * len(marks) if best is None else best[1]


def _drawn(
    black: NDArray[np.float32], upright: NDArray[np.float32], block: Block, heads: Sequence[Symbol], first: int,
    where: Sequence[NDArray[np.int64]],
) -> NDArray[np.bool_]:  # fmt: skip
    """Columns where a line is drawn over the height of every staff that ends with the system's outer lines, bears no
    notehead, and that the network took for a bar line, though not surely. ``where``: see :func:`_leaning`.
    """
    count = len(where[0])
    out, free, sure = np.ones(count, dtype=bool), np.ones(count, dtype=bool), np.zeros(count)
    for number, (staff, at) in enumerate(zip(block.staves, where, strict=True)):
        own, ends, seen = np.ones(count, dtype=bool), np.ones(count, dtype=bool), np.zeros(count)
        own[max(0, black.shape[1] - first) :] = False
        for head in heads:
            if abs(head.y - staff.middle(head.x)) < 5 * SPACE:
                reach = (head.x + np.array([-0.9, 0.9]) * SPACE) / MASK_STRIDE - first
                own[max(0, int(reach[0])) : max(0, int(reach[1]) + 1)] = False
        for place in np.flatnonzero(own):
            column = first + int(place)
            middle = staff.middle(column * MASK_STRIDE) / MASK_STRIDE
            top, bottom = round(middle - 2 * _UNIT) + 1, round(middle + 2 * _UNIT)
            own[place] = top >= _UNIT and black[top:bottom, column].mean() > 0.93
            seen[place] = upright[top:bottom, column].mean() if own[place] else 0.0
            if number == 0 and own[place]:
                ends[place] &= not black[top - 4 : top - 2, column].all()
            if number == len(block.staves) - 1 and own[place]:
                ends[place] &= not black[bottom + 1 : bottom + 3, column].all()
        out, free, sure = out & own[at], free & ends[at], sure + seen[at] / len(block.staves)
    return np.asarray(out & ((sure > 0.5) | free & (sure > _HALF_SEEN)))


def _through(black: NDArray[np.float32], block: Block, first: int, last: int) -> NDArray[np.bool_]:
    """Columns, from ``first`` to ``last``, that are black from the system's top to its bottom line."""
    out = np.zeros(last - first, dtype=bool)
    for place, column in enumerate(range(first, min(last, black.shape[1]))):
        x = column * MASK_STRIDE
        heights = [staff.middle(x) / MASK_STRIDE for staff in block.staves]
        top, bottom = round(heights[0] - 2 * _UNIT) + 1, round(heights[-1] + 2 * _UNIT)
        strip = black[max(0, top) : bottom, column]
        if len(strip) and strip.mean() > 0.93:
            gaps = [
                black[round(upper + 2 * _UNIT) + 1 : round(lower - 2 * _UNIT), column].mean()
                for upper, lower in pairwise(heights)
                if lower - upper > 5 * _UNIT
            ]
            out[place] = min(gaps, default=1.0) > 0.88
    return out
