"""The bars of a system: what stands in each, solved for onsets and lengths, with tuplets that are not written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from workbench.understand.score_image.barsolver import Solved, columns, may_be_one, solve
from workbench.understand.score_image.items import Item, set_options, written

#: From this cost on a bar is solved again with groups of three as triplets.
_DOUBTFUL = 1.0
#: What it costs that a staff's groups of three are triplets without a number; again in the next bars.
_UNWRITTEN, _AGAIN = 0.8, 0.15
#: What it costs that two columns are one after all.
_PUSHED = 0.4
#: Staff spaces between the notes of two staves from which on they may begin after each other.
_NARROW = 0.6


@dataclass(slots=True)
class Bar:
    """A bar of a system. ``left``, ``right``: in pixels of the normalised page. ``items``: of all staves.

    ``wholes``: rests that fill the bar. ``time``: its time signature, None where none is known yet; ``key``: sharps.
    """

    left: float
    right: float
    items: list[Item] = field(default_factory=list)
    wholes: list[Item] = field(default_factory=list)
    time: tuple[int, int] | None = None
    key: int = 0
    length: Fraction = Fraction(4)
    cost: float = 0.0
    repeat_start: bool = False
    repeat_end: bool = False
    system_start: bool = False


def nominal(time: tuple[int, int]) -> Fraction:
    """How long a bar lasts in quarters."""
    return Fraction(4 * time[0], time[1])


def solve_bar(bar: Bar, time: tuple[int, int] | None, triplets: set[int]) -> Solved:
    """Solve a bar and write onsets and lengths into its items.

    Args:
        bar: with its items.
        time: the time signature; None: the bar may last as long as it adds up to.
        triplets: staves whose bar before had triplets without numbers; those of this bar take their place.
    """
    playing = [item for item in bar.items if not item.grace]
    parts, best, used = _solved(playing, nominal(time) if time else None, triplets)
    triplets.clear()
    triplets |= used
    for column, choice in zip(parts, best.choices, strict=False):
        for item, (onset, value, voice) in zip(column, choice, strict=True):
            item.onset, item.duration, item.voice = onset, value, voice
            if value != item.options[0][0]:
                item.confidence *= 0.6
    bar.length, bar.cost = best.length, best.cost
    doubt = 1.0 / (1.0 + 0.25 * best.cost)
    for item in playing:
        item.confidence *= doubt
    dropped = {id(item) for column, choice in zip(parts, best.choices, strict=False)
               for item, told in zip(column, choice, strict=True) if not told[1]}  # fmt: skip
    bar.items = [item for item in bar.items if id(item) not in dropped]
    _place_graces(bar)
    for rest in bar.wholes:
        rest.onset, rest.duration = Fraction(0), bar.length
    return best


def _solved(
    playing: Sequence[Item], length: Fraction | None, before: set[int]
) -> tuple[list[list[Item]], Solved, set[int]]:
    """The columns of a bar, their best solution, and the staves whose groups of three were made triplets for it."""
    for item in playing:
        set_options(item)
    parts = columns(playing)
    best = solve(parts, length) if parts else Solved(0.0, length or Fraction(4), ())
    if best.cost <= _DOUBTFUL or not parts:
        return parts, best, set()
    printed = [item.tuplet for item in playing]
    found = _doubted(playing, parts, length, best, before)
    narrow = columns(playing, _NARROW)
    if found[1].cost > _DOUBTFUL and len(narrow) > len(parts):  # three notes against four stand close
        kept = [item.tuplet for item in playing]
        _number(playing, printed)
        best = solve(narrow, length)
        used: set[int] = set()
        if best.cost > _DOUBTFUL:
            best, used = _with_triplets(playing, narrow, length, best, before)
        if best.cost + _PUSHED < found[1].cost:
            return narrow, best, used
        _number(playing, kept)
    return found


def _number(playing: Sequence[Item], tuplets: Sequence[int]) -> None:
    """Make items of tuplets, or of none, and set their options."""
    for item, number in zip(playing, tuplets, strict=True):
        item.tuplet = number
        set_options(item)


def _doubted(
    playing: Sequence[Item], parts: list[list[Item]], length: Fraction | None, best: Solved, before: set[int]
) -> tuple[list[list[Item]], Solved, set[int]]:
    """A better solution of columns that do not add up: some of them one, or groups of three as triplets."""
    parts, best = _pushed_together(parts, length, best)
    if best.cost > _DOUBTFUL:
        best, used = _with_triplets(playing, parts, length, best, before)
        return parts, best, used
    return parts, best, set()


def _pushed_together(parts: list[list[Item]], length: Fraction | None, best: Solved) -> tuple[list[list[Item]], Solved]:
    """Columns that stand close made one where the bar then adds up better: a head moved aside for its neighbours."""
    place = 0
    while place + 1 < len(parts) and best.cost > _DOUBTFUL:
        if may_be_one(parts[place], parts[place + 1]):
            tried = [*parts[:place], [*parts[place], *parts[place + 1]], *parts[place + 2 :]]
            found = solve(tried, length)
            if found.cost + _PUSHED < best.cost:
                parts, best = tried, found
                continue
        place += 1
    return parts, best


def _triplet_groups(items: Sequence[Item], staff: int) -> list[list[Item]]:
    """Groups of three or six beamed notes of a staff without a number, and of two with a rest as long beside them."""
    line = [item for item in items if item.staff == staff and not item.tuplet]
    groups: dict[tuple[int, int], list[Item]] = {}
    for item in line:
        if item.beam:
            groups.setdefault((item.stem, item.beam), []).append(item)
    alike = [group for group in groups.values() if len({item.flags for item in group}) == 1]
    out = [group for group in alike if len(group) in (3, 6)]
    taken: set[int] = set()
    for group in alike:
        place = line.index(group[0])
        beside = [line[at] for at in (place - 1, place + 1, place + 2) if 0 <= at < len(line)]
        rests = [r for r in beside if r.rest and id(r) not in taken and written(r) == Fraction(1, 2 ** group[0].flags)]
        if len(group) == 2 and rests and not any(item.dots for item in (*group, rests[0])):
            taken.add(id(rests[0]))
            out.append([rests[0], *group])
    return out


def _with_triplets(
    items: Sequence[Item], parts: list[list[Item]], length: Fraction | None, best: Solved, before: set[int]
) -> tuple[Solved, set[int]]:
    staves = sorted({item.staff for item in items})
    candidates = {staff: groups for staff in staves if (groups := _triplet_groups(items, staff))}
    tries: list[tuple[int, ...]] = [(staff,) for staff in candidates]
    if len(candidates) > 1:
        tries.append(tuple(candidates))
    used: set[int] = set()
    chosen: list[Item] = []
    for attempt in tries:
        changed = [item for staff in attempt for group in candidates[staff] for item in group]
        for item in changed:
            item.tuplet = 3
            set_options(item)
        found = solve(parts, length)
        price = sum(_AGAIN if staff in before else _UNWRITTEN for staff in attempt)
        if found.cost + price < best.cost:
            best = Solved(found.cost + price, found.length, found.choices)
            used, chosen = set(attempt), changed
        for item in changed:
            item.tuplet = 0
            set_options(item)
    for item in chosen:
        item.tuplet = 3
        set_options(item)
    return best, used


def _place_graces(bar: Bar) -> None:
    """Grace notes begin where the next note of their staff does, the last ones with the bar's last note."""
    for item in bar.items:
        if not item.grace:
            continue
        following = [o for o in bar.items if o.staff == item.staff and not o.grace and o.x > item.x and o.heads]
        if following:
            target = min(following, key=lambda other: other.x)
            item.onset, item.voice = target.onset, target.voice
        else:
            before = [o for o in bar.items if o.staff == item.staff and not o.grace and o.x <= item.x]
            item.onset = max((o.onset for o in before), default=Fraction(0))
        item.duration = Fraction(0)


