"""Names of keys and chords as they are written down: "A minor", and chord labels in the syntax of mir_eval.

The labels follow C. Harte's syntax (ISMIR 2005) as mir_eval reads it: ``root:quality/bass-degree``, ``N`` for none.
"""

from __future__ import annotations

import re

from workbench.errors import BadRequest

#: As keys and chord roots are usually spelled, by pitch class.
MAJOR_NAMES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
MINOR_NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")
ROOT_NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
NO_CHORD = "N"
_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_DEGREES = {"1": 0, "2": 2, "3": 4, "4": 5, "5": 7, "6": 9, "7": 11, "9": 2}
#: mir_eval's quality -> that of the document's chord lane.
QUALITY_OF_LABEL = {
    "": "maj", "maj": "maj", "min": "min", "7": "7", "maj7": "maj7", "min7": "min7", "dim": "dim", "aug": "aug",
    "sus4": "sus4", "sus2": "sus2", "hdim7": "hdim7", "dim7": "dim7", "maj6": "6", "min6": "min6",
    "minmaj7": "minmaj7", "5": "5", "1": "5", "9": "9", "maj9": "maj9", "min9": "min9", "sus4(b7)": "7sus4",
    "aug(b7)": "aug7", "11": "9", "13": "9", "min11": "min9", "maj13": "maj9", "min13": "min9", "maj11": "maj9",
}  # fmt: skip
_LABEL_OF_QUALITY = {
    "maj": "maj", "min": "min", "7": "7", "maj7": "maj7", "min7": "min7", "dim": "dim", "aug": "aug", "sus4": "sus4",
    "sus2": "sus2", "hdim7": "hdim7", "dim7": "dim7", "6": "maj6", "min6": "min6", "minmaj7": "minmaj7", "5": "5",
    "9": "9", "maj9": "maj9", "min9": "min9", "7sus4": "sus4(b7)", "aug7": "aug(b7)",
}  # fmt: skip
_CHORD = re.compile(r"([A-G][#b]{0,2})(?::([a-z0-9]*(?:\(b7\))?))?(?:/([#b]{0,2})(\d))?\Z")
_KEY = re.compile(r"([A-Ga-g][#b]?) (major|minor)\Z")


def pitch_class(name: str) -> int:
    """Pitch class of a note's name such as ``Eb``, 0 = C; raises :class:`BadRequest`."""
    if not name or name[0] not in _LETTERS or set(name[1:]) - {"#", "b"}:
        raise BadRequest(f"{name[:20]!r} is not the name of a note; write C, F# or Bb.")
    return (_LETTERS[name[0]] + name.count("#") - name[1:].count("b")) % 12


def key_name(tonic: int, mode: str) -> str:
    """``A minor`` for (9, "minor")."""
    return f"{(MINOR_NAMES if mode == 'minor' else MAJOR_NAMES)[tonic]} {mode}"


def read_key(name: str) -> tuple[int, str]:
    """Tonic and mode of a name such as ``A minor``; raises :class:`BadRequest`."""
    found = _KEY.match(name) if isinstance(name, str) else None
    if found is None:
        raise BadRequest(f"{str(name)[:30]!r} is not a key; write it as in A minor or Eb major.")
    return pitch_class(found[1][0].upper() + found[1][1:]), found[2]


def chord_label(root: int, quality: str = "maj", bass: int = -1) -> str:
    """The label of a chord of the document's chord lane; ``bass`` is a pitch class, -1 for the root."""
    label = f"{ROOT_NAMES[root]}:{_LABEL_OF_QUALITY[quality]}"
    if bass < 0 or bass == root:
        return label
    degree = ("1", "b2", "2", "b3", "3", "4", "b5", "5", "b6", "6", "b7", "7")[(bass - root) % 12]
    return f"{label}/{degree}"


def read_chord(label: str) -> tuple[int, str, int] | None:
    """Root, quality (of the chord lane) and bass (a pitch class, -1 for the root) of a label; None for no chord.

    Raises:
        BadRequest: the label is not in the syntax, or its quality is not known.
    """
    if label in (NO_CHORD, "X"):
        return None
    found = _CHORD.match(label) if isinstance(label, str) else None
    quality = QUALITY_OF_LABEL.get(found[2] or "") if found else None
    if found is None or quality is None or (found[4] and found[4] not in _DEGREES):
        raise BadRequest(f"{str(label)[:30]!r} is not a chord; write it as in A:min7, C:maj or N for none.")
    root = pitch_class(found[1])
    if not found[4]:
        return root, quality, -1
    bass = (root + _DEGREES[found[4]] + found[3].count("#") - found[3].count("b")) % 12
    return root, quality, -1 if bass == root else bass
