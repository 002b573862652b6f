"""From the document to MusicXML 4.0 (https://www.w3.org/2021/06/musicxml40/), written directly.

An exact score keeps every onset and length: lengths that no single note can show become ties. A free performance
is moved, on a copy, to twelfths and sixteenths of a beat (:mod:`.musicxml_quantise`). The element order follows
the schema's sequences.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import pairwise

from workbench.errors import BadDocument
from workbench.score.lanes import Chord, Tempo
from workbench.score.musicxml.bars import PartText, PartWriter, sub
from workbench.score.notation.quantise import is_free, quantise
from workbench.score.notation.spelling import KeyMap, estimate_key, spell
from workbench.score.notation.tables import DEFAULT_VELOCITY, QUALITY_KINDS, dynamic_for
from workbench.score.notation.voices import lay_out
from workbench.score.report import ImportReport
from workbench.score.score import Score, Track
from workbench.score.timemap import MAX_BARS, TimeMap

_HEADER = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE score-partwise PUBLIC '
    '"-//Recordare//DTD MusicXML 4.0 Partwise//EN" "http://www.musicxml.org/dtds/partwise.dtd">\n'
)
#: Signs that XML 1.0 cannot hold.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_SUSTAIN = 64
#: From this many tempos on (a performance's tempo map) only the sounding value is written, not a sign for each.
_MANY_TEMPOS = 64


def build_xml(score: Score) -> tuple[str, ImportReport]:
    """The MusicXML text of a score and what it could not say; the score itself stays as it is."""
    report = ImportReport()
    if is_free(score):
        count = score.note_count
        score = quantise(score)
        said = (
            "The notes do not lie as written music does, so a copy of them was moved to the nearest twelfth or "
            "sixteenth of a beat for the page; the piece itself is unchanged."
        )
        report.add("quantised", count, said)
    _report_unwritten(score, report)
    last = max([score.end, *(chord.tick + 1 for chord in score.chords), *(grace for grace in _grace_ends(score))])
    bars = TimeMap(score).bars(last)
    if len(bars) >= MAX_BARS:
        raise BadDocument("This piece has too many bars for a page; export a part of it.")
    root = ET.Element("score-partwise", {"version": "4.0"})
    _facts(root, score)
    keys = KeyMap(score.keys or [estimate_key(score)])
    part_list = sub(root, "part-list")
    for index, track in enumerate(score.tracks or [Track("t1", "Piano")]):
        part_id = f"P{index + 1}"
        instruments = _score_part(part_list, track, part_id, index)
        text = _part_text(score, track, instruments, keys, first=index == 0)
        writer = PartWriter(sub(root, "part", id=part_id), track, lay_out(track), text, keys, score.ppq)
        writer.write(bars)
        lost = len(text.lyrics)
        report.add("lyrics", lost, f"{lost} syllables of {track.name or part_id} have no note and were left out.")
    ET.indent(root, " ")
    for element in root.iter():
        if element.text is not None:
            element.text = _UNWRITABLE.sub("", element.text)
    return _HEADER + ET.tostring(root, encoding="unicode") + "\n", report


def _grace_ends(score: Score) -> list[int]:
    return [note.start for track in score.tracks for note in track.notes.values() if not note.duration]


def _report_unwritten(score: Score, report: ImportReport) -> None:
    bends = sum(len(track.bends) for track in score.tracks)
    controls = sum(control.number != _SUSTAIN for track in score.tracks for control in track.controls)
    report.add("bends", bends, f"{bends:,} pitch bends cannot be written as notation and were left out.")
    report.add(
        "controls", controls, f"{controls:,} controller changes cannot be written as notation and were left out."
    )


def _facts(root: ET.Element, score: Score) -> None:
    meta = score.meta
    if meta.get("work") or meta.get("number"):
        work = sub(root, "work")
        if meta.get("number"):
            sub(work, "work-number", meta["number"])
        if meta.get("work"):
            sub(work, "work-title", meta["work"])
    if score.title:
        sub(root, "movement-title", score.title)
    identification = sub(root, "identification")
    for kind in ("composer", "lyricist", "arranger", "poet", "translator"):
        if meta.get(kind):
            sub(identification, "creator", meta[kind], type=kind)
    rights = [meta[name] for name in ("rights", "licence") if meta.get(name)]
    rights += [text.text for text in score.texts if text.kind == "copyright"]
    for line in dict.fromkeys(rights):
        sub(identification, "rights", line)
    encoding = sub(identification, "encoding")
    sub(encoding, "software", "Music Workbench")
    for element in ("accidental", "beam"):
        sub(encoding, "supports", element=element, type="yes")
    if meta.get("source"):
        sub(identification, "source", meta["source"])


def _score_part(part_list: ET.Element, track: Track, part_id: str, index: int) -> dict[int, str]:
    """Write the part's entry; returns instrument ids by program (drums: by pitch)."""
    name = track.name or ("Drums" if track.is_drum else f"Track {index + 1}")
    out = sub(part_list, "score-part", id=part_id)
    sub(out, "part-name", name)
    if track.is_drum:
        sounds = sorted({note.pitch for note in track.notes.values()}) or [38]
    else:
        sounds = list(dict.fromkeys([track.program, *(change.program for change in track.programs)]))
    ids = {sound: f"{part_id}-I{sound + 1}" for sound in sounds}
    for sound in sounds:
        sub(sub(out, "score-instrument", id=ids[sound]), "instrument-name", _sound_name(track, sound, name))
    for sound in sounds:
        midi = sub(out, "midi-instrument", id=ids[sound])
        sub(midi, "midi-channel", 10 if track.is_drum else _CHANNELS[index % len(_CHANNELS)])
        sub(midi, "midi-program", (track.program if track.is_drum else sound) + 1)
        if track.is_drum:
            sub(midi, "midi-unpitched", sound + 1)
        sub(midi, "volume", f"{track.volume * 100 / 127:.2f}")
        sub(midi, "pan", f"{(track.pan - 64) * 90 / 64:.2f}")
    return ids


