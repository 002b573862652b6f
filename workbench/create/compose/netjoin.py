"""Where the infilling network has its say in a band: beats that it would rather play otherwise, kept where they fit.

The network hears tune and band together and writes some beats of the grooves anew, on the chords: a request to fill
with ``closeness``. A beat of a part is taken over only if it fits the chords as well as what the style has there, is as
rich and as syncopated, keeps what carries the groove, and stays in register and on the style's own subdivision.
Everything else stays as it was fitted.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from workbench.create.compose.bandplan import Place, chord_at
from workbench.create.compose.drumvary import BASS_DRUMS, SNARES
from workbench.create.compose.song import Song
from workbench.create.compose.style import GROOVE_A, GROOVE_B, PPQ, Part, Style
from workbench.hub.protocol import Progress, Result
from workbench.hub.tasks.infill.controls import InfillControls
from workbench.hub.tasks.infill.request import InfillRequest
from workbench.score.score import Note, Region, Score, Track

#: Asks the network: a request and a seed to what it yields.
Ask = Callable[[InfillRequest, int], Iterator[object]]
#: How many versions the network writes, of which a beat may come.
VERSIONS = 3
#: Share of the beats that it is asked to write, for each that is to change: many are not taken.
ASKED = 1.6
#: Velocity from which a snare on a beat carries the groove.
FIRM = 64
#: From here on a style is swung.
SWUNG = 0.55
#: A subdivision of a straight style, in ticks at 960.
SIXTEENTH = PPQ // 4
MAX_REGIONS = 32
#: How far, in semitones, the lowest note of a beat may lie from the style's.
FAR = 7

Notes = Mapping[str, tuple[Note, ...]]


@dataclass
class Joined:
    """What came of it: the parts' notes by track id, beats that changed and beats of grooves, and who wrote them."""

    notes: dict[str, tuple[Note, ...]]
    changed: int = 0
    beats: int = 0
    model: str = ""
    revision: str = ""


@dataclass(frozen=True)
class Bandstand:
    """A fitted band as the network is shown it.

    ``parts``: by track id; ``notes``: the fitted ones; ``score``: the piece; ``song``: its chords and tune.
    """

    style: Style
    score: Score
    song: Song
    places: Sequence[Place]
    parts: Mapping[str, Part]
    notes: Notes
    grid: frozenset[int] = field(default=frozenset())


def join_up(stand: Bandstand, ask: Ask, share: int, seed: int) -> Iterator[Progress | Joined]:
    """Yield progress, and at last the band with the network's beats in it.

    Args:
        stand: the fitted band.
        ask: runs the network.
        share: per cent of the beats that may change.
        seed: equal seeds give equal bands.
    """
    out = Joined(dict(stand.notes))
    asked = _request(stand, share)
    if asked is None:
        yield out
        return
    versions: list[Notes] = []
    for item in ask(asked, seed):
        if isinstance(item, Progress):
            yield item
        elif isinstance(item, Result):
            versions = [idea.notes for idea in item.alternatives]
            out.model = item.attempt.spec.id if item.attempt else ""
            out.revision = item.attempt.revision if item.attempt else ""
    grid = stand.grid or own_grid(stand.style)
    for track_id in asked.regions[0].tracks:
        taken = _taken(stand, track_id, [version.get(track_id, ()) for version in versions], share, grid, out)
        out.notes[track_id] = taken
    yield out


def own_grid(style: Style) -> frozenset[int]:
    """Where in a beat a style strikes, in ticks at 960: sixteenths where it is straight, else what its grooves have."""
    places = {
        note.tick % PPQ
        for part in style.parts
        for name, pattern in part.sections.items()
        for note in pattern.notes
        if name in (GROOVE_A, GROOVE_B)
    }
    return frozenset(range(0, PPQ, SIXTEENTH)) | places if style.swing < SWUNG else frozenset(places)


