"""The interaction log as the pages of one server write it: who has agreed, and what of theirs is kept.

A server has a logbook where its owner has named a place for one (:class:`Logbook`; ``workbench --log PLACE`` for a
public page, a study's own place in a study). A page writes into it from consent on: ``page.recorder`` is set then, and
what its server does for the person (:mod:`workbench.score.events`) flows into the log too. Before that it is None, and
nothing of the page reaches the log.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workbench.errors import WorkbenchError
from workbench.study.log.follow import Follower
from workbench.study.log.ids import Salt
from workbench.study.log.recorder import Recorder, now_ms
from workbench.study.log.sinks import Sink

if TYPE_CHECKING:
    from workbench.page.session import Page
    from workbench.score.events import Event

#: How often what waits is tried again, in seconds.
TEND_SECONDS = 1.0
MOST_LOST = 100_000
DAY_MS = 86_400_000
#: The version of the text that a public page's visitors agree to (``kept.forResearchText`` and its neighbours).
TERMS_VERSION = "1"


@dataclass
class Writing:
    """One page's part in the log: its recorder, what follows its piece, and the key that its browser shows."""

    recorder: Recorder
    follower: Follower
    key: str
    lock: threading.RLock = field(default_factory=threading.RLock)
    #: The page that writes now; a reloaded one takes the place of the one before.
    owner: Page | None = None

    def tap(self, event: Event) -> None:
        """An event of the page's own log: the server's doings go into this one too."""
        with self.lock, suppress(WorkbenchError):
            if not self.recorder.ended:
                # The names of a person's files are nobody's business.
                names = [item.name for item in self.owner.media.items()] if self.owner is not None else []
                self.follower.tell(event["kind"], event["source"], event["payload"], names)


def told(writing: Writing | None) -> dict[str, Any] | None:
    """What a browser must know to write into its session; None while nothing of its page is kept."""
    if writing is None or writing.recorder.ended:
        return None
    recorder = writing.recorder
    return {"session": recorder.session, "key": writing.key, "next": recorder.wanted, "taken": recorder.taken}


def _is_end(event: Mapping[str, Any]) -> bool:
    return bool(event["kind"] == "session" and event["payload"].get("action") == "end")


