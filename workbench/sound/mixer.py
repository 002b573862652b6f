"""The mixer: from a track's dry sound to its stem. Every formula is here; every constant in ``mixer_table.json``.

With the controllers' values from 0 to 127 and linear gains:

- volume and expression: ``(value / 127)^2`` each; the track's level by instrument family, in decibels, on top;
- pan: ``x = clip((value - 64) / 63, -1, 1)``, ``angle = (x + 1) pi / 4``; the left channel times
  ``sqrt(2) cos(angle)``, the right one times ``sqrt(2) sin(angle)`` (constant power for a sound in the middle);
- room: ``(left + right) / sqrt(2)`` after volume and before pan, times ``room / 127``, through :mod:`.room`;
- an automated value moves in a straight line of *gain* from the event's time for ``ramp_seconds``, or until the
  next event of that controller if it comes sooner; before the first event the track's own setting holds
  (expression: 127);
- a muted range is silent from its start to its end, with straight fades of ``silence_fade_seconds`` inside it,
  before the room;
- a muted track is silent; where any track is solo, all others are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.score.score import Score, Track
from workbench.score.timemap import TimeMap
from workbench.sound.room import PIECE, Room
from workbench.sound.table import TABLE

VOLUME, PAN, EXPRESSION = 7, 10, 11

Mono = NDArray[np.float32]


@dataclass(slots=True)
class Dry:
    """A track as its instrument sounds, before the mixer: left and right, float32 [frames] each.

    A sound in the middle has the same array on both sides, so it is worked on once.
    """

    left: Mono
    right: Mono


def gain_of(value: float) -> float:
    """Linear gain of a volume or expression value, 0 to 127."""
    return (value / 127) ** 2


def pan_gains(value: float) -> tuple[float, float]:
    """Linear gains of the left and right channel for a pan value, 0 (left) to 127, 64 in the middle."""
    x = min(1.0, max(-1.0, (value - 64) / 63))
    angle = (x + 1) * np.pi / 4
    return float(np.sqrt(2) * np.cos(angle)), float(np.sqrt(2) * np.sin(angle))


def family_gain(track: Track) -> float:
    """Linear gain of the default level of the track's instrument family."""
    decibels = TABLE["drums_db"] if track.is_drum else TABLE["family_db"][track.program // 8]
    return float(10 ** (decibels / 20))


def heard(score: Score) -> set[str]:
    """Ids of the tracks that sound: those not muted, and only the solo ones where any is solo."""
    solo = any(track.solo for track in score.tracks)
    return {track.id for track in score.tracks if not track.mute and (track.solo or not solo)}


def automation(
    track: Track, number: int, start: float, convert: Callable[[float], float], times: TimeMap
) -> list[tuple[float, float]]:
    """The gain that a controller draws: points (seconds, gain), straight lines between, constant outside.

    Args:
        track: whose controller lane is read.
        number: of the controller.
        start: its value before the first event.
        convert: from a value to a gain.
        times: the score's time line.
    """
    events = [(times.seconds(event.tick), event.value) for event in track.controls if event.number == number]
    points = [(0.0, convert(start))]
    for index, (seconds, value) in enumerate(events):
        following = events[index + 1][0] if index + 1 < len(events) else np.inf
        if following <= seconds:
            continue  # another event at the same time comes after this one
        before = points[-1][1]
        if convert(value) == before:
            continue
        ramp = TABLE["ramp_seconds"] if seconds > 0 else 0.0
        if ramp:
            points.append((seconds, before))
        points.append((min(seconds + ramp, following), convert(value)))
    return points


def curve(points: Sequence[tuple[float, float]], frames: int, rate: int) -> Mono | float:
    """Sample a line of (seconds, gain) points: float32 [frames], or one number where it never changes."""
    if len({gain for _, gain in points}) == 1:
        return points[0][1]
    out = np.empty(frames, np.float32)
    position, gain = 0, points[0][1]
    for seconds, target in points:
        end = min(frames, max(position, int(np.ceil(seconds * rate))))
        out[position:end] = np.linspace(gain, target, end - position, endpoint=False) if target != gain else gain
        position, gain = end, target
    out[position:] = gain
    return out


def silences(track: Track, times: TimeMap, frames: int, rate: int) -> Mono | float:
    """The gain of the track's muted ranges, float32 [frames], or 1.0 where it has none."""
    if not track.silences:
        return 1.0
    gain = np.ones(frames, np.float32)
    fade = int(TABLE["silence_fade_seconds"] * rate)
    down = np.linspace(1, 0, fade, endpoint=False, dtype=np.float32)
    for item in track.silences:
        first = min(frames, round(times.seconds(item.tick) * rate))
        last = min(frames, round(times.seconds(item.tick + item.duration) * rate))
        if last - first <= 2 * fade:
            gain[first:last] = 0
            continue
        gain[first : first + fade] *= down
        gain[first + fade : last - fade] = 0
        gain[last - fade : last] *= down[::-1]
    return gain


def stem_samples(track: Track, dry: Dry, times: TimeMap, rate: int, bus: NDArray[np.float32]) -> NDArray[np.float32]:
    """The finished stem of a track before the common gain, float32 [2, frames].

    Args:
        track: its settings and controllers.
        dry: its dry sound, long enough for the room to die away.
        times: the score's time line.
        rate: in Hz.
        bus: the mix, float32 [2, at least frames]; the stem is added to it.
    """
    frames = len(dry.left)
    level = (
        curve(automation(track, VOLUME, track.volume, gain_of, times), frames, rate)
        * curve(automation(track, EXPRESSION, 127, gain_of, times), frames, rate)
        * silences(track, times, frames, rate)
        * family_gain(track)
    )
    pans = [
        curve(automation(track, PAN, track.pan, convert, times), frames, rate)
        for convert in (lambda value: pan_gains(value)[0], lambda value: pan_gains(value)[1])
    ]
    wet = Room(rate) if track.room else None
    out = np.empty((2, frames), np.float32)
    for start in range(0, frames, PIECE):
        piece = slice(start, min(start + PIECE, frames))
        left = dry.left[piece] * _part(level, piece)
        right = left if dry.right is dry.left else dry.right[piece] * _part(level, piece)
        now = out[:, piece]
        np.multiply(left, _part(pans[0], piece), out=now[0])
        np.multiply(right, _part(pans[1], piece), out=now[1])
        if wet is not None:
            send = (left + right) * np.float32(np.sqrt(0.5) * track.room / 127)
            for side, answer in enumerate(wet.process(send)):
                now[side] += answer
        bus[:, piece] += now
    return out


def _part(gain: Mono | float, piece: slice) -> Mono | np.float32:
    """The part of a gain that belongs to a piece of the signal."""
    return gain[piece] if isinstance(gain, np.ndarray) else np.float32(gain)
