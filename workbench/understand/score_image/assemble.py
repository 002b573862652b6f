"""From symbols and masks to music: the pages of one piece, put together by rules.

``assemble`` takes what was found on each page, in order, and gives systems, staves and events with pitches, onsets and
lengths; keys, clefs, metres and bar numbers go on from system to system and from page to page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from workbench.understand.score_image.bars import Bar, likely_time, solve_bar
from workbench.understand.score_image.items import (
    Item,
    chords,
    give_accidentals,
    give_dots,
    give_tuplets,
    group_beams,
    rest_item,
    stretch_of,
)
from workbench.understand.score_image.layout import Block, Line, find_blocks
from workbench.understand.score_image.signs import (
    Head,
    agreed_time,
    read_key,
    read_time,
    settle_keys,
    staff_clefs,
)
from workbench.understand.score_image.symbols import SPACE, Detected, Symbol
from workbench.understand.score_image.unisons import unisons

#: Asked for every chord with a stem: how many beams or flags the full picture shows; None: it cannot tell.
Beams = Callable[[int, Item, Symbol], int | None]


@dataclass(slots=True)
class StaffMusic:
    """One staff of a system: its clefs as found (``symbols``), the first one and the changes as (x, clef)."""

    symbols: list[Symbol] = field(default_factory=list)
    clef: str = "G"
    changes: list[tuple[float, str]] = field(default_factory=list)


@dataclass(slots=True)
class SystemMusic:
    """One system as music: where it stands, its staves and bars, on page ``page`` counted from 0."""

    page: int
    block: Block
    staves: list[StaffMusic]
    bars: list[Bar]
    heads: list[tuple[int, Head]] = field(default_factory=list)  # (bar, what stands at its beginning)


def assemble(
    found: Sequence[Detected], beams: Beams | None = None, inks: Sequence[NDArray[np.float32]] | None = None
) -> list[SystemMusic]:
    """All systems of a piece in order, bars solved.

    Args:
        found: one a page.
        beams: counts beams in the full picture.
        inks: the pages themselves, float32 [H, W] at 8 pixels a staff space.
    """
    systems: list[SystemMusic] = []
    for page, detected in enumerate(found):
        pairs = _shared(detected, None if inks is None else inks[page])
        places = [
            (line.middle(s.x) - s.y) / (SPACE / 2)
            for block, symbols in pairs
            for line, own in zip(block.staves, symbols, strict=True)
            for s in own
            if s.kind.startswith("head_")
        ]
        stretch = stretch_of(places)
        for block, symbols in pairs:
            systems.append(_system(page, block, symbols, detected, beams, stretch))
    _settle_clefs(systems)
    _settle_keys(systems)
    _settle_times(systems)
    return systems


def _shared(detected: Detected, ink: NDArray[np.float32] | None) -> list[tuple[Block, list[list[Symbol]]]]:
    """Each system with the symbols of each of its staves; a title in capitals is no system."""
    blocks = find_blocks(detected, ink)
    staves = [(b, s, line) for b, block in enumerate(blocks) for s, line in enumerate(block.staves)]
    out: list[list[list[Symbol]]] = [[[] for _ in block.staves] for block in blocks]
    for symbol in detected.symbols:
        best: tuple[float, int, int] | None = None
        for b, s, line in staves:
            block = blocks[b]
            if not block.left - 3 * SPACE <= symbol.x <= block.right + 3 * SPACE:
                continue
            if not _may_stand(symbol, line):
                continue
            far = abs(symbol.y - line.middle(symbol.x))
            if symbol.kind.startswith("head_") and far > 2.6 * SPACE:
                far = 2.6 * SPACE + abs(symbol.y - symbol.offset * SPACE - line.middle(symbol.x)) + 0.05 * far
            if best is None or far < best[0]:
                best = (far, b, s)
        if best is not None and best[0] < 11 * SPACE:
            out[best[1]][best[2]].append(symbol)
    pairs = list(zip(blocks, out, strict=True))
    return [pair for pair in pairs if _is_music(pair[1])] or pairs


def _may_stand(symbol: Symbol, line: Line) -> bool:
    """Whether a clef lies where it does on this staff: G and F clefs have one line each."""
    above = (line.middle(symbol.x) - symbol.y) / SPACE
    if symbol.kind.startswith("clef_f"):
        return abs(above - 1) < 1.3
    if symbol.kind.startswith("clef_g"):
        return abs(above + 1) < 1.3
    return not symbol.kind.startswith("clef_c") or abs(above) < 2.6


def _is_music(symbols: list[list[Symbol]]) -> bool:
    kinds = [s.kind for staff in symbols for s in staff]
    return any(kind.startswith("clef_") for kind in kinds) or sum(kind.startswith("head_") for kind in kinds) > 3


def _bars(block: Block, symbols: list[list[Symbol]]) -> list[Bar]:
    """The bars between bar lines; before the first note and after the last there are none."""
    notes = [s.x for own in symbols for s in own if s.kind.startswith(("head_", "rest_"))]
    edges = [block.left, *block.ends]
    bars = [Bar(left, right) for left, right in pairwise(edges)]
    if notes:
        while len(bars) > 1 and bars[-1].left > max(notes):
            bars.pop()
        while len(bars) > 1 and bars[0].right < min(notes):
            bars[1].left = bars[0].left
            bars.pop(0)
    return bars


def _system(
    page: int, block: Block, symbols: list[list[Symbol]], detected: Detected, beams: Beams | None, stretch: float
) -> SystemMusic:
    bars = _bars(block, symbols)
    music = SystemMusic(
        page, block, [StaffMusic([s for s in own if s.kind.startswith("clef_")]) for own in symbols], bars
    )
    accidentals = [s for staff in symbols for s in staff if s.kind.startswith("acc_")]
    dots = [s for staff in symbols for s in staff if s.kind == "dot"]
    every: list[Item] = []
    for number, (line, own) in enumerate(zip(block.staves, symbols, strict=True)):
        heads = [s for s in own if s.kind.startswith("head_")]
        second = unisons(heads, detected.masks.get("stem"))
        items = chords([*heads, *second], line, number, stretch)
        if beams is not None:
            for item in items:
                _count_beams(page, item, beams, guessed=any(head.symbol is s for head in item.heads for s in second))
        items += [rest_item(s, number) for s in own if s.kind.startswith("rest_")]
        items.sort(key=lambda item: item.x)
        every += items
        for bar in bars:
            inside = [item for item in items if bar.left <= item.x < bar.right]
            group_beams(inside, detected.masks.get("beam"))
            numbers = [s for s in own if s.kind.startswith("tuplet_") and bar.left <= s.x < bar.right]
            give_tuplets(numbers, inside)
            _deal(bar, inside)
    give_accidentals(accidentals, every)
    give_dots(dots, every)
    _repeats(music, symbols)
    _heads(music, symbols)
    music.bars = bars
    return music


def _count_beams(page: int, item: Item, beams: Beams, *, guessed: bool) -> None:
    """Ask how many beams or flags a chord bears; the answer counts most where the network did not say."""
    if not item.stem or item.kind != "head_full" or item.grace:
        return
    far = item.heads[-1] if item.stem > 0 else item.heads[0]
    counted = beams(page, item, far.symbol)
    if guessed and not item.flags:
        item.flags = counted or 0
    elif counted is not None and counted != item.flags:
        item.other_flags = counted


def _deal(bar: Bar, items: list[Item]) -> None:
    """Items of a staff into a bar: a whole rest by itself fills the bar."""
    for item in items:
        alone = len([other for other in items if not other.grace]) == 1
        if item.rest == "rest_whole" and (alone or abs(item.x - (bar.left + bar.right) / 2) < 2 * SPACE):
            bar.wholes.append(item)
        else:
            bar.items.append(item)


def _repeats(music: SystemMusic, symbols: list[list[Symbol]]) -> None:
    dots = [s.x for staff in symbols for s in staff if s.kind == "repeat_dot"]
    starts = [[e for e in [bar.left, *music.block.ends] if bar.left <= e < bar.right] for bar in music.bars]
    for place, bar in enumerate(music.bars):
        bar.repeat_end = sum(-2.5 * SPACE < x - bar.right < 0.2 * SPACE for x in dots) >= 2
        bar.repeat_start = sum(-0.2 * SPACE < x - line < 2.5 * SPACE for x in dots for line in starts[place]) >= 2


def _heads(music: SystemMusic, symbols: list[list[Symbol]]) -> None:
    """Keys and time signatures at the beginning of each bar that has them."""
    for place, bar in enumerate(music.bars):
        head = Head()
        times = []
        for line, own in zip(music.block.staves, symbols, strict=True):
            notes = [s.x for s in own if s.kind.startswith(("head_", "rest_")) and bar.left <= s.x < bar.right]
            until = min(notes, default=bar.right)
            signs = [s for s in own if bar.left - 0.5 * SPACE <= s.x < until]
            key, naturals = read_key(signs)
            head.keys.append(key)
            head.naturals += naturals
            times.append(read_time(signs, line.middle(bar.left)))
        head.time = agreed_time(times)
        shown = sum(key is not None for key in head.keys)
        if place == 0 or head.time or shown * 2 > len(head.keys):
            music.heads.append((place, head))


def _settle_clefs(systems: list[SystemMusic]) -> None:
    """Clefs, each staff going on from the same staff of the system before where it shows none."""
    last: dict[tuple[int, int], str] = {}
    for music in systems:
        count = len(music.staves)
        for number, staff in enumerate(music.staves):
            staff.clef, staff.changes = staff_clefs(staff.symbols, music.block, number, last.get((count, number)))
            last[count, number] = staff.changes[-1][1] if staff.changes else staff.clef


def _settle_keys(systems: list[SystemMusic]) -> None:
    places = [(music, bar, head) for music in systems for bar, head in music.heads]
    keys = settle_keys([head for _, _, head in places])
    now = 0
    chosen = {(id(music), bar): key for (music, bar, _), key in zip(places, keys, strict=True)}
    for music in systems:
        for place, bar in enumerate(music.bars):
            now = chosen.get((id(music), place), now)
            bar.key = now


def _settle_times(systems: list[SystemMusic]) -> None:
    """Time signatures as shown, or found from what bars add up to; then every bar solved."""
    bars = [bar for music in systems for bar in music.bars]
    for music in systems:
        shown = {place: head.time for place, head in music.heads if head.time}
        for place, bar in enumerate(music.bars):
            bar.time = shown.get(place)
    if not bars:
        return
    if bars[0].time is None:
        until = next((place for place, bar in enumerate(bars) if bar.time), len(bars))
        bars[0].time = likely_time(bars[: min(until, 24)])
    now = bars[0].time
    triplets: set[int] = set()
    for bar in bars:
        now = bar.time or now
        bar.time = now
        solve_bar(bar, now, triplets)
