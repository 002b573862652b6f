"""Bars of a MusicXML score on the time line: their lengths, the pickup, metres, and a resolution that fits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from math import lcm

from workbench.score.lanes import Meter
from workbench.score.notation.parts import Part

MAX_PPQ = 32_767  # what MIDI can say


@dataclass(slots=True)
class Timeline:
    """Where every bar starts (in quarters; one more entry for the end) and the metres at bar lines."""

    starts: list[Fraction]
    pickup: Fraction
    meters: list[tuple[Fraction, int, int]]
    own_meters: int  # bars longer or shorter than their metre that got a metre of their own


def build_timeline(parts: list[Part], signs: dict[int, tuple[int, int] | None]) -> Timeline:
    """Lengths come from the notes; a bar in which nothing has a length lasts as long as its metre says.

    A first bar that is too short, or says that it is bar 0, is a pickup. Short bars that complete each other
    (split by a repeat sign) count as one; any other bar that does not fit its metre gets a metre of its own, so
    that bar lines stay in place.
    """
    count = max(len(part.measures) for part in parts)
    current: tuple[int, int] | None = signs.get(0, (4, 4))
    in_force: list[tuple[int, int] | None] = []
    lengths: list[Fraction] = []
    for index in range(count):
        current = signs.get(index, current)
        in_force.append(current)
        lengths.append(_length(parts, index, current))
    starts = [Fraction(0), *accumulate(lengths)]
    timeline = Timeline(starts, Fraction(0), [], 0)
    opening = next(part.measures[0].element for part in parts if part.measures)
    if opening.get("implicit") == "yes" and opening.get("number") == "0" and count > 1:
        timeline.pickup = lengths[0]
    _place_meters(timeline, lengths, in_force, bool(signs))
    return timeline


def _length(parts: list[Part], index: int, meter: tuple[int, int] | None) -> Fraction:
    measures = [part.measures[index] for part in parts if index < len(part.measures)]
    nominal = Fraction(4 * meter[0], meter[1]) if meter else Fraction(4)
    content = max(measure.length for measure in measures)
    rests = max(measure.rest_length for measure in measures)
    if rests == 4 and nominal < 4:  # a rest for the whole bar is often written with this length in any metre
        rests = nominal
    return max(content, rests) or nominal


def _place_meters(
    timeline: Timeline, lengths: list[Fraction], in_force: list[tuple[int, int] | None], signed: bool
) -> None:
    index = 0
    said: tuple[int, int] | None = None
    first = in_force[0]
    short = first is not None and len(lengths) > 1 and lengths[0] < Fraction(4 * first[0], first[1])
    if first is not None and (short or timeline.pickup):
        timeline.pickup = lengths[0]
        index = 1
        if signed:
            timeline.meters.append((Fraction(0), *first))
            said = first
    while index < len(lengths):
        meter = in_force[index]
        nominal = Fraction(4 * meter[0], meter[1]) if meter else None
        bars = _complementing(lengths, in_force, index) if nominal is not None else 1
        last = index + bars == len(lengths)
        if nominal == sum(lengths[index : index + bars]) or (last and nominal and lengths[index] < nominal):
            wanted = meter
        else:
            wanted = own_meter(lengths[index], meter)
            if wanted is None:  # no metre can say this length
                wanted = meter or (4, 4)
            timeline.own_meters += 1
        if wanted != said and (signed or wanted != (4, 4) or said is not None):
            assert wanted is not None
            timeline.meters.append((timeline.starts[index], *wanted))
            said = wanted
        index += bars


def _complementing(lengths: list[Fraction], in_force: list[tuple[int, int] | None], index: int) -> int:
    """How many bars from ``index`` on add up to exactly one bar of the metre (1: this one stands alone)."""
    meter = in_force[index]
    assert meter is not None
    nominal = Fraction(4 * meter[0], meter[1])
    total = Fraction(0)
    for bars in range(1, 5):
        place = index + bars - 1
        if place >= len(lengths) or in_force[place] != meter or total >= nominal:
            return 1
        total += lengths[place]
        if total == nominal:
            return bars
    return 1


def own_meter(length: Fraction, meter: tuple[int, int] | None) -> tuple[int, int] | None:
    """The metre that says a bar of ``length`` quarters, with the usual lower number where it can."""
    whole_notes = length / 4
    lower = meter[1] if meter else 4
    while lower <= 256:
        upper = whole_notes * lower
        if upper.denominator == 1:
            return (int(upper), lower) if 1 <= upper <= 255 else None
        lower *= 2
    return None


def meter_lane(timeline: Timeline, ppq: int) -> list[Meter]:
    """The metre lane in ticks; a metre at the pickup's end is the one it began with."""
    out: list[Meter] = []
    for start, numerator, denominator in timeline.meters:
        out.append(Meter(round(start * ppq), numerator, denominator))
    return out


def choose_ppq(times: Iterable[Fraction]) -> int:
    """Ticks to a quarter that make every time a whole number, a multiple of 960 where that fits.

    Where no resolution up to MIDI's 32,767 fits them all, the commonest fractions are served first and the
    others are rounded to the nearest tick.
    """
    denominators = Counter(time.denominator for time in times)
    need = 1
    for denominator, _ in sorted(denominators.items(), key=lambda item: (-item[1], item[0])):
        if lcm(need, denominator) <= MAX_PPQ:
            need = lcm(need, denominator)
    return next(fit for base in (960, 480, 240, 96, 48, 24, 12, 4, 2, 1) if (fit := lcm(need, base)) <= MAX_PPQ)
