"""Chords with their basses, and places in a phrase, as numbers: what four-voice writing is counted in.

A state is a chord with one of its tones in the bass; states of one root lie together, in the order of
:data:`KINDS`.
"""

from __future__ import annotations

import numpy as np

#: Kinds of chord: tones above the root in thirds. Any of them may lie in the bass.
KINDS: dict[str, tuple[int, ...]] = {
    "maj": (0, 4, 7), "min": (0, 3, 7), "dim": (0, 3, 6), "7": (0, 4, 7, 10), "min7": (0, 3, 7, 10),
    "maj7": (0, 4, 7, 11), "hdim7": (0, 3, 6, 10), "dim7": (0, 3, 6, 9),
}  # fmt: skip
#: Root (pitch class), kind (index) and place of the bass among the chord's tones of every state.
STATES: tuple[tuple[int, int, int], ...] = tuple(
    (root, kind, bass) for root in range(12) for kind, tones in enumerate(KINDS.values()) for bass in range(len(tones))
)
N_STATES = len(STATES)
#: Where a chord stands: off the strong beats, on them, under a tune that holds, under a note that ends a phrase.
WEAK, STRONG, HELD, CLOSE = range(4)
N_PLACES = 4


def tones_of(state: int) -> tuple[int, ...]:
    """Pitch classes of a state's chord, the root first."""
    root, kind, _ = STATES[state]
    return tuple((root + step) % 12 for step in list(KINDS.values())[kind])


def bass_of(state: int) -> int:
    """Pitch class of a state's bass."""
    return tones_of(state)[STATES[state][2]]


#: By state: which pitch classes are its tones (bool [states, 12]), and the pitch class of its bass (int64 [states]).
TONES = np.array([[pitch in tones_of(state) for pitch in range(12)] for state in range(N_STATES)])
BASS = np.array([bass_of(state) for state in range(N_STATES)], dtype=np.int64)
