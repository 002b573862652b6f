"""A track's notes as staves of voices: chords that never overlap inside a voice, cut into bars."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from workbench.errors import BadDocument
from workbench.score.notation.spelling import clef, needs_grand_staff, split_hands
from workbench.score.score import Note, Track
from workbench.score.timemap import Bar

MAX_VOICES = 64  # on one staff


@dataclass(slots=True)
class Chord:
    """Notes struck and released together (one note is a chord too), with the grace notes before them."""

    start: int
    end: int
    notes: list[Note]
    graces: list[Note] = field(default_factory=list)


@dataclass(slots=True)
class Voice:
    """Chords in order of time on one staff; ``number`` is unique in the part."""

    staff: int
    number: int
    chords: list[Chord] = field(default_factory=list)
    first: bool = False  # the staff's first voice shows its rests


@dataclass(slots=True)
class Layout:
    """How a track is set: its clefs by staff and its voices."""

    clefs: list[tuple[str, int, int]]
    voices: list[Voice]


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a voice inside a bar (ticks from the bar's start); ``chord`` is None for silence."""

    start: int
    end: int
    chord: Chord | None
    tied_in: bool = False
    tied_out: bool = False


def lay_out(track: Track) -> Layout:
    """Staves, clefs and voices of a track."""
    notes = track.sorted_notes()
    hands = split_hands(track) if needs_grand_staff(track) else {}
    staves: list[list[Note]] = [notes]
    if hands:
        staves = [[note for note in notes if hands[note.id] == staff] for staff in (1, 2)]
    layout = Layout([clef(track, [note.pitch for note in group]) for group in staves], [])
    if hands:
        layout.clefs = [("G", 2, 0), ("F", 4, 0)]
    for staff, group in enumerate(staves, 1):
        voices = _voices(group)
        offset = max(4, len(layout.voices)) if staff > 1 else 0
        layout.voices += [Voice(staff, offset + n, chords, n == 1) for n, chords in enumerate(voices, 1)]
    return layout


def _voices(notes: Sequence[Note]) -> list[list[Chord]]:
    """Chords of one staff, each in the first voice that is free; higher ones choose first.

    Raises :class:`BadDocument` where more than :data:`MAX_VOICES` sound at once.
    """
    chords: dict[tuple[int, int, int], Chord] = {}
    graces: dict[int, list[Note]] = {}
    copies: dict[tuple[int, int, int], int] = {}
    for note in notes:
        if not note.duration:
            graces.setdefault(note.start, []).append(note)
            continue
        struck = (note.start, note.end, note.pitch)
        copy = copies.get(struck, 0)  # the same key struck twice at once needs two voices
        copies[struck] = copy + 1
        found = chords.get((note.start, note.end, copy))
        if found:
            found.notes.append(note)
        else:
            chords[note.start, note.end, copy] = Chord(note.start, note.end, [note])
    voices: list[list[Chord]] = [[]]
    for chord in sorted(chords.values(), key=lambda item: (item.start, -item.notes[-1].pitch)):
        chord.graces = graces.pop(chord.start, [])
        for voice in voices:
            if not voice or voice[-1].end <= chord.start:
                voice.append(chord)
                break
        else:
            if len(voices) == MAX_VOICES:
                raise BadDocument(
                    f"This piece has more than {MAX_VOICES} voices at once on a staff, which no page can show; "
                    "save it as MIDI or split the track."
                )
            voices.append([chord])
    for start, alone in sorted(graces.items()):
        _place_alone(Chord(start, start, [], alone), voices)
    return voices


def _place_alone(chord: Chord, voices: list[list[Chord]]) -> None:
    """Put grace notes that precede no chord into the first voice that is silent there."""
    for voice in voices:
        place = bisect_left(voice, chord.start, key=lambda item: item.start)
        if not place or voice[place - 1].end <= chord.start:
            voice.insert(place, chord)
            return
    voices.append([chord])


class BarCutter:
    """Cuts one voice into bars, bar by bar in order."""

    def __init__(self, voice: Voice) -> None:
        self.voice = voice
        self._next = 0

    def cut(self, bar: Bar, last: bool) -> list[Segment]:
        """Segments that fill the bar without a gap; empty if the voice is silent in it.

        Chords without length (grace notes alone) are segments without length; in the last bar they may stand at
        its end.
        """
        chords = self.voice.chords
        while self._next < len(chords) and max(chords[self._next].end, chords[self._next].start + 1) <= bar.start:
            self._next += 1
        out: list[Segment] = []
        place = bar.start
        for index in range(self._next, len(chords)):
            chord = chords[index]
            if chord.start >= bar.end and not (last and chord.start == chord.end == bar.end):
                break
            start, end = max(chord.start, bar.start), min(chord.end, bar.end)
            if start > place:
                out.append(Segment(place - bar.start, start - bar.start, None))
            tied = (chord.start < bar.start, chord.end > bar.end)
            out.append(Segment(start - bar.start, end - bar.start, chord, *tied))
            place = end
        if out and place < bar.end:
            out.append(Segment(place - bar.start, bar.end - bar.start, None))
        return out
