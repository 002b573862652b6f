"""Playing a logged session again: every change to the piece, in its order, with the hash of the piece held against the
log's after each.

::

    from workbench.study.log.read import load
    from workbench.study.replay import replay

    for log in load("study-data"):
        print(log.session, replay(log).hash)

The same events play again in the app (``web/src/replay``), at any speed; both end in the same hash. What the Genie was
given plays again through :func:`workbench.create.genie.again.play_again`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.errors import BadDocument, BadOperation
from workbench.score.canonical import project_hash
from workbench.score.operations import apply
from workbench.score.score import Score
from workbench.study.log.read import SessionLog
from workbench.study.log.schema import CHANGES, Event

#: How many characters of somebody else's id an error may repeat.
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Replayed:
    """Where a session leads.

    ``score``: the piece after the last event, None if the session never opened one; ``hash``: its project hash.
    ``changes``: operations that were applied; ``checks``: hashes of the log that were compared, all of them right.
    ``seconds``: from the first event to the last, by the server's clock.
    """

    session: str
    score: Score | None
    hash: str | None
    changes: int
    checks: int
    seconds: float


def replay(log: SessionLog | Iterable[Event], *, until: int | None = None) -> Replayed:
    """Play a session again, without a browser.

    Args:
        log: the session; its events in order, each once (as :func:`workbench.study.log.read.load` gives them).
        until: play no event after this ``seq``; left out: all.

    Raises:
        BadDocument: an event is missing, a change does not fit the piece, or the piece is another than the log says;
            the sentence names the event.
    """
    events = log.events if isinstance(log, SessionLog) else tuple(log)
    if isinstance(log, SessionLog) and log.gaps:
        raise BadDocument(f"The session {log.session[:_SHOWN]} cannot be played again: {log.gaps[0]}.")
    score: Score | None = None
    changes = checks = 0
    played = [event for event in events if until is None or event["seq"] <= until]
    for event in played:
        kind, payload = event["kind"], event["payload"]
        try:
            if kind == "open":
                score = _opened(score, payload)
            elif kind in CHANGES:
                if score is None:
                    raise BadDocument("no piece was opened before it")
                apply(score, payload.get("operation"))  # type: ignore[arg-type]
                changes += 1
            else:
                continue
        except (BadDocument, BadOperation) as problem:
            raise BadDocument(f"Event {event['seq']} of the session does not fit: {problem}") from problem
        wanted = event["after"] or (payload.get("hash") if kind == "open" else None)
        if wanted is not None:
            checks += 1
            if wanted != project_hash(score):
                raise BadDocument(f"After event {event['seq']} the piece is another than the session says.")
    name = played[0]["session"] if played else ""
    seconds = (played[-1]["server_time"] - played[0]["server_time"]) / 1000 if played else 0.0
    return Replayed(name, score, project_hash(score) if score is not None else None, changes, checks, seconds)


def _opened(score: Score | None, payload: Mapping[str, Any]) -> Score:
    """The piece after an ``open``: the one that it brings, or the one that was there."""
    if payload.get("score") is not None:
        return Score.from_dict(payload["score"])
    if score is None:
        raise BadDocument("it opens a piece that the session does not hold")
    return score


def takes(log: SessionLog | Iterable[Event]) -> list[Mapping[str, Any]]:
    """What was played on the Genie's buttons, in order: each a layer with ``seed``, ``changes`` and ``presses``."""
    events = log.events if isinstance(log, SessionLog) else log
    return [event["payload"] for event in events if event["kind"] == "genie" and "presses" in event["payload"]]
