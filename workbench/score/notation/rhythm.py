"""From lengths in ticks to written note values: ties, dots, tuplets and beams inside one bar of one voice.

A bar is a row of segments (sounding or silent) that follow one another without a gap. Each is cut at the points
of the metre that must stay visible, and where the boundaries of a beat do not lie on halves of halves the beat
becomes a tuplet. The ticks always stay exact; a length that no tuplet explains is written as the nearest value
with its exact duration.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

#: Note types and their lengths in quarters.
TYPES: dict[str, Fraction] = {
    "breve": Fraction(8), "whole": Fraction(4), "half": Fraction(2), "quarter": Fraction(1),
    "eighth": Fraction(1, 2), "16th": Fraction(1, 4), "32nd": Fraction(1, 8), "64th": Fraction(1, 16),
    "128th": Fraction(1, 32), "256th": Fraction(1, 64), "512th": Fraction(1, 128), "1024th": Fraction(1, 256),
}  # fmt: skip
FLAGS = {name: index for index, name in enumerate(list(TYPES)[4:], 1)}
_VALUES = {length * factor: (name, dots) for name, length in TYPES.items()
           for dots, factor in enumerate((Fraction(1), Fraction(3, 2), Fraction(7, 4)))}  # fmt: skip
_TUPLETS = (3, 5, 7, 9, 11, 13, 15)
_FINEST = 64  # parts of a beat that need no tuplet


@dataclass(frozen=True, slots=True)
class Tuplet:
    """``actual`` notes in the time of ``normal``, counted in notes of type ``unit``."""

    actual: int
    normal: int
    unit: str


@dataclass(frozen=True, slots=True)
class Atom:
    """One written note or rest: ticks [start, end) from the bar's start, of segment ``segment``."""

    start: int
    end: int
    segment: int
    type: str
    dots: int = 0
    tuplet: Tuplet | None = None
    bracket: str = ""  # "start" or "stop" at the ends of a tuplet, "both" for a tuplet of one


@dataclass(frozen=True, slots=True)
class Pulse:
    """What the cutting needs to know of a bar: ticks of a quarter, of a beat, of the bar; threefold beats."""

    quarter: int
    beat: Fraction
    bar: int
    compound: bool

    @classmethod
    def of(cls, quarter: int, numerator: int, denominator: int, bar: int) -> Pulse:
        """From a time signature; ``bar`` is the bar's own length in ticks, which may be shorter."""
        compound = denominator >= 8 and numerator % 3 == 0 and numerator > 3
        return cls(quarter, Fraction(4 * quarter * (3 if compound else 1), denominator), bar, compound)

    def strength(self, tick: int | Fraction) -> int:
        """How strong a place in the bar is: 9 bar line, 3 half of a bar, 2 beat, 1 half of a beat, 0 and less."""
        if tick in (0, self.bar):
            return 9
        beats = self.bar / self.beat
        if tick % self.beat == 0:
            return 3 if not self.compound and beats % 2 == 0 and beats > 2 and tick * 2 == self.bar else 2
        part = self.beat / 3 if self.compound else self.beat / 2
        for level in (1, 0, -1, -2, -3):
            if tick % part == 0:
                return level
            part /= 2
        return -4


def write_rhythm(segments: Sequence[tuple[int, int]], pulse: Pulse, silent: Sequence[int] = ()) -> list[Atom]:
    """Written values of the segments ``(start, end)`` that fill a bar from 0 to its end.

    The segments whose indices are in ``silent`` become rests, which hide fewer beats than notes may.
    """
    atoms: list[Atom] = []
    edges = sorted({start for start, _ in segments} | {segments[-1][1]})
    windows = list(_tuplet_windows(edges, pulse))
    for index, (start, end) in enumerate(segments):
        place = start
        for low, high, count, normal in windows:
            if high <= place or low >= end:
                continue
            if low > place:
                atoms += _plain(place, low, index, pulse, index in silent)
            place = min(end, high)
            atoms += _inside_tuplet(max(start, low), place, index, (low, high, count, normal), pulse)
        if place < end:
            atoms += _plain(place, end, index, pulse, index in silent)
    return _brackets(atoms, windows)


def _plain(start: int, end: int, segment: int, pulse: Pulse, silent: bool) -> list[Atom]:
    """Values without a tuplet, cut so that the beats can be seen."""
    value = _VALUES.get(Fraction(end - start, pulse.quarter))
    inner = _strongest_inside(start, end, pulse)
    if value is not None and value[1] < 2 and (inner is None or _may_cross(start, end, inner, pulse, silent)):
        return [Atom(start, end, segment, *value)]
    if inner is None:
        if value is not None:
            return [Atom(start, end, segment, *value)]
        length = Fraction(end - start, pulse.quarter)
        name = next((name for name, size in TYPES.items() if size <= length), "1024th")
        return [Atom(start, end, segment, name)]
    return _plain(start, inner, segment, pulse, silent) + _plain(inner, end, segment, pulse, silent)


