"""One gap in one track: where it is, what stood there, what stays, and what sounds next to it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from workbench.create.infill.around.context import Grid, Onset, Slot, group_onsets
from workbench.score.score import Note


@dataclass(frozen=True)
class Gap:
    """Ticks [start, end) of a track. ``kept``: the track's notes that stay, anywhere in the piece, by start.
    ``stood``: the notes that stood in the gap and may be replaced. ``slots``: the grid places in the gap."""

    start: int
    end: int
    grid: Grid
    kept: tuple[Note, ...]
    stood: tuple[Note, ...]
    slots: tuple[Slot, ...]
    overhang: bool
    limit: int  # most notes at once

    @classmethod
    def of(
        cls, start: int, end: int, grid: Grid, kept: Sequence[Note], stood: Sequence[Note], overhang: bool, limit: int
    ) -> Gap:
        """Make the gap; ``limit``: how many notes may sound together."""
        return cls(start, end, grid, tuple(kept), tuple(stood), tuple(grid.slots(start, end)), overhang, limit)

    def before(self, count: int = 2) -> list[Onset]:
        """The last onsets before the gap, oldest first."""
        near = [note for note in self.kept if note.start < self.start][-24:]
        return group_onsets(near, self.grid)[-count:]

    def after(self) -> Onset | None:
        """The first onset after the gap."""
        later = [note for note in self.kept if note.start >= self.end][:8]
        found = group_onsets(later, self.grid)
        return found[0] if found else None

    def exactly(self) -> list[Onset]:
        """What stood in the gap, by exact start: the rhythm to keep. Slots carry the start, not the grid's tick."""
        found: dict[int, list[Note]] = {}
        for note in sorted(self.stood, key=lambda note: -note.pitch):
            found.setdefault(note.start, []).append(note)
        near = {start: self.grid.nearest(start) for start in found}
        return [Onset(replace(near[start], tick=start), tuple(found[start])) for start in sorted(found)]

    def slot_at(self, tick: int) -> int:
        """Index of the slot nearest to ``tick``; ``len(slots)`` for a tick past the last."""
        if tick >= self.end:
            return len(self.slots)
        ticks = [slot.tick for slot in self.slots]
        index = bisect_left(ticks, tick)
        if index == len(ticks) or (index and tick - ticks[index - 1] <= ticks[index] - tick):
            index -= 1
        return index


class Desk:
    """The notes of a gap's track as they stand while it is being filled: what sounds when, what may be added."""

    def __init__(self, gap: Gap) -> None:
        self._gap = gap
        reach = [note for note in gap.kept if max(note.end, note.start + 1) > gap.start]
        self._notes = sorted(reach, key=lambda note: note.start)
        self.made: list[Note] = []

    def sounding(self, tick: int) -> list[Note]:
        """Notes that sound at ``tick``, those that begin there included."""
        return [note for note in (*self._notes, *self.made) if note.start <= tick < max(note.end, note.start + 1)]

    def room(self, tick: int) -> int:
        """How many more notes may begin at ``tick``."""
        return self._gap.limit - len(self.sounding(tick))

    def longest(self, tick: int, pitch: int, size: int) -> int:
        """Longest length in ticks that a note may have here: up to the same key's next note, the gap's end where
        notes may not hang over, and to the next note at all where ``size`` notes here fill the track's limit."""
        gap = self._gap
        ends = [note.start for note in self._notes if note.start > tick and note.pitch == pitch]
        if not gap.overhang:
            ends.append(gap.end)
        later = [note.start for note in self._notes if note.start > tick]
        if later and len(self.sounding(tick)) + size >= gap.limit:
            ends.append(min(later))
        return max(1, min(ends, default=2**31 - 1) - tick)

    def add(self, note: Note) -> Note:
        """Put a new note down."""
        self.made.append(note)
        return note
