"""From the parts and marks of a MusicXML score to the document."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import count, pairwise
from typing import Any

from workbench.errors import BadFile
from workbench.score.lanes import MAX_TEXT, MAX_TICK, Chord, Control, Key, Program, Tempo, Text
from workbench.score.musicxml.instruments import PartSounds, part_sounds
from workbench.score.musicxml.marks import Marks, read_marks, read_meters
from workbench.score.notation.parts import NoteEvent, Part
from workbench.score.notation.tables import DEFAULT_VELOCITY, FORTE
from workbench.score.notation.timeline import Timeline, build_timeline, choose_ppq, meter_lane
from workbench.score.report import ImportReport
from workbench.score.score import MAX_TRACKS, Note, Score, Track

_ORNAMENTS = frozenset(
    {"trill-mark", "turn", "inverted-turn", "mordent", "inverted-mordent", "tremolo", "shake", "arpeggiate"}
)
_PIZZICATO = 45
_BOWED = range(40, 52)


@dataclass(slots=True)
class _Sounding:
    """A note with its tied continuations added; times in ticks."""

    start: int
    end: int
    pitch: int
    velocity: int
    drum: bool
    voice: tuple[str, str]


def build_score(root: ET.Element, parts: list[Part]) -> tuple[Score, ImportReport]:
    """The document of a ``score-partwise`` tree whose parts have been read."""
    signs: dict[int, tuple[int, int] | None] = {}
    for part in parts:
        for index, meter in read_meters(part).items():
            signs.setdefault(index, meter)
    timeline = build_timeline(parts, signs)
    ppq = choose_ppq(_times(parts, timeline))
    if timeline.starts[-1] * ppq > MAX_TICK:
        raise BadFile("This score is too long to open; export a part of the piece.")
    score = Score(ppq=ppq, pickup=round(timeline.pickup * ppq), tempos=[], meters=meter_lane(timeline, ppq))
    counts: Counter[str] = Counter(own_meters=timeline.own_meters)
    all_marks = [read_marks(part, timeline.starts) for part in parts]
    ids = count(1)
    for part, marks in zip(parts, all_marks, strict=True):
        counts.update(marks.counts)
        _add_tracks(score, part, marks, timeline, ids, counts)
    if len(score.tracks) > MAX_TRACKS:
        raise BadFile(f"This score has more than {MAX_TRACKS:,} parts; export some of them.")
    _add_lanes(score, parts, all_marks)
    _add_facts(score, root)
    counts["timing"] = sum((time * ppq).denominator > 1 for time in _times(parts, timeline))
    return score, _report(counts)


def _times(parts: list[Part], timeline: Timeline) -> Iterable[Fraction]:
    yield from timeline.starts
    for part in parts:
        for measure, start in zip(part.measures, timeline.starts, strict=False):
            for event in measure.notes:
                yield start + event.offset
                yield event.duration


def _add_tracks(score: Score, part: Part, marks: Marks, timeline: Timeline, ids: Any, counts: Counter[str]) -> None:
    """One track for the part, and one more for unpitched notes among pitched ones."""
    sounds = part_sounds(part)
    notes, track_facts = _merge_ties(part, marks, sounds, timeline, score.ppq, counts)
    drums = sounds.is_drum or (bool(notes) and all(note.drum for note in notes))
    pitched = [note for note in notes if drums or not note.drum]
    unpitched = [note for note in notes if not drums and note.drum]
    for group, is_drum in ((pitched, drums), (unpitched, True)):
        if not group and (group is unpitched or unpitched):
            continue
        track = Track(f"t{len(score.tracks) + 1}", sounds.name[:1_000], 0 if is_drum else sounds.program, is_drum)
        track.color = len(score.tracks) % 256
        track.volume, track.pan = sounds.volume, sounds.pan
        for item in sorted(group, key=lambda note: (note.start, note.pitch)):
            note = Note(f"n{next(ids)}", item.start, item.end - item.start, item.pitch, item.velocity, "imported")
            track.notes[note.id] = note
        score.tracks.append(track)
        if group is not pitched:
            continue
        tick = _Ticks(score.ppq)
        texts = [Text(tick(when), "text", word) for when, word in marks.words]
        texts += [Text(when, "lyric", text) for when, text in track_facts.lyrics]
        track.texts = sorted(texts, key=lambda text: text.tick)
        track.controls = sorted((Control(tick(when), 64, on) for when, on in marks.pedals), key=lambda c: c.tick)
        if not is_drum:
            track.programs = _programs(track_facts.programs, marks, sounds.program, tick)


class _Ticks:
    """Quarters to ticks."""

    def __init__(self, ppq: int) -> None:
        self.ppq = ppq

    def __call__(self, quarters: Fraction) -> int:
        return min(MAX_TICK, max(0, round(quarters * self.ppq)))


@dataclass(slots=True)
class _Facts:
    lyrics: list[tuple[int, str]]
    programs: list[tuple[int, int]]


def _merge_ties(
    part: Part, marks: Marks, sounds: PartSounds, timeline: Timeline, ppq: int, counts: Counter[str]
) -> tuple[list[_Sounding], _Facts]:
    tick = _Ticks(ppq)
    facts = _Facts([], [])
    out: list[_Sounding] = []
    open_ties: dict[tuple[int, bool], list[_Sounding]] = {}
    level_ticks = [tick(when) for when, _ in sorted(marks.levels, key=lambda item: item[0])]
    levels = [value for _, value in sorted(marks.levels, key=lambda item: item[0])]
    accents = {tick(when): value for when, value in marks.accents.items()}
    for measure, bar in zip(part.measures, timeline.starts, strict=False):
        counts["cues"] += measure.cues
        # Voices follow one another in the file; ties and instruments need the order of time.
        for event in sorted(measure.notes, key=lambda item: item.offset):
            element = event.element
            start, end = tick(bar + event.offset), tick(bar + event.offset + event.duration)
            pitch = sounds.drum_pitch(element) if event.pitch is None else event.pitch
            counts["ornaments"] += _ornamented(element)
            counts["graces"] += event.grace
            counts["microtones"] += event.microtone
            counts["unpitched"] += event.pitch is None and not sounds.knows_drum(element)
            _lyrics(element, start, facts, counts)
            if not 0 <= pitch <= 127:
                counts["range"] += 1
                continue
            program = sounds.program_of(element)
            if event.pitch is not None and program != (facts.programs[-1][1] if facts.programs else sounds.program):
                facts.programs.append((start, program))
            ties = {tie.get("type") for tie in element.findall("tie")} if not event.grace else set()
            voice = (element.findtext("voice", ""), element.findtext("staff", ""))
            key = (pitch, event.pitch is None)
            note = _tied(open_ties.get(key, []), start, voice) if "stop" in ties else None
            if note is not None:
                note.end = end
                open_ties[key].remove(note)
            else:
                counts["loose_ties"] += "stop" in ties
                place = bisect_right(level_ticks, start) - 1
                loud = accents.get(start, levels[place] if place >= 0 else DEFAULT_VELOCITY)
                note = _Sounding(start, end, pitch, _velocity(event, loud), event.pitch is None, voice)
                out.append(note)
            if "start" in ties:
                open_ties.setdefault(key, []).append(note)
    return out, facts


def _ornamented(element: ET.Element) -> bool:
    return any(item.tag in _ORNAMENTS for notations in element.findall("notations") for item in notations.iter())


def _tied(waiting: list[_Sounding], start: int, voice: tuple[str, str]) -> _Sounding | None:
    """The note that a tie leads from: one that ends here, of the same voice if there are two."""
    fitting = [note for note in waiting if note.end == start]
    return next((note for note in fitting if note.voice == voice), fitting[0] if fitting else None)


def _velocity(event: NoteEvent, level: int) -> int:
    """The note's own ``dynamics`` (percent of forte) before the mark in force."""
    try:
        own = float(event.element.get("dynamics") or 0)
    except ValueError:
        own = 0.0
    return min(127, max(1, round(own * FORTE / 100))) if 0 < own < 10_000 else level


