"""Staves followed over a page by their five lines alone, before any network has looked at it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Width of a strip in staff spaces, and the least fit of five lines to it.
_STRIP = 3.0
_FIT = 0.28
#: Shortest staff in staff spaces.
_SHORTEST = 14


#: x, height of the middle line, staff space, how well five lines fit.
Point = tuple[float, float, float, float]


@dataclass(frozen=True)
class Track:
    """A staff: height of its middle line and its staff space at rising ``xs``, in pixels; how well lines fit there."""

    xs: NDArray[np.float64]
    middles: NDArray[np.float64]
    spaces: NDArray[np.float64]
    fits: NDArray[np.float64]

    @property
    def left(self) -> float:
        """Where it begins."""
        return float(self.xs[0])

    @property
    def right(self) -> float:
        """Where it ends."""
        return float(self.xs[-1])

    def at(self, columns: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Heights and spaces at other places, smoothed; beyond its ends it goes on straight."""
        middles = _smooth(self.middles)
        spaces = np.full(len(columns), float(np.median(self.spaces)))
        if len(self.xs) >= 4:
            spaces = np.polyval(np.polyfit(self.xs, self.spaces, 1), np.clip(columns, self.left, self.right))
        out = np.interp(columns, self.xs, middles)
        if len(self.xs) >= 6:
            for side, beyond in ((slice(0, 6), columns < self.left), (slice(-6, None), columns > self.right)):
                slope, base = np.polyfit(self.xs[side], middles[side], 1)
                out[beyond] = slope * columns[beyond] + base
        return out, spaces


def _smooth(values: NDArray[np.float64]) -> NDArray[np.float64]:
    if len(values) < 5:
        return values
    padded = np.pad(values, 2, mode="reflect", reflect_type="odd")
    medians = np.array([np.median(padded[i : i + 5]) for i in range(len(values))])
    padded = np.pad(medians, 1, mode="reflect", reflect_type="odd")
    return (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4


def follow(ink: NDArray[np.float32], space: float, thick: float) -> list[Track]:
    """All staves of a page from the top.

    Args:
        ink: float32 [H, W], 0 white to 1 ink, upright within a degree.
        space, thick: the staff space and the thickness of a line in pixels.
    """
    height, width = ink.shape
    strip = max(6, round(_STRIP * space))
    chains: list[list[Point]] = []
    active: list[list[Point]] = []
    flat = _flat(ink, space)
    scales = np.array([0.90, 0.95, 1.0, 1.05, 1.10]) * space
    for left in range(0, width - strip // 2, strip):
        part = ink[:, left : left + strip]
        black, grey = flat[:, left : left + strip].mean(axis=1), part.mean(axis=1)
        fits = np.stack([_fit(black, grey, float(scale)) for scale in scales])
        fits -= 0.3 * np.abs(scales / space - 1)[:, None]
        best = fits.max(axis=0)
        x = left + part.shape[1] / 2
        reach = max(2, round(space / 2))
        taken = np.zeros(height, dtype=bool)
        for top in np.argsort(-best, kind="stable").tolist():
            if best[top] <= _FIT:
                break
            if taken[top]:
                continue
            taken[max(0, top - reach) : top + reach + 1] = True
            near = np.arange(max(0, top - reach), min(height, top + reach + 1))
            y = float(near[best[near] >= 0.97 * best[top]].mean())
            scale = float(scales[int(fits[:, top].argmax())])
            _extend(chains, active, (x, y, scale, float(best[top])), space, 5 * strip)
        active = [chain for chain in active if x - chain[-1][0] <= 5 * strip]
    tracks = [Track(*(np.array(part) for part in zip(*chain, strict=True))) for chain in chains if len(chain) >= 4]
    tracks = [track for track in tracks if track.right - track.left >= (_SHORTEST - _STRIP) * space]
    return _apart(tracks, space)


def _flat(ink: NDArray[np.float32], space: float) -> NDArray[np.float32]:
    """Ink that goes on to the left and right for two thirds of a space: lines do, letters and leaves do not."""
    thick = ink.copy()
    thick[1:] = np.maximum(thick[1:], ink[:-1])
    thick[:-1] = np.maximum(thick[:-1], ink[1:])
    out = thick.copy()
    for by in (round(0.33 * space), round(0.66 * space)):
        out[:, :-by] = np.minimum(out[:, :-by], thick[:, by:])
        out[:, by:] = np.minimum(out[:, by:], thick[:, :-by])
    return out


def _fit(black: NDArray[np.float32], grey: NDArray[np.float32], scale: float) -> NDArray[np.float32]:
    """How well five lines fit around each row: the weaker lines count, and white spaces between."""
    height = len(black)
    rows = np.arange(height)
    thick = np.maximum(black, np.maximum(np.roll(black, 1), np.roll(black, -1)))

    def at(values: NDArray[np.float32], step: float) -> NDArray[np.float32]:
        out: NDArray[np.float32] = values[np.clip(np.round(rows + step * scale).astype(int), 0, height - 1)]
        return out

    dark = np.sort(np.stack([at(thick, step) for step in (-2, -1, 0, 1, 2)]), axis=0)
    white = np.sort(np.stack([at(grey, step + 0.5) for step in (-3, -2, -1, 0, 1, 2)]), axis=0)
    out: NDArray[np.float32] = 0.3 * dark[1:].mean(axis=0) + 0.7 * dark[1] - 0.8 * white[1:5].mean(axis=0)
    return out


def _extend(
    chains: list[list[Point]], active: list[list[Point]],
    point: Point, space: float, reach: float,
) -> None:  # fmt: skip
    best: tuple[float, list[Point]] | None = None
    for chain in active:
        x, y = chain[-1][:2]
        if not 0 < point[0] - x <= reach:
            continue
        slope = (y - chain[-4][1]) / (x - chain[-4][0]) if len(chain) > 4 else 0.0
        far = abs(y + slope * (point[0] - x) - point[1])
        if far < 0.6 * space and (best is None or far < best[0]):
            best = (far, chain)
    if best is not None:
        best[1].append(point)
    else:
        chain = [point]
        chains.append(chain)
        active.append(chain)


def _apart(tracks: list[Track], space: float) -> list[Track]:
    """The surest ones; one that runs into a surer one is a false fit of some of its lines."""
    kept: list[Track] = []
    for track in sorted(tracks, key=lambda item: -float(item.fits.sum())):
        middle = (track.left + track.right) / 2
        rival = any(
            abs(float(np.interp(middle, other.xs, other.middles)) - float(np.interp(middle, track.xs, track.middles)))
            < 4.5 * space
            and other.left - space < middle < other.right + space
            for other in kept
        )
        if not rival:
            kept.append(track)
    return sorted(kept, key=lambda item: float(np.mean(item.middles)))


def outlying(tracks: list[Track], usual: float) -> float:
    """How far staves stray from level lines of equal spaces, in staff spaces: the worse of nine tenths of places."""
    strays: list[float] = []
    for track in tracks:
        middles = _smooth(track.middles)
        strays += list(np.abs(middles - float(np.median(middles))) / usual)
        strays.append(2 * abs(float(np.mean(track.spaces)) / usual - 1))
    return float(np.percentile(strays, 90)) if strays else 0.0
