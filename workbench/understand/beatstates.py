"""The states of the beat decoder: where in a bar, at what tempo; the best path through them.

The model is the bar pointer of Whiteley, Cemgil and Godsill (2006) in the compact form of Krebs, Boeck and Widmer
("An efficient state-space model for joint tempo and meter tracking", ISMIR 2015): tempo changes at beats alone. Since
nothing is decided inside a beat, a path is a chain of beats, each with a kind (which beat of which metre) and a length
in frames, and the best chain is found over beats and not over frames: as exact, and 4 minutes in about a second.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
#: Score of what cannot be.
NEVER = np.float32(-1e9)


@dataclass(frozen=True)
class Pulse:
    """How beats follow one another.

    Attributes:
        slowest, fastest: tempi in beats a minute.
        metres: beats a bar that are looked for (6/8 felt in two is 2).
        steady: how firmly a beat is as long as the one before it; the tempo changes by ``r`` with
            exp(-steady * |log r|).
        loose: the share of beats after which the tempo is a new one, near or far (rubato, a new section), and
            ``loose_steady`` how firmly it then stays.
        new_metre: the share of bars after which the metre is another one.
        middle, spread: the tempo that most music has, in beats a minute, and by how many octaves it spreads.
        taste: how much that counts a beat.
    """

    slowest: float = 42.0
    fastest: float = 235.0
    metres: tuple[int, ...] = (2, 3, 4)
    steady: float = 30.0
    loose: float = 0.02
    loose_steady: float = 8.0
    new_metre: float = 0.002
    middle: float = 98.0
    spread: float = 0.7
    taste: float = 0.6


@dataclass(frozen=True)
class Chain:
    """The best chain of beats.

    ``frames``: int [b], the frame of each beat; ``place``: int [b], 0 for a downbeat; ``metre``: int [b], beats of the
    bar it is in; ``score``: log likelihood ratio a beat against no beats at all.
    """

    frames: NDArray[np.int64]
    place: NDArray[np.int64]
    metre: NDArray[np.int64]
    score: float


def lengths(pulse: Pulse, fps: float) -> NDArray[np.int64]:
    """The lengths that a beat can have, in frames: int [lengths], each whole number once."""
    return np.arange(max(2, int(np.floor(60 * fps / pulse.fastest))), int(np.ceil(60 * fps / pulse.slowest)) + 1)


def changes(pulse: Pulse, fps: float) -> FloatArray:
    """Log probability that a beat of length i is followed by one of length j: float32 [lengths, lengths]."""
    size = np.log(lengths(pulse, fps))
    far = np.abs(size[None, :] - size[:, None])

    def share(steady: float) -> NDArray[np.float64]:
        rows = np.exp(-steady * far)
        return np.asarray(rows / rows.sum(axis=1, keepdims=True))

    return np.log((1 - pulse.loose) * share(pulse.steady) + pulse.loose * share(pulse.loose_steady)).astype(np.float32)


def best_chain(beat: FloatArray, down: FloatArray, fps: float, pulse: Pulse | None = None) -> Chain:
    """The chain of beats whose gains and changes of tempo add up to most (Viterbi over beats).

    Args:
        beat: float32 [frames], what a beat gains that is no downbeat, by the frame it falls on (log ratio, negative
            where there is none).
        down: float32 [frames], the same for a downbeat.
        fps: frames a second.
        pulse: how beats follow one another.

    Returns:
        The chain; it begins within the first beat's length and ends within the last's. Empty where the sound is
        shorter than two of the shortest beats.
    """
    pulse = pulse or Pulse()
    size = lengths(pulse, fps)
    frames, count = len(beat), len(size)
    if frames < 2 * int(size[0]):
        nothing = np.zeros(0, np.int64)
        return Chain(nothing, nothing, nothing, 0.0)
    metre = np.repeat(pulse.metres, pulse.metres)
    place = np.concatenate([np.arange(m) for m in pulse.metres])
    kinds, firsts, lasts = len(metre), np.flatnonzero(place == 0), np.flatnonzero(place == metre - 1)
    inner = np.flatnonzero(place > 0)
    change = changes(pulse, fps)
    liking = (-pulse.taste * 0.5 * (np.log2(60 * fps / size / pulse.middle) / pulse.spread) ** 2).astype(np.float32)
    bar = np.full((len(firsts), len(firsts)), np.log(pulse.new_metre / max(1, len(firsts) - 1)), np.float32)
    np.fill_diagonal(bar, np.log(1 - pulse.new_metre))
    gain = np.where((place == 0)[None, :], down[:, None], beat[:, None]).astype(np.float32)  # [frames, kinds]
    opening = (np.log(1.0 / (kinds * count)) + liking).astype(np.float32)

    # begun[t]: the best score of a chain whose last beat begins at t, by kind and length of that beat. Where each came
    # from is not kept but found again on the way back, which is a thousandth of the work.
    begun = np.full((frames, kinds, count), NEVER, np.float32)
    every = np.empty((kinds, count, count), np.float32)
    here, ended = np.arange(count), np.empty((count, kinds), np.float32)
    top = np.full((kinds, count), NEVER, np.float32)
    for frame in range(frames):
        if frame >= size[0]:
            some = int(np.searchsorted(size, frame, side="right"))  # lengths that have passed by now
            ended[:] = NEVER
            ended[:some] = begun[frame - size[:some], :, here[:some]]
            np.add(ended.T[:, :, None], change[None], out=every)
            np.maximum.reduce(every, axis=1, out=top)
        now = begun[frame]
        now[inner] = top[inner - 1]
        now[firsts] = (top[lasts][None] + bar[:, :, None]).max(axis=1)
        if frame <= size[-1]:
            np.maximum(now, opening, out=now)
        now += gain[frame][:, None] + liking
    return _walk(begun, _Way(size, metre, place, change, bar, firsts, lasts), opening, gain, liking)


@dataclass(frozen=True)
class _Way:
    """What the way back needs to know of the way there."""

    size: NDArray[np.int64]
    metre: NDArray[np.int64]
    place: NDArray[np.int64]
    change: FloatArray
    bar: FloatArray
    firsts: NDArray[np.int64]
    lasts: NDArray[np.int64]

    def before(self, begun: FloatArray, frame: int, kind: int, length: int) -> tuple[float, int, int]:
        """The best score, kind and length of the beat that ends where this one begins."""
        some = int(np.searchsorted(self.size, frame, side="right"))
        if not some:
            return float(NEVER), 0, 0
        if self.place[kind]:
            kinds, extra = np.array([kind - 1]), np.zeros(1, np.float32)
        else:
            kinds, extra = self.lasts, self.bar[int(np.flatnonzero(self.firsts == kind)[0])]
        reach = begun[(frame - self.size[:some])[None, :], kinds[:, None], np.arange(some)[None, :]]
        reach = reach + self.change[:some, length][None] + extra[:, None]
        which, other = np.unravel_index(int(reach.argmax()), reach.shape)
        return float(reach[which, other]), int(kinds[which]), int(other)


def _walk(begun: FloatArray, way: _Way, opening: FloatArray, gain: FloatArray, liking: FloatArray) -> Chain:
    """Back from the best last beat, which is one that would end beyond the end of the sound."""
    frames, size = len(begun), way.size
    score, frame, kind, length = float(NEVER) * 2, 0, 0, 0
    for last in range(max(0, frames - int(size[-1])), frames):
        hidden = int((size < frames - last).sum())
        if hidden < len(size):
            found = begun[last][:, hidden:]
            at, longer = divmod(int(found.argmax()), found.shape[1])
            if float(found[at, longer]) > score:
                score, frame, kind, length = float(found[at, longer]), last, at, longer + hidden
    rows = []
    while True:
        rows.append((frame, int(way.place[kind]), int(way.metre[kind])))
        reached, before, other = way.before(begun, frame, kind, length)
        if frame <= size[-1] and float(opening[length]) >= reached:
            break
        kind, length, frame = before, other, frame - int(size[other])
    found_rows = np.array(rows[::-1], np.int64).reshape(-1, 3)
    return Chain(found_rows[:, 0], found_rows[:, 1], found_rows[:, 2], score / max(1, len(rows)))
