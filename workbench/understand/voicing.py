"""How much what was heard is song: the confidence of each sung note, and how like speech a whole take is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from workbench.understand.pitchcurve import PERIOD, PitchCurve
from workbench.understand.sung_path import Evidence

Floats = NDArray[np.float64]

#: Logistic regression of "this note is right" on the measures of :func:`note_measures`; fitted on synthetic voices.
WEIGHTS = np.array([7.7, -1.0, 3.8, 0.0, 1.6])
BIAS = -4.7


def note_measures(
    curve: PitchCurve, found: Evidence, spans: Sequence[tuple[int, int, float]], pitches: Floats
) -> Floats:
    """What a note's confidence depends on, float64 [notes, 5].

    Mean voicing; spread of the pitch about the note in semitones (at most 1); length in seconds (at most 0.5); level
    in dB above the take's faintest tenth (0 to 40); distance to the nearest note of another pitch before or after in
    seconds (at most 0.5), for a note in a hurry may be a slide.
    """
    out = np.zeros((len(spans), 5))
    floor = float(np.quantile(curve.loudness, 0.1)) if len(curve.loudness) else 0.0
    for row, (start, end, _) in enumerate(spans):
        off = np.abs(found.midi[start:end] - pitches[row])
        before = start - spans[row - 1][1] if row else 99
        after = spans[row + 1][0] - end if row + 1 < len(spans) else 99
        out[row] = (
            float(curve.confidence[start:end].mean()),
            min(1.0, float(off.mean())),
            min(0.5, (end - start) * PERIOD),
            float(np.clip(curve.loudness[start:end].max() - floor, 0, 40)),
            min(0.5, max(before, after) * PERIOD),
        )
    return out


def note_confidence(
    curve: PitchCurve, found: Evidence, spans: Sequence[tuple[int, int, float]], pitches: Floats
) -> list[float]:
    """How likely each note is right (onset within 50 ms, pitch within half a semitone), 0 to 1."""
    odds = note_measures(curve, found, spans, pitches) @ WEIGHTS + BIAS
    return [float(sure) for sure in 1 / (1 + np.exp(-odds))]


def speech_likeness(curve: PitchCurve, midi: Floats, pitches: Floats, tuning: Floats, weights: Floats) -> float:
    """0 for song to 1 for speech, a guess about the whole take from three things.

    Talkers move within half an octave where tunes go further; what they hold lies on no common grid of semitones; and
    they hold less. None of these tells by itself: singers who patter glide as much as talkers do. Set on synthetic
    voices and one real singer; expressive speech may pass for song. Whispering has no pitch and gives no notes.

    Args:
        curve: the voice.
        midi: float64 [frames], its pitch with vibrato levelled.
        pitches, tuning, weights: float64 [notes], the notes' pitches, the tuning there (both in semitones), lengths.
    """
    if len(pitches) < 2 or not weights.sum():
        return 0.0
    long = np.minimum(weights, 0.5)
    order = np.argsort(pitches)
    share = (np.cumsum(long[order]) - long[order] / 2) / long.sum()
    low, high = np.interp((0.05, 0.95), share, pitches[order])
    grid = float(np.abs((long * np.exp(2j * np.pi * (pitches - tuning))).sum()) / long.sum())
    many = float(np.clip((len(pitches) - 4) / 6, 0, 1))
    odds = many * (min(2.0, 1.2 * (6.5 - (high - low))) + 5 * (0.45 - grid)) - 3 * (1 - many)
    odds += float(np.clip(6 * (0.6 - held_share(curve, midi)), -2.0, 0.6))
    return float(1 / (1 + np.exp(-odds)))


def held_share(curve: PitchCurve, midi: Floats) -> float:
    """Share of the voiced time in which the pitch stays within 0.4 semitones for 120 ms or longer, 0 to 1."""
    voiced = curve.confidence >= 0.5
    count, held = int(voiced.sum()), 0
    edges = np.flatnonzero(np.diff(np.concatenate([[0], voiced.astype(np.int8), [0]])))
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        start = first
        low = high = float(midi[first])
        for place in range(first, last):
            value = float(midi[place])
            if max(high, value) - min(low, value) > 0.4:
                held += place - start if (place - start) * PERIOD >= 0.12 else 0
                start, low, high = place, value, value
            low, high = min(low, value), max(high, value)
        held += last - start if (last - start) * PERIOD >= 0.12 else 0
    return held / count if count else 0.0
