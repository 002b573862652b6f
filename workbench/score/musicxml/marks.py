"""What stands between the notes of a MusicXML part: metre, key, tempo, dynamics, chord symbols, words, pedal."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction

from workbench.score.lanes import MAX_TEXT
from workbench.score.musicxml.parts import number, whole
from workbench.score.notation.parts import Part
from workbench.score.notation.tables import ACCENTS, DYNAMICS, FORTE, KINDS, STEPS

_BEAT_UNITS = {
    "long": Fraction(16), "breve": Fraction(8), "whole": Fraction(4), "half": Fraction(2), "quarter": Fraction(1),
    "eighth": Fraction(1, 2), "16th": Fraction(1, 4), "32nd": Fraction(1, 8), "64th": Fraction(1, 16),
}  # fmt: skip
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_MINOR_MODES = ("minor", "dorian", "phrygian", "aeolian", "locrian")
_REPEATS = ("dacapo", "dalsegno", "segno", "coda", "tocoda")


@dataclass(slots=True)
class Marks:
    """The marks of one part with their times in quarters from the start; metres by bar index."""

    meters: dict[int, tuple[int, int] | None] = field(default_factory=dict)  # None: no metre (senza misura)
    keys: list[tuple[Fraction, int, str]] = field(default_factory=list)
    tempos: list[tuple[Fraction, int]] = field(default_factory=list)  # microseconds per quarter
    levels: list[tuple[Fraction, int]] = field(default_factory=list)  # velocity from here on
    accents: dict[Fraction, int] = field(default_factory=dict)  # velocity at this moment only
    chords: list[tuple[Fraction, tuple[int, str, int] | None]] = field(default_factory=list)  # None: no chord
    markers: list[tuple[Fraction, str]] = field(default_factory=list)
    tempo_words: list[tuple[Fraction, str]] = field(default_factory=list)
    words: list[tuple[Fraction, str]] = field(default_factory=list)
    pedals: list[tuple[Fraction, int]] = field(default_factory=list)  # controller 64
    plucked: list[tuple[Fraction, bool]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def read_meters(part: Part) -> dict[int, tuple[int, int] | None]:
    """Metre signs of a part by bar index."""
    out: dict[int, tuple[int, int] | None] = {}
    for index, measure in enumerate(part.measures):
        for _, element in measure.marks:
            if element.tag == "attributes" and (time := element.find("time")) is not None:
                out[index] = _meter(time)
    return out


def read_marks(part: Part, starts: list[Fraction]) -> Marks:
    """All other marks; ``starts`` are the beginnings of the bars in quarters."""
    marks = Marks()
    divisions = Fraction(1)
    shift = 0
    for measure, start in zip(part.measures, starts, strict=False):
        for offset, element in measure.marks:
            tick = start + offset
            if element.tag == "attributes":
                if (text := element.findtext("divisions")) is not None:
                    divisions = number(text)
                if (transpose := element.find("transpose")) is not None:
                    shift = whole(transpose.findtext("chromatic"))
                for key in element.findall("key")[:1]:
                    _key(key, tick, shift, marks)
            elif element.tag == "harmony":
                _harmony(element, tick + _offset(element, divisions), shift, marks)
            elif element.tag == "direction":
                _direction(element, tick, divisions, marks)
            elif element.tag == "sound":
                _sound(element, max(Fraction(0), tick + _offset(element, divisions)), marks)
            elif element.find("repeat") is not None or element.find("ending[@type='start']") is not None:
                marks.counts["repeats"] += 1
    return marks


def _offset(element: ET.Element, divisions: Fraction) -> Fraction:
    try:
        return number(element.findtext("offset") or "0") / divisions
    except (ValueError, ZeroDivisionError):
        return Fraction(0)


def _meter(time: ET.Element) -> tuple[int, int] | None:
    """Upper and lower number; sums (3+2) and several signs are added up over the finest lower number."""
    total = Fraction(0)
    finest = 1
    for beats, unit in zip(time.findall("beats"), time.findall("beat-type"), strict=False):
        lower = whole(unit.text)
        upper = sum(int(digits) for digits in re.findall(r"\d{1,3}", beats.text or ""))
        if lower not in (1, 2, 4, 8, 16, 32, 64, 128, 256) or not upper:
            return None
        total += Fraction(upper, lower)
        finest = max(finest, lower)
    upper = int(total * finest)
    return (upper, finest) if 1 <= upper <= 255 else None


def _key(key: ET.Element, tick: Fraction, shift: int, marks: Marks) -> None:
    if key.find("fifths") is None:
        marks.counts["keys"] += 1
        return
    fifths = whole(key.findtext("fifths"))
    if shift % 12:  # what sounds: a fifth up is seven semitones
        fifths = (fifths + shift * 7 + 5) % 12 - 5
    mode = "minor" if (key.findtext("mode") or "").strip().lower() in _MINOR_MODES else "major"
    if -7 <= fifths <= 7:
        marks.keys.append((tick, fifths, mode))


def _pitch_class(element: ET.Element, name: str, shift: int) -> int | None:
    step = (element.findtext(f"{name}-step") or "").strip().upper()
    if step not in STEPS:
        return None
    return (STEPS[step] + whole(element.findtext(f"{name}-alter")) + shift) % 12


def _harmony(element: ET.Element, tick: Fraction, shift: int, marks: Marks) -> None:
    kind = (element.findtext("kind") or "").strip()
    if kind == "none":
        marks.chords.append((tick, None))
        return
    root = element.find("root")
    pitch = None if root is None else _pitch_class(root, "root", shift)
    if pitch is None:
        marks.counts["chords_skipped"] += 1
        return
    quality, simplified = KINDS.get(kind, ("maj", True))
    degrees = sorted(
        (whole(item.findtext("degree-value")), whole(item.findtext("degree-alter")), item.findtext("degree-type"))
        for item in element.findall("degree")
    )
    if kind == "suspended-fourth" and [item[:2] for item in degrees] in ([(7, 0)], [(7, -1)]):
        quality, degrees = "7sus4", []
    bass = element.find("bass")
    low = None if bass is None else _pitch_class(bass, "bass", shift)
    marks.counts["chords_simplified"] += simplified or bool(degrees)
    marks.chords.append((max(tick, Fraction(0)), (pitch, quality, -1 if low is None or low == pitch else low)))


def _direction(element: ET.Element, tick: Fraction, divisions: Fraction, marks: Marks) -> None:
    offset = element.find("offset")
    if offset is not None and offset.get("sound") == "yes":
        tick = max(Fraction(0), tick + _offset(element, divisions))
    sound = element.find("sound")
    tempo = sound is not None and sound.get("tempo") is not None
    loud: int | None = None
    words: list[str] = []
    for kind in (child for item in element.findall("direction-type") for child in item):
        if kind.tag == "dynamics":
            loud = _dynamics(kind, tick, marks) or loud
        elif kind.tag == "metronome" and not tempo:
            tempo = _metronome(kind, tick, marks)
        elif kind.tag == "rehearsal" and (kind.text or "").strip():
            marks.markers.append((tick, (kind.text or "").strip()[:MAX_TEXT]))
        elif kind.tag == "words" and (kind.text or "").strip():
            words.append((kind.text or "").strip())
        elif kind.tag == "pedal":
            states = {"start": (127,), "sostenuto": (), "stop": (0,), "change": (0, 127)}.get(kind.get("type", ""), ())
            marks.pedals.extend((tick, value) for value in states)
        elif kind.tag == "wedge" and kind.get("type") != "stop":
            marks.counts["hairpins"] += 1
    if words:
        (marks.tempo_words if tempo else marks.words).append((tick, " ".join(words)[:MAX_TEXT]))
    if sound is not None:
        _sound(sound, tick, marks, dynamics=loud is None)


def _dynamics(element: ET.Element, tick: Fraction, marks: Marks) -> int | None:
    for mark in element:
        name = mark.tag if mark.tag != "other-dynamics" else (mark.text or "").strip()
        if name in DYNAMICS:
            marks.levels.append((tick, DYNAMICS[name]))
            return DYNAMICS[name]
        if name in ACCENTS:
            accent, after = ACCENTS[name]
            marks.accents[tick] = accent
            if after is not None:
                marks.levels.append((tick, after))
            return accent
    return None


def _metronome(element: ET.Element, tick: Fraction, marks: Marks) -> bool:
    found = _NUMBER.search(element.findtext("per-minute") or "")
    unit = _BEAT_UNITS.get((element.findtext("beat-unit") or "").strip())
    if found is None or unit is None:
        return False
    quarters = unit * (2 - Fraction(1, 2 ** len(element.findall("beat-unit-dot"))))
    _tempo(float(found[0].replace(",", ".")) * float(quarters), tick, marks)
    return True


def _tempo(quarters_per_minute: float, tick: Fraction, marks: Marks) -> None:
    if quarters_per_minute > 0:
        marks.tempos.append((tick, min(0xFFFFFF, max(1, round(min(6e7 / quarters_per_minute, 1e9))))))


def _sound(sound: ET.Element, tick: Fraction, marks: Marks, *, dynamics: bool = True) -> None:
    try:
        _tempo(float(sound.get("tempo") or 0), tick, marks)
        level = float(sound.get("dynamics") or 0)
    except (ValueError, OverflowError):
        return
    if dynamics and 0 < level < 1_000:
        marks.levels.append((tick, min(127, max(1, round(level * FORTE / 100)))))
    if sound.get("damper-pedal") in ("yes", "no"):
        marks.pedals.append((tick, 127 if sound.get("damper-pedal") == "yes" else 0))
    if sound.get("pizzicato") in ("yes", "no"):
        marks.plucked.append((tick, sound.get("pizzicato") == "yes"))
    marks.counts["repeats"] += any(sound.get(name) is not None for name in _REPEATS)
