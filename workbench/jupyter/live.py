"""A document that several people look at: every change, by whomever, is told to all who listen."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.errors import BadRequest
from workbench.score.document import Document
from workbench.score.events import EventLog
from workbench.score.operations import Operation, inverse
from workbench.score.score import Score

if TYPE_CHECKING:
    from workbench.jupyter.server import DocumentServer

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Change:
    """One change of a document.

    ``kind``: ``edit``, ``undo``, ``redo``, or ``open`` for another piece altogether (then ``operation`` is None).
    ``operation``: what was applied; for an undo, the inverse of the step taken back. ``revision``: the document's
    number after it. ``source``: ``user`` or ``model``. ``origin``: the page it was made on; empty for Python.
    """

    kind: str
    operation: Operation | None
    revision: int
    source: str = "user"
    origin: str = ""


Listener = Callable[[Change], object]


class LiveDocument(Document):
    """A :class:`~workbench.score.document.Document` that tells its listeners about every change.

    Safe to use from several threads. The score given is kept, not copied: who holds it sees every change.
    """

    def __init__(self, score: Score | None = None, log: EventLog | None = None) -> None:
        super().__init__(score, log)
        self.lock = threading.RLock()
        #: What answers the pages that show it; made by the first widget (:func:`workbench.jupyter.server.serve`).
        self.server: DocumentServer | None = None
        self._listeners: list[Listener] = []
        self._origin = ""

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener(change)`` after every change; returns what ends that."""
        self._listeners.append(listener)

        def stop() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return stop

    def apply(
        self, operation: Operation, source: str = "user", cause: int | None = None, **facts: Any
    ) -> dict[str, Any]:
        """As :meth:`Document.apply`."""
        with self.lock:
            event = super().apply(operation, source, cause, **facts)
            self._tell("edit", operation, source)
            return event

    def _step(self, source: list[Any], target: list[Any], kind: str) -> Operation:
        with self.lock:
            operation = super()._step(source, target, kind)
            self._tell(kind, operation)
            return operation

    def follow(self, kind: str, operation: Operation, source: str, origin: str, **facts: Any) -> None:
        """Apply a change made on a page; its undo is an undo here where it takes back the same step.

        Raises:
            BadOperation: it does not fit; nothing has changed.
        """
        with self.lock:
            self._origin = origin
            try:
                if kind == "undo" and self._undo and inverse(self._undo[-1].operation) == operation:
                    self.undo()
                elif kind == "redo" and self._redo and self._redo[-1].operation == operation:
                    self.redo()
                else:
                    self.apply(operation, source, **facts)
            finally:
                self._origin = ""

    def open(self, score: Score, *, revision: int = 0, origin: str = "") -> None:
        """Work on another piece; the steps of the one before can no longer be undone.

        Args:
            score: the piece; kept, not copied.
            revision: the least number the document may have afterwards.
            origin: the page that opened it.
        """
        with self.lock:
            self.score = score
            self._undo.clear()
            self._redo.clear()
            self.revision = max(self.revision + 1, revision)
            self.log.add("open", "user", {"reason": "page" if origin else "python", "hash": self.hash})
            self._origin = origin
            try:
                self._tell("open", None)
            finally:
                self._origin = ""

    def _tell(self, kind: str, operation: Operation | None, source: str = "user") -> None:
        change = Change(kind, operation, self.revision, source, self._origin)
        origin, self._origin = self._origin, ""  # what a listener changes is Python's doing
        try:
            for listener in list(self._listeners):
                try:
                    listener(change)
                except Exception:  # someone's own function: the change has happened, the others must hear of it
                    _log.exception("a function that listens to changes failed")
        finally:
            self._origin = origin


def as_document(source: Any) -> LiveDocument:
    """The live document for what a widget was given.

    Args:
        source: a score, a :class:`LiveDocument`, anything with a ``document`` that is one (another widget: both then
            show the same piece), the name of a file, or None for an empty piece.

    Raises:
        BadRequest: anything else.
        BadFile: the file cannot be read.
    """
    document = getattr(source, "document", source)
    if isinstance(document, LiveDocument):
        return document
    if source is None:
        return LiveDocument(Score())
    if isinstance(source, Score):
        return LiveDocument(source)
    if isinstance(source, (str, bytes)) or hasattr(source, "__fspath__"):
        return LiveDocument(Score.open(source))
    raise BadRequest("A widget shows a Score, a file, or the document of another widget.")
