"""A score with its history: revision, linear undo and redo, and the event stream.

Undo is linear over accepted operations and is itself an event: the log says what happened, in order, and never
forgets an undone step. The history is a list of :mod:`steps <workbench.score.steps>` that are read from the log.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, ClassVar

from workbench.errors import BadOperation
from workbench.score.canonical import project_hash
from workbench.score.events import Event, EventLog
from workbench.score.eventstore import Portion
from workbench.score.operations import Operation, apply, inverse
from workbench.score.replay import beginning, leads_to
from workbench.score.score import Score
from workbench.score.steps import Step, fingerprint, logged, told

MAX_UNDO = 10_000
_LOOK_BACK = 1_000


class Document:
    """A score that is being worked on. All changes go through :meth:`apply`.

    ``revision`` counts every change, undo and redo included; a client names the revision it worked on.
    """

    #: Whether nobody changes the score but this class, so that the log always leads to it.
    tracked: ClassVar[bool] = True

    def __init__(self, score: Score | None = None, log: EventLog | None = None):
        self.score = Score() if score is None else score
        self.log = EventLog() if log is None else log
        self.revision = 0
        self._undo: list[Step] = []
        self._redo: list[Step] = []
        self._checked = -1  # the last revision whose hash stands in the log
        self._begin = self.score.copy()  # what a log is about that does not begin with an ``open``

    def open(
        self, score: Score, *, reason: str, revision: int | None = None, digest: str = "", same: bool | None = None,
        log: EventLog | None = None, cause: int | None = None, undo: Sequence[Operation] = (),
        redo: Sequence[Operation] = (), **facts: Any,
    ) -> Event:  # fmt: skip
        """Work on another piece, or on the same one as it comes again, and log it; returns the event.

        Args:
            score: the piece; kept, not copied.
            reason: why: ``start``, ``file``, ``project``, ``restored``, ``mismatch``, ``page`` or ``python``.
            revision: its number; by default the next one.
            digest: its hash, where that is known already.
            same: whether the log leads to just this piece, which then need not stand in it again; by default found out.
            log: the piece's own log, which then goes on.
            cause: the ``seq`` of the event behind this, such as an import.
            undo: steps that can be undone, oldest first, and ``redo``: those that can be redone.
            facts: anything else worth logging.

        Raises:
            BadRequest: the log is full, and the piece brings none of its own; nothing has changed.
        """
        (log or self.log).events.check_room()
        digest = digest or project_hash(score)
        if same is None:
            same = self.tracked and log is None and digest == self.hash
        if log is not None:
            self.log = log
            self._undo, self._redo = [], []  # their events stand in the other log
        self.score = score
        self.revision = self.revision + 1 if revision is None else revision
        payload = {"reason": reason, "revision": self.revision, "hash": digest, **facts}
        event = self.log.add("open", "user", payload if same else {**payload, "score": score.to_dict()}, cause)
        self._undo, self._redo = _known(undo, self._undo), _known(redo, self._redo)
        self._checked = self.revision
        self._changed("open", None, "user")
        return event

    def apply(
        self, operation: Operation, source: str = "user", cause: int | None = None, *, kind: str = "edit", **facts: Any
    ) -> Event:
        """Apply an operation, remember how to undo it, log it, and return the logged event.

        Args:
            operation: see :mod:`workbench.score.operations`.
            source: ``user`` or ``model`` (``system`` for imports).
            cause: the ``seq`` of the event behind this change, such as a model's suggestion.
            kind: ``edit``, or ``accept`` for a suggestion that is kept.
            facts: anything else worth logging beside the operation (seed, model, settings).

        Raises:
            BadOperation: it does not fit; nothing has changed and nothing is logged.
            BadRequest: the log is full.
        """
        self.log.events.check_room()
        apply(self.score, operation)
        self.revision += 1
        event = self.log.add(kind, source, {"operation": operation, "revision": self.revision, **facts}, cause)
        self._undo.append(logged(self.log, event["seq"]))
        del self._undo[:-MAX_UNDO]
        self._redo.clear()
        self._changed("edit", operation, source)
        return event

    def follow(
        self, kind: str, operation: Operation, source: str = "user", cause: int | None = None, **facts: Any
    ) -> Event:
        """Follow a change made elsewhere, on a page; what it was there it is in the log here, undo and redo too.

        An undo takes back our last step if it says the same, and so does a redo the other way. If it does not, it is
        applied as what it says: over there more steps were known, or others.

        Args:
            kind: one of :data:`~workbench.score.events.CHANGES`.
            operation: what was applied there; for an undo, the inverse of the step taken back.
            source: ``user`` or ``model``.
            cause: as in :meth:`apply`; an undo has the step's own.
            facts: as in :meth:`apply`.

        Raises:
            BadOperation: it does not fit; nothing has changed and nothing is logged.
        """
        if kind not in ("undo", "redo"):
            return self.apply(operation, source, cause, kind=kind, **facts)
        known = self._undo if kind == "undo" else self._redo
        if known and _says(known[-1], kind, operation):
            return self._step(kind, **facts)
        if known:  # other steps than ours: this one can be undone like any change
            return self.apply(operation, source, kind=kind, **facts)
        self.log.events.check_room()
        apply(self.score, operation)
        self.revision += 1
        event = self.log.add(kind, source, {"operation": operation, "revision": self.revision, **facts})
        self._add(kind, told(inverse(operation) if kind == "undo" else operation))
        self._changed("edit", operation, source)
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
        return dict(self._step("undo")["payload"]["operation"])

    def redo(self) -> Operation:
        """Bring back the step undone last; returns the operation that did so.

        Raises:
            BadOperation: there is nothing to redo.
        """
        return dict(self._step("redo")["payload"]["operation"])

    def _step(self, kind: str, **facts: Any) -> Event:
        known = self._undo if kind == "undo" else self._redo
        if not known:
            raise BadOperation(f"There is nothing to {kind}.")
        self.log.events.check_room()
        step = known[-1]
        done = step.operation
        operation = inverse(done) if kind == "undo" else done
        apply(self.score, operation)
        known.pop()
        self._add(kind, step)
        self.revision += 1
        event = self.log.add(kind, "user", {"operation": operation, "revision": self.revision, **facts}, step.seq)
        self._changed(kind, operation, "user")
        return event

    def _changed(self, kind: str, operation: Operation | None, source: str) -> None:
        """Called after every change: ``edit``, ``undo``, ``redo`` or ``open``. For a document that others look at."""

    def _add(self, kind: str, step: Step) -> None:
        """A step has been undone, or redone: it can now be redone, or undone."""
        steps = self._redo if kind == "undo" else self._undo
        steps.append(step)
        del steps[:-MAX_UNDO]

    @property
    def hash(self) -> str:
        """The project hash of the score as it stands."""
        return project_hash(self.score)

    def story(self) -> Collection[Event]:
        """The log so far, as it plays again from its own beginning to the piece as it stands.

        A score that somebody changed by hand is first logged as it is.
        """
        head = beginning(self.log.events, self._begin)
        before = [head] if head else []
        if not self.tracked and not leads_to(Portion(self.log.events, before), self.score):
            payload = {"reason": "python", "revision": self.revision, "hash": self.hash, "score": self.score.to_dict()}
            self.log.add("open", "system", payload)
        return Portion(self.log.events, before)

    def agrees(self, digest: str) -> bool:
        """Whether another side has the same piece; if so, the log says once for each revision which one it was."""
        if digest != self.hash:
            return False
        if self._checked != self.revision:
            self._checked = self.revision
            self.log.add("check", "system", {"revision": self.revision, "hash": digest})
        return True


def _known(operations: Sequence[Operation], steps: Sequence[Step]) -> list[Step]:
    """The steps that somebody tells us of, those that we know with their events; both are in order."""
    out: list[Step] = []
    known = steps[-_LOOK_BACK:] if operations else []
    prints, place = [fingerprint(step.operation) for step in known], 0
    for operation in operations:
        found = fingerprint(operation)
        if found in prints[place:]:
            place = prints.index(found, place) + 1
            out.append(known[place - 1])
        else:
            out.append(told(operation))
    return out


def _says(step: Step, kind: str, operation: Any) -> bool:
    """Whether an undo or redo that came is that of a step we know."""
    try:
        known = step.operation
        return bool((inverse(known) if kind == "undo" else known) == operation)
    except (BadOperation, KeyError, TypeError, AttributeError, RecursionError):
        return False  # a step that a stranger told us of, and that is none
