"""Written music on the way in, whatever the file: parts, their bars, and what stands where in each.

Readers of MusicXML and ABC make these; the time line and the tracks are built from them.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from fractions import Fraction


@dataclass(slots=True)
class NoteEvent:
    """One written note. Offset in the bar and duration in quarters; ``pitch`` sounds (None: unpitched)."""

    offset: Fraction
    duration: Fraction
    pitch: int | None
    microtone: bool
    grace: bool
    element: ET.Element


@dataclass(slots=True)
class Measure:
    """One bar of one part: its notes, everything else with its place, and how far the cursor got."""

    element: ET.Element
    length: Fraction = Fraction(0)
    rest_length: Fraction = Fraction(0)  # the longest rest marked as filling the bar
    notes: list[NoteEvent] = field(default_factory=list)
    marks: list[tuple[Fraction, ET.Element]] = field(default_factory=list)
    cues: int = 0


@dataclass(slots=True)
class Part:
    """One part: its entry in the part list and its bars; ``shifts`` says whether it ever transposes."""

    id: str
    listed: ET.Element
    measures: list[Measure] = field(default_factory=list)
    shifts: bool = False
