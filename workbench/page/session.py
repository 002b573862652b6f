"""One person's page on the server: a mirror of its document, its running jobs, its log; and all open pages.

The browser owns the document (see ``workbench/web/src/README.md`` for the messages); the server keeps a mirror fed by
batched operations, so that a model never waits for a whole document to cross. Nothing a client sends is believed:
every score, operation and setting is checked by the layer it belongs to, and a wrong message gets one sentence.

This module knows neither Gradio nor Jupyter; both hand it JSON objects. What answers a message is found in
:mod:`workbench.page.table`.
"""

from __future__ import annotations

import itertools
import logging
import re
import secrets
import shutil
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import BadRequest, Cancelled, Unavailable, WorkbenchError
from workbench.hub.protocol import CancelScope, CancelToken
from workbench.hub.public import PublicRules, trace
from workbench.page import quarters
from workbench.page.exports import Exports
from workbench.page.heardings import Heardings
from workbench.page.limits import check_piece
from workbench.page.logbook import Logbook, Writing, told
from workbench.page.media import Limits, MediaItem, Shelf
from workbench.page.promptdesk import MEMBER, PromptDesk
from workbench.page.queue import Person, Queue, Ticket
from workbench.page.rates import Rates
from workbench.page.record import Imported
from workbench.page.replays import Replays
from workbench.page.rows import Call, Job, Message, Request, error, need
from workbench.page.table import table
from workbench.page.workers import Here, Labour
from workbench.score.document import Document
from workbench.score.events import EventLog
from workbench.score.project import Medium, Project, media_names
from workbench.score.score import Score
from workbench.study.log.recorder import Recorder

if TYPE_CHECKING:
    from workbench.hub.hub import Hub
    from workbench.page.studydesk import StudyDesk
    from workbench.study.plan.flow import Sitting

_log = logging.getLogger(__name__)

IDLE_SECONDS = 3_600
MAX_PAGES = 500
#: How many seconds' worth of messages one page may send at once.
BURST_SECONDS = 15
_TOKEN = re.compile(r"[0-9a-f]{32}\Z")
_JOB = re.compile(r"[A-Za-z0-9_.-]{1,64}\Z")
#: Silent or waiting work is heard of at least this often, in seconds, so that a host can end it when nobody listens.
BEAT_SECONDS = 1.0
_BUG = "Something went wrong inside the workbench; nothing of yours was changed. Try again."


