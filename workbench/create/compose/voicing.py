"""Voicings: how a chord lies on an instrument, and how one leads to the next.

:func:`voice` looks through the ways in which some tones can be stacked in a register and takes the one that moves the
least from what sounded before, is spaced as it should be, and stays out of the tune's way.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

#: Most tones whose every order is tried; more keep their shape.
ALL_ORDERS = 4
#: Below this pitch close intervals are mud: (pitch of the lower tone, least semitones above it).
LOW_LIMITS = ((41, 12), (48, 7), (53, 4), (58, 3))
#: What a semitone of each fault costs, against a semitone that a tone moves.
MOVE, CENTRE, SPAN, MUD, CLASH, ABOVE = 1.0, 0.7, 0.35, 2.5, 5.0, 0.25


@dataclass(frozen=True)
class Wish:
    """What a voicing should be like.

    ``low``, ``high``: MIDI pitches of the register; ``centre``, ``span``: mean pitch and semitones from lowest to
    highest, as the style has them; ``before``: the voicing before it, ascending, empty where it starts afresh;
    ``tune``: pitches of the tune that are held meanwhile.
    """

    low: int
    high: int
    centre: float
    span: int
    before: tuple[int, ...] = ()
    tune: tuple[int, ...] = ()


def voice(classes: Sequence[int], wish: Wish) -> tuple[int, ...]:
    """The best stacking of some pitch classes.

    Args:
        classes: pitch classes from the lowest tone to the highest as the style has them; equal ones are doublings.
        wish: see :class:`Wish`.

    Returns:
        As many MIDI pitches, ascending; none of two are the same. Where the register is too narrow the tones that
        do not fit lie above it.
    """
    if not classes:
        return ()
    ways = _ways(tuple(classes), wish.low, wish.high)
    return tuple(int(pitch) for pitch in ways[int(np.argmin(_costs(ways, wish)))])


@functools.lru_cache(maxsize=4_096)
def _ways(classes: tuple[int, ...], low: int, high: int) -> np.ndarray:
    """Stackings of the pitch classes, int64 [n, tones], each ascending; inside the register if any fits."""
    orders = set(itertools.permutations(classes)) if len(classes) <= ALL_ORDERS else _turned(classes)
    found = set()
    for order in sorted(orders):
        for first in range(low + (order[0] - low) % 12, high + 1, 12):
            stack = [first]
            for wanted in order[1:]:
                last = stack[-1]
                stack.append(last + ((wanted - last - 1) % 12) + 1)
            found.add(tuple(stack))
    inside = [stack for stack in found if stack[-1] <= high]
    if not inside:
        lowest = min((stack[-1] for stack in found), default=0)
        inside = [stack for stack in found if stack[-1] == lowest]
    if not inside:  # a register of less than an octave may hold none of the tones
        stack = [low + (classes[0] - low) % 12]
        for wanted in classes[1:]:
            stack.append(stack[-1] + ((wanted - stack[-1] - 1) % 12) + 1)
        inside = [tuple(stack)]
    return np.array(sorted(inside), dtype=np.int64)


def _turned(classes: tuple[int, ...]) -> set[tuple[int, ...]]:
    """The inversions of a shape: its tones stepped up and down the ladder of the chord together."""
    ladder = sorted(set(classes))
    places = []
    at = ladder.index(classes[0])
    for before, after in itertools.pairwise(classes):
        places.append(at)
        at += (ladder.index(after) - ladder.index(before)) % len(ladder) or len(ladder)
    places.append(at)
    return {tuple(ladder[(place + turn) % len(ladder)] for place in places) for turn in range(len(ladder))}


def _costs(ways: np.ndarray, wish: Wish) -> np.ndarray:
    """What each stacking costs, float64 [n], in semitones moved."""
    size = ways.shape[1]
    cost = CENTRE * np.abs(ways.mean(axis=1) - wish.centre) + SPAN * np.abs(ways[:, -1] - ways[:, 0] - wish.span)
    if wish.before:
        before = np.array(wish.before)
        if len(before) == size:
            moved = np.abs(ways - before).mean(axis=1)
        else:
            moved = np.abs(ways[:, :, None] - before).min(axis=2).mean(axis=1)
        cost = cost + MOVE * moved
    if size > 1:
        gaps = np.diff(ways, axis=1)
        for pitch, least in LOW_LIMITS:
            cost = cost + MUD * ((ways[:, :-1] < pitch) & (gaps < least)).sum(axis=1)
    for held in wish.tune:
        over = ways - held
        harsh = (over % 12 == 11) & (over < 0) | (over % 12 == 1) & (over > 0)
        cost = cost + CLASH * harsh.sum(axis=1) + ABOVE * np.maximum(0, ways[:, -1] - held)
    return np.asarray(cost)
