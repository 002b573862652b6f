"""Vibrato taken out of a pitch curve: a note that swings about its pitch is one note.

Successive extremes of the curve are looked at (as H. Herzel and E. Prame do, 1994): where at least three of them
swing by a similar amount at 3.5 to 8.5 Hz, the curve is replaced by the middle between its upper and lower envelope.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from workbench.understand.pitchcurve import PERIOD

Floats = NDArray[np.float64]

FASTEST, SLOWEST = 0.055, 0.15  #: seconds of half a swing
LEAST, MOST = 0.16, 2.6  #: semitones from extreme to extreme


def _extremes(curve: Floats) -> list[int]:
    """Frames where the curve turns by at least :data:`LEAST`, ends included."""
    found, direction, best = [0], 0, 0
    for place in range(1, len(curve)):
        if (direction >= 0 and curve[place] > curve[best]) or (direction <= 0 and curve[place] < curve[best]):
            if direction == 0 and abs(curve[place] - curve[0]) >= LEAST:
                direction = 1 if curve[place] > curve[0] else -1
            if direction != 0:
                best = place
        elif direction != 0 and abs(curve[place] - curve[best]) >= LEAST:
            found.append(best)
            best, direction = place, -direction
    found.append(best if best > found[-1] else len(curve) - 1)
    return found


def without_vibrato(midi: Floats, voiced: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """The curve with vibrato levelled, and how deep it was.

    Args:
        midi: float64 [frames], fractional MIDI.
        voiced: bool [frames]; only inside unbroken voiced stretches is anything changed.

    Returns:
        The levelled curve, and the depth in semitones from the middle to the top (0 without vibrato), [frames] each.
    """
    out, depth = midi.copy(), np.zeros(len(midi))
    edges = np.flatnonzero(np.diff(np.concatenate([[0], voiced.astype(np.int8), [0]])))
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        # a leap of more than half an octave within a frame or two is an octave error or a new note
        leaps = np.flatnonzero(np.abs(np.diff(midi[start:end])) > 2.0) + 1
        cuts = [0, *leaps.tolist(), end - start]
        for first, last in pairwise(cuts):
            if (last - first) * PERIOD > 3 * FASTEST:
                _level(midi, out, depth, start + first, start + last)
    return out, depth


def _level(midi: Floats, out: Floats, depth: Floats, start: int, end: int) -> None:
    curve = midi[start:end]
    smooth = np.convolve(np.pad(curve, 1, mode="edge"), [0.25, 0.5, 0.25], "valid")
    turns = _extremes(smooth)
    place = 0
    while place + 3 < len(turns):
        run = place
        while run + 1 < len(turns) and _swings(smooth, turns, run, place):
            run += 1
        if run - place >= 3:
            # the first and last half swing may be the way to or from another note: begin inside the run
            knots = turns[place : run + 1]
            middles = [(a + b) / 2 for a, b in pairwise(knots)]
            values = [(smooth[a] + smooth[b]) / 2 for a, b in pairwise(knots)]
            frames = np.arange(knots[0], knots[-1] + 1)
            level = np.interp(frames, middles, values)
            out[start + frames] = level
            depth[start + frames] = np.median(np.abs(np.diff(smooth[knots]))) / 2
            place = run
        else:
            place += 1


def _swings(smooth: Floats, turns: list[int], run: int, first: int) -> bool:
    """Whether the stretch from extreme ``run`` to the next is half a swing, and like the one before it."""
    length = (turns[run + 1] - turns[run]) * PERIOD
    size = abs(float(smooth[turns[run + 1]] - smooth[turns[run]]))
    if not (FASTEST <= length <= SLOWEST and LEAST <= size <= MOST):
        return False
    if run == first:
        return True
    before = abs(float(smooth[turns[run]] - smooth[turns[run - 1]]))
    return 0.4 <= size / before <= 2.5
