"""A picture or PDF of a score, read.

found = read_score("page.jpg")              # workbench.understand.score_image.readscore.ReadScore
found.to_score().save("page.musicxml")
found.corrected([{"id": "e7", "pitches": [62]}]).to_json()
page_images("page.jpg")                     # what its boxes are drawn over, as PNG files
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import BadFile, Cancelled
from workbench.understand.score_image.assemble import assemble
from workbench.understand.score_image.beams import BeamCounter
from workbench.understand.score_image.describe import describe
from workbench.understand.score_image.detect import detect
from workbench.understand.score_image.level import Level, leveled, turned_over
from workbench.understand.score_image.pages import open_pages
from workbench.understand.score_image.readscore import ReadScore
from workbench.understand.score_image.symbols import MASK_STRIDE, SPACE, Detected

if TYPE_CHECKING:
    from workbench.hub.hub import Hub

MODEL = "read-score"
#: Widest picture of a page that is shown, in pixels.
SHOWN_WIDTH = 2_000
#: Pixels a staff space at which beams are counted, at most.
_FINE = 20.0
#: Fewest noteheads of a page of music, and their least mean confidence.
_FEWEST, _SUREST = 3, 0.42
_NO_MUSIC = "No notes were found here; give a picture of printed music, as sharp and straight as you can."


def read_score(
    source: str | Path | bytes,
    *,
    pages: Sequence[int] | None = None,
    progress: Callable[[float], object] | None = None,
    cancelled: Callable[[], bool] | None = None,
    model: str | None = None,
    hub: Hub | None = None,
    ended: Callable[[Any], None] | None = None,
) -> ReadScore:
    """Read a picture or PDF of a score.

    Args:
        source: a path, or the file's bytes: PNG, JPEG, WEBP, HEIC, PDF.
        pages: which pages of a PDF, counted from 1; left out: all.
        progress: told the share that is done, 0 to 1.
        cancelled: asked often; the work stops where it says so.
        model: of the hub; left out: the built-in one.
        hub: where models run; left out: the hub of this process.
        ended: hears of the run of the model, for records (see :meth:`workbench.hub.hub.Hub.run`).

    Raises:
        BadFile: the file cannot be read, or there is no music on it.
        BadRequest: the model does something else.
        Cancelled: ``cancelled`` said so.
        Unavailable: the model, or the library for the file's format, cannot be had.
    """
    return read_pages(open_pages(source, pages), progress=progress, cancelled=cancelled)


def read_pages(
    greys: Sequence[NDArray[np.uint8]],
    *,
    progress: Callable[[float], object] | None = None,
    cancelled: Callable[[], bool] | None = None,
    folder: Path | None = None,
) -> ReadScore:
    """Read grey pages (uint8 [H, W], 255 white) with the built-in network; as :func:`read_score`."""
    tell = progress or (lambda share: None)
    remarks: list[str] = []
    found: list[Detected] = []
    levels: list[Level] = []
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
        found.append(detected)
        per_space = min(_FINE, level.space)
        beam = detected.masks.get("beam", np.zeros((1, 1), dtype=np.uint8))
        fine.append((level.draw(per_space).astype(np.float16), per_space, beam, MASK_STRIDE))
    if not found:
        raise problem or BadFile(_NO_MUSIC)
    systems = assemble(found, BeamCounter(fine))
    zooms = [_shown(level) / SPACE for level in levels]
    sizes = [level.size(zoom * SPACE) for level, zoom in zip(levels, zooms, strict=True)]
    pages, parts = describe(systems, sizes, zooms)
    score = ReadScore(pages, parts, tuple(remarks), MODEL)
    if not score.note_count:
        raise BadFile(_NO_MUSIC)
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
    if len(heads) < _FEWEST or float(np.mean(heads)) < _SUREST or not detected.masks.get("line", np.zeros(1)).any():
        raise BadFile(_NO_MUSIC)
    return level, detected, over


def _found(
    level: Level, progress: Callable[[float], None] | None, cancelled: Callable[[], bool] | None, folder: Path | None
) -> Detected:
    return detect(level.draw(SPACE), progress, cancelled, folder=folder, scale=level.space / SPACE)


def _clefs(found: Detected) -> int:
    return sum(s.kind.startswith("clef_") and s.confidence > 0.5 for s in found.symbols)


def _starts(found: Detected) -> int:
    from workbench.understand.score_image.layout import find_staves

    return len(find_staves(found))


def _shown(level: Level) -> float:
    """Pixels a staff space of the picture that is shown: as fine as the source, at most :data:`SHOWN_WIDTH` wide."""
    width, _ = level.size(level.space)
    return level.space * min(1.0, SHOWN_WIDTH / width)


def page_images(source: str | Path | bytes, *, pages: Sequence[int] | None = None) -> list[bytes]:
    """The pages that were read as PNG files, upright and level, in whose pixels all boxes are.

    Pages without music are left out, as in :func:`read_score`. A page read upside down is shown turned.

    Raises:
        BadFile: as :func:`read_score`.
    """
    from PIL import Image

    out: list[bytes] = []
    problem: BadFile | None = None
    for grey in open_pages(source, pages):
        try:
            level, _, _ = read_symbols(grey)
        except BadFile as error:
            problem = error
            continue
        ink = level.draw(_shown(level))
        buffer = BytesIO()
        Image.fromarray(np.round(255 * (1 - ink)).astype(np.uint8)).save(buffer, "PNG")
        out.append(buffer.getvalue())
    if not out:
        raise problem or BadFile(_NO_MUSIC)
    return out
