"""Melodies for synthetic voices to sing: phrases of held-out folk tunes and of the voices of held-out Lieder."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.training.corpora import pieces
from workbench.training.pieces import DURATION, ONSET, PITCH, PPQ, TRACK, Piece
from workbench.training.splits import Split

SIDES: tuple[Split, ...] = ("valid", "test")
WIDEST = 17  #: semitones that a phrase may span


@dataclass(frozen=True, slots=True)
class Tune:
    """A phrase: notes as (onset, length, pitch) in beats of its metre, and how many beats a bar has.

    A beat of a compound metre (6/8) is a dotted quarter. Beat 0 is the first beat of a bar.
    """

    name: str
    notes: tuple[tuple[float, float, int], ...]
    metre: int


def _beat(numerator: int, denominator: int) -> tuple[int, int]:
    """Ticks of a beat, and beats of a bar."""
    unit = 4 * PPQ // denominator
    if denominator == 8 and numerator % 3 == 0 and numerator > 3:
        return 3 * unit, numerator // 3
    return unit, numerator


def _phrase(piece: Piece, rows: np.ndarray, beats: int, rng: np.random.Generator) -> Tune | None:
    beat, metre = _beat(int(piece.meters[0][1]), int(piece.meters[0][2]))
    if len(piece.meters) > 1 or len(piece.downbeats) < 3 or metre not in (2, 3, 4):
        return None
    rows = rows[np.argsort(rows[:, ONSET], kind="stable")]
    bars = piece.downbeats[piece.downbeats <= rows[-1, ONSET]]
    start = int(bars[int(rng.integers(0, max(1, len(bars) * 2 // 3)))])
    rows = rows[(rows[:, ONSET] >= start - 10) & (rows[:, ONSET] < start + beats * beat)]
    grid = beat / 12
    found: list[tuple[float, float, int]] = []
    for row in rows:
        at = round((int(row[ONSET]) - start) / grid) / 12
        length = max(1, round(int(row[DURATION]) / grid)) / 12
        if found and at <= found[-1][0]:
            continue
        if found and found[-1][0] + found[-1][1] > at:
            found[-1] = (found[-1][0], at - found[-1][0], found[-1][2])
        found.append((at, length, int(row[PITCH])))
    if len(found) < 10:
        return None
    pitches = [pitch for _, _, pitch in found]
    shortest = float(np.quantile([length for _, length, _ in found], 0.1))
    if max(pitches) - min(pitches) > WIDEST or shortest < 0.24 or max(length for _, length, _ in found) > 8:
        return None
    return Tune(piece.id, tuple(found), metre)


def tunes(count: int, *, seed: int = 0, beats: int = 24) -> list[Tune]:
    """Phrases of works that nothing was trained on, folk tunes and Lieder in turn.

    Args:
        count: how many; fewer only where the corpora have no more.
        seed: which phrases.
        beats: the length of one.

    Raises:
        Unavailable: the corpora are not on this machine.
    """
    rng = np.random.default_rng(seed)
    folk = [(piece, piece.notes) for side in SIDES for piece in pieces("folk", side)]
    lieder = [piece for side in SIDES for piece in pieces("lieder", side) if piece.tracks and "oice" in piece.tracks[0]]
    sources = [folk, [(piece, piece.notes[piece.notes[:, TRACK] == 0]) for piece in lieder]]
    for source in sources:
        rng.shuffle(source)  # type: ignore[arg-type]
    out: list[Tune] = []
    place = 0
    while len(out) < count and place < max(len(source) for source in sources):
        for source in sources:
            if place < len(source) and len(source[place][1]) and len(out) < count:
                found = _phrase(*source[place], beats, rng)
                if found is not None:
                    out.append(found)
        place += 1
    return out
