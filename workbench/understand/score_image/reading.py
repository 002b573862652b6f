"""Grey pages read with the built-in network: level, look, assemble, describe."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.errors import BadFile, Cancelled
from workbench.understand.score_image.assemble import assemble
from workbench.understand.score_image.beams import BeamCounter
from workbench.understand.score_image.describe import describe
from workbench.understand.score_image.detect import detect
from workbench.understand.score_image.layout import find_staves
from workbench.understand.score_image.level import Level, leveled, turned_over
from workbench.understand.score_image.readscore import ReadScore
from workbench.understand.score_image.symbols import MASK_STRIDE, SPACE, Detected

MODEL = "read-score"
#: Widest picture of a page that is shown, in pixels.
SHOWN_WIDTH = 2_000
#: Pixels a staff space at which beams are counted, at most.
_FINE = 20.0
#: The least that the median confidence of a page's noteheads may be: on prints and photos of them it is above .9, on
#: noise, films and screens below .55.
_SUREST = 0.62
#: Fewer noteheads than these must be surer: a bar with one note in it is music, a speck on a page of words is none.
_FEW, _SURE = 3, 0.85
NO_MUSIC = "No notes were found here; give a picture of printed music, as sharp and straight as you can."


def read_pages(
    greys: Sequence[NDArray[np.uint8]],
    *,
    progress: Callable[[float], object] | None = None,
    cancelled: Callable[[], bool] | None = None,
    folder: Path | None = None,
) -> ReadScore:
    """Read grey pages, uint8 [H, W], 255 white, with the built-in network.

    Arguments and errors are those of :func:`workbench.understand.score_image.read.read_score`; ``folder``: of the
    network, where it is not the embedded one.
    """
    tell = progress or (lambda share: None)
    remarks: list[str] = []
    found: list[Detected] = []
    levels: list[Level] = []
    sides: list[tuple[int, bool]] = []  # which page of the source, and whether it was upside down
    fine: list[tuple[NDArray[np.float32], float, NDArray[np.uint8], int]] = []
    problem: BadFile | None = None
    for number, grey in enumerate(greys, 1):
        if cancelled is not None and cancelled():
            raise Cancelled

        def share(done: float, base: int = number - 1) -> None:
            tell(0.95 * (base + done) / len(greys))

        try:
            level, detected, over = read_symbols(grey, share, cancelled, folder)
        except BadFile as error:
            problem = error
            remarks.append(f"Page {number} was left out: {str(error)[0].lower()}{str(error)[1:]}")
            continue
        if over:
            remarks.append("The picture was upside down and was turned." if len(greys) == 1 else
                           f"Page {number} was upside down and was turned.")  # fmt: skip
        levels.append(level)
        sides.append((number, over))
        found.append(detected)
        per_space = min(_FINE, level.space)
        beam = detected.masks.get("beam", np.zeros((1, 1), dtype=np.uint8))
        fine.append((level.draw(per_space).astype(np.float16), per_space, beam, MASK_STRIDE))
    if not found:
        raise problem or BadFile(NO_MUSIC)
    systems = assemble(found, BeamCounter(fine), [level.draw(SPACE) for level in levels])
    zooms = [shown(level) / SPACE for level in levels]
    sizes = [level.size(zoom * SPACE) for level, zoom in zip(levels, zooms, strict=True)]
    pages, parts = describe(systems, sizes, zooms)
    pages = tuple(replace(page, number=n, turned=over) for page, (n, over) in zip(pages, sides, strict=True))
    if systems and not any(head.time for music in systems for _, head in music.heads):
        upper, lower = next(bar.time or (4, 4) for music in systems for bar in music.bars)
        remarks.append(f"No time signature was found; the bars add up to {upper}/{lower}.")
    score = ReadScore(pages, parts, tuple(remarks), MODEL)
    if not score.note_count:
        raise BadFile(NO_MUSIC)
    tell(1.0)
    return score


def read_symbols(
    grey: NDArray[np.uint8],
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    folder: Path | None = None,
) -> tuple[Level, Detected, bool]:
    """A page made level, its symbols, and whether it had been upside down.

    Raises:
        BadFile: it is empty or holds no music.
    """
    level = leveled(grey)
    detected = _found(level, progress, cancelled, folder)
    over = False
    if _clefs(detected) * 2 < _starts(detected):
        other_level = turned_over(level)
        other = _found(other_level, None, cancelled, folder)
        if _clefs(other) > _clefs(detected):
            level, detected, over = other_level, other, True
    heads = [s.confidence for s in detected.symbols if s.kind.startswith("head_")]
    least = _SUREST if len(heads) >= _FEW else _SURE
    if not heads or float(np.median(heads)) < least or not detected.masks.get("line", np.zeros(1)).any():
        raise BadFile(NO_MUSIC)
    return level, detected, over


def _found(
    level: Level, progress: Callable[[float], None] | None, cancelled: Callable[[], bool] | None, folder: Path | None
) -> Detected:
    return detect(level.draw(SPACE), progress, cancelled, folder=folder, scale=level.space / SPACE)


def _clefs(found: Detected) -> int:
    return sum(s.kind.startswith("clef_") and s.confidence > 0.5 for s in found.symbols)


def _starts(found: Detected) -> int:
    return len(find_staves(found))


def shown(level: Level) -> float:
    """Pixels a staff space of the picture that is shown: as fine as the source, at most :data:`SHOWN_WIDTH` wide."""
    width, _ = level.size(level.space)
    return level.space * min(1.0, SHOWN_WIDTH / width)
