"""How much moves in a video when the camera's own movement is taken away, and how light and colourful it is.

Between two pictures about a tenth of a second apart, the camera's shift is found by phase correlation (Kuglin and
Hines 1975) and refined, with turn, zoom and exposure, by robust least squares on the picture's slopes (Lucas and Kanade
1981): most of a picture moves as the camera does, and what does not is outvoted. The second picture is put back by that
movement; what still differs, measured by the slopes there, is how far things moved by themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from workbench.understand.video.frames import Look

Floats = NDArray[np.float32]

#: Pictures a second that are compared.
RATE = 11.0
#: Levels (of 255) of difference that are taken for noise, and slopes per pixel that count as texture.
_NOISE, _TEXTURE = 2.0, 4.0
#: Movement, in picture widths a second, that counts as half of the most.
HALF = 0.05
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Step:
    """What happened from ``start`` to ``end`` (seconds), in picture widths a second.

    ``moved``: how far things did by themselves, a mean over the picture; ``camera``: how far the whole picture did.
    """

    start: float
    end: float
    moved: float
    camera: float


@dataclass(slots=True)
class MotionMeter:
    """Takes pictures as they come; keeps a few numbers for every tenth of a second.

    ``steps``: movement. ``light``: (seconds, mean level 0 to 1). ``colour``: (colourfulness, warmth), about -1 to 1.
    """

    steps: list[Step] = field(default_factory=list)
    light: list[tuple[float, float]] = field(default_factory=list)
    colour: list[tuple[float, float]] = field(default_factory=list)
    _last: Floats | None = None
    _time: float = 0.0
    _next: float = 0.0

    def add(self, look: Look) -> None:
        """Take the next picture; most are passed over."""
        if look.time < self._next:
            return
        self._next = max(self._next + 1 / RATE, look.time + 0.5 / RATE)
        picture = halved(look.luma)
        level = (float(picture.mean()) - 16) / 219
        self.light.append((look.time, min(1.0, max(0.0, level))))
        u, v = look.u.astype(np.float32) - 128, look.v.astype(np.float32) - 128
        self.colour.append((float(np.hypot(u, v).mean()) / 60, float((v - u).mean()) / 60))
        if self._last is not None and self._last.shape == picture.shape:
            span = max(1e-3, look.time - self._time)
            moved, camera = movement(self._last, picture)
            width = max(picture.shape)
            self.steps.append(Step(self._time, look.time, moved / width / span, camera / width / span))
        self._last, self._time = picture, look.time


def halved(plane: NDArray[np.uint8]) -> Floats:
    """Half the size, float32 [H / 2, W / 2]."""
    rows, columns = plane.shape[0] // 2 * 2, plane.shape[1] // 2 * 2
    part = plane[:rows, :columns].astype(np.float32)
    mean = (part[::2, ::2] + part[1::2, ::2] + part[::2, 1::2] + part[1::2, 1::2]) / 4
    return np.asarray(mean, np.float32)


def shifts(first: Floats, second: Floats, count: int = 4) -> list[tuple[int, int]]:
    """The likeliest whole pixels (down, right) by which the second picture lies off the first; none at all is one.

    Something bright that moves leaves a peak of its own beside the camera's, so that more than one must be tried.
    """
    window = np.hanning(first.shape[0])[:, None] * np.hanning(first.shape[1])
    a, b = (np.fft.rfft2((one - one.mean()) * window) for one in (first, second))
    cross = a.conj() * b
    peaks = np.fft.irfft2(cross / (np.abs(cross) + 1e-3 * np.abs(cross).mean() + 1e-9), s=first.shape)
    height, width = first.shape
    rows, columns = height // 3, width // 3
    peaks[rows:-rows], peaks[:, columns:-columns] = -1, -1
    found = [(0, 0)]
    for _ in range(count):
        down, right = (int(place) for place in np.unravel_index(int(peaks.argmax()), peaks.shape))
        found.append(((down + height // 2) % height - height // 2, (right + width // 2) % width - width // 2))
        around = np.ix_(np.arange(down - 1, down + 2) % height, np.arange(right - 1, right + 2) % width)
        peaks[around] = -1
    return found


def movement(first: Floats, second: Floats) -> tuple[float, float]:
    """How far things moved by themselves, and how far the whole picture did, in pixels (means).

    Args:
        first, second: float32 [H, W], levels 0 to 255.
    """
    height, width = first.shape
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    y, x = (rows - (height - 1) / 2) / width, (columns - (width - 1) / 2) / width
    first, second = softened(first), softened(second)
    down, right = min(shifts(first, second), key=lambda one: _difference(first, second, *one))
    # Movement as down, right, zoom and turn; exposure as gain and offset.
    found = np.array([down, right, 0.0, 0.0], np.float64)
    light = np.array([1.0, 0.0])
    left = np.zeros_like(first)
    slope = np.ones_like(first)
    inside = np.ones(first.shape, bool)
    for turn in range(_ROUNDS + 1):
        there_rows = rows + found[0] + found[2] * y + found[3] * x
        there_columns = columns + found[1] + found[2] * x - found[3] * y
        back, inside = _sampled(second, there_rows, there_columns)
        left = np.where(inside, back - (light[0] * first + light[1]), 0).astype(np.float32)
        down_slope, right_slope = np.gradient(back)
        slope = np.hypot(down_slope, right_slope)
        if turn == _ROUNDS or inside.sum() < 200:
            break
        sides = np.stack([
            down_slope, right_slope, down_slope * y + right_slope * x, down_slope * x - right_slope * y,
            -first, -np.ones_like(first),
        ], axis=-1)[inside]  # fmt: skip
        rest = left[inside]
        # Not the median: where a picture is flat nothing differs, and what differs at edges is all there is to go by.
        scale = float(np.quantile(np.abs(rest), 0.8)) + 1.0
        weights = 1 / (1 + (rest / scale) ** 2) ** 2
        table = (sides * weights[:, None]).T @ sides + np.diag([1.0, 1.0, 1.0, 1.0, 1e3, 1.0])
        change = np.linalg.solve(table.astype(np.float64), -((sides * weights[:, None]).T @ rest).astype(np.float64))
        limit = np.array([2.0, 2.0, 6.0, 6.0])
        found += np.clip(change[:4], -limit, limit)
        light += np.clip(change[4:], (-0.2, -30), (0.2, 30))
    rest = np.maximum(np.abs(left) - _NOISE, 0)[inside]
    if not rest.size:
        return 0.0, float(np.hypot(found[0], found[1]))
    # Flat places tell nothing; where something covers or bares the ground the slope of either picture will do.
    down_slope, right_slope = np.gradient(first)
    steep = np.maximum(slope, np.hypot(down_slope, right_slope))[inside]
    moved = float((rest * np.minimum(1, steep / _TEXTURE)).sum() / (steep.sum() + _TEXTURE * rest.size))
    return moved, float(np.hypot(found[0], found[1]))


def softened(picture: Floats) -> Floats:
    """A picture without its hardest edges, which no shift by parts of a pixel can put back exactly."""
    padded = np.pad(picture, 1, mode="edge")
    lines = (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4
    return np.asarray((lines[:, :-2] + 2 * lines[:, 1:-1] + lines[:, 2:]) / 4, np.float32)


def _difference(first: Floats, second: Floats, down: int, right: int) -> float:
    """What differs in the usual place of two pictures, one of them shifted: the median, which few movers sway."""
    height, width = first.shape
    a = first[max(0, -down) : height - max(0, down), max(0, -right) : width - max(0, right)]
    b = second[max(0, down) : height + min(0, down), max(0, right) : width + min(0, right)]
    return float(np.median(np.abs((a - np.median(a)) - (b - np.median(b)))))


def _sampled(picture: Floats, rows: Floats, columns: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """A picture at any points, linearly, and which of them lie inside."""
    height, width = picture.shape
    inside = (rows >= 0) & (rows <= height - 1) & (columns >= 0) & (columns <= width - 1)
    rows, columns = np.clip(rows, 0, height - 1.001), np.clip(columns, 0, width - 1.001)
    i, j = rows.astype(np.int32), columns.astype(np.int32)
    a, b = (rows - i).astype(np.float32), (columns - j).astype(np.float32)
    flat, at = picture.ravel(), i * width + j
    top = flat[at] * (1 - b) + flat[at + 1] * b
    below = flat[at + width] * (1 - b) + flat[at + width + 1] * b
    return top * (1 - a) + below * a, inside


def motion_curve(steps: list[Step], cuts: tuple[float, ...]) -> list[tuple[float, float]]:
    """Movement of things as (seconds, 0 to 1), at the middle of each step; none is taken across a cut."""
    if not steps:
        return []
    times = np.array([(step.start + step.end) / 2 for step in steps])
    moved = np.array([step.moved for step in steps])
    within = np.array([not any(step.start < cut <= step.end + 1e-3 for cut in cuts) for step in steps])
    if within.any():
        moved = np.interp(times, times[within], moved[within])
    kernel = np.array([0.25, 0.5, 0.25])
    smooth = np.convolve(np.pad(moved, 1, mode="edge"), kernel, "valid")
    return list(zip(times.tolist(), (smooth / (smooth + HALF)).tolist(), strict=True))
