"""Reads the music of one ABC tune: voices of bars with notes, in quarters (ABC standard 2.1, sections 4 to 7)."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction

from workbench.errors import BadFile
from workbench.score.abc.fields import (
    SIGNS,
    KeyField,
    default_unit,
    read_chord,
    read_key,
    read_meter,
    read_tempo,
    read_unit,
)
from workbench.score.notation.parts import Measure, Part
from workbench.score.notation.tables import STEPS

_FIELD = re.compile(r"^([A-Za-z+]):[ \t]*(.*)$")
_COMMENT = re.compile(r"(?<!\\)%.*$")
#: No part of it looks further ahead than the next sign of its own kind, or a few signs: a line is read in one pass.
_TOKEN = re.compile(
    r"""(?P<quoted>"[^"]*"?)
      | (?P<inline>\[[A-Za-z]:[^\[\]]*\])
      | (?P<ending>\[\s*(?=\d)[\d,.-]+ | \[(?="))
      | (?P<bar>:{0,9}\|[\d,.-]+ | :{0,9}[|\]]{0,9}\|[|\]:]* | \[\| | ::+ | :(?=\d|\s|$))
      | (?P<grace>\{/?[^{}]*\})
      | (?P<tuplet>\(\d(?::\d?)?(?::\d?)?)
      | (?P<chord>\[[^\[\]|:]*\][\d/]*)
      | (?P<note>[_^=]{0,4}[A-Ga-g][,']*[\d/]*)
      | (?P<rest>[zxZX][\d/]*)
      | (?P<broken><+|>+)
      | (?P<tie>-)
      | (?P<overlay>&)
      | (?P<skip>![^!\n|]{1,30}!|\+[a-z.]{1,20}\+|y\d*|.)""",
    re.VERBOSE,
)
_NOTE = re.compile(r"([_^=]{0,4})([A-Ga-g])([,']*)([\d/]*)(-?)")
_SYLLABLE = re.compile(r"[^\s\-_*|~]*(?:~[^\s\-_*|~]+)*-?|[_*|]")
MAX_BARS = 20_000  # of a voice
MAX_BAR_NOTES = 10_000  # of a voice
MAX_VOICES = 256
MAX_FIELD = 1_000  # signs of a field that count, but for lyrics
_TUPLETS = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}


@dataclass(slots=True)
class AbcNote:
    """One note: bar, offset in it and duration in quarters (0: grace note), pitch; ``tied`` to the next."""

    bar: int
    offset: Fraction
    duration: Fraction
    pitch: int
    tied: bool = False
    grace: bool = False


@dataclass(slots=True)
class Voice:
    """One voice: its notes, its bars' lengths and metres, and the state of the reading."""

    name: str
    key: KeyField
    unit: Fraction
    meter: tuple[int, int] | None
    part: Part
    title: str = ""
    shift: int = 0
    notes: list[AbcNote] = field(default_factory=list)
    noted: int = 0  # how many of them stand in finished bars
    meters: dict[int, tuple[int, int] | None] = field(default_factory=dict)
    cursor: Fraction = Fraction(0)
    reached: Fraction = Fraction(0)
    accidentals: dict[str, int] = field(default_factory=dict)
    last: list[AbcNote] = field(default_factory=list)  # what a tie or a broken rhythm after it means
    last_length: Fraction | None = None
    factor: Fraction = Fraction(1)  # the second half of a broken rhythm
    tuplet: tuple[Fraction, int] = (Fraction(1), 0)
    line: list[AbcNote] = field(default_factory=list)  # first notes of each chord of the line, for lyrics

    @property
    def bar(self) -> int:
        """Index of the bar being read."""
        return len(self.part.measures)


class TuneReader:
    """Reads a tune line by line; afterwards ``voices`` and the lists of marks (bar, offset, value) are complete."""

    def __init__(self, text: str) -> None:
        self.fields: dict[str, list[str]] = {}
        self.voices: dict[str, Voice] = {}
        self.tempos: list[tuple[int, Fraction, int]] = []
        self.keys: list[tuple[int, Fraction, KeyField]] = []
        self.chords: list[tuple[int, Fraction, tuple[int, str, int]]] = []
        self.lyrics: list[tuple[str, AbcNote, str]] = []
        self.counts: Counter[str] = Counter()
        self._key = KeyField()
        self._meter: tuple[int, int] | None = None
        self._unit: Fraction | None = None
        self._meter_named = False
        self._voice: Voice | None = None
        self._in_music = False
        for raw in text.splitlines():
            line = _COMMENT.sub("", raw).strip()
            found = _FIELD.match(line)
            if found is not None and not line.startswith("|"):
                self._field(found[1], found[2].strip())
            elif line and self._in_music:
                self._music(line.rstrip("\\"))
        for voice in self.voices.values():
            self._close_bar(voice)

    def _field(self, name: str, text: str) -> None:
        voice = self._voice
        text = text if name == "w" else text[:MAX_FIELD]
        if name in "TCOZSBR":
            self.fields.setdefault(name, []).append(text)
        elif name == "M":
            self._set_meter(text)
        elif name == "L" and (unit := read_unit(text)) is not None:
            self._unit = unit if voice is None else self._unit
            if voice is not None:
                voice.unit = unit
        elif name == "Q":
            unit = voice.unit if voice else self._unit or default_unit(self._meter)
            if (tempo := read_tempo(text, unit)) is not None:
                place = (voice.bar, voice.cursor) if voice else (0, Fraction(0))
                self.tempos.append((*place, tempo))
        elif name == "K":
            self._set_key(text)
        elif name == "V":
            self._select(text)
        elif name == "w" and voice is not None:
            self._words(voice, text)

    def _set_meter(self, text: str) -> None:
        meter = read_meter(text)
        if self._voice is None:
            self._meter, self._meter_named = meter, bool(text.strip()) and text.strip().lower() != "none"
        else:
            self._voice.meter = meter
            self._voice.meters[self._voice.bar + (self._voice.cursor > 0)] = meter

    def _set_key(self, text: str) -> None:
        key = read_key(text)
        if not self._in_music:
            self._in_music = True
            self._key = key or self._key
            self.keys.append((0, Fraction(0), self._key))
            for voice in self.voices.values():  # voices announced before the key
                voice.key, voice.unit = self._key, self._unit or default_unit(self._meter)
        elif key is not None:
            voice = self._current()
            voice.key = key
            voice.accidentals.clear()
            self.keys.append((voice.bar, voice.cursor, key))
        target = self._voice if self._voice is not None else None
        if target is not None:
            self._settings(target, text)

    def _select(self, text: str) -> None:
        name = text.split()[0] if text.split() else "1"
        if name not in self.voices:
            if len(self.voices) >= MAX_VOICES:
                raise BadFile(f"This tune has more than {MAX_VOICES} voices; split it.")
            part = Part(name, ET.Element("score-part"))
            unit = self._unit or default_unit(self._meter)
            self.voices[name] = Voice(name, self._key, unit, self._meter, part)
            if self._meter_named:
                self.voices[name].meters[0] = self._meter
        if self._in_music:
            self._voice = self.voices[name]
        self._settings(self.voices[name], text)

    @staticmethod
    def _settings(voice: Voice, text: str) -> None:
        if found := re.search(r'\b(?:name|nm)="([^"]*)"', text):
            voice.title = found[1]
        if found := re.search(r"\btranspose=(-?\d{1,2})\b", text):
            voice.shift = int(found[1])
        if found := re.search(r"\boctave=(-?\d)\b", text):
            voice.shift += 12 * int(found[1])

    def _current(self) -> Voice:
        if self._voice is None:
            self._select(next(iter(self.voices), "1"))
        assert self._voice is not None
        return self._voice

    def _music(self, line: str) -> None:
        voice = self._current()
        voice.line = []
        for match in _TOKEN.finditer(line):
            kind, token = match.lastgroup, match[0]
            voice = self._current()
            if kind == "note":
                self._note(voice, [token], "")
            elif kind == "chord":
                inner, _, length = token[1:].rpartition("]")
                self._note(voice, [found[0] for found in _NOTE.finditer(inner)], length)
            elif kind == "rest":
                self._rest(voice, token)
            elif kind in ("bar", "ending"):
                self._bar(voice, token, kind)
            elif kind == "broken":
                self._broken(voice, token)
            elif kind == "tie":
                for note in voice.last:
                    note.tied = True
            elif kind == "tuplet":
                self._tuplet(voice, token)
            elif kind == "grace":
                self._graces(voice, token)
            elif kind == "quoted":
                self._quoted(voice, token.strip('"'))
            elif kind == "inline":
                self._field(token[1], token[3:-1].strip())
            elif kind == "overlay":
                voice.reached = max(voice.reached, voice.cursor)
                voice.cursor = Fraction(0)

    def _bar(self, voice: Voice, token: str, kind: str) -> None:
        self.counts["repeats"] += ":" in token or kind == "ending" or any(sign.isdigit() for sign in token)
        if kind == "bar":
            self._close_bar(voice)

    @staticmethod
    def _close_bar(voice: Voice) -> None:
        voice.accidentals.clear()
        length = max(voice.cursor, voice.reached)
        if length:
            if len(voice.notes) - voice.noted > MAX_BAR_NOTES:
                raise BadFile(f"A bar of this tune has more than {MAX_BAR_NOTES:,} notes; set bar lines.")
            voice.noted = len(voice.notes)
            if voice.bar >= MAX_BARS:
                raise BadFile(f"This tune has more than {MAX_BARS:,} bars; split it.")
            voice.part.measures.append(Measure(ET.Element("measure"), length))
        voice.cursor = voice.reached = Fraction(0)

    def _quoted(self, voice: Voice, text: str) -> None:
        chord = read_chord(text)
        if chord is not None:
            self.chords.append((voice.bar, voice.cursor, chord[:3]))
            self.counts["chords_simplified"] += chord[3]

    def _pitch(self, voice: Voice, signs: str, letter: str, marks: str) -> int:
        step = letter.upper()
        if signs:
            voice.accidentals[step] = SIGNS.get(signs, 0)
        alter = voice.accidentals.get(step, voice.key.alters.get(step, 0))
        octave = 5 + letter.islower() + marks.count("'") - marks.count(",")
        return min(127, max(0, 12 * octave + STEPS[step] + alter + voice.shift))

    def _note(self, voice: Voice, tokens: list[str], outer: str) -> None:
        notes: list[AbcNote] = []
        length: Fraction | None = None
        for token in tokens:
            found = _NOTE.match(token)
            if found is None:
                continue
            own = _multiple(found[4])
            length = own if length is None else length
            pitch = self._pitch(voice, found[1], found[2], found[3])
            notes.append(AbcNote(voice.bar, voice.cursor, own, pitch, bool(found[5])))
        if not notes or length is None:
            return
        scale = voice.unit * _multiple(outer) * self._take_factor(voice)
        for note in notes:
            note.duration *= scale
        self._advance(voice, length * scale, notes)
        voice.notes += notes
        voice.line.append(notes[0])

    def _rest(self, voice: Voice, token: str) -> None:
        if token[0] in "ZX":
            bars = min(1_000, int(_multiple(token[1:])))
            length = Fraction(4 * voice.meter[0], voice.meter[1]) if voice.meter else Fraction(4)
            for index in range(max(1, bars)):
                if index:
                    self._close_bar(voice)
                self._advance(voice, length, [])
            return
        self._advance(voice, voice.unit * _multiple(token[1:]) * self._take_factor(voice), [])

    @staticmethod
    def _take_factor(voice: Voice) -> Fraction:
        factor = voice.factor
        voice.factor = Fraction(1)
        ratio, left = voice.tuplet
        if left:
            voice.tuplet = (ratio, left - 1)
            factor *= ratio
        return factor

    @staticmethod
    def _advance(voice: Voice, length: Fraction, notes: list[AbcNote]) -> None:
        voice.cursor += length
        voice.last, voice.last_length = notes, length

    @staticmethod
    def _broken(voice: Voice, token: str) -> None:
        if voice.last_length is None:
            return
        short = Fraction(1, 2 ** min(len(token), 4))
        first, voice.factor = (2 - short, short) if token[0] == ">" else (short, 2 - short)
        voice.cursor += voice.last_length * (first - 1)
        for note in voice.last:
            note.duration *= first

    @staticmethod
    def _tuplet(voice: Voice, token: str) -> None:
        numbers = [int(part) if part else 0 for part in token[1:].split(":")] + [0, 0]
        count = numbers[0]
        compound = voice.meter is not None and voice.meter[0] % 3 == 0 and voice.meter[1] == 8
        time = numbers[1] or _TUPLETS.get(count, 3 if compound else 2)
        if count > 1:
            voice.tuplet = (Fraction(time, count), numbers[2] or count)

    def _graces(self, voice: Voice, token: str) -> None:
        for found in _NOTE.finditer(token):
            pitch = self._pitch(voice, found[1], found[2], found[3])
            voice.notes.append(AbcNote(voice.bar, voice.cursor, Fraction(0), pitch, grace=True))
            self.counts["graces"] += 1

    def _words(self, voice: Voice, text: str) -> None:
        """Syllables under the line's notes: ``-`` inside words, ``_`` holds, ``*`` skips, ``|`` to the next bar."""
        place = 0
        for token in _SYLLABLE.findall(text.replace("\\-", "‑")):
            if not token or place >= len(voice.line):
                continue
            if token == "|":
                bar = voice.line[place].bar
                if place and voice.line[place - 1].bar == bar:
                    place = next((i for i in range(place, len(voice.line)) if voice.line[i].bar > bar), len(voice.line))
                continue
            if token not in ("_", "*", "-"):
                self.lyrics.append((voice.name, voice.line[place], token.replace("~", " ").replace("‑", "-")))
            place += 1
        voice.line = []


def _multiple(text: str) -> Fraction:
    """A length such as ``2``, ``3/2``, ``/`` or ``//`` as a factor of the unit length."""
    upper, slash, lower = text.partition("/")
    top = Fraction(int(upper[:4])) if upper else Fraction(1)
    if not slash:
        return top
    digits = lower.strip("/")[:4]
    bottom = int(digits) if digits.isdigit() else 2 ** (1 + lower.count("/"))
    return top / bottom if bottom else top
