"""Small scores and measurements that the sound tests share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workbench.score.score import Note, Score, Track

RATE = 44_100


def melody(
    *, track_id: str = "t1", pitches: tuple[int, ...] = (60, 64, 67, 72), step: int = 960, **settings: object
) -> Track:
    """A track of equal notes, one a quarter at 120 beats a minute, that fill three quarters of their step."""
    track = Track(track_id, **settings)  # type: ignore[arg-type]
    for number, pitch in enumerate(pitches):
        name = f"n{number}"
        track.notes[name] = Note(name, number * step, step * 3 // 4, pitch, 90)
    return track


def band() -> Score:
    """Piano, bass, flute (with room and pan) and drums."""
    drums = melody(track_id="t4", pitches=(36, 42, 38, 42), is_drum=True)
    return Score(
        title="Band",
        tracks=[
            melody(program=0, name="Piano"),
            melody(track_id="t2", program=33, pitches=(36, 36, 43, 41), name="Bass", pan=20),
            melody(track_id="t3", program=73, pitches=(79, 76, 72, 74), name="Flute", pan=110, room=90),
            drums,
        ],
    )


def decibels(samples: NDArray[np.float32]) -> float:
    """Root mean square in dB; -200 for silence."""
    return float(20 * np.log10(max(1e-10, np.sqrt(np.mean(np.square(samples, dtype=np.float64))))))


def peak_decibels(samples: NDArray[np.floating]) -> float:
    """Highest sample in dB; -300 for silence."""
    return float(20 * np.log10(max(1e-15, np.abs(samples).max(initial=0.0))))
