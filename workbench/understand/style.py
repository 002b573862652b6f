"""The style of a recording in a few figures: what a piece that is to sound like it must copy.

``style_of(heard)`` needs nothing but the description; each figure is plain arithmetic over its notes, strokes and
beats, so that a corrected description gives a corrected style.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.errors import BadRequest
from workbench.understand.heard import Beats, Heard, HeardNote, number, whole

Floats = npt.NDArray[np.float64]

#: Where in a beat the second of two eighths may fall, as shares of it; and how many must be heard to say where.
EARLIEST, LATEST, FEWEST = 0.40, 0.74, 8
STRAIGHT = 0.5
#: Of all onsets between the beats, this share must be such eighths: sixteenths do not swing.
EIGHTHS = 0.35
#: The dimensions that a person sees, corrects and locks: name -> plain words, and the figures that belong to it.
DIMENSIONS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "tempo": ("how fast", ("tempo",)),
    "metre": ("beats in a bar", ("metre",)),
    "mode": ("major or minor", ("mode",)),
    "density": ("how many notes", ("density",)),
    "strokes": ("how busy the drums are", ("strokes",)),
    "voices": ("how many notes at once", ("voices",)),
    "register": ("how high or low", ("low", "middle", "high")),
    "dynamics": ("how loud, and how much that changes", ("loudness", "dynamics")),
    "swing": ("straight or swinging", ("swing",)),
    "chords": ("how often the chords change, and how rich they are", ("chord_beats", "sevenths")),
    "instruments": ("who plays", ("instruments",)),
}
#: No figure is larger than this.
_MOST = 6_000.0
#: Field -> least and most.
_RANGES: Mapping[str, tuple[float, float]] = {
    "tempo": (0.0, 6_000.0), "density": (0.0, _MOST), "strokes": (0.0, _MOST), "voices": (0.0, _MOST),
    "low": (0.0, 127.0), "middle": (0.0, 127.0), "high": (0.0, 127.0), "loudness": (0.0, 127.0),
    "dynamics": (0.0, 127.0), "swing": (0.0, 1.0), "chord_beats": (0.0, _MOST), "sevenths": (0.0, 1.0),
}  # fmt: skip
_MOST_FAMILIES = 40


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

    def __post_init__(self) -> None:
        for name, (least, most) in _RANGES.items():
            object.__setattr__(self, name, number(getattr(self, name), least, most, f"The {name} of a style"))
        object.__setattr__(self, "metre", whole(self.metre, 1, 32, "The metre of a style"))
        if self.mode not in ("", "major", "minor"):
            raise BadRequest("The mode of a style is major or minor.")
        names = self.instruments
        if not isinstance(names, (list, tuple)) or len(names) > _MOST_FAMILIES:
            raise BadRequest(f"The instruments of a style are a list of at most {_MOST_FAMILIES} names.")
        if not all(isinstance(name, str) and 1 <= len(name) <= 60 and name.isprintable() for name in names):
            raise BadRequest("An instrument of a style is a name of at most 60 characters.")
        object.__setattr__(self, "instruments", tuple(names))

    @property
    def rate(self) -> float:
        """Notes and strokes a second, of all instruments together."""
        return (self.density + self.strokes) * (self.tempo / 60.0 if self.tempo > 0 else 1.0)

    def corrected(self, **changes: Any) -> Style:
        """The same with figures put right: ``corrected(tempo=96, mode="minor", instruments=["piano"])``.

        Raises:
            BadRequest: a figure that is not there, or a value that does not fit.
        """
        if unknown := changes.keys() - self.__dataclass_fields__.keys():
            raise BadRequest(f"{min(map(str, unknown))[:40]!r} is nothing that can be changed in a style.")
        return replace(self, **changes)

    def of(self, dimension: str) -> dict[str, Any]:
        """The figures of one of :data:`DIMENSIONS`, by name."""
        return {name: getattr(self, name) for name in DIMENSIONS[dimension][1]}

    def to_json(self) -> dict[str, Any]:
        """By name, numbers to three places."""
        return {
            name: round(value, 3) if isinstance(value, float) else list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }

    @classmethod
    def from_json(cls, data: Any) -> Style:
        """Read the JSON form, also of an untrusted client; raises :class:`BadRequest` with one sentence."""
        if not isinstance(data, Mapping) or not data.keys() <= cls.__dataclass_fields__.keys():
            raise BadRequest("A style must be an object of its figures by name.")
        return cls(**data)


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
        density=min(_MOST, len(notes) / max(units, 1e-9)) if notes else 0.0,
        strokes=min(_MOST, len(heard.drums) / max(units, 1e-9)), voices=min(_MOST, _voices(notes)),
        low=float(low), middle=float(middle), high=float(high), loudness=float(median),
        dynamics=float(strong - quiet), swing=swing_of([*notes, *heard.drums], beats),
        chord_beats=min(_MOST, float(np.median(lasting))) if lasting and beats.tempo > 0 else 0.0,
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
