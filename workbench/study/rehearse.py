"""A study tried out before anybody comes: simulated people go every way through it, by the real server code.

They read, agree, answer, work, pause, leave, come back by their code after the server was started anew, and withdraw.
What comes of it is what to mend (dead ends, steps nobody reaches, orders that do not balance, models that are not
here), how long it takes, and how likely the comparison that the study names would find what it looks for.
"""

from __future__ import annotations

import random
import statistics
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError
from workbench.study.log.ids import Salt
from workbench.study.log.read import load
from workbench.study.log.sinks import open_sink
from workbench.study.plan.flow import Sitting
from workbench.study.plan.order import block_size, follows, places, table
from workbench.study.plan.path import lay_out
from workbench.study.plan.reception import LETTERS, PlainLog, Reception
from workbench.study.plan.roster import Roster
from workbench.study.plan.study import Study

START_MS = 1_800_000_000_000
#: Words that people read in a minute, and seconds that they take for a question.
WORDS_A_MINUTE, SECONDS_A_QUESTION = 200.0, 5.0


@dataclass
class Rehearsal:
    """What a rehearsal found; ``minutes``: of everybody who went through, breaks left out."""

    people: int
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    minutes: list[float] = field(default_factory=list)
    visits: Counter[str] = field(default_factory=Counter)
    rows: list[tuple[str, ...]] = field(default_factory=list)
    withdrew: int = 0
    returned: int = 0
    power: str = ""
    study: Study | None = None

    def lines(self) -> list[str]:
        """The report, for a terminal."""
        out = [
            f"{self.people} simulated people went through, {self.returned} of them with a pause and a restart of the "
            f"server; {self.withdrew} withdrew."
        ]
        out += [f"PROBLEM  {text}" for text in self.problems] or ["No dead ends, and every step is reached."]
        out += [f"NOTE     {text}" for text in self.warnings]
        if self.study is not None and len(self.study.conditions) > 1:
            out += ["", *_balance(self.study, self.rows)]
        if self.minutes:
            ordered = sorted(self.minutes)
            ninth = ordered[min(len(ordered) - 1, round(0.9 * (len(ordered) - 1)))]
            out += [
                "",
                f"It takes about {statistics.median(ordered):.0f} minutes, for one in ten {ninth:.0f} or more "
                f"({ordered[0]:.0f} to {ordered[-1]:.0f}); guessed from reading speed and the tasks' times.",
            ]
        return [*out, *(["", self.power] if self.power else [])]


def rehearse(study: Study, people: int = 24, seed: int = 0) -> Rehearsal:
    """Let simulated people go through a study; the same seed gives the same rehearsal."""
    done = Rehearsal(people, study=study, rows=table(study, people))
    with tempfile.TemporaryDirectory() as folder:
        _walk(study, Path(folder), done, random.Random(f"rehearse {seed}"))
    everything = {stop.key for row, order in enumerate(done.rows) for stop in lay_out(study, row, order)}
    if missed := sorted(everything - set(done.visits)):
        done.problems.append(f"Nobody reached {', '.join(missed[:8])}.")
    done.warnings += _warnings(study, people)
    done.power = _power(study, people)
    return done


