"""When everything in a bar begins: lengths and onsets chosen together, so that every voice adds up to the bar.

What stands in one column begins together, on all staves; a voice goes on where it ended; it ends with the bar. Among
the lengths that each note may have, those are chosen that break these rules least and cost least. A beam search goes
through the columns of a bar from the left; it keeps the best few states, each the time reached and where the voices of
each staff end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from workbench.understand.score_image.items import Item
from workbench.understand.score_image.symbols import SPACE

#: States kept after each column.
_WIDTH = 24
#: Combinations of lengths tried for one column.
_COMBINATIONS = 14
#: What breaking a rule costs: a voice with a hole, a second and a third voice, a bar of another length.
_HOLE, _HOLE_SECOND, _SECOND, _THIRD, _OTHER_LENGTH = 1.6, 0.7, 0.8, 2.5, 2.5
#: A voice whose notes' stems turn while another voice is there.
_TURN = 0.5
#: Staff spaces between two columns that may still be one.
_ASIDE = 1.4
#: And between the middles of two noteheads that touch.
_TOUCHING = 1.3
_ZERO = Fraction(0)

#: A voice: staff, end, stem of its last notes, number. Times are whole numbers of the finest part a bar needs: they are
#: compared some hundred thousand times a page, and fractions are slow.
Slot = tuple[int, int, int, int]
#: Onset and chosen length of every item of a column, and the voice it took.
Choice = tuple[tuple[Fraction, Fraction, int], ...]


@dataclass(frozen=True)
class Solved:
    """A bar's solution. ``cost``: 0 where all adds up as printed; ``length`` in quarters; ``choices``: by column."""

    cost: float
    length: Fraction
    choices: tuple[Choice, ...]


def columns(items: Sequence[Item], aside: float = 1.05) -> list[list[Item]]:
    """Items of a bar that begin together: they stand above each other, a little apart where two voices meet.

    ``aside``: staff spaces that notes of two staves may stand apart.
    """
    out: list[list[Item]] = []
    for item in sorted(items, key=lambda item: item.x):
        if out:
            at = min(other.x for other in out[-1])
            rivals = [other for other in out[-1] if other.staff == item.staff]
            near = item.x - at < aside * SPACE
            if rivals and not any(_meet(other, item) for other in rivals):
                near = False
            elif rivals:
                near = item.x - at < 1.75 * SPACE
            if near:
                out[-1].append(item)
                continue
        out.append([item])
    return out


def may_be_one(left: Sequence[Item], right: Sequence[Item]) -> bool:
    """Whether two columns beside each other may begin together: close, and no two notes of one staff side by side."""
    gap = min(item.x for item in right) - max(item.x for item in left)
    if gap > _ASIDE * SPACE:
        return False
    return all(one.staff != two.staff or _meet(one, two) or _touch(one, two) for one in left for two in right)


def _touch(one: Item, two: Item) -> bool:
    """Whether two chords stand so close that their heads touch: notes that follow each other never do."""
    return bool(one.heads) and bool(two.heads) and abs(one.x - two.x) < _TOUCHING * SPACE


def _meet(one: Item, two: Item) -> bool:
    """Whether two items of one staff may begin together: two voices, that is stems that turn from each other."""
    if one.rest and two.rest:
        return abs(one.x - two.x) < 0.5 * SPACE
    if one.rest or two.rest:
        return abs(one.x - two.x) < 1.2 * SPACE
    apart = abs(one.x - two.x)
    if one.stem * two.stem == -1 or (not one.stem) != (not two.stem):
        return apart < (1.75 if _overlap(one, two) else 0.9) * SPACE
    return apart < 0.8 * SPACE


def _overlap(one: Item, two: Item) -> bool:
    places = [head.place for head in one.heads], [head.place for head in two.heads]
    return min(places[0]) <= max(places[1]) + 2 and min(places[1]) <= max(places[0]) + 2


def _combined(column: Sequence[Item]) -> Iterator[tuple[tuple[Fraction, ...], float]]:
    """The likeliest lengths of a column's items, dearer ones later: as printed, one changed, equal ones all changed."""
    base = tuple(item.options[0][0] for item in column)
    cost = sum(item.options[0][1] for item in column)
    tries: list[tuple[float, tuple[Fraction, ...]]] = [(cost, base)]
    for place, item in enumerate(column):
        for value, more in item.options[1:]:
            tries.append((cost + more, (*base[:place], value, *base[place + 1 :])))
    for value, more in column[0].options[1:]:
        same = [place for place, item in enumerate(column) if item.options[0][0] == base[0]]
        if len(same) > 1:
            every = tuple(value if place in same else base[place] for place in range(len(base)))
            tries.append((cost + more * (1 + 0.4 * (len(same) - 1)), every))
    tries.sort(key=lambda pair: pair[0])
    for cost, values in tries[:_COMBINATIONS]:
        yield values, cost


