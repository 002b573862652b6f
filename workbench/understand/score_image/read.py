"""A picture or PDF of a score, read.

found = read_score("page.jpg")              # workbench.understand.score_image.readscore.ReadScore
found.to_score().save("page.musicxml")
found.corrected([{"id": "e7", "pitches": [62]}]).to_json()
page_images("page.jpg", found=found)        # what its boxes are drawn over, as PNG files
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.errors import BadFile, BadRequest, Cancelled
from workbench.hub.protocol import CancelScope, Progress, Result
from workbench.hub.tasks.read_score.request import ReadScoreRequest
from workbench.understand.score_image.level import leveled, turned_over
from workbench.understand.score_image.pages import open_pages
from workbench.understand.score_image.reading import NO_MUSIC, read_pages, read_symbols, shown
from workbench.understand.score_image.readscore import ReadScore
from workbench.understand.score_image.written import ReadPage

if TYPE_CHECKING:
    from workbench.hub.hub import Hub

TASK = "read_score"


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
    if hub is None:
        from workbench.hub.shared import shared_hub

        hub = shared_hub()
    if model is not None and (spec := hub.registry.find(model)).task != TASK:
        raise BadRequest(f"The model {spec.id} does {spec.task}; choose one that reads scores.")
    greys = open_pages(source, pages)
    if model is None and hub.registry.default(TASK) is None:  # an installation whose list of models has no reader
        return read_pages(greys, progress=progress, cancelled=cancelled)
    request = ReadScoreRequest(tuple(greys))
    scope = CancelScope()
    for item in hub.run(model or TASK, request, seed=0, cancel=scope.start(), ended=ended):
        if cancelled is not None and cancelled():
            scope.cancel()
        if isinstance(item, Progress) and item.done is not None and progress is not None:
            progress(item.done)
        elif isinstance(item, Result):
            if not item.alternatives:
                raise BadFile(NO_MUSIC)
            idea = item.alternatives[0]
            found = ReadScore.from_json(idea.value)
            why = (f"Another model stepped in: {item.fallback_reason}",) if item.fallback_reason else ()
            return replace(
                found, pages=_numbered(found.pages, pages), model=idea.model_id,
                remarks=(*found.remarks, *idea.remarks, *why),
            )  # fmt: skip
    raise Cancelled


def _numbered(read: tuple[ReadPage, ...], pages: Sequence[int] | None) -> tuple[ReadPage, ...]:
    """Pages with their numbers in the source, of which some were chosen."""
    if pages is None:
        return read
    return tuple(replace(page, number=pages[page.number - 1]) if page.number else page for page in read)


def page_images(
    source: str | Path | bytes, *, pages: Sequence[int] | None = None, found: ReadScore | None = None
) -> list[bytes]:
    """The pages that were read as PNG files, upright and level, in whose pixels all boxes are.

    Pages without music are left out, as in :func:`read_score`. A page read upside down is shown turned.

    Args:
        source: what was read.
        pages: which of its pages; left out: all.
        found: what was read of it, which knows which pages hold music and which way is up; without it the network has
            to look again.

    Raises:
        BadFile: as :func:`read_score`.
    """
    from PIL import Image

    out: list[bytes] = []
    problem: BadFile | None = None
    known = found.pages if found is not None and all(page.number for page in found.pages) else ()
    wanted = open_pages(source, pages)
    turned = {page.number: page.turned for page in known}
    for number, grey in zip(pages or range(1, len(wanted) + 1), wanted, strict=True):
        if known and number not in turned:
            continue
        try:
            if known:
                level = turned_over(leveled(grey)) if turned[number] else leveled(grey)
            else:
                level, _, _ = read_symbols(grey)
        except BadFile as error:
            problem = error
            continue
        ink = level.draw(shown(level))
        buffer = BytesIO()
        Image.fromarray(np.round(255 * (1 - ink)).astype(np.uint8)).save(buffer, "PNG")
        out.append(buffer.getvalue())
    if not out:
        raise problem or BadFile(NO_MUSIC)
    return out
