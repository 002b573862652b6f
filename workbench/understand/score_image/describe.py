"""From assembled systems to the description of a score: bar numbers, parts, spelled pitches, boxes in the picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

from workbench.understand.score_image.assemble import SystemMusic
from workbench.understand.score_image.bars import Bar, nominal
from workbench.understand.score_image.items import Item
from workbench.understand.score_image.signs import middle_step
from workbench.understand.score_image.sounding import sound
from workbench.understand.score_image.symbols import SPACE
from workbench.understand.score_image.written import (
    Box,
    ReadBar,
    ReadEvent,
    ReadPage,
    ReadPart,
    ReadStaff,
    ReadSystem,
    natural,
    spelled,
    step_of,
)

_VOICE, _PIANO, _VIOLIN, _VIOLA, _CELLO, _MELODY = 52, 0, 40, 41, 42, 0
#: The highest step that a page can show; far beyond any instrument.
_HIGHEST = 68


def describe(
    systems: Sequence[SystemMusic], sizes: Sequence[tuple[int, int]], zooms: Sequence[float]
) -> tuple[tuple[ReadPage, ...], tuple[ReadPart, ...]]:
    """Pages and parts.

    Args:
        systems: from :func:`workbench.understand.score_image.assemble.assemble`.
        sizes: width and height in pixels of each page's picture.
        zooms: pixels of each page's picture to one of the normalised page.
    """
    numbers = _numbers([bar for music in systems for bar in music.bars])
    layouts = [len(music.staves) for music in systems]
    parts, part_of = _parts(systems, max(layouts, default=0))
    pages: list[list[ReadSystem]] = [[] for _ in sizes]
    count = 0
    carried: list[tuple[ReadEvent, ...]] = []
    for music in systems:
        zoom = zooms[music.page]
        staves = []
        tied_from = carried if len(carried) == len(music.staves) else [()] * len(music.staves)
        carried = []
        for number in range(len(music.staves)):
            events, count = _events(music, number, numbers, zoom, count)
            keys = {numbers[id(bar)]: bar.key for bar in music.bars}
            before = tied_from[number]
            sounding = sound([*before, *events], keys | {event.measure: 0 for event in before})[len(before) :]
            last = max((event.measure for event in events), default=-1)
            carried.append(_kept([e for e in sounding if e.measure == last and e.tie]))
            staves.append(_staff(music, number, part_of(len(music.staves), number), sounding, numbers, zoom))
        bars = tuple(_bar(music, bar, numbers[id(bar)], zoom) for bar in music.bars)
        pages[music.page].append(ReadSystem(tuple(staves), bars, _around(music, zoom)))
    out = tuple(ReadPage(*size, tuple(systems)) for size, systems in zip(sizes, pages, strict=True))
    return out, parts


def _kept(events: Sequence[ReadEvent]) -> tuple[ReadEvent, ...]:
    """Tied notes at the end of a line as if each bore its accidental, for the next line to go on from."""
    return tuple(
        replace(event, signs=tuple(
            pitch - natural(step_of(name)) for pitch, name in zip(event.pitches, event.names, strict=True)
        ))
        for event in events
    )  # fmt: skip


def _numbers(bars: Sequence[Bar]) -> dict[int, int]:
    """Bar numbers by identity: from 1, from 0 where the first bar is a pickup."""
    first = 1
    if len(bars) > 1 and bars[0].time and bars[0].length < nominal(bars[0].time):
        first = 0
    return {id(bar): number for number, bar in enumerate(bars, first)}


def _parts(systems: Sequence[SystemMusic], most: int) -> tuple[tuple[ReadPart, ...], Callable[[int, int], int]]:
    """The parts, and which part a staff of a system of so many staves belongs to.

    Two staves joined through the gap, the lower in the bass clef, or any two of a two-staff system, are a piano; what
    stands above a piano is a voice. Systems with fewer staves lack upper ones.
    """
    model = next((music for music in systems if len(music.staves) == most), None)
    if model is None:
        return (), lambda count, number: 0
    joined = [any(joins) for joins in zip(*(m.block.joined for m in systems if len(m.staves) == most), strict=True)]
    clefs = [staff.clef for staff in model.staves]
    piano_at = _piano(clefs, joined, most)
    names: list[ReadPart] = []
    part: list[int] = []
    for number in range(most):
        if piano_at is not None and number == piano_at + 1:
            part.append(part[-1])
            continue
        part.append(len(names))
        names.append(_named(number, most, clefs[number], piano_at))
    seen: dict[str, int] = {}
    for name in names:
        seen[name.name] = seen.get(name.name, 0) + 1
    numbered: dict[str, int] = {}
    parts = []
    for name in names:
        if seen[name.name] > 1:
            numbered[name.name] = numbered.get(name.name, 0) + 1
            name = ReadPart(f"{name.name} {numbered[name.name]}", name.program)
        parts.append(name)

    def part_of(count: int, number: int) -> int:
        return part[min(most - 1, most - count + number)]

    return tuple(parts), part_of


def _piano(clefs: Sequence[str], joined: Sequence[bool], most: int) -> int | None:
    if most == 2:
        return 0 if joined[0] or clefs == ["G", "F"] else None
    if most == 3:
        return 1
    pairs = [at for at in range(most - 1) if joined[at]]
    lonely = [at for at in pairs if at - 1 not in pairs and at + 1 not in pairs]
    return lonely[-1] if lonely and len(pairs) < most - 1 else None


def _named(number: int, most: int, clef: str, piano_at: int | None) -> ReadPart:
    if piano_at == number:
        return ReadPart("Piano", _PIANO)
    if piano_at is not None:
        return ReadPart("Voice", _VOICE)
    if most == 1:
        return ReadPart("Melody", _MELODY)
    if clef == "C3":
        return ReadPart("Viola", _VIOLA)
    return ReadPart("Cello", _CELLO) if clef == "F" else ReadPart("Violin", _VIOLIN)


def _events(
    music: SystemMusic, number: int, numbers: dict[int, int], zoom: float, count: int
) -> tuple[list[ReadEvent], int]:
    out: list[ReadEvent] = []
    staff = music.staves[number]
    for bar in music.bars:
        own = [item for item in [*bar.items, *bar.wholes] if item.staff == number]
        for item in sorted(own, key=lambda item: (item.onset, not item.grace, item.x, item.voice)):
            count += 1
            out.append(_event(item, f"e{count}", numbers[id(bar)], staff.clef, staff.changes, zoom))
    return out, count


def _event(
    item: Item, ident: str, measure: int, clef: str, changes: Sequence[tuple[float, str]], zoom: float
) -> ReadEvent:
    middle = middle_step(clef, changes, item.x)
    heads = [(min(_HIGHEST, max(7, middle + head.place)), head.sign) for head in item.heads]
    unique = dict(reversed(heads))
    steps = sorted(unique)
    return ReadEvent(
        ident, measure, item.onset, Fraction(0) if item.grace else item.duration, tuple(0 for _ in steps),
        tuple(spelled(step, 0) for step in steps), tuple(unique[step] for step in steps),
        any(head.symbol.tie for head in item.heads), item.grace, item.voice,
        max(0.0, min(1.0, item.confidence)), _zoomed(item.box, zoom),
    )  # fmt: skip


def _zoomed(box: Box, zoom: float) -> Box:
    x, y, width, height = (value * zoom for value in box)
    return x, y, width, height


def _staff(
    music: SystemMusic, number: int, part: int, events: tuple[ReadEvent, ...], numbers: dict[int, int], zoom: float
) -> ReadStaff:
    line, staff = music.block.staves[number], music.staves[number]
    first = music.bars[0]
    middle = line.middle((line.left + line.right) / 2)
    box = (line.left, middle - 2 * SPACE, line.right - line.left, 4.0 * SPACE)
    clefs = []
    for x, name in staff.changes:
        bar = next((bar for bar in music.bars if bar.left <= x < bar.right), music.bars[-1])
        after = [i.onset for i in bar.items if i.staff == number and i.x > x]
        clefs.append((numbers[id(bar)], min(after, default=bar.length), name))
    return ReadStaff(staff.clef, first.key, first.time or (4, 4), part, _zoomed(box, zoom), events, tuple(clefs))


def _around(music: SystemMusic, zoom: float) -> Box:
    block = music.block
    top = min(float(staff.ys.min()) for staff in block.staves) - 2 * SPACE
    bottom = max(float(staff.ys.max()) for staff in block.staves) + 2 * SPACE
    return _zoomed((block.left, top, block.right - block.left, bottom - top), zoom)


def _bar(music: SystemMusic, bar: Bar, measure: int, zoom: float) -> ReadBar:
    _, top, _, height = _around(music, 1.0)
    box = _zoomed((bar.left, top, bar.right - bar.left, height), zoom)
    return ReadBar(measure, bar.length, bar.time or (4, 4), bar.key, box, bar.repeat_start, bar.repeat_end)
