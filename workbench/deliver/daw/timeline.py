"""What every project file for an audio workstation says alike: time line, markers, names and colours.

Workstations draw bars from metre changes alone and know neither pickups nor bars that are cut short, so such a bar
becomes a bar of a metre of its own (one quarter before a 4/4: a 1/4 bar); all later bar lines then fall where the
score has them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from workbench.score.score import Score, Track
from workbench.score.timemap import TimeMap
from workbench.sound.render import stem_name

#: The eight track colours of the app in its light theme (``fill`` in ``web/src/ui/palette.ts``), as RGB.
COLOURS = ("466ed4", "f2a33a", "12806a", "e58fb6", "6a3aa0", "86c8ec", "b5402c", "c9cf5a")
#: Name and colour of the inaudible mark's track.
MARK, GREY = "Mark (inaudible)", "9a9a9a"
_LONGEST_NAME = 200
_SMALLEST_UNIT = 64


@dataclass(frozen=True, slots=True)
class Lane:
    """One track as a workstation shows it: the score's track, its name, its stem's path and its colour (RGB hex)."""

    track: Track
    name: str
    stem: str
    colour: str


def lanes(score: Score, stems: Sequence[str]) -> list[Lane]:
    """The tracks in the score's order, with their stems' paths: relative to the project file, ``/`` between folders."""
    return [
        Lane(track, plain(stem_name(track)), path, COLOURS[track.color % len(COLOURS)])
        for track, path in zip(score.tracks, stems, strict=True)
    ]


def plain(text: str) -> str:
    """Text on one line, without characters that neither XML 1.0 nor a line of text can hold, at most 200 long."""
    return re.sub(r"[\s\x00-\x1f\x7f\ufffe\uffff\ud800-\udfff]+", " ", text).strip()[:_LONGEST_NAME]


def tempos(score: Score) -> list[tuple[int, float]]:
    """Tick and quarters a minute of every tempo, from tick 0 on; the last of several on one tick."""
    times = TimeMap(score)
    ticks = sorted({0, *(item.tick for item in score.tempos)})
    return [(tick, 60e6 / times.tempo_at(tick)) for tick in ticks]


def metres(score: Score, end: int) -> list[tuple[int, int, int]]:
    """Tick, upper and lower number of every metre that draws the score's bar lines up to tick ``end``."""
    out: list[tuple[int, int, int]] = []
    for bar in TimeMap(score).bars(end):
        metre = _metre(bar.end - bar.start, bar.numerator, bar.denominator, score.ppq)
        if not out or out[-1][1:] != metre:
            out.append((bar.start, *metre))
    return out


def _metre(length: int, numerator: int, denominator: int, ppq: int) -> tuple[int, int]:
    """The metre of a bar of ``length`` ticks: its own, or for one that is cut short the one of its length."""
    if abs(length - Fraction(4 * ppq * numerator, denominator)) < 1:
        return numerator, denominator
    part = Fraction(length, 4 * ppq)
    unit = max(part.denominator, denominator)
    if unit % part.denominator or unit > _SMALLEST_UNIT:
        return numerator, denominator  # no metre has this length; the workstation's grid is off from here on
    return part.numerator * unit // part.denominator, unit


def markers(score: Score) -> list[tuple[int, str]]:
    """Tick and text of every marker and cue."""
    return [(item.tick, plain(item.text)) for item in score.texts if item.kind in ("marker", "cue")]
