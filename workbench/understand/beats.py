"""From numbers a frame to beats: how sure a network is of a beat and of a downbeat, decoded into bars and tempo.

``track_beats(frames.beats)`` gives :class:`~workbench.understand.heard.Beats`; it takes the activations of any network
that says beat and downbeat. The decoder is :mod:`workbench.understand.beatstates`; what a person does to the result
stands in :mod:`workbench.understand.beat_edits`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.errors import BadRequest
from workbench.understand.beatstates import Chain, FloatArray, Pulse, best_chain
from workbench.understand.heard import Beats

#: Below this, a whole recording's activation says that there is no beat at all.
NOTHING = 0.05
#: What a beat at either end of the music must have of activation within two frames to be kept.
FAINT = 0.12
#: Confidence of a beat: weights of its features (:func:`_features`), fitted on held-out rendered music; see
#: ``workbench.evaluation.beat_report``.
SURE = (0.4, 0.4, 1.1, -0.7, 0.0)


@dataclass(frozen=True)
class Reading:
    """How activations are read; the defaults are those of the workbench's own network.

    ``bonus``: what a beat gains for being one (log), against the tempo's freedom; ``down_bonus`` the same for a
    downbeat beside it. ``weight``, ``down_weight``: how far the network's word is taken. ``floor``: probabilities are
    kept this far from 0 and 1. ``offset``: seconds that this network's beats come late (taken off).
    """

    bonus: float = 1.0
    down_bonus: float = 0.3
    weight: float = 1.0
    down_weight: float = 1.0
    floor: float = 0.1
    offset: float = 0.0


def track_beats(
    activation: NDArray[np.floating],
    fps: float = 50.0,
    *,
    pulse: Pulse | None = None,
    reading: Reading | None = None,
    extra: tuple[NDArray[np.floating], NDArray[np.floating]] | None = None,
) -> Beats:
    """Beats, downbeats, tempo and metre from what a network says of each frame.

    Args:
        activation: [frames, 2], probabilities that a beat, and that a downbeat, lies on the frame.
        fps: frames a second.
        pulse: the tempi and metres looked for; the default hears 42 to 235 beats a minute in bars of 2, 3 or 4.
        reading: how the activations are taken.
        extra: log gains [frames] of other beats and of downbeats, added to the network's: what else is known.

    Returns:
        Beats with their confidence (the chance that a beat lies within 70 ms of one that a person would tap). Empty
        where nothing was heard that could be a beat.

    Raises:
        BadRequest: the activations have another shape or are not probabilities.
    """
    activation = np.asarray(activation, np.float64)
    if activation.ndim != 2 or activation.shape[1] != 2 or not np.isfinite(activation).all():
        raise BadRequest("Beat activations must be finite numbers of shape [frames, 2].")
    activation = np.clip(activation, 0.0, 1.0)
    reading = reading or Reading()
    if not len(activation) or (activation[:, 0].max() < NOTHING and extra is None):
        return Beats()
    other, first = gains(activation, reading)
    if extra is not None:
        other, first = (other + extra[0]).astype(np.float32), (first + extra[1]).astype(np.float32)
    chain = _trimmed(best_chain(other, first, fps, pulse), activation[:, 0], other)
    if len(chain.frames) < 2:
        return Beats()
    frames = refined(chain.frames, activation[:, 0])
    times = np.maximum(0.0, frames / fps - reading.offset)
    metre = int(np.bincount(chain.metre).argmax())
    rising = np.append(True, np.diff(times) > 0.02)  # the first may have been moved onto the second at 0
    sure = confidences(chain.frames, activation[:, 0])
    return Beats(
        tuple(times[rising].tolist()), tuple(times[rising & (chain.place == 0)].tolist()),
        tuple(sure[rising].tolist()), _tempo(times), metre,
    )  # fmt: skip


def gains(activation: NDArray[np.floating], reading: Reading) -> tuple[FloatArray, FloatArray]:
    """What a beat and a downbeat gain at each frame (log ratios): two float32 [frames] from [frames, 2]."""
    raw = np.asarray(activation, np.float64)
    padded = np.pad(raw, ((1, 1), (0, 0)), mode="edge")
    smooth = np.maximum(raw, 0.5 * (padded[:-2] + padded[2:]))  # a peak between two frames is one
    beat = np.clip(smooth[:, 0], reading.floor, 1 - reading.floor)
    down = np.clip(np.minimum(smooth[:, 1], beat) / beat, 0.05, 0.95)  # given that there is a beat
    pulse = reading.weight * np.log(beat / (1 - beat)) + reading.bonus
    first = pulse + reading.down_weight * np.log(down) + reading.down_bonus
    other = pulse + reading.down_weight * np.log(1 - down)
    return other.astype(np.float32), first.astype(np.float32)


def _trimmed(chain: Chain, beat: NDArray[np.floating], other: FloatArray) -> Chain:
    """Without the beats before the first and after the last that anything speaks for."""
    near = np.array([beat[max(0, frame - 2) : frame + 3].max() for frame in chain.frames])
    heard = np.flatnonzero((near >= FAINT) | (other[chain.frames] > 1.0))
    if not len(heard):
        return Chain(chain.frames[:0], chain.place[:0], chain.metre[:0], 0.0)
    kept = slice(int(heard[0]), int(heard[-1]) + 1)
    return Chain(chain.frames[kept], chain.place[kept], chain.metre[kept], chain.score)


def refined(frames: NDArray[np.integer], beat: NDArray[np.floating]) -> NDArray[np.float64]:
    """Beats moved onto the peaks of the activation near them, between frames: float64 [beats], in frames.

    A beat that nothing speaks for goes midway between neighbours that have their peaks.
    """
    out = frames.astype(np.float64)
    clear = np.zeros(len(frames), bool)
    logs = np.log(np.clip(beat, 1e-3, 1.0))
    for place, frame in enumerate(frames):
        low, high = max(1, frame - 2), min(len(beat) - 2, frame + 2)
        if low > high:
            continue
        peak = low + int(beat[low : high + 1].argmax())
        left, top, right = logs[peak - 1], logs[peak], logs[peak + 1]
        bend = left - 2 * top + right
        if beat[peak] >= 0.15 and top >= left and top >= right:
            out[place] = peak + (0.5 * (left - right) / bend if bend < -1e-6 else 0.0)
            clear[place] = True
    for place in range(1, len(out) - 1):
        if not clear[place] and clear[place - 1] and clear[place + 1]:
            middle = (out[place - 1] + out[place + 1]) / 2
            out[place] += np.clip(middle - out[place], -2.0, 2.0)
    return np.maximum.accumulate(out)


def _tempo(times: NDArray[np.float64]) -> float:
    """The median tempo in beats a minute; over four beats at a time, so that a frame's rounding does not show."""
    span = min(4, len(times) - 1)
    return float(60.0 * span / np.median(times[span:] - times[:-span]))


