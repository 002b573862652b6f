"""Codes in place of ids, new for every export: P01, P02 ... for people, S001 ... for sittings.

The order of the codes is shuffled by a random key that is thrown away, so that neither two exports nor the order in
which people came can be laid side by side.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterable, Mapping
from typing import Any


class Pseudonyms:
    """The codes of one export.

    Args:
        people: ids of the people, and ``sessions`` of the sittings, of the log.
        key: what shuffles them; only tests give one.
    """

    def __init__(self, people: Iterable[str], sessions: Iterable[str], key: str | None = None) -> None:
        rng = random.Random(secrets.token_hex(16) if key is None else key)
        self._people = _codes("P", people, rng)
        self._sessions = _codes("S", sessions, rng)

    def person(self, name: str) -> str:
        """The code of a person."""
        return self._people[name]

    def session(self, name: str) -> str:
        """The code of a sitting."""
        return self._sessions[name]

    def row(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row of a table, or an event, with codes instead of ids; everything else stays."""
        out = dict(row)
        if "person" in out:
            out["person"] = self._people[out["person"]]
        if "session" in out:
            out["session"] = self._sessions[out["session"]]
        return out

    def strange(self, text: str) -> list[str]:
        """Ids that still stand in a text: an export must give an empty list."""
        return [name for name in (*self._people, *self._sessions) if name and name in text]


def _codes(letter: str, names: Iterable[str], rng: random.Random) -> dict[str, str]:
    ordered = sorted(set(names))
    numbers = list(range(1, len(ordered) + 1))
    rng.shuffle(numbers)
    width = max(2, len(str(len(ordered))))
    return {name: f"{letter}{number:0{width}d}" for name, number in zip(ordered, numbers, strict=True)}
