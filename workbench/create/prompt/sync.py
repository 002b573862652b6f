"""Bars placed so that what happens in a video falls on them, by bending the tempo a little.

Between two anchors the tempo is constant. Which cut gets which beat is found by dynamic programming over the cuts: the
least bend wins, bar lines before strong beats before others; a cut that no beat can reach within the limit is left out
and gets an accent where it is. The last anchor is the end of the last bar, on the video's last frame.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from workbench.create.compose.remetre import beats_of
from workbench.create.compose.style import PPQ

#: How far the tempo may be bent away from the piece's own, as a share of it.
BEND = 0.08
#: Costs: a second bent as far as may be; a cut on a beat that is no bar line, on a weak one; a cut without a beat.
STRAIN, OFF_BAR, WEAK, MISSED = 2.0, 0.6, 1.0, 5.0
#: Going another tempo than asked for, as a share of the room that there is for it, for each second.
ELSEWHERE = 0.15
#: An end that is no bar line.
OPEN_END = 1.5
#: Beats around the nominal place of a cut that are tried; cuts in a row that may be missed.
REACH, SKIPS = 5, 8
#: Cuts nearer to each other than this, or to either end, are one, in seconds.
SAME = 0.25
#: Most cuts that are looked at.
MOST = 400
#: An accent is moved onto the nearest quarter of a beat if that is no further, in seconds.
NEAR = 0.045
#: Tempos tried between the slowest and the fastest allowed.
TRIED = 17

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Synced:
    """Times and places. All places are quarters from bar 1.

    ``tempo``: the piece's own, quarters a minute. ``bars``: whole ones, the last may be left before its end.
    ``anchors``: seconds and quarters, from (0, 0) to the end. ``accents``: likewise, cuts that fall on no beat.
    ``bend``: the furthest that the tempo is bent, as a share.
    """

    tempo: float
    bars: int
    anchors: tuple[tuple[float, float], ...]
    accents: tuple[tuple[float, float], ...]
    bend: float


def synchronise(
    seconds: float, cuts: Sequence[float], *, tempo: float, slowest: float, fastest: float,
    metre: tuple[int, int] = (4, 4), bend: float = BEND,
) -> Synced:  # fmt: skip
    """Place the bars of a piece.

    Args:
        seconds: how long it is.
        cuts: what shall fall on bars or beats, seconds.
        tempo: wished for, quarters a minute; ``slowest``, ``fastest``: what it may be before it is bent.
        metre: numerator and denominator.
        bend: how far the tempo may be bent.
    """
    count, size = beats_of(metre)
    quarters = size / PPQ
    times = _apart(cuts, seconds)
    tried = sorted({tempo, *np.geomspace(min(slowest, tempo), max(fastest, tempo), TRIED).tolist()})
    best: tuple[float, float, list[tuple[int, float]]] | None = None
    for limit in (bend, 2 * bend, 6 * bend):
        for one in tried:
            room = abs(math.log(one / tempo)) / max(0.01, math.log(max(fastest, tempo) / min(slowest, tempo)))
            cost, path = _path(seconds, times, one / quarters / 60.0, count, limit)
            cost += ELSEWHERE * seconds * room**2
            if path and (best is None or cost < best[0]):
                best = cost, one, path
        if best is not None:
            break
    if best is None:  # shorter than a beat can be bent to: one bar, however fast
        best = 0.0, 60.0 * count * quarters / seconds, [(-1, 0.0), (len(times), float(count))]
    _, own, path = best
    ends = [0.0, *times, seconds]
    anchors = tuple((ends[place + 1], beat * quarters) for place, beat in path)
    kept = {place for place, _ in path}
    accents = tuple(
        (time, _place(time, anchors, quarters)) for place, time in enumerate(times) if place not in kept
    )  # fmt: skip
    rates = [60.0 * (b[1] - a[1]) / (b[0] - a[0]) for a, b in pairwise(anchors)]
    bars = max(1, math.ceil(path[-1][1] / count - 1e-9))
    return Synced(own, bars, anchors, accents, max(abs(rate / own - 1.0) for rate in rates))


def _apart(cuts: Sequence[float], seconds: float) -> list[float]:
    """Cuts by time, none too near to another or to either end."""
    out: list[float] = []
    for cut in sorted(cuts):
        if SAME <= cut <= seconds - SAME and (not out or cut - out[-1] >= SAME):
            out.append(cut)
    if len(out) > MOST:  # the widest apart are heard as cuts, the others as flicker
        gaps = np.diff([0.0, *out])
        out = sorted(out[place] for place in np.argsort(-gaps)[:MOST])
    return out


def _path(
    seconds: float, times: Sequence[float], rate: float, count: int, bend: float
) -> tuple[float, list[tuple[int, float]]]:  # fmt: skip
    """The cheapest way through the cuts at ``rate`` beats a second: cost, and (cut, beat) from -1 to the end.

    Cut -1 is the start, ``len(times)`` the end; an empty list: there is none within ``bend``.
    """
    ends = [0.0, *times, seconds]
    limit = math.log1p(bend)
    beats: list[Floats] = [np.zeros(1)]
    for at, time in enumerate(ends[1:], 1):
        middle = round(time * rate)
        step = 0.5 if at == len(ends) - 1 else 1.0
        row = np.arange(max(1.0, middle - REACH), middle + REACH + 1, step)
        beats.append(row)
    costs: list[Floats] = [np.zeros(1)]
    back: list[list[tuple[int, int]]] = [[(0, 0)]]
    for at in range(1, len(ends)):
        last = at == len(ends) - 1
        own = _standing(beats[at], count, last)
        found = np.full(len(beats[at]), np.inf)
        way = [(0, 0)] * len(beats[at])
        for before in range(max(0, at - 1 - (len(ends) if last and at <= SKIPS else SKIPS)), at):
            span = ends[at] - ends[before]
            gap = beats[at][None, :] - beats[before][:, None]
            bent = np.abs(np.log(np.maximum(gap, 1e-9) / (span * rate)))
            cost = costs[before][:, None] + STRAIN * span * (bent / math.log1p(BEND)) ** 2
            cost = np.where((gap > 0) & (bent <= limit + 1e-12), cost, np.inf) + MISSED * (at - before - 1)
            pick = cost.argmin(axis=0)
            least = cost[pick, np.arange(cost.shape[1])]
            for place in np.flatnonzero(least < found).tolist():
                found[place] = least[place]
                way[place] = (before, int(pick[place]))
        costs.append(found + own)
        back.append(way)
    end = int(costs[-1].argmin())
    if not np.isfinite(costs[-1][end]):
        return math.inf, []
    out: list[tuple[int, float]] = []
    at, place = len(ends) - 1, end
    while at > 0:
        out.append((at - 1, float(beats[at][place])))
        at, place = back[at][place]
    return float(costs[-1][end]), [(-1, 0.0), *reversed(out)]


def _standing(beats: Floats, count: int, last: bool) -> Floats:
    """What it costs to have a cut (or the end) on each beat."""
    inside = np.mod(beats, count)
    if last:
        return np.where(inside == 0, 0.0, np.where(inside == np.round(inside), OPEN_END, 1.5 * OPEN_END))
    strong = (inside == count / 2) if count % 2 == 0 and count > 2 else np.zeros(len(beats), bool)
    return np.where(inside == 0, 0.0, np.where(strong, OFF_BAR, WEAK))


def _place(time: float, anchors: Sequence[tuple[float, float]], quarters: float) -> float:
    """Where a time falls, in quarters; on the nearest quarter of a beat if that is near enough."""
    exact = float(np.interp(time, [at for at, _ in anchors], [place for _, place in anchors]))
    step = quarters / 4
    near = round(exact / step) * step
    heard = float(np.interp(near, [place for _, place in anchors], [at for at, _ in anchors]))
    return near if abs(heard - time) <= NEAR else round(exact * PPQ) / PPQ
