"""A study that is gone through in tests, with a clock of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from workbench.study.log.ids import Salt
from workbench.study.log.schema import Event
from workbench.study.log.sinks import open_sink
from workbench.study.plan.flow import Sitting
from workbench.study.plan.load import parse_study
from workbench.study.plan.reception import PlainLog, Reception
from workbench.study.plan.roster import Roster

HEAD = """\
id: little
title: A little study
version: 1.0
contact: Ada
data: {purpose: to learn}
"""
CONDITIONS = """\
conditions:
  - {id: a, tabs: [roll], models: {infill: markov}, latency_ms: 1000}
  - {id: b, tabs: [roll, genie], controls: {sliders: no}, models: {infill: none}}
assignment: {people: 4, drop_out_hours: 1}
"""
STEPS = """\
steps:
  - {information: hello, text: Hello.}
  - consent: consent
    text: Do you agree?
    boxes:
      - {id: yes-part, text: I take part.}
      - {id: later, text: Later too., required: no}
  - each condition:
      - {task: tune, view: roll, seconds: 60, not_before_s: 10}
      - {questionnaire: whose, use: ownership}
  - {done: end, completion_code: XYZ}
"""


class Place:
    """One study with its roster and log in a folder; :meth:`restart` is what a server does that was killed."""

    def __init__(self, folder: Path, text: str = HEAD + CONDITIONS + STEPS) -> None:
        self.now = 1_800_000_000_000
        self.folder, self.text = folder, text
        self.sink = open_sink(folder / "log")
        self.study = parse_study(text, folder / "study.yaml")
        self.open()

    def open(self) -> None:
        roster = Roster(self.folder / "roster")
        log = PlainLog(self.sink, self.study.id, self.clock)
        self.reception = Reception(
            self.study, roster, log, Salt(b"s" * 32), clock=self.clock, seconds_of=lambda path: 30.0
        )

    def clock(self) -> int:
        return self.now

    def later(self, seconds: float) -> None:
        self.now += round(seconds * 1000)

    def restart(self) -> None:
        self.reception.close()
        self.open()

    def events(self, kind: str = "") -> list[Event]:
        found = [event for session in self.sink.sessions() for event in self.sink.read(session)]
        return [event for event in found if kind in ("", event["kind"])]

    def agreed(self) -> Sitting:
        """Somebody who has agreed and stands at what comes then."""
        sitting = self.reception.come()
        while not sitting.agreed and not sitting.over:
            one(sitting)
        return sitting

    def through(self, sitting: Sitting, until: str = "done") -> None:
        """Go on until a step of this kind, or id, is there."""
        for _ in range(100):
            step = sitting.state()["step"]
            if until in (step["kind"], step["id"]):
                return
            if step["kind"] in ("task", "practice"):
                sitting.answer(step["id"], {"begin": True})
                self.later(20)
            self.later(8)
            one(sitting)
        raise AssertionError(f"{until} was never reached")

    def text_of_all(self) -> str:
        """Every byte that is kept, as text."""
        kept = [path.read_bytes().decode("latin-1") for path in self.folder.rglob("*") if path.is_file()]
        return "\n".join(kept)


def answers_of(step: dict[str, Any]) -> dict[str, Any]:
    """Something that can be answered to every item of a step."""
    usual = {"likert": 2, "slider": 50, "text": "some words", "number": 20}
    return {item["id"]: usual[item["kind"]] if item["kind"] in usual else item["choices"][0] for item in step["items"]}


def one(sitting: Sitting) -> None:
    """Answer the step that is due."""
    step = sitting.state()["step"]
    data: dict[str, Any] = {}
    if step["kind"] in ("consent", "assent"):
        data = {"agreed": {box["id"]: True for box in step["boxes"]}, "version": step["version"]}
    elif step["kind"] == "questionnaire":
        data = {"answers": answers_of(step)}
    elif step["kind"] == "listening":
        data = {"choice": "a", "heard": {"a": 4.0, "b": 4.0}, "reasons": step["reasons"][:1]}
    sitting.answer(step["id"], json.loads(json.dumps(data)))
