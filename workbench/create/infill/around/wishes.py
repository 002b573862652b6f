"""What the sliders of a fill mean in numbers, the same for every place in the piece.

A slider runs from 0 to 100 with 50 for "as in the music around"; no wish is the same as 50.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from workbench.hub.tasks.infill.controls import InfillControls


def lean(controls: InfillControls, name: str, tick: int) -> float:
    """-1.0 (slider at 0) to 1.0 (at 100); 0.0 for no wish. ``tick`` of the score."""
    value = controls.value(name, tick)
    return 0.0 if value is None else (value - 50.0) / 50.0


@dataclass(frozen=True, slots=True)
class Wishes:
    """An :class:`InfillControls` seen from a model: factors and shifts instead of sliders.

    ``base_temperature`` and ``base_top_p`` hold where the person asked for nothing.
    """

    controls: InfillControls
    base_temperature: float = 0.85
    base_top_p: float = 0.95

    def _lean(self, name: str, tick: int = 0) -> float:
        return lean(self.controls, name, tick)

    def crowd(self, tick: int) -> float:
        """Factor on the number of onsets: a third to three times as many."""
        return float(3.0 ** self._lean("density", tick))

    def semitones(self, tick: int) -> int:
        """How far the register moves, -14 to 14 semitones."""
        return round(14 * self._lean("register", tick))

    def velocity(self, tick: int) -> int:
        """How much louder, -40 to 40 steps of MIDI velocity."""
        return round(40 * self._lean("loudness", tick))

    @property
    def wild(self) -> float:
        """-1.0 calm (steps, on the beat, even) to 1.0 wild (leaps, off the beat, accents)."""
        return self._lean("wildness")

    @property
    def syncopated(self) -> float:
        """-1.0 on the beat to 1.0 syncopated."""
        return self._lean("syncopation")

    @property
    def rich(self) -> float:
        """-1.0 simple (chord tones, few notes at once) to 1.0 rich (passing notes, fuller chords)."""
        return self._lean("richness")

    @property
    def surprise(self) -> float:
        """-1.0 like before to 1.0 surprise me."""
        return self._lean("surprise")

    @property
    def temperature(self) -> float:
        """Of every draw: what was asked for, else about half to twice the model's own by the surprise slider."""
        if self.controls.temperature is not None:
            return self.controls.temperature
        return float(self.base_temperature * (0.47 if self.surprise < 0 else 2.1) ** abs(self.surprise))

    @property
    def top_p(self) -> float:
        """Share of likelihood that draws are made from."""
        return self.base_top_p if self.controls.top_p is None else self.controls.top_p

    @property
    def freshness(self) -> float:
        """How much of common practice is mixed into what the music around does, 0.0 to 0.5.

        Music that always does the same leaves no choice; whoever wants it otherwise needs another source.
        """
        wanted = max(
            self.surprise,
            abs(self._lean("density")),
            abs(self.wild),
            abs(self.syncopated),
            self.rich,
            0.8 * self.crowded,
        )
        return 0.5 * max(wanted, 0.8 if self.controls.keep_pitches else 0.0)

    @property
    def crowded(self) -> float:
        """The strongest wish for more or fewer notes anywhere in a density curve, 0.0 to 1.0."""
        wanted = [value for _, value in self.controls.curves.get("density", ()) if value is not None]
        return max((abs(value - 50) / 50 for value in wanted), default=0.0)


def beyond_simple_models(wishes: Iterable[InfillControls]) -> str | None:
    """What models with no mechanism of their own for it cannot honour, as a sentence; None if none of it is asked."""
    asked = list(wishes)
    if any(controls.min_notes for controls in asked):
        return "This model does not count its notes; there may be fewer than asked for."
    if any(controls.closeness is not None for controls in asked):
        return "This model cannot vary what stands there; it writes the gap anew."
    if any(controls.part_writing for controls in asked):
        return "This model does not watch how voices move together."
    return None
