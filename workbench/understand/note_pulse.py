"""Beats from notes alone, for music without drums: how much each onset looks like a beat, and like a downbeat.

Beats fall on onsets that are loud, long, low, of many notes, and where the harmony changes; downbeats more so (after
Temperley and Sleator, 1999, and Dixon, 2001, with weights fitted instead of chosen). The result has the form of a
network's activations, so that the same decoder reads it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from workbench.understand.beats import Reading, gains, track_beats
from workbench.understand.beatstates import Pulse
from workbench.understand.heard import Beats, HeardNote

if TYPE_CHECKING:
    from workbench.understand.frames import Frames

#: Onsets closer than this, in seconds, are one stroke.
TOGETHER = 0.045
#: Seconds over which a stroke is compared with what is around it, and over which harmony is gathered.
AROUND, HARMONY = 4.0, 0.8
#: A network whose surest beat lies below this says nothing of beats.
FLAT = 0.25
FEATURES = ("one", "notes", "loud", "long", "gap_after", "gap_before", "low", "harmony", "bass_new", "loud_gap")
#: Weights of :data:`FEATURES` for a beat and for a downbeat among beats; fitted on works of the training side.
BEAT = (-0.91, 0.56, 0.66, 1.18, 1.17, 0.19, -0.11, 0.71, 0.25, -0.69)
DOWN = (-1.84, -0.12, 0.31, 0.92, -0.15, 0.2, 0.46, 0.95, 0.2, 0.34)


def strokes(notes: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Strokes of notes and what marks them.

    Args:
        notes: float64 [n, 4]: start, end in seconds, pitch, velocity; sorted by start.

    Returns:
        times: float64 [strokes], seconds; features: float64 [strokes, features].
    """
    starts = notes[:, 0]
    first = np.append(True, np.diff(starts) > TOGETHER) if len(starts) else np.zeros(0, bool)
    group = np.cumsum(first) - 1
    times = starts[first]
    count = len(times)
    out = np.zeros((count, len(FEATURES)))
    if not count:
        return times, out
    size = np.bincount(group, minlength=count).astype(np.float64)
    force = np.zeros(count)
    length = np.zeros(count)
    low = np.full(count, 200.0)
    np.add.at(force, group, notes[:, 3] / 80)
    np.maximum.at(length, group, notes[:, 1] - notes[:, 0])
    np.minimum.at(low, group, notes[:, 2])
    gaps = np.diff(times, append=times[-1] + 1.0)
    before = np.append(1.0, gaps[:-1])
    sounding = np.zeros((count, 12))
    np.add.at(sounding, (group, notes[:, 2].astype(int) % 12), np.minimum(notes[:, 1] - notes[:, 0], 1.0))
    bass = 200.0
    bass_at = -9.0
    for place, time in enumerate(times):
        near = slice(*np.searchsorted(times, (time - AROUND / 2, time + AROUND / 2)))
        after = sounding[slice(*np.searchsorted(times, (time - 0.01, time + HARMONY)))].sum(axis=0)
        ago = sounding[slice(*np.searchsorted(times, (time - HARMONY, time - 0.01)))].sum(axis=0)
        norms = np.linalg.norm(after) * np.linalg.norm(ago)
        floor = np.quantile(low[near], 0.3)
        is_low = low[place] <= floor + 0.5
        out[place, 1] = np.log(size[place])
        out[place, 2] = np.log(force[place] / force[near].mean())
        out[place, 3] = np.log((length[place] + 0.05) / (length[near].mean() + 0.05))
        out[place, 4] = np.log((gaps[place] + 0.05) / (gaps[near].mean() + 0.05))
        out[place, 5] = np.log((before[place] + 0.05) / (before[near].mean() + 0.05))
        out[place, 6] = float(is_low)
        out[place, 7] = 1 - float(after @ ago) / norms if norms > 0 else 1.0
        if is_low:
            out[place, 8] = float(abs(low[place] - bass) > 0.5 or time - bass_at > 2.0)
            bass, bass_at = low[place], time
    out[:, 0] = 1.0
    out[:, 9] = out[:, 2] * np.clip(out[:, 4], 0, 1)
    return times, out


def note_activation(notes: Iterable[HeardNote], seconds: float, fps: float = 50.0) -> NDArray[np.float64]:
    """How much each frame looks like a beat and a downbeat, from notes alone: float64 [frames, 2], 0 to 1."""
    rows = sorted((note.start, note.end, note.pitch, note.velocity) for note in notes)
    times, features = strokes(np.array(rows, np.float64).reshape(-1, 4))
    out = np.full((int(np.ceil(seconds * fps)) + 1, 2), 0.01)
    if len(times):
        beat = 1 / (1 + np.exp(-(features @ np.array(BEAT))))
        down = beat / (1 + np.exp(-(features @ np.array(DOWN))))
        frames = np.clip(np.round(times * fps).astype(int), 0, len(out) - 1)
        np.maximum.at(out[:, 0], frames, beat)
        np.maximum.at(out[:, 1], frames, down)
    return out


#: How far the notes' word counts beside the network's own, how both are read, and the tempo that most music has: chosen
#: on validation works, where they take a band's beats from .87 to .92 and a piano's from .84 to .89 (folk tunes lose).
SHARE, BOTH = 0.6, Reading(bonus=1.0, weight=0.7, down_weight=0.7)
USUAL = Pulse(middle=105.0, spread=0.4)
#: What a beat gains where notes alone speak.
ALONE = Reading(bonus=2.0)


def hear_beats(frames: Frames, notes: Iterable[HeardNote]) -> Beats:
    """The beats of a recording from what the network says of beats, and from the notes that were heard.

    The network is sharp about where beats lie but mistakes eighths for beats; the notes know better which level is
    the beat and where bars begin. Where the network says nothing of beats, the notes alone are read.
    """
    said = note_activation(notes, frames.duration, frames.fps)
    heard = np.zeros_like(said)
    count = min(len(said), len(frames.beats))
    heard[:count] = np.asarray(frames.beats, np.float64)[:count]
    if heard[:, 0].max(initial=0.0) < FLAT:
        return notes_beats(said, frames.fps)
    other, first = gains(said, Reading(bonus=0.0))
    return track_beats(heard, frames.fps, pulse=USUAL, reading=BOTH, extra=(SHARE * other, SHARE * first))


def notes_beats(said: NDArray[np.float64], fps: float = 50.0) -> Beats:
    """The beats of notes alone, from :func:`note_activation`; empty where there are no notes."""
    return track_beats(said, fps, reading=ALONE)
