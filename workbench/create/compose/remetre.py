"""A style's bar in a bar of another metre: which beats of the style sound on which beats of the piece.

A bar of the same metre is taken as it is. Otherwise whole beats are taken, those that carry the style: three of four
leave the third out (so that what leads into the next bar stays), two of four take the first and the second half in
turn, five of four play the last again. Beats of three parts (6/8) take beats of two parts by their swung eighths, and
the other way round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from workbench.create.compose.style import PPQ, PatternNote

#: A dotted quarter, the beat of 6/8, in ticks at 960.
DOTTED = PPQ * 3 // 2
#: Tones that come within so many ticks are one struck chord.
STRUM = PPQ // 8
#: A note that leaves so little room before the next lasts until the next.
LEGATO = PPQ // 4


@dataclass(frozen=True, slots=True)
class Cell:
    """A beat (or a whole bar) of a style, [source, source + size), that sounds at ``target`` in the piece's bar.

    All in ticks at 960 from the bar's start; ``fit``: ticks that it lasts there. ``swung``: straight beats become beats
    of three parts, so onsets go to the nearest third.
    """

    source: int
    size: int
    target: int
    fit: int
    swung: bool = False

    def at(self, tick: int) -> int:
        """Where a tick of the style's bar sounds."""
        inside = tick - self.source
        if self.swung:
            third = self.fit // 3
            inside = min(2, (2 * inside * self.fit // self.size + third) // (2 * third)) * third
            return self.target + inside
        return self.target + (inside * self.fit + self.size // 2) // self.size

    def length(self, ticks: int) -> int:
        """How long a note lasts that is ``ticks`` long in the style."""
        return max(1, ticks * self.fit // self.size)


def beats_of(metre: tuple[int, int]) -> tuple[int, int]:
    """How many beats a bar has, and the ticks of each; 6/8, 9/8 and 12/8 have beats of a dotted quarter."""
    upper, lower = metre
    if lower == 8 and upper % 3 == 0 and upper > 3:
        return upper // 3, DOTTED
    return upper, 4 * PPQ // lower


def cells(style: tuple[int, int], piece: tuple[int, int], turn: int) -> tuple[Cell, ...]:
    """The cells of one bar.

    Args:
        style: metre of the style.
        piece: metre of the bar.
        turn: which bar this is, counted from the start of its section; halves of a long bar take turns.
    """
    length = 4 * PPQ * style[0] // style[1]
    have, size = beats_of(style)
    want, fit = beats_of(piece)
    if length == 4 * PPQ * piece[0] // piece[1] and (size == DOTTED) == (fit == DOTTED):  # 3/4 is as long as 6/8
        return (Cell(0, length, 0, length),)
    swung = fit == DOTTED and size < fit
    return tuple(
        Cell(beat * size, size, place * fit, fit, swung) for place, beat in enumerate(_taken(have, want, turn))
    )


def _taken(have: int, want: int, turn: int) -> list[int]:
    """Which beats of a bar of ``have`` stand on the ``want`` beats of the piece's."""
    if want == have:
        return list(range(have))
    if have % want == 0:
        first = want * (turn % (have // want))
        return list(range(first, first + want))
    if want < have:
        return [*range(want - 1), have - 1]
    whole, rest = divmod(want, have)
    return [*(list(range(have)) * whole), *range(have - rest, have)]


class Sounding(Protocol):
    """A style's note on its way into a piece: where it sounds there, in score ticks."""

    start: int
    end: int
    note: PatternNote


def hold_on(events: Sequence[Sounding], notes: Sequence[PatternNote], length: int, stop: int, ppq: int) -> None:
    """Let long notes that last until their part's next one do so in a bar of more, or of fewer, beats.

    What fills a bar of four would leave the fifth beat of five empty, or sound past the third of three.

    Args:
        events: what the part plays in one bar of the piece; their ends are set.
        notes: the pattern's, by time.
        length: of a bar of the style, in ticks at 960.
        stop: where the piece's bar ends; ``ppq``: its ticks to the quarter.
    """
    starts = sorted({item.start for item in events})
    for item in events:
        room = _room(item.note, notes, length)
        if room is not None:
            later = next((start for start in starts if start > item.start + STRUM * ppq // PPQ), stop)
            item.end = max(item.start + 1, later - room * ppq // PPQ)


def _room(note: PatternNote, notes: Sequence[PatternNote], length: int) -> int | None:
    """Ticks between a long note's end and the next one, or the bar's end; None: it does not last until then."""
    bar = (note.tick // length + 1) * length
    until = min(next((other.tick for other in notes if other.tick > note.tick + STRUM), bar), bar)
    room = until - note.tick - note.duration
    return room if note.duration >= PPQ and 0 <= room <= LEGATO else None
