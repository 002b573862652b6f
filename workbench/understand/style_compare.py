"""How alike two styles are: classes of density and tempo, an embedding of fixed length, and the distance in it.

The embedding is made by hand: each figure is brought to a scale on which a step of 1 is about as much as two pieces of
the same kind differ by, so that no figure drowns the others.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from workbench.nets.colour import FAMILIES
from workbench.understand.style import Style
from workbench.understand.tags import DENSE, SPARSE

Floats = npt.NDArray[np.float64]

#: Names of the classes of density, and the notes and strokes a second from which the second and the third begin.
DENSITIES = ("sparse", "medium", "dense")
DENSITY_EDGES = (SPARSE, DENSE)
#: Numbers of an embedding.
SIZE = 12 + len(FAMILIES)


def density_class(rate: float) -> str:
    """Sparse, medium or dense, for notes and strokes a second."""
    return DENSITIES[int(np.searchsorted(DENSITY_EDGES, rate, side="right"))]


def tempo_ratio(asked: float, got: float, *, levels: bool = False) -> float:
    """``got`` as a share of ``asked``; with ``levels`` the same music counted in halves or doubles is forgiven.

    0 where either is not known.
    """
    if asked <= 0 or got <= 0:
        return 0.0
    ratios = [got / asked * level for level in ((0.5, 1.0, 2.0) if levels else (1.0,))]
    return float(min(ratios, key=lambda ratio: abs(np.log(ratio))))


def same_family(asked: Style, got: Style) -> float:
    """Share of the families heard in ``asked`` that are heard in ``got`` as well; 0 where none was heard."""
    wanted = set(asked.instruments)
    return len(wanted & set(got.instruments)) / len(wanted) if wanted else 0.0


def embedding(style: Style) -> Floats:
    """The style as a point, float64 [SIZE]; what is not known lies where it matters least."""
    beat = np.log2(style.tempo / 105.0) if style.tempo > 0 else 0.0
    figures = [
        4.0 * float(np.clip(beat, -2.0, 2.0)),
        1.0 if style.metre % 3 == 0 else 0.0,
        {"major": 1.0, "minor": -1.0}.get(style.mode, 0.0),
        1.5 * np.log2(1.0 + style.rate),
        1.5 * np.log2(1.0 + style.strokes),
        np.log2(1.0 + style.voices),
        (style.middle - 60.0) / 8.0 if style.middle > 0 else 0.0,
        (style.high - style.low - 24.0) / 12.0 if style.high > 0 else 0.0,
        (style.loudness - 75.0) / 20.0 if style.loudness > 0 else 0.0,
        style.dynamics / 20.0,
        12.0 * (style.swing - 0.5),
        np.log2(1.0 + style.chord_beats) + style.sevenths,
    ]
    # The families heard, the surest counting most; together about as much as two figures.
    heard = {name: 1.4 / (1 + place) ** 0.5 for place, name in enumerate(style.instruments)}
    return np.array([*figures, *(heard.get(name, 0.0) for name in FAMILIES)], np.float64)


def style_distance(one: Style, other: Style) -> float:
    """How far apart two styles lie: 0 for the same; about 1 for two excerpts of one piece, 3 for two strangers."""
    return float(np.linalg.norm(embedding(one) - embedding(other)) / 2.0)
