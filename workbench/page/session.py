"""One page's work on the server: a mirror of its document, its running jobs, its log.

The browser owns the document (see ``workbench/web/src/README.md`` for the messages); the server keeps a mirror fed by
batched operations, so that a model never waits for a whole document to cross. Nothing a client sends is believed:
every score, operation and setting is checked by the layer it belongs to, and a wrong message gets one sentence.

This module knows neither Gradio nor Jupyter; both hand it JSON objects.
"""

from __future__ import annotations

import base64
import binascii
import logging
import re
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from workbench.create.infill.ensembles import ensemble
from workbench.errors import BadFile, BadOperation, BadRequest, Cancelled, WorkbenchError
from workbench.hub.protocol import CancelScope, CancelToken, Partial, Progress, Result
from workbench.hub.public import PublicRules, Queue
from workbench.hub.tasks.infill.request import InfillRequest
from workbench.page.catalogue import credits, describe, pull
from workbench.page.engraving import engrave
from workbench.page.exports import Exports
from workbench.page.fills import result_message, run_event
from workbench.page.jobs import beating, watched
from workbench.page.waveforms import peaks_of
from workbench.score.document import Document
from workbench.score.events import KINDS, EventLog
from workbench.score.files import load
from workbench.score.score import Score
from workbench.score.timemap import TimeMap

if TYPE_CHECKING:
    from workbench.hub.hub import Hub

Message = dict[str, Any]
_log = logging.getLogger(__name__)

MAX_CHANGES = 10_000
MAX_UPLOAD = 64 * 2**20
IDLE_SECONDS = 3_600
MAX_PAGES = 500
_TOKEN = re.compile(r"[0-9a-f]{32}\Z")
_JOB = re.compile(r"[A-Za-z0-9_.-]{1,64}\Z")


def error(text: str) -> Message:
    """The reply to a call that cannot be met."""
    return {"type": "error", "text": text}


class Page:
    """The server's side of one open page. ``rules``: the limits of a public server, or None."""

    def __init__(self, rules: PublicRules | None = None) -> None:
        self.rules = rules
        self.document: Document | None = None
        self.log = EventLog()
        self.jobs: dict[str, CancelScope] = {}  # running jobs by their id
        self.seen = time.monotonic()
        self.lock = threading.Lock()

    def open(self, message: Message) -> Message:
        """Take over a whole document from the page."""
        score = Score.from_dict(message.get("score"))
        self._check_length(score)
        document = Document(score, self.log)
        document.revision = _whole(message, "revision")
        self.document = document
        self.log.add("open", "user", {"reason": str(message.get("reason", ""))[:40], "hash": document.hash})
        return {"type": "ack", "revision": document.revision, "hash": document.hash}

    def ops(self, message: Message) -> Message:
        """Follow the page's changes; ask for the whole document when they do not fit."""
        document = self.document
        if document is None or _whole(message, "base") != document.revision:
            return {"type": "need", "reason": "mismatch"}
        changes = message.get("changes")
        if not isinstance(changes, list) or len(changes) > MAX_CHANGES:
            raise BadRequest("The changes must be a list.")
        try:
            for change in changes:
                if not isinstance(change, dict):
                    raise BadOperation("A change must be an object.")
                source = "model" if change.get("source") == "model" else "user"
                facts = change.get("facts")
                document.apply(change.get("operation"), source, **plain_facts(facts))  # type: ignore[arg-type]
        except BadOperation as problem:
            self.log.add("error", "system", {"text": str(problem)})
            return {"type": "need", "reason": "mismatch"}
        if message.get("hash") and message["hash"] != document.hash:
            return {"type": "need", "reason": "mismatch"}
        return {"type": "ack", "revision": document.revision}

    def events(self, message: Message) -> Message:
        """Keep what is worth logging and is no change."""
        events = message.get("events")
        if not isinstance(events, list) or len(events) > MAX_CHANGES:
            raise BadRequest("The events must be a list.")
        for event in events:
            if isinstance(event, dict) and event.get("kind") in KINDS and isinstance(event.get("payload"), dict):
                self.log.add(event["kind"], "user", {**event["payload"], "client_time": event.get("time")})
        return {"type": "ack", "revision": self.document.revision if self.document else 0}

    def import_file(self, message: Message) -> Message:
        """Read a file's bytes into a score."""
        name, data = message.get("name"), message.get("data")
        if not isinstance(name, str) or not isinstance(data, str):
            raise BadRequest("A file needs a name and its bytes.")
        if len(data) > MAX_UPLOAD * 4 // 3 + 4:
            raise BadFile(f"The file is too large; at most {MAX_UPLOAD // 2**20} MB can be opened.")
        try:
            content = base64.b64decode(data, validate=True)
        except (binascii.Error, ValueError) as problem:
            raise BadFile("The file did not arrive whole; choose it again.") from problem
        if self.rules is not None:
            self.rules.check_upload(len(content))
        loaded = load(content, name[:200])
        self._check_length(loaded.score)
        self.log.add("prompt", "user", {"kind": loaded.kind, "notes": loaded.score.note_count})
        return {
            "type": "open", "score": loaded.score.to_dict(), "revision": 0, "title": loaded.score.title,
            "report": [remark.text for remark in loaded.report.remarks],
        }  # fmt: skip

    def _check_length(self, score: Score) -> None:
        if self.rules is not None:
            self.rules.check_length(TimeMap(score).seconds(score.end))

    def snapshot(self) -> tuple[Score, int]:
        """A copy of the document and its revision, for a job; raises :class:`BadRequest` if there is none yet."""
        with self.lock:
            if self.document is None:
                raise BadRequest("The piece has not reached the server yet; try again.")
            return self.document.score.copy(), self.document.revision

    def stop(self, message: Message) -> Message:
        """Stop one job of this page; others are not touched."""
        scope = self.jobs.get(str(message.get("id")))
        if scope is not None:
            scope.cancel()
        return {"type": "ack", "revision": self.document.revision if self.document else 0}

    def stop_all(self) -> None:
        """The page has gone: end its work."""
        for scope in list(self.jobs.values()):
            scope.cancel()


