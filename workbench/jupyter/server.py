"""Python's half of the page's messages, for a document that Python owns.

The messages are those of ``workbench/web/src/README.md``. What differs from the app, where the page owns the document:

* ``hello`` is answered by ``open``: the document as it is, with the steps that can be undone.
* A change that a page made on the newest revision is applied; the other pages hear of it by ``patch``.
* A change made on an older one is applied if its old values still hold; the page then gets the document by ``open``,
  and a sentence if something of it had to be left out.
* A change that comes twice (a page that was not sure) is applied once.

Long work runs beside the kernel's own thread, so cells and edits go on meanwhile.
"""

from __future__ import annotations

import functools
import itertools
import os
import secrets
import shutil
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import BadDocument, BadOperation, WorkbenchError
from workbench.hub.shared import shared_hub
from workbench.jupyter import assets
from workbench.jupyter.live import Change, LiveDocument
from workbench.jupyter.media import MESSAGES, Arrivals
from workbench.jupyter.rebase import Renamed, fit
from workbench.page import record
from workbench.page.handlers.document import change_of
from workbench.page.logbook import Logbook
from workbench.page.rows import Message, error, whole
from workbench.page.session import Page, Pages
from workbench.page.table import table
from workbench.page.texts import text
from workbench.score.score import Score
from workbench.study.log.ids import load_salt
from workbench.study.log.sinks import open_sink

if TYPE_CHECKING:
    from workbench.hub.hub import Hub

Send = Callable[[Message, list[bytes]], None]

#: How many undone and undoable steps a page is told of.
STEPS = 200
MAX_WINDOWS = 100


