"""The piece as it stands before a band joins: bars, metre, tempo, key, section names, chords, the tune and its voices.

Sections that tell the tune are laid first; what is made from the tune (introduction, build, bridge, ending, second
voices) is then written from the laid-out piece itself, so that any section can be made again from the piece alone.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from workbench.create.compose import harmonyplan, motif
from workbench.create.compose.motif import Ground
from workbench.create.compose.songplan import FACT, SectionPlan, SongPlan, loudness, titles
from workbench.create.compose.source import Source, SourceBar
from workbench.score.keys import KeyGuess
from workbench.score.lanes import Chord, Key, Meter, Tempo, Text, joined_chords
from workbench.score.score import Note, Score, Track, fresh_ids
from workbench.score.timemap import TimeMap

AUTHOR = "model:arranger"
TUNE, SECOND, DOUBLE = "Tune", "Second voice", "Doubling"
#: Second voice and doubling (General MIDI) by the style's id; and where the tune has the first of them itself.
_VOICES = {
    "swing": (65, 61), "funk": (61, 61), "brass-band": (60, 57), "chiptune": (80, 81), "bossa": (65, 48),
    "samba": (73, 61), "shuffle": (22, 61), "house": (81, 50), "trap": (11, 50), "disco": (48, 61), "tango": (40, 48),
    "country": (110, 48), "folk-picking": (110, 48), "string-quartet": (40, 48), "choir": (52, 48), "hymn": (60, 48),
}  # fmt: skip
_USUAL, _OTHER = (73, 48), 68
#: Roots above the tonic from which an ending may go home: the tonic itself, the fourth, the fifth, the leading tone.
LEADS_HOME = (0, 5, 7, 11)


def seed_of(plan: SongPlan, place: int, stream: str) -> int:
    """A seed for one thing in one section: another one each time that section is taken again."""
    text = f"{plan.seed}.{place}.{plan.sections[place].take}.{stream}"
    return zlib.crc32(text.encode())


def lay_out(source: Source, plan: SongPlan, tempo: int, title: str, swing: float) -> Score:
    """The piece with the tune in its sections, and the other sections' chords, still without their melodies."""
    bars = [_bars(source, item) for item in plan.sections]
    pickup = 0
    if source.lead and plan.sections[0].melody == "tune" and plan.sections[0].tune[0] == 1:
        pickup = -(-max(before for before, _ in source.lead) // source.ppq) * source.ppq
    score = Score(title, source.ppq, pickup)
    score.tempos = [Tempo(0, tempo)]
    key = source.key
    fifths = (key.tonic * 7 + (3 if key.mode == "minor" else 0) * 7 + 5) % 12 - 5
    score.keys = [Key(0, fifths, key.mode)]
    tune = Track("t1", name=TUNE, program=source.program)
    at, metre = pickup, (0, 0)
    lines: list[int] = []
    for item, name, own in zip(plan.sections, titles(plan), bars, strict=True):
        score.texts.append(Text(at, "marker", name))
        lines.append(at)
        for bar in own:
            if (bar.numerator, bar.denominator) != metre:
                metre = bar.numerator, bar.denominator
                score.meters = [*([] if at == pickup else score.meters), Meter(0 if at == pickup else at, *metre)]
            score.chords += [replace(chord, tick=at + chord.tick) for chord in bar.chords]
            at += bar.length
        if item.melody == "tune":
            _lay_tune(tune, source, item, own, lines[-1], at, swing)
    score.chords = joined_chords(score.chords)
    score.tracks = [tune]
    score.meta = {FACT: plan.to_json()}
    return score


def _bars(source: Source, item: SectionPlan) -> list[SourceBar]:
    """The bars of a section: the tune's own, or bars of its metre with chords for what the section does."""
    count, kind = item.section.bars, item.section.kind
    first = source.bars[0]
    if item.tune[1]:
        start, size = item.tune
        told = source.bars[start - 1 : start - 1 + size]
        skip = max(0, size - count) if kind == "chorus" and count < size else 0  # a short chorus tells the end
        return [told[(skip + at) % size] for at in range(count)]
    key = source.key
    known = [bar.chords[0].root if bar.chords else key.tonic for bar in source.bars]
    home = harmonyplan.tonic(key)
    if kind in ("bridge", "build"):
        row = harmonyplan.row_for(kind, count, key, known, zlib.crc32(f"{item.take}{kind}".encode()) % 6)
        return [_bar(first, root, quality) for root, quality in row]
    if kind == "break":
        return [_bar(first, *harmonyplan.chord(key, "V7"))] * count
    if kind == "ending":
        held = min(2, count)
        tag = [replace(bar, notes=()) for bar in source.bars[-(count - held) :]] if count > held else []
        if tag and (not tag[-1].chords or (tag[-1].chords[-1].root - key.tonic) % 12 not in LEADS_HOME):
            tag[-1] = _bar(first, *harmonyplan.chord(key, "V7"))
        return [*tag, *[_bar(first, *home)] * held]
    # An introduction goes over the tune's first bars and turns to the dominant: the tune has where to come from.
    own = [replace(source.bars[at % min(4, len(source.bars))], notes=()) for at in range(count)]
    return [*own[:-1], _bar(own[-1], *harmonyplan.chord(key, "V7"))] if count > 1 else own


def _bar(like: SourceBar, root: int, quality: str) -> SourceBar:
    return SourceBar(like.numerator, like.denominator, like.length, (), (Chord(0, like.length, root, quality),))


def _lay_tune(
    tune: Track, source: Source, item: SectionPlan, own: Sequence[SourceBar], start: int, end: int, swing: float
) -> None:
    """The tune's notes of one section, its pickup before it; a note that would sound on past the section ends there."""
    found: list[Note] = []
    at = start
    if item.tune[0] == 1 and own[0] is source.bars[0]:
        found += [replace(note, start=at - before) for before, note in source.lead if at >= before]
    for bar in own:
        found += [replace(note, start=at + note.start) for note in bar.notes]
        at += bar.length
    straight = swing < 0.57 or not _is_straight(found, source.ppq)
    # What the section before still holds makes room for the pickup.
    for name, note in list(tune.notes.items()):
        if found and note.end > found[0].start:
            if note.start >= found[0].start:
                del tune.notes[name]
            else:
                tune.notes[name] = replace(note, duration=found[0].start - note.start)
    for place, note in enumerate(found):
        following = found[place + 1].start if place + 1 < len(found) else end
        stop = min(note.end, end)
        if note.end > following > note.start:  # the tune comes round again while its last note is held
            stop = following
        velocity = loudness(item, note.velocity, max(0.0, (note.start - start) / (end - start)))
        kept = replace(
            note, duration=max(min(1, note.duration), stop - note.start), velocity=velocity, locked=False
        )  # fmt: skip
        kept = kept if straight else _swung(kept, source.ppq, swing, start)
        name = fresh_ids(tune.notes, "n", 1)[0]
        tune.notes[name] = replace(kept, id=name)


def _is_straight(notes: Sequence[Note], ppq: int) -> bool:
    """Whether a tune has even eighths off the beat and neither sixteenths nor triplets."""
    off = [note.start % ppq for note in notes if ppq // 12 < note.start % ppq < ppq - ppq // 12]
    even = sum(1 for place in off if abs(place - ppq // 2) <= ppq // 24)
    return bool(off) and even >= 0.9 * len(off)


def _swung(note: Note, ppq: int, swing: float, origin: int) -> Note:
    def moved(tick: int) -> int:
        place = (tick - origin) % ppq
        return tick + round((swing - 0.5) * ppq) if abs(place - ppq // 2) <= ppq // 24 else tick

    start, end = moved(note.start), moved(note.end)
    if start > note.start:  # a short note off the beat keeps its length as far as the beat leaves room
        end = max(end, min(start + note.duration, start + ppq - (start - origin) % ppq))
    return replace(note, start=start, duration=max(1, end - start))


def span_of(score: Score, item: SectionPlan) -> tuple[int, int]:
    """Ticks of a section."""
    return TimeMap(score).bar_range(item.section.first_bar, item.section.last_bar)


def write_melodies(score: Score, plan: SongPlan, places: Sequence[int], style: str) -> dict[str, list[Note]]:
    """What the arranger itself writes in some sections, by the name of the track: drafts in ticks of the piece.

    The tune's own sections are not among it. Sections are written from the tune as it stands in ``score``.
    """
    out: dict[str, list[Note]] = {TUNE: [], SECOND: [], DOUBLE: []}
    key = KeyGuess(plan.tonic, plan.mode)
    told = next((item for item in plan.sections if item.melody == "tune"), None)
    if told is None:
        return out
    material = _material(score, told)
    for place in places:
        item = plan.sections[place]
        start, end = span_of(score, item)
        ground = ground_of(score, key, start, end)
        rng = np.random.default_rng(seed_of(plan, place, "melody"))
        bars = item.section.bars
        made: dict[str, list[Note]] = {}
        if item.melody == "motif":
            made[SECOND] = motif.opening(material, bars, ground, rng)
        elif item.melody == "rise":
            made[TUNE] = motif.rising(material, bars, ground, rng)
        elif item.melody == "contrast":
            made[TUNE] = motif.contrast(material, bars, ground, rng)
        elif item.melody == "close":
            made[TUNE] = motif.closing(_tag(score, plan, bars, ground.bar), bars, ground, plan.tonic)
        own = [replace(note, start=note.start - start) for note in _tune(score) if start <= note.start < end]
        if "octave" in item.doubles:
            made[DOUBLE] = motif.octave(own)
        if "thirds" in item.doubles:
            made[SECOND] = motif.thirds(own, ground)
        if "answers" in item.doubles:
            made[SECOND] = [*made.get(SECOND, []), *motif.answers(own, end - start, ground, rng)]
        for name, notes in made.items():
            out[name] += [
                replace(note, start=start + note.start, duration=min(note.duration, end - start - note.start))
                for note in notes if 0 <= note.start < end - start
            ]  # fmt: skip
    return out


def _tune(score: Score) -> list[Note]:
    return next((track.sorted_notes() for track in score.tracks if track.name == TUNE), [])


def _material(score: Score, told: SectionPlan) -> list[list[Note]]:
    """The tune by bars, as its first section tells it."""
    start, end = span_of(score, told)
    own = [replace(note, start=note.start - start) for note in _tune(score) if start <= note.start < end]
    return motif.bars_of(own, max(1, (end - start) // told.section.bars), told.section.bars)


def _tag(score: Score, plan: SongPlan, bars: int, bar: int) -> list[Note]:
    """The last bars of the tune as its last section tells it, for an ending of so many bars."""
    told = [item for item in plan.sections if item.melody == "tune"][-1]
    _, end = span_of(score, told)
    begin = end - max(0, bars - 2) * bar
    return [
        replace(note, id="draft", author="human", edited_by=(), start=note.start - begin)
        for note in _tune(score) if begin <= note.start < end
    ]  # fmt: skip


def ground_of(score: Score, key: KeyGuess, start: int, end: int) -> Ground:
    """Chords and scale between two ticks, starts counted from the first."""
    chords = []
    for chord in score.chords:
        first, last = max(chord.tick, start), min(chord.tick + chord.duration, end)
        if first < last:
            chords.append(replace(chord, tick=first - start, duration=last - first))
    bar = TimeMap(score).bar_at(start)
    return Ground(tuple(chords), frozenset(key.scale), bar.end - bar.start, score.ppq)


def voices_for(style: str, program: int) -> dict[str, int]:
    """Programs of second voice and doubling, another than the tune's."""
    second, double = _VOICES.get(style, _USUAL)
    return {SECOND: _OTHER if second == program else second, DOUBLE: 49 if double == program else double}