class Page:
    """The server's side of one open page.

    Args:
        rules: the limits of a public server, or None.
        folder: where the page may keep files; by default a temporary one.
        address: the network address it was opened from, as far as a host knows it.
    """

    def __init__(self, rules: PublicRules | None = None, folder: Path | None = None, address: str = "") -> None:
        self.rules = rules
        self.address = address
        self.media = Shelf(folder or _own_folder(), media_limits(rules))
        self.document: Document | None = None
        self._log = EventLog()
        self._writing: Writing | None = None
        self.person = ""  # salted id of whoever is here, once they have agreed that something is kept
        self.sitting: Sitting | None = None  # of a participant, where a study is served
        self.wrong_codes = 0
        self.study_media: dict[Path, str] = {}  # a study's sounds on this page's shelf
        self.heard = 0  # number of the last thing that the page has told for the log
        self.imported: Imported | None = None
        self.heardings = Heardings()
        self.prompts = PromptDesk()
        self.jobs: dict[str, CancelScope] = {}  # work under way by its id; that of slow calls begins with "@"
        self.seen = time.monotonic()
        self.lock = threading.Lock()

    @property
    def log(self) -> EventLog:
        """The page's own log: it stays here and in the person's project file."""
        return self._log

    @log.setter
    def log(self, log: EventLog) -> None:
        if log is not self._log:
            before, self._log = self._log, log
            _move(self._writing, before, log)

    @property
    def writing(self) -> Writing | None:
        """The page's part in the interaction log, which others keep; None as long as nobody has agreed to that."""
        return self._writing

    @writing.setter
    def writing(self, writing: Writing | None) -> None:
        _move(self._writing, self._log, None)
        self._writing = writing
        _move(writing, None, self._log)

    @property
    def recorder(self) -> Recorder | None:
        """What writes into the interaction log; None before consent and after the end of the session."""
        return self._writing.recorder if self._writing and not self._writing.recorder.ended else None

    @property
    def revision(self) -> int:
        """The revision of the mirror; 0 before the piece has come."""
        return self.document.revision if self.document else 0

    def went_wrong(self, kind: Any, text: str) -> None:
        """Note in the log what a person has been told instead of what they asked for."""
        name = kind if isinstance(kind, str) and kind in table().names else ""
        with suppress(BadRequest):  # a full log takes nothing more, whatever comes
            self.log.events.check_room()
            self.log.add("error", "system", {"message": name, "text": text[:500]})

    def check_length(self, score: Score) -> None:
        """Hold a piece to the limits on its length and its tracks; raises :class:`BadRequest`."""
        check_piece(score, self.rules)

    def snapshot(self) -> tuple[Score, int]:
        """A copy of the document and its revision, for a job; raises :class:`BadRequest` if there is none yet."""
        with self.lock:
            if self.document is None:
                raise BadRequest("The piece has not reached the server yet; try again.")
            return self.document.score.copy(), self.document.revision

    def project(self) -> Project:
        """The document with its log, what lies on the shelf, and what the piece was made from.

        Raises:
            BadRequest: there is none yet.
        """
        with self.lock:
            if self.document is None:
                raise BadRequest("The piece has not reached the server yet; try again.")
            loose = self.prompts.takes.loose()
            items = [item for item in self.media.items() if item.sha256 not in loose]
            names = media_names(item.name for item in items)
            media: dict[str, Medium] = {name: item.path for name, item in zip(names, items, strict=True)}
            if (given := self.prompts.member(self.media)) is not None:
                media[MEMBER] = given
            return Project.of(self.document, media)

    def stop_all(self) -> None:
        """The page has gone: end its work and delete its files."""
        for scope in list(self.jobs.values()):
            scope.cancel()
        if (recorder := self.recorder) is not None:
            recorder.end(reason="gone")
        self.media.close()


def _move(writing: Writing | None, before: EventLog | None, after: EventLog | None) -> None:
    """Let what writes into the interaction log follow another log of the page."""
    if writing is not None:
        if before is not None and writing.tap in before.taps:
            before.taps.remove(writing.tap)
        if after is not None and writing.tap not in after.taps:
            after.taps.append(writing.tap)


def _own_folder() -> Path:
    """A name for a folder of temporary files; it is made when the first file comes."""
    return quarters.own().place("page")


def media_limits(rules: PublicRules | None) -> Limits:
    """How many files a page may hold: much on one's own computer, by the owner's rules on a public server."""
    if rules is None:
        return Limits()
    size = rules.max_upload_mb * 1_000_000
    return Limits(file_bytes=size, all_bytes=4 * size, files=16, seconds=rules.keep_seconds)