def _lyrics(element: ET.Element, start: int, facts: _Facts, counts: Counter[str]) -> None:
    """The first verse, syllables inside a word ending in a hyphen as MIDI lyrics do."""
    lyrics = [item for item in element.findall("lyric") if (item.findtext("text") or "").strip()]
    if not lyrics:
        return
    first = min(lyrics, key=lambda item: item.get("number") or "1")
    if (first.get("number") or "1") != "1":
        counts["verses"] += len(lyrics)
        return
    counts["verses"] += len(lyrics) - 1
    text = " ".join((item.text or "").strip() for item in first.findall("text"))
    hyphen = "-" if first.findtext("syllabic") in ("begin", "middle") else ""
    facts.lyrics.append((start, text[: MAX_TEXT - 1] + hyphen))


def _programs(changes: list[tuple[int, int]], marks: Marks, program: int, tick: _Ticks) -> list[Program]:
    """Changes of instrument, and plucked strings as the program of that name."""
    events = list(changes)
    if program in _BOWED:
        events += [(tick(when), _PIZZICATO if plucked else program) for when, plucked in marks.plucked]
    out: list[Program] = []
    for when, value in sorted(events, key=lambda item: item[0]):
        if value != (out[-1].program if out else program):
            out.append(Program(when, value))
    return out


