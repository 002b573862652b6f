"""What makes a task: a request, the guard of its results, and how both look as JSON.

A task is a kind of work that several models can do. It is a folder (or one file of a plug-in) whose classes a row of
:mod:`workbench.hub.tasks.table` names; the hub knows it by these protocols alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeVar

from workbench.errors import BadRequest
from workbench.hub.protocol import Alternative, Partial, Result

if TYPE_CHECKING:
    from workbench.hub.spec import ModelSpec
    from workbench.score.score import Score

MAX_REMARKS = 10


class TaskRequest:
    """Base of what can be asked; a frozen dataclass that checks itself and raises :class:`BadRequest`."""

    document_revision: int

    @property
    def is_part(self) -> bool:
        """Whether only a part of an earlier result is asked for again (see ``Task.part``)."""
        return False

    def settings(self) -> dict[str, Any]:
        """JSON form of everything but the inputs: what a result needs, with seed and model, to be made again."""
        raise NotImplementedError(f"{type(self).__name__} does not say its settings.")

    def inputs(self) -> dict[str, str]:
        """The sha256 of each input by its name."""
        return {}

    def copied(self) -> Self:
        """The same request with inputs of its own: a document may go on changing, a model may write into it."""
        return self


class Guard(Protocol):
    """Stands between a model and the person for one run of one task."""

    def partial(self, partial: Any) -> Partial | None:
        """The part of ``partial`` that may be shown; None if nothing is left."""

    def result(self, result: Result | None, *, seed: int, revision: str) -> tuple[Alternative, ...]:
        """The finished alternatives, from the model's result or from the partials seen so far."""

    @property
    def full(self) -> bool:
        """Whether the model has written more than anyone can use, so that it should be stopped."""


Asked = TypeVar("Asked", bound=TaskRequest)


class AtTheEnd(Generic[Asked]):
    """Base of the guard of a task whose one answer comes at the end, with nothing to show before."""

    def __init__(self, request: Asked, spec: ModelSpec) -> None:
        self.request, self.spec = request, spec

    @property
    def full(self) -> bool:
        """Never: there is one answer."""
        return False

    def partial(self, partial: Any) -> Partial | None:
        """Nothing is shown before the end."""
        return None


class Part(Protocol):
    """The two sides of a request for a part of an earlier result."""

    @property
    def inner(self) -> TaskRequest:
        """What the model is asked."""

    def standing(self) -> Iterator[Partial]:
        """What stays of the earlier result, shown before the model begins."""

    def whole(
        self, ideas: tuple[Alternative, ...], spec: ModelSpec, seed: int, revision: str
    ) -> tuple[Alternative, ...]:
        """The guarded answers to :attr:`inner` as answers to the request itself."""


class Wire:
    """How a task's requests and answers look as JSON, for pages, commands and logs."""

    def read(self, data: Any, inputs: Mapping[str, Any], document_revision: int = 0) -> TaskRequest:
        """The request that an untrusted client sent.

        Args:
            data: its settings.
            inputs: what it is about, by name (``score``, ``audio``), already read.
            document_revision: of the document the person saw.

        Raises:
            BadRequest: an unknown field, a wrong type, or a value that does not fit the inputs.
        """
        raise BadRequest("This cannot be asked for by a message.")

    def answer(self, idea: Alternative) -> dict[str, Any]:
        """One alternative; sound is left out, since it travels as files."""
        out: dict[str, Any] = {
            "seed": idea.seed, "settings": dict(idea.settings), "model_id": idea.model_id, "revision": idea.revision,
            "remarks": list(idea.remarks),
        }  # fmt: skip
        if idea.value is not None:
            return {**out, "value": idea.value}
        return {
            **out, "operation": idea.operation,
            "notes": {name: [note.to_dict() for note in notes] for name, notes in idea.notes.items()},
            "confidence": {name: [list(row) for row in rows] for name, rows in idea.confidence.items()},
        }  # fmt: skip

    def usual(self, score: Score) -> TaskRequest | None:
        """A usual amount of work on a piece, to say how long a model takes; None where a piece cannot tell."""
        return None


def sentences(value: Any) -> list[str]:
    """A model's remarks as they may be shown: at most ten plain sentences."""
    if not isinstance(value, (list, tuple)):
        return []
    return [item[:300] for item in value[:MAX_REMARKS] if isinstance(item, str) and item.isprintable()]
