"""The melody of a mix: one line, found by what the listening network says of the leading voice.

For every 20 ms the network says how likely each key carries the melody; Viterbi's algorithm finds the likeliest line
(a key or a rest in each frame; changing costs, far leaps more), and onsets cut the line into notes.
"""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt

from workbench.understand.frames import Frames
from workbench.understand.heard import Beats, HeardNote

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

LOW, PITCHES = 21, 88
REST = PITCHES
#: Nats: to change to another note where no onset is heard, for every semitone of a leap, to begin or end a rest.
CHANGE, LEAP, PAUSE = 5.0, 0.2, 3.5
#: How much a certain onset takes off the cost of a change, in nats.
ONSET = 4.5
#: How strongly the network's word on rests counts beside that on keys.
VOICED = 0.5
#: How willing the line is to rest: the odds of a rest are multiplied by this.
RESTING = 0.3
#: An onset is one if it is likelier than this and the likeliest within :data:`NEAR` frames.
STRUCK, NEAR = 0.5, 2
#: A line may lag behind an onset, or lead it, by so many frames; a shorter note is none; in frames of 20 ms.
BEFORE, AFTER, SHORTEST = 4, 3, 3
FLOOR = 1e-3


def melody_of(frames: Frames, beats: Beats | None = None) -> tuple[HeardNote, ...]:
    """The melody's notes in the order of time, one at a time; none where no voice leads.

    Args:
        frames: what was heard.
        beats: of no use so far, melodies being played ahead of the beat and behind it.
    """
    count = len(frames)
    if count < SHORTEST:
        return ()
    onset = frames.onset.astype(np.float32)
    line = best_line(frames.melody.astype(np.float32), onset, frames.voiced.astype(np.float32))
    return _notes(line, onset, frames)


def best_line(melody: Floats, onset: Floats, voiced: Floats) -> Ints:
    """The likeliest key of each frame, int64 [n], 88 for a rest.

    Args:
        melody, onset: probabilities, float32 [n, 88]; ``voiced``: that of a melody at all, [n].
    """
    count = len(melody)
    loudest = melody.max(axis=1)
    sung = np.maximum(loudest, FLOOR) ** (1 - VOICED) * np.maximum(voiced, FLOOR) ** VOICED
    rest = np.clip((1 - sung) * RESTING, 0, 1)
    share = melody / np.maximum(loudest, FLOOR)[:, None]
    fit = np.log(np.maximum(np.concatenate([share * sung[:, None], rest[:, None]], axis=1), FLOOR))
    near = onset.copy()
    for shift in (1, 2, 3):  # the line may turn a little before or after the onset
        near[shift:] = np.maximum(near[shift:], onset[:-shift])
        near[:-shift] = np.maximum(near[:-shift], onset[shift:])
    keys = np.arange(PITCHES)
    cost = np.full((PITCHES + 1, PITCHES + 1), CHANGE, np.float32)
    cost[:PITCHES, :PITCHES] += LEAP * np.abs(keys[:, None] - keys[None, :])
    cost[REST], cost[:, REST] = CHANGE - 1.0, PAUSE
    np.fill_diagonal(cost, 0.0)
    bonus = np.concatenate([ONSET * near, np.zeros((count, 1), np.float32)], axis=1)
    staying = np.arange(PITCHES + 1)
    best, came = fit[0].copy(), np.zeros((count, PITCHES + 1), np.int16)
    for at in range(1, count):
        ways = best[:, None] - cost
        ways[staying, staying] = -np.inf
        way = ways.argmax(axis=0)
        moved = ways[way, staying] + bonus[at]
        came[at] = np.where(best >= moved, staying, way)
        best = np.maximum(best, moved) + fit[at]
    line = np.zeros(count, np.int64)
    line[-1] = best.argmax()
    for at in range(count - 1, 0, -1):
        line[at - 1] = came[at][line[at]]
    return line


def _notes(line: Ints, onset: Floats, frames: Frames) -> tuple[HeardNote, ...]:
    """Runs of the line, begun and cut at onsets."""
    out: list[HeardNote] = []
    cuts = [0, *(np.flatnonzero(np.diff(line)) + 1).tolist(), len(line)]
    free = 0  # the frame from which the next note may begin
    for first, last in itertools.pairwise(cuts):
        key = int(line[first])
        if key == REST:
            continue
        begin = max(free, first - BEFORE)
        struck = [at for at in _peaks(onset[begin:last, key], begin) if at < last - 1]
        starts = struck if struck and struck[0] <= first + AFTER else [first, *struck]
        for start, end in zip(starts, [*starts[1:], last], strict=True):
            if end - start < SHORTEST or start < free:
                continue
            sure = float(frames.melody[min(max(start, first), end - 1) : end, key].astype(np.float32).mean())
            velocity = int(np.clip(round(127 * float(frames.velocity[start, key])), 1, 127))
            stop = min(end / frames.fps, frames.duration)
            out.append(HeardNote(start / frames.fps, stop, key + LOW, velocity, min(1.0, sure)))
        free = last - 1
    return tuple(note for note in out if note.end - note.start > 0.02)


def _peaks(row: Floats, offset: int) -> list[int]:
    """Frames of the onsets in a row of probabilities."""
    padded = np.pad(row, NEAR)
    highest = np.max([padded[shift : shift + len(row)] for shift in range(2 * NEAR + 1)], axis=0)
    return [int(at) + offset for at in np.flatnonzero((row >= STRUCK) & (row >= highest))]
