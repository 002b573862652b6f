"""Which bar of a style sounds in which bar of the piece: grooves by phrases, fills at their ends, intro and ending."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.create.compose.style import ENDING, FILL, GROOVE_A, GROOVE_B, INTRO, Pattern, Style
from workbench.create.compose.tones import is_minor
from workbench.score.lanes import Chord
from workbench.score.score import Note
from workbench.score.timemap import Bar

PHRASE = 8  #: bars
#: An introduction is played where the tune is silent for so many bars at the start.
SILENT = 4
#: Shortest piece, in bars, that gets more than one bar of ending.
ENDS = 24


@dataclass(frozen=True, slots=True)
class Stretch:
    """A section of the style over some bars of the piece.

    ``section``: a name of :meth:`Style.sections`; ``first``, ``last``: bar numbers, both included; ``parts``: names or
    roles of the parts that play, empty for all.
    """

    section: str
    first: int
    last: int
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """What sounds in one bar: a bar of a section of the style, its number within the stretch, and who rests."""

    bar: Bar
    section: str
    source: int
    turn: int
    opens: bool
    parts: tuple[str, ...] = ()


def own_stretches(style: Style, bars: Sequence[Bar], tune: Sequence[Note], rng: np.random.Generator, *,
                  ends: bool = True, phrases: Sequence[int] = ()) -> list[Stretch]:  # fmt: skip
    """Sections by themselves: an intro while the tune is silent, grooves by phrases, fills, the ending.

    Args:
        style: whose sections are used; one that it lacks is passed over.
        bars: the bars to play in, in order.
        tune: its notes, in ticks.
        rng: chance, for which fill comes where.
        ends: whether the piece ends with the last bar.
        phrases: numbers of the bars at which phrases begin; left out: every eight bars from the tune's first on.
    """
    have = set(style.sections())
    numbers = [bar.number for bar in bars]
    if not numbers:
        return []
    first_note = min((note.start for note in tune), default=0)
    silent = sum(1 for bar in bars if bar.end <= first_note) if tune else 0
    out: list[Stretch] = []
    begin = 0
    if SILENT <= silent < len(bars) and INTRO in have:
        out.append(Stretch(INTRO, numbers[0], numbers[silent - 1]))
        begin = silent
    stop = len(numbers)
    if ends and ENDING in have and len(bars) > 2:
        stop -= min(_bars(style, ENDING), 2 if len(bars) >= ENDS else 1)
    opens = _openings(numbers[begin:], phrases)
    fills = [name for name in style.sections() if name.startswith(FILL)]
    drawn = [fills[int(at)] for at in rng.permutation(len(fills))] if fills else []
    for count, (start, end) in enumerate(zip(opens, [*opens[1:], numbers[-1] + 1], strict=True)):
        inside = [number for number in numbers[begin:stop] if start <= number < end]
        if not inside:
            continue
        groove = (GROOVE_A, GROOVE_B)[count % 2]
        groove = groove if groove in have else next((name for name in (GROOVE_A, GROOVE_B) if name in have), groove)
        filled = len(inside) >= 4 and bool(drawn)
        body = inside[:-1] if filled else inside
        out.append(Stretch(groove, body[0], body[-1]))
        if filled:
            out.append(Stretch(drawn[count % len(drawn)], inside[-1], inside[-1]))
    if stop < len(numbers):
        out.append(Stretch(ENDING, numbers[stop], numbers[-1]))
    return out


def _bars(style: Style, section: str) -> int:
    return max((part.sections[section].bars for part in style.parts if section in part.sections), default=1)


def _openings(numbers: Sequence[int], phrases: Sequence[int]) -> list[int]:
    given = sorted({number for number in phrases if numbers[0] < number <= numbers[-1]})
    return [numbers[0], *given] if given else list(range(numbers[0], numbers[-1] + 1, PHRASE))


def places(
    style: Style, stretches: Sequence[Stretch], bars: Sequence[Bar], chords: Sequence[Chord], turn: int = 0
) -> list[Place]:
    """A bar of the style for every bar that a stretch names; bars that none names rest.

    Of a groove the bars are taken that stand over a chord of the same kind (major or minor) as the piece's, so that a
    style's own turns over minor chords are heard where there are some. ``turn`` shifts where a groove begins.
    """
    out = []
    for bar in bars:
        stretch = next((item for item in stretches if item.first <= bar.number <= item.last), None)
        pattern = None if stretch is None else _leading(style, stretch.section)
        if stretch is None or pattern is None:
            continue
        at = bar.number - stretch.first
        if stretch.section in (GROOVE_A, GROOVE_B):
            source = _groove_bar(style, pattern, bar, chords, at + turn)
        elif stretch.section == ENDING:  # a short one has the end of the style's
            source = max(0, pattern.bars - 1 - stretch.last + bar.number)
        else:
            source = min(at, pattern.bars - 1)
        out.append(Place(bar, stretch.section, source, at, at == 0, stretch.parts))
    return out


def _leading(style: Style, section: str) -> Pattern | None:
    """The longest pattern of a section."""
    found = [part.sections[section] for part in style.parts if section in part.sections]
    return max(found, key=lambda pattern: pattern.bars, default=None)


def _groove_bar(style: Style, pattern: Pattern, bar: Bar, chords: Sequence[Chord], at: int) -> int:
    length = 3840 * style.metre[0] // style.metre[1]
    here = chord_at(chords, bar.start)
    kinds = [(chord := chord_at(pattern.chords, number * length)) is not None and is_minor(chord)
             for number in range(pattern.bars)]  # fmt: skip
    wanted = here is not None and is_minor(here)
    fitting = [number for number, kind in enumerate(kinds) if kind == wanted] or list(range(pattern.bars))
    return fitting[at % len(fitting)]


def chord_at(chords: Sequence[Chord], tick: int) -> Chord | None:
    """The chord that holds a tick, or the last one before it; None before the first."""
    found = None
    for chord in chords:
        if chord.tick > tick:
            break
        found = chord
    return found
