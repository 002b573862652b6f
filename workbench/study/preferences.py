"""``study preferences``: from the log of a study to pairs of ideas of which a person preferred one.

The log holds which ideas were shown, heard, turned away, kept and changed, but of the notes only those that entered
the piece. A run is kept with its model, weights, seed and request, and the piece is known at every moment, so the model
is asked again and gives the same ideas; the one that was kept must be, note for note, what entered the piece, else
nothing of that run is exported.

Only people who ticked the box that permits it (``--box``, else ``training``) are exported, and nobody who withdrew.
People get codes made for one file alone.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.errors import BadRequest, WorkbenchError
from workbench.fsutil import write_file
from workbench.hub.estimates import SpeedBook
from workbench.hub.hub import Hub
from workbench.hub.protocol import CancelToken, Result
from workbench.hub.registry import Registry
from workbench.hub.tasks.infill.preference import Preference, around_gap, rows_of, write_lines
from workbench.hub.tasks.infill.request import InfillRequest
from workbench.provenance.run import Run
from workbench.score.score import Note
from workbench.study.decisions import Decision, decisions
from workbench.study.tables.cut import SessionLike
from workbench.study.tables.loading import loaded

#: Id of the consent's box that permits this, unless another is named.
BOX = "training"
Ideas = list[dict[str, tuple[Note, ...]]]
#: What says that somebody withdrew: kind of event -> reason of a session's end, action of a task.
_GONE = {"session": ("withdrawn", "consent withdrawn"), "task": ("withdraw",)}
#: Why choices were left out.
REASONS = {
    "undone": "taken back",
    "mixed": "mixed of several ideas",
    "weights": "made by a model or weights that are not here",
    "other": "whose ideas did not come out again as they were",
    "alone": "with no other idea to compare with",
}


@dataclass
class Found:
    """What came of a log. ``preferences``; ``left_out``: choices by reason (:data:`REASONS`); ``sittings``: how many
    were looked at, and ``closed``: how many were not, because their people did not permit it or withdrew."""

    preferences: list[Preference] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    sittings: int = 0
    closed: int = 0


def export(where: Any, output: str | Path, *, box: str = BOX, hub: Hub | None = None) -> str:
    """Write the file; gives a line to say.

    Args:
        where: a folder, ``sqlite:FILE``, ``hub:OWNER/DATASET``, an open sink, or sessions.
        output: the file, JSON lines (:mod:`workbench.hub.tasks.infill.preference`).
        box: id of the consent's box that permits it.
        hub: where models run; left out: one of its own.

    Raises:
        BadRequest: nobody ticked the box, or there is nothing to export; nothing is written.
        WorkbenchError: the log cannot be read or the file cannot be written.
    """
    found = preferences(loaded(where).sessions, box=box, hub=hub)
    closed = _count(found.closed, "sitting is", "sittings are")
    if not found.sittings:
        raise BadRequest(
            f"Nobody in this log ticked the box {box!r} of the consent, so nothing is exported: {closed} left out."
        )
    left = "".join(f" {count} left out: {REASONS[why]}." for why, count in sorted(found.left_out.items()))
    if not found.preferences:
        raise BadRequest(f"There is no choice between ideas in this log that can be exported.{left}")
    write_file(Path(output), write_lines(found.preferences))
    kinds = Counter(one.source for one in found.preferences)
    told = ", ".join(f"{count} {name}" for name, count in sorted(kinds.items()))
    people = len({one.person for one in found.preferences})
    return (
        f"{output}: {_count(len(found.preferences), 'pair', 'pairs')} of {_count(people, 'person', 'people')} ({told})."
        f" {closed} left out for want of consent.{left}"
    )


def preferences(
    sessions: Iterable[SessionLike], *, box: str = BOX, hub: Hub | None = None, key: str | None = None
) -> Found:  # fmt: skip
    """The preferences in sessions.

    Args:
        sessions: of a log.
        box: as for :func:`export`.
        hub: as for :func:`export`.
        key: what the codes of people are made with; only tests give one, else it is drawn and thrown away.
    """
    salt = secrets.token_hex(16) if key is None else key
    again = Again(hub or Hub(Registry.load(), speeds=SpeedBook(None)))
    found = Found()
    logs = list(sessions)
    permitted = permissions(logs, box)
    for log in logs:
        if log.person not in permitted:
            found.closed += 1
            continue
        found.sittings += 1
        code = "p" + hashlib.sha256(f"{salt}/{log.person}".encode()).hexdigest()[:16]
        consent = {"box": box, "version": permitted[log.person]}
        for decision in decisions(log.events):
            found.preferences += _pairs(decision, again, code, consent, found.left_out)
    return found


def permissions(logs: Sequence[SessionLike], box: str) -> dict[str, str]:
    """The people who permit it -> the version of the text that they agreed to.

    Where several texts have the box (a guardian's and a child's), each must have it ticked; of one text the last word
    counts. Whoever withdrew permits nothing.
    """
    last: dict[str, dict[str, tuple[int, bool, str]]] = {}
    gone: set[str] = set()
    for log in logs:
        for event in log.events:
            kind, payload = event["kind"], event["payload"]
            if payload.get("reason" if kind == "session" else "action") in _GONE.get(kind, ()):
                gone.add(log.person)
            elif kind == "consent" and isinstance(agreed := payload.get("agreed"), Mapping) and box in agreed:
                words = last.setdefault(log.person, {})
                text, moment = str(payload.get("step", "")), int(event["server_time"])
                if moment >= words.get(text, (0, False, ""))[0]:
                    words[text] = (moment, agreed[box] is True, str(payload.get("version", "")))
    return {
        person: max(words.values())[2]
        for person, words in last.items()
        if person not in gone and all(ticked for _, ticked, _ in words.values())
    }


class Again:
    """Runs made again, each once."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub

    def ideas(self, run: Run, request: InfillRequest) -> Ideas | None:
        """The ideas of a run; None where its model or its weights are not here."""
        try:
            items = list(self.hub.run(run.model, request, seed=run.seed, cancel=CancelToken.never()))
        except WorkbenchError:
            return None
        result = next(item for item in reversed(items) if isinstance(item, Result))
        attempt = result.attempt
        if attempt is None or attempt.spec.id != run.model or dict(attempt.weights) != dict(run.weights):
            return None
        return [{name: tuple(notes) for name, notes in idea.notes.items()} for idea in result.alternatives]


