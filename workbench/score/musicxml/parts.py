"""Walks the parts of a MusicXML score with music21's parsers and notes down what sounds where in each bar.

music21 keeps the cursor (``backup``, ``forward``, changing ``divisions``, chords) and reads pitches, durations
and grace notes. Its streams are not built: the document has tracks and ticks instead, and a string quartet of
20,000 notes would wait three times as long.
"""

from __future__ import annotations

import warnings
import xml.etree.ElementTree as ET
from fractions import Fraction
from functools import cache
from typing import Any

from workbench.errors import BadFile, Unavailable
from workbench.score.notation.parts import Measure, NoteEvent, Part

#: music21 itself snaps lengths to fractions with denominators up to this.
_MAX_DENOMINATOR = 65_535


def read_parts(root: ET.Element) -> list[Part]:
    """Every part of a ``score-partwise`` tree.

    Raises:
        BadFile: there is no part, or a bar that cannot be understood.
        Unavailable: music21 is not installed.
    """
    parsers = _parsers()
    listed = {item.get("id"): item for item in root.iter("score-part")}
    parts: list[Part] = []
    for number, element in enumerate(root.findall("part"), 1):
        name = element.get("id") or f"P{number}"
        entry = listed.get(element.get("id"))
        part = Part(name, entry if entry is not None else ET.Element("score-part", {"id": name}))
        _read_part(element, part, parsers)
        parts.append(part)
    if not any(part.measures for part in parts):
        raise BadFile("This MusicXML file holds no music; export the piece again.")
    return parts


def _read_part(element: ET.Element, part: Part, parsers: tuple[Any, Any]) -> None:
    part_parser, measure_parser = parsers
    parent = part_parser(element, mxScorePart=part.listed)
    shifts: dict[str | None, int] = {}
    for child in element.findall("measure"):
        measure = Measure(child)
        parser = measure_parser(child, parent=parent)
        parser.found = measure
        parser.shifts = shifts
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # remarks on layout, for programmers
                parser.parse()
        except Exception as error:  # whatever music21 trips over lies in the file
            number = child.get("number", "")[:20]
            raise BadFile(f"Bar {number!r} of this MusicXML file cannot be read; export the piece again.") from error
        part.measures.append(measure)
    part.shifts = any(shifts.values())


def exact(value: Any) -> Fraction:
    """A length of music21's (float or fraction, in quarters) as a fraction."""
    return Fraction(value).limit_denominator(_MAX_DENOMINATOR)


def whole(text: str | None, default: int = 0) -> int:
    """The number in an element's text, rounded; ``default`` where there is none."""
    try:
        return round(float(text or ""))
    except (ValueError, OverflowError):
        return default


@cache
def _parsers() -> tuple[Any, Any]:
    """music21's part parser, and its measure parser with the hooks that fill a :class:`Measure`."""
    try:
        from music21 import note
        from music21.musicxml import xmlToM21
    except ImportError as error:
        raise Unavailable("Reading MusicXML needs music21; install the extra 'app'.") from error

    class MeasureReader(xmlToM21.MeasureParser):  # type: ignore[misc]
        found: Measure
        shifts: dict[str | None, int]
        attributeTagsToMethods: dict[str, str] = {}  # noqa: RUF012 - clefs, keys and metres are read from the marks
        musicDataMethods = {  # noqa: RUF012
            "note": "xmlToNote", "backup": "xmlBackup", "forward": "xmlForward", "attributes": "parseAttributesTag",
            "direction": "mark", "sound": "mark", "harmony": "mark", "barline": "mark",
        }  # fmt: skip

        def mark(self, element: ET.Element) -> None:
            self.found.marks.append((exact(self.offsetMeasureNote), element))

        def parseAttributesTag(self, mxAttributes: ET.Element) -> None:
            super().parseAttributesTag(mxAttributes)
            if self.divisions <= 0:
                raise ValueError("divisions must be positive")
            for transpose in mxAttributes.findall("transpose"):
                octaves = whole(transpose.findtext("octave-change"))
                self.shifts[transpose.get("number")] = whole(transpose.findtext("chromatic")) + 12 * octaves
            self.mark(mxAttributes)

        def xmlTransposeToInterval(self, mxTranspose: ET.Element) -> None:
            return None

        def xmlForward(self, mxObj: ET.Element) -> None:
            super().xmlForward(mxObj)
            self.reached()

        def xmlToNote(self, mxNote: ET.Element) -> None:
            if mxNote.find("grace") is None and mxNote.find("duration") is None:
                return  # takes no time and says nothing: skipped rather than guessed
            super().xmlToNote(mxNote)
            rest = mxNote.find("rest")
            if rest is not None and rest.get("measure") == "yes":
                self.found.rest_length = max(self.found.rest_length, exact(self.offsetMeasureNote))
            else:
                self.reached()

        def reached(self) -> None:
            self.found.length = max(self.found.length, exact(self.offsetMeasureNote))

        def xmlToRest(self, mxRest: ET.Element) -> Any:
            return note.Rest(duration=self.xmlToDuration(mxRest))

        def xmlToChord(self, mxNoteList: list[ET.Element]) -> Any:
            notes = [self.xmlToSimpleNote(item, freeSpanners=False) for item in mxNoteList]
            return notes[0]

        def xmlToSimpleNote(self, mxNote: ET.Element, freeSpanners: bool = True) -> Any:
            found = super().xmlToSimpleNote(mxNote, freeSpanners)
            if mxNote.find("cue") is not None:
                self.found.cues += 1
                return found
            shift = self.shifts.get(mxNote.findtext("staff"), self.shifts.get(None, 0))
            height = None if isinstance(found, note.Unpitched) else found.pitch.ps + shift
            grace = mxNote.find("grace") is not None
            self.found.notes.append(
                NoteEvent(
                    exact(self.offsetMeasureNote),
                    Fraction(0) if grace else exact(found.duration.quarterLength),
                    None if height is None else round(height),
                    height is not None and height != round(height),
                    grace,
                    mxNote,
                )
            )
            return found

        def insertInMeasureOrVoice(self, mxElement: ET.Element, el: Any) -> None:
            """Streams are not built."""

        def addToStaffReference(self, mxObjectOrNumber: Any, m21Object: Any) -> None:
            """Streams are not built."""

        def updateLyricsFromList(self, n: Any, lyricList: list[ET.Element]) -> None:
            """Lyrics are read from the notes' elements."""

        def xmlNotations(self, mxNotations: ET.Element, n: Any) -> None:
            """Slurs and ornaments do not sound here."""

        def updateVoiceInformation(self) -> None:
            """Voices share a track."""

    return xmlToM21.PartParser, MeasureReader