def _strongest_inside(start: int, end: int, pulse: Pulse) -> int | None:
    """The strongest whole tick strictly between; of equals the first (None: nothing but weak places)."""
    if pulse.bar % 2 == 0 and start < pulse.bar // 2 < end and pulse.strength(pulse.bar // 2) == 3:
        return pulse.bar // 2
    part = pulse.beat
    for step in range(7):
        place = (start // part + 1) * part
        while place < end:
            if place.denominator == 1:
                return int(place)
            place += part
        part /= 3 if step == 0 and pulse.compound else 2
    return None


def _may_cross(start: int, end: int, inner: int, pulse: Pulse, silent: bool) -> bool:
    edges = (pulse.strength(start), pulse.strength(end))
    if silent and edges[0] <= pulse.strength(inner):
        return False
    if pulse.compound and pulse.strength(inner) >= 2:
        return min(edges) >= 2
    return pulse.strength(inner) - max(edges) <= 1


def _tuplet_windows(edges: list[int], pulse: Pulse) -> Iterator[tuple[int, int, int, int]]:
    """Stretches (start, end, actual, normal) that need a tuplet, in order."""
    parts = _FINEST * (3 if pulse.compound else 1)
    odd = [edge for edge in edges if edge * parts % pulse.beat]
    start = 0
    while odd and start < pulse.bar:
        best = None
        after = int((start // pulse.beat + 1) * pulse.beat)
        for beats in (4, 2, 1) if any(start < edge < start + 4 * pulse.beat for edge in odd) else ():
            end = start + beats * pulse.beat
            aligned = start % (beats * pulse.beat) == 0 and end.denominator == 1 and end <= pulse.bar
            if aligned and (beats == 1 or not pulse.compound):
                best = _tuplet(start, int(end), edges, pulse, wide=beats > 1)
                if best is not None:
                    break
        if best is not None:
            yield best
            start = best[1]
            continue
        if any(start < edge < after for edge in odd):
            yield from _small_tuplets(start, edges, pulse)
        start = after


def _small_tuplets(start: int, edges: list[int], pulse: Pulse) -> Iterator[tuple[int, int, int, int]]:
    """Tuplets over halves and quarters of the beat (thirds of a threefold one)."""
    part = pulse.beat / (3 if pulse.compound else 2)
    for _ in range(3):
        found = []
        place = Fraction(start)
        while place < start + pulse.beat:
            if place.denominator == 1 and (place + part).denominator == 1 and place + part <= pulse.bar:
                window = _tuplet(int(place), int(place + part), edges, pulse, wide=False, threefold=False)
                found += [window] if window else []
            place += part
        if found:
            yield from found
            return
        part /= 2


def _tuplet(
    start: int, end: int, edges: list[int], pulse: Pulse, *, wide: bool, threefold: bool | None = None
) -> tuple[int, int, int, int] | None:
    """The tuplet that explains every edge inside [start, end), if one is needed and one does.

    ``wide`` tuplets (over several beats) must be plain, without edges between their equal parts.
    """
    size = end - start
    inside = [edge - start for edge in edges if start < edge < end]
    compound = pulse.compound if threefold is None else threefold
    if start not in edges and wide:
        return None
    if not inside or all(edge * _FINEST * (3 if compound else 1) % size == 0 for edge in inside):
        return None
    for count in (2, 4, 5, 7, 8, 11) if compound else _TUPLETS:
        parts = (1,) if wide or count > 7 else (1, 2, 4)
        if any(all(edge * count * part % size == 0 for edge in inside) for part in parts):
            normal = (3 if count < 5 else 6 if count < 11 else 12) if compound else 2 ** (count.bit_length() - 1)
            unit = Fraction(size, pulse.quarter) / normal
            if unit in _VALUES and _VALUES[unit][1] == 0:
                return start, end, count, normal
    return None


def _inside_tuplet(start: int, end: int, segment: int, window: tuple[int, int, int, int], pulse: Pulse) -> list[Atom]:
    low, high, count, normal = window
    tuplet = Tuplet(count, normal, _VALUES[Fraction(high - low, pulse.quarter) / normal][0])
    stretch = Fraction(count, normal) / pulse.quarter
    atoms = []
    place = start
    while place < end:
        left = (end - place) * stretch
        fitting = [
            (size, value)
            for size, value in _VALUES.items()
            if value[1] < 2 and size <= left and (size / stretch).denominator == 1
        ]
        if not fitting:
            atoms.append(Atom(place, end, segment, "1024th", 0, tuplet))
            break
        size, value = max(fitting)
        atoms.append(Atom(place, place + int(size / stretch), segment, *value, tuplet))
        place += int(size / stretch)
    return atoms


def _brackets(atoms: list[Atom], windows: list[tuple[int, int, int, int]]) -> list[Atom]:
    starts, ends = {window[0] for window in windows}, {window[1] for window in windows}
    out = []
    for atom in atoms:
        if atom.tuplet is not None:
            first, last = atom.start in starts, atom.end in ends
            atom = replace(atom, bracket="both" if first and last else "start" if first else "stop" if last else "")
        out.append(atom)
    return out


def beams(atoms: Sequence[Atom | None], pulse: Pulse) -> dict[int, list[str]]:
    """Beams by index into ``atoms`` (None where there is a rest): for each level ``begin``, ``end`` ..."""
    groups: list[list[int]] = []
    unit = pulse.beat if pulse.beat >= pulse.quarter else Fraction(pulse.quarter)
    last: Fraction | int | None = None
    for index, atom in enumerate(atoms):
        beat = None if atom is None or atom.type not in FLAGS else atom.start // unit
        if beat is not None:
            if beat != last:
                groups.append([])
            groups[-1].append(index)
        last = beat
    out: dict[int, list[str]] = {}
    for group in groups:
        if len(group) > 1:
            depths = [FLAGS[atom.type] for index in group if (atom := atoms[index]) is not None]
            for place, index in enumerate(group):
                out[index] = [_beam(depths, place, level) for level in range(1, min(8, depths[place]) + 1)]
    return out


def _beam(depths: list[int], place: int, level: int) -> str:
    before = place > 0 and depths[place - 1] >= level
    after = place + 1 < len(depths) and depths[place + 1] >= level
    if before and after:
        return "continue"
    if before or after:
        return "end" if before else "begin"
    return "backward hook" if place else "forward hook"
