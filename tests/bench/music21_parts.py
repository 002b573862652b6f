"""The parts of a MusicXML score by music21's own parsers: the truth that the workbench's reader is held against.

music21 keeps the cursor (``backup``, ``forward``, changing ``divisions``, chords) and reads pitches, durations and
grace notes; its streams are not built, since only what sounds where is compared.
"""

from __future__ import annotations

import warnings
import xml.etree.ElementTree as ET
from fractions import Fraction
from typing import Any

from music21 import note
from music21.musicxml import xmlToM21

from workbench.score.musicxml.parts import whole
from workbench.score.notation.parts import Measure, NoteEvent, Part


def read_parts(root: ET.Element) -> list[Part]:
    """Every part of a ``score-partwise`` tree."""
    listed = {item.get("id"): item for item in root.iter("score-part")}
    parts: list[Part] = []
    for number, element in enumerate(root.findall("part"), 1):
        name = element.get("id") or f"P{number}"
        entry = listed.get(element.get("id"))
        part = Part(name, entry if entry is not None else ET.Element("score-part", {"id": name}))
        parent = xmlToM21.PartParser(element, mxScorePart=part.listed)
        shifts: dict[str | None, int] = {}
        for child in element.findall("measure"):
            parser = MeasureReader(child, parent=parent)
            parser.found, parser.shifts = Measure(child), shifts
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # remarks on layout, for programmers
                parser.parse()
            part.measures.append(parser.found)
        parts.append(part)
    return parts


def exact(value: Any) -> Fraction:
    """A length of music21's (float or fraction, in quarters) as a fraction."""
    return Fraction(value).limit_denominator(65_535)


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
