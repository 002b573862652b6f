"""Small arithmetic that all measures share: from errors to values of 0 to 1, correlation, and words for numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def within(error: float, allowed: float, hopeless: float) -> float:
    """1 up to the ``allowed`` error, falling evenly to 0 at the ``hopeless`` one."""
    if error <= allowed:
        return 1.0
    return max(0.0, 1.0 - (error - allowed) / (hopeless - allowed))


def off_by(asked: float, got: float) -> float:
    """By which share two positive numbers differ, 0 for none; infinite where one is not known."""
    return abs(float(np.exp(abs(np.log(got / asked)))) - 1.0) if asked > 0 and got > 0 else float("inf")


def correlation(one: Floats, other: Floats) -> float:
    """Pearson's; 0 where either does not move."""
    if len(one) < 3 or np.ptp(one) < 1e-9 or np.ptp(other) < 1e-9:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def sampled(rows: Sequence[tuple[float, float]], times: Floats) -> Floats:
    """A curve of (seconds, value) at other times, straight between its points and held beyond them."""
    table = np.array(rows, np.float64).reshape(-1, 2)
    return np.interp(times, table[:, 0], table[:, 1]) if len(table) else np.zeros(len(times))


def smoothed(values: Floats, width: int) -> Floats:
    """The mean over ``width`` neighbours, bell-shaped; as long as before."""
    if width < 2 or len(values) < 2:
        return values
    window = np.hanning(width + 2)[1:-1]
    return np.asarray(
        np.convolve(values, window, "same") / np.convolve(np.ones(len(values)), window, "same"), np.float64
    )  # fmt: skip


def percent(value: float) -> str:
    """``97 %``; never 100 for less than all, nor 0 for more than nothing."""
    whole = round(100 * value)
    whole = min(whole, 99) if value < 1 else whole
    return f"{max(whole, 1) if value > 0 else whole} %"


def listed(names: Sequence[str]) -> str:
    """``a, b and c``."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def few(rows: Sequence[tuple[float, float]], most: int = 400) -> tuple[tuple[float, float], ...]:
    """At most so many points of a curve, evenly chosen."""
    step = max(1, -(-len(rows) // most))
    return tuple(rows[::step])
