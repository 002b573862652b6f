"""Joins between shots: hard cuts, cross-fades and fades through black, from small pictures.

Two pictures are compared in three ways, none of which minds what a camera does within a shot: by their structure (the
peak of the circular cross-correlation of locally normalised pictures, blind to shifts, gain and brightness), by their
colours and by their tones (histograms, blind to where things are). A cut is where every picture of the moments before
differs from every picture of the moments after (a flash passes, a cut stays) by far more than neighbouring pictures do
within the shots at either side (a fast pan changes before and after as well). A cross-fade is where the pictures
between two unlike ones are mixtures of both, in shares that run from one to the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.understand.video.frames import Look

Floats = NDArray[np.float32]

#: A small picture is made smaller by this for comparing: 160 pixels become 40.
_FACTOR = 4
#: Weights of structure, colours and tones in a distance.
WEIGHTS = (0.6, 0.9, 0.35)
#: From this distance (0 to about 1) two pictures may belong to two shots; how far a cut must stand out from the usual
#: distance of neighbours; seconds of the moments before and after that are compared, and of the neighbourhood.
LEAST, OVER, REACH, AROUND = 0.36, 0.22, 0.24, 0.6
#: Seconds: two joins closer than this are one; nothing is cut off so close to either end.
CLOSEST, RIM = 0.25, 0.08
#: Seconds that a cross-fade may last; how unlike its ends must be, and how like in structure they may be at most (a
#: change of exposure keeps it); how much of a mixture may be unexplained; the least of unlikeness above that.
FADES = (0.4, 0.7, 1.1, 1.6)
FADE_LEAST, FADE_ALIKE, FADE_REST, FADE_SURE = 0.5, 0.42, 0.42, 0.25
#: How far the shares of the mixture may lie off a straight line.
FADE_BEND = 0.27
#: Levels (of 255) by which the ends must differ, when both are made soft.
FADE_CHANGE = 15.0
#: Width of the softening in pixels, and how far (in picture widths) a camera may pan within a cross-fade.
FADE_SOFT, FADE_DRIFT = 1, 0.3
#: Mean level (0 to 255) and spread below which a picture is black.
BLACK, FLAT = 30.0, 6.0


@dataclass(frozen=True, slots=True)
class Join:
    """``time``: seconds, the first picture of the new shot or the middle of a fade; ``kind``: cut, fade or black."""

    time: float
    kind: str
    strength: float


class CutFinder:
    """Gathers pictures, about two kilobytes each; :meth:`joins` finds the joins among them."""

    def __init__(self) -> None:
        self._times: list[float] = []
        self._luma: list[NDArray[np.uint8]] = []
        self._colour: list[NDArray[np.uint8]] = []

    def add(self, look: Look) -> None:
        """Take the next picture."""
        self._times.append(look.time)
        self._luma.append(reduced(look.luma))
        self._colour.append(np.stack([reduced(look.u), reduced(look.v)]))

    def joins(self) -> list[Join]:
        """All joins in order."""
        if len(self._times) < 4:
            return []
        return _Finder(np.asarray(self._times), np.stack(self._luma), np.stack(self._colour)).joins()


def reduced(plane: NDArray[np.uint8], factor: int = _FACTOR) -> NDArray[np.uint8]:
    """A plane made smaller by means over squares, uint8 [H / factor, W / factor]."""
    rows, columns = plane.shape[0] // factor, plane.shape[1] // factor
    squares = plane[: rows * factor, : columns * factor].reshape(rows, factor, columns, factor)
    return np.asarray(squares.mean(axis=(1, 3)) + 0.5, np.uint8)


def _blurred(pictures: Floats, width: int) -> Floats:
    """Means over squares of ``width`` pixels (odd), edges repeated; [N, H, W]."""
    out = pictures
    for axis in (1, 2):
        pad = [(0, 0)] * 3
        pad[axis] = (width // 2 + 1, width // 2)
        total = np.cumsum(np.pad(out, pad, mode="edge"), axis=axis, dtype=np.float32)
        count = total.shape[axis]
        upper = total.take(range(width, count), axis)
        out = np.asarray((upper - total.take(range(count - width), axis)) / width, np.float32)
    return out


def _soft_counts(values: NDArray, bins: int, low: float, high: float) -> tuple[NDArray[np.int64], Floats]:
    """The lower of two bins that each value falls between, and its share in the upper one."""
    place = np.clip((values.astype(np.float32) - low) / (high - low), 0, 1) * (bins - 1.001)
    lower = place.astype(np.int64)
    return lower, (place - lower).astype(np.float32)


class _Finder:
    """The search, over whole arrays: ``times`` [N], ``luma`` uint8 [N, H, W], ``colour`` uint8 [N, 2, h, w]."""

    def __init__(self, times: NDArray[np.float64], luma: NDArray[np.uint8], colour: NDArray[np.uint8]) -> None:
        self.times, self.luma, self.colour = times, luma, colour
        self.step = float(np.median(np.diff(times)))
        self.level = luma.mean(axis=(1, 2))
        self.spread = luma.std(axis=(1, 2))

    # -- comparing pictures ----------------------------------------------------------------------------------------

    def _structure(self, rows: NDArray[np.int64]) -> NDArray[np.complex64]:
        """Spectra of the locally normalised pictures."""
        pictures = self.luma[rows].astype(np.float32)
        fine = pictures - _blurred(pictures, 9)
        fine /= np.sqrt(_blurred(fine**2, 9)) + 3.0
        fine -= fine.mean(axis=(1, 2), keepdims=True)
        fine /= np.sqrt((fine**2).sum(axis=(1, 2), keepdims=True)) + 1e-3
        return np.fft.rfft2(fine).astype(np.complex64)

    def _match(self, first: NDArray[np.complex64], second: NDArray[np.complex64]) -> Floats:
        """The peak of the circular correlation of each pair of spectra: 1 for the same picture, shifted or not."""
        return np.asarray(np.fft.irfft2(first * second.conj(), s=self.luma.shape[1:]).max(axis=(1, 2)), np.float32)

    def _histograms(self, rows: NDArray[np.int64]) -> tuple[Floats, Floats]:
        """Colours [n, 144] and tones [n, 16] as shares, softly counted."""
        count = len(rows)
        tones = np.zeros((count, 16), np.float32)
        which = np.arange(count)[:, None]
        lower, share = _soft_counts(self.luma[rows].reshape(count, -1), 16, 16, 235)
        np.add.at(tones, (which, lower), 1 - share)
        np.add.at(tones, (which, lower + 1), share)
        # Most colours lie near grey: the bins are as wide as a root of the distance.
        bent = self.colour[rows].astype(np.float32) - 128
        bent = np.sign(bent) * np.sqrt(np.abs(bent))
        (a, da), (b, db) = (_soft_counts(bent[:, one].reshape(count, -1), 12, -9, 9) for one in (0, 1))
        colours = np.zeros((count, 144), np.float32)
        for i, wi in ((a, 1 - da), (a + 1, da)):
            for j, wj in ((b, 1 - db), (b + 1, db)):
                np.add.at(colours, (which, i * 12 + j), wi * wj)
        return colours / colours.sum(axis=1, keepdims=True), tones / tones.sum(axis=1, keepdims=True)

    def distances(self, first: NDArray[np.int64], second: NDArray[np.int64]) -> Floats:
        """How unlike the pictures of each pair are, float32 [pairs]: 0 the same, about 1 two places."""
        out = np.empty(len(first), np.float32)
        for start in range(0, len(first), 512):
            a, b = first[start : start + 512], second[start : start + 512]
            rows, back = np.unique(np.concatenate([a, b]), return_inverse=True)
            spectra = self._structure(rows)
            colours, tones = self._histograms(rows)
            i, j = back[: len(a)], back[len(a) :]
            match = self._match(spectra[i], spectra[j])
            flat = (self.spread[a] < FLAT) & (self.spread[b] < FLAT)
            apart = np.where(flat, 0.0, 1 - np.clip(match, 0, 1))
            hue = 1 - np.minimum(colours[i], colours[j]).sum(axis=1)
            tone = 1 - np.minimum(tones[i], tones[j]).sum(axis=1)
            total = WEIGHTS[0] * apart + WEIGHTS[1] * hue * (0.4 + 0.6 * apart) + WEIGHTS[2] * tone * apart
            out[start : start + 512] = np.where(flat, np.abs(self.level[a] - self.level[b]) / 128, total)
        return out

    # -- the joins -------------------------------------------------------------------------------------------------

    def joins(self) -> list[Join]:
        """Hard cuts first, then fades through black and cross-fades where no cut is."""
        near = self.distances(np.arange(len(self.times) - 1), np.arange(1, len(self.times)))
        found = self._cuts(near)
        for join in (*self._blacks(), *self._fades(found)):
            rivals = [other for other in found if abs(other.time - join.time) < (0.6 if join.kind == "black" else 0.3)]
            if join.kind == "black":
                found = [other for other in found if other not in rivals]
            elif rivals:
                continue
            found.append(join)
        end = float(self.times[-1])
        return sorted((one for one in found if RIM < one.time < end - RIM), key=lambda join: join.time)

    def usual(self, near: Floats) -> Floats:
        """The distance that neighbours usually have at either side of each place, the larger of both sides."""
        reach = max(3, round(AROUND / self.step))
        padded = np.pad(near, reach, mode="edge")
        windows = np.lib.stride_tricks.sliding_window_view(padded, reach)
        # Windows that end before each place, and that begin after it; the second largest, for another cut may be near.
        sides = [np.sort(windows[: len(near)], axis=1), np.sort(windows[reach + 1 : reach + 1 + len(near)], axis=1)]
        return np.maximum(*(side[:, -max(2, reach // 4)] for side in sides))

    def _cuts(self, near: Floats) -> list[Join]:
        usual = self.usual(near)
        over = near - usual
        last = len(self.times) - 1
        wide = max(1, round(CLOSEST / self.step / 2))
        tops = np.lib.stride_tricks.sliding_window_view(np.pad(over, wide, constant_values=-1), 2 * wide + 1).max(
            axis=1
        )
        places = np.flatnonzero((near > LEAST * 0.8) & (over > OVER * 0.6) & (over >= tops))
        reach = max(2, round(REACH / self.step))
        steps = sorted({0, 1, reach // 2, reach})
        found = []
        for place in places.tolist():
            before = np.array([max(0, place - step) for step in steps])
            after = np.array([min(last, place + 1 + step) for step in steps])
            pairs = np.array([(a, b) for a in before for b in after])
            across = float(self.distances(pairs[:, 0], pairs[:, 1]).min())
            if across > LEAST and across - usual[place] > OVER:
                found.append(Join(float(self.times[place + 1]), "cut", across))
        return found

    def _blacks(self) -> list[Join]:
        """Stretches of black between two shots."""
        dark = (self.level < BLACK) & (self.spread < 2 * FLAT)
        edges = np.flatnonzero(np.diff(np.concatenate([[0], dark.astype(np.int8), [0]])))
        found = []
        for first, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            if first > 0 and end < len(dark) and self.times[end] - self.times[first] < 3:
                found.append(Join(float(self.times[first] + self.times[end]) / 2, "black", 1.0))
        return found

    def _drift(self, first: int, last: int) -> float:
        """How far the picture wandered from one place to the next, in pixels: far in a pan, hardly in a cross-fade."""
        height, width = self.luma.shape[1:]
        spectra = self._structure(np.arange(first, last + 1))
        peaks = (
            np.fft.irfft2(spectra[1:] * spectra[:-1].conj(), s=(height, width)).reshape(last - first, -1).argmax(axis=1)
        )
        down = (peaks // width + height // 2) % height - height // 2
        right = (peaks % width + width // 2) % width - width // 2
        return float(np.hypot(down.sum(), right.sum()))

    def _soft(self, rows: NDArray[np.int64]) -> Floats:
        """Pictures so soft that a hand's movement within a cross-fade hardly shows."""
        return _blurred(self.luma[rows].astype(np.float32), FADE_SOFT)

    def _fades(self, cuts: list[Join]) -> list[Join]:
        """Cross-fades: the best window around each middle whose inner pictures are mixtures of its ends."""
        best: list[Join] = []
        middles = np.arange(FADES[0] / 2, self.times[-1] - FADES[0] / 2, 0.08)
        for length in FADES:
            first = np.searchsorted(self.times, middles - length / 2)
            last = np.minimum(np.searchsorted(self.times, middles + length / 2), len(self.times) - 1)
            keep = (last - first >= 6) & (first > 0) & (self.times[last] - self.times[first] > 0.7 * length)
            for cut in cuts:
                keep &= (self.times[first] >= cut.time) | (self.times[last] < cut.time)
            a, b, at = first[keep], last[keep], middles[keep]
            if not len(a):
                continue
            apart = self.distances(a, b)
            ends = self._soft(a), self._soft(b)
            change = ends[1] - ends[0]
            power = (change**2).sum(axis=(1, 2)) + 1e-3
            bends, rests = [], []
            for part in (0.25, 0.5, 0.75):
                inner = self._soft(np.round(a + part * (b - a)).astype(np.int64)) - ends[0]
                share = (inner * change).sum(axis=(1, 2)) / power
                bends.append(np.abs(share - part))
                rests.append(((inner - share[:, None, None] * change) ** 2).sum(axis=(1, 2)) / power)
            rest = np.sqrt(np.maximum.reduce(rests))
            bend = np.maximum.reduce(bends)
            alike = self._match(self._structure(a), self._structure(b))
            score = apart - rest - bend
            good = (
                (apart > FADE_LEAST)
                & (alike < FADE_ALIKE)
                & (rest < FADE_REST)
                & (score > FADE_SURE)
                & (bend < FADE_BEND)
            )
            good &= power / change[0].size > FADE_CHANGE**2
            # Out of black or into it, a shot begins or ends; that is no join of two.
            dim = (self.spread < FLAT) & (self.level < 2 * BLACK)
            good &= ~dim[a] & ~dim[b]
            for k in np.flatnonzero(good):
                if self._drift(int(a[k]), int(b[k])) < FADE_DRIFT * self.luma.shape[2]:
                    best.append(Join(float(at[k]), "fade", float(score[k])))
        kept: list[Join] = []
        for join in sorted(best, key=lambda one: -one.strength):
            if all(abs(join.time - other.time) > 0.8 for other in kept):
                kept.append(join)
        return kept
