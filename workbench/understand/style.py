"""The style of a recording in a few figures: what a piece that is to sound like it must copy.

``style_of(heard)`` needs nothing but the description; each figure is plain arithmetic over its notes, strokes and
beats, so that a corrected description gives a corrected style.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.understand.heard import Beats, Heard, HeardNote

Floats = npt.NDArray[np.float64]

#: Where in a beat the second of two eighths may fall, as shares of it; and how many must be heard to say where.
EARLIEST, LATEST, FEWEST = 0.40, 0.74, 8
STRAIGHT = 0.5
#: Of all onsets between the beats, this share must be such eighths: sixteenths do not swing.
EIGHTHS = 0.35


@dataclass(frozen=True)
class Style:
    """The figures; what cannot be told is 0 (or "" for the mode).

    Attributes:
        tempo: beats a minute; ``metre``: beats a bar.
        mode: ``major`` or ``minor``.
        density: pitched notes a beat (a second, where no beat was heard); ``strokes``: of drums, likewise.
        voices: how many pitched notes sound at once on average, while any does.
        low, middle, high: MIDI pitches below which a tenth, half and nine tenths of the notes lie.
        loudness: median velocity, 1 to 127; ``dynamics``: from the quietest tenth to the loudest, in velocities.
        swing: where the second of two eighths falls in the beat, 0.5 straight, 0.67 triplets.
        chord_beats: how many beats a chord lasts, the median; ``sevenths``: share of the time with seventh chords.
        instruments: families heard, the surest first.
    """

    tempo: float = 0.0
    metre: int = 4
    mode: str = ""
    density: float = 0.0
    strokes: float = 0.0
    voices: float = 0.0
    low: float = 0.0
    middle: float = 0.0
    high: float = 0.0
    loudness: float = 0.0
    dynamics: float = 0.0
    swing: float = STRAIGHT
    chord_beats: float = 0.0
    sevenths: float = 0.0
    instruments: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """By name, numbers to three places."""
        return {
            name: round(value, 3) if isinstance(value, float) else list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }


def style_of(heard: Heard) -> Style:
    """The style of what was heard."""
    notes, beats = [note for note in heard.notes if not note.drum] or list(heard.melody), heard.beats
    units = heard.duration * (beats.tempo / 60.0 if beats.tempo > 0 else 1.0)
    pitches = np.array([note.pitch for note in notes], np.float64)
    loud = np.array([note.velocity for note in notes], np.float64)
    low, middle, high = np.quantile(pitches, (0.1, 0.5, 0.9)) if len(notes) else (0.0, 0.0, 0.0)
    quiet, median, strong = np.quantile(loud, (0.1, 0.5, 0.9)) if len(notes) else (0.0, 0.0, 0.0)
    lasting = [(chord.end - chord.start) * beats.tempo / 60.0 for chord in heard.chords if chord.label != "N"]
    whole = sum(chord.end - chord.start for chord in heard.chords if chord.label != "N")
    rich = sum(chord.end - chord.start for chord in heard.chords if chord.label.split("/")[0].endswith("7"))
    return Style(
        tempo=float(beats.tempo), metre=beats.metre, mode=heard.key.mode if heard.key else "",
        density=len(notes) / max(units, 1e-9) if notes else 0.0,
        strokes=len(heard.drums) / max(units, 1e-9) if heard.drums else 0.0, voices=_voices(notes),
        low=float(low), middle=float(middle), high=float(high), loudness=float(median),
        dynamics=float(strong - quiet), swing=swing_of([*notes, *heard.drums], beats),
        chord_beats=float(np.median(lasting)) if lasting and beats.tempo > 0 else 0.0,
        sevenths=rich / whole if whole > 0 else 0.0,
        instruments=tuple(tag.label for tag in heard.tags.get("instruments", ())),
    )  # fmt: skip


def swing_of(notes: list[HeardNote], beats: Beats) -> float:
    """Where the second eighth of a beat falls, 0.4 to 0.74 of it; 0.5 where too few are played to tell."""
    if len(beats.beats) < 3 or not notes:
        return STRAIGHT
    grid = np.array(beats.beats)
    onsets = np.array([note.start for note in notes])
    onsets = onsets[(onsets >= grid[0]) & (onsets < grid[-1])]
    at = np.clip(np.searchsorted(grid, onsets, side="right") - 1, 0, len(grid) - 2)
    place = (onsets - grid[at]) / (grid[at + 1] - grid[at])
    between = place[(place > 0.12) & (place < 0.88)]
    eighths = between[(between >= EARLIEST) & (between <= LATEST)]
    if len(eighths) < FEWEST or len(eighths) < EIGHTHS * len(between):
        return STRAIGHT
    return float(_densest(eighths))


def _densest(values: Floats) -> float:
    """Mean of the values around which most others lie."""
    near = np.abs(values[:, None] - values[None, :]) < 0.05 if len(values) <= 2_000 else None
    if near is None:
        return _densest(values[:: -(-len(values) // 2_000)])
    return float(values[near[int(near.sum(axis=1).argmax())]].mean())


def _voices(notes: list[HeardNote]) -> float:
    """How many notes sound at once on average, while any does."""
    if not notes:
        return 0.0
    spans = sorted((note.start, note.end) for note in notes)
    covered, until = 0.0, spans[0][0]
    for start, end in spans:
        covered += max(0.0, end - max(start, until))
        until = max(until, end)
    return sum(end - start for start, end in spans) / max(covered, 1e-9)
