"""One person's way through a study: its steps laid out under the conditions of their row of the table."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.study.plan.order import block_size
from workbench.study.plan.study import Block, Heard, Listening, Pair, Step, Study, Task


@dataclass(frozen=True)
class Stop:
    """One stop on the way.

    ``key``: its id, unlike every other's of this way; ``trial``: which of a step's, from 1 (0: there is one);
    ``condition``: its id, or "" outside of all; ``file``: the piece a task starts with; ``pair``, ``a``, ``b``: what is
    compared, and what is heard on which side.
    """

    key: str
    step: Step
    trial: int = 0
    condition: str = ""
    file: Path | None = None
    pair: Pair | None = None
    a: Heard | None = None
    b: Heard | None = None


def lay_out(study: Study, row: int, order: Sequence[str]) -> tuple[Stop, ...]:
    """The way of the person with this row of the table (from 0), who meets the conditions in this order."""
    out: list[Stop] = []
    for step in study.steps:
        if isinstance(step, Block):
            for trial, condition in enumerate(order, 1):
                for inner in step.steps:
                    out += _stops(study, inner, row, trial, condition)
        else:
            out += _stops(study, step, row, 0, "")
    return tuple(out)


def _stops(study: Study, step: Step, row: int, trial: int, condition: str) -> list[Stop]:
    key = f"{step.id}.{trial}" if trial else step.id
    if isinstance(step, Listening):
        drawn = random.Random(f"{study.id} {study.assignment.seed} {row} {key}")
        numbers = drawn.sample(range(len(step.pairs)), len(step.pairs))
        out = []
        for number in numbers:
            pair = step.pairs[number]
            # Over people, each side of a pair stands first equally often.
            sides = (pair.first, pair.second) if (row + number) % 2 == 0 else (pair.second, pair.first)
            out.append(Stop(f"{key}.{pair.id}", step, trial, condition, None, pair, *sides))
        return out
    file = None
    if isinstance(step, Task) and step.files:
        # Blocks of people are balanced in conditions, so from block to block the files move on by one.
        file = step.files[(row // block_size(study) + max(0, trial - 1)) % len(step.files)]
    return [Stop(key, step, trial, condition, file)]
