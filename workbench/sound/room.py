"""The room: a small linear reverberator (M. R. Schroeder, 1962), the same for every stem and in every language.

Because it is linear, the stems' rooms add up to the room of the mix. The recipe, with its constants in
``mixer_table.json`` (every time t is ``floor(t * rate + 0.5)`` frames, D):

1. damping: ``y[n] = (1 - a) x[n] + a y[n-1]`` with ``a = exp(-2 pi damping_hz / rate)``, then the pre-delay;
2. two all-passes, one after the other: ``v[n] = x[n] + g v[n-D]``, ``y[n] = v[n-D] - g v[n]``;
3. for each side four combs side by side: ``y[n] = x[n-D] + g y[n-D]`` with ``g = 10^(-3 t / reverb_time)``;
   their sum times ``gain`` is that side of the room.

A browser runs the same recipe on an impulse of ``tail_seconds`` and convolves with the result.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workbench.sound.table import TABLE

Mono = NDArray[np.float32]


def frames_of(seconds: float, rate: int) -> int:
    """A time in frames, rounded half up (as ``Math.floor(x + 0.5)`` does)."""
    return int(np.floor(seconds * rate + 0.5))


def room(signal: Mono, rate: int) -> tuple[Mono, Mono]:
    """What the room answers to a mono signal.

    Args:
        signal: float32 [frames]; what goes beyond its end is cut off, so leave ``tail_seconds`` of silence.
        rate: in Hz.

    Returns:
        Left and right, float32 [frames] each.
    """
    from scipy.signal import lfilter

    recipe = TABLE["room"]
    a = float(np.exp(-2 * np.pi * recipe["damping_hz"] / rate))
    damped = lfilter(np.array([1 - a], np.float32), np.array([1, -a], np.float32), signal)
    delay = frames_of(recipe["predelay_seconds"], rate)
    diffuse = np.zeros_like(signal)
    diffuse[delay:] = damped[: max(0, len(signal) - delay)]
    for seconds in recipe["allpass_seconds"]:
        diffuse = _all_pass(diffuse, frames_of(seconds, rate), recipe["allpass_gain"])
    sides = []
    for times in (recipe["left_seconds"], recipe["right_seconds"]):
        side = np.zeros_like(signal)
        for seconds in times:
            side += _comb(diffuse, frames_of(seconds, rate), 10 ** (-3 * seconds / recipe["reverb_time_seconds"]))
        side *= np.float32(recipe["gain"])
        sides.append(side)
    return sides[0], sides[1]


def _comb(signal: Mono, delay: int, gain: float) -> Mono:
    """``y[n] = x[n-D] + g y[n-D]``, computed D frames at a time because they depend only on the D before."""
    out = np.zeros_like(signal)
    factor = np.float32(gain)
    for start in range(delay, len(signal), delay):
        now, before = out[start : start + delay], slice(start - delay, min(start, len(signal) - delay))
        np.multiply(out[before], factor, out=now)
        now += signal[before]
    return out


def _all_pass(signal: Mono, delay: int, gain: float) -> Mono:
    """``v[n] = x[n] + g v[n-D]``, ``y[n] = v[n-D] - g v[n]``."""
    inner = signal.copy()
    factor = np.float32(gain)
    scratch = np.empty(delay, np.float32)
    for start in range(delay, len(signal), delay):
        now = inner[start : start + delay]
        part = scratch[: len(now)]
        np.multiply(inner[start - delay : start - delay + len(now)], factor, out=part)
        now += part
    out = inner * -factor
    out[delay:] += inner[:-delay] if delay < len(signal) else 0
    return out
