"""The page's document: taking it over, following its changes, keeping what is worth logging, stopping jobs."""

from __future__ import annotations

from typing import Any

from workbench.errors import BadOperation, BadRequest
from workbench.page.rows import Call, Message, Push, Request, Row, whole
from workbench.provenance.run import fact
from workbench.score.document import Document
from workbench.score.events import KINDS
from workbench.score.score import Score

MAX_CHANGES = 10_000


def open_document(request: Request) -> Message:
    """Take over a whole document from the page."""
    page, message = request.page, request.message
    score = Score.from_dict(message.get("score"))
    page.check_length(score)
    document = Document(score, page.log)
    document.revision = whole(message, "revision")
    page.document = document
    page.log.add("open", "user", {"reason": str(message.get("reason", ""))[:40], "hash": document.hash})
    return {"type": "ack", "revision": document.revision, "hash": document.hash}


def follow(request: Request) -> Message:
    """Follow the page's changes; ask for the whole document when they do not fit."""
    page, message = request.page, request.message
    document = page.document
    if document is None or whole(message, "base") != document.revision:
        return {"type": "need", "reason": "mismatch"}
    changes = changes_of(message)
    try:
        for change in changes:
            if not isinstance(change, dict):
                raise BadOperation("A change must be an object.")
            source = "model" if change.get("source") == "model" else "user"
            facts = change.get("facts")
            document.apply(change.get("operation"), source, **plain_facts(facts))  # type: ignore[arg-type]
    except BadOperation as problem:
        page.log.add("error", "system", {"text": str(problem)})
        return {"type": "need", "reason": "mismatch"}
    if message.get("hash") and message["hash"] != document.hash:
        return {"type": "need", "reason": "mismatch"}
    return {"type": "ack", "revision": document.revision}


def changes_of(message: Message) -> list[Any]:
    """The list of changes a message carries; raises :class:`BadRequest`."""
    changes = message.get("changes")
    if not isinstance(changes, list) or len(changes) > MAX_CHANGES:
        raise BadRequest("The changes must be a list.")
    return changes


def plain_facts(facts: Any) -> dict[str, Any]:
    """What may be logged beside an operation, by its own name; ``runs`` says which runs wrote what it brings."""
    if not isinstance(facts, dict):
        return {}
    plain = {name: facts[name] for name in ("seed", "idea", "name", "gesture") if name in facts}
    return {**plain, "runs": runs} if (runs := fact(facts.get("runs"))) else plain


def keep_events(request: Request) -> Message:
    """Keep what is worth logging and is no change."""
    page, events = request.page, request.message.get("events")
    if not isinstance(events, list) or len(events) > MAX_CHANGES:
        raise BadRequest("The events must be a list.")
    for event in events:
        if isinstance(event, dict) and event.get("kind") in KINDS and isinstance(event.get("payload"), dict):
            page.log.add(event["kind"], "user", {**event["payload"], "client_time": event.get("time")})
    return {"type": "ack", "revision": page.revision}


def stop(request: Request) -> Message:
    """Stop one job of this page; others are not touched."""
    scope = request.page.jobs.get(str(request.message.get("id")))
    if scope is not None:
        scope.cancel()
    return {"type": "ack", "revision": request.page.revision}


_HERE = "workbench.page.handlers.document"
_ACK = {"ack": {"revision": "number", "hash?": "string"}}
_NEED = {**_ACK, "need": {"reason": "string"}}

ROWS: tuple[Row, ...] = (
    Call(
        "open", f"{_HERE}:open_document", "Take over the whole document.",
        {
            "score": "Json", "revision": "number", "hash": "string",
            "reason": '"start" | "file" | "restored" | "mismatch"',
        },
        _ACK, locked=True,
    ),
    Call(
        "ops", f"{_HERE}:follow",
        "Follow changes. `base`: the revision before the first; `hash`: of the last, sent at rest. After `need` the "
        "page sends `open` with the whole document.",
        {"base": "number", "changes": "readonly Change[]", "hash?": "string"}, _NEED, locked=True,
    ),
    Call(
        "events", f"{_HERE}:keep_events", "Everything worth logging that is no change.",
        {"events": "readonly { kind: string; time: number; payload: Json }[]"}, _ACK, locked=True,
    ),
    Call("stop", f"{_HERE}:stop", "Stop one job of this page.", {"id": "string"}, _ACK),
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
