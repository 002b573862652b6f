"""What a MIDI channel is set to, turned into the fields and lanes of one track.

Instrument, volume (controller 7), pan (10) and room (91) that hold when the first note plays become fields of the
track; everything later stays in its lane. A value that is named but is the usual one is also kept as a raw message,
so that a file which names it keeps naming it and one which does not stays silent about it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from workbench.score.lanes import Bend, Control, Program, Raw
from workbench.score.score import Track

#: Controllers that are fields of a track, and the values that hold when nothing is said.
FIELDS = {7: ("volume", 100), 10: ("pan", 64), 91: ("room", 40)}
BANK = (0, 32)
#: Controllers that act rather than set a value: data entry and parameter numbers, channel mode messages.
_ACTIONS = frozenset({6, 38, *range(96, 102), *range(120, 128)})

State = tuple[int, int, int, int, int, int]  # tick, chunk, place, status without channel, first, second data byte


@dataclass(slots=True)
class Sounding:
    """A note while the file is read: ticks, its place in the chunk, pitch, velocity."""

    start: int
    place: int
    pitch: int
    velocity: int
    end: int = -1


def settle(track: Track, chunk: int, notes: list[Sounding], states: list[State], tally: Counter[str]) -> None:
    """Give ``track`` what its channel is set to by ``states``: all messages but notes on it, from every chunk.

    ``notes`` are the track's own, in file order. A message from another chunk that changes nothing is not copied.
    """
    first = notes[0].start if notes else 0
    fields: dict[int, list[int]] = {number: [] for number in FIELDS}
    changes: list[_Change] = []
    known: dict[tuple[int, int], int] = {}
    banks: list[Control] = []
    for tick, origin, place, status, one, two in sorted(states):
        controller = status == 0xB0
        key, value = (status, one if controller else 0), (two if controller else two << 7 | one)
        acts = status in (0xA0, 0xC0) or (controller and one in _ACTIONS)
        if origin != chunk and not acts and known.get(key) == value:
            continue
        known[key] = value
        if status == 0xC0:
            sound = (known.get((0xB0, 0), 0), known.get((0xB0, 32), 0), one)
            changes.append(_Change((tick, origin, place), sound))
        elif controller and one in FIELDS and tick <= first:
            tally["moved"] += tick > 0
            tally["superseded"] += len(fields[one]) > 0
            fields[one].append(two)
        elif controller and one in BANK:
            # A bank takes effect with the next change of instrument, and is written before one on its tick.
            late = bool(changes) and changes[-1].place[0] == tick
            tally["program-order"] += late
            banks.append(Control(tick + late, one, two))
        elif controller:
            track.controls.append(Control(tick, one, two))
        elif status == 0xE0:
            track.bends.append(Bend(tick, value - 8192))
        else:
            track.raws.append(Raw(tick, bytes((status, one, two) if status == 0xA0 else (status, one)).hex()))
    for number, values in fields.items():
        if values:
            name, usual = FIELDS[number]
            setattr(track, name, values[-1])
            if values[-1] == usual:
                track.raws.insert(0, Raw(0, bytes((0xB0, number, usual)).hex()))
    start = _set_programs(track, chunk, notes, changes, tally)
    for place, bank in enumerate(banks):
        if 0 < bank.tick <= start:
            tally["moved"] += 1
            banks[place] = Control(0, bank.number, bank.value)
    track.controls = sorted([*banks, *track.controls], key=lambda control: control.tick)


@dataclass(frozen=True, slots=True)
class _Change:
    """A change of instrument: tick, chunk and place in it; bank (two bytes) and program that it calls up."""

    place: tuple[int, int, int]
    sound: tuple[int, int, int]


def _set_programs(track: Track, chunk: int, notes: list[Sounding], changes: list[_Change], tally: Counter[str]) -> int:
    """Set the track's instrument and the lane of its changes; return the tick of the one that became the field.

    In the lane a change at a tick holds for notes from that tick on. Where a note stands *before* a change on the
    same tick, the change moves to the next tick.
    """
    places = [(note.start, chunk, note.place) for note in notes]
    before = sum(1 for change in changes if change.place < places[0]) if notes else min(len(changes), 1)
    field_tick, current = -1, (0, 0, 0)
    if before:
        field_tick, current = changes[before - 1].place[0], changes[before - 1].sound
        tally["superseded"] += sum(1 for change in changes[: before - 1] if change.place[1] == chunk)
        tally["moved"] += field_tick > 0
        track.program = current[2]
        if track.program == 0:
            track.raws.insert(0, Raw(0, "c000"))
    first_at: dict[int, tuple[int, int, int]] = {}
    for place in places:
        first_at.setdefault(place[0], place)
    shifted = -1
    for change in changes[before:]:
        tick, origin, _ = change.place
        same = change.sound == current
        if same and origin != chunk:
            continue
        behind = tick in first_at and first_at[tick] < change.place
        if same and behind and tick == notes[0].start and shifted != tick:
            tally["superseded"] += 1
            continue
        if behind and (not same or shifted == tick):
            tally["program-order"] += 1
            shifted = tick
        track.programs.append(Program(tick + (shifted == tick), change.sound[2]))
        current = change.sound
    track.programs.sort(key=lambda change: change.tick)
    tally["program-mixed"] += _differences(track, notes, places, changes)
    return field_tick


def _differences(
    track: Track, notes: list[Sounding], places: list[tuple[int, int, int]], changes: list[_Change]
) -> int:
    """How many notes the track gives another instrument than they have in the file."""
    lane = [(0, track.program), *((change.tick, change.program) for change in track.programs)]
    at = upcoming = count = program = 0
    for note, place in zip(notes, places, strict=True):
        while upcoming < len(changes) and changes[upcoming].place < place:
            program = changes[upcoming].sound[2]
            upcoming += 1
        while at + 1 < len(lane) and lane[at + 1][0] <= note.start:
            at += 1
        count += lane[at][1] != program
    return count
