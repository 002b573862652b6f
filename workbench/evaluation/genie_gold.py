"""Eight well-known tunes with the buttons a person would press for them: evaluation input only, never trained on.

The button lines were written by hand before the network was trained, by one rule: a scale step is a button, the tune's
span is centred on the eight buttons, and where a tune spans more than eight steps its widest leaps are squeezed.
"""

from __future__ import annotations

import numpy as np

_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}

#: Name, notes (letter, accidental, octave), buttons from 0.
GOLD: tuple[tuple[str, str, str], ...] = (
    (
        "Mary Had a Little Lamb",
        "E4 D4 C4 D4 E4 E4 E4 D4 D4 D4 E4 G4 G4 E4 D4 C4 D4 E4 E4 E4 E4 D4 D4 E4 D4 C4",
        "4 3 2 3 4 4 4 3 3 3 4 6 6 4 3 2 3 4 4 4 4 3 3 4 3 2",
    ),
    (
        "Twinkle, Twinkle, Little Star",
        "C4 C4 G4 G4 A4 A4 G4 F4 F4 E4 E4 D4 D4 C4 G4 G4 F4 F4 E4 E4 D4 G4 G4 F4 F4 E4 E4 D4",
        "1 1 5 5 6 6 5 4 4 3 3 2 2 1 5 5 4 4 3 3 2 5 5 4 4 3 3 2",
    ),
    (
        "Ode to Joy",
        "E4 E4 F4 G4 G4 F4 E4 D4 C4 C4 D4 E4 E4 D4 D4 E4 E4 F4 G4 G4 F4 E4 D4 C4 C4 D4 E4 D4 C4 C4",
        "4 4 5 6 6 5 4 3 2 2 3 4 4 3 3 4 4 5 6 6 5 4 3 2 2 3 4 3 2 2",
    ),
    (
        "Happy Birthday",
        "G3 G3 A3 G3 C4 B3 G3 G3 A3 G3 D4 C4 G3 G3 G4 E4 C4 B3 A3 F4 F4 E4 C4 D4 C4",
        "1 1 2 1 4 3 1 1 2 1 5 4 1 1 7 6 4 3 2 7 7 6 4 5 4",
    ),
    (
        "Jingle Bells",
        "E4 E4 E4 E4 E4 E4 E4 G4 C4 D4 E4 F4 F4 F4 F4 F4 E4 E4 E4 E4 D4 D4 E4 D4 G4",
        "4 4 4 4 4 4 4 6 2 3 4 5 5 5 5 5 4 4 4 4 3 3 4 3 6",
    ),
    (
        "Korobeiniki",
        "E5 B4 C5 D5 C5 B4 A4 A4 C5 E5 D5 C5 B4 C5 D5 E5 C5 A4 A4",
        "5 2 3 4 3 2 1 1 3 5 4 3 2 3 4 5 3 1 1",
    ),
    (
        "Frère Jacques",
        "C4 D4 E4 C4 C4 D4 E4 C4 E4 F4 G4 E4 F4 G4 G4 A4 G4 F4 E4 C4 G4 A4 G4 F4 E4 C4 C4 G3 C4 C4 G3 C4",
        "2 3 4 2 2 3 4 2 4 5 6 4 5 6 6 7 6 5 4 2 6 7 6 5 4 2 2 0 2 2 0 2",
    ),
    (
        "God Save the King",
        "G4 G4 A4 F#4 G4 A4 B4 B4 C5 B4 A4 G4 A4 G4 F#4 G4",
        "3 3 4 2 3 4 5 5 6 5 4 3 4 3 2 3",
    ),
)


def gold_lines() -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Name, MIDI pitches (int64 [n]) and buttons (int64 [n], 0 to 7) of every tune."""
    out = []
    for name, notes, buttons in GOLD:
        pitches = [_STEPS[note[0]] + ("#" in note) + 12 * (int(note[-1]) + 1) for note in notes.split()]
        out.append((name, np.array(pitches, np.int64), np.array([int(item) for item in buttons.split()], np.int64)))
    return out
