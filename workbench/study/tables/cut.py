"""From a person's sittings to their trials: where each begins and ends, and what is counted in between.

A trial reaches from the ``task`` event that begins it to the one that ends it; a person may pause, leave, and come back
in another sitting. A log without tasks (a public page whose visitors help research) counts as one trial a sitting.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from workbench.study.tables.clock import moments
from workbench.study.tables.piece import Piece
from workbench.study.tables.trial import Trial

#: How often the notes of the piece are counted, in seconds of a trial.
EVERY_SECONDS = 15.0
#: Kinds of events that are merely counted, and the column they go to.
_COUNTED = {
    "edit": "edits", "undo": "undos", "redo": "redos", "reject": "rejected", "prompt": "prompts",
    "correction": "corrections", "genie": "genie", "export": "exports", "stems": "exports", "error": "errors",
    "mark": "marks", "accept": "accepts",
}  # fmt: skip
_ENDS = ("end", "timeout", "withdraw")


class SessionLike(Protocol):
    """What :func:`workbench.study.log.read.load` gives of one sitting."""

    @property
    def session(self) -> str:
        """Its id."""

    @property
    def person(self) -> str:
        """Whose it is."""

    @property
    def events(self) -> Sequence[Any]:
        """What happened, in order."""


@dataclass
class PersonLog:
    """What the tables need of one person: their trials, answers and votes, and how far they came.

    ``answers``: one entry a questionnaire answered; ``votes``: one a comparison; ``sittings``: ids; ``state``:
    ``finished``, ``withdrew``, or ``unfinished``; ``missing``: events that never arrived; ``began``, ``last``: moments
    in ms since 1970.
    """

    person: str
    study: str = ""
    trials: list[Trial] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)
    votes: list[dict[str, Any]] = field(default_factory=list)
    sittings: list[str] = field(default_factory=list)
    order: tuple[str, ...] = ()
    state: str = "unfinished"
    step: str = ""
    errors: int = 0
    missing: int = 0
    events: int = 0
    began: float = 0.0
    last: float = 0.0
    versions: set[str] = field(default_factory=set)
    freezes: set[str] = field(default_factory=set)


def people(logs: Sequence[SessionLike]) -> list[PersonLog]:
    """Cut the logs of a study, person by person, in the order in which they came."""
    groups: dict[str, list[SessionLike]] = {}
    for log in sorted((log for log in logs if log.events), key=lambda log: log.events[0]["server_time"]):
        groups.setdefault(log.person, []).append(log)
    return [_Cutter(person, own).cut() for person, own in groups.items()]


class _Cutter:
    """Goes through one person's events in order."""

    def __init__(self, person: str, logs: Sequence[SessionLike]) -> None:
        self.logs = logs
        self.found = PersonLog(person)
        self.open: Trial | None = None
        self.last: Trial | None = None  # the one whose questionnaires may still come
        self.piece = Piece()
        self.since: float | None = None  # when the clock of the open trial was last started, in ms
        self.away = False  # a trial was left open in an earlier sitting: it goes on with what is done first in this one
        self.tasks = any(event["kind"] == "task" for log in logs for event in log.events)
        self.shown: dict[Any, int] = {}  # what a suggestion is known by -> its number in the trial
        self.kept: set[int] = set()
        self.ideas: set[tuple[Any, Any]] = set()
        self.undo: list[str] = []
        self.redo: list[str] = []
        self.digest = ""

    def cut(self) -> PersonLog:
        found = self.found
        for log in self.logs:
            found.sittings.append(log.session)
            self.piece.lost()
            holes, counted = _holes(log), 0
            for event, moment in zip(log.events, moments(log.events), strict=True):
                if hole := holes.pop(("server", event["seq"]), 0):
                    self._missing(hole)
                    counted += hole
                if hole := holes.pop(("page", event.get("client_seq")), 0):
                    self._missing(max(0, hole - counted))  # what has no number of ours either was counted above
                    counted = max(0, counted - hole)
                found.began = found.began or moment
                found.last = moment
                if not self.tasks and self.open is None:
                    self._begin({}, log.session, moment, event)
                elif self.away and event["kind"] not in ("session", "consent", "task"):
                    self.since, self.away = moment, False
                found.events += 1
                self._take(event, moment, log.session)
            if self.open is not None:
                self._stop(found.last)
                self.away = True
                if not self.tasks:
                    self._end("end" if found.state == "finished" else "unfinished")
        if self.open is not None:
            self._end("unfinished")
        return found

    def _missing(self, count: int) -> None:
        self.found.missing += count
        self.piece.lost()
        if self.open is not None:
            self.open.missing += count

    # the clock of a trial

    def _stop(self, moment: float) -> None:
        if self.open is not None and self.since is not None:
            self.open.seconds += (moment - self.since) / 1000
        self.since = None

    def _spent(self, moment: float) -> float:
        assert self.open is not None
        return self.open.seconds + ((moment - self.since) / 1000 if self.since is not None else 0.0)

    # what happens

    def _take(self, event: Mapping[str, Any], moment: float, session: str) -> None:
        kind, payload, found = event["kind"], event["payload"], self.found
        found.study = found.study or str(event.get("study", ""))
        if kind == "session":
            self._session(payload)
        elif kind == "task":
            self._task(payload, session, moment, event)
        elif kind == "survey":
            self._survey(payload, session)
        elif kind == "vote":
            found.votes.append({"session": session, **payload})
        found.errors += kind == "error"
        if self.open is not None:
            self._sample(moment)
            self._count(self.open, event, moment)
        touched = self.piece.follow(event)
        # Where the piece is not known, the page's own word for it counts.
        if self.open is not None and (touched if self.piece.score is not None else kind == "edited"):
            self.open.edits_after_accept += kind in ("edit", "edited")
        if isinstance(event.get("after"), str):
            self.digest = event["after"]
        if kind == "check":
            self.piece.check(payload.get("hash", event.get("after")))

    def _session(self, payload: Mapping[str, Any]) -> None:
        found = self.found
        if isinstance(payload.get("order"), (list, tuple)):
            found.order = tuple(str(name) for name in payload["order"])
        elif payload.get("condition") and not found.order:
            found.order = (str(payload["condition"]),)
        found.versions |= {str(payload["version"])} if payload.get("version") else set()
        found.freezes |= {str(payload["freeze"])} if payload.get("freeze") else set()
        if payload.get("reason") == "withdrawn":
            found.state = "withdrew"
        # A sitting that ends with a break is not the end; a log from outside a study does not say.
        elif payload.get("action") == "end" and payload.get("complete", True) and found.state == "unfinished":
            found.state = "finished"

    def _task(self, payload: Mapping[str, Any], session: str, moment: float, event: Mapping[str, Any]) -> None:
        action = payload.get("action")
        if action == "begin":
            if self.open is not None and self._name(payload) == (self.open.step, self.open.trial):
                self.since = self.since or moment  # begun again after a reload
                return
            if self.open is not None:
                self._stop(moment)
                self._end("unfinished")
            self._begin(payload, session, moment, event)
        elif action == "pause":
            self._stop(moment)
        elif action == "resume" and self.open is not None:
            self.since, self.away = self.since or moment, False
        elif action in _ENDS:
            if action == "withdraw":
                self.found.state = "withdrew"
            if self.open is not None:
                self._sample(moment)
                self._stop(moment)
                self._end(str(action))

    @staticmethod
    def _name(payload: Mapping[str, Any]) -> tuple[str, str]:
        return _text(payload.get("step")), _text(payload.get("trial"))

    def _begin(self, payload: Mapping[str, Any], session: str, moment: float, event: Mapping[str, Any]) -> None:
        step, trial = self._name(payload)
        condition = payload.get("condition")
        self.open = Trial(
            _text(event.get("study")), self.found.person, session,
            _text(condition if condition is not None else (self.found.order or ("",))[0]),
            len(self.found.trials) + 1, step, trial, _text(payload.get("task")), bool(payload.get("practice")),
            round((moment - self.found.began) / 1000, 3),
        )  # fmt: skip
        self.found.trials.append(self.open)
        self.found.step = step
        self.since, self.away = moment, False
        self.shown, self.kept, self.ideas, self.undo, self.redo = {}, set(), set(), [], []

    def _end(self, how: str) -> None:
        assert self.open is not None
        trial, notes = self.open, self.piece.notes() if self.piece.score is not None else None
        self.piece.check(self.digest)
        trial.ended, trial.piece = how, self.digest
        trial.mismatches, self.piece.trouble = self.piece.trouble, 0
        trial.kept_at_end = self.undo.count("accept")
        trial.seconds = round(trial.seconds, 3)
        trial.settle(notes)
        if notes is not None:
            trial.over_time.append((trial.seconds, notes))
        self.open, self.last, self.since, self.away = None, trial, None, False

    def _sample(self, moment: float) -> None:
        """Count the notes as they stood at every full quarter of a minute since the last count."""
        assert self.open is not None
        spent, series = self._spent(moment), self.open.over_time
        if self.piece.score is None or spent < (due := series[-1][0] + EVERY_SECONDS if series else 0.0):
            return
        notes = self.piece.notes()
        while due <= spent:
            series.append((due, notes))
            due += EVERY_SECONDS

    def _count(self, trial: Trial, event: Mapping[str, Any], moment: float) -> None:
        kind, payload = event["kind"], event["payload"]
        if kind in _COUNTED:
            name = _COUNTED[kind]
            setattr(trial, name, getattr(trial, name) + 1)
        if kind in ("edit", "accept"):
            self.undo.append(kind)
            self.redo.clear()
        elif kind == "undo" and self.undo:
            self.redo.append(self.undo.pop())
        elif kind == "redo" and self.redo:
            self.undo.append(self.redo.pop())
        elif kind == "open" and "score" in payload:
            self.undo, self.redo = [], []
            if not trial.edits + trial.accepts:
                trial.over_time.clear()  # the trial's own piece comes only now
        elif kind == "suggest":
            self._suggest(trial, event)
        elif kind == "audition":
            self._audition(trial, event)
        elif kind == "transport":
            trial.plays += payload.get("what", payload.get("action")) == "play"
        if kind == "accept":
            self._accept(trial, event, moment)
        if kind in ("suggest", "accept"):
            self._adherence(trial, payload)
        if kind in ("run", "suggest") and isinstance(event.get("latency"), (int, float)):
            # Of a run: what the model took. Of what is shown: what the person waited for it, which counts then.
            trial.latencies[str(event.get("run"))] = float(event["latency"])

    def _suggest(self, trial: Trial, event: Mapping[str, Any]) -> None:
        number, payload = trial.suggestions, event["payload"]
        trial.suggestions += 1
        trial.ideas += _whole(payload.get("ideas"), 1)
        told = payload.get("runs")
        for name in (event["seq"], payload.get("run"), event.get("run"), *(told if isinstance(told, dict) else ())):
            if _key(name):
                self.shown[name] = number

    def _of(self, event: Mapping[str, Any]) -> int | None:
        """Which suggestion of the trial an event is about."""
        payload = event["payload"]
        told = payload.get("runs")
        names = [event.get("cause"), event.get("run"), payload.get("run"), *(told if isinstance(told, dict) else ())]
        return next((self.shown[name] for name in names if _key(name) and name in self.shown), None)

    def _audition(self, trial: Trial, event: Mapping[str, Any]) -> None:
        what = event["payload"].get("what", event["payload"].get("idea"))
        about = self._of(event)
        if what in ("original", None) or not _key(what) or (about, what) in self.ideas:
            return
        self.ideas.add((about, what))
        trial.heard += 1

    def _accept(self, trial: Trial, event: Mapping[str, Any], moment: float) -> None:
        if trial.first_keep is None:
            trial.first_keep = round(self._spent(moment), 3)
        about = self._of(event)
        if about is not None and about not in self.kept:
            self.kept.add(about)
            trial.accepted += 1

    def _adherence(self, trial: Trial, payload: Mapping[str, Any]) -> None:
        card = payload.get("adherence")
        for name, value in card.items() if isinstance(card, dict) else ():
            if isinstance(value, (int, float)) and 0 <= value <= 1:
                self._mean(trial, f"adherence_{name}", float(value))

    @staticmethod
    def _mean(trial: Trial, name: str, value: float) -> None:
        """Keep the mean of all values of a name in a trial."""
        count = trial.counts[name] = trial.counts.get(name, 0) + 1
        trial.scores[name] = trial.scores.get(name, 0.0) + (value - trial.scores.get(name, 0.0)) / count

    def _survey(self, payload: Mapping[str, Any], session: str) -> None:
        trial = self.open or self.last
        self.found.answers.append({
            "session": session, "step": _text(payload.get("step")), "instrument": _text(payload.get("instrument")),
            "position": trial.position if trial else 0, "answers": payload.get("answers"),
        })  # fmt: skip


def _holes(log: SessionLike) -> dict[tuple[str, int | None], int]:
    """Where events are missing: (whose count, number of the first event after the hole) -> how many."""
    gaps = getattr(log, "gaps", None)
    if gaps is not None:
        return {(gap.whose, gap.last + 1): gap.last - gap.first + 1 for gap in gaps}
    numbers = [event["seq"] for event in log.events]
    steps = zip([-1, *numbers], numbers, strict=False)
    return {("server", after): after - before - 1 for before, after in steps if after > before + 1}


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _key(value: Any) -> bool:
    return isinstance(value, (str, int, float))


def _whole(value: Any, otherwise: int) -> int:
    return value if isinstance(value, int) and 0 <= value < 1_000_000 else otherwise


def trials(found: Sequence[PersonLog], practice: bool = False) -> Iterator[Trial]:
    """Every trial of everybody who has not withdrawn; ``practice``: those for practice too."""
    for person in found:
        if person.state != "withdrew":
            yield from (trial for trial in person.trials if practice or not trial.practice)
