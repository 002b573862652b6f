"""Is it cut to the video: what falls on its cuts, whether it is loud where much moves, whether it ends with it.

Cuts are compared with what the rendered sound does: beats on which something is heard to begin, and strong onsets
wherever they fall. How often a cut is hit by chance is told by moving all cuts together through the piece.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.create.prompt.card import Line
from workbench.create.prompt.measures.shares import correlation, few, sampled, smoothed, within
from workbench.create.prompt.piece import LOUD_FPS, ONSET_FPS, Piece

Floats = npt.NDArray[np.float64]

#: How far from a cut its bar, beat or accent may fall, in seconds.
NEAR = 0.07
#: How strong an onset must be to be an accent (1: the strongest hundredth of frames), and how far apart they are.
ACCENT, APART = 0.75, 0.15
#: How strong an onset must be for a beat to be heard at all, and how far it may lie from it, in seconds.
AUDIBLE, BESIDE = 0.12, 0.04
#: Times by which all cuts are moved to tell chance: every so many seconds.
MOVED = 0.31
#: Loudness and motion are compared over so many seconds around each moment.
AROUND = 1.6
#: Seconds that the length may be off, and from where it is another length.
LENGTH, LENGTH_LOST = 0.05, 1.5
#: Cuts nearer to either end than this are the beginning and the end.
EDGE = 0.25
CUTS_TARGET, MOTION_TARGET = 0.9, 0.6


def accents_of(onsets: Floats, strength: float = ACCENT) -> Floats:
    """When something begins that is stronger than what is around it, in seconds."""
    reach = round(APART * ONSET_FPS)
    out: list[int] = []
    for at in np.flatnonzero(onsets >= strength).tolist():
        if onsets[at] >= onsets[max(0, at - reach) : at + reach + 1].max() and (not out or at - out[-1] > reach):
            out.append(at)
    return np.array(out, np.float64) / ONSET_FPS


def hits(cuts: Floats, marks: Floats) -> npt.NDArray[np.bool_]:
    """Which cuts have a mark within :data:`NEAR` seconds."""
    if not len(marks) or not len(cuts):
        return np.zeros(len(cuts), bool)
    marks = np.sort(marks)
    at = np.searchsorted(marks, cuts)
    before = np.abs(cuts - marks[np.maximum(at - 1, 0)])
    after = np.abs(cuts - marks[np.minimum(at, len(marks) - 1)])
    return np.asarray(np.minimum(before, after) <= NEAR + 1e-6)


def by_chance(cuts: Floats, marks: Floats, seconds: float) -> float:
    """The share of cuts that is hit when all are moved together through the piece."""
    moves = np.arange(MOVED, max(seconds - MOVED, 2 * MOVED), MOVED)
    return float(np.mean([hits((cuts + move) % seconds, marks).mean() for move in moves])) if len(cuts) else 0.0


def marks_of(piece: Piece) -> Floats:
    """The beats on which something is heard to begin, and the accents between them, in seconds."""
    onsets, reach = piece.onsets, round(BESIDE * ONSET_FPS)
    beats = []
    for time in piece.beats.beats:
        at = round(time * ONSET_FPS)
        near = onsets[max(0, at - reach) : at + reach + 1]
        if len(near) and near.max() >= AUDIBLE:
            beats.append(time)
    return np.sort(np.concatenate([np.array(beats, np.float64), accents_of(onsets)]))


def measure(slot: str, watched: Any, piece: Piece) -> list[Line]:
    """The lines of a video that gives the timing; ``watched`` is its :class:`Watched`."""
    out = [_length(slot, float(watched.duration), piece)]
    times = watched.cuts or watched.moments
    line = cuts(slot, times, float(watched.duration), piece, "cuts" if watched.cuts else "moments")
    if line is not None:
        out.insert(0, line)
    moving = motion(slot, watched.motion, float(watched.duration), piece)
    return [*out, moving] if moving is not None else out


def cuts(slot: str, times: Sequence[float], seconds: float, piece: Piece, name: str = "cuts") -> Line | None:
    """The share of cuts (or moments) on which a beat or an accent falls; None without any."""
    found = np.array([time for time in times if EDGE <= time <= seconds - EDGE], np.float64)
    if not len(found) or piece.audio is None:
        return None
    marks = marks_of(piece)
    right = hits(found, marks)
    value = float(right.mean())
    many = f"{int(right.sum())} of the {len(found)} {name}" if len(found) > 1 else f"the one {name[:-1]}"
    said = f"The music has a beat or an accent on {many} of your video."
    if len(found) > 1 and right.all():
        said = f"The music has a beat or an accent on every {name[:-1]} of your video."
    elif not right.any():
        said = f"The music misses the {name} of your video."
    return Line(
        slot, name, value, CUTS_TARGET, said, by_chance(found, marks, max(seconds, piece.seconds)), "audio", "marks",
        tuple((time, 1.0) for time in found.tolist()), few([(time, 0.5) for time in marks.tolist()], 4_000),
    )  # fmt: skip


def motion(slot: str, rows: Sequence[tuple[float, float]], seconds: float, piece: Piece) -> Line | None:
    """How loudness follows what moves; None where nothing does, or nothing sounds."""
    value, asked, got = follows(rows, seconds, piece)
    if not len(asked) or np.ptp(asked) < 0.02:
        return None
    if value >= MOTION_TARGET:
        said = "It is loud where much moves, and soft where little does."
    elif value >= 0.3:
        said = "It follows what moves in your video, but not everywhere."
    else:
        said = "It hardly follows what moves in your video."
    times = np.arange(len(asked)) / LOUD_FPS
    want, have = (few(list(zip(times.tolist(), curve.tolist(), strict=True))) for curve in (asked, got))
    return Line(slot, "loudness and motion", max(0.0, value), MOTION_TARGET, said, 0.15, "audio", "curve", want, have)


def follows(rows: Sequence[tuple[float, float]], seconds: float, piece: Piece) -> tuple[float, Floats, Floats]:
    """Pearson's correlation of the sound's loudness with a curve, and both, :data:`LOUD_FPS` a second.

    Both are smoothed over :data:`AROUND` seconds. Where the sound ends before the curve it counts as silent.
    """
    count = int(seconds * LOUD_FPS)
    if not rows or count < 5 or not len(piece.loudness):
        return 0.0, np.zeros(0), np.zeros(0)
    width = round(AROUND * LOUD_FPS)
    asked = smoothed(sampled(rows, (np.arange(count, dtype=np.float64) + 0.5) / LOUD_FPS), width)
    loud = np.zeros(count)
    loud[: min(count, len(piece.loudness))] = piece.loudness[:count]
    got = smoothed(loud, width)
    inside = slice(3, max(6, count - 5))  # the first attack and the last breath are no answer to the picture
    return correlation(asked[inside], got[inside]), asked, got


def _length(slot: str, seconds: float, piece: Piece) -> Line:
    return length(slot, seconds, piece, "your video", LENGTH, LENGTH_LOST)


def length(slot: str, seconds: float, piece: Piece, what: str, allowed: float, lost: float) -> Line:
    """How near the length comes: that of the score, whose last note is cut with the picture."""
    error = abs(piece.seconds - seconds)
    value = within(error, allowed, lost)
    if value >= 1:
        said = f"It ends with {what}." if slot == "video" else f"It is {seconds:g} seconds long, as you asked."
    else:
        how = "longer" if piece.seconds > seconds else "shorter"
        said = f"It is {error:.1f} seconds {how} than {what}."
    return Line(slot, "length", value, 1.0, said, 0.1, "score", "bars", ((0, seconds),), ((0, piece.seconds),),
                ("seconds",))  # fmt: skip
