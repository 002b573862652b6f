"""From a page's messages into its log: in the page's own order, by its own clock, and checked.

A page numbers whatever it does (``n``), changes and other events alike, and says when it was (``time``, milliseconds
since 1970). It sends them in batches, again if it is not sure that they arrived; the log keeps each once, in order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.errors import BadRequest, WorkbenchError
from workbench.provenance.run import Run, fact
from workbench.provenance.run import record as put
from workbench.score.canonical import project_hash
from workbench.score.document import Document
from workbench.score.events import TOLD, EventLog, is_plain
from workbench.score.score import Score

if TYPE_CHECKING:
    from workbench.hub.registry import Registry
    from workbench.page.rows import Message
    from workbench.page.session import Page, Pages

MAX_ENTRIES = 10_000
#: Most bytes of JSON that may be logged beside one change, or of one event.
MAX_BYTES = 8 * 2**20
#: Why a page sends a whole document.
REASONS = ("start", "file", "restored", "mismatch", "unknown")
MAX_STEPS = 1_000
#: What may be logged beside an operation, by its own names.
FACTS = ("seed", "idea", "ideas", "id", "name", "gesture", "take", "seeds", "adherence")


@dataclass(frozen=True)
class Imported:
    """A file that was read and that the page is about to open.

    ``digest``: hash of its score; ``seq``: of the event of its import; ``sha256``: of the file; ``log``: of a project,
    which leads to the score.
    """

    digest: str
    seq: int
    sha256: str
    log: EventLog | None = None


def in_order(message: Message) -> list[tuple[str, dict[str, Any]]]:
    """Changes and events of a message as the page made them: (``change`` or ``event``, what came).

    Raises:
        BadRequest: the message carries no proper lists.
    """
    numbered: list[tuple[int, str, dict[str, Any]]] = []
    for kind in ("change", "event"):
        entries, last = message.get(f"{kind}s", []), 0
        if not isinstance(entries, list) or len(entries) > MAX_ENTRIES:
            raise BadRequest(f"The {kind}s must be a list.")
        for entry in entries:
            if not isinstance(entry, dict):
                raise BadRequest(f"Each of the {kind}s must be an object.")
            last = max(last, number(entry))
            numbered.append((last, kind, entry))
    return [(kind, entry) for _, kind, entry in sorted(numbered, key=lambda item: item[0])]


def number(entry: dict[str, Any], name: str = "n") -> int:
    """A count or a time that a page gave; 0 if it gave none."""
    value = entry.get(name)
    return value if type(value) is int and 0 <= value < 2**53 else 0


def moment(entry: dict[str, Any]) -> dict[str, int]:
    """The page's own number and time of an event, for the log."""
    found = {"client_n": number(entry), "client_time": number(entry, "time")}
    return {name: value for name, value in found.items() if value}


def facts_of(change: dict[str, Any], log: EventLog, models: Callable[[], Registry]) -> dict[str, Any]:
    """What is logged beside a change, by its own name: the runs that wrote what it brings, the page's clock.

    A model that ran in the browser itself is told of as ``played`` {``model``, ``seed``, ``settings``}: its run is put
    into the log now. ``models``: gives those there are, when they are needed.
    """
    facts = change.get("facts")
    known = facts if isinstance(facts, dict) else {}
    plain = {name: known[name] for name in FACTS if name in known and is_plain(known[name], MAX_BYTES)}
    runs = fact(known.get("runs"))
    if (run := _played(known.get("played"), models)) is not None:
        put(log, run)
        runs[run.id] = []
    return {**plain, **({"runs": runs} if runs else {}), **moment(change)}


def _played(data: Any, models: Callable[[], Registry]) -> Run | None:
    """The run of a model that the page itself ran; None if it tells of none, or of one that cannot be."""
    if not isinstance(data, dict) or not is_plain(data, MAX_BYTES) or not isinstance(data.get("settings"), dict):
        return None
    try:
        return Run.elsewhere(models().get(str(data.get("model"))), data.get("seed", 0), data["settings"])
    except WorkbenchError:
        return None


def keep(page: Page, event: dict[str, Any]) -> None:
    """Log what a page tells, once; what makes no sense is left out. Raises :class:`BadRequest` if the log is full."""
    page.log.events.check_room()
    payload, count = event.get("payload"), number(event)
    if count and count <= page.heard:
        return
    page.heard = max(page.heard, count)
    if event.get("kind") in TOLD and isinstance(payload, dict) and is_plain(payload, MAX_BYTES):
        page.log.add(event["kind"], "user", {**payload, **moment(event)})


def steps(message: Message, name: str) -> list[Any]:
    """The steps that a page can undo, or redo; raises :class:`BadRequest`."""
    found = message.get(name, [])
    if not isinstance(found, list) or len(found) > MAX_STEPS or not is_plain(found):
        raise BadRequest("The history of the piece must be a list of its steps.")
    return found


def begin(page: Page, score: Score, revision: int, message: Message, **rest: Any) -> str:
    """Work on the document that a page sends, and log which and why, once; returns its hash.

    A project that was imported brings its log, which goes on; everything else stands in the page's own.

    Args:
        page: where it comes from; its lock is held.
        score: the document, checked.
        revision: its number.
        message: the page's ``open``.
        rest: for :meth:`Document.open`.
    """
    digest = project_hash(score)
    reason = message.get("reason")
    facts: dict[str, Any] = {"reason": reason if reason in REASONS else "page", **moment(message), **rest}
    document, count = page.document, number(message)
    if document is None:
        document = page.document = Document(log=page.log)
        facts["same"] = False
    elif count and count <= page.heard and document.revision == revision and document.hash == digest:
        return digest  # sent again, because our answer was lost
    page.heard = max(page.heard, count)
    brought, page.imported = page.imported, None
    if brought is not None and reason == "file" and brought.digest == digest:
        facts["file"] = brought.sha256
        if brought.log is not None:
            facts.update(reason="project", log=brought.log, same=True)
            page.log.close()
        else:
            facts["cause"] = brought.seq
    undo, redo = steps(message, "undo"), steps(message, "redo")
    document.open(score, revision=revision, digest=digest, undo=undo, redo=redo, **facts)
    page.log = document.log
    return digest


def take_over(pages: Pages, page: Page, token: Any) -> None:
    """A page that was reloaded goes on with the log and the media of the page it was, if that is still here."""
    before = pages.former(token, page)
    if page.document is not None or before is None or not before.lock.acquire(blocking=False):
        return
    try:
        if before.document is not None and before.document.log is before.log:
            page.document, page.log = before.document, before.log
            before.document, before.log = None, EventLog()
            page.media, before.media = before.media, page.media
            page.prompts, before.prompts = before.prompts, page.prompts
    finally:
        before.lock.release()
