"""What a track keeps to by habit: how many notes it sounds at once, and how low and high it goes.

The network has seen far more pianos than flutes. Unless a person asks for more, a track that plays one line goes on
playing one line, in its own range.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.hub.controls import InfillControls

#: Fewer notes than this are no habit.
ENOUGH = 6
#: Semitones beyond the lowest and highest note that are still like the track.
SPREAD = 4
#: Beyond this share of the onsets, sounding more notes at once is a habit and no slip.
SLIP = 0.03
ANY = (128, 0, 127)


@dataclass(frozen=True, slots=True)
class Habits:
    """Most notes at once, lowest and highest MIDI pitch."""

    polyphony: int
    low: int
    high: int


def habits(notes: npt.NDArray[np.int64], controls: InfillControls) -> Habits:
    """The habits of a track, widened by what a person wishes.

    Args:
        notes: the track's notes outside the gap, int64 [n, at least 3]: start, length, MIDI pitch.
        controls: the wishes; register, surprise and richness widen what is allowed, a wish for a limit is left to
            the limits themselves.
    """
    if len(notes) < ENOUGH:
        return Habits(*ANY)
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
