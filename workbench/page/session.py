"""One person's page on the server: a mirror of its document, its running jobs, its log; and all open pages.

The browser owns the document (see ``workbench/web/src/README.md`` for the messages); the server keeps a mirror fed by
batched operations, so that a model never waits for a whole document to cross. Nothing a client sends is believed:
every score, operation and setting is checked by the layer it belongs to, and a wrong message gets one sentence.

This module knows neither Gradio nor Jupyter; both hand it JSON objects. What answers a message is found in
:mod:`workbench.page.table`.
"""

from __future__ import annotations

import logging
import re
import secrets
import shutil
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import BadRequest, Cancelled, WorkbenchError
from workbench.hub.protocol import CancelScope, CancelToken
from workbench.hub.public import PublicRules, Queue
from workbench.page.exports import Exports
from workbench.page.media import Limits, MediaItem, Shelf
from workbench.page.record import Imported
from workbench.page.rows import Message, Request, error
from workbench.page.table import table
from workbench.score.document import Document
from workbench.score.events import EventLog
from workbench.score.score import Score
from workbench.score.timemap import TimeMap

if TYPE_CHECKING:
    from workbench.hub.hub import Hub

_log = logging.getLogger(__name__)

IDLE_SECONDS = 3_600
MAX_PAGES = 500
_TOKEN = re.compile(r"[0-9a-f]{32}\Z")
_JOB = re.compile(r"[A-Za-z0-9_.-]{1,64}\Z")


class Page:
    """The server's side of one open page.

    Args:
        rules: the limits of a public server, or None.
        folder: where the page may keep files; by default a temporary one.
    """

    def __init__(self, rules: PublicRules | None = None, folder: Path | None = None) -> None:
        self.rules = rules
        self.media = Shelf(folder or _own_folder(), media_limits(rules))
        self.document: Document | None = None
        self.log = EventLog()
        self.heard = 0  # number of the last thing that the page has told for the log
        self.imported: Imported | None = None
        self.jobs: dict[str, CancelScope] = {}  # running jobs by their id
        self.seen = time.monotonic()
        self.lock = threading.Lock()

    @property
    def revision(self) -> int:
        """The revision of the mirror; 0 before the piece has come."""
        return self.document.revision if self.document else 0

    def went_wrong(self, kind: Any, text: str) -> None:
        """Note in the log what a person has been told instead of what they asked for."""
        name = kind if isinstance(kind, str) and kind in table().names else ""
        self.log.add("error", "system", {"message": name, "text": text[:500]})

    def check_length(self, score: Score) -> None:
        """Hold a visitor of a public server to the owner's limit; raises :class:`BadRequest`."""
        if self.rules is not None:
            self.rules.check_length(TimeMap(score).seconds(score.end))

    def snapshot(self) -> tuple[Score, int]:
        """A copy of the document and its revision, for a job; raises :class:`BadRequest` if there is none yet."""
        with self.lock:
            if self.document is None:
                raise BadRequest("The piece has not reached the server yet; try again.")
            return self.document.score.copy(), self.document.revision

    def stop_all(self) -> None:
        """The page has gone: end its work and delete its files."""
        for scope in list(self.jobs.values()):
            scope.cancel()
        self.media.close()


def _own_folder() -> Path:
    """A name for a folder of temporary files; it is made when the first file comes."""
    return Path(tempfile.gettempdir(), f"workbench-page-{secrets.token_hex(16)}")


def media_limits(rules: PublicRules | None) -> Limits:
    """How many files a page may hold: much on one's own computer, by the owner's rules on a public server."""
    if rules is None:
        return Limits()
    size = rules.max_upload_mb * 1_000_000
    return Limits(file_bytes=size, all_bytes=4 * size, files=16, seconds=rules.keep_seconds)