def _whole(message: Message, name: str) -> int:
    value = message.get(name)
    if type(value) is not int or not 0 <= value < 2**53:
        raise BadRequest(f"The message's {name} must be a whole number.")
    return value


def plain_facts(facts: Any) -> dict[str, Any]:
    """What may be logged beside an operation: seed, model and settings, by their own names."""
    known = ("seed", "model_id", "settings", "revision_of_model", "idea", "name", "gesture")
    return {name: facts[name] for name in known if name in facts} if isinstance(facts, dict) else {}


class Pages:
    """All open pages by their token; idle ones are let go after an hour, the oldest when there are too many."""

    def __init__(self, hub: Callable[[], Hub], rules: PublicRules | None = None):
        self._hub = hub
        self._rules = rules
        self._queue = Queue(rules) if rules is not None else None
        self.exports = Exports()
        self._pages: OrderedDict[str, Page] = OrderedDict()
        self._lock = threading.Lock()

    def page(self, message: Any) -> Page:
        """The page a message comes from; raises :class:`BadRequest` if it carries no proper token."""
        token = message.get("session") if isinstance(message, dict) else None
        if not isinstance(token, str) or not _TOKEN.match(token):
            raise BadRequest("The message does not say which page it comes from; reload the page.")
        now = time.monotonic()
        with self._lock:
            page = self._pages.get(token)
            if page is None:
                page = self._pages[token] = Page(self._rules)
            page.seen = now
            self._pages.move_to_end(token)
            while self._pages:
                oldest = next(iter(self._pages))
                if now - self._pages[oldest].seen < IDLE_SECONDS and len(self._pages) <= MAX_PAGES:
                    break
                self._pages.pop(oldest).stop_all()
        return page

    @property
    def answers(self) -> dict[str, Callable[[Any], Iterator[Message]]]:
        """What answers each kind of event, piece by piece."""
        return {"fill": self.fill, "export": self.export, "waveforms": self.waveforms, "pull": self.pull}

    def call(self, message: Any) -> Message:
        """Answer one call. Never raises: what went wrong comes back as ``error {text}``."""
        calls: dict[str, Callable[[Page, Message], Message]] = {
            "open": Page.open, "ops": Page.ops, "events": Page.events, "import": Page.import_file, "stop": Page.stop,
        }  # fmt: skip
        answers: dict[str, Callable[[Page, Message], Message]] = {  # what a page cannot answer by itself
            "render": self._render, "models": self._models, "sheet": self._sheet, "ensemble": self._ensemble,
        }  # fmt: skip
        try:
            page = self.page(message)
            handler = calls.get(message["type"]) if isinstance(message.get("type"), str) else None
            if (own := answers.get(str(message.get("type")))) is not None:
                return own(page, message)
            if handler is None:
                raise BadRequest(f"There is no message called {str(message.get('type'))[:40]!r}.")
            if handler is Page.stop:
                return page.stop(message)  # must not wait behind a long batch
            with page.lock:
                return handler(page, message)
        except WorkbenchError as problem:
            return error(str(problem))
        except RecursionError:
            return error("The message is nested too deeply.")

    def _render(self, page: Page, message: Message) -> Message:
        """The piece as one sound file, for a page whose browser may not make the sound itself."""
        score, revision = page.snapshot()
        path = self.exports.make(score, "mp3", None, lambda share: None, lambda: False)
        return {"type": "audio", "path": path.as_posix(), "revision": revision}

    @staticmethod
    def _sheet(page: Page, message: Message) -> Message:
        """The piece engraved."""
        score, revision = page.snapshot()
        made = engrave(
            score, width=message.get("width", 1000), transpose=message.get("transpose", 0),
            paper=message.get("paper") is True,
        )  # fmt: skip
        return {"type": "sheet", "revision": revision, **made}

    @staticmethod
    def _ensemble(page: Page, message: Message) -> Message:
        """Tracks for a band, or an instrument, named in plain words, and the wishes that go with them."""
        name = message.get("name")
        if not isinstance(name, str):
            raise BadRequest("Name a band or an instrument.")
        # Ideas wait long to be kept; meanwhile nobody's own new track must get the same id.
        made = ensemble(page.snapshot()[0], name, prefix=f"t{secrets.token_hex(3)}-")
        return {
            "type": "ensemble", "new_tracks": [new.to_dict() for new in made.tracks],
            "controls": made.controls.to_dict(),
            "per_track": {track_id: controls.to_dict() for track_id, controls in made.per_track.items()},
        }  # fmt: skip

    def _models(self, page: Page, message: Message) -> Message:
        """Every model in plain words, and everything that travels with the app."""
        hub, score = self._hub(), page.snapshot()[0] if page.document else None
        return {
            "type": "models", "models": describe(hub, score), "credits": credits(), "public": hub.rules is not None,
        }  # fmt: skip

    @contextmanager
    def _job(self, message: Any) -> Iterator[tuple[Page, str, CancelToken]]:
        """Enter a job of a page: gives the page, the job's id and its token; the job is gone at the end."""
        page = self.page(message)
        job = message.get("id")
        if not isinstance(job, str) or not _JOB.match(job) or job in page.jobs:
            raise BadRequest("A job needs an id of its own.")
        scope = page.jobs[job] = CancelScope()
        try:
            with self._queue.place(message["session"]) if self._queue is not None else nullcontext():
                yield page, job, scope.start()
        finally:
            scope.cancel()  # the page may have gone while the work was going on
            page.jobs.pop(job, None)

    def _answer(self, kind: str, message: Any, work: Callable[[Any], Iterator[Message]]) -> Iterator[Message]:
        """Yield what ``work`` yields, each with the job's type and id; what goes wrong comes as ``<kind>.error``."""
        job = str(message.get("id"))[:64] if isinstance(message, dict) else ""
        stopped, text = False, ""
        try:
            for item in work(message):
                yield {**item, "type": f"{kind}.{item['type']}", "id": job}
            return
        except Cancelled:
            stopped, text = True, "Stopped."
        except WorkbenchError as problem:
            text = str(problem)
        except Exception:  # a bug of ours: the person gets a sentence, the log the traceback
            _log.exception("a %s job failed", kind)
            text = "Something went wrong inside the workbench; nothing of yours was changed. Try again."
        yield {"type": f"{kind}.error", "id": job, "text": text, "stopped": stopped}

    def fill(self, message: Any) -> Iterator[Message]:
        """Run a fill and yield what the page is to hear: progress, partial notes, then a result or an error."""
        return self._answer("fill", message, self._fill)

    def _fill(self, message: Any) -> Iterator[Message]:
        with self._job(message) as (page, job, token):
            score, revision = page.snapshot()
            request = InfillRequest.from_settings(score, message.get("request"), document_revision=revision)
            seed, model = message.get("seed"), message.get("model")
            if seed is None:
                seed = secrets.randbelow(2**31)
            if type(seed) is not int or not 0 <= seed < 2**53 or not (model is None or isinstance(model, str)):
                raise BadRequest("The seed must be a whole number and the model a name.")
            made: dict[int, dict[str, list[Any]]] = {}
            told: Message = {"type": "progress", "done": None, "seconds_left": None, "text": ""}
            for item in beating(self._hub().run(model or "infill", request, seed=seed, cancel=token)):
                if item is None:
                    yield told  # nothing new: only so that the host can end this when the page has gone
                elif isinstance(item, Progress):
                    told = {
                        "type": "progress", "done": item.done, "seconds_left": item.seconds_left, "text": item.text,
                    }  # fmt: skip
                    yield told
                elif isinstance(item, Partial):
                    notes = made.setdefault(item.alternative, {})
                    notes.setdefault(item.track_id, []).extend(note.to_dict() for note in item.notes)
                    yield {"type": "partial", "alternative": item.alternative, "notes": notes}
                elif isinstance(item, Result):
                    page.log.add("run", "model", run_event(item, job, seed, revision))
                    yield result_message(item)

    def export(self, message: Any) -> Iterator[Message]:
        """Make a file to take away and yield progress, then its address, or an error."""
        return self._answer("export", message, self._export)

    def _export(self, message: Any) -> Iterator[Message]:
        with self._job(message) as (page, _, token):
            score, _ = page.snapshot()
            kind, options = message.get("kind"), message.get("options")
            work = watched(lambda progress, stop: self.exports.make(score, kind, options, progress, stop), token)
            path = yield from _figures(work)
            page.log.add("export", "user", {"kind": str(kind)[:20]})
            yield {"type": "result", "name": path.name, "path": path.as_posix()}

    def pull(self, message: Any) -> Iterator[Message]:
        """Fetch a model's weights and yield progress, then a result or an error."""
        return self._answer("pull", message, self._pull)

    def _pull(self, message: Any) -> Iterator[Message]:
        with self._job(message) as (_, _, token):
            for step in pull(self._hub(), message.get("model"), token):
                yield {"type": "progress", "done": step.done, "seconds_left": step.seconds_left, "text": step.text}
            yield {"type": "result"}

    def waveforms(self, message: Any) -> Iterator[Message]:
        """Render the piece and yield each track's peaks, to be drawn as waveforms."""
        return self._answer("waveforms", message, self._waveforms)

    def _waveforms(self, message: Any) -> Iterator[Message]:
        from workbench.sound.render import render_stems

        with self._job(message) as (page, _, token):
            score, revision = page.snapshot()
            stems = yield from _figures(
                watched(lambda progress, stop: render_stems(score, progress=progress, stop=stop), token)
            )
            seconds = stems[0].audio.seconds if stems else 0.0
            peaks = {stem.track_id: peaks_of(stem.audio) for stem in stems}
            yield {"type": "result", "revision": revision, "seconds": seconds, "peaks": peaks}


def _figures(work: Generator[float, None, Any]) -> Generator[Message, None, Any]:
    """Turn the figures of a watched job into progress messages; returns what the job returned."""
    while True:
        try:
            share = next(work)
        except StopIteration as end:
            return end.value
        yield {"type": "progress", "done": round(share, 3), "seconds_left": None, "text": ""}
