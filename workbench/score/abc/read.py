"""ABC tunes in: the folk musicians' notation in plain text (ABC standard 2.1, abcnotation.com/wiki/abc:standard).

A file may hold many tunes; the first one is read unless another is asked for::

    for tune in list_tunes(text):
        print(tune.number, tune.title)
    score, report = read_abc(text, number=tune.number)

The reader is our own: music21's pads bars that repeat signs cut in two and loses accidentals. Bars, pickups,
metres and resolutions follow the same rules as MusicXML's (:mod:`workbench.score.notation.timeline`).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from itertools import count, pairwise

from workbench.errors import BadDocument, BadFile
from workbench.score.abc.tune import AbcNote, TuneReader, Voice
from workbench.score.lanes import Chord, Key, Tempo, Text
from workbench.score.notation.timeline import Timeline, build_timeline, choose_ppq, meter_lane
from workbench.score.report import ImportReport
from workbench.score.score import MAX_NOTES, Note, Score, Track

MAX_TEXT_LENGTH = 16 * 2**20
MAX_TUNE_LENGTH = 1_000_000

_START = re.compile(r"^X:[ \t]*(\d*)", re.MULTILINE)
_TITLE = re.compile(r"^T:(.*)$", re.MULTILINE)
MAX_TUNES = 100_000


@dataclass(frozen=True, slots=True)
class Tune:
    """One tune of a file: its place (from 1), the number and title it gives itself, and its text."""

    place: int
    number: int
    title: str
    text: str


def list_tunes(text: str) -> list[Tune]:
    """Every tune of an ABC file, in order; text between the tunes is skipped.

    Raises:
        BadFile: the text is too long or holds no tune.
    """
    if len(text) > MAX_TEXT_LENGTH:
        raise BadFile(f"This ABC file is longer than {MAX_TEXT_LENGTH // 2**20} MB; split it.")
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    matches = list(_START.finditer(text))
    if len(matches) > MAX_TUNES:
        raise BadFile(f"This ABC file holds more than {MAX_TUNES:,} tunes; split it.")
    ends = [match.start() for match in matches[1:]] + [len(text)]
    tunes: list[Tune] = []
    for place, (match, end) in enumerate(zip(matches, ends, strict=False), 1):
        body = _until_blank(text[match.start() : end])
        title = _TITLE.search(body)
        tunes.append(Tune(place, int(match[1][:9] or place), title[1].partition("%")[0].strip() if title else "", body))
    if not tunes:
        raise BadFile("This text holds no ABC tune; a tune begins with a line such as X:1.")
    return tunes


def _until_blank(body: str) -> str:
    """A tune ends with the first empty line after its music has begun."""
    lines: list[str] = []
    in_music = False
    for line in body.split("\n"):
        if not line.strip() and in_music:
            break
        lines.append(line)
        in_music = in_music or line.startswith("K:")
    return "\n".join(lines)


def read_abc(text: str, *, number: int | None = None) -> tuple[Score, ImportReport]:
    """Read one tune. Repeats are not played out; grace notes keep their place with no length.

    Args:
        text: the whole file.
        number: the tune's own number (``X:``); the first tune if left out.

    Returns:
        The score (a track for each voice, authors ``imported``) and what was changed on purpose.

    Raises:
        BadFile: there is no such tune, or it holds no notes.
    """
    tunes = list_tunes(text)
    chosen = tunes[0] if number is None else next((tune for tune in tunes if tune.number == number), None)
    if chosen is None:
        raise BadFile(f"There is no tune number {number} in this file; it holds {len(tunes):,} tunes.")
    if len(chosen.text) > MAX_TUNE_LENGTH:
        raise BadFile(f"The tune {chosen.title[:60]!r} is too long to read.")
    tune = TuneReader(chosen.text)
    voices = [voice for voice in tune.voices.values() if voice.notes and voice.part.measures]
    if not voices:
        raise BadFile(f"The tune {chosen.title[:60]!r} holds no notes that can be read.")
    if sum(len(voice.notes) for voice in voices) > MAX_NOTES:
        raise BadFile(f"The tune {chosen.title[:60]!r} has more than {MAX_NOTES:,} notes.")
    try:
        score = _build(chosen, tune, voices)
    except BadDocument as error:
        raise BadFile(f"The tune {chosen.title[:60]!r} holds values that make no sense.") from error
    return score, _report(tune.counts, len(tunes) - 1 if number is None else 0)


def _build(chosen: Tune, tune: TuneReader, voices: list[Voice]) -> Score:
    signs = {bar: meter for voice in reversed(voices) for bar, meter in voice.meters.items()}
    timeline = build_timeline([voice.part for voice in voices], signs)
    tune.counts["own_meters"] = timeline.own_meters
    times = [_when(timeline, note.bar, note.offset) for voice in voices for note in voice.notes]
    times += timeline.starts
    times += [note.duration for voice in voices for note in voice.notes]
    ppq = choose_ppq(times)
    score = Score(chosen.title[:1_000], ppq, round(timeline.pickup * ppq), tempos=[], meters=meter_lane(timeline, ppq))
    names = (("composer", "C"), ("origin", "O"), ("rhythm", "R"), ("source", "S"), ("transcriber", "Z"), ("book", "B"))
    score.meta = {name: ", ".join(tune.fields[sign])[:10_000] for name, sign in names if any(tune.fields.get(sign, ()))}
    ids = count(1)
    for index, voice in enumerate(voices):
        name = voice.title or (f"{chosen.title} {voice.name}".strip() if len(voices) > 1 else chosen.title or "Tune")
        track = Track(f"t{index + 1}", name[:1_000], color=index % 256)
        for start, duration, pitch in sorted(_merged(voice, timeline, ppq)):
            note = Note(f"n{next(ids)}", start, duration, pitch, author="imported")
            track.notes[note.id] = note
        lyrics = [
            (_tick(timeline, note.bar, note.offset, ppq), text)
            for name, note, text in tune.lyrics
            if name == voice.name
        ]
        track.texts = [Text(tick, "lyric", text[:10_000]) for tick, text in sorted(lyrics, key=lambda item: item[0])]
        score.tracks.append(track)
    _lanes(score, tune, timeline)
    return score


def _when(timeline: Timeline, bar: int, offset: Fraction) -> Fraction:
    return timeline.starts[min(bar, len(timeline.starts) - 1)] + offset


def _tick(timeline: Timeline, bar: int, offset: Fraction, ppq: int) -> int:
    return round(_when(timeline, bar, offset) * ppq)


def _merged(voice: Voice, timeline: Timeline, ppq: int) -> list[tuple[int, int, int]]:
    """Start, duration and pitch with tied notes made one."""
    out: list[list[int]] = []
    waiting: dict[int, list[int]] = {}

    def order(note: AbcNote) -> Fraction:
        return _when(timeline, note.bar, note.offset)

    for note in sorted(voice.notes, key=order):
        start = _tick(timeline, note.bar, note.offset, ppq)
        end = round((order(note) + note.duration) * ppq)
        held = None if note.grace else waiting.pop(note.pitch, None)
        if held is not None and held[0] + held[1] == start:
            held[1] = end - held[0]
        else:
            held = [start, end - start, note.pitch]
            out.append(held)
        if note.tied:
            waiting[note.pitch] = held
    return [(start, duration, pitch) for start, duration, pitch in out]


def _lanes(score: Score, tune: TuneReader, timeline: Timeline) -> None:
    ppq = score.ppq
    tempos = {_tick(timeline, bar, offset, ppq): tempo for bar, offset, tempo in tune.tempos}
    score.tempos = [Tempo(tick, tempos[tick]) for tick in sorted(tempos)]
    keys = {_tick(timeline, bar, offset, ppq): key for bar, offset, key in reversed(tune.keys)}
    for tick in sorted(keys):
        key = Key(tick, keys[tick].fifths, keys[tick].mode)
        if not score.keys or (score.keys[-1].fifths, score.keys[-1].mode) != (key.fifths, key.mode):
            score.keys.append(key)
    chords = {_tick(timeline, bar, offset, ppq): chord for bar, offset, chord in reversed(tune.chords)}
    order = sorted(chords)
    for tick, after in pairwise([*order, max([score.end, *order[-1:]])]):
        score.chords.append(Chord(tick, after - tick, *chords[tick]))


def _report(counts: Counter[str], others: int) -> ImportReport:
    report = ImportReport()
    report.add("tunes", others, f"The file holds {others:,} more; the first tune was opened.")
    for kind, text in (
        ("repeats", "Repeat signs and endings are not played out: the tune runs once from beginning to end."),
        ("graces", "Grace notes have no length of their own."),
        ("chords_simplified", "Some chord symbols are kept as the nearest known chord."),
        ("own_meters", "Some bars are longer or shorter than the time signature says and got one of their own."),
    ):
        report.add(kind, counts[kind], text)
    return report
