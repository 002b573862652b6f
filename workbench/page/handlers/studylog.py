"""What is kept about a person: agreed to, written, shown, taken away, deleted.

A page that begins to write is told of it by the field ``log`` of the answer to whatever began it, a step of a study
say (:func:`workbench.page.logbook.told`): ``{"session", "key", "next", "taken"}``; null when it writes no more. From
then on its browser sends ``log_take`` every second.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

from workbench.errors import BadRequest
from workbench.page.logbook import TERMS_VERSION, Logbook, Writing, told
from workbench.page.record import number
from workbench.page.rows import Call, Message, Request, Row
from workbench.page.texts import DEFAULT, catalogue
from workbench.score.events import is_plain
from workbench.study.log.mine import mine, of_person
from workbench.study.log.schema import to_lines

#: Most entries of one message, and most bytes of one entry as JSON.
MOST_ENTRIES, MOST_BYTES = 5_000, 16 * 2**20
_WHO = re.compile(r"[0-9a-f]{32}\Z")
#: The sentences that a visitor of a public page agrees to.
TERMS = ("kept.helpLead", "kept.helpOn", "kept.forResearchText")


def _book(request: Request) -> Logbook:
    if request.pages.logbook is None:
        raise BadRequest("This workbench keeps no record of what people do.")
    return request.pages.logbook


def _person(request: Request) -> str:
    """The salted id of whoever asks, by their session, their page or their browser's key; "" if nothing is theirs."""
    book, message = _book(request), request.message
    if request.page.person:
        return request.page.person
    session, who = message.get("log_session"), message.get("who")
    if isinstance(session, str) and book.salt.fits(session, message.get("log_key")):
        return next((event["person"] for event in book.sink.read(session)), "")
    return book.salt.person(who) if isinstance(who, str) and _WHO.match(who) and not book.study else ""


def status(request: Request) -> Message:
    """Whether anything is kept here, and of this person."""
    page, book = request.page, request.pages.logbook
    if book is None:
        return {"type": "log_status", "offered": False, "agreed": False, "count": 0, "version": "", "log": None}
    person = _person(request)
    return {
        "type": "log_status", "offered": not book.study, "agreed": told(page.writing) is not None,
        "count": len(of_person(book.sink, person)) if person else 0, "version": TERMS_VERSION,
        "log": told(page.writing),
    }  # fmt: skip


def terms(language: Any = None) -> str:
    """The sentences that a visitor agrees to, in their language."""
    try:
        found = catalogue(language if isinstance(language, str) else DEFAULT)
    except FileNotFoundError:
        found = catalogue()
    return "\n".join(found.get(key, "") for key in TERMS)


def consent(request: Request) -> Message:
    """A visitor of a public page agrees to help research, or does so no more."""
    page, message, book = request.page, request.message, _book(request)
    if book.study:
        raise BadRequest("In a study, agreeing is a step of the study itself.")
    if message.get("agreed") is not True:
        book.leave(page, reason="consent withdrawn")
    elif told(page.writing) is None:
        who = message.get("who")
        if not isinstance(who, str) or not _WHO.match(who):
            raise BadRequest("The page has no key of its own; reload it and try again.")
        digest = hashlib.sha256(terms(message.get("language")).encode()).hexdigest()
        book.begin(page, who, version=TERMS_VERSION, text_sha256=digest, agreed={"log": True, "recordings": False})
    return {
        "type": "log_consent",
        "agreed": told(page.writing) is not None,
        "version": TERMS_VERSION,
        "log": told(page.writing),
    }


def take(request: Request) -> Message:
    """Keep what a page tells. The answer names the number from which on nothing is kept yet, whatever went wrong."""
    page, message, book = request.page, request.message, _book(request)
    writing = page.writing
    if writing is None or writing.recorder.session != message.get("log_session") or writing.recorder.ended:
        seen = (number(message, "seen"), number(message, "seen_taken"))
        recorder = book.resume(page, message.get("log_session"), message.get("log_key"), seen)
        writing = page.writing
        if recorder is None or writing is None:
            return {"type": "log_ended"}
    elif not book.salt.fits(writing.recorder.session, message.get("log_key")):
        return {"type": "log_ended"}
    entries = message.get("entries")
    if not isinstance(entries, list) or len(entries) > MOST_ENTRIES:
        raise BadRequest("What a page tells must be a list.")
    with writing.lock:
        _follow(writing, entries, message.get("lost"))
        recorder = writing.recorder
        recorder.flush()
        return {
            "type": "log_kept", "next": recorder.wanted, "taken": recorder.taken, "seq": recorder.next_seq,
            "trouble": recorder.trouble, "whole": writing.follower.lost,
        }  # fmt: skip


