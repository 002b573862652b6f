"""Does a long continuation hold together? Key at the end, and how much its sections come back, against real songs.

*Self-similarity*: bars are compared by what begins on each quarter of them (pitch classes, weighted by length); each
stretch of four bars after the eighth is given the mean cosine with the earlier stretch that it is likest to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from workbench.tokens import grid12 as g
from workbench.tokens import rows as r
from workbench.training.grid_pieces import GridPiece

SECTION = 4
OPENING = 8
#: Bars of four quarters that last three minutes at 120 to the minute.
BARS = 90
#: Songs shorter than this tell little about form.
LEAST = 60
#: Continues: the opening's notes (int64 [n, 5], not in C), programs, bar lines, span in ticks, seed; to the new notes.
Continuer = Callable[[np.ndarray, np.ndarray, g.Bars, tuple[int, int], int], np.ndarray]


def features(notes: np.ndarray, lines: np.ndarray) -> np.ndarray:
    """One vector a bar, float64 [bars, 48]: length that begins in each quarter (of four) by pitch class."""
    bars = g.Bars(lines)
    melodic = notes[notes[:, r.SLOT] != g.DRUM_SLOT]
    bar, position, length = bars.locate(melodic[:, r.TICK])
    inside = (bar >= 0) & (bar < len(lines) - 1)
    quarter = np.minimum(3, 4 * position // np.maximum(1, length))
    out = np.zeros((len(lines) - 1, 48))
    ticks = np.asarray(g.DURATION_TICKS)[melodic[:, r.DURATION]]
    column = 12 * quarter + melodic[:, r.PITCH] % 12
    np.add.at(out, (bar[inside], column[inside]), ticks[inside])
    return out


def self_similarity(notes: np.ndarray, lines: np.ndarray) -> float:
    """See the module's text: 0.0 (nothing ever comes back) to 1.0 (every section did before)."""
    vectors = features(notes, lines)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    alike = vectors @ vectors.T
    best = []
    for start in range(OPENING, len(vectors) - SECTION + 1, SECTION):
        earlier = [
            float(np.mean([alike[start + k, at + k] for k in range(SECTION)])) for at in range(start - SECTION + 1)
        ]
        best.append(max(earlier))
    return float(np.mean(best)) if best else 0.0


def tonic(notes: np.ndarray) -> int:
    """Tonic of the major scale that fits best (a minor key counts as its relative major)."""
    melodic = notes[notes[:, r.SLOT] != g.DRUM_SLOT]
    return g.best_major(g.pitch_class_counts(melodic[:, r.PITCH], np.asarray(g.DURATION_TICKS)[melodic[:, r.DURATION]]))


def _between(notes: np.ndarray, lines: np.ndarray, first: int, last: int) -> np.ndarray:
    inside = (notes[:, r.TICK] >= lines[first]) & (notes[:, r.TICK] < lines[last])
    return np.asarray(notes[inside])


def report(pieces: Sequence[GridPiece], go_on: Continuer, bars: int = BARS) -> dict[str, Any]:
    """Songs of :data:`LEAST` bars or more, and their openings continued to ``bars`` bars: means over the songs."""
    rows: list[tuple[float, float, bool, bool, float]] = []
    for number, piece in enumerate(pieces):
        lines = piece.bars.starts
        first = int(np.searchsorted(lines, piece.notes[0, r.TICK], side="right")) - 1
        lines = lines[max(0, first) :]
        sung = min(bars, len(lines) - 1)
        if sung < LEAST:
            continue
        real = _between(piece.notes, lines, 0, sung)
        opening = _between(piece.notes, lines, 0, OPENING)
        step = int(np.median(np.diff(lines[: OPENING + 1])))
        even = np.concatenate([lines[: OPENING + 1], lines[OPENING] + step * np.arange(1, bars - OPENING + 1)])
        made = go_on(opening, piece.programs, g.Bars(even), (int(even[OPENING]), int(even[bars])), number)
        whole = np.concatenate([opening, made])
        home = tonic(opening)
        density = len(made) / max(1, bars - OPENING) / max(1e-9, len(real) / sung)
        rows.append(
            (
                self_similarity(real, lines[: sung + 1]), self_similarity(whole, even),
                tonic(_between(real, lines, sung - OPENING, sung)) == home,
                tonic(_between(whole, even, bars - OPENING, bars)) == home, density,
            )
        )  # fmt: skip
    if not rows:
        return {"songs": 0}
    real_like, made_like, real_home, made_home, dense = np.array(rows, dtype=np.float64).T
    return {
        "songs": len(rows), "bars": bars,
        "self-similarity, real": round(float(real_like.mean()), 4),
        "self-similarity, continued": round(float(made_like.mean()), 4),
        "ends in the opening's key, real": round(float(real_home.mean()), 4),
        "ends in the opening's key, continued": round(float(made_home.mean()), 4),
        "notes a bar against the song's": round(float(dense.mean()), 4),
    }  # fmt: skip