def _request(stand: Bandstand, share: int) -> InfillRequest | None:
    """The grooves of all parts but held ones, to be varied on the chords; None where there is nothing to vary."""
    names = tuple(name for name, part in stand.parts.items() if part.role != "pad" and stand.notes.get(name))
    spans: list[list[int]] = []
    for place in stand.places:
        if place.section not in (GROOVE_A, GROOVE_B):
            continue
        if spans and spans[-1][1] == place.bar.start:
            spans[-1][1] = place.bar.end
        else:
            spans.append([place.bar.start, place.bar.end])
    if not names or not spans or share <= 0 or not stand.song.chords:
        return None
    score = stand.score.copy()
    for name, part in stand.parts.items():
        track = Track(name, name=part.name, program=part.program, is_drum=part.is_drum)
        track.notes = {f"n{at}": replace(note, id=f"n{at}") for at, note in enumerate(stand.notes.get(name, ()))}
        score.tracks.append(track)
    per_track = {name: _wishes(stand, name, share) for name in names}
    regions = tuple(Region(start, end, names) for start, end in spans[:MAX_REGIONS])
    return InfillRequest(score, regions, per_track=per_track, count=VERSIONS)


def _wishes(stand: Bandstand, name: str, share: int) -> InfillControls:
    part, notes = stand.parts[name], stand.notes[name]
    closeness = max(0, 100 - round(ASKED * share))
    if part.is_drum:
        return InfillControls(closeness=closeness)
    return InfillControls(
        closeness=closeness, harmony="strict", chords=stand.song.chords, pitch_low=part.low, pitch_high=part.high,
        max_polyphony=max(1, most_at_once(notes)),
    )  # fmt: skip


def most_at_once(notes: Sequence[Note]) -> int:
    """How many notes begin together at the most."""
    return max((len(list(own)) for _, own in itertools.groupby(sorted(n.start for n in notes))), default=0)


def _taken(
    stand: Bandstand, name: str, versions: Sequence[Sequence[Note]], share: int, grid: frozenset[int], out: Joined
) -> tuple[Note, ...]:
    """The part with those beats of the versions that fit; neighbouring beats never both, so that the part stays one."""
    fitted = stand.notes[name]
    beats = [beat for place in stand.places for beat in _beats(place)]
    out.beats += len(beats)
    old, others = _by_beat(fitted, beats), [_by_beat(version, beats) for version in versions]
    allowed = round(share / 100 * len(beats))
    last = -1
    for at, beat in enumerate(beats):
        if allowed <= 0 or (at == last + 1 and last >= 0):
            continue
        for version in others:
            new = version[at]
            if _looks(new) != _looks(old[at]) and fits(stand, name, beat, old[at], new, grid):
                old[at] = _ending(new, old[at + 1] if at + 1 < len(beats) else [], beat[1])
                out.changed, allowed, last = out.changed + 1, allowed - 1, at
                break
    inside = {id(note) for own in _by_beat(fitted, beats) for note in own}
    kept = [note for note in fitted if id(note) not in inside]
    return tuple(sorted([*kept, *itertools.chain(*old)], key=lambda note: (note.start, note.pitch)))