def _follow(writing: Writing, entries: list[Any], lost: Any) -> None:
    """Record what is next in the page's count; what was taken is passed over, what comes too early waits there."""
    recorder = writing.recorder
    if type(lost) is int and recorder.taken < lost < 2**53:
        recorder.pass_over(lost)
    with recorder.gathering():
        for entry in entries:
            if not isinstance(entry, dict) or type(entry.get("c")) is not int:
                raise BadRequest("What a page tells must be numbered.")
            if entry["c"] < recorder.taken:
                continue
            if entry["c"] > recorder.taken or recorder.full:
                break
            moment, payload = entry.get("time"), entry.get("payload")
            writing.follower.take(
                entry.get("kind"), payload if is_plain(payload, MOST_BYTES) else None, entry.get("source"),
                client_seq=entry["c"], client_time=moment if type(moment) is int and 0 <= moment < 2**53 else None,
            )  # fmt: skip


def show(request: Request) -> Message:
    """Everything that is kept about this person, in plain statements (see :func:`workbench.study.log.mine.mine`)."""
    book, person = _book(request), _person(request)
    return {"type": "log_mine", **mine(of_person(book.sink, person) if person else [], book.keep_days)}


def download(request: Request) -> Message:
    """Everything that is kept about this person, as it is kept, one JSON object a line."""
    book, person = _book(request), _person(request)
    lines = to_lines(of_person(book.sink, person) if person else [])
    return {"type": "log_download", "name": "kept-about-me.jsonl", "text": lines.decode()}


def delete(request: Request) -> Message:
    """Delete everything that is kept about this person; nothing more is kept until they agree again."""
    book, person = _book(request), _person(request)
    if request.pages.study is not None and person:  # without what was kept, nobody takes part
        count = request.pages.study.leave(person)
    else:
        count = book.erase(person) if person else 0
    request.page.writing = None
    return {"type": "log_delete", "count": count, "log": None}


_HERE = "workbench.page.handlers.studylog"
_WRITER = {"log_session?": "string", "log_key?": "string", "who?": "string"}

ROWS: tuple[Row, ...] = (
    Call(
        "log_status", f"{_HERE}:status",
        "Whether a record of what people do is kept here for those who agree (`offered`), whether this page writes "
        "into it, and how many entries are this person's.",
        _WRITER,
        {
            "log_status": {
                "offered": "boolean", "agreed": "boolean", "count": "number", "version": "string", "log": "Json | null",
            }
        },
    ),
    Call(
        "log_consent", f"{_HERE}:consent",
        "Agree to help research, or do so no more. `who`: the key that this browser has drawn for itself.",
        {"agreed": "boolean", "language?": "string", **_WRITER},
        {"log_consent": {"agreed": "boolean", "version": "string", "log": "Json | null"}},
    ),
    Call(
        "log_take", f"{_HERE}:take",
        "Keep what a page tells, each once and in its own count (`c`). `next`: nothing from there on is kept yet, so "
        "the page holds it; `trouble`: why, in one sentence; `whole`: the page must tell its whole piece (`open`); "
        "`seen`, `seen_taken`: `seq` and `taken` as the page has heard them last; `lost`: what is below is "
        "lost and does not come.",
        {"entries": "readonly Json[]", "seen?": "number", "seen_taken?": "number", "lost?": "number", **_WRITER},
        {
            "log_kept": {
                "next": "number", "taken": "number", "seq": "number", "trouble": "string", "whole": "boolean",
            },
            "log_ended": {},
        },
    ),
    Call(
        "log_mine", f"{_HERE}:show", "Everything that is kept about this person, in plain statements.", _WRITER,
        {
            "log_mine": {
                "count": "number", "bytes": "number", "statements": "readonly string[]", "sessions": "readonly Json[]",
                "agreed": "Json | null", "keep_days": "number | null",
            }
        },
    ),
    Call(
        "log_download", f"{_HERE}:download", "The same as it is kept, as a file.", _WRITER,
        {"log_download": {"name": "string", "text": "string"}},
    ),
    Call(
        "log_delete", f"{_HERE}:delete", "Delete it; nothing more is kept until the person agrees again.", _WRITER,
        {"log_delete": {"count": "number", "log": "Json | null"}},
    ),
)  # fmt: skip
