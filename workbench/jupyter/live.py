"""A document that several people look at: every change, by whomever, is told to all who listen."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from workbench.errors import BadRequest
from workbench.score.document import Document
from workbench.score.events import Event, EventLog
from workbench.score.files import load
from workbench.score.operations import Operation
from workbench.score.project import Project
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

    Safe to use from several threads. The score given is kept, not copied: who holds it sees every change (and may
    change it by hand, so the log need not lead to it; :meth:`Document.story` then says so).
    """

    tracked: ClassVar[bool] = False

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
        self, operation: Operation, source: str = "user", cause: int | None = None, *, kind: str = "edit", **facts: Any
    ) -> Event:
        """As :meth:`Document.apply`."""
        with self.lock:
            return super().apply(operation, source, cause, kind=kind, **facts)

    def _step(self, kind: str, **facts: Any) -> Event:
        with self.lock:
            return super()._step(kind, **facts)

    def follow(
        self, kind: str, operation: Operation, source: str = "user", cause: int | None = None, *, origin: str = "",
        **facts: Any,
    ) -> Event:  # fmt: skip
        """As :meth:`Document.follow`; ``origin`` is the page it was made on."""
        with self.lock, self._from(origin):
            return super().follow(kind, operation, source, cause, **facts)

    def open(
        self, score: Score, *, reason: str = "python", revision: int | None = 0, origin: str = "", **rest: Any
    ) -> Event:
        """Work on another piece; the steps of the one before can no longer be undone.

        Args:
            score: the piece; kept, not copied.
            reason: why, for the log.
            revision: the least number the document may have afterwards.
            origin: the page that opened it.
            rest: as in :meth:`Document.open`.
        """
        with self.lock, self._from(origin):
            return super().open(score, reason=reason, revision=max(self.revision + 1, revision or 0), **rest)

    def story(self) -> Collection[Event]:
        """As :meth:`Document.story`."""
        with self.lock:
            return super().story()

    @contextmanager
    def _from(self, origin: str) -> Iterator[None]:
        self._origin = origin
        try:
            yield
        finally:
            self._origin = ""

    def _changed(self, kind: str, operation: Operation | None, source: str) -> None:
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
            show the same piece), the name of a file (the log of a ``.wbz`` goes on), or None for an empty piece.

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
        loaded = load(source)
        if loaded.kind == "project":
            return Project(loaded.score, loaded.events).into(LiveDocument())
        return LiveDocument(loaded.score)
    raise BadRequest("A widget shows a Score, a file, or the document of another widget.")
