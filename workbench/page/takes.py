"""Recordings by models on a page: what is known of each beside its file on the shelf, and what its piece inherits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from workbench.create.prompt.card import Card
from workbench.errors import BadRequest, WorkbenchError
from workbench.page.media import MediaItem, Shelf
from workbench.provenance.licences import standing
from workbench.provenance.run import Run
from workbench.score.recorded import sounds_of
from workbench.score.score import Score

#: Most takes of a page.
MOST = 20
_HASH = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True)
class Taken:
    """A take. ``sha256``: of its file on the shelf; ``title``: of its model; ``idea``: of which idea it is a take,
    counted from 1; ``run``: the record of the model's work; ``instead``: why another model made it than was asked for;
    ``kept``: it belongs to the piece and goes into its project.
    """

    sha256: str
    title: str
    idea: int
    seconds: float
    run: Run
    card: Card
    remarks: tuple[str, ...] = ()
    instead: str = ""
    kept: bool = False

    @property
    def answer(self) -> str:
        """Whether it may be sold: ``yes``, ``no`` or ``unclear``."""
        return standing(self.run.rights)

    def to_json(self) -> dict[str, Any]:
        """What a page and a project are told of it."""
        return {
            "sha256": self.sha256, "title": self.title, "idea": self.idea, "seconds": self.seconds,
            "run": self.run.to_dict(), "card": self.card.to_json(), "remarks": list(self.remarks),
            "instead": self.instead, "kept": self.kept, "answer": self.answer, "sell": self.run.rights.get("sell", ""),
        }  # fmt: skip

    @classmethod
    def from_json(cls, data: Any) -> Taken:
        """Read the JSON form of a page or a project; raises a :class:`WorkbenchError`."""
        wrong = BadRequest("A take of this piece is not described as it should be.")
        if not isinstance(data, Mapping) or not _HASH.match(str(data.get("sha256"))):
            raise wrong
        texts, remarks = (data.get("title"), data.get("instead", "")), data.get("remarks", [])
        numbers = (data.get("idea"), data.get("seconds"))
        if not all(isinstance(text, str) and len(text) <= 1_000 for text in (*texts, *remarks)):
            raise wrong
        if type(numbers[0]) is not int or type(numbers[1]) not in (int, float) or len(remarks) > 20:
            raise wrong
        return cls(
            str(data["sha256"]), str(texts[0]), numbers[0], float(data["seconds"]), Run.from_dict(data.get("run")),
            Card.from_json(data.get("card")), tuple(remarks), str(texts[1]), data.get("kept") is True,
        )  # fmt: skip


class Takes:
    """The takes of a page, the newest last."""

    def __init__(self) -> None:
        self._all: tuple[Taken, ...] = ()

    def all(self) -> tuple[Taken, ...]:
        """Every take."""
        return self._all

    def add(self, taken: Taken) -> None:
        """Put a new take beside the others; the same sound again takes the place of the old one."""
        self._all = (*(item for item in self._all if item.sha256 != taken.sha256), taken)[-MOST:]

    def get(self, sha256: Any) -> Taken:
        """One take; raises :class:`BadRequest` where it is gone."""
        found = next((item for item in self._all if item.sha256 == sha256), None)
        if found is None:
            raise BadRequest("That take is no longer here; make another.")
        return found

    def keep(self, sha256: Any) -> Taken:
        """It belongs to the piece from now on."""
        taken = replace(self.get(sha256), kept=True)
        self._all = tuple(taken if item.sha256 == taken.sha256 else item for item in self._all)
        return taken

    def remove(self, sha256: Any) -> Taken:
        """Forget a take; returns what it was."""
        taken = self.get(sha256)
        self._all = tuple(item for item in self._all if item is not taken)
        return taken

    def let_go(self, shelf: Shelf) -> None:
        """Throw away what nobody has kept, with its files: the ideas that it is of are others now."""
        loose = self.loose()
        for item in shelf.items():
            if item.sha256 in loose:
                shelf.remove(item.id)
        self._all = tuple(item for item in self._all if item.kept)

    def loose(self) -> frozenset[str]:
        """The files of takes that nobody has kept: they are no part of the project."""
        return frozenset(item.sha256 for item in self._all if not item.kept)

    def held(self, shelf: Shelf, score: Score, *, whole: bool = True) -> dict[str, Run]:
        """The takes that a file of a piece holds, by what they are called, and the run that made each.

        Args:
            shelf: where their files are; a take without its file is held by nothing.
            score: the piece: takes that its tracks sound as are in every file of it.
            whole: the file is the project, which holds every take that was kept.
        """
        there = {item.sha256: item.name for item in shelf.items()}
        heard = {sound.sha256 for sound in sounds_of(score).values()}
        return {
            there[item.sha256]: item.run for item in self._all
            if item.sha256 in there and (item.sha256 in heard or (whole and item.kept))
        }  # fmt: skip

    def to_json(self, items: Iterable[MediaItem]) -> list[dict[str, Any]]:
        """What a page is told; ``items``: the shelf, for the address of each. What has no file is left out."""
        there = {item.sha256: item for item in items}
        return [
            {**taken.to_json(), "media": there[taken.sha256].id, "name": there[taken.sha256].name}
            for taken in self._all if taken.sha256 in there
        ]  # fmt: skip

    def restore(self, data: Any) -> None:
        """Take over what a page or a project has kept; what is not as it should be is left out."""
        found = []
        for item in data[:MOST] if isinstance(data, list) else ():
            try:
                found.append(Taken.from_json(item))
            except WorkbenchError:
                continue
        self._all = tuple(found)
