"""Chords of the chord lane as people write them: ``F#m7``, ``C/E``; lead-sheet symbols, flats where these are usual."""

from __future__ import annotations

from workbench.score.lanes import Chord

_SYMBOLS = {
    "maj": "", "min": "m", "aug": "aug", "dim": "dim", "hdim7": "m7b5", "min7": "m7", "min6": "m6", "minmaj7": "mM7",
    "min9": "m9",
}  # fmt: skip
_NAMES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


def symbol_of(chord: Chord) -> str:
    """A chord as people write it, such as ``F#m7`` or ``C/E``."""
    bass = f"/{_NAMES[chord.bass]}" if chord.bass >= 0 and chord.bass != chord.root else ""
    return _NAMES[chord.root] + _SYMBOLS.get(chord.quality, chord.quality) + bass