class Pages:
    """All open pages by their token; idle ones are let go after an hour, the oldest when there are too many."""

    def __init__(self, hub: Callable[[], Hub], rules: PublicRules | None = None):
        self._hub = hub
        self._rules = rules
        self._queue = Queue(rules) if rules is not None else None
        self.exports = Exports()
        #: Files of the pages, a folder each.
        self.media_folder = Path(tempfile.mkdtemp(prefix="workbench-media-"))
        self._pages: OrderedDict[str, Page] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def hub(self) -> Hub:
        """The models."""
        return self._hub()

    def page(self, message: Any) -> Page:
        """The page a message comes from; raises :class:`BadRequest` if it carries no proper token."""
        token = message.get("session") if isinstance(message, dict) else None
        if not isinstance(token, str) or not _TOKEN.match(token):
            raise BadRequest("The message does not say which page it comes from; reload the page.")
        now = time.monotonic()
        with self._lock:
            page = self._pages.get(token)
            if page is None:
                page = self._pages[token] = Page(self._rules, self.media_folder / secrets.token_hex(16))
            page.seen = now
            self._pages.move_to_end(token)
            while self._pages:
                oldest = next(iter(self._pages))
                if now - self._pages[oldest].seen < IDLE_SECONDS and len(self._pages) <= MAX_PAGES:
                    break
                self._pages.pop(oldest).stop_all()
        return page

    def find_media(self, media_id: str) -> MediaItem:
        """A file by its id alone, which nobody can guess; raises :class:`BadRequest` if no page has it."""
        with self._lock:
            pages = list(self._pages.values())
        for page in pages:
            with suppress(BadRequest):
                return page.media.get(media_id)
        raise BadRequest("That file is no longer here; choose it again.")

    def sweep_media(self) -> int:
        """Delete the files whose time is over; returns how many went."""
        with self._lock:
            pages = list(self._pages.values())
        return sum(page.media.sweep() for page in pages)

    def close(self) -> None:
        """The server ends: end all work and delete every file."""
        with self._lock:
            pages = list(self._pages.values())
            self._pages.clear()
        for page in pages:
            page.stop_all()
        for folder in (self.media_folder, self.exports.folder):
            shutil.rmtree(folder, ignore_errors=True)

    def call(self, message: Any) -> Message:
        """Answer one call. Never raises: what went wrong comes back as ``error {text}`` and stands in the log."""
        page = kind = None
        try:
            page = self.page(message)
            kind = message.get("type")
            row = table().calls.get(kind) if isinstance(kind, str) else None
            if row is None or row.host:
                raise BadRequest(f"There is no message called {str(kind)[:40]!r}.")
            request = Request(self, page, message)
            with page.lock if row.locked else nullcontext():
                return row.answer(request)
        except WorkbenchError as problem:
            text = str(problem)
        except RecursionError:
            text = "The message is nested too deeply."
        if page is not None:
            page.went_wrong(kind, text)
        return error(text)

    def former(self, token: Any, page: Page) -> Page | None:
        """The page that a reloaded one was before, if it is still here: only it knows that page's token."""
        with self._lock:
            found = self._pages.get(token) if isinstance(token, str) else None
        return None if found is page else found

    def answer(self, message: Any) -> Iterator[Message]:
        """Do a job and yield what the page is to hear; what goes wrong comes as ``<kind>.error``, never as a raise."""
        kind = message.get("type") if isinstance(message, dict) else None
        row = table().jobs.get(kind) if isinstance(kind, str) else None
        if row is None:
            yield error("The page sent a message the server does not know.")
            return
        job = str(message.get("id"))[:64]
        stopped, text = False, ""
        try:
            with self._job(message) as (page, token):
                for item in row.answer(Request(self, page, message, token)):
                    yield {**item, "type": f"{row.name}.{item['type']}", "id": job}
            return
        except Cancelled:
            stopped, text = True, "Stopped."
        except WorkbenchError as problem:
            text = str(problem)
        except Exception:  # a bug of ours: the person gets a sentence, the log the traceback
            _log.exception("a %s job failed", row.name)
            text = "Something went wrong inside the workbench; nothing of yours was changed. Try again."
        if not stopped:
            with suppress(BadRequest):
                self.page(message).went_wrong(kind, text)
        yield {"type": f"{row.name}.error", "id": job, "text": text, "stopped": stopped}

    @contextmanager
    def _job(self, message: Any) -> Iterator[tuple[Page, CancelToken]]:
        """Enter a job of a page: gives the page and the job's token; the job is gone at the end."""
        page = self.page(message)
        job = message.get("id")
        if not isinstance(job, str) or not _JOB.match(job) or job in page.jobs:
            raise BadRequest("A job needs an id of its own.")
        scope = page.jobs[job] = CancelScope()
        try:
            with self._queue.place(message["session"]) if self._queue is not None else nullcontext():
                yield page, scope.start()
        finally:
            scope.cancel()  # the page may have gone while the work was going on
            page.jobs.pop(job, None)
