"""A pitch curve cut into sung notes: the cheapest path through "silent" and "sung at this pitch".

The cost is that of SwiftF0's own ``segment_notes`` (a price for each note; what a frame lies beside the note's pitch;
unvoiced and quiet frames), to which comes what singers do: vibrato is levelled before; the same pitch again is a new
note only where the voice was articulated (a dip of the loudness, or of the bands above a nasal's); a step smaller
than singers mean costs more than one that they mean; pitches of the singer's own tuning are likelier than those
between. The states and transitions are those of a hidden Markov model as in Tony (M. Mauch et al., 2015), found
exactly by dynamic programming.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.understand.articulation import articulation, levels
from workbench.understand.pitchcurve import PERIOD, PitchCurve
from workbench.understand.vibrato import without_vibrato

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

GRID = 0.1  #: semitones between candidate pitches
LONGEST = 2_000  #: frames that are decoded at once where a voice never rests


@dataclass(frozen=True, slots=True)
class Settings:
    """Prices, in the unit of one log odds of a frame's voicing; set on synthetic voices.

    Attributes:
        note: of a note after a rest; ``joined``: of one that follows another without a rest; ``again``: of one with
            the pitch of the one before (within ``step`` semitones), where nothing says whether it was articulated.
        syllable: what each log odds of a syllable takes from ``again``, down to ``-surest``: where one is plain to
            hear, going on costs more than beginning a note. ``helped``: the share of that which other pitches gain.
        far: most semitones by which one frame may lie beside its note.
        quiet: of each dB that a frame's loudness lies below its surroundings by more than ``quiet_from`` dB.
        tuned: of a pitch half way between two of the singer's semitones.
        shortest: seconds of the shortest note.
        faint: dB below the take's loud parts under which nothing is a note.
    """

    note: float = 5.0
    joined: float = 5.0
    again: float = 2.0
    syllable: float = 1.0
    surest: float = 8.0
    helped: float = 0.5
    step: float = 0.55
    far: float = 2.0
    quiet: float = 1.0
    quiet_from: float = 3.0
    tuned: float = 1.0
    shortest: float = 0.04
    faint: float = 38.0


def surrounded(level: Floats, reach: int) -> Floats:
    """How many dB each frame lies below the lower one of the peaks within ``reach`` frames on its two sides."""
    padded = np.pad(level, reach, mode="symmetric") if len(level) > reach else np.pad(level, reach, mode="edge")
    views = np.lib.stride_tricks.sliding_window_view(padded, reach + 1)
    left, right = views[: len(level)].max(axis=1), views[reach : reach + len(level)].max(axis=1)
    return np.asarray(np.maximum(0.0, np.minimum(left, right) - level))


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What the path is found from, float64 [frames] each: levelled ``midi``, ``weight`` of the pitch, the price of
    being sung (``sung``), the log odds of a syllable's beginning and the depth of the vibrato."""

    midi: Floats
    weight: Floats
    sung: Floats
    syllable: Floats
    vibrato: Floats


def evidence(curve: PitchCurve, settings: Settings) -> Evidence:
    """Measure a curve."""
    if not len(curve.midi):
        nothing = np.zeros(0)
        return Evidence(nothing, nothing, nothing, nothing, nothing)
    voiced = curve.confidence >= 0.3
    midi, depth = without_vibrato(curve.midi, voiced)
    sure = np.clip(curve.confidence, 0.01, 0.99)
    voice = levels(curve)
    loud = float(np.quantile(curve.loudness[voiced], 0.9)) if voiced.any() else 0.0
    price = -np.log(sure / (1 - sure))
    price += settings.quiet * np.maximum(0.0, surrounded(voice.loud, 4) - settings.quiet_from)
    price[curve.loudness < loud - settings.faint] = 5.0
    return Evidence(midi, np.where(voiced, curve.confidence, 0.0), price, articulation(curve, depth), depth)


def stretches(price: Floats) -> list[tuple[int, int]]:
    """Frames (first, after the last) that are decoded together: no voice for 0.3 s lies between two."""
    live = np.flatnonzero(price < 3.0)
    if not len(live):
        return []
    cuts = np.flatnonzero(np.diff(live) * PERIOD > 0.3)
    starts = [int(live[0]), *(int(live[cut + 1]) for cut in cuts)]
    ends = [*(int(live[cut]) + 1 for cut in cuts), int(live[-1]) + 1]
    out: list[tuple[int, int]] = []
    for start, end in zip(starts, ends, strict=True):
        while end - start > LONGEST:  # somebody who never breathes: cut where the voice is weakest
            cut = start + LONGEST // 2 + int(np.argmax(price[start + LONGEST // 2 : start + LONGEST]))
            out.append((start, cut))
            start = cut
        out.append((start, end))
    return out


