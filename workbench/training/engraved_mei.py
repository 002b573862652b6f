"""What the notes of an MEI document mean: when they begin, how long they last, which key they are.

Verovio's drawing says where everything is and nothing about time; its MEI says the reverse. Both carry the same ids.
Durations are counted here, layer by layer, from what is written (value, dots, tuplets, grace notes take no time).
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from fractions import Fraction

_STEPS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_SHIFT = {"s": 1, "f": -1, "x": 2, "ss": 2, "ff": -2, "n": 0, "tf": -3, "ts": 3, "nf": -1, "ns": 1}
_VALUES = {"breve": Fraction(8), "long": Fraction(16)}
_ID = "{http://www.w3.org/XML/1998/namespace}id"


@dataclass(frozen=True, slots=True)
class Written:
    """A note or a rest as it is written.

    ``id``: of the MEI element, of the drawing too. ``measure``: id of its measure; ``staff``: number of the staff it
    stands on (its own, not the one that its layer belongs to). ``onset``, ``duration``: quarters, the onset from the
    start of the bar. ``value``: 1, 2, 4, 8 ... as printed, 0 for a breve. ``pitch``: MIDI key that sounds, -1: rest.
    ``tied``: a tie begins here; ``held``: a tie ends here. ``whole``: a rest that fills its bar, whatever the metre.
    """

    id: str
    measure: str
    staff: int
    layer: int
    onset: Fraction
    duration: Fraction
    value: int
    dots: int
    pitch: int
    grace: bool
    chord: str
    tied: bool
    held: bool
    whole: bool


@dataclass(frozen=True)
class Document:
    """``notes``: by id, rests too. ``staves``: the number of a staff by the id of its element in a measure.
    ``measures``: ids in the order of reading."""

    notes: dict[str, Written]
    staves: dict[str, int]
    measures: list[str]


def read_mei(text: str) -> Document:
    """All notes and rests of an MEI document that Verovio wrote."""
    root = ET.fromstring(text)
    for element in root.iter():
        if isinstance(element.tag, str):
            element.tag = element.tag.rsplit("}", 1)[-1]
    starts = {tie.get("startid", "")[1:] for tie in root.iter("tie")}
    ends = {tie.get("endid", "")[1:] for tie in root.iter("tie")}
    out = Document({}, {}, [])
    for measure in root.iter("measure"):
        out.measures.append(measure.get(_ID, ""))
        rows: list[_Row] = []
        for staff in measure.findall("staff"):
            number = int(staff.get("n", "1"))
            out.staves[staff.get(_ID, "")] = number
            for layer in staff.findall("layer"):
                walker = _Walker(number, int(layer.get("n", "1") or 1), rows)
                walker.walk(layer, Fraction(1), False)
        length = max((row.onset + row.duration for row in rows), default=Fraction(4))
        for row in rows:
            written = _written(row, measure.get(_ID, ""), length, starts, ends)
            out.notes[written.id] = written
    return out


@dataclass(frozen=True, slots=True)
class _Row:
    element: ET.Element
    chord: ET.Element | None
    staff: int
    layer: int
    onset: Fraction
    duration: Fraction
    grace: bool


class _Walker:
    """Goes through one layer and keeps the time."""

    def __init__(self, staff: int, layer: int, rows: list[_Row]) -> None:
        self.staff, self.layer, self.rows = staff, layer, rows
        self.now = Fraction(0)

    def walk(self, parent: ET.Element, ratio: Fraction, grace: bool) -> None:
        for element in parent:
            kind = element.tag
            if kind in ("note", "rest", "space", "chord"):
                self.event(element, ratio, grace)
            elif kind in ("mRest", "multiRest", "mSpace"):
                self.add(element, None, Fraction(0), False)
            elif kind == "tuplet":
                inner = Fraction(int(element.get("numbase", "2")), max(1, int(element.get("num", "3"))))
                self.walk(element, ratio * inner, grace)
            elif kind == "fTrem":  # two notes that alternate: each is written as long as both together
                self.walk(element, ratio / 2, grace)
            elif kind in ("beam", "graceGrp", "bTrem", "app", "rdg", "lem", "supplied", "unclear"):
                self.walk(element, ratio, grace or kind == "graceGrp")

    def event(self, element: ET.Element, ratio: Fraction, grace: bool) -> None:
        grace = grace or element.get("grace") is not None
        length = Fraction(0) if grace else _length(element) * ratio
        if element.tag == "chord":
            for note in element.iter("note"):
                self.add(note, element, length, grace or note.get("grace") is not None)
        elif element.tag != "space":
            self.add(element, None, length, grace)
        self.now += length

    def add(self, element: ET.Element, chord: ET.Element | None, length: Fraction, grace: bool) -> None:
        self.rows.append(_Row(element, chord, self.staff, self.layer, self.now, length, grace))


def _length(element: ET.Element) -> Fraction:
    value = element.get("dur", "4")
    base = _VALUES.get(value) or Fraction(4, int(value))
    return base * (2 - Fraction(1, 2 ** _dots(element)))


def _dots(element: ET.Element) -> int:
    return int(element.get("dots", "") or len(element.findall("dot")))


def _written(row: _Row, measure: str, length: Fraction, starts: set[str], ends: set[str]) -> Written:
    element, outer = row.element, row.chord if row.chord is not None else row.element
    identity, whole = element.get(_ID, ""), element.tag in ("mRest", "multiRest")
    value = element.get("dur") or outer.get("dur") or ("1" if whole else "4")
    around = {identity} if row.chord is None else {identity, row.chord.get(_ID, "")}
    return Written(
        id=identity, measure=measure, staff=int(element.get("staff", "") or outer.get("staff", "") or row.staff),
        layer=row.layer, onset=row.onset, duration=length if whole else row.duration,
        value=0 if value in _VALUES else int(value), dots=max(_dots(element), _dots(outer)),
        pitch=_pitch(element) if element.tag == "note" else -1, grace=row.grace,
        chord="" if row.chord is None else row.chord.get(_ID, ""),
        tied=not around.isdisjoint(starts), held=not around.isdisjoint(ends), whole=whole,
    )  # fmt: skip


def _pitch(note: ET.Element) -> int:
    shift = note.get("accid.ges") or note.get("accid") or ""
    for sign in note.findall("accid"):
        shift = sign.get("accid.ges") or sign.get("accid") or shift
    octave = int(note.get("oct.ges", "") or note.get("oct", "4"))
    return 12 * (octave + 1) + _STEPS.get(note.get("pname", "c"), 0) + _SHIFT.get(shift, 0)
