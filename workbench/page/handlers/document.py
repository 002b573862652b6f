"""The page's document: taking it over, following its changes, keeping what is worth logging, stopping jobs."""

from __future__ import annotations

from typing import Any

from workbench.errors import BadOperation, BadRequest
from workbench.page import record
from workbench.page.rows import Call, Message, Push, Request, Row, need, whole
from workbench.provenance.run import fact
from workbench.score.document import Document
from workbench.score.events import CHANGES
from workbench.score.score import Score


def open_document(request: Request) -> Message:
    """Take over a whole document from the page."""
    page, message = request.page, request.message
    score, revision = Score.from_dict(message.get("score")), whole(message, "revision")
    page.check_length(score)
    if message.get("reason") == "restored":
        record.take_over(request.pages, page, message.get("was"))
    digest = record.begin(page, score, revision, message)
    return {"type": "ack", "revision": revision, "hash": digest}


def follow(request: Request) -> Message:
    """Follow the page's changes; ask for the whole document when they do not fit."""
    page, message = request.page, request.message
    document = page.document
    fits = document is not None and whole(message, "base") == document.revision
    for kind, entry in record.in_order(message):
        if kind == "event":
            record.keep(page, entry)
        elif fits and document is not None:
            page.heard = max(page.heard, record.number(entry))
            try:
                facts = record.facts_of(entry, document.log, lambda: request.hub.registry)
                document.follow(*change_of(document, entry), **facts)
            except BadOperation as problem:
                page.went_wrong("ops", str(problem))
                fits = False
    if document is None:
        return need()
    try:
        page.check_length(document.score)
    except BadRequest as problem:
        # The page sends the whole piece next, which is refused in words; until then nothing is made of this one.
        page.went_wrong("ops", str(problem))
        page.document = None
        return {"type": "need", "reason": "mismatch"}
    if not fits or (message.get("hash") and not document.agrees(str(message["hash"]))):
        return {"type": "need", "reason": "mismatch"}
    return {"type": "ack", "revision": document.revision}


def change_of(document: Document, entry: Message) -> tuple[str, Any, str, int | None]:
    """What a page says of a change, for :meth:`Document.follow`: kind, operation (untrusted), source and cause.

    What keeps a suggestion is caused by the run that made it.
    """
    facts = entry.get("facts")
    runs = fact(facts.get("runs")) if isinstance(facts, dict) else {}
    cause = next((document.log.runs[name] for name in runs if name in document.log.runs), None)
    kind = entry["kind"] if entry.get("kind") in CHANGES else "edit"
    return kind, entry.get("operation"), "model" if entry.get("source") == "model" else "user", cause


def keep_events(request: Request) -> Message:
    """Keep what is worth logging and is no change."""
    page = request.page
    for _, event in record.in_order({"events": request.message.get("events")}):
        record.keep(page, event)
    return {"type": "ack", "revision": page.revision}


def stop(request: Request) -> Message:
    """Stop one job of this page; others are not touched."""
    scope = request.page.jobs.get(str(request.message.get("id")))
    if scope is not None:
        scope.cancel()
    return {"type": "ack", "revision": request.page.revision}


def jobs(request: Request) -> Message:
    """Which jobs of this page run or wait, for a page that has heard nothing of one for long."""
    return {"type": "jobs", "ids": [job for job in list(request.page.jobs) if not job.startswith("@")]}


_HERE = "workbench.page.handlers.document"
_ACK = {"ack": {"revision": "number", "hash?": "string"}}
_NEED = {**_ACK, "need": {"reason": '"mismatch" | "unknown"'}}

ROWS: tuple[Row, ...] = (
    Call(
        "open", f"{_HERE}:open_document",
        "Take over the whole document, with the steps that can be undone. `was`: the `session` before a reload, whose "
        "log goes on.",
        {
            "score": "Json", "revision": "number", "hash": "string",
            "reason": '"start" | "file" | "restored" | "mismatch" | "unknown"', "undo?": "readonly Operation[]",
            "redo?": "readonly Operation[]", "was?": "string", "n?": "number", "time?": "number",
        },
        _ACK, locked=True,
    ),
    Call(
        "ops", f"{_HERE}:follow",
        "Follow changes. `base`: the revision before the first; `hash`: of the last, sent at rest. After `need` the "
        "page sends `open` with the whole document. `n` counts changes, events and opens alike, so that the log has "
        "them in the order in which they were made.",
        {
            "base": "number", "changes": "readonly Made<Change>[]", "events?": "readonly Made<Told>[]",
            "hash?": "string",
        },
        _NEED, locked=True,
    ),
    Call(
        "events", f"{_HERE}:keep_events", "Everything worth logging that is no change.",
        {"events": "readonly Made<Told>[]"}, _ACK, locked=True,
    ),
    Call("stop", f"{_HERE}:stop", "Stop one job of this page.", {"id": "string"}, _ACK),
    Call(
        "jobs", f"{_HERE}:jobs", "The ids of this page's jobs that run or wait.", {},
        {"jobs": {"ids": "readonly string[]"}},
    ),
    Call("hello", "", "The document as Python has it.", {}, {"open": {"score": "Json"}}, host="jupyter"),
    Push(
        "open", "Another document: Python's own in Jupyter. `reason: \"sync\"`: the same piece, so the view stays.",
        {
            "score": "Json", "revision": "number", "reason?": "string", "hash?": "string",
            "undo?": "readonly Operation[]", "redo?": "readonly Operation[]", "known?": "Record<string, number>",
        },
    ),
    Push(
        "patch", "A change made on the revision `base`; see the rules below.",
        {
            "base": "number", "operation": "Operation", "source?": "Source", "facts?": "Json", "owner?": '"python"',
            "kind?": "Change[\"kind\"]", "origin?": "string",
        },
    ),
    Push("notice", "One sentence for the person, shown and announced.", {"text": "string"}),
)  # fmt: skip
