"""Which sound plays a MusicXML part: General MIDI program, drums, volume and pan."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass, field

from workbench.score.musicxml.parts import whole
from workbench.score.notation.names import program_from_name
from workbench.score.notation.parts import Part
from workbench.score.notation.tables import STEPS, drum_from_name

DRUM_CHANNEL = 10
_SNARE = 38


@dataclass(slots=True)
class PartSounds:
    """The instruments of one part by their ids, and the part's own settings."""

    name: str
    program: int = 0
    is_drum: bool = False
    volume: int = 100
    pan: int = 64
    programs: dict[str, int] = field(default_factory=dict)
    drums: dict[str, int] = field(default_factory=dict)
    named_drum: int | None = None

    def program_of(self, element: ET.Element) -> int:
        """The program of a note: its instrument's, else the part's."""
        instrument = element.find("instrument")
        return self.program if instrument is None else self.programs.get(instrument.get("id", ""), self.program)

    def knows_drum(self, element: ET.Element) -> bool:
        """Whether the file itself says which drum a note is."""
        instrument = element.find("instrument")
        return instrument is not None and instrument.get("id", "") in self.drums

    def drum_pitch(self, element: ET.Element) -> int:
        """The General MIDI drum key of an unpitched note: by its instrument, the part's name, its place."""
        if self.knows_drum(element):
            instrument = element.find("instrument")
            assert instrument is not None
            return self.drums[instrument.get("id", "")]
        if self.named_drum is not None:
            return self.named_drum
        step = (element.findtext("unpitched/display-step") or "").strip()
        height = STEPS.get(step, 0) + 12 * whole(element.findtext("unpitched/display-octave"), 5)
        # The usual places on a drum staff: bass drum low, snare in the third space, cymbals above the staff.
        return 36 if height <= 12 * 4 + 5 else 42 if height >= 12 * 5 + 7 else _SNARE


def part_sounds(part: Part) -> PartSounds:
    """Read a part's entry in the part list; names stand in where no program is given."""
    listed = part.listed
    name = " ".join((listed.findtext("part-name") or "").split())
    names = {item.get("id", ""): (item.findtext("instrument-name") or "") for item in listed.iter("score-instrument")}
    sounds = PartSounds(name or next(iter(names.values()), ""))
    channels: list[int] = []
    for item in listed.iter("midi-instrument"):
        key = item.get("id", "")
        if (program := item.findtext("midi-program")) is not None:
            sounds.programs[key] = min(127, max(0, whole(program, 1) - 1))
        if (unpitched := item.findtext("midi-unpitched")) is not None:
            sounds.drums[key] = min(127, max(0, whole(unpitched, 1) - 1))
        if (channel := item.findtext("midi-channel")) is not None:
            channels.append(whole(channel))
        if not channels[1:]:
            sounds.volume = _percent(item.findtext("volume"), sounds.volume)
            sounds.pan = _pan(item.findtext("pan"))
    for key, text in names.items():
        drum = drum_from_name(text)
        if drum is not None and key not in sounds.programs:
            sounds.drums.setdefault(key, drum)
    sounds.named_drum = next(
        (drum for text in (name, *names.values()) if (drum := drum_from_name(text)) is not None), None
    )
    events = [event for measure in part.measures for event in measure.notes]
    sounds.is_drum = (
        all(event.pitch is None for event in events)
        if events
        else bool(channels) and all(channel == DRUM_CHANNEL for channel in channels)
    )
    first = next((event.element.find("instrument") for event in events), None)
    key = first.get("id", "") if first is not None else next(iter(names), "")
    if key in sounds.programs:
        sounds.program = sounds.programs[key]
    elif sounds.programs:
        sounds.program = next(iter(sounds.programs.values()))
    else:
        sounds.program = program_from_name([*names.values(), name])
    return sounds


def _percent(text: str | None, default: int) -> int:
    """Volume in percent as controller 7."""
    return default if text is None else min(127, max(0, round(_number(text, 78.7402) * 127 / 100)))


def _pan(text: str | None) -> int:
    """Degrees (-90 left, 90 right) as controller 10."""
    return 64 if text is None else min(127, max(0, round(64 + _number(text, 0) * 64 / 90)))


def _number(text: str, default: float) -> float:
    try:
        return max(-1e6, min(1e6, float(text)))
    except ValueError:
        return default
