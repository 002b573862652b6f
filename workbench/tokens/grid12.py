"""Music on a grid of twelve to the quarter note: the events that the infilling network reads and writes.

A note becomes five small integers: onset tick (12 to a quarter), slot (which part), pitch, duration class and
velocity class. Bars are part of the picture: every tick has a bar number and a position in its bar, so that
"the same place one bar ago" means the same in 3/4 and in 4/4. Training, the evaluation and the sampler share
this module; it needs numpy alone.

The event alphabet (sizes are the sizes of the softmaxes):

======== ===== ==============================================================================================
time      98   ticks since the previous event, 0 to 95; 96 = at least 96; 97 = nothing more in this region
slot      12   0 to 10 melodic parts from high to low, 11 the drums
pitch    175   0 to 127 keys of melodic parts (after the shift to C), 128 to 174 drum keys 35 to 81
duration  22   logarithmic classes, see :data:`DURATION_EDGES`
velocity  16   ``velocity // 8``; class 16 means "not known" and is read but never written
======== ===== ==============================================================================================
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

TICKS = 12  #: grid ticks to a quarter note
DURATION_EDGES: tuple[int, ...] = (
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 18, 21, 24, 30, 36, 42, 48, 60, 72, 96,
)  # fmt: skip
#: The length that a class stands for when notes are written, in ticks: the commonest length of the class.
DURATION_TICKS: tuple[int, ...] = (
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 18, 21, 24, 30, 36, 42, 48, 60, 72, 96,
)  # fmt: skip

TIME_CAP = 96
TIME_END = 97
N_TIME = 98
N_SLOT = 12
DRUM_SLOT = 11
N_PITCH = 175
FIRST_DRUM = 35
N_DRUM = 47
N_DURATION = len(DURATION_EDGES)
N_VELOCITY = 16
DRUM_PROGRAM = 128

# Inputs know one value more than outputs can take: "none" (and for velocity also "not known").
NO_SLOT, NO_PROGRAM, NO_PITCH, NO_DURATION = N_SLOT, 129, N_PITCH, N_DURATION
UNKNOWN_VELOCITY, NO_VELOCITY = N_VELOCITY, N_VELOCITY + 1
N_POSITION, N_BAR_LENGTH = 98, 33  #: position in the bar in ticks (capped; 97 = none); bar length in half beats
N_REMAINING = 66  #: beats to the end of the region (0 to 63, 64 = 64 or more or open, 65 = none)

#: Ticks of a quarter on which sixteenths and triplets of eighths begin; what lies between is heard as early or late.
STRAIGHT = (0, 3, 4, 6, 8, 9)
#: Major scale (pitch classes above the tonic).
MAJOR = (0, 2, 4, 5, 7, 9, 11)


def duration_class(ticks: npt.ArrayLike) -> Ints:
    """Class 0 to 21 of lengths in grid ticks; below 1 counts as 1. Any shape, int64 out."""
    edges = np.asarray(DURATION_EDGES)
    return np.clip(np.searchsorted(edges, np.asarray(ticks), side="right") - 1, 0, N_DURATION - 1).astype(np.int64)


def velocity_class(velocity: npt.ArrayLike) -> Ints:
    """Class 0 to 15 of MIDI velocities 1 to 127; 0 (not known) becomes :data:`UNKNOWN_VELOCITY`."""
    value = np.asarray(velocity).astype(np.int64)
    return np.where(value <= 0, UNKNOWN_VELOCITY, np.clip(value // 8, 0, N_VELOCITY - 1))


def class_velocity(index: int) -> int:
    """MIDI velocity in the middle of class ``index``."""
    return min(127, index * 8 + 4)


def pitch_class_counts(pitches: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> Floats:
    """How much of each of the twelve pitch classes sounds: float64 [12]."""
    values = np.asarray(pitches, dtype=np.int64).reshape(-1)
    mass = None if weights is None else np.asarray(weights, dtype=np.float64).reshape(-1)
    return np.bincount(values % 12, weights=mass, minlength=12).astype(np.float64)


def best_major(counts: npt.ArrayLike) -> int:
    """Tonic (0 to 11) of the major scale that covers most of ``counts`` [12].

    Ties (common in few-note contexts) go to the scale whose tonic and fifth sound most. A minor piece gets
    its relative major: the network needs one frame for all keys, not the name of the key.
    """
    mass = np.asarray(counts, dtype=np.float64)
    total = mass.sum()
    if total <= 0:
        return 0
    scores = [
        sum(mass[(tonic + step) % 12] for step in MAJOR) + 0.05 * (mass[tonic] + 0.5 * mass[(tonic + 7) % 12])
        for tonic in range(12)
    ]
    return int(np.argmax(scores))


def shift_to_c(tonic: int) -> int:
    """Semitones (-6 to 5) that bring ``tonic`` to C by the shorter way."""
    return (6 - tonic) % 12 - 6


def model_pitch(pitch: Ints, drum: npt.NDArray[np.bool_], shift: int) -> Ints:
    """Pitch index 0 to 174 of MIDI ``pitch``; ``shift`` semitones are added to melodic notes only.

    Keys that leave 0 to 127 by the shift are folded back by an octave; drum keys outside 35 to 81 go to the
    nearest one inside.
    """
    moved = pitch + shift
    moved = np.where(moved < 0, moved + 12, np.where(moved > 127, moved - 12, moved))
    drums = 128 + np.clip(pitch - FIRST_DRUM, 0, N_DRUM - 1)
    return np.where(drum, drums, moved).astype(np.int64)


def midi_pitch(index: int, shift: int) -> int:
    """MIDI key of pitch index ``index``: the inverse of :func:`model_pitch` (may leave 0 to 127 by the shift)."""
    return index - 128 + FIRST_DRUM if index >= 128 else index - shift


@dataclass(frozen=True)
class Bars:
    """The bar lines of a piece on the grid.

    Attributes:
        starts: int64 [bars + 1], first tick of each bar and the end of the last, strictly rising. Time before
            the first and after the last bar is counted in bars of the same length as the nearest one.
    """

    starts: Ints

    @classmethod
    def regular(cls, length: int, count: int, first: int = 0) -> Bars:
        """``count`` bars of ``length`` ticks from tick ``first``."""
        return cls(first + length * np.arange(count + 1, dtype=np.int64))

    def locate(self, ticks: npt.ArrayLike) -> tuple[Ints, Ints, Ints]:
        """Bar number (from 0; negative before the first), position in the bar and the bar's length, in ticks."""
        tick = np.asarray(ticks, dtype=np.int64)
        last = len(self.starts) - 2
        bar = np.clip(np.searchsorted(self.starts, tick, side="right") - 1, 0, last)
        length = self.starts[bar + 1] - self.starts[bar]
        offset = tick - self.starts[bar]
        extra = offset // length
        return bar + extra, offset - extra * length, length

    def coordinate(self, ticks: npt.ArrayLike) -> Floats:
        """Time in bars as a real number: bar number plus the fraction of the bar. Any shape, float64."""
        bar, position, length = self.locate(ticks)
        return np.asarray(bar + position / length, dtype=np.float64)


def position_index(position: Ints) -> Ints:
    """Index for the position-in-bar embedding: ticks, capped at 96."""
    return np.minimum(position, TIME_CAP)


def bar_length_index(length: Ints) -> Ints:
    """Index for the bar-length embedding: half quarters, 1 to 31 (0 is kept for "none")."""
    return np.clip(length // (TICKS // 2), 1, N_BAR_LENGTH - 2)


def remaining_index(ticks: Ints) -> Ints:
    """Index for "how far to the end of the region": whole beats rounded up, capped at 64."""
    return np.clip(-(-ticks // TICKS), 0, 64)
