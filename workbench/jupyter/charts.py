"""Small charts for lessons: plain SVG, so that a saved notebook shows them without a kernel, a network or a script.

Each function returns a :class:`Chart`, which Jupyter, marimo and GitHub draw; ``str(chart)`` is the SVG text. The words
beside an axis are the chart's own description for people who do not see it.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
from numpy.typing import ArrayLike

from workbench.errors import BadRequest
from workbench.jupyter.picture import PALETTE

WIDTH, HEIGHT = 720, 220
LEFT, RIGHT, TOP, BOTTOM = 46, 12, 30, 34
#: Columns of a curve, and cells of a map along each side: more would not be seen.
MAX_COLUMNS, MAX_CELLS = 900, 120
#: Steps of darkness of a map.
SHADES = 10
_FONT = 'font-family="ui-sans-serif, system-ui, sans-serif" font-size="12"'


class Chart:
    """An SVG picture in a notebook."""

    def __init__(self, svg: str) -> None:
        self._svg = svg

    def __str__(self) -> str:
        return self._svg

    def _repr_svg_(self) -> str:
        return self._svg


def bars(values: Mapping[str, float], title: str = "", *, unit: str = "", mark: str = "") -> Chart:
    """Bars from zero, one a name.

    Args:
        values: what each bar is called and how high it is; none below zero.
        title: above the chart.
        unit: after each figure.
        mark: the name of a bar that stands out.

    Raises:
        BadRequest: nothing to draw, or a value that is no height.
    """
    heights = np.array(list(values.values()), np.float64)
    if not len(heights) or not np.isfinite(heights).all() or (heights < 0).any():
        raise BadRequest("A bar chart needs at least one value, none below zero.")
    top = float(heights.max()) or 1.0
    step = (WIDTH - LEFT - RIGHT) / len(heights)
    inner = HEIGHT - TOP - BOTTOM
    parts = []
    for place, (name, value) in enumerate(values.items()):
        x, height = LEFT + place * step, inner * float(value) / top
        fill = PALETTE[1 if name == mark else 0][0]
        parts.append(
            f'<rect x="{x + 0.12 * step:.1f}" y="{TOP + inner - height:.1f}" width="{0.76 * step:.1f}" '
            f'height="{height:.1f}" rx="2" fill="{fill}"/>'
        )
        if len(heights) <= 40 or place % 12 == 0:
            parts.append(_text(x + step / 2, HEIGHT - 14, name, "middle"))
        if len(heights) <= 14:
            parts.append(_text(x + step / 2, TOP + inner - height - 4, f"{_figure(float(value))}{unit}", "middle"))
    said = "; ".join(f"{name} {_figure(float(value))}{unit}" for name, value in list(values.items())[:40])
    return _chart(parts, title, said)


def curves(
    lines: Mapping[str, ArrayLike], title: str = "", *, seconds: float | None = None, low: float | None = None,
    high: float | None = None,
) -> Chart:  # fmt: skip
    """Curves over one axis, each float [n]; a long one is drawn as the band between its least and its most.

    Args:
        lines: what each curve is called, and its values.
        title: above the chart.
        seconds: how long the axis is; left out: it counts values.
        low, high: the ends of the other axis; left out: as the values are.

    Raises:
        BadRequest: nothing to draw.
    """
    found = {name: np.asarray(values, np.float64).ravel() for name, values in lines.items()}
    if not found or any(not len(values) or not np.isfinite(values).all() for values in found.values()):
        raise BadRequest("A curve needs at least one value, all of them finite.")
    least = min(float(values.min()) for values in found.values()) if low is None else low
    most = max(float(values.max()) for values in found.values()) if high is None else high
    most = most if most > least else least + 1
    inner, across = HEIGHT - TOP - BOTTOM, WIDTH - LEFT - RIGHT

    def y(value: float) -> float:
        return TOP + inner * (1 - (min(max(value, least), most) - least) / (most - least))

    parts = [_text(LEFT - 6, TOP + 10, _figure(most), "end"), _text(LEFT - 6, TOP + inner, _figure(least), "end")]
    for place, (name, values) in enumerate(found.items()):
        fill, outline = PALETTE[place % len(PALETTE)]
        edges = np.linspace(0, len(values), min(len(values), MAX_COLUMNS) + 1).astype(int)
        upper = [y(float(values[a:b].max())) for a, b in itertools.pairwise(edges)]
        lower = [y(float(values[a:b].min())) for a, b in itertools.pairwise(edges)]
        xs = LEFT + across * (np.arange(len(upper)) + 0.5) / len(upper)
        there = " ".join(f"{x:.1f},{v:.1f}" for x, v in zip(xs, upper, strict=True))
        back = " ".join(f"{x:.1f},{v:.1f}" for x, v in zip(xs[::-1], lower[::-1], strict=True))
        parts.append(
            f'<polygon points="{there} {back}" fill="{fill}" fill-opacity=".55" stroke="{outline}" stroke-width="1"/>'
        )
        parts.append(_text(WIDTH - RIGHT, TOP - 6 + 15 * place, name, "end", outline))
    end = f"{seconds:.1f} s" if seconds is not None else str(max(len(values) for values in found.values()))
    parts += [_text(LEFT, HEIGHT - 14, "0", "middle"), _text(WIDTH - RIGHT, HEIGHT - 14, end, "end")]
    return _chart(parts, title, f"{', '.join(found)} from {_figure(least)} to {_figure(most)} over {end}")


def heat(
    values: ArrayLike, title: str = "", *, rows: Sequence[str] = (), columns: Sequence[str] = (), across: str = "",
    up: str = "",
) -> Chart:  # fmt: skip
    """A map of cells, float [rows, columns], darker where more; the first row below.

    Args:
        values: none below zero; larger maps are drawn by the most of each block of cells.
        title: above the chart.
        rows, columns: what some of them are called, evenly from the first to the last.
        across, up: what the axes are.

    Raises:
        BadRequest: nothing to draw.
    """
    grid = np.asarray(values, np.float64)
    if grid.ndim != 2 or not grid.size or not np.isfinite(grid).all() or (grid < 0).any():
        raise BadRequest("A map needs rows and columns of values, none below zero.")
    grid = _most(_most(grid, 0), 1)
    grid = grid / (grid.max() or 1.0)
    height = HEIGHT + 60
    wide, high = (WIDTH - LEFT - RIGHT) / grid.shape[1], (height - TOP - BOTTOM) / grid.shape[0]
    shades: dict[int, list[str]] = {}
    steps = np.rint(SHADES * grid).astype(int)
    for row, cells in enumerate(steps):
        y = height - BOTTOM - (row + 1) * high
        ends = [*(np.flatnonzero(np.diff(cells)) + 1).tolist(), len(cells)]
        for begin, end in zip([0, *ends[:-1]], ends, strict=True):  # equal neighbours are one shape
            if shade := int(cells[begin]):
                across_here = wide * (end - begin)
                shades.setdefault(shade, []).append(
                    f"M{LEFT + begin * wide:.1f} {y:.1f}h{across_here:.1f}v{high:.1f}h-{across_here:.1f}z"
                )
    parts = [
        f'<path d="{"".join(found)}" fill="{PALETTE[0][1]}" fill-opacity="{shade / SHADES:.2f}"/>'
        for shade, found in sorted(shades.items())
    ]
    parts += [_text(x, height - 14, name, "middle") for x, name in _along(columns, LEFT, WIDTH - RIGHT)]
    parts += [_text(LEFT - 6, y + 4, name, "end") for y, name in _along(rows, height - BOTTOM, TOP)]
    parts += [_text((LEFT + WIDTH) / 2, height - 2, across, "middle"), _text(LEFT, TOP - 6, up, "start")]
    return _chart(parts, title, f"{up or 'rows'} over {across or 'columns'}", height)


def _most(grid: np.ndarray, axis: int) -> np.ndarray:
    """The most of each block along an axis, where there are more cells than can be seen."""
    if grid.shape[axis] <= MAX_CELLS:
        return grid
    edges = np.linspace(0, grid.shape[axis], MAX_CELLS + 1).astype(int)[:-1]
    found: np.ndarray = np.maximum.reduceat(grid, edges, axis=axis)
    return found


def _along(names: Sequence[str], start: float, end: float) -> list[tuple[float, str]]:
    """Places of names in the middle of equal parts from one end to the other."""
    return [(start + (end - start) * (place + 0.5) / len(names), name) for place, name in enumerate(names)]


def _figure(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _text(x: float, y: float, words: str, anchor: str, fill: str = "#5f5b6b") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}">{escape(words)}</text>'


def _chart(parts: Sequence[str], title: str, said: str, height: int = HEIGHT) -> Chart:
    heading = f'<text x="{LEFT}" y="18" font-weight="600" fill="#26242e">{escape(title)}</text>' if title else ""
    return Chart(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="{escape(f"{title}: {said}" if title else said)}" {_FONT}>'
        f'<rect width="{WIDTH}" height="{height}" rx="8" fill="#fff"/>{heading}{"".join(parts)}</svg>'
    )
