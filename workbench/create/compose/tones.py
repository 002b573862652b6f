"""Steps above a chord's root: which step of its scale a tone is, and what stands there over another chord.

A style is written over a few chords. Its notes are read as steps (root, second, third ... seventh) of the chord below
them and written as the same steps of the chord of the moment; where that chord says nothing of a step, the key does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from workbench.score.keys import KeyGuess
from workbench.score.lanes import QUALITIES, Chord

#: Step (0 = root ... 6 = seventh) to the semitones it may have above the root, the usual one first.
STEPS: tuple[tuple[int, ...], ...] = ((0,), (2, 1), (4, 3), (5, 6), (7, 6, 8), (9, 8), (10, 11))
#: Semitones above the root to the step they are in a scale, where the chord does not say otherwise.
_STEP_OF = (0, 1, 1, 2, 2, 3, 3, 4, 5, 5, 6, 6)
#: Qualities whose third is minor.
MINOR = frozenset({"min", "dim", "min7", "hdim7", "dim7", "min6", "minmaj7", "min9"})
ROOT, SECOND, THIRD, FOURTH, FIFTH, SIXTH, SEVENTH = range(7)


@dataclass(frozen=True, slots=True)
class Tones:
    """A chord in a key, as semitones above its root for each step.

    ``steps``: seven semitones, 0 to 11; ``own``: the steps that are tones of the chord; ``root``: pitch class.
    """

    root: int
    steps: tuple[int, ...]
    own: frozenset[int]

    def pitch_class(self, step: int) -> int:
        """The pitch class of a step, 0 to 6."""
        return (self.root + self.steps[step]) % 12

    def step_of(self, pitch: int) -> int | None:
        """Which step a pitch (or pitch class) is; None if it lies between two."""
        above = (pitch - self.root) % 12
        return self.steps.index(above) if above in self.steps else None

    def likely_step(self, pitch: int) -> int:
        """The step that a pitch is, or that it would be raised or lowered."""
        step = self.step_of(pitch)
        return _STEP_OF[(pitch - self.root) % 12] if step is None else step

    def is_own(self, pitch: int) -> bool:
        """Whether a pitch is a tone of the chord."""
        return (step := self.step_of(pitch)) is not None and step in self.own


def is_minor(chord: Chord) -> bool:
    """Whether a chord's third is minor."""
    return chord.quality in MINOR


def tones_of(chord: Chord, scale: Iterable[int] = ()) -> Tones:
    """A chord's own tones, and for the other steps those of ``scale`` (pitch classes), or the usual ones.

    A suspended chord has its fourth, or second, in the place of the third as well, so that a third lands on it.
    """
    of_key = {(item - chord.root) % 12 for item in scale}
    given = _named(chord.quality)
    steps = []
    for step, ways in enumerate(STEPS):
        if step in given:
            steps.append(given[step])
            continue
        taken = set(given.values())
        free = [way for way in ways if way not in taken]
        if step == SEVENTH and given.get(THIRD) == 4:
            free.reverse()  # a chord with a major third has the major seventh, unless it or the key says otherwise
        inside = [way for way in free if way in of_key]
        steps.append((inside or free or list(ways))[0])
    if chord.quality in ("sus4", "7sus4"):
        steps[THIRD] = 5
    elif chord.quality == "sus2":
        steps[THIRD] = 2
    return Tones(chord.root, tuple(steps), frozenset(given))


def _named(quality: str) -> dict[int, int]:
    """The steps of a chord's tones, with their semitones."""
    out: dict[int, int] = {}
    for above in QUALITIES[quality]:
        step = _STEP_OF[above]
        if above == 6:
            step = FIFTH  # a diminished fifth, whatever else it could be called
        elif above == 8:
            step = FIFTH
        elif above == 9 and quality == "dim7":
            step = SEVENTH
        out[step] = above
    if quality in ("sus4", "7sus4", "sus2"):
        out[THIRD] = out[FOURTH] if FOURTH in out else out[SECOND]
    return out


def scale_of(key: KeyGuess) -> frozenset[int]:
    """The pitch classes of a key; a minor one has its natural scale."""
    return frozenset(key.scale)
