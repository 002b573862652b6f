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

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.score.score import Score, Track
from workbench.score.timemap import TimeMap
from workbench.sound.room import PIECE, Room
from workbench.sound.table import TABLE

VOLUME, PAN, EXPRESSION = 7, 10, 11
#: The volume of a new track.
USUAL_VOLUME = 100

Mono = NDArray[np.float32]


@dataclass(slots=True)
class Dry:
    """A track as its instrument sounds, before the mixer: left and right, float32 [frames] each.

    A sound in the middle has the same array on both sides, so it is worked on once.
    """

    left: Mono
    right: Mono

    def cut(self, frames: int) -> Dry:
        """The first ``frames`` frames of it."""
        left = self.left[:frames]
        return Dry(left, left if self.right is self.left else self.right[:frames])


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


class Curve:
    """A line of (seconds, gain) points, of which any stretch can be had.

    Args:
        points: in order of time; straight lines between them, constant outside.
        rate: in Hz.
    """

    def __init__(self, points: Sequence[tuple[float, float]], rate: int) -> None:
        self._first = points[0][1]
        self.constant = len({gain for _, gain in points}) == 1
        self._edges: list[int] = []  # the frame at which each piece of the line ends
        self._pieces: list[tuple[int, float, float]] = []  # where it begins, its gain there, and its slope a frame
        position, gain = 0, self._first
        for seconds, target in points if not self.constant else ():
            end = max(position, int(np.ceil(seconds * rate)))
            if end > position:
                self._edges.append(end)
                self._pieces.append((position, gain, (target - gain) / (end - position)))
            position, gain = end, target
        self._last = gain

    def part(self, start: int, frames: int) -> Mono | float:
        """The gain from frame ``start`` on: float32 [frames], or one number where it does not change at all."""
        if self.constant:
            return self._first
        out = np.empty(frames, np.float32)
        end = start + frames
        for number in range(bisect_right(self._edges, start), len(self._edges)):
            begin, gain, slope = self._pieces[number]
            first, last = max(begin, start), min(self._edges[number], end)
            if first >= end:
                break
            out[first - start : last - start] = np.arange(first - begin, last - begin) * slope + gain if slope else gain
        over = self._edges[-1] if self._edges else 0
        out[max(0, over - start) :] = self._last
        return out


def curve(points: Sequence[tuple[float, float]], frames: int, rate: int) -> Mono | float:
    """Sample a line of (seconds, gain) points: float32 [frames], or one number where it never changes."""
    return Curve(points, rate).part(0, frames)


class _Silences:
    """The gain of a track's muted ranges."""

    def __init__(self, track: Track, times: TimeMap, rate: int) -> None:
        self._spans = [
            (round(times.seconds(item.tick) * rate), round(times.seconds(item.tick + item.duration) * rate))
            for item in track.silences
        ]
        self._down = np.linspace(1, 0, int(TABLE["silence_fade_seconds"] * rate), endpoint=False, dtype=np.float32)

    def part(self, start: int, frames: int) -> Mono | float:
        """The gain from frame ``start`` on, float32 [frames], or 1.0 where nothing is muted."""
        spans = [(first, last) for first, last in self._spans if first < start + frames and last > start]
        if not spans:
            return 1.0
        gain = np.ones(frames, np.float32)
        fade = len(self._down)

        def at(frame: int) -> int:
            return min(frames, max(0, frame - start))

        def fading(first: int, shape: Mono) -> None:
            begin, end = at(first), at(first + fade)
            gain[begin:end] *= shape[begin + start - first : end + start - first]

        for first, last in spans:
            if last - first <= 2 * fade:
                gain[at(first) : at(last)] = 0
                continue
            fading(first, self._down)
            gain[at(first + fade) : at(last - fade)] = 0
            fading(last - fade, self._down[::-1])
        return gain


class Strip:
    """A track's place in the mixer: makes its stem (before the common gain) of its dry sound, block by block.

    Args:
        track: its settings and controllers.
        times: the score's time line.
        rate: in Hz.
        recorded: the sound is a recording: it has its room already, and at a track's usual volume it is as it is.
    """

    def __init__(self, track: Track, times: TimeMap, rate: int, *, recorded: bool = False) -> None:
        self._gain, self._room = family_gain(track), track.room
        if recorded:
            self._gain, self._room = 1.0 / gain_of(USUAL_VOLUME), 0
        self._level = Curve(automation(track, VOLUME, track.volume, gain_of, times), rate)
        self._expression = Curve(automation(track, EXPRESSION, 127, gain_of, times), rate)
        self._silences = _Silences(track, times, rate)
        self._pans = [
            Curve(automation(track, PAN, track.pan, convert, times), rate)
            for convert in (lambda value: pan_gains(value)[0], lambda value: pan_gains(value)[1])
        ]
        self._wet = Room(rate) if self._room else None
        self._done = 0

    def process(self, dry: Dry | None, frames: int) -> NDArray[np.float32] | None:
        """The next block of the stem, float32 [2, frames], or None where it is silent.

        Args:
            dry: the next block of the dry sound; None: silence.
            frames: its length; all blocks but the last hold whole pieces (:data:`.room.PIECE`).
        """
        start, self._done = self._done, self._done + frames
        if dry is None:
            if self._wet is None or self._wet.resting:
                return None
            silence = np.zeros(frames, np.float32)
            dry = Dry(silence, silence)
        level = (
            self._level.part(start, frames)
            * self._expression.part(start, frames)
            * self._silences.part(start, frames)
            * self._gain
        )
        pans = [pan.part(start, frames) for pan in self._pans]
        out = np.empty((2, frames), np.float32)
        for begin in range(0, frames, PIECE):
            piece = slice(begin, min(begin + PIECE, frames))
            left = dry.left[piece] * _part(level, piece)
            right = left if dry.right is dry.left else dry.right[piece] * _part(level, piece)
            now = out[:, piece]
            np.multiply(left, _part(pans[0], piece), out=now[0])
            np.multiply(right, _part(pans[1], piece), out=now[1])
            if self._wet is not None:
                send = (left + right) * np.float32(np.sqrt(0.5) * self._room / 127)
                for side, answer in enumerate(self._wet.process(send)):
                    now[side] += answer
        return out


def _part(gain: Mono | float, piece: slice) -> Mono | np.float32:
    """The part of a gain that belongs to a piece of the signal."""
    return gain[piece] if isinstance(gain, np.ndarray) else np.float32(gain)