class Pages:
    """All open pages by their token, and the queue of their slow work.

    A page that has been idle for an hour is let go, and the longest idle when there are too many, in all or from one
    address; never one that works.
    """

    def __init__(
        self, hub: Callable[[], Hub], rules: PublicRules | None = None, queue: Queue | None = None,
        labour: Labour | None = None,
    ):  # fmt: skip
        self._hub = hub
        self.rules = rules
        self.queue = queue or Queue(rules)
        #: Who does heavy work; by default this process.
        self.labour: Labour = labour or Here()
        self.exports = Exports(quarters.own().place("exports"), rules, self.labour)
        #: Sessions that are played again, on a server that was started for it.
        self.replays: Replays | None = None
        #: Files of the pages, a folder each.
        self.media_folder = quarters.own().place("media")
        #: The interaction log that others keep, for those who agree; None where nothing is kept.
        self.logbook: Logbook | None = None
        #: The study that is served here, if one is.
        self.study: StudyDesk | None = None
        self._pages: OrderedDict[str, Page] = OrderedDict()
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        per_second = rules.page_messages_per_second if rules is not None else 0
        self._rates = Rates(per_second, per_second * BURST_SECONDS) if per_second else None

    @property
    def hub(self) -> Hub:
        """The models."""
        return self._hub()

    def page(self, message: Any, address: str = "") -> Page:
        """The page a message comes from; raises :class:`BadRequest` if it carries no proper token.

        Raises:
            Unavailable: it is a new one, and all that may be open here are at work.
        """
        token = message.get("session") if isinstance(message, dict) else None
        if not isinstance(token, str) or not _TOKEN.match(token):
            raise BadRequest("The message does not say which page it comes from; reload the page.")
        now = time.monotonic()
        with self._lock:
            page = self._pages.get(token)
            if page is None:
                self._make_room(address)
                page = self._pages[token] = Page(self.rules, self.media_folder / secrets.token_hex(16), address)
            page.seen = now
            self._pages.move_to_end(token)
        if self._rates is not None and not self._rates.allow(token):
            raise BadRequest("This page sends very much at once; wait a moment and try again.")
        return page

    def let_idle_go(self) -> int:
        """Let the pages go that have been idle for an hour; returns how many."""
        now = time.monotonic()
        with self._lock:
            idle = [key for key, page in self._pages.items() if now - page.seen >= IDLE_SECONDS and not page.jobs]
            for key in idle:
                self._pages.pop(key).stop_all()
        return len(idle)

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
        if self.study is not None:
            self.study.reception.close()
        if self.logbook is not None:
            self.logbook.close()
        self.labour.close()
        for folder in (self.media_folder, self.exports.folder):
            shutil.rmtree(folder, ignore_errors=True)

    def _make_room(self, address: str) -> None:
        """Let idle pages go, the longest idle first, until another fits: first in all, then of this address."""
        near = MAX_PAGES if self.rules is None or not address else self.rules.pages_per_address
        for most, whose in ((near, address), (MAX_PAGES, None)):
            pages = {key: page for key, page in self._pages.items() if whose is None or page.address == whose}
            idle = iter([key for key, page in pages.items() if not page.jobs])
            for _ in range(len(pages) - most + 1):
                oldest = next(idle, None)
                if oldest is None:
                    raise Unavailable("Many people are here right now; try again in a minute.")
                self._pages.pop(oldest).stop_all()

    def call(self, message: Any, person: Person | None = None, scope: CancelScope | None = None) -> Message:
        """Answer one call. Never raises: what went wrong comes back as ``error {text}`` and stands in the log.

        Args:
            message: what the page sent; untrusted.
            person: who asks, as the host knows them; left out: the page's token alone.
            scope: cancelled by the host when nobody waits for the answer any more.
        """
        page = kind = None
        try:
            page = self.page(message, person.address if person else "")
            kind = message.get("type")
            row = table().calls.get(kind) if isinstance(kind, str) else None
            if row is None or row.host:
                raise BadRequest(f"There is no message called {str(kind)[:40]!r}.")
            if self.study is not None:
                self.study.check(page, row.name, message)
            if row.document and page.document is None:
                return need()
            if row.slow:
                return self._slow(row, page, message, person, scope or CancelScope())
            before = page.writing
            with page.lock if row.locked else nullcontext():
                reply = row.answer(Request(self, page, message))
            return self._written(page, before, reply)
        except WorkbenchError as problem:
            text = str(problem)
        except RecursionError:
            text = "The message is nested too deeply."
        except Exception as problem:  # a bug of ours: the person gets a sentence, the log where it happened
            _log.error("a call failed: %s", trace(problem))
            text = _BUG
        if page is not None:
            page.went_wrong(kind, text)
        return error(text)

    def _written(self, page: Page, before: Writing | None, reply: Message) -> Message:
        """Tell a page, beside the answer that did it, that it writes into the interaction log now, or no more."""
        if page.writing is before:
            return reply
        return {**reply, "log": told(page.writing)}

    def former(self, token: Any, page: Page) -> Page | None:
        """The page that a reloaded one was before, if it is still here: only it knows that page's token."""
        with self._lock:
            found = self._pages.get(token) if isinstance(token, str) else None
        return None if found is page else found

    def _slow(self, row: Call, page: Page, message: Message, person: Person | None, scope: CancelScope) -> Message:
        """Answer a slow call when its turn comes."""
        number = f"@{next(self._numbers)}"
        page.jobs[number] = scope
        request = Request(self, page, message, scope.start())
        try:
            with self._turn(row, request, person) as ticket:
                while not ticket.wait(BEAT_SECONDS):
                    request.token.check()
                before = page.writing
                with page.lock if row.locked else nullcontext():
                    reply = row.answer(request)
                self.queue.done(ticket)
                return self._written(page, before, reply)
        finally:
            page.jobs.pop(number, None)

    @contextmanager
    def _turn(self, row: Call | Job, request: Request, person: Person | None) -> Iterator[Ticket]:
        """A place in the queue for as long as the work goes on."""
        seconds = 1.0
        with suppress(WorkbenchError):  # a request that cannot be met is refused by its handler, in words
            seconds = row.seconds(request)
        person = person or Person(session=request.message["session"])
        detail = request.message.get("model") or request.message.get("kind")
        kind = f"{row.name} {detail[:40]}" if isinstance(detail, str) else row.name
        asked, idle = isinstance(row, Job) and not row.drawn, isinstance(row, Job) and row.idle
        ticket = self.queue.join(person, kind, seconds, asked=asked, idle=idle)
        try:
            yield ticket
        finally:
            ticket.leave()

    def answer(
        self, message: Any, person: Person | None = None, scope: CancelScope | None = None
    ) -> Iterator[Message]:  # fmt: skip
        """Do a job and yield what the page is to hear; what goes wrong comes as ``<kind>.error``, never as a raise.

        The arguments are those of :meth:`call`. While the job waits for its turn, ``progress`` says how many come
        before it and how long that may take.
        """
        kind = message.get("type") if isinstance(message, dict) else None
        row = table().jobs.get(kind) if isinstance(kind, str) else None
        if row is None:
            yield error("The page sent a message the server does not know.")
            return
        job = str(message.get("id"))[:64]
        stopped, text, page = False, "", None
        try:
            with self._job(message, person, scope or CancelScope()) as (page, token):
                if self.study is not None:
                    self.study.check(page, row.name, message)
                if row.document and page.document is None:
                    yield {**need(), "type": f"{row.name}.need", "id": job}
                    return
                request = Request(self, page, message, token)
                with self._turn(row, request, person) as ticket:
                    for item in itertools.chain(waiting(ticket, token), row.answer(request)):
                        yield {**item, "type": f"{row.name}.{item['type']}", "id": job}
                    self.queue.done(ticket)
            return
        except Cancelled:
            stopped, text = True, "Stopped."
        except WorkbenchError as problem:
            text = str(problem)
        except Exception as problem:  # a bug of ours: the person gets a sentence, the log where it happened
            _log.error("a %s job failed: %s", row.name, trace(problem))
            text = _BUG
        if not stopped and page is not None:
            page.went_wrong(kind, text)
        yield {"type": f"{row.name}.error", "id": job, "text": text, "stopped": stopped}

    @contextmanager
    def _job(
        self, message: Any, person: Person | None, scope: CancelScope
    ) -> Iterator[tuple[Page, CancelToken]]:  # fmt: skip
        """Enter a job of a page: gives the page and the job's token; the job is gone at the end."""
        page = self.page(message, person.address if person else "")
        job = message.get("id")
        if not isinstance(job, str) or not _JOB.match(job) or job in page.jobs:
            raise BadRequest("A job needs an id of its own.")
        page.jobs[job] = scope
        try:
            yield page, scope.start()
        finally:
            scope.cancel()  # the page may have gone while the work was going on
            page.jobs.pop(job, None)


def waiting(ticket: Ticket, token: CancelToken) -> Iterator[Message]:
    """Wait for a turn; tells again and again how many come before and how many seconds that may take.

    Raises:
        Cancelled: the token went stale.
    """
    seconds = 0.0
    while not ticket.wait(seconds):
        token.check()
        left = round(ticket.seconds_left, 1)
        yield {"type": "progress", "done": None, "seconds_left": left, "text": "", "waiting": ticket.waiting}
        seconds = BEAT_SECONDS
