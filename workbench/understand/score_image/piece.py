"""What was read as a piece: one track a part (a piano's two staves are one), bars and keys as written."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING

from workbench.score.lanes import Key, Meter, Tempo
from workbench.score.score import DEFAULT_PPQ, Note, Score, Track
from workbench.understand.score_image.written import ReadBar, ReadEvent, ReadPart

if TYPE_CHECKING:
    from workbench.understand.score_image.readscore import ReadScore

#: Quarters a minute where a score does not say: a tempo mark is not read.
TEMPO = 100


def to_score(read: ReadScore, *, title: str = "", author: str = "") -> Score:
    """The piece that was read.

    Ties become one note; grace notes have no length; repeats are not played out. A bar whose length is not that of its
    time signature gets one of its own, so that bar lines stay where they were read.

    Args:
        title: of the piece.
        author: of every note; left out: the model that read it, ``human+model:<id>`` for what a person put right.
    """
    bars = read.bars()
    ppq = DEFAULT_PPQ
    starts: dict[int, int] = {}
    at = 0
    for bar in bars:
        starts[bar.measure] = at
        at += _ticks(bar.length)
    score = Score(title or read.title, ppq)
    score.tempos = [Tempo(0, round(60_000_000 / TEMPO))]
    score.meta = {"source": "picture of a score"}
    if bars and bars[0].measure == 0:
        score.pickup = _ticks(bars[0].length)
    score.meters = _meters(bars, starts)
    score.keys = _keys(bars, starts)
    by_part: dict[int, list[ReadEvent]] = defaultdict(list)
    for page in read.pages:
        for system in page.systems:
            for staff in system.staves:
                by_part[staff.part] += staff.events
    for number in range(max([len(read.parts), *(part + 1 for part in by_part)], default=1)):
        part = read.parts[number] if number < len(read.parts) else ReadPart(f"Part {number + 1}")
        track = Track(f"t{number + 1}", part.name, part.program, color=number % 12)
        _fill(track, by_part.get(number, []), starts, read.model, author)
        score.tracks.append(track)
    return score


def _ticks(quarters: Fraction) -> int:
    return round(quarters * DEFAULT_PPQ)


def _fill(track: Track, events: list[ReadEvent], starts: dict[int, int], model: str, author: str) -> None:
    count = 0
    open_ties: dict[int, tuple[str, int]] = {}  # pitch: the note that goes on, and where it ends so far
    events = sorted(events, key=lambda item: (starts.get(item.measure, 0) + _ticks(item.onset), not item.grace))
    for event in events:
        if event.rest or event.measure not in starts:
            continue
        start, length = starts[event.measure] + _ticks(event.onset), _ticks(event.duration)
        name = author or (f"{'human+' if event.changed else ''}model:{model}" if model else "imported")
        for pitch in event.pitches:
            tied = open_ties.pop(pitch, None) if not event.grace else None
            if tied is not None and tied[1] == start:
                note = track.notes[tied[0]]
                longer = Note(note.id, note.start, start + length - note.start, pitch, note.velocity, note.author)
                track.notes[note.id] = longer
                ident = note.id
            else:
                count += 1
                ident = f"n{count}"
                track.notes[ident] = Note(ident, start, 0 if event.grace else max(1, length), pitch, 80, name)
            if event.tie and not event.grace:
                open_ties[pitch] = (ident, start + length)


def _meters(bars: list[ReadBar], starts: dict[int, int]) -> list[Meter]:
    out: list[Meter] = []
    for index, bar in enumerate(bars):
        pickup = bar.measure == 0
        last = index == len(bars) - 1
        nominal = Fraction(4 * bar.time[0], bar.time[1])
        fits = nominal == bar.length or pickup or (last and bar.length < nominal)
        upper, lower = bar.time if fits else _own(bar)
        if not out or (out[-1].numerator, out[-1].denominator) != (upper, lower):
            out.append(Meter(starts[bar.measure], upper, lower))
    return out or [Meter(0)]


def _own(bar: ReadBar) -> tuple[int, int]:
    """A time signature for a bar of another length; its own where none can say it."""
    for lower in (bar.time[1], 4, 8, 16, 32, 64):
        upper = bar.length * lower / 4
        if upper.denominator == 1 and 0 < upper <= 255:
            return int(upper), lower
    return bar.time


def _keys(bars: list[ReadBar], starts: dict[int, int]) -> list[Key]:
    out: list[Key] = []
    for bar in bars:
        if not out or out[-1].fifths != bar.key:
            out.append(Key(starts[bar.measure], bar.key))
    return out
