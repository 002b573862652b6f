"""A drawn curve of fullness: how many notes each bar has, and who plays in each section.

The middle of the curve is what the piece would have anyway; its lowest point a quarter of that, its highest 1.6 times
as much, evenly by the ear (each step of the curve multiplies).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from workbench.create.compose.remetre import beats_of
from workbench.create.compose.style import PPQ, Style
from workbench.create.compose.styles import load_style
from workbench.create.prompt import curves, styling
from workbench.create.prompt.brief import Brief, BriefSection
from workbench.create.prompt.thickness import Parts, thicken, thin
from workbench.score.score import Score
from workbench.score.timemap import TimeMap

#: How many times the usual number of notes the ends of the curve stand for.
FEWEST, MOST = 0.25, 1.6
#: A bar is left as it is within these shares of what is wanted.
LESS, MORE = 0.95, 1.05


def usual_rate(brief: Brief) -> float:
    """Notes and drum strokes a second, of all parts together, where nothing is drawn: as asked, or as the style has."""
    if brief.feel.density is not None:
        return brief.feel.density
    figures = styling.figures_of(brief.style)
    beats = brief.tempo * PPQ / beats_of(brief.metre)[1]
    return max(0.5, (figures.density + figures.strokes) * beats / 60.0)


def factor(value: float) -> float:
    """How many times the usual number of notes a value of the curve means."""
    end = FEWEST if value < 0.5 else MOST
    return float(end ** abs(2 * value - 1))


def value_of(ratio: float) -> float:
    """The value of the curve that so many times the usual number of notes stand for: :func:`factor` turned round."""
    if ratio <= FEWEST:
        return 0.0
    end = FEWEST if ratio < 1 else MOST
    share = float(np.log(ratio) / np.log(end)) / 2
    return 0.5 - share if ratio < 1 else min(1.0, 0.5 + share)


def follow(parts: Parts, told: Sequence[int], brief: Brief, score: Score, style: Style, span: tuple[int, int],
           rng: np.random.Generator) -> None:  # fmt: skip
    """Bring every bar of a section to the number of notes that the curve asks for, in place.

    Args:
        parts: notes by part, in ticks of the piece.
        told: ticks at which notes of the told tune begin; they stay.
        brief: whose curve is followed.
        score: bars and tempo.
        style: whose parts they are.
        span: ticks of the section.
        rng: chance.
    """
    times, usual = TimeMap(score), usual_rate(brief)
    programs = {item.part: item.program for item in brief.instruments}
    rest: Parts = {name: [note for note in notes if not span[0] <= note.start < span[1]]
                   for name, notes in parts.items()}  # fmt: skip
    for bar in times.bars(span[1]):
        start, end = max(bar.start, span[0]), min(bar.end, span[1])
        if start >= end:
            continue
        own: Parts = {name: [note for note in notes if start <= note.start < end] for name, notes in parts.items()}
        begin, stop = times.seconds(start), times.seconds(end)
        wanted = usual * factor(curves.mean(brief.density, begin, stop)) * (stop - begin)
        wanted -= sum(start <= tick < end for tick in told)
        count = sum(len(notes) for notes in own.values())
        if count > MORE * wanted:
            thin(own, max(0, round(wanted)), score, style)
        elif count < LESS * wanted:
            thicken(own, round(wanted), score, style, (start, end), rng, programs)
        for name, notes in own.items():
            rest[name] += notes
    parts.update(rest)


def sections_of(brief: Brief) -> tuple[BriefSection, ...]:
    """The sections with as much energy, and as many of the band playing, as the curve has notes in them."""
    style = load_style(brief.style)
    playing = {item.part for item in brief.instruments}
    drums = {part.name for part in style.parts if part.is_drum}
    every = tuple(part.name for part in style.parts if part.name in playing)
    out = []
    for part in brief.sections:
        value = curves.mean(brief.density, part.start, part.end)
        order = tuple(dict.fromkeys((*part.instruments, *every)))
        who = styling.fewer(order, value, drums) if every else part.instruments
        out.append(replace(part, energy=round(15 + 80 * value), instruments=who))
    return tuple(out)
