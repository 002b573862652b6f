"""The card of a model: who made it from what, and a plain answer to "may I sell what I make?"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.errors import BadFile

#: How an answer to "may I sell what I make?" must begin; the rest of the sentence gives the reason.
SELL_ANSWERS = ("Yes", "No", "Unclear")


@dataclass(frozen=True, slots=True)
class Source:
    """One body of training data: its name, its licence, and how much of it (plain words)."""

    name: str
    licence: str
    amount: str = ""

    def to_dict(self) -> dict[str, str]:
        """JSON form."""
        return {"name": self.name, "licence": self.licence, "amount": self.amount}


@dataclass(frozen=True, slots=True)
class Card:
    """Licences are SPDX names where one exists, otherwise plain words (``"none: it has no weights"``)."""

    summary: str
    code_licence: str
    weights_licence: str
    outputs_licence: str
    sell: str
    training_data: tuple[Source, ...]
    links: tuple[str, ...] = ()

    @property
    def may_sell(self) -> bool:
        """Whether the answer is a clear yes."""
        return self.sell.startswith("Yes")

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "summary": self.summary, "code_licence": self.code_licence, "weights_licence": self.weights_licence,
            "outputs_licence": self.outputs_licence, "sell": self.sell, "links": list(self.links),
            "training_data": [source.to_dict() for source in self.training_data],
        }  # fmt: skip

    @classmethod
    def from_dict(cls, data: Any, what: str) -> Card:
        """Read a ``[card]`` table; ``what`` names the entry in errors.

        ``training_data`` is a list of tables with ``name``, ``licence`` and ``amount``; a model that was trained on
        nothing says so with an empty list.

        Raises:
            BadFile: a field is missing, unknown, empty or of the wrong type.
        """
        needed = ("summary", "code_licence", "weights_licence", "outputs_licence", "sell")
        table = read_table(data, {*needed, "training_data", "links"}, {*needed, "training_data"}, f"The card of {what}")
        texts = {name: read_text(table[name], f"{name} on the card of {what}") for name in needed}
        if not texts["sell"].startswith(SELL_ANSWERS):
            raise BadFile(f"The card of {what} must begin its answer on selling with {', '.join(SELL_ANSWERS)}.")
        sources = []
        for item in read_list(table["training_data"], f"training_data on the card of {what}"):
            item = read_table(item, {"name", "licence", "amount"}, {"name", "licence"}, f"Training data of {what}")
            sources.append(Source(**{key: read_text(text, f"{key} in {what}") for key, text in item.items()}))
        links = read_list(table.get("links", []), f"links on the card of {what}")
        if not all(isinstance(link, str) and link.startswith("https://") for link in links):
            raise BadFile(f"The links on the card of {what} must be addresses that begin with https://.")
        return cls(**texts, training_data=tuple(sources), links=tuple(links))


def read_table(data: Any, known: set[str], needed: set[str], what: str) -> Mapping[str, Any]:
    """Return ``data`` if it is a table with these keys; raises :class:`BadFile` naming ``what`` and the odd key."""
    if not isinstance(data, Mapping):
        raise BadFile(f"{what} must be a table.")
    for key in data:
        if key not in known:
            raise BadFile(f"{what} has the unknown field {str(key)[:40]!r}.")
    for key in sorted(needed):
        if key not in data:
            raise BadFile(f"{what} lacks the field {key!r}.")
    return data


def read_text(value: Any, what: str, limit: int = 2_000) -> str:
    """Return ``value`` if it is text of 1 to ``limit`` characters without control characters."""
    if (
        not isinstance(value, str)
        or not value.strip()
        or len(value) > limit
        or not value.replace("\n", " ").isprintable()
    ):
        raise BadFile(f"The field {what} must be plain text.")
    return value


def read_list(value: Any, what: str, limit: int = 200) -> list[Any]:
    """Return ``value`` if it is a list of at most ``limit`` items."""
    if not isinstance(value, list) or len(value) > limit:
        raise BadFile(f"The field {what} must be a list of at most {limit} items.")
    return value
