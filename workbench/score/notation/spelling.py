"""How pitches are spelled, which key a piece without one is in, and which clef suits a track."""

from __future__ import annotations

from bisect import bisect_right

import numpy as np

from workbench.score import keys
from workbench.score.lanes import Key
from workbench.score.score import Score, Track

_LINE = "FCGDAEB"


def spell(pitch: int, fifths: int) -> tuple[str, int, int]:
    """Step, alteration and octave of a MIDI pitch in a key signature.

    Chromatic tones are spelled within twelve steps of the line of fifths, from the lowered third to the raised
    fifth above the tonic, which also gives minor keys their leading tone.
    """
    line = fifths - 3 + (pitch * 7 - fifths + 3) % 12
    step, alter = _LINE[(line + 1) % 7], (line + 1) // 7
    natural = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}[step]
    return step, alter, (pitch - alter - natural) // 12 - 1


def key_alter(step: str, fifths: int) -> int:
    """What the key signature does to a step: 1 sharp, -1 flat, 0 nothing."""
    place = _LINE.index(step)
    return int(place < fifths) - int(6 - place < -fifths)


def estimate_key(score: Score) -> Key:
    """The key of the whole piece by correlation with probe-tone profiles, notes weighted by length."""
    weights = [0.0] * 12
    for track in score.tracks:
        if not track.is_drum:
            for note in track.notes.values():
                weights[note.pitch % 12] += min(note.duration, 4 * score.ppq) + 1
    guess = keys.estimate_key(np.array(weights))
    fifths = ((guess.tonic - (9 if guess.mode == "minor" else 0)) * 7 + 5) % 12 - 5
    return Key(0, fifths, guess.mode)


class KeyMap:
    """The key in force at a tick."""

    def __init__(self, lane: list[Key]) -> None:
        self.keys = lane
        self._ticks = [key.tick for key in lane]

    def at(self, tick: int) -> Key:
        """The last key at or before ``tick`` (the first one before that)."""
        return self.keys[max(0, bisect_right(self._ticks, tick) - 1)]


_GRAND_STAFF = (*range(9), *range(16, 21), 46)
_GUITARS, _BASSES, _VIOLA = range(24, 32), (*range(32, 40), 43), 41


def needs_grand_staff(track: Track) -> bool:
    """Whether a keyboard or harp track goes far enough both ways for two staves."""
    pitches = [note.pitch for note in track.notes.values()]
    return (
        not track.is_drum and track.program in _GRAND_STAFF and bool(pitches) and min(pitches) < 55 < 64 < max(pitches)
    )


def clef(track: Track, pitches: list[int]) -> tuple[str, int, int]:
    """Sign, line and octave change of the clef for these pitches of a track."""
    if track.is_drum:
        return "percussion", 2, 0
    if track.program in _GUITARS:
        return "G", 2, -1
    if track.program in _BASSES:
        return "F", 4, -1
    middle = sorted(pitches)[len(pitches) // 2] if pitches else 60
    if track.program == _VIOLA and 50 <= middle <= 71:
        return "C", 3, 0
    return ("G", 2, 0) if middle >= 58 else ("F", 4, 0)


def split_hands(track: Track) -> dict[str, int]:
    """Staff (1 upper, 2 lower) of every note of a grand staff.

    What is struck together within an octave stays together, on the side of middle C where most of it lies.
    """
    groups: dict[int, list[tuple[int, str]]] = {}
    for note in track.notes.values():
        groups.setdefault(note.start, []).append((note.pitch, note.id))
    staves: dict[str, int] = {}
    for group in groups.values():
        pitches = [pitch for pitch, _ in group]
        together = max(pitches) - min(pitches) <= 12
        mean = sum(pitches) / len(pitches)
        for pitch, name in group:
            staves[name] = 1 if (mean if together else pitch) >= 60 else 2
    return staves
