"""Part writing: voices that stay apart and do not move in parallel fifths or octaves.

The rules are those of four-voice harmony as every textbook has them (Aldwell and Schachter, Harmony and Voice
Leading). They are looked up before a pitch is drawn. Where no pitch keeps them all, voices may cross first, then move
in parallel: a voice that falls silent would be worse.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from workbench.tokens import grid12 as g
from workbench.tokens import rows as r

Mask = npt.NDArray[np.bool_]
_KEYS = np.arange(g.N_PITCH)
#: Ticks after a note's end for which the voice is still heard as coming from it.
MEMORY = 4 * g.TICKS
#: A given part counts as a voice if this share of its onsets are single notes.
LINE = 0.9


class Voices:
    """The lines of one idea, by slot from high to low; ticks are absolute grid ticks, pitches in the network's key."""

    def __init__(self, slots: Iterable[int]) -> None:
        self._lines: dict[int, list[tuple[int, int, int]]] = {slot: [] for slot in slots}

    @classmethod
    def of(cls, notes: r.Ints, filled: Iterable[int]) -> Voices:
        """Voices that know ``notes`` (int64 [n, 5], sorted): the parts to write, and given parts that are lines."""
        slots = set(filled)
        for slot in np.unique(notes[:, r.SLOT]):
            own = notes[notes[:, r.SLOT] == slot]
            if slot != g.DRUM_SLOT and len(np.unique(own[:, r.TICK])) >= LINE * len(own):
                slots.add(int(slot))
        out = cls(sorted(slots - {g.DRUM_SLOT}))
        for tick, slot, pitch, duration, _ in notes.tolist():
            out.add(slot, tick, g.DURATION_TICKS[duration], pitch)
        return out

    def add(self, slot: int, tick: int, length: int, pitch: int) -> None:
        """Note what a voice does; of notes of one moment the first (highest) counts."""
        line = self._lines.get(slot)
        if line is None:
            return
        at = bisect_left(line, tick, key=lambda item: item[0])
        if at == len(line) or line[at][0] != tick:
            line.insert(at, (tick, tick + length, pitch))

    def _at(self, slot: int, tick: int) -> tuple[int | None, int | None]:
        """What a voice sounds at ``tick``, and what it sounded just before: pitches or None."""
        line = self._lines[slot]
        at = bisect_right(line, tick, key=lambda item: item[0]) - 1
        now = line[at][2] if at >= 0 and line[at][1] > tick else None
        if at >= 0 and line[at][0] == tick:
            at -= 1
        before = line[at][2] if at >= 0 and line[at][1] + MEMORY > tick else None
        return now, before

    def rhythm(self, filled: Sequence[int], start: int, end: int, bars: g.Bars) -> npt.NDArray[np.int64]:
        """The rhythm of voices that move with the highest given one: int64 [n, 3] of tick, slot, length.

        They strike with it on the beats, and off them where a beat or more has passed, and hold until the next
        stroke or until it rests. Empty where no given voice sounds.
        """
        given = next((line for slot, line in sorted(self._lines.items()) if slot not in filled and line), [])
        tune = [item for item in given if start <= item[0] < end]
        strokes: list[int] = []
        for tick, _, _ in tune:
            on_beat = int(bars.locate(tick)[1]) % g.TICKS == 0
            if not strokes or on_beat or tick - strokes[-1] >= g.TICKS:
                strokes.append(tick)
        rows = []
        for at, tick in enumerate(strokes):
            after = strokes[at + 1] if at + 1 < len(strokes) else end
            sounding = [stop for begin, stop, _ in tune if tick <= begin < after]
            rows += [(tick, slot, max(1, min(after, max(sounding)) - tick)) for slot in sorted(filled)]
        return np.array(rows, dtype=np.int64).reshape(-1, 3)

    def narrow(self, slot: int, tick: int, free: Mask) -> Mask:
        """Of the pitches ``free`` (bool [175]) those that keep the rules, or all where none does."""
        if slot not in self._lines:
            return free
        crossing, parallel = np.zeros(g.N_PITCH, dtype=bool), np.zeros(g.N_PITCH, dtype=bool)
        own = self._at(slot, tick)[1]
        for other in self._lines:
            if other == slot:
                continue
            now, before = self._at(other, tick)
            if now is None:
                continue
            above = other < slot
            crossing |= now < _KEYS if above else now > _KEYS
            if own is None or before is None or before == now:
                continue
            sign = 1 if above else -1
            interval = sign * (before - own) % 12
            if interval in (0, 7):
                parallel |= (sign * (now - _KEYS) % 12 == interval) & (own != _KEYS)
        for wrong in (crossing | parallel, parallel):
            kept = free & ~wrong
            if kept.any():
                return np.asarray(kept)
        return free
