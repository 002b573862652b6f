"""What a track keeps to by habit: how many notes it sounds at once, how low and high it goes, and its grid.

The network has seen far more pianos than flutes. Unless a person asks for more, a track that plays one line goes on
playing one line, in its own range.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.hub.tasks.infill.controls import InfillControls
from workbench.tokens import grid12 as g

#: Fewer notes than this are no habit.
ENOUGH = 6
#: Semitones beyond the lowest and highest note that are still like the track.
SPREAD = 4
#: Beyond this share of the onsets, sounding more notes at once is a habit and no slip.
SLIP = 0.03
ANY = (128, 0, 127)
#: Only those who play early or late notes go on so; up to this share of the onsets it is a slip.
EXPRESSION = 0.02
#: Usual ranges of instruments for a track that has no habit yet: first and last General MIDI program, most notes at
#: once, lowest and highest sounding pitch (after Kennan and Grantham, The Technique of Orchestration, rounded).
INSTRUMENTS: tuple[tuple[int, int, int, int, int], ...] = (
    (0, 7, 10, 24, 103), (8, 15, 4, 48, 100), (16, 23, 8, 36, 96), (24, 31, 6, 40, 76),
    (32, 39, 1, 28, 55), (40, 40, 1, 55, 93), (41, 41, 1, 48, 81), (42, 42, 1, 36, 72),
    (43, 43, 1, 28, 55), (46, 46, 6, 36, 96), (48, 51, 5, 36, 88), (52, 54, 4, 43, 79), (56, 56, 1, 54, 82),
    (57, 57, 1, 40, 72), (58, 58, 1, 28, 58), (59, 60, 1, 41, 77), (61, 63, 4, 41, 77), (64, 64, 1, 56, 87),
    (65, 65, 1, 49, 80), (66, 66, 1, 44, 75), (67, 67, 1, 36, 68), (68, 69, 1, 52, 88), (70, 70, 1, 34, 70),
    (71, 71, 1, 50, 89), (72, 79, 1, 60, 96), (80, 87, 1, 48, 91),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Habits:
    """Most notes at once, lowest and highest MIDI pitch."""

    polyphony: int
    low: int
    high: int


def straight(onsets: npt.NDArray[np.int64]) -> bool:
    """Whether grid ticks lie on sixteenths and triplets, as they do in all music that was not played by hand."""
    return not len(onsets) or float(np.mean(~np.isin(onsets % g.TICKS, g.STRAIGHT))) <= EXPRESSION


def habits(notes: npt.NDArray[np.int64], program: int, controls: InfillControls) -> Habits:
    """The habits of a track (of its instrument, if it has none yet), widened by what a person wishes.

    Args:
        notes: the track's notes outside the gap, int64 [n, at least 3]: start, length, MIDI pitch.
        program: General MIDI program of the track.
        controls: the wishes; register, surprise and richness widen what is allowed, a wish for a limit is left to
            the limits themselves.
    """
    if len(notes) < ENOUGH:
        usual = next((row[2:] for row in INSTRUMENTS if row[0] <= program <= row[1]), ANY)
        return Habits(*usual)
    starts, ends, pitches = notes[:, 0], notes[:, 0] + notes[:, 1], notes[:, 2]
    sounding = np.searchsorted(np.sort(starts), starts, "right") - np.searchsorted(np.sort(ends), starts, "right")
    many = int(np.quantile(np.maximum(1, sounding), 1 - SLIP, method="higher"))
    wide = SPREAD
    if controls.register is not None or "register" in controls.curves:
        wide += 12
    if controls.surprise is not None and controls.surprise > 50:
        wide += (controls.surprise - 50) // 5
    if controls.richness is not None and controls.richness > 50:
        many += (controls.richness - 40) // 20
    return Habits(many, max(0, int(pitches.min()) - wide), min(127, int(pitches.max()) + wide))
