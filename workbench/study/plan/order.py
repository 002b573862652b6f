"""Who meets the conditions in which order: balanced Latin squares, and the fixed table of everybody's rows.

Williams, E. J. (1949), Experimental designs balanced for the estimation of residual effects of treatments, Australian
Journal of Scientific Research 2, 149-168: in ``n`` rows (``2 n`` for an odd number) every condition stands equally
often in every place, and follows every other equally often.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

from workbench.study.plan.study import Study


def williams(count: int) -> list[tuple[int, ...]]:
    """A Williams design of ``count`` conditions: rows of their numbers from 0.

    Raises:
        ValueError: fewer than one condition.
    """
    if count < 1:
        raise ValueError("A design needs a condition.")
    first, low, high = [0], 1, count - 1
    while len(first) < count:
        first.append(low if len(first) % 2 else high)
        low, high = (low + 1, high) if len(first) % 2 == 0 else (low, high - 1)
    rows = [tuple((value + shift) % count for value in first) for shift in range(count)]
    return rows if count % 2 == 0 or count == 1 else rows + [row[::-1] for row in rows]


def table(study: Study, rows: int | None = None) -> list[tuple[str, ...]]:
    """The conditions of everybody in their order, by row: the same for the same study, however often it is asked.

    Rows come in blocks that are balanced in themselves (a design's rows, or each condition once), each block in an
    order of its own, so that a study that ends early is as balanced as can be.

    Args:
        study: the study.
        rows: how many; by default as many as it wants people.
    """
    names = [condition.id for condition in study.conditions]
    plan, wanted = study.assignment, rows or study.assignment.people
    drawn = random.Random(f"{study.id} {plan.seed} table")
    out: list[tuple[str, ...]] = []
    while len(out) < wanted:
        out += [tuple(names[number] for number in row) for row in _block(study, len(names), drawn)]
    return out[:wanted]


def _block(study: Study, count: int, drawn: random.Random) -> list[tuple[int, ...]]:
    plan = study.assignment
    if plan.design == "between":
        block: list[tuple[int, ...]] = [(number,) for number in range(count)]
        if plan.order == "random":
            return [(drawn.randrange(count),) for _ in range(count)]
    elif plan.order == "random":
        return [tuple(drawn.sample(range(count), count))]
    elif plan.order == "as written":
        return [tuple(range(count))]
    else:
        block = williams(count)
    drawn.shuffle(block)
    return block


def block_size(study: Study) -> int:
    """How many people make the table balanced; 1 where balance is not wanted."""
    count = len(study.conditions)
    if study.assignment.order in ("random", "as written") and study.assignment.design == "within":
        return 1
    if study.assignment.design == "between":
        return 1 if study.assignment.order == "random" else count
    return len(williams(count))


def places(rows: Sequence[Sequence[str]], names: Sequence[str]) -> dict[str, list[int]]:
    """How often each condition stands in each place."""
    width = max((len(row) for row in rows), default=0)
    return {name: [sum(len(row) > i and row[i] == name for row in rows) for i in range(width)] for name in names}


def follows(rows: Sequence[Sequence[str]], names: Sequence[str]) -> dict[tuple[str, str], int]:
    """How often each condition comes directly after each other: (before, after) -> times."""
    out = {(one, other): 0 for one in names for other in names if one != other}
    for row in rows:
        for pair in itertools.pairwise(row):
            if pair in out:
                out[pair] += 1
    return out
