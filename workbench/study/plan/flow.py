"""One participant's way through a study, as the server keeps it: what is due, what was answered, how much time is left.

    reception = Reception(study, roster, sink, salt)
    sitting = reception.come()          # somebody new
    sitting.state()                     # what their page shows
    sitting.answer("welcome", {})       # one step further
    reception.come("K7QP-3MXN")         # somebody who comes back, also after the server was started anew

Nothing is kept of anybody before they agree: until then a sitting lives in memory alone. After that every step is on
the disk before its answer is given: the roster says how far somebody is, the interaction log what they did.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from workbench.errors import BadRequest, WorkbenchError
from workbench.study.plan import taking
from workbench.study.plan.path import Stop, lay_out
from workbench.study.plan.study import Break, Condition, Consent, Done, Information, Task
from workbench.study.plan.telling import closed, step_of, withdrawn

if TYPE_CHECKING:
    from workbench.study.log.recorder import Recorder
    from workbench.study.plan.reception import Reception

#: After a task's time is over, what is on its way may still come for so long, in ms.
GRACE_MS = 15_000
#: Somebody whose page was loaded anew after more than this was away, and the clock stood still meanwhile, in ms.
AWAY_MS = 120_000
#: How often being here is written down, in ms.
SEEN_MS = 5_000


class Sitting:
    """One person in a study. Safe to use from several threads, and from several pages of the same person.

    Args:
        reception: of the study.
        code: what the person comes back with; "" before they have agreed.
    """

    def __init__(self, reception: Reception, code: str = "") -> None:
        self.reception, self.study, self.code = reception, reception.study, code
        self.person, self.row, self.order = "", -1, ()  # type: str, int, tuple[str, ...]
        self.recorder: Recorder | None = None
        #: How far: ``index``; of a task ``began`` (ms since 1970, None: not yet) and ``used`` (ms, up to ``began``);
        #: ``shown``: since when the step is there; ``paused``; ``seen``; ``session``: of the log; ``until`` of a break.
        self.at: dict[str, Any] = {
            "index": 0, "began": None, "used": 0, "shown": reception.clock(), "paused": False, "seen": 0, "session": "",
            "until": None,
        }  # fmt: skip
        self.way: tuple[Stop, ...] = lay_out(self.study, 0, ())[: reception.before]
        self._agreed: list[dict[str, Any]] = []
        self._over = ""
        self.lock = threading.RLock()

    @property
    def stop(self) -> Stop:
        """Where the person stands."""
        return self.way[min(int(self.at["index"]), len(self.way) - 1)]

    @property
    def agreed(self) -> bool:
        """Whether the person has agreed to everything, so that something is kept."""
        return bool(self.person)

    @property
    def over(self) -> bool:
        """Whether nothing comes any more: the study is closed, or the person has withdrawn."""
        return bool(self._over)

    @property
    def condition(self) -> Condition | None:
        """Under which condition the person is now; None outside of all."""
        name = "" if self._over else self.stop.condition
        return self.study.condition(name) if name else None

    @property
    def working(self) -> bool:
        """Whether a task is on: begun, not paused, its time not over."""
        if self._over or self.at["paused"] or not isinstance(self.stop.step, Task) or self.at["began"] is None:
            return False
        left = self._left()
        return left is None or left > -GRACE_MS

    def state(self) -> dict[str, Any]:
        """What the page shows; see ``workbench/page/handlers/study.py`` for its fields."""
        with self.lock:
            study = self.study
            told: dict[str, Any] = {
                "study": {
                    "title": study.title, "version": study.version, "contact": study.contact,
                    "language": study.language,
                },
                "code": self.code, "index": self.at["index"], "count": self.reception.length, "seconds_left": None,
                "paused": bool(self.at["paused"]), "condition": None, "marks": False,
            }  # fmt: skip
            if self._over:
                step = withdrawn(study) if self._over == "withdrawn" else closed(study)
                return {**told, "step": step, "code": ""}
            step = step_of(self.stop, self.at)
            if isinstance(self.stop.step, Task):
                left = self._left()
                told["seconds_left"] = None if left is None else max(0.0, round(left / 1000, 1))
                told["marks"] = study.marks
            if (condition := self.condition) is not None:
                told["condition"] = condition.to_dict()
            return {**told, "step": step}

    def answer(self, key: Any, data: Any) -> None:
        """Take what was done with a step, and go on.

        A step that is over already is not taken again, so a page may repeat what it sent.

        Args:
            key: the step's id; untrusted, as is ``data``.
            data: of a consent ``agreed`` and ``version``; of a task ``begin``, or nothing when it is done; of a
                questionnaire ``answers``; of a listening step ``choice``, ``heard``, ``reasons``.

        Raises:
            BadRequest: it is not what this step asks for; the sentence says why.
            Unavailable: it could not be kept; nothing has changed.
        """
        with self.lock:
            if self._over or any(stop.key == key for stop in self.way[: self.at["index"]]):
                return
            if key != self.stop.key:
                raise BadRequest("That is not the step that is due; reload the page.")
            if not isinstance(data, dict):
                raise BadRequest("The answer cannot be read; reload the page.")
            if self.at["paused"]:
                self.go_on()
            step = self.stop.step
            if isinstance(step, Done):
                return
            if isinstance(step, Task) and data.get("begin"):
                self._begin()
                return
            if isinstance(step, Consent):
                self._agreed.append(taking.consent(step, data))
            elif isinstance(step, Task):
                self._end_task(step)
            elif isinstance(step, Break):
                self._end_break()
            elif not isinstance(step, Information):
                self._tell(*taking.answered(self.stop, data, self.since_shown, self.reception.seconds_of))
            self._onward()

    @property
    def since_shown(self) -> int:
        """How long the step has been there, in ms."""
        return max(0, self.reception.clock() - int(self.at["shown"]))

    def pause(self) -> None:
        """Stop the clock; the person comes back with the code.

        Raises:
            BadRequest: nothing is kept of the person yet, so there is nothing to come back to.
        """
        with self.lock:
            if not self.agreed:
                raise BadRequest("There is nothing to come back to yet; you can simply close the page.")
            if self.at["paused"] or self._over:
                return
            self._hold()
            self.at["paused"] = True
            if isinstance(self.stop.step, Task):
                self._task("pause")
            self._keep()

    def go_on(self) -> None:
        """End a pause: the clock goes on if the task had begun."""
        with self.lock:
            if not self.at["paused"]:
                return
            self.at["paused"] = False
            if self.at["began"] is not None:
                self.at["began"] = self.reception.clock()
            if isinstance(self.stop.step, Task):
                self._task("resume")
            self._keep()

    def back(self) -> None:
        """The person's page was loaded anew, or the server: while they were away the clock stood still."""
        with self.lock:
            now, seen = self.reception.clock(), int(self.at["seen"])
            if self.at["began"] is not None and not self.at["paused"] and seen and now - seen > AWAY_MS:
                self.at["used"] += max(0, seen - self.at["began"])
                self.at["began"] = now
                self._keep()
            self.go_on()
            self.here()

    def here(self) -> None:
        """The person is here: written down now and then, so that a stopped server costs them no time."""
        with self.lock:
            now = self.reception.clock()
            if self.agreed and not self._over and now - int(self.at["seen"]) >= SEEN_MS:
                self._keep()

    def mark(self, text: Any) -> None:
        """Keep what the person thinks at this moment.

        Raises:
            BadRequest: nothing may be kept, or it is no text.
        """
        with self.lock:
            if not isinstance(text, str) or not text.strip() or len(text) > 2_000:
                raise BadRequest("Write a line of at most 2,000 letters.")
            if not self.agreed or self._over:
                raise BadRequest("Nothing is kept of you now, so this cannot be kept either.")
            spent = self._spent() if isinstance(self.stop.step, Task) else self.since_shown
            self._tell("mark", {"text": text.strip(), "at": round(spent / 1000, 1), "step": self.stop.step.id})

    def late(self, task: str, took_ms: int) -> None:
        """A model was slower than the condition's latency, so the person waited longer: said in the log."""
        with self.lock:
            condition = self.condition
            if self.agreed and condition is not None:
                facts = {"what": "late", "task": task, "took_ms": took_ms, "latency_ms": condition.latency_ms}
                self._tell("error", {**facts, "condition": condition.id, "step": self.stop.step.id}, "system")

    def withdraw(self) -> None:
        """Leave the study, also afterwards: what was kept is deleted, or stays where the study says so.

        Raises:
            Unavailable: it could not all be deleted; it is tried again when this is called again, and at the next
                start.
        """
        with self.lock:
            if self._over == "withdrawn":
                return
            if self.agreed:
                if self.study.data.withdrawn == "keep" and isinstance(self.stop.step, Task):
                    self._task("withdraw")
                self.reception.withdraw(self)
            self._over, self.code, self.recorder = "withdrawn", "", None

    def dismiss(self) -> None:
        """Everything of the person is being deleted for them: nothing more is kept."""
        with self.lock:
            if self.recorder is not None:
                self.recorder.drop()
            self._over, self.code, self.recorder = "withdrawn", "", None

    def _onward(self) -> None:
        self.at.update(
            index=self.at["index"] + 1, began=None, used=0, shown=self.reception.clock(), until=None, paused=False
        )
        if not self.agreed and self.at["index"] >= len(self.way):
            try:
                free = self.reception.admit(self, self._agreed)
            except WorkbenchError:
                self.at["index"] -= 1  # nothing was kept, so this step is still to be done
                self._agreed.pop()
                raise
            if not free:
                self._over = "closed"
                return
        step = self.stop.step
        if isinstance(step, Break) and step.hours > 0:
            self.at["until"] = self.reception.clock() + round(step.hours * 3_600_000)
        if isinstance(step, (Break, Done)) and self.recorder is not None:
            self.recorder.end(step=step.id, complete=isinstance(step, Done))
        self._keep("done" if isinstance(step, Done) else "open")

    def _begin(self) -> None:
        if self.at["began"] is None:
            self.at["began"] = self.reception.clock()
            self._task("begin")
            self._keep()

    def _end_task(self, step: Task) -> None:
        left = self._left()
        over = left is not None and left <= 1_000
        if not over and self._spent() < 1_000 * step.not_before_s - 500:
            wait = step.not_before_s - self._spent() / 1000
            raise BadRequest(f"Go on a little longer: this task can be ended in {max(1, round(wait))} seconds.")
        if self.at["began"] is None:
            raise BadRequest("This task has not begun yet.")
        self._task("timeout" if over else "end")

    def _end_break(self) -> None:
        until = self.at["until"]
        if until is not None and self.reception.clock() < until:
            when = datetime.fromtimestamp(until / 1000, UTC)
            raise BadRequest(f"The next part begins on {when:%d %B at %H:%M} (UTC); come back with your code.")
        self.reception.open_log(self, anew=True)

    def _left(self) -> int | None:
        step = self.stop.step
        if not isinstance(step, Task) or step.seconds is None:
            return None
        return step.seconds * 1_000 - self._spent()

    def _spent(self) -> int:
        began = self.at["began"]
        running = 0 if began is None or self.at["paused"] else max(0, self.reception.clock() - began)
        return int(self.at["used"]) + running

    def _hold(self) -> None:
        if self.at["began"] is not None:
            self.at["used"] = self._spent()

    def _task(self, action: str) -> None:
        stop = self.stop
        facts: dict[str, Any] = {
            "step": stop.step.id, "trial": stop.trial or 1, "condition": stop.condition, "action": action,
            "task": stop.step.id, "practice": isinstance(stop.step, Task) and stop.step.kind == "practice",
        }  # fmt: skip
        if stop.file is not None:
            facts["file"] = stop.file.name
        self._tell("task", facts, "system" if action in ("timeout", "resume") else "person")

    def _tell(self, kind: str, payload: dict[str, Any], source: str = "person") -> None:
        if self.recorder is None or self.recorder.ended:
            self.reception.open_log(self)
        recorder = self.recorder
        if recorder is not None:
            recorder.record(kind, source, payload)

    def _keep(self, status: str = "open") -> None:
        if self.agreed:
            now = self.reception.clock()
            self.at["seen"] = now
            if isinstance(self.stop.step, Done):
                status = "done"
            # Nobody drops out by keeping to a break.
            self.reception.roster.keep(self.person, self.at, max(now, self.at["until"] or 0), status)
