"""How full, how high and how loud a part usually is, and how much of that is wanted at a moment.

A network likes to go on as it began. So what is asked for is followed by feedback: what was written in the last two
beats is held against what is wanted now, be it a slider's value or a curve's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.create.infill.transformer.bridge import Cast, GridScore
from workbench.create.infill.transformer.sampler import RECENT
from workbench.hub.tasks.infill.controls import InfillControls
from workbench.tokens import grid12 as g
from workbench.tokens import rows as r

#: Notes a beat that instruments of each General MIDI family usually play in a band; drums.
USUAL_DENSITY = (2.2, 1.0, 1.2, 2.2, 1.1, 0.9, 1.2, 0.8, 0.8, 0.8, 0.8, 1.2, 1.0, 1.2, 1.0, 0.6)
DRUM_DENSITY = 3.5
BASS_FAMILY = 4
#: Factor on the density, and semitones, that a curve's top asks for (its bottom the inverse).
CROWD, HEIGHT = 2.4, 14.0
#: MIDI velocity that a loudness curve's top adds, and how much of a note's own loudness is left beside the curve.
LOUD, OWN = 45.0, 0.35


@dataclass(frozen=True)
class Level:
    """A part as the music around has it: notes a beat, mean pitch in the network's key, mean MIDI velocity."""

    density: float
    pitch: float
    velocity: float


class Levels:
    """The usual level of every part that is written, and what is asked of it."""

    def __init__(self, grid: GridScore, cast: Cast, shift: int) -> None:
        self.grid = grid
        self.controls: dict[int, InfillControls] = {
            cast.slots[name]: grid.request.controls_for(name) for name in cast.filled
        }
        self.usual = {
            cast.slots[name]: Level(density(grid, name), grid.height(name) + shift, _loudness(grid, name))
            for name in cast.filled
        }

    def lean(self, slot: int, name: str, tick: int) -> float | None:
        """What is asked at a grid tick, -1.0 to 1.0; None for nothing. A drawn curve asks for the middle, too."""
        controls = self.controls[slot]
        value = controls.value(name, self.grid.score_tick(tick))
        if value is None or (value == 50 and name not in controls.curves):
            return None
        return (value - 50.0) / 50.0

    def crowding(self, tick: int, recent: int) -> float:
        """How much fuller than wanted the last beats were: log of the ratio; 0.0 where nothing is asked.

        ``recent``: notes that all parts together wrote in the last beats (:data:`RECENT`).
        """
        leans = {slot: self.lean(slot, "density", tick) for slot in self.usual}
        if all(leaning is None for leaning in leans.values()):
            return 0.0
        wanted = sum(level.density * CROWD ** (leans[slot] or 0.0) for slot, level in self.usual.items())
        return float(np.log((recent + 1.0) / (RECENT * wanted + 1.0)))

    def pitch(self, slot: int, tick: int) -> float | None:
        """Mean pitch wanted by a part's register curve, in the network's key; None where it asks for nothing."""
        if "register" not in self.controls[slot].curves:
            return None
        leaning = self.lean(slot, "register", tick)
        return None if leaning is None else self.usual[slot].pitch + HEIGHT * leaning

    def velocity(self, slot: int, tick: int, own: int) -> int | None:
        """Loudness wanted by a loudness curve of a note whose own is ``own``; None where it asks for nothing."""
        leaning = self.lean(slot, "loudness", tick) if "loudness" in self.controls[slot].curves else None
        if leaning is None:
            return None
        return int(np.clip(round(OWN * own + (1 - OWN) * (self.usual[slot].velocity + LOUD * leaning)), 1, 127))

    def step(self, slot: int, trait: str, wish: str, tick: int) -> int | None:
        """Index of a trait in the common table for a wish at a grid tick; None where nothing is asked."""
        leaning = self.lean(slot, wish, tick)
        if leaning is None:
            return None
        first, steps = r.TRAITS[trait]
        level = self.usual[slot]
        if trait == "density":
            base = int(np.searchsorted(r.DENSITY_EDGES, level.density, side="right"))
        elif trait == "register":
            base = int(np.clip((level.pitch - 28) // 5, 0, steps - 1))
        else:
            base = steps // 2
        return first + int(np.clip(round(base + leaning * steps * 0.35), 0, steps - 1))


def density(grid: GridScore, name: str) -> float:
    """Notes a beat of a part where it plays; of its instrument, if it never does."""
    onsets = [int(tick) for tick in grid.notes[name][:, 0]]
    onsets = onsets or sorted(grid.tick(note.start) for note in grid.gone.get(name, ()))
    if len(onsets) >= 4:
        beats = len({tick // g.TICKS for tick in onsets})
        played = max(beats, (onsets[-1] - onsets[0]) / g.TICKS * 0.75)
        return len(onsets) / max(1.0, played)
    program, drum = grid.programs[name]
    return DRUM_DENSITY if drum else USUAL_DENSITY[program // 8]


def _loudness(grid: GridScore, name: str) -> float:
    """Mean MIDI velocity of a part; 80 if it never plays."""
    own = grid.notes[name][:, 5] if len(grid.notes[name]) else [note.velocity for note in grid.gone.get(name, ())]
    return float(np.mean(own)) if len(own) else 80.0


def usual_traits(program: int, drum: bool) -> list[int]:
    """Traits of an instrument that has not played yet: how many notes a beat, and for a bass how low and how thin."""
    per_beat = DRUM_DENSITY if drum else USUAL_DENSITY[program // 8]
    out = [0] * r.N_TRAITS
    out[0] = r.TRAITS["density"][0] + int(np.searchsorted(r.DENSITY_EDGES, per_beat, side="right"))
    if not drum and program // 8 == BASS_FAMILY:
        out[1] = r.TRAITS["register"][0] + 2
        out[2] = r.TRAITS["voices"][0]
    return out
