"""What was read in pictures of a score, how surely, and as a piece.

A person puts a description right with :meth:`ReadScore.corrected`, which gives a new one. The JSON form is that of
``workbench read-score --json``; :mod:`workbench.understand.score_image.written` holds the parts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workbench.understand.score_image.written import ReadBar, ReadEvent, ReadPage, ReadPart

if TYPE_CHECKING:
    from workbench.score.score import Score


@dataclass(frozen=True, slots=True)
class ReadScore:
    """All that was read. ``remarks``: plain sentences about it; ``model``: the id of the model that read it."""

    pages: tuple[ReadPage, ...]
    parts: tuple[ReadPart, ...] = ()
    remarks: tuple[str, ...] = ()
    model: str = ""
    title: str = field(default="", compare=False)

    def events(self) -> Iterator[ReadEvent]:
        """Every event, page by page, staff by staff."""
        for page in self.pages:
            for system in page.systems:
                for staff in system.staves:
                    yield from staff.events

    @property
    def note_count(self) -> int:
        """How many noteheads were read."""
        return sum(len(event.pitches) for event in self.events())

    def bars(self) -> list[ReadBar]:
        """Every bar in the order of the piece."""
        return [bar for page in self.pages for system in page.systems for bar in system.bars]

    def corrected(self, changes: Sequence[Mapping[str, Any]]) -> ReadScore:
        """The same with some of it put right; see :mod:`workbench.understand.score_image.corrections`.

        Args:
            changes: one a correction: ``{"id": "e7", "pitches": [60, 64]}``, ``{"id": "e7", "duration": [3, 2]}``,
                ``{"id": "e7", "delete": True}``, ``{"staff": [0, 0, 1], "clef": "F"}`` and the like.

        Raises:
            BadRequest: there is no such event or staff, or a value does not fit.
        """
        from workbench.understand.score_image.corrections import corrected

        return corrected(self, changes)

    def to_json(self) -> dict[str, Any]:
        """The JSON form; see :mod:`workbench.understand.score_image.readscore_json`."""
        from workbench.understand.score_image.readscore_json import to_json

        return to_json(self)

    @classmethod
    def from_json(cls, data: Any) -> ReadScore:
        """Read the JSON form, also of an untrusted client; raises :class:`BadRequest` with one sentence."""
        from workbench.understand.score_image.readscore_json import from_json

        return from_json(data)

    def to_score(self, *, title: str = "", author: str = "") -> Score:
        """The same as a piece; see :func:`workbench.understand.score_image.piece.to_score`."""
        from workbench.understand.score_image.piece import to_score

        return to_score(self, title=title, author=author)
