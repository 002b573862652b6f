"""The beat of somebody who sings alone: from the onsets and lengths of the notes, nothing else sounds.

Every tempo from 50 to 200 beats a minute is tried in turn. With each, the beats are laid through the onsets by dynamic
programming (after D. Ellis, 2007): a beat wants to fall on an onset, the more so where the note is long or begins a
phrase, and the next one to come after about a beat. The tempo may drift, for singers without a band do. Of the
tempos, the one whose beats explain most of the onsets, near what people tap, is kept; the metre and the first beat of
the bar are where long notes begin.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from workbench.understand.heard import Beats, HeardNote

Floats = NDArray[np.float64]

STEP = 0.02  #: seconds between possible beats
SLOWEST, FASTEST = 50.0, 200.0  #: beats a minute
TAPPED, SPREAD = 100.0, 0.75  #: the tempo that people tap most, and how far from it they do, in octaves
STRICT = 60.0  #: how much a beat that is not a beat's length after the last one costs
METRES = (4, 3, 2)
#: Where in a beat a note may begin, and what that costs.
GRIDS = (
    {0.0: 0.0, 0.25: 1.1, 0.5: 0.45, 0.75: 0.9, 1.0: 0.0},
    {0.0: 0.0, 1 / 3: 0.55, 2 / 3: 0.3, 1.0: 0.0},
)


def _salience(notes: Sequence[HeardNote], steps: int) -> tuple[Floats, Floats]:
    """How much each step asks for a beat, float64 [steps], and the weight of each note, [notes]."""
    starts = np.array([note.start for note in notes])
    gaps = np.append(np.diff(starts), max(0.5, notes[-1].end - notes[-1].start))
    rests = np.array([1.0, *(max(0.0, b.start - a.end) for a, b in pairwise(notes))])
    weights = np.clip(gaps / max(1e-3, float(np.median(gaps))), 0.3, 2.5) ** 0.6
    weights *= np.where(rests > 0.25, 1.2, 1.0) * np.array([0.5 + 0.5 * note.confidence for note in notes])
    out = np.zeros(steps)
    for start, weight in zip(starts.tolist(), weights.tolist(), strict=True):
        place = start / STEP
        near = np.arange(max(0, int(place) - 6), min(steps, int(place) + 8))
        out[near] = np.maximum(out[near], weight * np.exp(-0.5 * ((near - place) * STEP / 0.03) ** 2))
    return out, weights


def _laid(salience: Floats, period: float) -> tuple[list[int], float]:
    """The steps of the best beats with about this period (in steps), and what they gain."""
    steps = len(salience)
    reach = np.arange(max(1, round(period * 0.75)), round(period * 1.35) + 1)
    cost = STRICT * np.log(reach / period) ** 2
    best, back = salience.copy(), np.full(steps, -1)
    for t in range(int(reach[0]), steps):
        usable = reach[reach <= t]
        before = best[t - usable] - cost[: len(usable)]
        place = int(np.argmax(before))
        if before[place] > 0:
            best[t] += before[place]
            back[t] = t - int(usable[place])
    last = int(np.argmax(best))
    beats = [last]
    while back[beats[-1]] >= 0:
        beats.append(int(back[beats[-1]]))
    return beats[::-1], float(best[last])


def sung_beats(notes: Sequence[HeardNote], duration: float | None = None) -> Beats:
    """Beats, bars and tempo of an unaccompanied voice.

    Args:
        notes: in order, at least four for a beat to be heard.
        duration: seconds of the recording, where no beat comes after; the last note's end where left out.

    Returns:
        The beats from the first note to the last, with a confidence of how near an onset each lies; no beats for
        fewer notes.
    """
    if len(notes) < 4:
        return Beats()
    end = max(note.end for note in notes)
    end = end if duration is None else min(end, duration)
    salience, weights = _salience(notes, int(end / STEP) + 1)
    onsets = np.array([note.start for note in notes])
    tried: list[tuple[float, list[int]]] = []
    for tempo in np.exp(np.arange(np.log(SLOWEST), np.log(FASTEST), 0.035)).tolist():
        beats, gain = _laid(salience, 60 / tempo / STEP)
        if len(beats) >= 3:
            tried.append((_worth(np.array(beats) * STEP, gain, onsets, weights, tempo), beats))
    if not tried:
        return Beats()
    refined = _refined(np.array(max(tried, key=lambda one: one[0])[1]) * STEP, onsets)
    metre, first = _metre(refined, notes, weights)
    sure = np.array([float(np.exp(-np.abs(onsets - beat).min() / 0.08)) for beat in refined])
    found = refined.tolist()
    return Beats(
        tuple(found), tuple(found[first::metre]), tuple(np.clip(0.3 + 0.7 * sure, 0, 1).tolist()),
        60.0 / float(np.median(np.diff(refined))), metre,
    )  # fmt: skip


def _worth(beats: Floats, gain: float, onsets: Floats, weights: Floats, tempo: float) -> float:
    """How well beats explain the notes: the gain a beat, and how near onsets lie to halves and thirds of beats."""
    place = np.interp(onsets, beats, np.arange(len(beats)), left=np.nan, right=np.nan)
    inside = np.isfinite(place)
    if inside.sum() < 3:
        return -np.inf
    parts = place[inside] % 1.0
    length = 60 / tempo
    misfits = []
    for grid in GRIDS:  # halves and quarters, or thirds: a tune has the one or the other
        off = np.abs(parts[None, :] - np.array(list(grid))[:, None]) * length / 0.04
        price = np.array(list(grid.values()))[:, None]
        misfits.append(float(np.average(np.minimum(2.0, 0.5 * off**2 + price).min(axis=0), weights=weights[inside])))
    misfit = min(misfits)
    fit = 1.0 - misfit
    tapped = np.log2(tempo / TAPPED) / SPREAD
    return fit + 0.8 * min(1.2, gain / len(beats)) - 0.25 * float(tapped**2)


def _refined(beats: Floats, onsets: Floats) -> Floats:
    """Beats moved onto onsets within 50 ms, never closer than a third of their distance."""
    out = beats.copy()
    for place, beat in enumerate(beats):
        near = onsets[int(np.argmin(np.abs(onsets - beat)))]
        if abs(near - beat) <= 0.05:
            out[place] = near
    return out


def _metre(beats: Floats, notes: Sequence[HeardNote], weights: Floats) -> tuple[int, int]:
    """Beats a bar, and which beat is the first one of a bar: where long notes and phrases begin."""
    accent = np.zeros(len(beats))
    for note, weight in zip(notes, weights.tolist(), strict=True):
        place = int(np.argmin(np.abs(beats - note.start)))
        if abs(beats[place] - note.start) <= 0.08:
            accent[place] = max(accent[place], weight * (0.8 + 0.4 * note.velocity / 127))
    last = int(np.argmin(np.abs(beats - notes[-1].start)))
    accent[last] += 0.5  # tunes end on a strong beat
    best, found = -np.inf, (4, 0)
    for metre in METRES:
        if len(beats) < 2 * metre:
            continue
        means = np.array([accent[first::metre].mean() for first in range(metre)])
        first = int(np.argmax(means))
        # a longer bar has more places to be lucky in; two beats are every other bar of four
        value = float(means[first] - np.delete(means, first).mean()) - {4: 0.0, 3: 0.05, 2: 0.08}[metre]
        if value > best:
            best, found = value, (metre, first)
    return found
