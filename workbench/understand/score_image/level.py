"""A grey page made level: evenly lit, upright, its staves straight, and drawn at any number of pixels a staff space.

The distance of staff lines is the commonest sum of a black and the white run below it. The page is turned by the angle
at which its rows differ most. Then each staff is followed in strips, by how well five lines at even distances fit, and
what is left of bends and of perspective is taken out by moving columns up and down, so that staves lie straight and
their spaces are equally high.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.errors import BadFile
from workbench.understand.score_image.staves import Track, follow, outlying

#: Longest side in pixels at which a page is measured.
_MEASURED = 2_200
#: Largest angle in degrees that is looked for.
_STEEPEST = 12.0
#: A page whose staves stray less than this (in staff spaces) from straight lines is left as it is.
_STRAIGHT = 0.12


@dataclass(frozen=True)
class Level:
    """A page made level. ``ink``: float32 [H, W], 0 white to 1 ink, turned; ``space``: pixels a staff space there.

    ``rows``: float32 [anchors, 2 + K]: where to look for rows: first column heights in the level page (in staff
    spaces), then the heights in ``ink`` at each of the ``columns`` (x in pixels); None: the page is straight.
    ``turned``: degrees it was turned by, quarter turns included. ``staves``: how many were seen.
    """

    ink: NDArray[np.float32]
    space: float
    columns: NDArray[np.float64] | None = None
    rows: NDArray[np.float64] | None = None
    turned: float = 0.0
    staves: int = 0

    def size(self, per_space: float) -> tuple[int, int]:
        """Width and height of the level page at so many pixels a staff space."""
        zoom = per_space / self.space
        height = self.ink.shape[0] * zoom if self.rows is None else float(self.rows[-1, 0]) * per_space
        return max(1, round(self.ink.shape[1] * zoom)), max(1, math.ceil(height))

    def draw(self, per_space: float) -> NDArray[np.float32]:
        """The level page: float32 [H, W], 0 white to 1 ink, at so many pixels a staff space."""
        from PIL import Image

        width, height = self.size(per_space)
        zoom = per_space / self.space
        picture = Image.fromarray(self.ink)
        if self.rows is None or self.columns is None:
            return np.asarray(picture.resize((width, height), Image.Resampling.BICUBIC)).clip(0.0, 1.0)
        tall = max(1, round(self.ink.shape[0] * zoom))
        small = np.asarray(picture.resize((width, tall), Image.Resampling.BICUBIC)).clip(0.0, 1.0)
        level = (np.arange(height) + 0.5) / per_space
        at = np.stack([np.interp(level, self.rows[:, 0], column) for column in self.rows[:, 1:].T], axis=1)
        at = at * zoom - 0.5
        places = (self.columns * zoom).astype(np.float64)
        out = np.empty((height, width), dtype=np.float32)
        for left in range(0, width, 64):
            xs = np.arange(left, min(width, left + 64))
            right = np.clip(np.searchsorted(places, xs), 1, len(places) - 1)
            part = np.clip((xs - places[right - 1]) / (places[right] - places[right - 1]), 0.0, 1.0)
            source = at[:, right - 1] * (1 - part) + at[:, right] * part
            source = np.clip(source, 0, tall - 1.001)
            floor = source.astype(np.intp)
            rest = (source - floor).astype(np.float32)
            out[:, xs] = small[floor, xs] * (1 - rest) + small[np.minimum(floor + 1, tall - 1), xs] * rest
        return out


def lit_evenly(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How much ink each pixel has, 0 to 1, shadows and yellowed paper taken out; float32 [H, W]."""
    from PIL import Image, ImageFilter

    height, width = grey.shape
    block = max(8, min(height, width) // 50)
    small_size = (max(2, width // block), max(2, height // block))
    trimmed = grey[: small_size[1] * (height // small_size[1]), : small_size[0] * (width // small_size[0])]
    parts = trimmed.reshape(small_size[1], height // small_size[1], small_size[0], width // small_size[0])
    paper = np.percentile(parts, 85, axis=(1, 3)).astype(np.float32)
    picture = Image.fromarray(paper.clip(0, 255).astype(np.uint8)).filter(ImageFilter.MaxFilter(3))
    picture = picture.filter(ImageFilter.MedianFilter(3)).filter(ImageFilter.GaussianBlur(1))
    light = np.asarray(picture.resize((width, height), Image.Resampling.BILINEAR), dtype=np.float32)
    ink = 1.0 - grey / np.maximum(light, 20.0)
    np.clip(ink, 0.0, 1.0, out=ink)
    dark = ink[::4, ::4]
    dark = dark[dark > 0.2]
    full = float(np.percentile(dark, 80)) if len(dark) > 50 else 1.0
    return ((ink - 0.06) / max(0.15, 0.92 * full - 0.06)).clip(0.0, 1.0).astype(np.float32)


def space_of(black: NDArray[np.bool_]) -> tuple[float, float, float]:
    """Staff space, thickness of a line (pixels), and what part of all run pairs agrees on them (0 to 1).

    ``black``: bool [H, W]. The space is the commonest length of a black run and the white one below it.
    """
    columns = black[:, :: max(1, black.shape[1] // 600)]
    padded = np.zeros((columns.shape[0] + 2, columns.shape[1]), dtype=np.int8)
    padded[1:-1] = columns
    steps = np.diff(padded.T, axis=1)  # [columns, rows]
    column, start = np.nonzero(steps == 1)
    _, end = np.nonzero(steps == -1)
    runs = end - start
    if len(runs) < 200:
        return 0.0, 0.0, 0.0
    same = column[1:] == column[:-1]
    pairs = (start[1:] - start[:-1])[same]
    thick = runs[:-1][same]
    fits = (pairs >= 4) & (pairs <= 120) & (thick * 2 < pairs)
    if fits.sum() < 100:
        return 0.0, 0.0, 0.0
    counts = np.bincount(pairs[fits], minlength=122).astype(np.float64)
    smooth = np.convolve(counts, [0.7, 1.0, 0.7], "same")
    best = int(smooth.argmax())
    near = np.arange(max(0, best - 1), min(len(counts), best + 2))
    space = float((near * counts[near]).sum() / max(1.0, counts[near].sum()))
    lines = thick[fits & (np.abs(pairs - best) <= 1)]
    return space, float(np.median(lines)), float(counts[near].sum() / len(pairs))


def skew_of(black: NDArray[np.bool_]) -> float:
    """The angle in degrees (rows falling to the right are positive) at which rows differ most."""
    height, width = black.shape
    strips = 32
    profiles = np.stack([part.mean(axis=1) for part in np.array_split(black, strips, axis=1)])  # [strips, H]
    middles = (np.arange(strips) + 0.5) * width / strips - width / 2

    def sharpness(angle: float) -> float:
        shifts = np.round(middles * math.tan(math.radians(angle))).astype(int)
        total = np.zeros(height)
        for profile, shift in zip(profiles, shifts, strict=True):
            if abs(shift) >= height:
                return 0.0
            if shift >= 0:
                total[: height - shift] += profile[shift:]
            else:
                total[-shift:] += profile[: height + shift]
        return float((np.diff(total) ** 2).sum())

    best = max(np.arange(-_STEEPEST, _STEEPEST + 0.01, 0.25), key=sharpness)
    for step in (0.1, 0.03):
        best = max(best + step * np.arange(-3, 4), key=sharpness)
    return float(best)


def leveled(grey: NDArray[np.uint8]) -> Level:
    """Make a page level.

    Args:
        grey: uint8 [H, W], 255 white.

    Raises:
        BadFile: it is empty, or no staves are seen on it.
    """
    ink = lit_evenly(grey)
    if float((ink > 0.5).mean()) < 2e-4:
        raise BadFile("This page is empty.")
    turned = 0.0
    small = _measured(ink)
    upright, across = _lines_of(small), _lines_of(np.ascontiguousarray(small.T))
    if across[2] > 1.5 * upright[2] and across[2] > 0.2:
        ink = np.ascontiguousarray(np.rot90(ink))
        turned, upright = 90.0, across
    angle = skew_of(_measured(ink) > upright[3])
    if abs(angle) > 0.12:
        ink = _rotated(ink, angle)
        turned += angle
    small = _measured(ink)
    space, thick, _, level = _lines_of(small)
    if space < 4:
        raise BadFile(_NO_STAVES)
    tracks = follow((small * (0.5 / level)).clip(0.0, 1.0).astype(np.float32), space, thick)
    if not tracks:
        raise BadFile(_NO_STAVES)
    zoom = ink.shape[1] / small.shape[1]
    usual = float(np.median(np.concatenate([track.spaces for track in tracks])))
    if outlying(tracks, usual) < _STRAIGHT:
        return Level(ink, usual * zoom, turned=turned, staves=len(tracks))
    columns, rows = _anchors(tracks, usual, small.shape)
    rows[:, 1:] *= zoom
    return Level(ink, usual * zoom, columns * zoom, rows, turned, len(tracks))


def _lines_of(ink: NDArray[np.float32]) -> tuple[float, float, float, float]:
    """What :func:`space_of` tells at the level of black where runs agree best, and that level: thin lines are pale."""
    found = [(*space_of(ink > level), level) for level in (0.5, 0.36, 0.25)]
    best = max(found, key=lambda item: item[2])
    return found[0] if found[0][2] > 0.75 * best[2] else best


def turned_over(level: Level) -> Level:
    """The same page the other way up."""
    ink = np.ascontiguousarray(level.ink[::-1, ::-1])
    columns, rows = level.columns, level.rows
    if columns is not None and rows is not None:
        columns = ink.shape[1] - 1 - columns[::-1]
        heights = rows[-1, 0] - rows[::-1, :1]
        rows = np.concatenate([heights, ink.shape[0] - 1 - rows[::-1, :0:-1]], axis=1)
    return Level(ink, level.space, columns, rows, level.turned + 180.0, level.staves)


_NO_STAVES = "No staves were found here; give a picture of printed music, as sharp and straight as you can."


def _measured(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    from PIL import Image

    longest = max(ink.shape)
    if longest <= _MEASURED:
        return ink
    size = (max(1, round(ink.shape[1] * _MEASURED / longest)), max(1, round(ink.shape[0] * _MEASURED / longest)))
    return np.asarray(Image.fromarray(ink).resize(size, Image.Resampling.BILINEAR))


def _rotated(ink: NDArray[np.float32], angle: float) -> NDArray[np.float32]:
    from PIL import Image

    picture = Image.fromarray(ink).rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=0.0)
    return np.asarray(picture).clip(0.0, 1.0)


def _anchors(
    tracks: list[Track], usual: float, shape: tuple[int, ...]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where rows of the level page lie in the given one: x of the columns, and rows as in :class:`Level`."""
    height, width = shape[0], shape[1]
    columns = np.linspace(0, width - 1, max(3, round(width / (4 * usual))))
    wide = [track for track in tracks if track.right - track.left > 0.4 * width] or tracks
    bends = [track.at(columns) for track in wide]
    rows: list[NDArray[np.float64]] = []
    level = 0.0
    before = np.zeros(len(columns))
    for middles, spaces in bends:
        top, bottom = middles - 2 * spaces, middles + 2 * spaces
        gap = float(np.mean(top - before)) / usual
        if rows and gap < 0.5:
            continue  # beside the staff before, or across it
        if not rows:
            gap = max(gap, 1.0)
            rows.append(np.concatenate([[0.0], top - gap * usual]))
        level += gap
        rows.append(np.concatenate([[level], top]))
        level += 4.0
        rows.append(np.concatenate([[level], bottom]))
        before = bottom
    rest = max(1.0, (height - float(np.mean(before))) / usual)
    rows.append(np.concatenate([[level + rest], before + rest * usual]))
    return columns, np.stack(rows)
