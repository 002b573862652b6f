"""Clefs, key signatures and time signatures, by agreement of the staves of a system and of the systems of a piece."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from workbench.understand.score_image.layout import Block
from workbench.understand.score_image.symbols import SPACE, Symbol
from workbench.understand.score_image.written import CLEF_MIDDLES

#: A change of key in the middle of a piece must be worth this many staves that disagree with the key before.
_KEY_CHANGE = 1.2


@dataclass(slots=True)
class Head:
    """What stands at the beginning of a system or right after a bar line, of all staves.

    ``keys``: sharps (negative: flats) as seen by each staff, None where a staff shows none; ``time``: two numbers.
    """

    keys: list[int | None] = field(default_factory=list)
    naturals: int = 0
    time: tuple[int, int] | None = None


def clef_name(symbol: Symbol, middle: float) -> str:
    """The clef that a symbol is on a staff with this middle line, as a name of ``CLEF_MIDDLES``.

    G and F clefs have stood on one line for two centuries; C clefs stand on any.
    """
    kind = symbol.kind.removesuffix("_small").removeprefix("clef_")
    line = round((middle - symbol.y) / SPACE)
    if kind == "c":
        return f"C{min(5, max(1, 3 + line))}"
    return kind.upper()


def staff_clefs(
    symbols: Sequence[Symbol], block: Block, index: int, before: str | None
) -> tuple[str, list[tuple[float, str]]]:
    """The clef at the start of a staff, and its changes as (x, clef).

    Args:
        symbols: the clefs of this staff.
        block: the system.
        index: of the staff in it.
        before: the clef in force where the system before ended, if there was one.
    """
    staff = block.staves[index]
    first = staff.left + 6 * SPACE
    at_start = [s for s in symbols if s.x < first and not s.kind.endswith("_small")]
    at_start = at_start or [s for s in symbols if s.x < first]
    opening = before or ("F" if len(block.staves) > 1 and index == len(block.staves) - 1 else "G")
    if at_start:
        best = max(at_start, key=lambda s: s.confidence)
        opening = clef_name(best, staff.middle(best.x))
    changes: list[tuple[float, str]] = []
    now = opening
    for symbol in sorted(symbols, key=lambda s: s.x):
        name = clef_name(symbol, staff.middle(symbol.x))
        if symbol.x >= first and name != now:
            changes.append((symbol.x, name))
            now = name
    return opening, changes


def middle_step(clef: str, changes: Sequence[tuple[float, str]], x: float) -> int:
    """The step on the middle line at ``x``."""
    for place, name in changes:
        if place <= x:
            clef = name
    return CLEF_MIDDLES[clef]


def read_key(symbols: Sequence[Symbol]) -> tuple[int | None, int]:
    """The key that the signs of one staff at one place show, and how many naturals there are; None for no sign."""
    signs = sorted((s for s in symbols if s.kind.startswith("key_")), key=lambda s: s.x)
    naturals = sum(s.kind == "key_natural" for s in signs)
    others = [s for s in signs if s.kind != "key_natural"]
    if not others:
        return (0, naturals) if naturals else (None, 0)
    kind = Counter(s.kind for s in others).most_common(1)[0][0]
    places: list[float] = []
    for symbol in others:
        if symbol.kind == kind and not any(abs(symbol.x - x) < 0.5 * SPACE for x in places):
            places.append(symbol.x)
    count = min(7, len(places))
    if count > 1:  # signs stand at even distances: one that was not seen leaves a gap
        gaps = sorted(after - before for before, after in pairwise(places))
        usual = gaps[len(gaps) // 2]
        count = min(7, 1 + sum(max(1, round(gap / usual)) if gap < 2.6 * usual else 1 for gap in gaps))
    return (count if kind == "key_sharp" else -count), naturals


def read_time(symbols: Sequence[Symbol], middle: float) -> tuple[int, int] | None:
    """The time signature that digits or signs of one staff at one place show."""
    for kind, time in (("time_common", (4, 4)), ("time_cut", (2, 2))):
        if any(s.kind == kind for s in symbols):
            return time
    digits = sorted((s for s in symbols if s.kind.startswith("time_")), key=lambda s: s.x)
    upper = [s.kind[5:] for s in digits if s.y < middle]
    lower = [s.kind[5:] for s in digits if s.y >= middle]
    if not upper or not lower:
        return None
    top, bottom = int("".join(upper[:2])), int("".join(lower[:2]))
    return (top, bottom) if bottom in (1, 2, 4, 8, 16, 32) and 1 <= top <= 32 else None


def agreed_time(times: Sequence[tuple[int, int] | None]) -> tuple[int, int] | None:
    """What most staves show."""
    seen = Counter(time for time in times if time is not None)
    return seen.most_common(1)[0][0] if seen else None


def settle_keys(heads: Sequence[Head]) -> list[int]:
    """The key of each place (systems' starts and changes within, in order), so that all agree best.

    The best path over keys: each staff that shows another key costs, and so does each change of key.
    """
    keys = range(-7, 8)
    cost: dict[int, float] = {key: 0.3 if key else 0.0 for key in keys}
    back: list[dict[int, int]] = []
    for head in heads:
        stay = min(cost, key=lambda key: cost[key])
        step: dict[int, float] = {}
        came: dict[int, int] = {}
        for key in keys:
            if cost[key] <= cost[stay] + _KEY_CHANGE:
                step[key], came[key] = cost[key], key
            else:
                step[key], came[key] = cost[stay] + _KEY_CHANGE, stay
            for shown in head.keys:
                far = abs(key - (shown or 0))
                weight = 0.2 if shown is None else 1.0
                step[key] += weight * (min(3, far) * 0.25 + 0.25 * (far > 0))
        back.append(came)
        cost = step
    if not heads:
        return []
    key = min(cost, key=lambda item: cost[item])
    out: list[int] = []
    for came in reversed(back):
        out.append(key)
        key = came[key]
    return out[::-1]
