"""Who plays a scene: bands of four, singers, choirs and harps, given the parts of music written for something else.

Songs of POP909 have a melody, a second voice and a piano, and no band: here the melody is sung or played as a lead, the
piano's part may go to guitars, a bass follows the chords in one of a few habits, and drums are laid underneath.
"""

from __future__ import annotations

import numpy as np

from workbench.training.corpora import DRUMS, PPQ, Piece

#: What a sung note's program says: General MIDI has none.
SUNG = 129
LEADS = (4, 11, 16, 21, 22, 26, 27, 28, 29, 30, 30, 40, 56, 57, 61, 64, 65, 66, 68, 71, 73, 75, 80, 81, 82, 84)
CHORDS = (0, 0, 0, 1, 2, 3, 4, 4, 5, 5, 6, 7, 16, 17, 18, 24, 24, 25, 25, 25, 26, 27, 27, 28, 29, 30, 46, 48, 50, 89)
BASSES = (32, 33, 33, 33, 34, 34, 35, 36, 37, 38, 39)
CHOIRS = (46, 46, 46, 48, 49, 50, 51, 52, 52, 52, 53, 53, 54, 19, 44, 45)
VOICES = ("voice", "sing", "chant", "soprano", "canto")
#: How a bass goes through a bar: (beat, octave or fifth) by habit.
HABITS = (
    ((0, 0),), ((0, 0), (2, 0)), ((0, 0), (1, 0), (2, 0), (3, 0)), ((0, 0), (1.5, 0), (2, 7)), ((0, 0), (2, 7)),
    tuple((n / 2, 0) for n in range(8)), ((0, 0), (0.5, 12), (1, 0), (1.5, 12), (2, 0), (2.5, 12), (3, 0), (3.5, 12)),
    ((0, 0), (0.75, 0), (1.5, 12), (2, 0), (3.5, 7)), ((0, 0), (1, 4), (2, 7), (3, 9)),
)  # fmt: skip


def sung_track(piece: Piece) -> int | None:
    """The track that a singer would sing, where there is one."""
    if piece.corpus == "folk":
        return 0
    for number, name in enumerate(piece.tracks):
        if name == "MELODY" or (piece.corpus == "lieder" and any(word in name.lower() for word in VOICES)):
            return number
    return None


def cast(rows: np.ndarray, tracks: np.ndarray, piece: Piece, rng: np.random.Generator) -> bool:
    """Give the parts of a scene to a band, a singer or a choir, in place; whether the scene wants bass and drums."""
    drums = rows[:, 4] == DRUMS
    voice, band = sung_track(piece), piece.corpus == "pop909_main" and rng.random() < 0.8
    if piece.corpus in ("polish", "quartets", "lieder") and rng.random() < 0.5:
        for track in np.unique(tracks):
            rows[(tracks == track) & ~drums, 4] = int(rng.choice(CHOIRS))
    if band:
        lead, chords, second = (int(rng.choice(part)) for part in (LEADS, CHORDS, LEADS + CHORDS))
        for number, name in enumerate(piece.tracks):
            program = lead if name == "MELODY" else second if name == "BRIDGE" else chords
            rows[(tracks == number) & ~drums, 4] = program
    mine = (tracks == voice) & ~drums if voice is not None else np.zeros(len(rows), bool)
    if mine.sum() > 2 and 46 <= np.median(rows[mine, 2]) <= 80 and rng.random() < 0.6:
        order = np.sort(rows[mine, 0])
        if np.median(np.diff(order)) > 0.11:  # nobody sings faster
            rows[mine, 4] = SUNG
    return band


def bass(
    piece: Piece, begin: float, stretch: float, shift: int, seconds: float, rng: np.random.Generator
) -> np.ndarray:
    """Notes of a bass under a song's chords: rows (start, end, pitch, velocity, program)."""
    habit, program, level = HABITS[int(rng.integers(len(HABITS)))], int(rng.choice(BASSES)), rng.uniform(60, 115)
    lowest, short = int(rng.integers(26, 33)), rng.uniform(0.4, 1.0)
    out = []
    for start, length, root, _ in piece.chords[:, :4]:
        pitch = lowest + (int(root) + shift - lowest) % 12
        for bar in range(0, int(length), PPQ * 4):
            for beat, above in habit:
                at = bar + round(beat * PPQ)
                if at >= length:
                    continue
                hold = min(PPQ * 4 / len(habit), length - at) * short
                times = piece.seconds(np.array([start + at, start + at + hold])) * stretch - begin
                if 0 <= times[0] < seconds - 0.1:
                    late = rng.normal(0, 0.008)
                    velocity = np.clip(level + rng.normal(0, 7), 20, 127)
                    out.append((max(0.0, times[0] + late), min(seconds, times[1]), pitch + above, velocity, program))
    return np.array(out, np.float32).reshape(-1, 5)