def _beats(place: Place) -> Iterator[tuple[int, int]]:
    """The beats of a groove's bar, in ticks; not those of its first bar's first beat, which says where it begins."""
    if place.section not in (GROOVE_A, GROOVE_B):
        return
    count = place.bar.numerator if place.bar.denominator <= 4 else max(1, place.bar.numerator // 3)
    edges = [place.bar.start + (place.bar.end - place.bar.start) * at // count for at in range(count + 1)]
    yield from list(itertools.pairwise(edges))[1 if place.turn == 0 else 0 :]


def _by_beat(notes: Sequence[Note], beats: Sequence[tuple[int, int]]) -> list[list[Note]]:
    """The notes that begin in each beat, in order."""
    ordered = sorted(notes, key=lambda note: (note.start, note.pitch))
    out: list[list[Note]] = []
    at = 0
    for start, end in beats:
        while at < len(ordered) and ordered[at].start < start:
            at += 1
        first = at
        while at < len(ordered) and ordered[at].start < end:
            at += 1
        out.append(ordered[first:at])
    return out


def _looks(notes: Sequence[Note]) -> set[tuple[int, int]]:
    return {(note.start, note.pitch) for note in notes}


def _ending(new: Sequence[Note], after: Sequence[Note], end: int) -> list[Note]:
    """New notes that sound no further than the next beat's first note, nor past the beat where there is none."""
    limit = min((note.start for note in after), default=end)
    return [replace(note, id="draft", duration=max(1, min(note.end, max(limit, end)) - note.start)) for note in new]


def fits(
    stand: Bandstand, name: str, beat: tuple[int, int], old: Sequence[Note], new: Sequence[Note], grid: frozenset[int]
) -> bool:
    """Whether the network's beat may stand where the style's was."""
    part, ppq = stand.parts[name], stand.song.ppq
    if not new or not old:
        return False
    if any((note.start - beat[0]) * PPQ // ppq not in grid for note in new):
        return False
    onsets = [{note.start for note in notes} for notes in (old, new)]
    if not len(onsets[0]) - 1 <= len(onsets[1]) <= len(onsets[0]) + 2:
        return False
    if (not part.is_drum or stand.style.swing >= SWUNG) and len(onsets[1] - {beat[0]}) < len(onsets[0] - {beat[0]}):
        return False
    if part.is_drum:
        return _drums_fit(old, new, beat, {note.pitch for note in stand.notes[name]})
    return _notes_fit(stand, part, beat, old, new)


def _drums_fit(old: Sequence[Note], new: Sequence[Note], beat: tuple[int, int], kit: set[int]) -> bool:
    """What carries the groove stays: strokes on the beat, firm ones of the snare; no drum that the style has not."""
    firm = {(n.start, n.pitch) for n in old if n.start == beat[0] or (n.pitch in SNARES and n.velocity >= FIRM)}
    known = {note.pitch for note in old} | {*BASS_DRUMS, *SNARES, 42, 44, 46}
    return firm <= _looks(new) and all(note.pitch in known & kit for note in new) and len(new) <= 1.5 * len(old) + 1


def _notes_fit(stand: Bandstand, part: Part, beat: tuple[int, int], old: Sequence[Note], new: Sequence[Note]) -> bool:
    song = stand.song
    if any(not part.low <= note.pitch <= part.high for note in new):
        return False
    if most_at_once(new) < most_at_once(old) or len({n.pitch % 12 for n in new}) < len({n.pitch % 12 for n in old}):
        return False
    if abs(min(n.pitch for n in new) - min(n.pitch for n in old)) > FAR:
        return False
    if in_chord(new, song) < in_chord(old, song) - 1e-9:
        return False
    if any(not _in(note, song) and note.pitch % 12 not in song.scale for note in new):
        return False
    if part.role == "bass":
        first = [note for note in old if note.start == beat[0]]
        same = [note for note in new if note.start == beat[0]]
        if [note.pitch % 12 for note in first] != [note.pitch % 12 for note in same]:
            return False
    return not any(_clash(note, other) for note in new for other in song.sung(note.start, note.end))


def _in(note: Note, song: Song) -> bool:
    chord = chord_at(song.chords, note.start)
    return chord is None or note.pitch % 12 in chord.pitch_classes


def in_chord(notes: Sequence[Note], song: Song) -> float:
    """Share of the notes' time on a tone of the chord of their onset; 1.0 for none."""
    total = sum(note.duration for note in notes)
    return sum(note.duration for note in notes if _in(note, song)) / total if total else 1.0


def _clash(note: Note, sung: Note) -> bool:
    """Whether two notes that sound together for a while are a semitone (or a ninth of one) apart."""
    together = min(note.end, sung.end) - max(note.start, sung.start)
    return together >= max(1, note.duration // 2) and (note.pitch - sung.pitch) % 12 in (1, 11)
