"""Where participants come to: it lets them in, finds those who come back, and lets them go with all that was kept."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from workbench.errors import BadRequest, Unavailable
from workbench.study.log.ids import Salt
from workbench.study.log.recorder import Recorder, now_ms
from workbench.study.log.sinks import Sink
from workbench.study.plan.flow import Sitting
from workbench.study.plan.order import table
from workbench.study.plan.path import lay_out
from workbench.study.plan.roster import Roster
from workbench.study.plan.study import Break, Consent, Done, Study
from workbench.study.plan.taking import Length

#: Letters of a code: none that is taken for another.
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


def make_code() -> str:
    """A new code, such as ``K7Q-P3M-XNA``: one of 31 to the ninth."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(9))
    return f"{letters[:3]}-{letters[3:6]}-{letters[6:]}"


def plain_code(code: str) -> str:
    """A code as it counts, however it was typed."""
    return re.sub(r"[^A-Z0-9]", "", code.upper())


class Keeps(Protocol):
    """Where sessions of the interaction log come from: a server's logbook, or :class:`PlainLog`."""

    def start(self, person: str) -> Recorder:
        """A new session of somebody (salted id)."""

    def find(self, session: str) -> Recorder | None:
        """A session that has not ended, also after a restart; None without one."""

    def erase(self, person: str) -> int:
        """Delete all that is kept of somebody; returns how many events."""


class PlainLog:
    """Sessions straight from a sink: for rehearsals and tests, where no pages are."""

    def __init__(self, sink: Sink, study: str, clock: Callable[[], int] = now_ms) -> None:
        self.sink, self._study, self._clock = sink, study, clock

    def start(self, person: str) -> Recorder:
        """See :class:`Keeps`."""
        return Recorder(self.sink, self._study, person, clock=self._clock)

    def find(self, session: str) -> Recorder | None:
        """See :class:`Keeps`."""
        found = Recorder.resume(self.sink, session, self._clock)
        if found is None or any(_is_end(event) for event in found[1]):
            return None
        return found[0]

    def erase(self, person: str) -> int:
        """See :class:`Keeps`."""
        return self.sink.erase(person)


