"""Noteheads, rests, dots, accidentals and numbers put together: chords and rests with the lengths they may have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from workbench.understand.score_image.layout import Line
from workbench.understand.score_image.symbols import MASK_STRIDE, SPACE, Symbol

_RESTS = {
    "rest_whole": Fraction(4), "rest_half": Fraction(2), "rest_quarter": Fraction(1), "rest_8th": Fraction(1, 2),
    "rest_16th": Fraction(1, 4), "rest_32nd": Fraction(1, 8),
}  # fmt: skip
#: What tuplets of so many make of a length.
TUPLETS = {3: Fraction(2, 3), 5: Fraction(4, 5), 6: Fraction(2, 3), 7: Fraction(4, 7)}
#: Where between two stems a beam is looked for, and how bright the mask of beams, 0 to 255, must be there.
_BETWEEN, _BEAM = (0.2, 0.35, 0.5, 0.65, 0.8), 100


@dataclass(slots=True)
class Head:
    """A notehead on its staff: ``place`` half spaces above the middle line; ``sign``: its own accidental."""

    symbol: Symbol
    place: int
    sign: int | None = None
    dots: int = 0


@dataclass(slots=True)
class Item:
    """A chord or a rest. ``options``: lengths in quarters with what each costs, the likeliest first, which costs 0.

    ``beam``: number of its group of beamed notes, 0 for none. ``stem``: as of a symbol. ``tuplet``: written number.
    """

    x: float
    staff: int
    heads: list[Head] = field(default_factory=list)
    rest: str = ""
    stem: int = 0
    flags: int = 0
    other_flags: int | None = None
    dots: int = 0
    sure_dots: bool = True
    beam: int = 0
    tuplet: int = 0
    tuplet_sure: float = 1.0
    grace: bool = False
    confidence: float = 1.0
    box: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    options: list[tuple[Fraction, float]] = field(default_factory=list)
    onset: Fraction = Fraction(0)
    duration: Fraction = Fraction(0)
    voice: int = 1

    @property
    def kind(self) -> str:
        """The commonest kind of its noteheads."""
        return Counter(head.symbol.kind for head in self.heads).most_common(1)[0][0] if self.heads else self.rest


def stretch_of(places: Sequence[float]) -> float:
    """How much wider ledger lines stand than staff lines on a page: old engravers drew them by hand.

    ``places``: of the noteheads beyond the ledger lines' beginning, in half spaces from the middle line.
    """
    beyond = np.array([abs(place) - 4 for place in places if abs(place) > 5.4])
    if len(beyond) < 4:
        return 1.0
    tried = np.arange(0.94, 1.22, 0.02)
    off = [float(np.mean(np.abs(beyond / t - np.round(beyond / t)))) + 0.15 * abs(t - 1.0) for t in tried]
    return float(tried[int(np.argmin(off))])


def place_of(symbol: Symbol, staff: Line, stretch: float = 1.0) -> int:
    """Half spaces that a notehead lies above the middle line."""
    place = (staff.middle(symbol.x) - symbol.y) / (SPACE / 2)
    if abs(place) <= 5:
        return round(place)
    return int(np.sign(place)) * (4 + max(1, round((abs(place) - 4) / stretch)))


def chords(symbols: Sequence[Symbol], staff: Line, number: int, stretch: float = 1.0) -> list[Item]:
    """The noteheads of one staff as chords: what stands on one stem, or in one column without stems."""
    heads = [Head(s, place_of(s, staff, stretch)) for s in symbols]
    heads.sort(key=lambda head: head.symbol.x)
    groups: list[list[Head]] = []
    for head in heads:
        best: list[Head] | None = None
        for group in groups[::-1][:6]:
            if _together(group, head):
                best = group
                break
        if best is None:
            groups.append([head])
        else:
            best.append(head)
    out = []
    for group in _joined(groups):
        unique = {head.place: head for head in sorted(group, key=lambda head: head.symbol.confidence)}
        group = sorted(unique.values(), key=lambda head: head.place)
        stem = group[0].symbol.stem
        places = [head.symbol.x for head in group]
        x = max(places) if stem < 0 else min(places)
        flags = Counter(head.symbol.flags for head in group).most_common(1)[0][0]
        item = Item(x, number, group, stem=stem, flags=flags, grace=group[0].symbol.kind == "head_grace")
        item.dots = round(float(np.mean([head.symbol.dots for head in group])))
        item.confidence = float(np.mean([head.symbol.confidence for head in group]))
        item.box = box_of([head.symbol for head in group])
        out.append(item)
    return sorted(out, key=lambda item: item.x)


def _joined(groups: list[list[Head]]) -> list[list[Head]]:
    """Groups made one where a head was moved aside for a neighbour that was already in a chord with others."""
    out: list[list[Head]] = []
    for group in groups:
        before = next((other for other in out[::-1][:3] if _aside(other, group)), None)
        if before is None:
            out.append(group)
        else:
            before += group
    return out


def _aside(one: list[Head], two: list[Head]) -> bool:
    if {h.symbol.stem for h in one} != {h.symbol.stem for h in two} or one[0].symbol.kind != two[0].symbol.kind:
        return False
    return any(
        abs(a.place - b.place) == 1 and 0.8 * SPACE < abs(a.symbol.x - b.symbol.x) < 1.35 * SPACE
        for a in one for b in two
    ) and not {a.place for a in one} & {b.place for b in two}  # fmt: skip


def _together(group: list[Head], head: Head) -> bool:
    """Whether a notehead is of a chord."""
    symbol = head.symbol
    for other in group:
        apart = abs(other.symbol.x - symbol.x)
        if (other.symbol.kind == "head_grace") != (symbol.kind == "head_grace"):
            return False
        same = other.symbol.stem == symbol.stem
        short = {other.symbol.kind, symbol.kind} <= {"head_full"} or other.symbol.kind == symbol.kind
        if not (same and short):
            continue
        if apart < 0.55 * SPACE and other.place != head.place:
            return True
        if apart < 1.6 * SPACE and any(abs(third.place - head.place) == 1 for third in group):
            return True
    return False


def box_of(symbols: Sequence[Symbol]) -> tuple[float, float, float, float]:
    """The box around symbols: x, y, width, height in pixels of the normalised page."""
    left = min(s.x - s.width / 2 for s in symbols)
    right = max(s.x + s.width / 2 for s in symbols)
    top = min(s.y - s.height / 2 for s in symbols)
    bottom = max(s.y + s.height / 2 for s in symbols)
    return left, top, right - left, bottom - top


def rest_item(symbol: Symbol, number: int) -> Item:
    """A rest of a staff."""
    item = Item(symbol.x, number, rest=symbol.kind, confidence=symbol.confidence)
    item.box = box_of([symbol])
    return item


def give_accidentals(signs: Sequence[Symbol], items: Sequence[Item]) -> None:
    """Every accidental to the nearest notehead on its right at its height."""
    values = {"double_flat": -2, "flat": -1, "natural": 0, "sharp": 1, "double_sharp": 2}
    heads = [head for item in items for head in item.heads]
    for sign in sorted(signs, key=lambda s: -s.x):
        best: tuple[float, Head] | None = None
        for head in heads:
            right, down = head.symbol.x - sign.x, abs(head.symbol.y - sign.y)
            if 0.6 * SPACE < right < 5.5 * SPACE and down < 0.5 * SPACE:
                far = right + 3 * down
                if best is None or far < best[0]:
                    best = (far, head)
        if best is not None and best[1].sign is None:
            best[1].sign = values[sign.kind.removeprefix("acc_")]


def give_dots(dots: Sequence[Symbol], items: Sequence[Item]) -> None:
    """Every dot to the notehead or rest on its left; a chord's dots are those of most of its noteheads."""
    for item in items:
        if item.grace:
            continue
        best = 0
        for head in item.heads:
            width = head.symbol.width or 1.2 * SPACE
            near = [
                dot for dot in dots
                if 0.3 * SPACE < dot.x - head.symbol.x - width / 2 + 0.3 * SPACE < 3.2 * SPACE
                and -0.8 * SPACE < dot.y - head.symbol.y < (0.8 if head.place % 2 == 0 else 0.35) * SPACE
            ]  # fmt: skip
            best = max(best, _in_row(near))
        if item.rest:
            right, middle = item.box[0] + item.box[2], item.box[1] + item.box[3] / 2
            near = [d for d in dots if 0 < d.x - right < 1.6 * SPACE and abs(d.y - middle) < 1.4 * SPACE]
            best = _in_row(near)
            item.dots = best
            continue
        item.sure_dots = best == item.dots
        item.dots = max(item.dots, best)


