"""Walks the parts of a MusicXML score and notes down what sounds where in each bar.

A bar is read with a cursor, as MusicXML means it: a note moves it by its duration, ``backup`` and ``forward`` move it
back and on, the further notes of a chord stand where its first note stands, and grace notes take no time. Durations
count in ``divisions`` of a quarter, which any bar may change.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from fractions import Fraction

from workbench.errors import BadFile
from workbench.score.notation.parts import Measure, NoteEvent, Part
from workbench.score.notation.tables import STEPS

#: Lengths are kept as fractions of a quarter with denominators up to this; finer ones cannot be heard.
_MAX_DENOMINATOR = 65_535
#: What a duration, a number of divisions or an offset looks like; anything longer is no length of music.
_NUMBER = re.compile(r"[+-]?\d{1,12}(?:\.\d{0,12})?")
#: No music has more: bars of a part, and notes in one bar of a part.
MAX_BARS, MAX_BAR_NOTES = 20_000, 10_000
_MARKS = frozenset({"direction", "sound", "harmony", "barline"})
_ZERO = Fraction(0)


def read_parts(root: ET.Element) -> list[Part]:
    """Every part of a ``score-partwise`` tree.

    Raises:
        BadFile: there is no part, or a bar that cannot be understood.
    """
    listed = {item.get("id"): item for item in root.iter("score-part")}
    parts: list[Part] = []
    for number, element in enumerate(root.findall("part"), 1):
        name = element.get("id") or f"P{number}"
        entry = listed.get(element.get("id"))
        part = Part(name, entry if entry is not None else ET.Element("score-part", {"id": name}))
        reader = _PartReader(part)
        bars = element.findall("measure")
        if len(bars) > MAX_BARS:
            raise BadFile(f"This score has more than {MAX_BARS:,} bars; export a part of the piece.")
        for child in bars:
            try:
                reader.bar(child)
            except (ValueError, ZeroDivisionError, OverflowError) as error:  # a number that is none
                bar = child.get("number", "")[:20]
                raise BadFile(f"Bar {bar!r} of this MusicXML file cannot be read; export the piece again.") from error
        part.shifts = any(reader.shifts.values())
        parts.append(part)
    if not any(part.measures for part in parts):
        raise BadFile("This MusicXML file holds no music; export the piece again.")
    return parts


class _PartReader:
    """Reads the bars of one part in their order; divisions and transposition hold until they change."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.divisions = Fraction(1)
        self.shifts: dict[str | None, int] = {}  # by staff; None: every staff
        self._lengths: dict[str, Fraction] = {}  # durations already read, under these divisions
        self._pitches: dict[tuple[str, str, str], float] = {}

    def bar(self, element: ET.Element) -> None:
        """Read one ``measure``; raises :class:`ValueError` where a number makes no sense."""
        measure = Measure(element)
        cursor = onset = reached = _ZERO
        for item in element:
            tag = item.tag
            if tag == "note":
                inside = {child.tag: child for child in item}
                grace = "grace" in inside
                if not grace and "duration" not in inside:
                    continue  # takes no time and says nothing: skipped rather than guessed
                length = _ZERO if grace else self._length(inside.get("duration"))
                if "chord" not in inside:
                    onset = cursor
                    cursor += length
                rest = inside.get("rest")
                if rest is not None and rest.get("measure") == "yes":
                    measure.rest_length = max(measure.rest_length, cursor)
                    continue
                reached = max(reached, cursor)
                if rest is None:
                    self._note(measure, item, inside, onset, length, grace)
            elif tag == "backup":
                cursor = max(_ZERO, cursor - self._length(item.find("duration")))
            elif tag == "forward":
                cursor += self._length(item.find("duration"))
                reached = max(reached, cursor)
            elif tag == "attributes":
                self._attributes(item)
                measure.marks.append((cursor, item))
            elif tag in _MARKS:
                measure.marks.append((cursor, item))
        if len(measure.notes) > MAX_BAR_NOTES:
            raise BadFile(
                f"Bar {element.get('number', '')[:20]!r} of this MusicXML file has more than {MAX_BAR_NOTES:,} notes; "
                "export the piece again."
            )
        measure.length = reached
        self.part.measures.append(measure)

    def _length(self, duration: ET.Element | None) -> Fraction:
        text = (duration.text or "") if duration is not None else "0"
        known = self._lengths.get(text)
        if known is None:
            known = number(text) / self.divisions
            if known < 0:
                raise ValueError("a duration must not be negative")
            if known.denominator > _MAX_DENOMINATOR:
                known = known.limit_denominator(_MAX_DENOMINATOR)
            self._lengths[text] = known
        return known

    def _attributes(self, element: ET.Element) -> None:
        if (text := element.findtext("divisions")) is not None:
            divisions = number(text)
            if divisions <= 0:
                raise ValueError("divisions must be positive")
            if divisions != self.divisions:
                self.divisions = divisions
                self._lengths.clear()
        for transpose in element.findall("transpose"):
            octaves = whole(transpose.findtext("octave-change"))
            self.shifts[transpose.get("number")] = whole(transpose.findtext("chromatic")) + 12 * octaves

    def _note(
        self, measure: Measure, item: ET.Element, inside: dict[str, ET.Element], onset: Fraction, length: Fraction,
        grace: bool,
    ) -> None:  # fmt: skip
        if "cue" in inside:
            measure.cues += 1
            return
        height: float | None = None
        if "unpitched" not in inside:
            place = inside.get("pitch")
            if place is None:
                return  # neither high nor low nor a drum: its time passes in silence
            height = self._height(place)
            if self.shifts:
                staff = inside.get("staff")
                height += self.shifts.get(None if staff is None else staff.text, self.shifts.get(None, 0))
        pitch = None if height is None else round(height)
        measure.notes.append(NoteEvent(onset, length, pitch, height != pitch, grace, item))

    def _height(self, place: ET.Element) -> float:
        """MIDI pitch of a ``pitch`` element, in fractions of a key for microtones."""
        spelled = (place.findtext("step") or "", place.findtext("octave") or "", place.findtext("alter") or "0")
        known = self._pitches.get(spelled)
        if known is None:
            step, octave, alter = (text.strip() for text in spelled)
            if step.upper() not in STEPS:
                raise ValueError("a note's name goes from A to G")
            known = STEPS[step.upper()] + 12 * (int(octave) + 1) + float(number(alter or "0"))
            self._pitches[spelled] = known
        return known


def number(text: str) -> Fraction:
    """The number in an element's text; raises :class:`ValueError` where it is none, or one beyond all music."""
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        raise ValueError("not a number")
    return Fraction(text)


def whole(text: str | None, default: int = 0) -> int:
    """The number in an element's text, rounded; ``default`` where there is none."""
    try:
        return round(float(text or ""))
    except (ValueError, OverflowError):
        return default
