"""Play a log again, from its own beginning to the piece it led to, checking every hash that stands in it.

A log begins with an ``open`` that carries a score. Later ones carry another score (another piece, or the same one after
something outside the log), or none if the piece stood as the log says (a reload, a project opened again). Between
them every change is applied as it was then, an undo as the operation that took the step back.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from workbench.errors import BadDocument, BadOperation
from workbench.score.canonical import project_hash
from workbench.score.events import CHANGES, Event, EventLog
from workbench.score.operations import apply
from workbench.score.score import Score

#: How long it may take to find out whether a stranger's log is true.
TRUST_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Replayed:
    """Where a log leads: the piece, its hash, and how many hashes on the way were compared."""

    score: Score
    hash: str
    checks: int


def replay_log(
    log: EventLog | Iterable[Event], start: Score | None = None, *, compare: bool = True, seconds: float = math.inf
) -> Replayed:
    """Play a log again.

    Args:
        log: the events, in order; whoever wrote them.
        start: what the piece was before the first event, for a log that does not begin with an ``open``; not changed.
        compare: whether to compare the hashes on the way.
        seconds: how long it may take.

    Raises:
        BadDocument: a change does not fit, a hash is another than the log says, it does not say where it begins, or
            it takes too long.
    """
    score = None if start is None else start.copy()
    checks, end = 0, time.monotonic() + seconds
    for event in log.events if isinstance(log, EventLog) else log:
        kind, payload = event["kind"], event["payload"]
        if time.monotonic() > end:
            raise BadDocument("The log takes too long to play again.")
        try:
            if kind == "open" and "score" in payload:
                score = Score.from_dict(payload["score"])
            elif kind in CHANGES:
                apply(_begun(score), payload.get("operation"))  # type: ignore[arg-type]
        except (BadDocument, BadOperation) as problem:
            raise BadDocument(f"Event {event['seq']} of the log does not fit: {problem}") from problem
        if compare and kind in ("open", "check"):
            _compare(_begun(score), payload.get("hash"), event["seq"])
            checks += 1
    final = _begun(score)
    return Replayed(final, project_hash(final), checks)


def _begun(score: Score | None) -> Score:
    if score is None:
        raise BadDocument("The log does not say which piece it begins with.")
    return score


def _compare(score: Score, wanted: Any, seq: int) -> None:
    if wanted != project_hash(score):
        raise BadDocument(f"At event {seq} the piece is another than the log says.")


def leads_to(events: Iterable[Event], score: Score) -> bool:
    """Whether a log, whoever wrote it, plays again from its own beginning, with every hash as it says, to this piece.

    One that takes too long to find out does not.
    """
    try:
        return replay_log(events, seconds=TRUST_SECONDS).hash == project_hash(score)
    except BadDocument:
        return False


def beginning(events: Iterable[Event], score: Score) -> Event | None:
    """The ``open`` that a log lacks which begins with changes of a piece it does not name; None if it lacks none.

    Args:
        events: the log.
        score: what the piece was before its first event.
    """
    first: Event | None = None
    for event in events:
        first = first or event
        if event["kind"] == "open" and "score" in event["payload"]:
            return None
        if event["kind"] == "open" or event["kind"] in CHANGES:
            break
    payload = {"reason": "start", "revision": 0, "hash": project_hash(score), "score": score.to_dict()}
    seq, at = (first["seq"] - 1, first["time"]) if first else (0, time.time_ns() // 1_000_000)
    return {"seq": seq, "time": at, "kind": "open", "source": "user", "payload": payload}
