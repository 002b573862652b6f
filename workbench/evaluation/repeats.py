"""How bars come back in a piece: exact copies, near copies, the same in another key, the same rhythm, or new.

Songs return to what they have had, and mostly with changes. A continuation that copies to the tick sounds like a
loop, one that never returns like nothing in particular; so both are held against how often songs do what.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.tokens import grid12 as g
from workbench.tokens import rows as r

#: What a bar can be, seen from the bars before it; the first that fits holds.
KINDS = ("empty", "exact copy", "near copy", "transposed", "same rhythm", "new")
#: Share of common notes (F1: onset in the bar, part, pitch) from which on a bar is a near copy of another.
NEAR = 0.7
#: Share of common onsets (F1: onset in the bar, part) from which on a bar has another's rhythm.
RHYTHM = 0.9
#: Bars of fewer notes than this are no copies that anybody notices.
FEW = 2

Hit = tuple[int, int, int]  #: onset in the bar in ticks, part, pitch


@dataclass(frozen=True)
class Bar:
    """The notes of one bar as sets: ``notes`` of :data:`Hit`, ``onsets`` of (onset, part); its length in ticks."""

    notes: frozenset[Hit]
    onsets: frozenset[tuple[int, int]]
    length: int

    def moved(self, steps: int) -> frozenset[Hit]:
        """The notes with all melodic parts moved by so many semitones."""
        return frozenset((at, slot, key if slot == g.DRUM_SLOT else key + steps) for at, slot, key in self.notes)


def bars_of(notes: np.ndarray, lines: np.ndarray) -> list[Bar]:
    """The bars between successive ``lines`` (ticks, int64 [bars + 1]) of notes int64 [n, 5]."""
    place = np.searchsorted(lines, notes[:, r.TICK], side="right") - 1
    hits: list[list[Hit]] = [[] for _ in range(len(lines) - 1)]
    for bar, (tick, slot, pitch) in zip(place.tolist(), notes[:, :3].tolist(), strict=True):
        if 0 <= bar < len(hits):
            hits[bar].append((tick - int(lines[bar]), slot, pitch))
    return [
        Bar(frozenset(found), frozenset((at, slot) for at, slot, _ in found), int(after - line))
        for found, line, after in zip(hits, lines[:-1], lines[1:], strict=True)
    ]


def f1(one: frozenset[object], other: frozenset[object]) -> float:
    """Common members of two sets as a share of both; two empty ones: 1.0."""
    return 2 * len(one & other) / (len(one) + len(other)) if one or other else 1.0


def kind(bar: Bar, before: list[Bar]) -> str:
    """Which of :data:`KINDS` a bar is among the bars before it."""
    if not bar.notes:
        return "empty"
    known = [old for old in before if old.length == bar.length and old.notes]
    if len(bar.notes) >= FEW and any(old.notes == bar.notes for old in known):
        return "exact copy"
    if any(f1(bar.notes, old.notes) >= NEAR for old in known):
        return "near copy"
    alike = [old for old in known if f1(bar.onsets, old.onsets) >= RHYTHM]
    for old in alike:
        steps = _step(bar, old)
        if steps and f1(bar.notes, old.moved(steps)) >= NEAR:
            return "transposed"
    return "same rhythm" if alike and len(bar.onsets) >= FEW else "new"


def kinds(bars: list[Bar], first: int) -> dict[str, float]:
    """Share of each of :data:`KINDS` among the bars from number ``first`` (from 0) on."""
    found = [kind(bars[at], bars[:at]) for at in range(first, len(bars))]
    return {name: found.count(name) / max(1, len(found)) for name in KINDS}


def _step(bar: Bar, old: Bar) -> int:
    """Semitones between the highest notes that open two bars; 0 where there is no pitched one."""
    tops = []
    for one in (bar, old):
        pitched = [(at, slot, -key) for at, slot, key in one.notes if slot != g.DRUM_SLOT]
        if not pitched:
            return 0
        tops.append(-min(pitched)[2])
    return tops[0] - tops[1]
