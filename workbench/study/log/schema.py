"""What one event of the interaction log is: a flat JSON object, checked whenever it is written or read.

========== =========================================================================================================
field      meaning
========== =========================================================================================================
v          version of this schema (:data:`SCHEMA`)
study      id of the study; "" for a public page that nobody studies
session    random id of this sitting
person     salted id of the person (:mod:`.ids`); never what they are called elsewhere
seq        0, 1, 2 ... without holes within a session, whoever was the source: a hole is a loss
client_seq 0, 1, 2 ... without holes for what came from the page; null for what the server wrote by itself
client_time by the page's clock, milliseconds since 1970; null for what the server wrote
server_time by the server's clock, milliseconds since 1970
kind       one of :data:`KINDS`
source     ``person``, ``model`` or ``system``
cause      ``seq`` of the event behind this one (of a suggestion, for its audition, acceptance and rejection)
before     project hash of the piece before the event; null where the piece is not concerned or not known
after      the same after the event
run        id of the model run behind it (``provenance.run``)
latency    how long the person waited for it, milliseconds
payload    what the kind needs; plain JSON
========== =========================================================================================================

Payloads that tables and replay rely on: ``open`` {reason, revision, hash, score}; ``edit``, ``undo``, ``redo``,
``accept`` {operation, revision}; ``edited`` {notes: how many of a kept suggestion's notes an edit touched, of};
``suggest`` {run, ideas}; ``task`` {step, trial, condition, action: begin|end|timeout|pause|resume|withdraw, task};
``survey`` {step, instrument, answers}; ``vote`` {step, pair, a, b, choice: a|b|tie|neither, heard, reasons};
``mark`` {text, at}; ``session`` {action: begin|end|resume, version, freeze, condition, order}; ``consent`` {version,
text_sha256, agreed}.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from workbench.errors import BadDocument

#: One event, as above.
Event = dict[str, Any]

SCHEMA = 1
#: Every kind of event there is; the list only ever grows.
KINDS = (
    "session", "consent", "open", "import", "edit", "undo", "redo", "select", "transport", "prompt", "correction",
    "run", "suggest", "audition", "accept", "reject", "edited", "genie", "listen", "stems", "export", "error", "survey",
    "vote", "task", "mark", "check",
)  # fmt: skip
#: Events that carry an operation which was applied to the piece.
CHANGES = ("edit", "accept", "undo", "redo")
SOURCES = ("person", "model", "system")
FIELDS = (
    "v", "study", "session", "person", "seq", "client_seq", "client_time", "server_time", "kind", "source", "cause",
    "before", "after", "run", "latency", "payload",
)  # fmt: skip
MAX_DEPTH = 64
#: Most bytes of one event's JSON.
MAX_BYTES = 32 * 2**20

_ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}\Z")
_STUDY = re.compile(r"[A-Za-z0-9_.-]{0,80}\Z")
_HASH = re.compile(r"[0-9a-f]{64}\Z")
_COUNTS = ("seq", "server_time")
_MAYBE_COUNTS = ("client_seq", "client_time", "cause", "latency")


def event(
    *, session: str, person: str, seq: int, server_time: int, kind: str, source: str, payload: dict[str, Any],
    study: str = "", client_seq: int | None = None, client_time: int | None = None, cause: int | None = None,
    before: str | None = None, after: str | None = None, run: str | None = None, latency: int | None = None,
) -> Event:  # fmt: skip
    """Make an event, checked; the fields are those of the table above.

    Raises:
        BadDocument: it breaks the schema.
    """
    made: Event = {
        "v": SCHEMA, "study": study, "session": session, "person": person, "seq": seq, "client_seq": client_seq,
        "client_time": client_time, "server_time": server_time, "kind": kind, "source": source, "cause": cause,
        "before": before, "after": after, "run": run, "latency": latency, "payload": payload,
    }  # fmt: skip
    check(made)
    return made


def check(found: Any) -> None:
    """Raise :class:`BadDocument` with one sentence where something is no event of this schema."""
    if (problem := _problem(found)) is not None:
        raise BadDocument(f"This is not an event of the interaction log: {problem}.")


def _problem(found: Any) -> str | None:
    if not isinstance(found, dict) or set(found) != set(FIELDS):
        return "its fields are others"
    if found["v"] != SCHEMA:
        return f"it is of version {str(found['v'])[:20]}, and this workbench reads version {SCHEMA}"
    if found["kind"] not in KINDS or found["source"] not in SOURCES:
        return f"{str(found['kind'])[:40]!r} by {str(found['source'])[:40]!r} is unknown"
    for name, form in (("study", _STUDY), ("session", _ID), ("person", _ID)):
        if not isinstance(found[name], str) or not form.match(found[name]):
            return f"its {name} is no id"
    for name in (*_COUNTS, *_MAYBE_COUNTS):
        value = found[name]
        if (value is None and name in _COUNTS) or (value is not None and not _is_count(value)):
            return f"its {name} is no whole number"
    if found["cause"] is not None and found["cause"] >= found["seq"]:
        return "its cause comes after it"
    for name, form in (("before", _HASH), ("after", _HASH), ("run", _ID)):
        value = found[name]
        if value is not None and not (isinstance(value, str) and form.match(value)):
            return f"its {name} cannot be read"
    return None if isinstance(found["payload"], dict) and _plain(found) else "its payload is no plain JSON"


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**53


def _plain(value: Any) -> bool:
    try:
        return _depth(value) <= MAX_DEPTH and len(to_line(value)) <= MAX_BYTES
    except (TypeError, ValueError, RecursionError):
        return False


def _depth(value: Any) -> int:
    level, depth = [value], 0
    while level and depth <= MAX_DEPTH:
        parts = [part for part in level if isinstance(part, (dict, list))]
        if any(type(key) is not str for part in parts if isinstance(part, dict) for key in part):
            raise TypeError("a key that is no text")
        level = [item for part in parts for item in (part.values() if isinstance(part, dict) else part)]
        depth += 1
    return depth


def to_line(found: Event) -> bytes:
    """One event as a line of JSON in UTF-8, its end included; raises :class:`ValueError` for what JSON cannot say."""
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8") + b"\n"


def to_lines(events: Iterable[Event]) -> bytes:
    """Several events, a line each."""
    return b"".join(map(to_line, events))


def from_line(line: bytes | str) -> Event:
    """Read one line; raises :class:`BadDocument` if it is no event."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as problem:
        raise BadDocument("This is not an event of the interaction log: its JSON is broken.") from problem
    check(found)
    made: Event = found
    return made
