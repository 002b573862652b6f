"""What a page has heard in its recordings, as the person has put it right so far."""

from __future__ import annotations

import re
import secrets
import threading
from collections import OrderedDict
from typing import Any

from workbench.errors import BadRequest
from workbench.understand.heard import Heard
from workbench.understand.heard_json import read_fields

#: How many descriptions of one page are kept; the page has them too, and sends one that is no longer here.
MOST = 12
_ID = re.compile(r"[0-9a-f]{32}\Z")
_SPLICED = ("notes", "melody", "drums", "chords", "sections")
_MOST_CHANGES = 1_000


def corrected(heard: Heard, changes: Any) -> Heard:
    """A description with a page's corrections made.

    Args:
        heard: the description.
        changes: untrusted; each ``{field, at, remove, add}`` (of a list, in the order of time: so many items are taken
            away there, and these come instead) or ``{field, value}`` (``beats`` with all that belongs to them,
            ``key``, ``tuning_cents``).

    Raises:
        BadRequest: a change that does not fit.
    """
    if not isinstance(changes, list) or len(changes) > _MOST_CHANGES:
        raise BadRequest(f"Corrections are a list of at most {_MOST_CHANGES}.")
    fields: dict[str, Any] = {}
    for change in changes:
        field = change.get("field") if isinstance(change, dict) else None
        if field in _SPLICED:
            items = list(fields.get(field, getattr(heard, field)))
            at, remove = change.get("at"), change.get("remove")
            if type(at) is not int or type(remove) is not int or not 0 <= at <= at + remove <= len(items):
                raise BadRequest(f"This correction of the {field} does not fit what was heard.")
            items[at : at + remove] = read_fields({field: change.get("add")})[field]
            fields[field] = tuple(items)
        elif field == "beats":
            value = change.get("value")
            if not isinstance(value, dict):
                raise BadRequest("Corrected beats are given with all that belongs to them.")
            fields |= read_fields(value)
        elif field in ("key", "tuning_cents"):
            fields |= read_fields({field: change.get("value")})
        else:
            raise BadRequest(f"{str(field)[:40]!r} is nothing that can be put right.")
    return heard.corrected(**fields) if fields else heard


class Heardings:
    """The descriptions of one page, each by an id of its own; the oldest go first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Heard] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, heard: Heard) -> str:
        """Keep a new description; gives its id."""
        name = secrets.token_hex(16)
        self.keep(name, heard)
        return name

    def keep(self, name: Any, heard: Heard) -> None:
        """Keep a description under a page's id; raises :class:`BadRequest` if that is none."""
        if not isinstance(name, str) or not _ID.match(name):
            raise BadRequest("That is not the name of something heard.")
        with self._lock:
            self._kept[name] = heard
            self._kept.move_to_end(name)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)

    def get(self, name: Any) -> Heard | None:
        """A description, or None where there is none of that id (any more)."""
        with self._lock:
            return self._kept.get(name) if isinstance(name, str) else None
