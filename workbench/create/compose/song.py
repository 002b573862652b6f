"""What a band is fitted to: the chords of a piece, its key and its tune, asked for by time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from workbench.create.compose.style import PPQ
from workbench.score.lanes import Chord
from workbench.score.score import Note


@dataclass(frozen=True)
class Song:
    """What a part is fitted to: chords in score ticks, the key's pitch classes, the tune, ticks to the quarter."""

    chords: tuple[Chord, ...]
    scale: frozenset[int]
    tune: tuple[Note, ...] = ()
    ppq: int = PPQ

    def ticks(self, at960: int) -> int:
        """Ticks at 960 in those of the score."""
        return at960 * self.ppq // PPQ

    def sung(self, start: int, end: int) -> Iterator[Note]:
        """The notes of the tune that sound in score ticks [start, end), by onset; of long tunes only these are read."""
        starts, notes, longest = self._by_onset
        for note in notes[bisect_left(starts, start - longest) : bisect_left(starts, end)]:
            if note.end > start:
                yield note

    @cached_property
    def _by_onset(self) -> tuple[list[int], list[Note], int]:
        notes = sorted(self.tune, key=lambda note: note.start)
        return [note.start for note in notes], notes, max((note.duration for note in notes), default=0)