def _walk(study: Study, folder: Path, done: Rehearsal, rng: random.Random) -> None:
    clock = [START_MS]
    sink = open_sink(folder / "log")

    def opened() -> Reception:
        log = PlainLog(sink, study.id, lambda: clock[0])
        code = lambda: "".join(rng.choice(LETTERS) for _ in range(9))  # noqa: E731
        return Reception(
            study, Roster(folder / "roster"), log, Salt(b"rehearsal" * 4), clock=lambda: clock[0], code=code
        )

    reception = opened()
    # Enough rows for the people of this rehearsal, whatever the study wants.
    reception.table = done.rows
    leaving = set(rng.sample(range(done.people), done.people // 12))
    pausing = set(rng.sample(range(done.people), done.people // 6 or 1))
    for number in range(done.people):
        clock[0] += 60_000
        person = _Person(reception, clock, rng, done)
        try:
            person.until(rng.randrange(2, max(3, reception.length - 1)) if number in pausing | leaving else 10**6)
            if number in pausing:
                person.sitting.pause()
                code = person.sitting.code
                reception.close()
                clock[0] += 600_000
                reception = opened()
                reception.table = done.rows
                person.reception, person.sitting = reception, reception.come(code)
                done.returned += 1
            if number in leaving and number not in pausing:
                person.sitting.withdraw()
                done.withdrew += 1
                if any(event["person"] == person.person for event in sink.events()):
                    done.problems.append("Something of somebody who had withdrawn was kept.")
                continue
            person.until(10**6)
            done.minutes.append(person.seconds / 60)
        except WorkbenchError as problem:
            step = person.sitting.stop.key
            done.problems.append(f"Person {number + 1} came no further than {step!r}: {problem}")
    reception.close()
    for log in load(folder / "log"):
        if log.gaps or log.problems:
            done.problems.append("The log of a sitting has gaps.")
    sink.close()


class _Person:
    """Somebody who does what is asked."""

    def __init__(self, reception: Reception, clock: list[int], rng: random.Random, done: Rehearsal) -> None:
        self.reception, self.sitting = reception, reception.come()
        self._clock, self._rng, self._done = clock, rng, done
        self.seconds, self._pace = 0.0, rng.lognormvariate(0, 0.25)
        self.person = ""

    def until(self, most: int) -> None:
        """Go on to the end, or until so many steps are done and everything is agreed to."""
        sitting: Sitting = self.sitting
        for _ in range(1_000):
            state = sitting.state()
            step = state["step"]
            self.person = sitting.person or self.person
            self._done.visits[step["id"]] += 1
            if step["kind"] in ("done", "closed") or (state["index"] >= most and sitting.agreed):
                return
            self._do(step)
        raise AssertionError("a way without an end")

    def _do(self, step: dict[str, Any]) -> None:
        kind, key = step["kind"], step["id"]
        reading = 60 * len(f"{step['title']} {step['text']} {step.get('instructions', '')}".split()) / WORDS_A_MINUTE
        self._spend(3 + reading * self._pace)
        data: dict[str, Any] = {}
        if kind in ("consent", "assent"):
            data = {"agreed": {box["id"]: True for box in step["boxes"]}, "version": step["version"]}
        elif kind in ("practice", "task"):
            self.sitting.answer(key, {"begin": True})
            least, most = step["not_before_s"], step["seconds"] or max(300, 2 * step["not_before_s"])
            self._spend(self._rng.uniform(max(least, 0.5 * most), most) + 1)
        elif kind == "questionnaire":
            self._spend(len(step["items"]) * SECONDS_A_QUESTION * self._pace)
            data = {"answers": {item["id"]: self._answer(item) for item in step["items"]}}
        elif kind == "listening":
            listened = 1.5 * step["minimum_s"] + 2
            self._spend(2 * listened + 4)
            data = {"choice": self._rng.choice(step["choices"]), "heard": {"a": listened, "b": listened}, "reasons": []}
        elif kind == "break" and self.sitting.at["until"]:
            self._clock[0] = max(self._clock[0], self.sitting.at["until"])
        self.sitting.answer(key, data)

    def _spend(self, seconds: float) -> None:
        self.seconds += seconds
        self._clock[0] += round(1000 * seconds)

    def _answer(self, item: dict[str, Any]) -> Any:
        if item["kind"] in ("choice", "pair"):
            return self._rng.choice(item["choices"])
        if item["kind"] == "number":
            low = item["low"] if item["low"] is not None else 0
            return self._rng.uniform(low, item["high"] if item["high"] is not None else low + 100)
        if item["kind"] == "text":
            return "A few words."
        return self._rng.randint(1, item["points"]) if item["kind"] == "likert" else self._rng.randint(0, 100)


def _balance(study: Study, rows: list[tuple[str, ...]]) -> list[str]:
    names = [condition.id for condition in study.conditions]
    wide = max(map(len, names))
    counts = places(rows, names)
    columns = max(map(len, counts.values()))
    out = ["How often each condition stands in each place:"]
    out += [f"  {name:<{wide}}  {' '.join(f'{value:4d}' for value in counts[name])}" for name in names]
    if columns > 1:
        after = follows(rows, names)
        out.append(f"Each comes directly after each other {min(after.values())} to {max(after.values())} times.")
    return out


def _warnings(study: Study, people: int) -> list[str]:
    from workbench.study.freeze import model_facts, models

    out = []
    size = block_size(study)
    if people % size:
        out.append(f"{people} people do not balance the orders; {people - people % size + size} would.")
    latencies = {condition.latency_ms for condition in study.conditions}
    if len(study.conditions) > 1 and (len(latencies) > 1 or None in latencies):
        out.append("Conditions may differ by speed; give all of them the same latency_ms.")
    for name in models(study):
        try:
            model_facts(name)
        except WorkbenchError as problem:
            out.append(str(problem))
    return out


def _power(study: Study, people: int) -> str:
    from workbench.study.tables.power import power

    compare = study.compare
    if compare is None:
        return 'The study names no comparison ("compare:"), so no power can be told.'
    groups = study.assignment.design == "between"
    if groups and len(study.conditions) > 2:
        people = 2 * people // len(study.conditions)  # of whom data come under the two that are compared
    try:
        found = power(compare.effect, people, drop_out=compare.drop_out, alpha=compare.alpha, groups=groups, seed=1)
    except WorkbenchError as problem:
        return str(problem)
    one, other = compare.between
    return f"{compare.measure}, {one} against {other}, {compare.effect:g} standard deviations apart: {found.sentence()}"