class DocumentServer:
    """Answers the pages that show one document, however many widgets and windows they are.

    Args:
        document: what they show.
        hub: gives the models, when they are first needed.
    """

    def __init__(self, document: LiveDocument, hub: Callable[[], Hub] = shared_hub) -> None:
        self.document = document
        self._hub = hub
        self._sends: list[Send] = []
        token = secrets.token_hex(6)
        #: What widgets of this document have in common on a page; nothing else has it.
        self.app = f"notebook-{token}"
        self._numbers = (f"{token}-{count}" for count in itertools.count(1))
        self._known: OrderedDict[str, int] = OrderedDict()  # window -> last revision of it that has been dealt with
        self._arrivals: weakref.WeakKeyDictionary[Page, Arrivals] = weakref.WeakKeyDictionary()
        document.listen(self._changed)

    @functools.cached_property
    def _pages(self) -> Pages:
        pages = Pages(self._hub)
        if place := os.environ.get("WORKBENCH_LOG"):  # where its owner keeps what those do who agree to it
            pages.logbook = Logbook(open_sink(place), load_salt())
        for folder in (pages.exports.folder, pages.media_folder):
            weakref.finalize(self, shutil.rmtree, folder, True)
        return pages

    def join(self, send: Send) -> Callable[[], None]:
        """Tell another widget of every change; returns what ends that."""
        self._sends.append(send)
        return lambda: self._sends.remove(send) if send in self._sends else None

    def _broadcast(self, message: Message) -> None:
        """To every window; a window that hears it through two widgets takes it once, by its number."""
        message = {**message, "n": next(self._numbers)}
        for send in list(self._sends):
            send(message, [])

    def tell(self, sentence: str) -> None:
        """Show a sentence on every page."""
        self._broadcast({"type": "notice", "text": sentence})

    def _changed(self, change: Change) -> None:
        if change.operation is None:
            self._broadcast({**self._whole("file"), "origin": change.origin})
            return
        self._broadcast({
            "type": "patch", "owner": "python", "kind": change.kind, "base": change.revision - 1,
            "operation": change.operation, "source": change.source, "origin": change.origin,
        })  # fmt: skip

    def _whole(self, reason: str) -> Message:
        document = self.document
        undo, redo = document.history(STEPS)
        return {
            "type": "open", "reason": reason, "score": document.score.to_dict(), "revision": document.revision,
            "hash": document.hash, "undo": undo, "redo": redo, "known": dict(self._known),
        }  # fmt: skip

    def receive(self, message: Any, send: Send, buffers: Sequence[Any] = ()) -> None:
        """Answer one message of a page, at once or piece by piece from another thread.

        Args:
            message: what came; untrusted. Nothing is raised for it: what is wrong comes back as a sentence.
            send: the way back to the widget it came from.
            buffers: what came with it.
        """
        kind = message.get("type") if isinstance(message, dict) else None
        if kind == "asset":
            data = assets.read(message.get("name"))
            known = {"type": "asset", "name": str(message.get("name"))[:200], "found": data is not None}
            send(known, [] if data is None else [data])
            return
        try:
            page = self._page(message)
        except WorkbenchError as problem:
            self._reply(message, error(str(problem)), send)
            return
        if kind in MESSAGES:
            self._media(page, message, send, buffers)
            return
        rows = table()
        if isinstance(kind, str) and kind in rows.jobs:
            answer = self._pages.answer

            def work() -> None:
                for item in answer(message):
                    self._post({**item, "to": message["session"], "n": next(self._numbers)}, send)

            threading.Thread(target=work, name=f"workbench-{kind}", daemon=True).start()
        elif isinstance(kind, str) and kind in rows.calls and rows.calls[kind].slow:
            call = functools.partial(self._reply_with, message, self._pages.call, send)
            threading.Thread(target=call, name=f"workbench-{kind}", daemon=True).start()
        else:
            own = {"hello": self._hello, "ops": self._ops, "open": self._open}.get(str(kind))
            self._reply_with(message, functools.partial(own, page) if own else self._pages.call, send)

    def _media(self, page: Page, message: Message, send: Send, buffers: Sequence[Any]) -> None:
        """A file on its way into the page, or back."""
        arrivals = self._arrivals.setdefault(page, Arrivals(page.media))
        try:
            reply, data = arrivals.answer(message, buffers)
        except WorkbenchError as problem:
            reply, data = error(str(problem)), []
        if data:
            send({**reply, "reply_to": str(message.get("call"))[:100]}, data)
        else:
            self._reply(message, reply, send)

    def _reply_with(self, message: Message, handler: Callable[[Message], Message], send: Send) -> None:
        try:
            reply = handler(message)
        except WorkbenchError as problem:
            reply = error(str(problem))
        except RecursionError:
            reply = error("The message is nested too deeply.")
        self._reply(message, reply, send)

    def _reply(self, message: Any, reply: Message, send: Send) -> None:
        number = message.get("call") if isinstance(message, dict) else None
        if isinstance(number, str):
            self._post({**reply, "reply_to": number[:100]}, send)
        elif reply["type"] == "error":
            send({"type": "notice", "text": reply["text"], "n": next(self._numbers)}, [])

    @staticmethod
    def _post(message: Message, send: Send) -> None:
        """Send a message; a file that it names travels with it and is gone here afterwards."""
        path = message.pop("path", None)
        if path is None:
            send(message, [])
            return
        data = Path(path).read_bytes()
        shutil.rmtree(Path(path).parent, ignore_errors=True)
        send(message, [data])

    def _page(self, message: Any) -> Page:
        """Where the jobs of the window are kept that a message comes from."""
        page = self._pages.page(message)
        page.document, page.log = self.document, self.document.log
        page.lock = self.document.lock  # type: ignore[assignment] # a job must not copy what a cell is changing
        return page

    def _hello(self, page: Page, message: Message) -> Message:
        with self.document.lock:
            return self._whole("sync")

    def _open(self, page: Page, message: Message) -> Message:
        """A person has opened another piece in the page. (A page never overrules Python for another reason.)"""
        document, window = self.document, message["session"]
        with document.lock:
            if message.get("reason") != "file":
                return self._correct(window)
            score, revision = Score.from_dict(message.get("score")), whole(message, "revision")
            fits = revision == document.revision + 1
            record.begin(page, score, revision, message, origin=window)
            self._note(window, revision)
            return {"type": "ack", "revision": document.revision} if fits else self._correct(window)

    def _ops(self, page: Page, message: Message) -> Message:
        """Follow the page's changes; see the head of this module for those made on an older revision."""
        document, window = self.document, message["session"]
        entries = record.in_order(message)
        with document.lock:
            if not any(kind == "change" for kind, _ in entries):
                for _, event in entries:
                    record.keep(page, event)
                told = message.get("hash")
                drifted = message.get("base") == document.revision and told is not None and not document.agrees(told)
                return self._correct(window, "notebook.rejoined") if drifted else self._ack()
            late, refused, renamed = False, 0, Renamed()
            for kind, entry in entries:
                if kind == "event":
                    record.keep(page, entry)
                    continue
                revision = whole(entry, "revision")
                if revision <= self._known.get(window, -1):
                    continue
                late = late or revision != document.revision + 1
                try:
                    self._follow(entry, window, renamed if late else None)
                except (BadOperation, BadDocument):
                    late, refused = True, refused + 1
                self._note(window, revision)
            if not late:
                return self._ack()
            document.revision = max(document.revision, self._known[window])  # a revision never means two things
            return self._correct(window, "notebook.refused" if refused else "")

    def _follow(self, change: Message, window: str, renamed: Renamed | None) -> None:
        kind, operation, source, cause = change_of(self.document, change)
        if renamed is not None:
            operation = fit(self.document.score, operation, renamed)
        facts = record.facts_of(change, self.document.log, lambda: self._hub().registry)
        self.document.follow(kind, operation, source, cause, origin=window, **facts)

    def _ack(self) -> Message:
        return {"type": "ack", "revision": self.document.revision}

    def _correct(self, window: str, key: str = "") -> Message:
        """Give one window the document as it is, and a sentence about why."""
        self._broadcast({**self._whole("sync"), "to": window})
        if key:
            self._broadcast({"type": "notice", "text": text(key), "to": window})
        return self._ack()

    def _note(self, window: str, revision: int) -> None:
        self._known[window] = max(revision, self._known.get(window, -1))
        self._known.move_to_end(window)
        while len(self._known) > MAX_WINDOWS:
            self._known.popitem(last=False)


def serve(document: LiveDocument) -> DocumentServer:
    """The server of a document: one, however many widgets show it."""
    with document.lock:
        if document.server is None:
            document.server = DocumentServer(document)
        return document.server
