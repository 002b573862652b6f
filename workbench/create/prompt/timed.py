"""When the sections of a brief sound, once a person has moved, lengthened or shortened them."""

from __future__ import annotations

from dataclasses import replace

from workbench.create.prompt.brief import Brief


def timed(brief: Brief) -> Brief:
    """The brief with the times of its sections as its tempos give them.

    Where the length is not fixed the piece is as long as its sections are, and its curves are stretched over it.
    """

    def seconds(bar: int) -> float:
        return _seconds(brief, (bar - 1) * brief.bar_quarters)

    sections = tuple(
        replace(part, start=round(seconds(part.first_bar), 6), end=round(seconds(part.last_bar + 1), 6))
        for part in brief.sections
    )
    if brief.exact or not sections:
        return replace(brief, sections=sections)
    ratio = sections[-1].end / brief.seconds
    tempos = tuple(row for row in brief.tempos if row[0] <= brief.bars)
    return replace(
        brief, sections=sections, seconds=sections[-1].end, tempos=tempos,
        dynamics=tuple((at * ratio, value) for at, value in brief.dynamics),
        density=tuple((at * ratio, value) for at, value in brief.density),
    )  # fmt: skip


def _seconds(brief: Brief, quarter: float) -> float:
    """When a place in the piece sounds, in seconds; ``quarter``: from its beginning.

    As the anchors say, between which time runs evenly; where there are none, as the tempos say.
    """
    if len(brief.sync) > 1:
        from numpy import interp

        places = [_quarter(brief, bar, beat) for _, bar, beat in brief.sync]
        return float(interp(quarter, places, [time for time, _, _ in brief.sync]))
    at, tempo, out = 0.0, brief.tempo, 0.0
    for bar, beat, following in brief.tempos:
        place = _quarter(brief, bar, beat)
        if place >= quarter:
            break
        out += (place - at) * 60.0 / tempo
        at, tempo = place, following
    return out + (quarter - at) * 60.0 / tempo


def _quarter(brief: Brief, bar: int, beat: float) -> float:
    return (bar - 1) * brief.bar_quarters + (beat - 1) * 4.0 / brief.metre[1]
