"""Chords for the sections that have no bars of the tune: a rise, a contrast, a turn back, a close."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.score.keys import KeyGuess

#: Semitones above the tonic and quality of the degrees, in major and in minor.
MAJOR = {
    "I": (0, "maj"), "ii": (2, "min"), "iii": (4, "min"), "IV": (5, "maj"), "V": (7, "maj"), "V7": (7, "7"),
    "vi": (9, "min"), "iv": (5, "min"),
}  # fmt: skip
MINOR = {
    "i": (0, "min"), "III": (3, "maj"), "iv": (5, "min"), "V": (7, "maj"), "V7": (7, "7"), "VI": (8, "maj"),
    "VII": (10, "maj"),
}  # fmt: skip
#: A bar a chord. A bridge leaves home at once and ends on the dominant; a build climbs to it.
BRIDGES = {
    "major": ("vi IV I V vi IV ii V7", "IV I ii vi IV I ii V7", "vi iii IV I ii vi IV V7", "ii V I vi ii iv V V7"),
    "minor": ("VI VII III i VI iv V V7", "iv VII III VI iv i V V7", "III VII iv VI III VII V V7"),
}  # fmt: skip
BUILDS = {"major": ("IV V vi V7", "ii IV V V7", "IV IV V V7"), "minor": ("iv VI VII V7", "VI VII iv V7", "iv iv V V7")}


def chord(key: KeyGuess, degree: str) -> tuple[int, str]:
    """Root and quality of a degree of a key."""
    above, quality = (MAJOR if key.mode == "major" else MINOR)[degree]
    return (key.tonic + above) % 12, quality


def tonic(key: KeyGuess) -> tuple[int, str]:
    """Root and quality of the home chord."""
    return key.tonic, "maj" if key.mode == "major" else "min"


def row_for(kind: str, bars: int, key: KeyGuess, known: Sequence[int], choice: int) -> list[tuple[int, str]]:
    """A chord for each bar of a bridge or a build.

    Args:
        kind: "bridge" or "build".
        bars: how many; rows are repeated, and always end on their last two chords.
        key: of the piece.
        known: roots of the tune's chords; a bridge takes the row that is least like them.
        choice: which of the two best rows, or of all builds.
    """
    rows = [text.split() for text in (BRIDGES if kind == "bridge" else BUILDS)[key.mode]]
    if kind == "bridge":
        rows.sort(key=lambda row: sum(a == chord(key, b)[0] for a, b in zip(known, row, strict=False)))
        rows = rows[:2]
    row = rows[choice % len(rows)]
    if bars <= 2:
        body = row[len(row) - bars :]
    else:
        body = [row[at % len(row)] for at in range(bars - 2)] + row[-2:]
    return [chord(key, degree) for degree in body]
