"""Music and a video's own sound as one: the music sinks under talk, and may let the rest of the sound sink under it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

#: Decibels by which the music lies below talk, and by which the video's other sounds sink where they are ducked.
BELOW_TALK, DUCKED = 14.0, 12.0
#: Seconds before talk in which the music has sunk, and after it until it is back.
ATTACK, RELEASE = 0.25, 0.8
#: Pauses of talk shorter than this, in seconds, keep the music down.
PAUSE = 0.9
#: Seconds of one window of level.
_WINDOW = 0.1
_PEAK = 0.97


def blended(
    music: Samples, own: Samples | None, rate: int, *, speech: Sequence[tuple[float, float]] = (), duck: bool = True
) -> Samples:
    """The sound of a video, float32 [frames, channels], within full scale.

    Args:
        music: float32 [frames, channels].
        own: the video's sound, of the same shape; None: there is none.
        rate: in Hz.
        speech: (start, end) in seconds where somebody talks in ``own``.
        duck: lower ``own`` where nobody talks.
    """
    if own is None:
        return _within(music)
    spans = joined(speech, len(music) / rate)
    under = np.ones(len(music), np.float32)
    above = np.full(len(music), 10 ** (-DUCKED / 20) if duck else 1.0, np.float32)
    for start, end in spans:
        gain = _gain(music, own, rate, start, end)
        _hold(under, rate, start, end, gain)
        if duck:
            _hold(above, rate, start, end, 1.0, rise=True)
    return _within(music * under[:, None] + own * above[:, None])


def joined(speech: Sequence[tuple[float, float]], seconds: float) -> list[tuple[float, float]]:
    """Stretches of talk in order, those with a short pause between them as one."""
    out: list[tuple[float, float]] = []
    for start, end in sorted((max(0.0, a), min(seconds, b)) for a, b in speech):
        if end - start < 1e-3:
            continue
        if out and start - out[-1][1] < PAUSE:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out


def _gain(music: Samples, own: Samples, rate: int, start: float, end: float) -> float:
    """What the music is turned down to in a stretch of talk: its loud moments against the level of the talk."""
    low, high = round(start * rate), max(round(start * rate) + 1, round(end * rate))
    talk, play = _levels(own[low:high], rate), _levels(music[low:high], rate)
    voiced = talk[talk > talk.max() * 0.05] if talk.max() > 0 else talk
    voice, loud = float(np.sqrt(np.mean(voiced**2))), float(np.quantile(play, 0.95))
    if loud <= 0 or voice <= 0:
        return 1.0
    return float(np.clip(voice * 10 ** (-BELOW_TALK / 20) / loud, 0.02, 1.0))


def _levels(samples: Samples, rate: int) -> NDArray[np.float64]:
    """Root mean squares of windows, float64 [windows], at least one."""
    size = min(len(samples), round(_WINDOW * rate))
    count = max(1, len(samples) // size)
    part = samples[: count * size].astype(np.float64).reshape(count, -1)
    return np.asarray(np.sqrt(np.mean(part**2, axis=1)), np.float64)


def _hold(curve: Samples, rate: int, start: float, end: float, level: float, *, rise: bool = False) -> None:
    """Bring a gain to a level for a stretch, with smooth ways there and back; never away from another stretch's."""
    low, high = round(start * rate), round(end * rate)
    first, last = max(0, low - round(ATTACK * rate)), min(len(curve), high + round(RELEASE * rate))
    usual = float(curve[first:last].min() if rise else 1.0)
    times = np.arange(first, last)
    near = np.clip((times - (low - ATTACK * rate)) / (ATTACK * rate), 0, 1)
    back = np.clip(1 - (times - high) / (RELEASE * rate), 0, 1)
    part = np.minimum(near, back)
    part = part * part * (3 - 2 * part)
    wanted = (usual + (level - usual) * part).astype(np.float32)
    curve[first:last] = np.maximum(curve[first:last], wanted) if rise else np.minimum(curve[first:last], wanted)


def _within(samples: Samples) -> Samples:
    peak = float(np.abs(samples).max(initial=0.0))
    return samples if peak <= _PEAK else np.asarray(samples * (_PEAK / peak), np.float32)
