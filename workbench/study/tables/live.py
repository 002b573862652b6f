"""A study while it runs, for its researcher's eyes: who is where, what is missing, what went wrong, and deleting.

People are shown by a short mark, the first letters of their salted id, which stays the same while the study runs.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import BadRequest
from workbench.study.tables.exporting import export
from workbench.study.tables.loading import Loaded, loaded
from workbench.study.tables.summary import Summary, summary_of

if TYPE_CHECKING:
    from workbench.study.plan.reception import Reception

#: For so long what was read is shown again, in seconds: many looks cost no more than one.
FRESH_SECONDS = 4.0
#: Whoever was heard of within so many seconds is here.
HERE_SECONDS = 60.0
_LETTERS = 7
_ERRORS = 50


@dataclass(frozen=True)
class Person:
    """A person as the page shows them; ``last``: seconds since they were heard of; ``row``: of the table, -1: none."""

    mark: str
    state: str
    order: str
    step: str
    trials: int
    minutes: float
    last: float
    missing: int
    errors: int


@dataclass(frozen=True)
class Trouble:
    """Something that went wrong: to whom, when (ms since 1970), and the sentence that they were shown."""

    mark: str
    when: int
    sentence: str


@dataclass(frozen=True)
class Snapshot:
    """A study at one moment; ``table``: (row from 1, conditions in order, state of whoever has it)."""

    title: str
    summary: Summary
    people: tuple[Person, ...]
    table: tuple[tuple[int, str, str], ...]
    troubles: tuple[Trouble, ...]
    states: dict[str, int]


@dataclass(frozen=True)
class Desk:
    """What a study that runs lets its researcher know and do, beside its log.

    ``title``: of the study; ``table``: everybody's conditions in order, row by row; ``rows``: gives the rows that are
    taken, each with the state of whoever has it; ``erase``: deletes everything of the person with this code or salted
    id, and gives how many events went; ``forgotten``: how many have withdrawn of whom nothing is kept; ``files``: the
    study file and the freeze file, for exports.
    """

    title: str = ""
    table: Sequence[Sequence[str]] = ()
    rows: Callable[[], Sequence[tuple[int, str]]] = tuple
    erase: Callable[[str], int] | None = None
    forgotten: Callable[[], int] = int
    files: tuple[Path | None, Path | None] = (None, None)


def desk_of(reception: Reception, files: tuple[Path | None, Path | None] = (None, None)) -> Desk:
    """What a study's reception lets its researcher know and do; ``files``: the study file and the freeze file."""
    roster = reception.roster
    return Desk(
        reception.study.title, reception.table, roster.rows, reception.delete, lambda: roster.withdrawn, files
    )  # fmt: skip


class Live:
    """A running study; safe to use from several threads.

    Args:
        where: its log: a folder, ``sqlite:FILE``, ``hub:OWNER/DATASET``, or an open sink.
        desk: what else is known of it.
        clock: seconds since 1970.
    """

    def __init__(self, where: Any, desk: Desk | None = None, clock: Callable[[], float] = time.time) -> None:
        self._where, self.desk, self._clock = where, desk or Desk(), clock
        self._lock = threading.Lock()
        self._seen: Snapshot | None = None
        self._at = 0.0

    def now(self) -> Snapshot:
        """The study as it stands; at most a few seconds old.

        Raises:
            WorkbenchError: the log cannot be read.
        """
        with self._lock:
            if self._seen is None or self._clock() - self._at > FRESH_SECONDS:
                self._seen = self._look(loaded(self._where))
                self._at = self._clock()
            return self._seen

    def export(self) -> Path:
        """The archive of ``study export`` in a temporary folder of its own, which the caller deletes."""
        folder = Path(tempfile.mkdtemp(prefix="workbench-study-"))
        study, freeze = self.desk.files
        export(self._where, folder / "study.zip", study=study, freeze=freeze)
        return folder / "study.zip"

    def delete(self, code: str) -> str:
        """Delete everything of a person; gives the sentence to say.

        Args:
            code: the code that the person comes back with, or the mark that the page shows.

        Raises:
            BadRequest: nobody, or more than one person, is meant.
            WorkbenchError: it could not be deleted, or not wholly.
        """
        if self.desk.erase is None:
            raise BadRequest("Nobody can be deleted here; delete where the log is kept.")
        given = code.strip()
        if not given:
            raise BadRequest("Give the person's code, or the mark in the list.")
        with self._lock:
            marked = [
                one.person for one in (self._seen.summary.people if self._seen else ()) if mark(one.person) == given
            ]
        if len(marked) > 1:
            raise BadRequest("Several people have this mark; ask for the person's code.")
        gone = self.desk.erase(marked[0] if marked else given)
        with self._lock:
            self._seen = None
        return f"Everything that was kept of this person is deleted ({gone:,} events)."

    def _look(self, logs: Loaded) -> Snapshot:
        summary = summary_of(logs)
        now = self._clock()
        people = tuple(
            Person(
                mark(one.person), self._state(one.state, now - one.last / 1000), " → ".join(one.order), one.step,
                sum(trial.ended in ("end", "timeout") and not trial.practice for trial in one.trials),
                round((one.last - one.began) / 60_000, 1), max(0.0, now - one.last / 1000), one.missing, one.errors,
            )
            for one in summary.people
        )  # fmt: skip
        troubles = [
            Trouble(mark(log.person), int(event["server_time"]), str(event["payload"].get("text", ""))[:300])
            for log in logs.sessions
            for event in log.events
            if event["kind"] == "error"
        ]
        states: dict[str, int] = {}
        for person in people:
            states[person.state] = states.get(person.state, 0) + 1
        if forgotten := self.desk.forgotten():
            states["withdrew"] = states.get("withdrew", 0) + forgotten
        newest = sorted(troubles, key=lambda one: -one.when)[:_ERRORS]
        return Snapshot(
            self.desk.title or summary.study, summary, tuple(sorted(people, key=lambda one: one.last)), self._table(),
            tuple(newest), states,
        )  # fmt: skip

    @staticmethod
    def _state(state: str, silent: float) -> str:
        if state != "unfinished":
            return state
        return "here" if silent < HERE_SECONDS else "away"

    def _table(self) -> tuple[tuple[int, str, str], ...]:
        held: dict[int, list[str]] = {}
        for row, status in self.desk.rows():
            held.setdefault(row, []).append(status)
        return tuple(
            (number + 1, " → ".join(order), ", then ".join(held.get(number, ["free"])))
            for number, order in enumerate(self.desk.table)
        )


def mark(person: str) -> str:
    """The short mark of a salted id."""
    return person[:_LETTERS]