class Reception:
    """The reception of one study.

    Args:
        study: the study.
        roster: who takes part.
        log: where sessions of the interaction log come from.
        salt: the study's secret.
        freeze: hash of what was frozen, for the log; "" if nothing was.
        clock: milliseconds since 1970.
        seconds_of: how long a sound file is; by default each counts as longer than the least time of listening.
        code: makes a code; a rehearsal brings its own.
    """

    def __init__(
        self, study: Study, roster: Roster, log: Keeps, salt: Salt, *, freeze: str = "",
        clock: Callable[[], int] = now_ms, seconds_of: Length = lambda path: 1e9, code: Callable[[], str] = make_code,
    ) -> None:  # fmt: skip
        self.study, self.roster, self.log, self.salt, self.freeze = study, roster, log, salt, freeze
        self.clock, self.seconds_of, self._code = clock, seconds_of, code
        self.table = table(study)
        steps = lay_out(study, 0, self.table[0])
        #: How many steps come up to the last consent, and how many there are in all.
        self.before = max(number for number, stop in enumerate(steps, 1) if isinstance(stop.step, Consent))
        self.length = len(steps)
        self._here: dict[str, Sitting] = {}
        self._lock = threading.RLock()
        for person in roster.erasing():
            self._erase(person)

    def come(self, code: Any = None) -> Sitting:
        """Somebody comes: new, or back with a code.

        Raises:
            BadRequest: the code is nobody's.
        """
        if code is None or code == "":
            return Sitting(self)
        plain = plain_code(code) if isinstance(code, str) and len(code) < 100 else ""
        person = self.salt.person(plain) if plain else ""
        with self._lock:
            sitting = self._here.get(person)
            if sitting is None:
                known = self.roster.get(person) if person else None
                if known is None or known["status"] in ("erasing", "withdrawn"):
                    raise BadRequest("This code is not known here; look at it again, or begin anew without it.")
                sitting = self._restore(plain, person, known)
        sitting.code = sitting.code or f"{plain[:3]}-{plain[3:6]}-{plain[6:]}"
        sitting.back()
        return sitting

    def _restore(self, plain: str, person: str, known: dict[str, Any]) -> Sitting:
        sitting = Sitting(self, f"{plain[:3]}-{plain[3:6]}-{plain[6:]}" if plain else "")
        self._seat(sitting, person, known["row"])
        sitting.at = {**sitting.at, **known["state"]}
        if not isinstance(sitting.stop.step, (Break, Done)):  # between two sittings nothing is logged
            self.open_log(sitting, back=True)
        self._here[person] = sitting
        return sitting

    def _seat(self, sitting: Sitting, person: str, row: int) -> None:
        sitting.person, sitting.row, sitting.order = person, row, self.table[row]
        sitting.way = lay_out(self.study, row, sitting.order)

    def admit(self, sitting: Sitting, agreed: list[dict[str, Any]]) -> bool:
        """Let somebody in who has just agreed to everything; False if there is no place.

        Raises:
            Unavailable: nothing can be kept now; the person is not in.
        """
        code = self._code()
        person = self.salt.person(plain_code(code))
        now = self.clock()
        oldest = now - round(self.study.assignment.drop_out_hours * 3_600_000)
        with self._lock:
            row = self.roster.enter(person, len(self.table), {**sitting.at, "seen": now}, now, oldest)
            if row is None:
                return False
            self._here[person] = sitting
        self._seat(sitting, person, row)
        sitting.code = code
        self.open_log(sitting, anew=True)
        recorder = sitting.recorder
        if recorder is None or recorder.trouble:
            self._turn_away(sitting)
            raise Unavailable("Nothing can be kept just now, so the study cannot begin; try again in a while.")
        for one in agreed:
            recorder.record("consent", "person", one)
        return True

    def _turn_away(self, sitting: Sitting) -> None:
        with self._lock:
            self._here.pop(sitting.person, None)
            self.roster.forget(sitting.person)
        if sitting.recorder is not None:
            sitting.recorder.drop()
        sitting.person, sitting.code, sitting.recorder = "", "", None
        sitting.way = lay_out(self.study, 0, ())[: self.before]

    def open_log(self, sitting: Sitting, anew: bool = False, back: bool = False) -> None:
        """Give a sitting its part of the log: a new one, or the one it had before the server stopped.

        Args:
            sitting: of somebody who has agreed.
            anew: a new sitting begins.
            back: the person comes back; said in the log.
        """
        if not sitting.agreed:
            return
        name = str(sitting.at["session"])
        found = self.log.find(name) if name and not anew else None
        if found is not None:
            sitting.recorder = found
            if back:
                found.record("session", "system", self._about(sitting, "resume"))
            return
        sitting.recorder = self.log.start(sitting.person)
        sitting.at["session"] = sitting.recorder.session
        sitting.recorder.record("session", "system", self._about(sitting, "begin"))
        self.roster.keep(sitting.person, sitting.at, self.clock())

    def _about(self, sitting: Sitting, action: str) -> dict[str, Any]:
        return {
            "action": action, "version": self.study.version, "freeze": self.freeze, "row": sitting.row,
            "condition": sitting.stop.condition or (sitting.order[0] if len(sitting.order) == 1 else ""),
            "order": list(sitting.order),
        }  # fmt: skip

    def withdraw(self, sitting: Sitting) -> None:
        """Let somebody go who has withdrawn; see :meth:`Sitting.withdraw`."""
        person = sitting.person
        if self.study.data.withdrawn == "keep":
            if sitting.recorder is not None:
                sitting.recorder.end(reason="withdrawn")
            self.roster.keep(person, sitting.at, self.clock(), "withdrawn")
        else:
            self.roster.keep(person, sitting.at, self.clock(), "erasing")
            if sitting.recorder is not None:
                sitting.recorder.drop()
            self._erase(person)
        with self._lock:
            self._here.pop(person, None)

    def _erase(self, person: str) -> None:
        self.log.erase(person)
        self.roster.forget(person)

    def delete(self, who: str) -> int:
        """Delete everything of a person, as the researcher wishes; returns how many events of the log went.

        Args:
            who: the person's code, or their salted id.

        Raises:
            BadRequest: it is nobody's.
            Unavailable: it could not all be deleted; it is tried again when this is called, and at the next start.
        """
        person = who if self.roster.get(who) is not None else self.salt.person(plain_code(who[:100]))
        known = self.roster.get(person)
        if known is None:
            gone = self.log.erase(who)  # somebody of whom only the log is left
            if not gone:
                raise BadRequest("This code is nobody's here; look at it again.")
            return gone
        self.roster.keep(person, known["state"], self.clock(), "erasing")
        if (sitting := self.sitting(person)) is not None:
            sitting.dismiss()
        gone = self.log.erase(person)
        self.roster.forget(person)
        with self._lock:
            self._here.pop(person, None)
        return gone

    def sitting(self, person: str) -> Sitting | None:
        """Somebody who takes part, by salted id: whose page has shown the key of its log, after a restart say."""
        with self._lock:
            found = self._here.get(person)
            known = self.roster.get(person) if found is None else None
            if known is not None and known["status"] not in ("erasing", "withdrawn"):
                found = self._restore("", person, known)
            return found

    def close(self) -> None:
        """The server ends: nobody's sitting does."""
        with self._lock:
            self._here.clear()
        self.roster.close()


def _is_end(event: dict[str, Any]) -> bool:
    return bool(event["kind"] == "session" and event["payload"].get("action") == "end")


def roster_place(where: str | Path, study: Study) -> Path:
    """Where a study's roster lies, by where its log is kept: never inside the log itself.

    Args:
        where: a folder, ``sqlite:FILE`` or ``hub:OWNER/DATASET``.
        study: the study.
    """
    from workbench.hub.places import home

    text = str(where)
    if text.startswith("sqlite:"):
        file = Path(text.removeprefix("sqlite:"))
        return file.with_name(f"{file.name}.roster")
    if text.startswith("hub:"):
        return home() / "studies" / f"{study.id}.roster"
    return Path(text).with_name(f"{Path(text).name}.roster")
