"""The room: a small linear reverberator (M. R. Schroeder, 1962), the same for every stem and in every language.

Because it is linear, the stems' rooms add up to the room of the mix. The recipe, with its constants in
``mixer_table.json`` (every time t is ``floor(t * rate + 0.5)`` frames, D):

1. damping: ``y[n] = (1 - a) x[n] + a y[n-1]`` with ``a = exp(-2 pi damping_hz / rate)``;
2. two all-passes, one after the other: ``v[n] = x[n] + g v[n-D]``, ``y[n] = v[n-D] - g v[n]``;
3. four combs side by side: ``y[n] = x[n-D] + g y[n-D]`` with ``g = 10^(-3 t / reverb_time_seconds)``;
4. left is their sum with ``left_signs``, right with ``right_signs``, each times ``gain``.

A browser runs the same recipe on an impulse of ``tail_seconds`` and convolves with the result.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workbench.sound.recursive import Recursive
from workbench.sound.table import TABLE

Mono = NDArray[np.float32]

PIECE = 16_384  # frames that are worked on at a time


def frames_of(seconds: float, rate: int) -> int:
    """A time in frames, rounded half up (as ``Math.floor(x + 0.5)`` does)."""
    return int(np.floor(seconds * rate + 0.5))


class Room:
    """The room of one stem, fed piece by piece so that all its delay lines stay in the processor's cache."""

    def __init__(self, rate: int) -> None:
        recipe = TABLE["room"]
        a = float(np.exp(-2 * np.pi * recipe["damping_hz"] / rate))
        self._damping = Recursive([1 - a], [1, -a])
        gain = recipe["allpass_gain"]
        self._all_passes = [_Line(frames_of(seconds, rate), gain) for seconds in recipe["allpass_seconds"]]
        self._combs = [
            _Line(frames_of(seconds, rate), 10 ** (-3 * seconds / recipe["reverb_time_seconds"]))
            for seconds in recipe["comb_seconds"]
        ]
        self._signs = recipe["left_signs"], recipe["right_signs"]
        self._gain = np.float32(recipe["gain"])
        self._rests = 4 * rate
        self._silent = 0

    @property
    def resting(self) -> bool:
        """Whether nothing of what came in can be heard any more."""
        return self._silent > self._rests

    def process(self, signal: Mono) -> tuple[Mono, Mono]:
        """The room's answer to the next piece of a mono signal: left and right, as long as the piece.

        Args:
            signal: float32 [at most :data:`PIECE`].
        """
        self._silent = 0 if signal.any() else self._silent + len(signal)
        if self.resting:
            # All lines have long died away; starting afresh keeps them from creeping through denormal numbers.
            for line in (*self._all_passes, *self._combs):
                line.clear()
            return np.zeros_like(signal), np.zeros_like(signal)
        diffuse = self._damping.process(signal[None])[0].astype(np.float32)
        for line in self._all_passes:
            now, before = line.process(diffuse)
            diffuse = now * -line.gain
            diffuse += before
        diffuse *= self._gain
        sides = np.zeros(len(signal), np.float32), np.zeros(len(signal), np.float32)
        for number, line in enumerate(self._combs):
            echo = line.process(diffuse)[1]
            for side, signs in zip(sides, self._signs, strict=True):
                (np.add if signs[number] > 0 else np.subtract)(side, echo, out=side)
        return sides


def impulse_response(rate: int) -> NDArray[np.float32]:
    """What the room answers to a single 1.0, float32 [frames, 2], ``tail_seconds`` long."""
    frames = frames_of(TABLE["room"]["tail_seconds"], rate)
    signal = np.zeros(frames, np.float32)
    signal[0] = 1.0
    room = Room(rate)
    pieces = [np.stack(room.process(signal[at : at + PIECE]), axis=1) for at in range(0, frames, PIECE)]
    return np.concatenate(pieces)


class _Line:
    """A delay line with feedback, ``u[n] = x[n] + g u[n-D]``, computed D frames at a time."""

    def __init__(self, delay: int, gain: float) -> None:
        self.delay = delay
        self.gain = np.float32(gain)
        self._buffer = np.zeros(delay + PIECE, np.float32)
        self._used = 0

    def clear(self) -> None:
        """Forget everything."""
        self._buffer[:] = 0

    def process(self, signal: Mono) -> tuple[Mono, Mono]:
        """``u`` now and ``u`` D frames ago for the next piece (both valid until the next call)."""
        delay, count, buffer = self.delay, len(signal), self._buffer
        if self._used:
            buffer[:delay] = buffer[self._used : self._used + delay].copy()
        for start in range(0, count, delay):
            end = min(start + delay, count)
            now = buffer[start + delay : end + delay]
            np.multiply(buffer[start:end], self.gain, out=now)
            now += signal[start:end]
        self._used = count
        return buffer[delay : delay + count], buffer[:count]
