"""What a video's motion, or the shape that words ask for, means for loudness and fullness over time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from workbench.create.prompt.brief import Rows

#: Seconds between two points of a curve made from a video; and over how many its motion is smoothed.
STEP, SMOOTH = 0.25, 0.6
#: Points of the shapes that words ask for: share of the piece, and value.
SHAPES = {
    "build": ((0.0, 0.15), (0.85, 1.0), (1.0, 1.0)), "fade": ((0.0, 0.9), (0.6, 0.75), (1.0, 0.05)),
    "arc": ((0.0, 0.2), (0.6, 1.0), (1.0, 0.2)),
}  # fmt: skip


def from_motion(motion: Sequence[Sequence[float]], seconds: float, strength: int) -> Rows:
    """The dynamics for a video: its motion, smoothed, brought to the range 0 to 1, milder with less strength."""
    rows = np.array([(time, value) for time, value in motion if 0 <= time <= seconds], np.float64).reshape(-1, 2)
    if len(rows) < 2 or np.ptp(rows[:, 1]) < 0.02:
        return ()
    grid = np.arange(0.0, seconds, STEP)
    values = np.interp(grid, rows[:, 0], rows[:, 1])
    width = max(1, round(SMOOTH / STEP))
    padded = np.pad(values, width, mode="edge")
    kernel = np.hanning(2 * width + 3)[1:-1]
    smooth = np.convolve(padded, kernel / kernel.sum(), "same")[width:-width]
    low, high = np.quantile(smooth, (0.03, 0.97))
    shaped = np.clip((smooth - low) / max(1e-6, high - low), 0.0, 1.0)
    shaped = 0.6 + (shaped - 0.6) * strength / 100
    return tuple((round(float(time), 3), round(float(value), 4)) for time, value in zip(grid, shaped, strict=True))


def of_shape(shape: str, seconds: float) -> Rows:
    """The dynamics that a word for a shape means; none for a steady piece."""
    return tuple((round(share * seconds, 3), value) for share, value in SHAPES.get(shape, ()))


def at(rows: Rows, seconds: float) -> float:
    """The value of a curve at a time; 1 where there is no curve."""
    if not rows:
        return 1.0
    return float(np.interp(seconds, [time for time, _ in rows], [value for _, value in rows]))


def mean(rows: Rows, start: float, end: float) -> float:
    """The mean of a curve between two times."""
    grid = np.linspace(start, max(end, start + 1e-3), 24)
    return float(np.mean(np.interp(grid, [time for time, _ in rows], [value for _, value in rows]))) if rows else 1.0
