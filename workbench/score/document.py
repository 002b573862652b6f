"""A score with its history: revision, linear undo and redo, and the event stream.

Undo is linear over accepted operations and is itself an event: the log says what happened, in order, and never
forgets an undone step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.errors import BadOperation
from workbench.score.canonical import project_hash
from workbench.score.events import EventLog
from workbench.score.operations import Operation, apply, inverse
from workbench.score.score import Score

MAX_UNDO = 10_000


@dataclass(frozen=True, slots=True)
class _Step:
    operation: Operation
    seq: int


class Document:
    """A score that is being worked on. All changes go through :meth:`apply`.

    ``revision`` counts every change, undo and redo included; a client names the revision it worked on.
    """

    def __init__(self, score: Score | None = None, log: EventLog | None = None):
        self.score = Score() if score is None else score
        self.log = EventLog() if log is None else log
        self.revision = 0
        self._undo: list[_Step] = []
        self._redo: list[_Step] = []

    def apply(
        self, operation: Operation, source: str = "user", cause: int | None = None, **facts: Any
    ) -> dict[str, Any]:
        """Apply an operation, remember how to undo it, log it, and return the logged event.

        Args:
            operation: see :mod:`workbench.score.operations`.
            source: ``user`` or ``model`` (``system`` for imports).
            cause: the ``seq`` of the event behind this change, such as a model's suggestion.
            facts: anything else worth logging beside the operation (seed, model, settings).

        Raises:
            BadOperation: it does not fit; nothing has changed and nothing is logged.
        """
        apply(self.score, operation)
        self.revision += 1
        event = self.log.add("edit", source, {"operation": operation, "revision": self.revision, **facts}, cause)
        self._undo.append(_Step(operation, event["seq"]))
        del self._undo[:-MAX_UNDO]
        self._redo.clear()
        return event

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        """Whether there is a step to bring back."""
        return bool(self._redo)

    def history(self, limit: int) -> tuple[list[Operation], list[Operation]]:
        """The last ``limit`` steps that could be undone, and those that could be redone, oldest first."""
        return [step.operation for step in self._undo[-limit:]], [step.operation for step in self._redo[-limit:]]

    def undo(self) -> Operation:
        """Take back the last step; returns the operation that did so.

        Raises:
            BadOperation: there is nothing to undo.
        """
        return self._step(self._undo, self._redo, "undo")

    def redo(self) -> Operation:
        """Bring back the step undone last; returns the operation that did so.

        Raises:
            BadOperation: there is nothing to redo.
        """
        return self._step(self._redo, self._undo, "redo")

    def _step(self, source: list[_Step], target: list[_Step], kind: str) -> Operation:
        if not source:
            raise BadOperation(f"There is nothing to {kind}.")
        step = source[-1]
        operation = inverse(step.operation) if kind == "undo" else step.operation
        apply(self.score, operation)
        source.pop()
        target.append(step)
        self.revision += 1
        self.log.add(kind, "user", {"operation": operation, "revision": self.revision}, step.seq)
        return operation

    @property
    def hash(self) -> str:
        """The project hash of the score as it stands."""
        return project_hash(self.score)