def _placed(slots: tuple[Slot, ...], item: Item, onset: int, end: int) -> tuple[tuple[Slot, ...], float, int]:
    """The voices after an item has begun in one of them, what that costs, and the voice's number."""
    own = [slot for slot in slots if slot[0] == item.staff]
    best: tuple[float, Slot | None] = (1e9, None)
    for slot in own:
        if slot[1] > onset:
            continue
        cost = 0.0
        if slot[1] < onset:
            cost = _HOLE if len(own) == 1 else _HOLE_SECOND
        if len(own) > 1 and item.stem and slot[2] and slot[2] != item.stem:
            cost += _TURN
        if cost < best[0]:
            best = (cost, slot)
    fresh = _SECOND if len(own) == 1 else _THIRD
    if not own:
        fresh = 0.0 if onset == 0 else _HOLE
    elif onset == 0 and len(own) == 1:
        fresh = 0.1 if not item.stem or own[0][2] != item.stem else 0.5
    elif len(own) == 1 and own[0][1] > onset and item.stem and own[0][2] == -item.stem:
        fresh = 0.4
    if fresh < best[0] and len(own) < 4:
        number = len(own) + 1
        return (*slots, (item.staff, end, item.stem, number)), fresh, number
    old = best[1]
    if old is None:
        return slots, 4.0, 1
    new = (item.staff, end, item.stem or old[2], old[3])
    return tuple(new if slot == old else slot for slot in slots), best[0], old[3]


def solve(parts: Sequence[Sequence[Item]], length: Fraction | None, *, start: Fraction = _ZERO) -> Solved:
    """The best lengths and onsets of a bar's columns.

    Args:
        parts: the columns, from :func:`columns`, each item with its ``options``.
        length: what the bar should last in quarters; None: not known, whatever it adds up to.
        start: where the first column begins.
    """
    State = tuple[float, int, tuple[Slot, ...], tuple[tuple[tuple[int, int, int], ...], ...]]
    quarter = _finest(parts, [start] if length is None else [start, length])
    full = None if length is None else int(length * quarter)
    states: list[State] = [(0.0, int(start * quarter), (), ())]
    for index, column in enumerate(parts):
        after: dict[tuple[int, tuple[Slot, ...]], State] = {}
        choices = [(tuple(int(value * quarter) for value in values), more) for values, more in _combined(column)]
        for cost, now, slots, done in states:
            for values, more in choices:
                total, voices = cost + more, slots
                chosen: list[tuple[int, int, int]] = []
                for item, value in zip(column, values, strict=True):
                    if not value:  # a rest that is none
                        chosen.append((now, value, 1))
                        continue
                    voices, extra, number = _placed(voices, item, now, now + value)
                    total += extra
                    chosen.append((now, value, number))
                if full is not None and any(slot[1] > full for slot in voices):
                    total += 1.5
                voices = tuple(sorted(voices))
                if index + 1 == len(parts) or not any(values):
                    nexts: list[tuple[int, float]] = [(now, 0.0)]
                else:
                    nexts = _next_onsets(voices, now, quarter)
                for later, extra in nexts:
                    key = (later, voices)
                    state = (total + extra, later, voices, (*done, tuple(chosen)))
                    if key not in after or after[key][0] > state[0]:
                        after[key] = state
        states = sorted(after.values(), key=lambda state: state[0])[:_WIDTH]
    best: tuple[float, int, State] | None = None
    for state in states:
        for wanted, extra in _lengths(state[2], full, quarter):
            total = state[0] + extra + _unfilled(state[2], wanted)
            if best is None or total < best[0]:
                best = (total, wanted, state)
    if best is None:
        return Solved(0.0, length or Fraction(4), ())
    told = tuple(
        tuple((Fraction(onset, quarter), Fraction(value, quarter), voice) for onset, value, voice in choice)
        for choice in best[2][3]
    )
    return Solved(best[0], Fraction(best[1], quarter), told)


def _finest(parts: Sequence[Sequence[Item]], others: Sequence[Fraction]) -> int:
    """Into how many parts a quarter must be divided for all lengths of a bar to be whole."""
    values = [value for column in parts for item in column for value, _ in item.options]
    return lcm(4, *(value.denominator for value in (*values, *others)))


def _next_onsets(voices: tuple[Slot, ...], now: int, quarter: int) -> list[tuple[int, float]]:
    ends = sorted({slot[1] for slot in voices if slot[1] > now})
    return [(end, 0.35 * place) for place, end in enumerate(ends[:3])] or [(now + quarter // 4, 3.0)]


def _lengths(slots: tuple[Slot, ...], length: int | None, quarter: int) -> list[tuple[int, float]]:
    last = max((slot[1] for slot in slots), default=0)
    if length is None or not last:
        return [(last or length or 4 * quarter, 0.0)]
    if last == length:
        return [(length, 0.0)]
    far = abs(last - length) / quarter
    return [(length, 1.0 + min(2.0, far))] if last > length else [(length, 0.0), (last, _OTHER_LENGTH + 0.2 * far)]


def _unfilled(slots: tuple[Slot, ...], length: int) -> float:
    """What voices cost that end before the bar does."""
    staves: dict[int, list[int]] = {}
    for staff, end, _, _ in slots:
        staves.setdefault(staff, []).append(end)
    cost = 0.0
    for ends in staves.values():
        if max(ends) < length:
            cost += _HOLE
        cost += 0.3 * (sum(end < length for end in ends) - (max(ends) < length))
    return cost