_CHANNELS = [channel for channel in range(1, 17) if channel != 10]


def _sound_name(track: Track, sound: int, name: str) -> str:
    from workbench.score.instruments import GM_PROGRAMS, drum_name

    if track.is_drum:
        return drum_name(sound)
    return name if sound == track.program else GM_PROGRAMS[sound]


def _part_text(score: Score, track: Track, instruments: dict[int, str], keys: KeyMap, *, first: bool) -> PartText:
    text = PartText()
    marks: list[tuple[int, int, ET.Element]] = []
    if first:
        marks += [(tempo.tick, 0, _tempo(tempo, score)) for tempo in score.tempos]
        marks += [(chord.tick, 3, _harmony(chord, keys)) for chord in score.chords]
        marks += _chord_ends(score.chords)
        for item in score.texts:
            if item.kind in ("marker", "text", "cue"):
                kind = "rehearsal" if item.kind == "marker" else "words"
                marks.append((item.tick, 1, _direction(kind, item.text)))
    marks += [(item.tick, 1, _direction("words", item.text)) for item in track.texts if item.kind == "text"]
    down = False
    for control in track.controls:
        if control.number == _SUSTAIN and (control.value >= 64) != down:
            down = not down
            pedal = ET.Element("direction", {"placement": "below"})
            sub(sub(pedal, "direction-type"), "pedal", type="start" if down else "stop", line="no", sign="yes")
            marks.append((control.tick, 2, pedal))
    marks += _dynamics(track, text)
    text.marks = [(tick, element) for tick, _, element in sorted(marks, key=lambda item: item[:2])]
    _lyrics(track, text)
    if not track.is_drum and len(instruments) > 1:
        program, changes = track.program, list(track.programs)
        for start in sorted({note.start for note in track.notes.values()}):
            while changes and changes[0].tick <= start:
                program = changes.pop(0).program
            text.instruments[start] = instruments[program]
    return text