def _add_lanes(score: Score, parts: list[Part], all_marks: list[Marks]) -> None:
    tick = _Ticks(score.ppq)
    tempos: dict[int, int] = {}
    for marks in all_marks:
        own = {tick(when): us for when, us in marks.tempos}
        tempos = own | tempos  # the first part's word counts
    for when in sorted(tempos):
        if not score.tempos or score.tempos[-1].us_per_quarter != tempos[when]:
            score.tempos.append(Tempo(when, tempos[when]))
    keyed = sorted((part.shifts, index) for index, part in enumerate(parts) if all_marks[index].keys)
    if keyed:
        keys = {tick(when): (fifths, mode) for when, fifths, mode in all_marks[keyed[0][1]].keys}
        for when in sorted(keys):
            if not score.keys or (score.keys[-1].fifths, score.keys[-1].mode) != keys[when]:
                score.keys.append(Key(when, *keys[when]))
    texts = {(tick(when), "marker", text): None for marks in all_marks for when, text in marks.markers}
    texts |= {(tick(when), "text", text): None for marks in all_marks for when, text in marks.tempo_words}
    score.texts = [Text(*item) for item in sorted(texts, key=lambda item: item[0])]
    symbols: dict[int, tuple[int, str, int] | None] = {}
    for marks in all_marks:
        symbols = {tick(when): chord for when, chord in marks.chords} | symbols
    order = sorted(symbols)
    for when, after in pairwise([*order, max([score.end, *order[-1:]])]):
        if (chord := symbols[when]) is not None:
            score.chords.append(Chord(when, after - when, *chord))


def _add_facts(score: Score, root: ET.Element) -> None:
    def said(path: str) -> str:
        return " ".join((root.findtext(path) or "").split())

    work, movement = said("work/work-title"), said("movement-title")
    score.title = (movement or work)[:1_000]
    facts = {
        "work": work if movement and movement != work else "",
        "number": said("work/work-number") or said("movement-number"),
        "rights": " ".join("".join(item.itertext()) for item in root.findall("identification/rights")),
        "source": said("identification/source"),
    }
    for creator in root.findall("identification/creator"):
        kind = (creator.get("type") or "composer").lower()
        if kind in ("composer", "lyricist", "arranger", "poet", "translator"):
            text = " ".join((creator.text or "").split())
            facts[kind] = f"{facts[kind]}, {text}" if facts.get(kind) else text
    score.meta = {name: text[:MAX_TEXT] for name, text in facts.items() if text}


def _report(counts: Counter[str]) -> ImportReport:
    report = ImportReport()
    for kind, one, many in (
        ("repeats", "A repeat sign or ending is", "{} repeat signs and endings are"),
        ("own_meters", "A bar is", "{} bars are"),
        ("graces", "A grace note has", "{} grace notes have"),
        ("ornaments", "A trill, tremolo or other ornament is", "{} trills, tremolos and other ornaments are"),
        ("hairpins", "A crescendo or diminuendo sign is", "{} crescendo and diminuendo signs are"),
        ("cues", "A cue note is", "{} cue notes are"),
        ("verses", "A syllable of a later verse is", "{} syllables of later verses are"),
        ("chords_simplified", "A chord symbol is", "{} chord symbols are"),
        ("chords_skipped", "A chord symbol has", "{} chord symbols have"),
        ("microtones", "A note between two keys is", "{} notes between two keys are"),
        ("range", "A note is", "{} notes are"),
        ("loose_ties", "A tie comes", "{} ties come"),
        ("unpitched", "A percussion note does", "{} percussion notes do"),
        ("keys", "A key signature of an unusual kind is", "{} key signatures of an unusual kind are"),
        ("timing", "A time is", "{} times are"),
    ):
        number = counts[kind]
        report.add(kind, number, (one if number == 1 else many.format(f"{number:,}")) + _ENDINGS[kind])
    return report


_ENDINGS = {
    "repeats": " not played out: the piece runs once from beginning to end.",
    "own_meters": " longer or shorter than the time signature says; a time signature of that length was added.",
    "graces": " no length of their own.",
    "ornaments": " kept as the plain note below.",
    "hairpins": " not heard.",
    "cues": " left out: they only show what others play.",
    "verses": " left out: only the first verse is kept.",
    "chords_simplified": " kept as the nearest known chord.",
    "chords_skipped": " no root that can be read and was left out.",
    "microtones": " moved to the nearest key.",
    "range": " too high or too low for MIDI and left out.",
    "loose_ties": " from no note right before, so the note is struck again.",
    "unpitched": " not say which drum it is, so one was chosen by its name or place.",
    "keys": " left out.",
    "timing": " rounded to the nearest tick.",
}