#: Bars that are solved to find a time signature, and the lengths that it may have, with what each costs a bar.
_TRIED = 8
_LENGTHS = {
    Fraction(4): 0.0, Fraction(3): 0.0, Fraction(2): 0.0, Fraction(3, 2): 0.25, Fraction(6): 0.5, Fraction(9, 2): 0.5,
    Fraction(9, 4): 0.8, Fraction(5): 0.8,
}  # fmt: skip
_NAMES = {
    Fraction(4): (4, 4), Fraction(3): (3, 4), Fraction(2): (2, 4), Fraction(3, 2): (3, 8), Fraction(6): (6, 4),
    Fraction(9, 2): (9, 8), Fraction(9, 4): (9, 16), Fraction(5): (5, 4),
}  # fmt: skip


def likely_time(bars: Sequence[Bar]) -> tuple[int, int]:
    """A time signature that bars add up to best; the first and last one, which may be cut off, count least."""
    full = [bar for bar in bars if bar.items]
    full = (full[1:-1] if len(full) > 3 else full)[:_TRIED]
    if not full:
        return 4, 4
    free: dict[Fraction, float] = {}
    for bar in full:
        parts = _options(bar)
        if parts:
            found = solve(parts, None)
            free[found.length] = free.get(found.length, 0.0) + 1 / (0.5 + found.cost)
    likely = sorted(_LENGTHS, key=lambda value: -free.get(value, 0.0))[:4]
    costs = {
        length: sum(min(8.0, _cost(bar, length)) + _LENGTHS[length] for bar in full)
        for length in dict.fromkeys([*likely, Fraction(4), Fraction(3), Fraction(2)])
    }
    length = min(costs, key=lambda value: costs[value])
    return (6, 8) if length == 3 and _in_threes(bars) else _NAMES[length]


def _cost(bar: Bar, length: Fraction) -> float:
    """What it costs that a bar lasts so long, its triplets written or not."""
    playing = [item for item in bar.items if not item.grace]
    printed = [item.tuplet for item in playing]
    cost = _solved(playing, length, set())[1].cost if playing else 0.0
    _number(playing, printed)
    return cost


def _options(bar: Bar) -> list[list[Item]]:
    """The columns of a bar, lengths to choose from set."""
    playing = [item for item in bar.items if not item.grace]
    for item in playing:
        set_options(item)
    return columns(playing)


def _in_threes(bars: Sequence[Bar]) -> bool:
    """Whether beams join three eighths rather than two or four."""
    sizes: list[int] = []
    for bar in bars:
        groups: dict[tuple[int, int, int], int] = {}
        for item in bar.items:
            if item.beam and item.flags == 1:
                key = (item.staff, item.stem, item.beam)
                groups[key] = groups.get(key, 0) + 1
        sizes += groups.values()
    return sum(size == 3 for size in sizes) > sum(size in (2, 4) for size in sizes)
