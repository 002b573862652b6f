"""A plain style made in code, so that tests of the band do not depend on what the library plays."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from workbench.create.compose.style import Part, Pattern, PatternNote, Style
from workbench.score.lanes import Chord
from workbench.score.timemap import Bar

BAR = 3840
#: Every groove: a bar over C, a bar over A minor.
SECTIONS = {"Groove A": 2, "Groove B": 2, "Fill 1": 1, "Fill 2": 1, "Ending": 1}
Played = Iterator[tuple[float, float, int, int]]


def _pattern(name: str, play: Callable[[str, int, int], Played]) -> Pattern:
    bars = SECTIONS[name]
    chords = [Chord(0, BAR, 0), Chord(BAR, BAR, 9, "min")][:bars]
    notes = [
        PatternNote(round(bar * BAR + beat * 960), round(length * 960), pitch, velocity)
        for bar in range(bars)
        for beat, length, pitch, velocity in play(name, bar, chords[bar].root)
    ]
    return Pattern(bars, tuple(chords), tuple(sorted(notes)))


def _drums(name: str, bar: int, root: int) -> Played:
    for beat in (0, 2):
        yield beat, 0.2, 36, 100
    for beat in (1, 3):
        yield beat, 0.2, 38, 100
    for half in range(8):
        yield half / 2, 0.2, 51 if name == "Groove B" else 42, 70
    if name.startswith("Fill"):
        for step in range(4):
            yield 3 + step / 4, 0.2, 47, 100


def _bass(name: str, bar: int, root: int) -> Played:
    low = 36 if root == 0 else 33
    yield 0, 0.9, low, 90
    yield 1, 0.9, low + (4 if root == 0 else 3), 90
    yield 2, 0.9, low + 7, 90
    yield 3, 0.9, 34 if root == 0 else 35, 90  # from above into A, from below into C


def _keys(name: str, bar: int, root: int) -> Played:
    for beat in (0, 1.5, 2.5):
        for pitch in (60, 64, 67) if root == 0 else (60, 64, 69):
            yield beat, 0.9, pitch, 70


def style(metre: tuple[int, int] = (4, 4)) -> Style:
    """Drums, bass and keys in four, with two grooves, two fills and an ending."""
    sorts = (("drums", "Drums", 0, True, 35, 81, _drums), ("bass", "Bass", 33, False, 28, 50, _bass),
             ("keys", "Piano", 0, False, 53, 76, _keys))  # fmt: skip
    parts = tuple(
        Part(role, name, program, drum, low, high, {section: _pattern(section, play) for section in SECTIONS})
        for role, name, program, drum, low, high, play in sorts
    )
    return Style("plain", "Plain", "Plain eighths.", ("plain",), (60, 100, 180), metre, 0.5, parts)


def bars(count: int, numerator: int = 4, denominator: int = 4) -> list[Bar]:
    """Bars of one metre from tick 0 on, at 960 ticks to the quarter."""
    length = 3840 * numerator // denominator
    return [Bar(at + 1, at * length, (at + 1) * length, numerator, denominator) for at in range(count)]


def progression(*chords: tuple[int, str], length: int = BAR) -> tuple[Chord, ...]:
    """Chords of equal length, one after the other."""
    return tuple(Chord(at * length, length, root, quality) for at, (root, quality) in enumerate(chords))
