"""What a person does to the beats that were heard: drag one, tap along. Pure functions on ``Beats``.

Half and double time, the metre and the place of the one are methods of :class:`~workbench.understand.heard.Beats`
itself, and :func:`~workbench.understand.heard.shift_one`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from workbench.errors import BadRequest
from workbench.understand.beats import track_beats
from workbench.understand.beatstates import Pulse
from workbench.understand.heard import MAX_SECONDS, Beats, number

#: Beats on either side that a dragged beat takes along, each a little less.
REACH = 4
#: Fewest taps that say a tempo.
TAPS = 3
#: How far from a beat's true time people tap, in seconds (one standard deviation); how much later they may tap on the
#: whole; within what of a tap a beat is the one that was tapped.
SCATTER, LAG, SAME_BEAT = 0.04, 0.12, 0.07


def dragged(beats: Beats, index: int, to: float, *, reach: int = REACH) -> Beats:
    """One beat moved, its neighbours with it: those ``reach`` beats away stay, those between move in proportion.

    Args:
        beats: what was heard.
        index: which beat, from 0.
        to: where it belongs, in seconds.
        reach: how many beats away nothing moves any more, at least 1.

    Raises:
        BadRequest: there is no such beat, or it would pass those that stay.
    """
    if not 0 <= index < len(beats.beats):
        raise BadRequest(f"There is no beat {index}; choose one of the {len(beats.beats)} that were heard.")
    to = number(to, 0.0, MAX_SECONDS, "The time of a beat")
    old = np.array(beats.beats)
    count = max(1, int(reach))
    before, after = index - count, index + count
    knots = [(old[before], old[before])] if before >= 0 else []
    knots += [(old[index], to)]
    knots += [(old[after], old[after])] if after < len(old) else []
    if any(later[1] - sooner[1] < 0.01 * count for sooner, later in pairwise(knots)):
        raise BadRequest("A beat cannot be moved past its neighbours; move it a shorter way.")
    times = np.array(knots).T
    shift = np.interp(old, times[0], times[1] - times[0])
    if before < 0 or after >= len(old):  # towards an end of the music the rest moves along as a whole
        shift = np.where((before < 0) & (old < old[index]), to - old[index], shift)
        shift = np.where((after >= len(old)) & (old > old[index]), to - old[index], shift)
    new = old + shift
    if new[0] < 0:
        raise BadRequest("The first beat would lie before the recording begins; move it a shorter way.")
    sure = [1.0 if place == index else value for place, value in enumerate(beats.confidence)]
    return _moved(beats, new, sure)


def _moved(beats: Beats, times: NDArray[np.float64], sure: Sequence[float]) -> Beats:
    ones = beats.ones
    return replace(
        beats, beats=tuple(times.tolist()), downbeats=tuple(float(times[one]) for one in ones), confidence=tuple(sure)
    )


def tapped(
    beats: Beats,
    taps: Sequence[float],
    *,
    activation: NDArray[np.floating] | None = None,
    fps: float = 50.0,
    duration: float = 0.0,
) -> Beats:
    """The beats found anew around what a person tapped: its tempo and phase, kept through the whole recording.

    Taps are late and uneven, so they pull beats towards them and do not replace them: where the sound says where the
    beat is, it lies there.

    Args:
        beats: what was heard before; without an activation they are what the taps are joined with.
        taps: seconds at which the person tapped, in any order.
        activation: [frames, 2], what the network said of beats and downbeats, if it is at hand.
        fps: frames a second of it.
        duration: the recording's length in seconds, where there is no activation.

    Returns:
        Beats at the tapped level; those that were tapped are sure (confidence 1).

    Raises:
        BadRequest: fewer than three taps, or taps that are no steady beat between 30 and 300 a minute.
    """
    times = np.unique([number(tap, 0.0, MAX_SECONDS, "The time of a tap") for tap in taps])
    if len(times) < TAPS:
        raise BadRequest(f"Tap at least {TAPS} beats, so that there is a tempo to follow.")
    step = float(np.median(np.diff(times)))
    if not 0.2 <= step <= 2.0:
        raise BadRequest("These taps are no beat between 30 and 300 a minute; tap once on every beat.")
    if activation is None:
        activation = _from_beats(beats, max(duration, float(times[-1]) + step, *(beats.beats[-1:] or (0.0,))), fps)
    activation = np.asarray(activation, np.float64)
    times = times - _lag(times, activation[:, 0], fps)
    frames = np.arange(len(activation)) / fps
    near = np.abs(frames[:, None] - times[None]).min(axis=1) if len(times) else np.full(len(frames), np.inf)
    inside = (frames > times[0] - 0.5 * step) & (frames < times[-1] + 0.5 * step)
    pull = 6.0 * np.exp(-0.5 * (near / SCATTER) ** 2) - 6.0 * (inside & (near > 0.25 * step))
    tempo = 60.0 / step
    found = track_beats(
        activation, fps, extra=(pull, pull),
        pulse=Pulse(slowest=0.72 * tempo, fastest=1.4 * tempo, middle=tempo, spread=0.15, taste=1.0),
    )  # fmt: skip
    known = np.array(found.beats)
    sure = tuple(
        1.0 if np.abs(times - time).min() < SAME_BEAT else value
        for time, value in zip(known, found.confidence, strict=True)
    )
    return replace(found, confidence=sure)


def _lag(taps: NDArray[np.float64], beat: NDArray[np.floating], fps: float) -> float:
    """How much later than the sound's beats a person taps, in seconds: the median, of what can be told."""
    found = []
    for tap in taps:
        low, high = max(0, round((tap - LAG) * fps)), max(0, round((tap + LAG / 2) * fps))
        window = beat[low : high + 1]
        if len(window) and window.max() >= 0.3:
            found.append(tap - (low + int(window.argmax())) / fps)
    return float(np.median(found)) if len(found) >= TAPS else 0.0


def _from_beats(beats: Beats, seconds: float, fps: float) -> NDArray[np.float64]:
    """Activations that say what the beats say, and that something may lie midway between two: [frames, 2]."""
    out = np.full((int(np.ceil(seconds * fps)) + 1, 2), [0.08, 0.02])
    times = np.array(beats.beats)
    for row, level in ((times, 0.8), ((times[1:] + times[:-1]) / 2 if len(times) > 1 else times[:0], 0.45)):
        out[np.round(row * fps).astype(int), 0] = level
    out[np.round(np.array(beats.downbeats) * fps).astype(int), 1] = 0.7
    return out
