"""How players place and strike their notes: the table learnt from played music (``models/arranger/feel.safetensors``).

Notes belong to groups (a voice of the drum set in a family of styles, or a hand) and to places of a bar (sixteenths,
then triplets, of four beats). For each there are seven quantiles of how many milliseconds late and how much louder
than usual they were; how the deviations hang together in time stands in *ties*.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from workbench.nets.tables import read_tables

Floats = npt.NDArray[np.float64]

VOICES = ("kick", "snare", "hat", "ride", "tom", "crash")
FAMILIES = ("rock", "funk", "jazz", "latin")
KEYS = ("low", "inner", "top", "tune")
#: Groups of notes that are played alike: six voices of the drum set in four families of styles, then the keys.
GROUPS = tuple(f"{family} {voice}" for family in FAMILIES for voice in VOICES) + KEYS
#: Places: sixteenths of four beats, then eighth triplets of four beats.
STRAIGHT, TERNARY = 16, 12
PLACES = STRAIGHT + TERNARY
#: Which share of the notes lies below each of the seven quantiles, and where that is in a normal distribution.
LEVELS = (0.02, 0.10, 0.30, 0.50, 0.70, 0.90, 0.98)
NORMAL = np.array([-2.0537, -1.2816, -0.5244, 0.0, 0.5244, 1.2816, 2.0537])
#: Rows of the ties: each family of drums, and the keys. Columns: share of the slow drift, how much of it is left after
#: a quarter, share of what all notes struck at once have in common, share of each note's own.
TIES = (*FAMILIES, "keys")
#: Parts of a phrase that the arc is given for.
ARC = 8

_CELLS, _TIES = (len(GROUPS), PLACES, len(LEVELS)), (len(TIES), 4)
_SHAPES = {
    "ms": _CELLS, "velocity": _CELLS, "tie_ms": _TIES, "tie_velocity": _TIES, "again": (len(GROUPS),),
    "spread": (3, len(LEVELS)), "slope": (4,), "arc": (ARC,),
}  # fmt: skip
_VOICE = {
    **dict.fromkeys((35, 36), "kick"), **dict.fromkeys((37, 38, 39, 40), "snare"),
    **dict.fromkeys((22, 26, 42, 44, 46, 54, 69, 70, 82), "hat"), **dict.fromkeys((51, 53, 59), "ride"),
    **dict.fromkeys((41, 43, 45, 47, 48, 50, 58, 60, 61, 62, 63, 64), "tom"),
    **dict.fromkeys((49, 52, 55, 57), "crash"),
}  # fmt: skip


def voice_of(pitch: int) -> str:
    """The voice of the drum set that a percussion key is played like."""
    return _VOICE.get(pitch, "hat")


@dataclass(frozen=True)
class FeelTable:
    """Float64 arrays: ``ms`` and ``velocity`` [groups, places, 7]; ``tie_ms`` and ``tie_velocity`` [5, 4]; ``again``
    [groups], the deviation of one stroke's velocity from the same stroke a bar before; ``spread`` [3, 7], milliseconds
    of a chord's low, inner and top notes from its middle; ``slope`` [4], how far the velocity of the keys goes with
    the height of the line (a correlation); ``arc`` [8], velocity over the course of a phrase."""

    ms: Floats
    velocity: Floats
    tie_ms: Floats
    tie_velocity: Floats
    again: Floats
    spread: Floats
    slope: Floats
    arc: Floats

    @classmethod
    def load(cls, path: Path) -> FeelTable:
        """Read the table; see :func:`workbench.nets.tables.read_tables`."""
        tables = read_tables(path, _SHAPES, "The arranger's table of the feel")
        tables["ms"], tables["spread"] = tables["ms"] / 10, tables["spread"] / 10
        return cls(**tables)

    def save(self, path: Path) -> None:
        """Write the table: tenths of milliseconds as 16-bit, velocities as 8-bit integers."""
        from safetensors.numpy import save_file

        half = {name: getattr(self, name).astype(np.float16) for name in
                ("tie_ms", "tie_velocity", "again", "slope", "arc")}  # fmt: skip
        tenths = {name: np.round(getattr(self, name) * 10).astype(np.int16) for name in ("ms", "spread")}
        save_file({**tenths, "velocity": np.round(self.velocity).astype(np.int8), **half}, path)


@lru_cache(maxsize=1)
def shipped() -> FeelTable:
    """The table that comes with the package (nobody's state)."""
    from workbench import resources

    return FeelTable.load(resources.path("models/arranger/feel.safetensors"))