def _in_row(dots: list[Symbol]) -> int:
    places: list[float] = []
    for dot in sorted(dots, key=lambda s: s.x):
        if not places or 0.4 * SPACE < dot.x - places[-1] < 1.3 * SPACE:
            places.append(dot.x)
    return min(2, len(places))


def group_beams(items: Sequence[Item], beam: NDArray[np.uint8] | None) -> None:
    """Number the groups of notes of one staff and bar that beams join."""
    number = 0
    for stem in (-1, 1):
        voice = [item for item in items if item.heads and item.stem == stem and not item.grace]
        for before, after in pairwise(voice):
            if before.flags and after.flags and beam is not None and _beamed(before, after, beam):
                if not before.beam:
                    number += 1
                    before.beam = number
                after.beam = before.beam


def _beamed(before: Item, after: Item, beam: NDArray[np.uint8]) -> bool:
    """Whether a beam lies all the way between two stems, beyond the noteheads."""
    stem, height = before.stem, beam.shape[0]
    ends = [min(head.symbol.y for head in item.heads) if stem > 0 else max(head.symbol.y for head in item.heads)
            for item in (before, after)]  # fmt: skip
    for share in _BETWEEN:
        x = before.x + share * (after.x - before.x) + stem * 0.6 * SPACE
        y = ends[0] + share * (ends[1] - ends[0])
        top, bottom = (y - 8 * SPACE, y - 0.5 * SPACE) if stem > 0 else (y + 0.5 * SPACE, y + 8 * SPACE)
        column, first = int(x / MASK_STRIDE), max(0, int(top / MASK_STRIDE))
        part = beam[first : max(first, min(height, int(bottom / MASK_STRIDE) + 1)), column : column + 1]
        if not part.size or part.max() <= _BEAM:
            return False
    return True