class Logbook:
    """Who writes into the log of one server.

    Args:
        sink: where it is kept; closed with :meth:`close`.
        salt: turns people into ids.
        study: id of the study; "" for a public page, where a person may help research.
        keep_days: sessions older than this are deleted; None: never by themselves.
        clock: milliseconds since 1970.
    """

    def __init__(
        self, sink: Sink, salt: Salt, *, study: str = "", keep_days: int | None = None,
        clock: Callable[[], int] = now_ms,
    ) -> None:  # fmt: skip
        self.sink, self.salt, self.study, self.keep_days = sink, salt, study, keep_days
        self._clock = clock
        self._writings: dict[str, Writing] = {}
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._swept = 0.0

    def begin(
        self, page: Page, raw: str, *, version: str, text_sha256: str, agreed: Mapping[str, bool], **facts: Any
    ) -> Recorder:
        """A person has agreed: begin a session of theirs, and write from now on what the page does.

        Args:
            page: theirs; ``page.recorder`` is set.
            raw: what they are called outside: a code, or the key that their browser drew. It is not kept.
            version: of the text that they agreed to, and ``text_sha256``: its hash.
            agreed: the boxes, and whether each was ticked.
            facts: for the ``session`` event: version, freeze, condition, order ...

        Returns:
            The recorder, in which the first two events stand: ``session`` {action: begin} and ``consent``.
        """
        self.leave(page)
        recorder = Recorder(self.sink, self.study, self.salt.person(raw), clock=self._clock)
        self._attach(page, recorder, Follower(recorder))
        with recorder.gathering():
            recorder.record("session", "system", {"action": "begin", **facts})
            words = {"version": version, "text_sha256": text_sha256, "agreed": dict(agreed)}
            recorder.record("consent", "person", words)
        return recorder

    def resume(self, page: Page, session: Any, key: Any, seen: tuple[int, int] = (0, 0)) -> Recorder | None:
        """Go on with a session whose server was started anew, or whose page was let go.

        Args:
            page: that shows the session and its key.
            session: its id; untrusted.
            key: what the page was given with it; untrusted.
            seen: how many events the page has heard of, and how many of its own were among them. The page still has
                its own; if more than those are missing here, they were lost with their server, and the numbers leave
                a hole for them, so that nobody overlooks it.

        Returns:
            The recorder, or None where there is no such session, or the key is another's.
        """
        if not isinstance(session, str) or not self.salt.fits(session, key):
            return None
        with self._lock:
            known = self._writings.get(session)
            if known is not None and not known.recorder.ended:
                if page.writing is not known:
                    self._join(page, known)
                return known.recorder
            found = Recorder.resume(self.sink, session, self._clock)
            if found is None:
                return None
            recorder, past = found
            if any(_is_end(event) and event["payload"].get("reason") != "gone" for event in past):
                return None  # ended by the person, or by their study: a page does not begin it again
            lost = (seen[0] - recorder.next_seq) - (seen[1] - recorder.taken)
            if 0 < lost < MOST_LOST:
                recorder.skip(lost)
            self._attach(page, recorder, Follower(recorder, past))
        recorder.record("session", "system", {"action": "resume"})
        return recorder

    def start(self, person: str) -> Recorder:
        """Begin a session of somebody who has agreed elsewhere, in a study say; a page joins it by :meth:`join`.

        Args:
            person: salted id.
        """
        recorder = Recorder(self.sink, self.study, person, clock=self._clock)
        self._know(Writing(recorder, Follower(recorder), self.salt.key(recorder.session)))
        return recorder

    def find(self, session: str) -> Recorder | None:
        """The recorder of a session that has not ended, also after the server was started anew; None without one."""
        with self._lock:
            known = self._writings.get(session)
            if known is None:
                found = Recorder.resume(self.sink, session, self._clock)
                if found is None or any(_is_end(event) for event in found[1]):
                    return None
                known = Writing(found[0], Follower(*found), self.salt.key(session))
                self._know(known)
            return None if known.recorder.ended else known.recorder

    def join(self, page: Page, session: str) -> None:
        """Let a page write into a session that :meth:`start` or :meth:`find` gave."""
        with self._lock:
            known = self._writings.get(session)
        if known is not None and page.writing is not known:
            self._join(page, known)

    def _attach(self, page: Page, recorder: Recorder, follower: Follower) -> None:
        self._join(page, Writing(recorder, follower, self.salt.key(recorder.session)))

    def _know(self, writing: Writing) -> None:
        with self._lock:
            self._writings[writing.recorder.session] = writing
            if self._thread is None:
                self._thread = threading.Thread(target=self._tend, name="workbench-log", daemon=True)
                self._thread.start()

    def _join(self, page: Page, writing: Writing) -> None:
        self._know(writing)
        if writing.owner is not None and writing.owner is not page:
            writing.owner.writing = None
        writing.owner = page
        page.person = writing.recorder.person
        page.writing = writing

    def leave(self, page: Page, **facts: Any) -> None:
        """The page writes no more: its session ends."""
        writing, page.writing = page.writing, None
        if writing is not None:
            with suppress(WorkbenchError), writing.lock:
                writing.recorder.end(**facts)

    def erase(self, person: str) -> int:
        """Delete everything that is kept about a person, and keep nothing more of theirs; returns how many events.

        Raises:
            Unavailable: not everything could be deleted; the sentence says what is left.
        """
        with self._lock:
            theirs = [item for item in self._writings.values() if item.recorder.person == person]
            for item in theirs:
                with item.lock:
                    item.recorder.drop()
                del self._writings[item.recorder.session]
        return self.sink.erase(person)

    def tend(self) -> None:
        """Try again to keep what waits; forget who has gone; delete what is too old."""
        with self._lock:
            writings = list(self._writings.items())
        for session, writing in writings:
            if writing.recorder.flush() and writing.recorder.ended:
                with self._lock:
                    self._writings.pop(session, None)
        if self.keep_days is not None and time.monotonic() - self._swept > 3_600:
            self._swept = time.monotonic()
            with suppress(WorkbenchError):
                self.sink.expire(self._clock() - self.keep_days * DAY_MS)

    def _tend(self) -> None:
        while not self._stop.wait(TEND_SECONDS):
            self.tend()

    def close(self) -> None:
        """The server ends: what is there is kept, and the sink is closed."""
        self._stop.set()
        with self._lock:
            writings = list(self._writings.values())
        for writing in writings:
            writing.recorder.flush()
        self.sink.close()