def _features(frames: NDArray[np.integer], beat: NDArray[np.floating]) -> NDArray[np.float64]:
    """What confidence is judged by: float64 [beats, 5].

    One; the log odds of the beat's own peak; their mean over the nine beats around; those of the strongest frames
    between these beats; how uneven the beats around are.
    """

    def odds(values: NDArray[np.float64]) -> NDArray[np.float64]:
        clipped = np.clip(values, 0.02, 0.98)
        return np.log(clipped / (1 - clipped))

    def peak(start: float, end: float) -> float:
        return float(beat[max(0, int(start)) : max(0, int(end)) + 1].max(initial=0.0))

    own = np.array([peak(frame - 2, frame + 2) for frame in frames])
    steps = np.diff(frames)
    between = [peak(a + max(3, 0.2 * s), a + s - max(3, 0.2 * s)) for a, s in zip(frames[:-1], steps, strict=True)]
    uneven = np.abs(np.diff(np.log(steps.astype(np.float64)), prepend=np.log(steps[0])))
    full = np.array([*between, between[-1]]), np.append(uneven, uneven[-1])
    around = [np.ones(len(frames)), odds(own), *(_around(row) for row in (odds(own), odds(full[0]), full[1]))]
    return np.stack(around, axis=1)


def _around(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean over the four before, itself and the four after (fewer at the ends)."""
    window = np.ones(9)
    total = np.convolve(values, window, "full")[4 : 4 + len(values)]
    return np.asarray(total / np.convolve(np.ones(len(values)), window, "full")[4 : 4 + len(values)])


def confidences(frames: NDArray[np.integer], beat: NDArray[np.floating]) -> NDArray[np.float64]:
    """The chance of each beat to be one: float64 [beats], from the activation [frames] at, around and between them."""
    return np.asarray(1.0 / (1.0 + np.exp(-(_features(frames, beat) @ np.array(SURE)))))
