"""What one page has given for a piece: its prompts, whose files they were, and the brief made of them.

The page is told of it as one JSON object, keeps a copy of its own, and gives it back to a server that has forgotten
(:meth:`PromptDesk.restore`); a project carries the same object beside its media, as :data:`MEMBER`.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.create.prompt.brief import Brief
from workbench.create.prompt.card import Card
from workbench.create.prompt.prompts import ABLE, SLOTS, Prompt, Prompts
from workbench.errors import BadRequest
from workbench.page.takes import Takes
from workbench.score.canonical import dumps_json

if TYPE_CHECKING:
    from workbench.create.prompt.write import Composed
    from workbench.page.media import Shelf
    from workbench.page.rows import Message

#: The name, in a project's media, of what its piece was made from.
MEMBER = "prompts.json"
#: Most bytes of it that are read.
MAX_BYTES = 32 * 2**20
_HASH = re.compile(r"[0-9a-f]{64}\Z")


class PromptDesk:
    """The prompts of one page. Safe to use from several threads.

    Attributes:
        prompts: what was given and understood, as the person has put it right.
        files: slot -> sha256 of the file that it was understood from.
        pictures: sha256 of the picture whose pages were drawn last, and the folder that they lie in.
        brief: the plan, None before there is one; ``stale``: what was given has changed since.
        card: how well the piece that was kept obeys, None before.
        composed: the ideas that were written last, and ``cards``: theirs, by number; they go with the page.
        takes: recordings of ideas by models.
    """

    def __init__(self) -> None:
        self.prompts = Prompts()
        self.files: dict[str, str] = {}
        self.pictures: tuple[str, Path] | None = None
        self.brief: Brief | None = None
        self.stale = False
        self.card: Card | None = None
        self.composed: Composed | None = None
        self.cards: dict[int, Card] = {}
        self.takes = Takes()
        self._lock = threading.RLock()

    def put(self, prompt: Prompt, sha256: str = "") -> None:
        """Put something understood into its slot; how it was to be used before is kept."""
        with self._lock:
            before = self.prompts.get(prompt.slot)
            if before is not None:
                able = tuple(role for role in before.roles if role in ABLE[prompt.slot])
                prompt = replace(prompt, roles=able, strength=before.strength, locked=before.locked)
            self.change(self.prompts.with_prompt(prompt))
            self.files.pop(prompt.slot, None)
            if sha256:
                self.files[prompt.slot] = sha256

    def take_out(self, slot: str) -> None:
        """Empty a slot."""
        with self._lock:
            self.change(self.prompts.without(slot))
            self.files.pop(slot, None)

    def change(self, prompts: Prompts) -> None:
        """Other prompts: a brief that was made before no longer tells all."""
        with self._lock:
            self.prompts, self.stale = prompts, self.brief is not None

    def plan(self, brief: Brief, *, stale: bool = False) -> None:
        """Take a brief: a new one, or one that the person has changed."""
        with self._lock:
            self.brief, self.stale = brief, stale

    def take(self, composed: Composed, changed: int | None = None) -> None:
        """Take the ideas that were written; ``changed``: the only one of them that is another."""
        with self._lock:
            self.composed = composed
            self.cards = {} if changed is None else {at: card for at, card in self.cards.items() if at != changed}

    def prompt(self, slot: Any) -> Prompt:
        """What is in a slot; raises :class:`BadRequest` where nothing is."""
        found = self.prompts.get(slot) if isinstance(slot, str) else None
        if found is None:
            raise BadRequest("There is nothing in that place any more; give it again.")
        return found

    def to_json(self, shelf: Shelf, whole: Collection[str] = SLOTS) -> Message:
        """What a page is told.

        Args:
            shelf: where the files lie, if they still do.
            whole: slots whose description is told; the page knows the others.
        """
        with self._lock:
            prompts, brief, card, composed = self.prompts, self.brief, self.card, self.composed
            files, stale = dict(self.files), self.stale
        there = {item.sha256: item.id for item in shelf.items()}
        takes = self.takes.to_json(shelf.items())
        items = []
        for prompt in prompts.items:
            told = prompt.to_json()
            if prompt.slot not in whole:
                told = {name: value for name, value in told.items() if name not in ("understood", "style")}
            items.append({
                **told, "chosen": told["roles"], "roles": list(prompts.roles(prompt)),
                "possible": list(ABLE[prompt.slot]), "media": there.get(files.get(prompt.slot, ""), ""),
            })  # fmt: skip
        return {
            "items": items, "sentence": [list(part) for part in prompts.parts()], "seconds": prompts.seconds,
            "faithful": prompts.faithful, "files": files, "brief": brief.to_json() if brief else None, "stale": stale,
            "card": card.to_json() if card else None, "ideas": len(composed.takes) if composed else 0,
            "takes": takes,
        }  # fmt: skip

    def restore(self, data: Any) -> None:
        """Take over what a page or a project has kept; raises a :class:`WorkbenchError` and changes nothing."""
        if not isinstance(data, Mapping) or not isinstance(data.get("items"), list):
            raise BadRequest("What was given before could not be read; give it again.")
        extra = ("chosen", "possible", "media")
        items = [
            {name: value for name, value in item.items() if name not in extra} | {"roles": item.get("chosen", [])}
            for item in data["items"]
            if isinstance(item, Mapping)
        ]
        kept = {"items": items, "seconds": data.get("seconds"), "faithful": data.get("faithful", True)}
        prompts = Prompts.from_json(kept)
        brief = None if data.get("brief") is None else Brief.from_json(data["brief"])
        card = None if data.get("card") is None else Card.from_json(data["card"])
        files = data.get("files", {})
        if not isinstance(files, Mapping) or not all(
            slot in SLOTS and isinstance(value, str) and _HASH.match(value) for slot, value in files.items()
        ):
            raise BadRequest("The files of what was given before are not named as they should be.")
        with self._lock:
            self.prompts, self.brief, self.card = prompts, brief, card
            self.files, self.stale = dict(files), data.get("stale") is True
        self.takes.restore(data.get("takes"))

    def member(self, shelf: Shelf) -> bytes | None:
        """What a project keeps; None where nothing was given."""
        if not self.prompts.items:
            return None
        return dumps_json(self.to_json(shelf)).encode()