def give_tuplets(numbers: Sequence[Symbol], items: Sequence[Item]) -> None:
    """Every written tuplet number to the run of notes and rests of one staff that it stands in the middle of."""
    for number in numbers:
        if number.confidence < (0.35 if number.kind == "tuplet_3" else 0.55):
            continue
        count = int(number.kind.removeprefix("tuplet_"))
        best: tuple[float, list[Item]] | None = None
        for stem in (1, -1, 0):
            line = [i for i in items if not i.grace and not i.tuplet and (i.rest or not stem or i.stem == stem)]
            for first in range(len(line)):
                for last in range(first + 1, min(len(line), first + count)):
                    run = line[first : last + 1]
                    lengths = [written(item) for item in run]
                    unit = min(lengths)
                    if sum(lengths) != count * unit and sum(lengths) != count * unit * 2:
                        continue
                    if run[0].rest and run[0].rest in ("rest_whole", "rest_half"):
                        continue
                    middle = (run[0].x + run[-1].x) / 2
                    far = abs(middle - number.x) / SPACE + 0.5 * (not stem)
                    far += 1.5 * (len({item.beam for item in run if item.heads}) > 1)
                    ys = [item.box[1] + item.box[3] / 2 for item in run]
                    far += 0.1 * abs(float(np.mean(ys)) - number.y) / SPACE
                    if best is None or far < best[0]:
                        best = (far, run)
        if best is not None and best[0] < 4:
            for item in best[1]:
                item.tuplet, item.tuplet_sure = count, number.confidence


def written(item: Item) -> Fraction:
    """The length of a chord or rest as printed, in quarters, tuplets apart."""
    if item.rest:
        base = _RESTS[item.rest]
    else:
        base = {"head_half": Fraction(2), "head_whole": Fraction(4)}.get(item.kind, Fraction(1, 2**item.flags))
    return base * (2 - Fraction(1, 2**item.dots))


def set_options(item: Item) -> None:
    """The lengths a chord or rest may have, with what each costs."""
    factor = TUPLETS.get(item.tuplet, Fraction(1))
    dotted = 2 - Fraction(1, 2**item.dots)
    bases: list[tuple[Fraction, float]]
    if item.rest:
        base = _RESTS[item.rest]
        bases = [(base, 0.0), (base / 2, 2.0), (base * 2, 2.2)]
    elif item.kind in ("head_half", "head_whole"):
        base = Fraction(2 if item.kind == "head_half" else 4)
        bases = [(base, 0.0), (base / 2, 2.2), (base * 2, 2.4)]
    else:
        base = Fraction(1, 2**item.flags)
        bases = [(base, 0.0), (base / 2, 1.2 if item.flags else 1.8), (base * 2, 1.4 if item.flags else 2.2)]
        if item.other_flags is not None and item.other_flags != item.flags:
            second = Fraction(1, 2**item.other_flags)
            bases = [(value, 0.5 if value == second else cost) for value, cost in bases]
            if all(value != second for value, _ in bases):
                bases.append((second, 0.7))
        if item.flags > 1:
            bases.append((base * 4, 2.6))
    found: dict[Fraction, float] = {}

    def put(value: Fraction, cost: float) -> None:
        if value not in found or cost < found[value]:
            found[value] = cost

    for value, cost in bases:
        put(value * dotted * factor, cost)
        if item.dots:
            put(value * factor, cost + (0.9 if not item.sure_dots else 1.8))
        else:
            put(value * Fraction(3, 2) * factor, cost + 1.3)
    if item.tuplet:
        put(base * dotted, max(0.3, 2.0 * item.tuplet_sure - 0.4))
    else:
        put(base * dotted * Fraction(2, 3), 2.0)
    if item.rest:  # it may be none at all
        put(Fraction(0), 0.4 + 1.6 * item.confidence)
    item.options = sorted(found.items(), key=lambda pair: pair[1])[:7]
