"""Writes the bars of one part: notes with ties, tuplets, beams and accidentals, and the marks between them."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from bisect import bisect_left
from dataclasses import dataclass, field

from workbench.score.notation.rhythm import Atom, Pulse, beams, write_rhythm
from workbench.score.notation.spelling import KeyMap, key_alter, spell
from workbench.score.notation.tables import DRUM_PLACES, FORTE
from workbench.score.notation.voices import BarCutter, Layout, Segment, Voice
from workbench.score.score import Note, Track
from workbench.score.timemap import Bar


def sub(parent: ET.Element, tag: str, text: object = None, /, **attributes: str) -> ET.Element:
    """Append an element; ``text`` becomes its content."""
    child = ET.SubElement(parent, tag, attributes)
    if text is not None:
        child.text = str(text)
    return child


@dataclass(slots=True)
class PartText:
    """What a part says besides its notes; everything by tick."""

    marks: list[tuple[int, ET.Element]] = field(default_factory=list)  # directions and harmonies, in order
    lyrics: dict[int, tuple[str, str]] = field(default_factory=dict)  # syllabic and text
    velocities: dict[int, int] = field(default_factory=dict)  # onset: velocity that the marks in force mean
    instruments: dict[int, str] = field(default_factory=dict)  # onset: instrument id, for parts that have several


class PartWriter:
    """Appends the measures of one track to its ``<part>``."""

    def __init__(self, part: ET.Element, track: Track, layout: Layout, text: PartText, keys: KeyMap, ppq: int) -> None:
        self.part, self.track, self.layout, self.text, self.keys, self.ppq = part, track, layout, text, keys, ppq
        self._cutters = [BarCutter(voice) for voice in layout.voices]
        self._mark_ticks = [tick for tick, _ in text.marks]
        self._alters: dict[tuple[int, str, int], int] = {}
        self._id = part.get("id", "")

    def write(self, bars: list[Bar]) -> None:
        """All bars, in order."""
        before: Bar | None = None
        for bar in bars:
            measure = sub(self.part, "measure", number=str(bar.number))
            if bar.number == 0:
                measure.set("implicit", "yes")
            self._attributes(measure, bar, before)
            self._music(measure, bar, bar is bars[-1])
            if bar is bars[-1]:
                sub(sub(measure, "barline", location="right"), "bar-style", "light-heavy")
            before = bar

    def _attributes(self, measure: ET.Element, bar: Bar, before: Bar | None) -> None:
        out = ET.Element("attributes")
        key = self.keys.at(bar.start)
        if before is None:
            sub(out, "divisions", self.ppq)
        if before is None or key is not self.keys.at(before.start):
            signature = sub(out, "key")
            sub(signature, "fifths", 0 if self.track.is_drum else key.fifths)
            sub(signature, "mode", key.mode)
        if before is None or (bar.numerator, bar.denominator) != (before.numerator, before.denominator):
            time = sub(out, "time")
            sub(time, "beats", bar.numerator)
            sub(time, "beat-type", bar.denominator)
        if before is None:
            if len(self.layout.clefs) > 1:
                sub(out, "staves", len(self.layout.clefs))
            for number, (sign, line, octave) in enumerate(self.layout.clefs, 1):
                clef = sub(out, "clef", **({"number": str(number)} if len(self.layout.clefs) > 1 else {}))
                sub(clef, "sign", sign)
                sub(clef, "line", line)
                if octave:
                    sub(clef, "clef-octave-change", octave)
        if len(out):
            measure.append(out)

    def _music(self, measure: ET.Element, bar: Bar, last: bool) -> None:
        self._alters = {}
        length = bar.end - bar.start
        pulse = Pulse.of(self.ppq, bar.numerator, bar.denominator, length)
        whole = length * bar.denominator == 4 * self.ppq * bar.numerator
        rows: list[tuple[Voice, list[Segment], list[Atom]]] = []
        for voice, cutter in zip(self.layout.voices, self._cutters, strict=True):
            segments = cutter.cut(bar, last)
            if not segments and voice.first and not whole:
                segments = [Segment(0, length, None)]  # many readers stretch a rest "for the bar" to its full length
            sounding = [segment for segment in segments if segment.end > segment.start]
            if segments and not sounding:  # nothing but grace notes at the end of the piece
                segments = [Segment(0, length, None), *segments]
                sounding = segments[:1]
            silent = [index for index, segment in enumerate(sounding) if segment.chord is None]
            spans = [(segment.start, segment.end) for segment in sounding]
            rows.append((voice, segments, write_rhythm(spans, pulse, silent) if spans else []))
        shown = self._accidentals(rows, bar)
        marks = self._marks(bar, last)
        written = False
        for voice, segments, atoms in rows:
            if not segments and not voice.first:
                continue
            if written:
                sub(sub(measure, "backup"), "duration", length)
            if segments:
                self._voice(measure, voice, segments, atoms, bar, pulse, marks, shown)
            else:
                self._drain(measure, marks, length, 0)
                rest = sub(measure, "note")
                sub(rest, "rest", measure="yes")
                sub(rest, "duration", length)
                sub(rest, "voice", voice.number)
                self._staff(rest, voice.staff)
            marks = []
            written = True

    def _marks(self, bar: Bar, last: bool) -> list[tuple[int, ET.Element]]:
        low = bisect_left(self._mark_ticks, bar.start)
        high = bisect_left(self._mark_ticks, bar.end + 1 if last else bar.end)
        return [(tick - bar.start, element) for tick, element in self.text.marks[low:high]]

    def _drain(self, measure: ET.Element, marks: list[tuple[int, ET.Element]], end: int, cursor: int) -> None:
        """Write the marks before ``end``, each with its distance from the cursor."""
        while marks and (marks[0][0] < end or end < 0):
            tick, element = marks.pop(0)
            if tick != cursor:
                offset = ET.Element("offset", {"sound": "yes"} if element.tag == "direction" else {})
                offset.text = str(tick - cursor)
                after = [i for i, child in enumerate(element) if child.tag in ("staff", "sound")]
                element.insert(after[0] if after else len(element), offset)
            measure.append(element)

    def _voice(
        self, measure: ET.Element, voice: Voice, segments: list[Segment], atoms: list[Atom], bar: Bar, pulse: Pulse,
        marks: list[tuple[int, ET.Element]], shown: dict[tuple[str, int], bool],
    ) -> None:  # fmt: skip
        sounding = [segment for segment in segments if segment.end > segment.start]
        alone = [segment for segment in segments if segment.end == segment.start]
        beamed = beams([None if sounding[a.segment].chord is None else a for a in atoms], pulse)
        for index, atom in enumerate(atoms):
            while alone and alone[0].start <= atom.start:
                self._graces(measure, alone.pop(0), voice, shown)
            self._drain(measure, marks, atom.end, atom.start)
            segment = sounding[atom.segment]
            if segment.chord is None:
                self._silence(measure, voice, atom)
                continue
            first, final = atom.start == segment.start, atom.end == segment.end
            if first and not segment.tied_in:
                self._graces(measure, segment, voice, shown)
            ties = ["stop"] if not first or segment.tied_in else []
            ties += ["start"] if not final or segment.tied_out else []
            tick = bar.start + atom.start
            lyric = self.text.lyrics.pop(tick, None) if "stop" not in ties else None
            for place, note in enumerate(segment.chord.notes):
                out = self._note(measure, note, bool(place), shown.get((note.id, tick), False), atom, ties, voice)
                if not place:
                    self._beams(out, beamed.get(index, []))
                self._notations(out, atom, ties, bool(place))
                if lyric is not None and not place:
                    word = sub(out, "lyric", number="1")
                    sub(word, "syllabic", lyric[0])
                    sub(word, "text", lyric[1])
        self._drain(measure, marks, -1, pulse.bar)
        for segment in alone:
            self._graces(measure, segment, voice, shown)

    def _silence(self, measure: ET.Element, voice: Voice, atom: Atom) -> None:
        if not voice.first and atom.tuplet is None:
            forward = sub(measure, "forward")
            sub(forward, "duration", atom.end - atom.start)
            sub(forward, "voice", voice.number)
            self._staff(forward, voice.staff)
            return
        rest = sub(measure, "note")
        sub(rest, "rest")
        sub(rest, "duration", atom.end - atom.start)
        sub(rest, "voice", voice.number)
        self._value(rest, atom, accidental=None)
        self._staff(rest, voice.staff)
        self._notations(rest, atom, [], False)

    def _graces(self, measure: ET.Element, segment: Segment, voice: Voice, shown: dict[tuple[str, int], bool]) -> None:
        assert segment.chord is not None
        for note in segment.chord.graces:
            atom = Atom(0, 0, 0, "eighth")
            self._note(measure, note, False, shown.get((note.id, note.start), False), atom, [], voice)

    def _note(
        self, measure: ET.Element, note: Note, in_chord: bool, accidental: bool, atom: Atom, ties: list[str],
        voice: Voice,
    ) -> ET.Element:  # fmt: skip
        out = sub(measure, "note")
        if note.velocity != self.text.velocities.get(note.start, -1):
            out.set("dynamics", f"{note.velocity * 100 / FORTE:.2f}")
        if atom.end == atom.start:
            sub(out, "grace")
        if in_chord:
            sub(out, "chord")
        shape = ""
        if self.track.is_drum:
            step, octave, shape = DRUM_PLACES.get(note.pitch, ("C", 5, "normal"))
            place = sub(out, "unpitched")
            sub(place, "display-step", step)
            sub(place, "display-octave", octave)
        else:
            step, alter, octave = spell(note.pitch, self.keys.at(note.start).fifths)
            place = sub(out, "pitch")
            sub(place, "step", step)
            if alter:
                sub(place, "alter", alter)
            sub(place, "octave", octave)
        if atom.end > atom.start:
            sub(out, "duration", atom.end - atom.start)
        for tie in ties:
            sub(out, "tie", type=tie)
        if self.track.is_drum:
            sub(out, "instrument", id=f"{self._id}-I{note.pitch + 1}")
        elif self.text.instruments:
            sub(out, "instrument", id=self.text.instruments[note.start])
        sub(out, "voice", voice.number)
        self._value(out, atom, accidental=_SIGNS[alter] if accidental and not self.track.is_drum else None)
        if shape not in ("", "normal"):
            sub(out, "notehead", shape)
        self._staff(out, voice.staff)
        return out

    def _value(self, out: ET.Element, atom: Atom, *, accidental: str | None) -> None:
        sub(out, "type", atom.type)
        for _ in range(atom.dots):
            sub(out, "dot")
        if accidental:
            sub(out, "accidental", accidental)
        if atom.tuplet is not None:
            ratio = sub(out, "time-modification")
            sub(ratio, "actual-notes", atom.tuplet.actual)
            sub(ratio, "normal-notes", atom.tuplet.normal)
            if atom.tuplet.unit != atom.type or atom.dots:
                sub(ratio, "normal-type", atom.tuplet.unit)

    def _staff(self, out: ET.Element, staff: int) -> None:
        if len(self.layout.clefs) > 1:
            sub(out, "staff", staff)

    @staticmethod
    def _beams(out: ET.Element, levels: list[str]) -> None:
        for level, state in enumerate(levels, 1):
            sub(out, "beam", state, number=str(level))

    @staticmethod
    def _notations(out: ET.Element, atom: Atom, ties: list[str], in_chord: bool) -> None:
        brackets = [] if in_chord else {"": [], "both": ["start", "stop"]}.get(atom.bracket, [atom.bracket])
        if ties or brackets:
            notations = sub(out, "notations")
            for tie in ties:
                sub(notations, "tied", type=tie)
            for bracket in brackets:
                sub(notations, "tuplet", type=bracket, number="1")

    def _accidentals(
        self, rows: list[tuple[Voice, list[Segment], list[Atom]]], bar: Bar
    ) -> dict[tuple[str, int], bool]:
        """Which notes (by id and tick) show an accidental, judged in the order of time on each staff."""
        if self.track.is_drum:
            return {}
        struck: list[tuple[int, int, int, Note]] = []
        for voice, segments, _ in rows:
            for segment in segments:
                if segment.chord is not None and not segment.tied_in:
                    tick = bar.start + segment.start
                    struck += [(tick, 0, voice.staff, note) for note in segment.chord.graces]
                    struck += [(tick, 1, voice.staff, note) for note in segment.chord.notes]
        shown: dict[tuple[str, int], bool] = {}
        for tick, _, staff, note in sorted(struck, key=lambda item: item[:3]):
            fifths = self.keys.at(note.start).fifths
            step, alter, octave = spell(note.pitch, fifths)
            if alter != self._alters.get((staff, step, octave), key_alter(step, fifths)):
                self._alters[staff, step, octave] = alter
                shown[note.id, tick] = True
        return shown


_SIGNS = {
    -2: "flat-flat",
    -1: "flat",
    0: "natural",
    1: "sharp",
    2: "double-sharp",
    3: "triple-sharp",
    -3: "triple-flat",
}
