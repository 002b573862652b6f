"""A singer's tuning, tracked: where the semitones lie that somebody sings in, and how they drift.

Somebody who sings alone keeps no pitch: over a hum the whole scale may sink by a semitone, and each note by itself
would then be read as its neighbour. The tuning at a note is the direction of the circular mean of all notes' distances
from concert pitch (one turn a semitone), near ones and long ones counting more; followed from note to note it is
unwound, so that a drift beyond half a semitone stays a drift. (The circular mean is that of K. Dressler and S.
Streich, 2007; singers' drift is described by M. Mauch, K. Frieler and S. Dixon, 2014.)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NEAR = 5.0  #: seconds, the standard deviation of the window of notes that count
STIFF = 4.0  #: seconds squared: notes spread over less say nothing about a drift


def track_tuning(times: Floats, pitches: Floats, weights: Floats, *, near: float = NEAR) -> Floats:
    """The tuning at each note, in semitones above concert pitch.

    Args:
        times: float64 [n], seconds of the notes, rising.
        pitches: float64 [n], fractional MIDI.
        weights: float64 [n], how much each note says (its length, say).
        near: seconds, how far notes count.

    Returns:
        float64 [n]; at the beginning within half a semitone of concert pitch, from there on without a leap.
    """
    if not len(times):
        return np.zeros(0)
    turns = weights * np.exp(2j * np.pi * pitches)
    out = np.empty(len(times))
    overall = float(np.angle(turns.sum())) / (2 * np.pi)
    for place, time in enumerate(times):
        window = np.exp(-0.5 * ((times - time) / near) ** 2)
        # a faint belief in the tuning of the whole, for the notes of a lonely phrase
        mean = complex((turns * window).sum()) + 0.15 * float(weights.mean()) * np.exp(2j * np.pi * overall)
        out[place] = np.angle(mean) / (2 * np.pi)
    track = np.unwrap(out, period=1.0)
    # a mean of neighbours lags at both ends of a drift; a line through them does not
    nearest = track + (pitches - track + 0.5) % 1.0 - 0.5
    line = np.empty(len(times))
    for place, time in enumerate(times):
        window = weights * np.exp(-0.5 * ((times - time) / (1.5 * near)) ** 2)
        centre = float((window * times).sum() / window.sum())
        level = float((window * nearest).sum() / window.sum())
        spread = float((window * (times - centre) ** 2).sum())
        slope = float((window * (times - centre) * (nearest - level)).sum()) / (spread + float(window.sum()) * STIFF)
        line[place] = level + slope * (time - centre)
    return line
