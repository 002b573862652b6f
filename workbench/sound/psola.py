"""A voice sung higher, lower, faster or slower, with its own vowels: pitch-synchronous overlap-add.

TD-PSOLA after Moulines and Charpentier, *Pitch-synchronous waveform processing techniques for text-to-speech synthesis
using diphones* (Speech Communication 9, 1990): two periods around each pulse of the voice are laid down again at other
distances. What has no pitch is laid down in steps of five milliseconds. The pitch must be known, so this is for one
voice alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from workbench.errors import BadRequest

Floats = NDArray[np.float64]

#: Distance of marks where nothing has a pitch, in seconds.
STEP = 0.005
#: Pitches that a voice is taken at its word for, in hertz.
LOWEST, HIGHEST = 50.0, 1_500.0
#: How far, in periods, a mark may lie from where the pitch says, to sit on a pulse.
SEEK = 0.25


def resung(
    samples: NDArray[np.float32],
    rate: int,
    times: ArrayLike,
    hertz: ArrayLike,
    *,
    ratio: ArrayLike = 1.0,
    warp: tuple[Sequence[float], Sequence[float]] | None = None,
) -> NDArray[np.float32]:
    """The same voice at other pitches and times.

    Args:
        samples: float32 [frames], one voice.
        rate: in Hz.
        times: of the pitch curve in seconds, rising, at least one.
        hertz: the pitch at each of ``times``; 0 where there is none.
        ratio: by what the pitch is multiplied, at each of ``times`` or throughout; 0.25 to 4.
        warp: seconds of the recording, strictly rising, and the seconds where each shall come, rising as well; between
            them time runs evenly, outside of them as it did. Left out: time stays as it is.

    Returns:
        float32 [frames]; as long as the warped recording.

    Raises:
        BadRequest: curves of different lengths, a ratio out of range, or times that do not rise.
    """
    at, curve = np.asarray(times, np.float64), np.asarray(hertz, np.float64)
    ratios = np.broadcast_to(np.asarray(ratio, np.float64), at.shape)
    if at.ndim != 1 or not len(at) or at.shape != curve.shape or (np.diff(at) <= 0).any():
        raise BadRequest("A pitch curve needs rising times and as many pitches.")
    if not ((ratios >= 0.25) & (ratios <= 4)).all():
        raise BadRequest("A voice can be moved by two octaves at the most.")
    length = len(samples) / rate
    source, target = _warped(warp, length)
    sound = samples.astype(np.float64)
    marks, periods, voiced = _marks(sound, rate, at, curve)
    if not len(marks):
        return np.zeros(round(target[-1] * rate), np.float32)
    out = np.zeros(round(target[-1] * rate) + 2)
    weight = np.zeros_like(out)
    here = 0.0
    while here < target[-1]:
        before = float(np.interp(here, target, source))
        near = _nearest(marks, before * rate)
        _lay(sound, marks[near], periods[near], round(here * rate), out, weight)
        step = periods[near] / rate
        here += step / float(np.interp(before, at, ratios)) if voiced[near] else step
    done: NDArray[np.float32] = (out / np.maximum(weight, 0.3))[: round(target[-1] * rate)].astype(np.float32)
    return done


def _warped(warp: tuple[Sequence[float], Sequence[float]] | None, length: float) -> tuple[Floats, Floats]:
    """Source and target times from the start to the end of the recording."""
    if warp is None:
        return np.array([0.0, length]), np.array([0.0, length])
    source, target = np.asarray(warp[0], np.float64), np.asarray(warp[1], np.float64)
    if source.shape != target.shape or source.ndim != 1 or not len(source):
        raise BadRequest("Times to move need as many times to move them to.")
    if (np.diff(source) <= 0).any() or (np.diff(target) <= 0).any() or source[0] < 0 or target[0] < 0:
        raise BadRequest("Times to move a voice to must rise, and begin after its start.")
    if source[0] > 0:
        first = max(0.0, target[0] - source[0])
        source, target = np.insert(source, 0, 0.0), np.insert(target, 0, min(first, target[0] * 0.999))
    if source[-1] < length:
        source, target = np.append(source, length), np.append(target, target[-1] + length - source[-1])
    return source, target


def _marks(
    sound: Floats, rate: int, times: Floats, hertz: Floats
) -> tuple[NDArray[np.int64], Floats, NDArray[np.bool_]]:
    """Where the pulses lie: frames, the period at each in frames, and whether it has a pitch."""
    place = np.clip(np.searchsorted(times, np.arange(len(sound)) / rate), 0, len(times) - 1)
    pitch = hertz[place]
    # A voice's pulses point one way; which one the recording's polarity decides.
    upward = 1.0 if np.mean(sound**3) >= 0 else -1.0
    marks: list[int] = []
    periods: list[float] = []
    voiced: list[bool] = []
    here = 0.0
    while round(here) < len(sound):
        frame = round(here)
        sung = LOWEST <= pitch[frame] <= HIGHEST
        period = rate / pitch[frame] if sung else STEP * rate
        if sung:
            reach = max(1, round(SEEK * period))
            low = max(0, frame - reach, (marks[-1] + 1) if marks else 0)
            window = upward * sound[low : frame + reach + 1]
            if len(window):
                frame = low + int(window.argmax())
        marks.append(frame)
        periods.append(period)
        voiced.append(sung)
        here = frame + period
    found = np.array(marks, np.int64)
    # From pulse to pulse, so that a voice that is not moved comes out as it went in.
    return found, np.append(np.diff(found), periods[-1:]).astype(np.float64), np.array(voiced)


def _nearest(marks: NDArray[np.int64], frame: float) -> int:
    after = int(np.searchsorted(marks, frame))
    if after == 0:
        return 0
    return after if after < len(marks) and marks[after] - frame < frame - marks[after - 1] else after - 1


def _lay(sound: Floats, mark: int, period: float, place: int, out: Floats, weight: Floats) -> None:
    """Add two periods around a mark, under a Hann window, where they shall come."""
    half = max(1, round(period))
    low = max(-half, -mark, -place)
    high = min(half + 1, len(sound) - mark, len(out) - place)
    if high <= low:
        return
    window = 0.5 + 0.5 * np.cos(np.pi * np.arange(low, high) / half)
    out[place + low : place + high] += window * sound[mark + low : mark + high]
    weight[place + low : place + high] += window
