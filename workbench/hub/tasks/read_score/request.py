"""What can be asked of a model that reads pictures of scores."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import BadRequest
from workbench.hub.tasks.base import TaskRequest

#: Most pages at once, and most pixels of one.
MAX_PAGES = 40
MAX_PIXELS = 120_000_000


@dataclass(frozen=True, eq=False)
class ReadScoreRequest(TaskRequest):
    """Read pages of a score. ``pages``: uint8 [H, W] each, 255 white, as they were photographed or scanned.

    The answer is a value: the JSON form of :class:`workbench.understand.score_image.readscore.ReadScore`.
    """

    pages: tuple[NDArray[np.uint8], ...]
    document_revision: int = 0

    def __post_init__(self) -> None:
        fine = all(
            isinstance(page, np.ndarray) and page.ndim == 2 and page.dtype == np.uint8 and 0 < page.size <= MAX_PIXELS
            for page in self.pages
        )
        if not fine or not 1 <= len(self.pages) <= MAX_PAGES:
            raise BadRequest(f"A score is read from 1 to {MAX_PAGES} grey pictures.")

    def inputs(self) -> dict[str, str]:
        """The pages by the sha256 of their pixels."""
        found = hashlib.sha256()
        for page in self.pages:
            found.update(f"{page.shape}".encode())
            found.update(np.ascontiguousarray(page).tobytes())
        return {"pages": found.hexdigest()}

    def settings(self) -> dict[str, Any]:
        """JSON form of everything but the pages."""
        return {"task": "read_score"}
