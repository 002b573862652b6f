"""Does the piece follow the curves that were drawn into its plan: how loud it sounds, and how many notes it has."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from workbench.create.prompt import fullness
from workbench.create.prompt.brief import Brief
from workbench.create.prompt.card import Line
from workbench.create.prompt.measures.shares import correlation, few, sampled, smoothed
from workbench.create.prompt.measures.video import follows
from workbench.create.prompt.piece import LOUD_FPS, Piece

Floats = npt.NDArray[np.float64]

#: Pearson's correlation from which a curve counts as followed, and that of a piece made without it.
TARGET, CHANCE = 0.8, 0.15
#: Notes are counted over at least so many seconds around each moment; a bar where that is longer.
AROUND = 2.0
#: A curve that rises and falls by less than this asks for nothing.
FLAT = 0.05


def measure(brief: Brief, piece: Piece) -> list[Line]:
    """The lines of the curves that a person drew."""
    out = []
    if "dynamics" in brief.drawn and moves(brief.dynamics) and piece.audio is not None:
        value, asked, got = follows(brief.dynamics, brief.seconds, piece)
        out.append(_line("loudness drawn", value, asked, got, "soft and loud", "audio"))
    if "density" in brief.drawn and moves(brief.density) and piece.notes:
        asked, got = densities(brief, piece)
        out.append(_line("density drawn", correlation(asked, got), asked, got, "few and many notes", "score"))
    return out


def moves(rows: tuple[tuple[float, float], ...]) -> bool:
    """Whether a curve asks for anything."""
    return len(rows) > 1 and float(np.ptp([value for _, value in rows])) >= FLAT


def densities(brief: Brief, piece: Piece) -> tuple[Floats, Floats]:
    """The curve as it was drawn, and that for which the piece's notes stand, :data:`LOUD_FPS` a second.

    Without the last bar, where the last chord sounds out whatever was drawn.
    """
    bar = brief.bar_quarters * 60.0 / brief.tempo
    count = max(1, int((brief.seconds - bar) * LOUD_FPS))
    width = round(max(AROUND, bar) * LOUD_FPS)
    asked = sampled(brief.density, (np.arange(count, dtype=np.float64) + 0.5) / LOUD_FPS)
    starts = [note.start for note in piece.notes if note.start < count / LOUD_FPS]
    rate = np.histogram(starts, count, (0.0, count / LOUD_FPS))[0] * LOUD_FPS
    usual = fullness.usual_rate(brief)
    got = [fullness.value_of(float(value) / usual) for value in smoothed(rate.astype(np.float64), width)]
    return smoothed(asked, width), np.array(got, np.float64)


def _line(name: str, value: float, asked: Floats, got: Floats, what: str, taken: str) -> Line:
    if value >= TARGET:
        said = f"It has {what} where you drew them."
    elif value >= 0.4:
        said = f"It has {what} much as you drew them, but not everywhere."
    else:
        said = f"It hardly follows what you drew for {what}."
    times = (np.arange(len(asked)) / LOUD_FPS).tolist()
    want, have = (few(list(zip(times, curve.tolist(), strict=True))) for curve in (asked, got))
    return Line("plan", name, min(1.0, max(0.0, value)), TARGET, said, CHANCE, taken, "curve", want, have)