def cheapest(found: Evidence, settings: Settings, tuning: Floats | None = None) -> list[tuple[int, int, float]]:
    """The notes: first frame, frame after the last, and pitch (fractional MIDI to :data:`GRID`).

    Args:
        found: the evidence.
        settings: the prices.
        tuning: float64 [frames], semitones of the singer's tuning above concert pitch; without it no pitch is
            likelier than another.
    """
    out: list[tuple[int, int, float]] = []
    for start, end in stretches(found.sung):
        out += _decode(found, settings, None if tuning is None else tuning[start:end], start, end)
    return out


def _decode(
    found: Evidence, settings: Settings, tuning: Floats | None, start: int, end: int
) -> list[tuple[int, int, float]]:
    midi, weight, price = found.midi[start:end], found.weight[start:end], found.sung[start:end]
    heard = midi[weight > 0]
    if not len(heard):
        return []
    low, high = float(np.floor(heard.min())), float(np.ceil(heard.max()))
    grid = np.arange(round((high - low) / GRID) + 1) * GRID + low
    size, frames = len(grid), end - start
    near = round(settings.step / GRID)
    cost = np.full(size, np.inf)
    back = np.full((frames, size), -1, np.int32)  # -1 goes on, -2 after a rest, else the pitch before
    rest, rest_back = 0.0, np.full(frames + 1, -1, np.int64)  # the note that ended just before, or -1
    order = np.arange(size)
    off = np.minimum(np.abs(grid[None, :] - midi[:, None]), settings.far) * weight[:, None] + price[:, None]
    entry = np.zeros(size)
    shift = np.zeros(frames) if tuning is None else tuning
    for t in range(frames):
        odds = float(found.syllable[start + t])
        again_price = max(-settings.surest, settings.again - settings.syllable * odds)
        other_price = settings.joined + settings.helped * min(0.0, again_price)
        if tuning is not None and (t == 0 or t % 64 == 0):
            beside = grid - shift[t]
            entry = settings.tuned * 2 * np.abs(beside - np.round(beside))
        last_rest = rest
        best = int(np.argmin(cost))
        if cost[best] < rest:
            rest, rest_back[t] = float(cost[best]), best
        if t > 0 and np.isfinite(cost[best]):
            apart, apart_from = _apart(cost, order, near)
            joined = apart + other_price
            other = cost[best] + again_price
            source = np.where(joined <= other, apart_from, best)
            joined = np.minimum(joined, other)
        else:
            joined, source = np.full(size, np.inf), order
        # one who begins after a rest gains as much, or a scrap of a note before the syllable would pay
        fresh = last_rest + settings.note + min(0.0, again_price)
        begin = np.minimum(joined, fresh) + entry
        new = begin < cost
        back[t, new] = np.where(joined <= fresh, source, -2)[new]
        cost = np.minimum(cost, begin) + off[t]
    best = int(np.argmin(cost))
    state = best if cost[best] < rest else -1
    notes: list[tuple[int, int, float]] = []
    t, last = frames - 1, frames
    while t >= 0:
        if state < 0:
            state, last = int(rest_back[t]), t
            t -= 1
            continue
        came = int(back[t, state])
        if came != -1:
            notes.append((start + t, start + last, float(grid[state])))
            if came >= 0:
                state, last = came, t
            else:
                state, t = _rested(rest_back, t)
                last = t + 1
                continue
        t -= 1
    return notes[::-1]


def _rested(rest_back: Ints, t: int) -> tuple[int, int]:
    """The state before a rest that ended before frame ``t``, and the frame in which to go on."""
    place = t - 1
    while place >= 0 and rest_back[place] < 0:
        place -= 1
    return (int(rest_back[place]), place - 1) if place >= 0 else (-1, -1)


def _apart(cost: Floats, order: Ints, near: int) -> tuple[Floats, Ints]:
    """The least cost of a pitch at least ``near`` places away from each, and which pitch that is."""
    size = len(cost)
    below = np.minimum.accumulate(cost)
    at_below = np.maximum.accumulate(np.where(cost <= below, order, 0))
    turned = cost[::-1]
    above = np.minimum.accumulate(turned)
    at_above = size - 1 - np.maximum.accumulate(np.where(turned <= above, order, 0))
    least, where = np.full(size, np.inf), np.zeros(size, np.int64)
    if size > near:
        least[near:], where[near:] = below[:-near], at_below[:-near]
        right, at_right = above[::-1][near:], at_above[::-1][near:]
        take = right < least[:-near]
        least[:-near] = np.where(take, right, least[:-near])
        where[:-near] = np.where(take, at_right, where[:-near])
    return least, where
