"""A description of a recording as a piece: tempo map, bars, key, chords, sections as markers, notes as tracks.

Onsets lie within half a tick of where they were heard; where notation is wanted, they are moved onto a grid.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from workbench.errors import BadRequest
from workbench.score.lanes import Chord, Key, Text
from workbench.score.score import Note, Score, Track
from workbench.understand.labels import read_chord
from workbench.understand.timeline import Timeline, timeline

if TYPE_CHECKING:
    from workbench.understand.heard import Heard, HeardNote

#: The parts a description can be split into, in order.
PARTS = ("melody", "bass", "notes", "drums")
#: Notes below this pitch (E3) are the bass where nothing sounds below them.
_BASS_TOP = 52
#: Two notes are the same if their onsets lie so close, in seconds.
_SAME = 0.08
#: Parts of a beat that notes are moved to, with what each costs: the finer, the better it must fit.
_GRIDS = ((1, 0.0), (2, 0.5), (4, 1.5), (3, 2.5))
#: How far players stray from the beat, in seconds.
_STRAY = 0.035


@dataclass(frozen=True, slots=True)
class Part:
    """A track to be: its name, its General MIDI program, whether it is drums."""

    name: str
    program: int
    is_drum: bool = False


_VOICES = {
    "melody": Part("Melody", 73), "bass": Part("Bass", 33), "notes": Part("Chords", 0),
    "drums": Part("Drums", 0, True),
}  # fmt: skip
_PIANO = Part("Piano", 0)


def to_score(
    heard: Heard, *, tracks: Iterable[str] | None = None, quantise: bool = False, title: str = "", author: str = "",
    parts: Sequence[tuple[Part, Sequence[HeardNote]]] | None = None,
) -> Score:  # fmt: skip
    """The piece that was heard, tick 0 being the recording's first sample.

    Args:
        heard: the description.
        tracks: which of :data:`PARTS` become tracks; left out: a voice gives its melody, a piano one track of all its
            notes, a band melody, bass, chords and drums as far as they were heard. Notes of a part that is left out
            are left out, except that ``notes`` alone holds all pitched notes.
        quantise: move notes to halves, quarters or thirds of a beat, for notation; without it they stay as played.
        title: of the piece.
        author: of every note; left out: the model that heard it, and ``human+model:<id>`` where a person put the
            notes right.
        parts: the tracks themselves with their notes, instead of ``tracks``.

    Raises:
        BadRequest: an unknown part.
    """
    line = timeline(heard.beats, heard.duration)
    score = line.score
    score.title = title
    score.meta = {"source": "recording"}
    if heard.key is not None:
        score.keys = [Key(0, _fifths(heard.key.tonic, heard.key.mode), heard.key.mode)]
    score.chords = _chords(heard, line)
    score.texts = [Text(line.bar_tick(section.start), "marker", section.label) for section in heard.sections]
    for number, (part, notes) in enumerate(_parts(heard, tracks) if parts is None else parts, start=1):
        own = author or _author(heard, part)
        track = Track(f"t{number}", part.name, part.program, part.is_drum, color=(number - 1) % 12)
        track.notes = {note.id: note for note in _written(notes, line, own, quantise)}
        score.tracks.append(track)
    return score


def _fifths(tonic: int, mode: str) -> int:
    major = (tonic + 3) % 12 if mode == "minor" else tonic
    fifths = major * 7 % 12
    return fifths - 12 if fifths > 6 else fifths


def _author(heard: Heard, part: Part) -> str:
    if not heard.model:
        return "imported"
    field = {"Melody": "melody", "Vocals": "melody", "Drums": "drums"}.get(part.name, "notes")
    return f"{'human+' if field in heard.changed else ''}model:{heard.model}"


def _chords(heard: Heard, line: Timeline) -> list[Chord]:
    out: list[Chord] = []
    for chord in heard.chords:
        found = read_chord(chord.label)
        start, end = line.beat_tick(chord.start), line.beat_tick(chord.end)
        if found is None or end <= start:
            continue
        if out and out[-1].tick + out[-1].duration > start:
            out[-1] = replace(out[-1], duration=start - out[-1].tick)
        if out and (out[-1].root, out[-1].quality, out[-1].bass) == found and _end(out[-1]) == start:
            out[-1] = replace(out[-1], duration=end - out[-1].tick)
        else:
            out.append(Chord(start, end - start, *found))
    return [chord for chord in out if chord.duration]


def _end(chord: Chord) -> int:
    return chord.tick + chord.duration


def _parts(heard: Heard, tracks: Iterable[str] | None) -> list[tuple[Part, Sequence[HeardNote]]]:
    """Each track to be with its notes, those without notes left out (but never all of them)."""
    wanted = tuple(tracks) if tracks is not None else _usual(heard)
    unknown = [name for name in wanted if name not in PARTS]
    if unknown or not wanted:
        raise BadRequest(f"A recording is split into {', '.join(PARTS)}; {str((*unknown, '')[0])[:30]!r} is none.")
    rest: Sequence[HeardNote] = heard.notes
    out: dict[str, Sequence[HeardNote]] = {}
    if "melody" in wanted:
        out["melody"] = heard.melody or (heard.notes if heard.kind == "singing" else ())
        rest = without(rest, out["melody"])
    if "bass" in wanted:
        out["bass"] = bass_line(rest)
        low = set(map(id, out["bass"]))
        rest = [note for note in rest if id(note) not in low]
    if "notes" in wanted:
        out["notes"] = rest
    if "drums" in wanted:
        out["drums"] = heard.drums
    found = [(name, out[name]) for name in PARTS if out.get(name)] or [(wanted[0], out[wanted[0]])]
    voices = {**_VOICES, "notes": _PIANO if heard.kind == "piano" else _VOICES["notes"]}
    return [(voices[name], notes) for name, notes in found]


def _usual(heard: Heard) -> tuple[str, ...]:
    if heard.kind == "singing":
        return ("melody",)
    return ("notes",) if heard.kind == "piano" else PARTS


def without(notes: Sequence[HeardNote], taken: Sequence[HeardNote]) -> list[HeardNote]:
    """``notes`` but for those that are in ``taken`` too: the same pitch, and an onset within 80 ms."""
    onsets: dict[int, list[float]] = {}
    for note in taken:
        onsets.setdefault(note.pitch, []).append(note.start)

    def there(note: HeardNote) -> bool:
        return any(abs(start - note.start) <= _SAME for start in onsets.get(note.pitch, ()))

    return [note for note in notes if not there(note)]


def bass_line(notes: Sequence[HeardNote]) -> list[HeardNote]:
    """The notes below E3 with nothing below them that sounds, or begins, at their onset."""
    low = sorted((note for note in notes if note.pitch < _BASS_TOP), key=lambda note: note.start)
    out: list[HeardNote] = []
    sounding: list[HeardNote] = []
    for index, note in enumerate(low):
        sounding = [other for other in sounding if other.end > note.start + _SAME]
        together = [other for other in low[index + 1 : index + 8] if other.start - note.start < _SAME / 2]
        if not any(other.pitch < note.pitch for other in (*sounding, *together)):
            out.append(note)
        sounding.append(note)
    return out


def _written(notes: Sequence[HeardNote], line: Timeline, author: str, quantise: bool) -> list[Note]:
    """Notes of one track; a pitch that is struck again ends where it is."""
    spans = [(line.tick(note.start), line.tick(note.end)) for note in notes]
    if quantise:
        spans = _on_grid(spans, line)
    order = sorted(range(len(notes)), key=lambda index: (spans[index], notes[index].pitch))
    out: list[Note] = []
    last: dict[int, int] = {}
    for index in order:
        (start, end), note = spans[index], notes[index]
        earlier = last.get(note.pitch)
        if earlier is not None and out[earlier].end > start:
            if out[earlier].start == start:
                continue  # the same note, heard twice
            out[earlier] = replace(out[earlier], duration=start - out[earlier].start)
        last[note.pitch] = len(out)
        out.append(Note(f"n{len(out) + 1}", start, max(1, end - start), note.pitch, note.velocity, author))
    return out


def _on_grid(spans: Sequence[tuple[int, int]], line: Timeline) -> list[tuple[int, int]]:
    """Starts and ends moved onto the grid that fits the onsets of their beat."""
    ppq = line.score.ppq
    beats: dict[int, list[int]] = {}
    for start, _ in spans:
        # An onset just before a beat is meant to be on it.
        beats.setdefault((start + ppq // 8) // ppq, []).append(start)
    parts = {beat: _grid(onsets, beat, line) for beat, onsets in beats.items()}

    def snap(tick: int) -> int:
        beat = (tick + ppq // 8) // ppq
        step = ppq // parts.get(beat, 2)
        return max(0, beat * ppq + round((tick - beat * ppq) / step) * step)

    out = []
    for start, end in spans:
        begin = snap(start)
        out.append((begin, max(snap(end), begin + ppq // max(2, parts[(start + ppq // 8) // ppq]))))
    return out


def _grid(onsets: Sequence[int], beat: int, line: Timeline) -> int:
    """Into how many parts a beat is divided, by how far its onsets lie from each division."""
    ppq = line.score.ppq
    stray = _STRAY * 1e6 / line.time.tempo_at(beat * ppq) * ppq
    places = np.array(sorted(set(onsets)), dtype=float) - beat * ppq

    def cost(parts: int, price: float) -> float:
        step = ppq / parts
        moved = np.round(places / step) * step
        merged = len(places) - len(set(moved.tolist()))
        apart = sum(after - before > 2 * stray for before, after in pairwise(places.tolist()))
        lost = max(0, int(merged - (len(places) - 1 - apart)))  # notes that were apart must stay apart
        strayed = float((((places - moved) / stray) ** 2).sum())
        return strayed / 2 + price + 8.0 * lost

    return min(_GRIDS, key=lambda grid: cost(*grid))[0]
