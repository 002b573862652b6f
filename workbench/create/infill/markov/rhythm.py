"""When notes begin: a walk of the rhythm chain through a gap, held near the density that is wanted."""

from __future__ import annotations

import math
from collections.abc import Container

import numpy as np

from workbench.create.infill.around.chain import draw
from workbench.create.infill.around.context import OFFBEAT, Slot, Style
from workbench.create.infill.around.gap import Gap
from workbench.create.infill.around.wishes import Wishes
from workbench.hub.protocol import CancelToken

#: How hard the walk is pulled back to the density wanted, per onset that it is ahead or behind.
PULL = 0.4


def plan_onsets(
    gap: Gap, style: Style, wishes: Wishes, before: Container[int], rng: np.random.Generator, cancel: CancelToken
) -> list[Slot]:
    """Places in the gap where notes begin, in time; at least one. ``before``: ticks where notes stood before.

    Each step asks the chain for the distance to the next onset, given the place in the bar and the distance before.
    """
    expected = _expected(gap, style, wishes)
    chosen: list[int] = []
    index, last = _enter(gap, style, wishes, rng)
    while index < len(gap.slots):
        cancel.check()
        chosen.append(index)
        slot = gap.slots[index]
        ahead = len(chosen) - expected[index]
        delta = _next_delta(gap, style, wishes, before, rng, slot, last, ahead)
        index, last = max(index + 1, gap.slot_at(slot.tick + _ticks(gap, delta))), delta
    return [gap.slots[index] for index in chosen] or [gap.slots[0]]


def _ticks(gap: Gap, delta: int) -> int:
    return delta * gap.grid.time.ppq // gap.grid.units


def _expected(gap: Gap, style: Style, wishes: Wishes) -> np.ndarray:
    """Onsets wanted up to and including each slot: float64 [slots]."""
    each = [style.onsets_in(slot) / slot.length * wishes.crowd(slot.tick) for slot in gap.slots]
    return np.cumsum(each)


def _enter(gap: Gap, style: Style, wishes: Wishes, rng: np.random.Generator) -> tuple[int, int]:
    """The first slot to play, and the distance from the onset before it (0: there is none near)."""
    before = gap.before()
    if before:
        slot = before[-1].slot
        last = round((slot.tick - before[0].slot.tick) * gap.grid.units / gap.grid.time.ppq) if before[1:] else 0
        chances = style.rhythm.chances(style.rhythm_contexts(slot, last))
        late = {delta: chance for delta, chance in chances.items() if slot.tick + _ticks(gap, delta) >= gap.start}
        if sum(late.values()) > 0.02:
            delta = draw(late, rng, temperature=wishes.temperature) or 1
            index = gap.slot_at(slot.tick + _ticks(gap, delta))
            if index < len(gap.slots):
                return index, delta
    return 0, 0


def _next_delta(
    gap: Gap, style: Style, wishes: Wishes, before: Container[int], rng: np.random.Generator, slot: Slot, last: int,
    ahead: float,
) -> int:  # fmt: skip
    chances = style.rhythm.chances(style.rhythm_contexts(slot, last))
    fresh = wishes.freshness
    if fresh:
        mixed = {delta: (1 - fresh) * chance for delta, chance in chances.items()}
        for delta, chance in style.rhythm.chances(["prior"]).items():
            mixed[delta] = mixed.get(delta, 0.0) + fresh * chance
        chances = mixed
    mean = sum(math.log(delta) * chance for delta, chance in chances.items()) / sum(chances.values())
    pull = (PULL + 2.0 * fresh) * min(6.0, max(-6.0, ahead)) - math.log(wishes.crowd(slot.tick))

    def bias(delta: int) -> float:
        landing = (slot.pos + delta) % slot.length
        off = landing % gap.grid.units != 0
        weight = pull * (math.log(delta) - mean) + (1.6 if off else -0.4) * (wishes.wild + 1.2 * wishes.syncopated)
        if wishes.surprise and slot.tick + _ticks(gap, delta) in before:
            weight -= wishes.surprise
        return math.exp(weight)

    return draw(chances, rng, temperature=wishes.temperature, top_p=wishes.top_p, bias=bias) or gap.grid.units


def fit_count(gap: Gap, slots: list[Slot], count: int, rng: np.random.Generator) -> list[Slot]:
    """Exactly ``count`` places where the gap has as many: weak ones are dropped, free ones added, at random."""
    chosen = {slot.tick: slot for slot in slots}
    while len(chosen) > count:
        weak = [slot for slot in chosen.values() if slot.strength(gap.grid.units) == OFFBEAT] or list(chosen.values())
        del chosen[weak[int(rng.integers(len(weak)))].tick]
    free = [slot for slot in gap.slots if slot.tick not in chosen]
    while len(chosen) < count and free:
        slot = free.pop(int(rng.integers(len(free))))
        chosen[slot.tick] = slot
    return [chosen[tick] for tick in sorted(chosen)]
