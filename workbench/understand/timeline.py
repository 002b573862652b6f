"""From heard beats to the time line of a piece: one tempo a beat, bars from the downbeats, the lead-in as bar 0.

Tick 0 is the recording's first sample, so that the recording and the piece run side by side from the start. Every beat
lies on a multiple of the resolution, and what lies between two beats is divided evenly.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from workbench.errors import BadRequest
from workbench.score.lanes import DEFAULT_TEMPO, Meter, Tempo
from workbench.score.score import DEFAULT_PPQ, Score
from workbench.score.timemap import TimeMap

if TYPE_CHECKING:
    from workbench.understand.heard import Beats

#: A stretch without beats longer than this, in seconds and in beats of its neighbours, is counted on through.
_GAP_SECONDS, _GAP_BEATS = 4.0, 3.0
#: Shortest and longest beat in seconds that is counted on with.
_SHORTEST, _LONGEST = 0.15, 4.0


@dataclass(frozen=True, slots=True)
class Timeline:
    """A score without tracks that holds tempos, metres and pickup, and its time map."""

    score: Score
    time: TimeMap

    def tick(self, seconds: float) -> int:
        """The tick nearest to a time in seconds."""
        return self.time.tick(seconds)

    def beat_tick(self, seconds: float, within: float = 0.06) -> int:
        """The tick of the nearest beat if it lies ``within`` so many seconds, else the nearest tick."""
        tick, ppq = self.time.tick(seconds), self.score.ppq
        beat = (tick + ppq // 2) // ppq * ppq
        return beat if abs(self.time.seconds(beat) - seconds) <= within else tick

    def bar_tick(self, seconds: float) -> int:
        """The tick of the nearest bar line if it lies within a beat and a half, else of the nearest beat."""
        tick, ppq = self.time.tick(seconds), self.score.ppq
        bar = self.time.bar_at(tick)
        line = bar.start if tick - bar.start <= bar.end - tick else bar.end
        return line if abs(line - tick) <= 3 * ppq // 2 else (tick + ppq // 2) // ppq * ppq


def timeline(beats: Beats, duration: float) -> Timeline:
    """The time line of a recording of ``duration`` seconds; without beats 120 a minute in bars of four.

    Raises:
        BadRequest: the recording is too long for a piece.
    """
    score = Score(ppq=DEFAULT_PPQ)
    if len(beats.beats) < 2:
        return Timeline(score, TimeMap(score))
    times, ones = _counted(beats)
    if len(times) > 500_000:
        raise BadRequest("This recording has too many beats for one piece; use a shorter part of it.")
    score.tempos = _tempos(times)
    score.pickup, score.meters = _bars(len(times), ones, beats.metre)
    return Timeline(score, TimeMap(score))


def _counted(beats: Beats) -> tuple[list[float], list[int]]:
    """Beat times from 0 on, with beats counted in before the first one and through gaps, and the downbeats' places."""
    heard, wanted = list(beats.beats), set(beats.ones)
    usual = float(np.clip(np.median(np.diff(heard)), _SHORTEST, _LONGEST))
    opening = float(np.clip(np.median(np.diff(heard[:9])), _SHORTEST, _LONGEST))
    times: list[float] = []
    if heard[0] > 0.001:
        # The first counted beat takes what is left over, so that all others keep the opening's tempo.
        count = max(1, round(heard[0] / opening))
        times = [0.0, *(heard[0] - opening * step for step in range(count - 1, 0, -1))]
    else:
        heard[0] = 0.0
    ones = [len(times)] if 0 in wanted else []
    times.append(heard[0])
    for index, (before, after) in enumerate(pairwise(heard), start=1):
        if after - before > max(_GAP_SECONDS, _GAP_BEATS * usual):
            count = max(1, round((after - before) / usual))
            times += [before + (after - before) * step / count for step in range(1, count)]
        if index in wanted:
            ones.append(len(times))
        times.append(after)
    return times, ones


def _tempos(times: list[float]) -> list[Tempo]:
    """One tempo a beat in whole microseconds; what rounding leaves over goes into the next beat."""
    out: list[Tempo] = []
    elapsed = 0
    for index, after in enumerate(times[1:]):
        length = max(1, round(after * 1e6) - elapsed)
        elapsed += length
        if not out or out[-1].us_per_quarter != length:
            out.append(Tempo(index * DEFAULT_PPQ, length))
    ending = float(np.median(np.diff(times[-9:])))
    length = max(1, min(0xFFFFFF, round(ending * 1e6))) or DEFAULT_TEMPO
    if out[-1].us_per_quarter != length:
        out.append(Tempo((len(times) - 1) * DEFAULT_PPQ, length))
    return out


def _bars(count: int, ones: list[int], metre: int) -> tuple[int, list[Meter]]:
    """The pickup in ticks and the metres, from the places of the downbeats among ``count`` beats."""
    first = ones[0] if ones else 0
    pickup = first % metre
    lengths = [metre] * (first // metre)
    for before, after in pairwise(ones):
        full, rest = divmod(after - before, metre)
        lengths += [metre] * full + ([rest] if rest else [])
    meters = [Meter(0, metre)]
    place = pickup
    for length in lengths:
        if length != meters[-1].numerator:
            meters.append(Meter(place * DEFAULT_PPQ, length))
        place += length
    if place <= count and meters[-1].numerator != metre:
        meters.append(Meter(place * DEFAULT_PPQ, metre))
    return pickup * DEFAULT_PPQ, meters