def _direction(kind: str, content: str) -> ET.Element:
    out = ET.Element("direction", {"placement": "above"})
    sub(sub(out, "direction-type"), kind, content)
    return out


def _tempo(tempo: Tempo, score: Score) -> ET.Element:
    per_minute = 6e7 / tempo.us_per_quarter
    sound = {"tempo": f"{per_minute:.15g}"}
    if len(score.tempos) > _MANY_TEMPOS:
        return ET.Element("sound", sound)
    out = ET.Element("direction", {"placement": "above"})
    metronome = sub(sub(out, "direction-type"), "metronome")
    sub(metronome, "beat-unit", "quarter")
    sub(metronome, "per-minute", f"{per_minute:.2f}".rstrip("0").rstrip("."))
    sub(out, "sound", **sound)
    return out


def _harmony(chord: Chord, keys: KeyMap) -> ET.Element:
    kind, shown, degrees = QUALITY_KINDS[chord.quality]
    fifths = keys.at(chord.tick).fifths
    out = ET.Element("harmony", {"placement": "above"})
    for name, pitch in (("root", chord.root), ("bass", chord.bass)):
        if name == "bass":
            sub(out, "kind", kind, text=shown)
        if pitch >= 0:
            step, alter, _ = spell(pitch, fifths)
            element = sub(out, name)
            sub(element, f"{name}-step", step)
            if alter:
                sub(element, f"{name}-alter", alter)
    for value, alter in degrees:
        degree = sub(out, "degree")
        sub(degree, "degree-value", value)
        sub(degree, "degree-alter", alter)
        sub(degree, "degree-type", "add")
    return out


def _chord_ends(chords: list[Chord]) -> list[tuple[int, int, ET.Element]]:
    """A sign for "no chord" where a chord ends before the next one begins."""
    out = []
    for chord, after in pairwise(chords):
        end = chord.tick + chord.duration
        if end < after.tick:
            silent = ET.Element("harmony", {"placement": "above"})
            root = sub(silent, "root")
            sub(root, "root-step", "C", text="")
            sub(silent, "kind", "none", text="N.C.")
            out.append((end, 3, silent))
    return out


def _dynamics(track: Track, text: PartText) -> list[tuple[int, int, ET.Element]]:
    """Marks where the velocity changes to that of a mark and stays; every other velocity stands at its note."""
    onsets: dict[int, set[int]] = {}
    for note in track.notes.values():
        onsets.setdefault(note.start, set()).add(note.velocity)
    order = sorted(onsets)
    out: list[tuple[int, int, ET.Element]] = []
    level = DEFAULT_VELOCITY
    for start, after in pairwise([*order, *order[-1:]]):
        only = next(iter(onsets[start])) if len(onsets[start]) == 1 else None
        stays = onsets[after] == onsets[start]
        if only is not None and only != level and stays and (mark := dynamic_for(only)) is not None:
            level = only
            direction = ET.Element("direction", {"placement": "below"})
            sub(sub(sub(direction, "direction-type"), "dynamics"), mark)
            out.append((start, 2, direction))
        text.velocities[start] = level
    return out


def _lyrics(track: Track, text: PartText) -> None:
    inside = False
    for item in track.texts:
        syllable = item.text.strip()
        if item.kind != "lyric" or not syllable:
            continue
        goes_on = syllable.endswith("-") and len(syllable) > 1
        place = {(False, False): "single", (False, True): "begin", (True, True): "middle", (True, False): "end"}
        if item.tick not in text.lyrics:
            text.lyrics[item.tick] = (place[inside, goes_on], syllable.removesuffix("-") if goes_on else syllable)
        inside = goes_on
