"""What a style is: parts that play, each with patterns composed over known chords. Values only; no files, no music.

:mod:`workbench.create.compose.styles` reads the library; :mod:`workbench.create.compose.band` fits a style to a piece.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from workbench.score.lanes import Chord

#: Ticks to the quarter in every pattern.
PPQ = 960
#: Names of sections, as the markers of a style's file have them; there may be four fills.
INTRO, GROOVE_A, GROOVE_B, FILL, ENDING = "Intro", "Groove A", "Groove B", "Fill", "Ending"
#: What a part may be.
ROLES = ("drums", "bass", "keys", "guitar", "pad", "lead")


class PatternNote(NamedTuple):
    """A note of a pattern: ticks from its start (960 to the quarter), MIDI pitch, velocity 1 to 127."""

    tick: int
    duration: int
    pitch: int
    velocity: int = 80


@dataclass(frozen=True)
class Pattern:
    """What one part plays in one section: how many bars, the chords under it (ticks at 960), its notes by time."""

    bars: int
    chords: tuple[Chord, ...]
    notes: tuple[PatternNote, ...]


@dataclass(frozen=True)
class Part:
    """One instrument of a style.

    ``role``: one of :data:`ROLES`; ``name``: a plain word, the track's name; ``program`` 0 to 127; ``low``, ``high``:
    MIDI pitches of its register; ``volume``, ``pan``: MIDI, 0 to 127.
    """

    role: str
    name: str
    program: int
    is_drum: bool
    low: int
    high: int
    sections: Mapping[str, Pattern]
    volume: int = 100
    pan: int = 64


@dataclass(frozen=True)
class Style:
    """A way of playing together.

    ``tempo``: lowest, usual and highest quarters a minute; ``metre``: numerator and denominator; ``swing``: where the
    second eighth of a beat falls, 0.5 (straight) to 0.67 (triplets).
    """

    id: str
    title: str
    words: str
    synonyms: tuple[str, ...]
    tempo: tuple[float, float, float]
    metre: tuple[int, int]
    swing: float
    parts: tuple[Part, ...]
    licence: str = field(default="CC0-1.0", compare=False)

    def part(self, name: str) -> Part | None:
        """The part of this name or role."""
        found = [part for part in self.parts if name in (part.name, part.role)]
        return found[0] if found else None

    def sections(self) -> tuple[str, ...]:
        """Names of the sections, in the order of the first part that has each."""
        out: dict[str, None] = {}
        for part in self.parts:
            out.update(dict.fromkeys(part.sections))
        return tuple(out)