def _pairs(
    decision: Decision, again: Again, person: str, consent: Mapping[str, str], left: Counter[str]
) -> list[Preference]:
    """The preferences that one kept idea stands for."""
    if decision.undone or decision.mixed:
        left["undone" if decision.undone else "mixed"] += 1
        return []
    kept = decision.kept
    others, why = _others(decision, again)
    out = []
    try:
        request, window = around_gap(kept.request)
        chosen = decision.notes
        pairs = [(source, chosen, other, heard) for source, other, heard in others]
        if decision.edited is not None:
            pairs.append(("edited", decision.edited, chosen, True))
        for source, better, worse, heard in pairs:
            if rows_of(better) != rows_of(worse) and rows_of(better):
                out.append(Preference(
                    person, source, kept.run.model, kept.run.revision, kept.run.id, kept.run.seed, request, window,
                    better, worse, heard, consent, kept.run.weights,
                ))  # fmt: skip
    except WorkbenchError:  # a gap whose tracks are gone, say
        why, out = "other", []
    if not out or why in ("weights", "other"):
        left[why or "alone"] += 1
    return out


def _others(decision: Decision, again: Again) -> tuple[list[tuple[str, dict[str, tuple[Note, ...]], bool]], str]:
    """The ideas that were not kept, as (source, notes, whether heard), each once; and why there are none."""
    made: dict[str, Ideas | None] = {}
    for one in decision.shown:
        if one.run.id not in made and one.comparable(decision.kept):
            made[one.run.id] = again.ideas(one.run, one.request)
    own = made.get(decision.kept.run.id)
    if own is None:
        return [], "weights"
    if not decision.kept.place < len(own) or rows_of(own[decision.kept.place]) != rows_of(decision.notes):
        return [], "other"
    out: list[tuple[str, dict[str, tuple[Note, ...]], bool]] = []
    seen = [rows_of(decision.notes)]
    draft = {name: tuple(notes) for name, notes in decision.kept.request.draft.items()}
    candidates: list[tuple[str, dict[str, tuple[Note, ...]], bool]] = [("again", draft, True)] if draft else []
    for one in decision.shown:
        ideas = made.get(one.run.id)
        if one.number != decision.kept.number and ideas is not None and one.place < len(ideas):
            candidates.append(("rejected" if one.turned_away else "kept", ideas[one.place], one.heard))
    for source, notes, heard in candidates:
        if (rows := rows_of(notes)) not in seen:
            seen.append(rows)
            out.append((source, notes, heard))
    return out, ""


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
