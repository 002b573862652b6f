"""A study through the messages of its pages: what the condition forbids is refused by the server itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.unit.study.planned import CONDITIONS, HEAD, STEPS, answers_of
from workbench.errors import BadRequest, Unavailable
from workbench.hub.hub import Hub
from workbench.hub.protocol import CancelToken, Progress, Result
from workbench.hub.registry import Registry
from workbench.page.logbook import Logbook
from workbench.page.session import Pages
from workbench.page.studydesk import StudyDesk
from workbench.page.studygate import ALWAYS, NEVER, TABS_OF, ConditionHub
from workbench.page.table import built_in, join
from workbench.score.score import Score
from workbench.study.log.ids import Salt
from workbench.study.log.sinks import open_sink
from workbench.study.plan.load import parse_study
from workbench.study.plan.reception import Reception
from workbench.study.plan.roster import Roster
from workbench.study.plan.study import Condition

TOKEN = "a" * 32


class Served:
    """A study as a server has it; :meth:`restart` is what happens when it is killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.study = parse_study(HEAD + CONDITIONS + STEPS, folder / "study.yaml")
        self.hub = Hub(Registry.load(), public=True)
        self.start()

    def start(self) -> None:
        self.pages = Pages(lambda: self.hub)
        salt = Salt(b"s" * 32)
        self.sink = open_sink(self.folder / "log")
        book = Logbook(self.sink, salt, study=self.study.id)
        self.reception = Reception(self.study, Roster(self.folder / "roster"), book, salt)
        self.pages.logbook, self.pages.study = book, StudyDesk(self.reception, book)

    def restart(self) -> None:
        self.pages.close()
        self.start()

    def call(self, kind: str, token: str = TOKEN, **fields: Any) -> dict[str, Any]:
        return self.pages.call({"type": kind, "session": token, **fields})

    def state(self, kind: str = "study_state", **fields: Any) -> dict[str, Any]:
        reply = self.call(kind, **fields)
        assert reply["type"] == "study", reply
        return reply["state"]

    def to_task(self, condition: str) -> dict[str, Any]:
        """A participant who works under this condition."""
        for number in range(4):
            token = f"{number + 1:032x}"
            self.state(token=token)
            self.state("study_next", token=token, step="hello", data={})
            agreed = {"yes-part": True, "later": False}
            state = self.state("study_next", token=token, step="consent", data={"agreed": agreed, "version": "1"})
            person = self.pages.page({"session": token}).sitting
            if person is not None and person.order[0] == condition:
                state = self.state("study_next", token=token, step="tune.1", data={"begin": True})
                self.call("open", token=token, score=Score().to_dict(), revision=0, hash="", reason="start")
                return {**state, "token": token}
        raise AssertionError("nobody begins so")

    def ask(self, token: str, kind: str, **fields: Any) -> dict[str, Any]:
        """The last answer to a job."""
        return list(self.pages.answer({"type": kind, "session": token, "id": "job", **fields}))[-1]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    made = Served(tmp_path)
    yield made
    made.pages.close()


def test_every_message_is_for_a_tab_or_for_everybody_or_for_nobody() -> None:
    table = join(built_in())
    names = {*table.calls, *table.jobs}
    assert names == {*ALWAYS, *TABS_OF, *NEVER}


def test_nothing_of_the_app_answers_before_consent_and_nothing_is_kept(served: Served) -> None:
    served.state()
    for kind in ("fill", "export", "listen", "pull"):
        assert "not part of the study" in served.ask(TOKEN, kind, request={})["text"]
    assert "not part of the study" in served.call("models")["text"]
    assert served.sink.sessions() == []


def test_tabs_and_models_that_a_condition_withholds_are_refused(served: Served) -> None:
    plain, free = served.to_task("a"), served.to_task("b")
    assert plain["condition"]["tabs"] == ["roll"]
    assert "name" not in plain["condition"]
    for kind in ("listen", "separate", "compose"):
        assert "part of what you can use" in served.ask(plain["token"], kind)["text"]
    wish = {"regions": [], "count": 1}
    other = served.ask(plain["token"], "fill", model="infill", request=wish, revision=0)
    assert "part of what you can use" in other["text"] or "gap" in other["text"]
    slid = served.ask(free["token"], "fill", request={**wish, "controls": {"wildness": 80}})
    assert "part of what you can use" in slid["text"]


def test_a_participant_page_writes_into_the_log_from_consent_to_the_end(served: Served) -> None:
    state = served.to_task("a")
    page = served.pages.page({"session": state["token"]})
    assert page.recorder is not None
    assert page.recorder.session == page.sitting.recorder.session  # type: ignore[union-attr]
    kinds = [event["kind"] for event in served.sink.read(page.recorder.session)]
    assert kinds[:3] == ["session", "consent", "task"]


def test_after_a_restart_the_code_leads_back_and_numbers_go_on(served: Served) -> None:
    state = served.to_task("a")
    served.restart()
    assert served.call("study_next", token=state["token"], step="tune.1", data={})["type"] == "error"
    back = served.state(token=state["token"], code=state["code"])
    assert back["step"]["id"] == "tune.1"
    page = served.pages.page({"session": state["token"]})
    assert page.recorder is not None
    numbers = [event["seq"] for event in served.sink.read(page.recorder.session)]
    assert numbers == list(range(len(numbers)))


def test_deleting_what_is_kept_is_leaving(served: Served) -> None:
    state = served.to_task("a")
    reply = served.call("log_delete", token=state["token"])
    assert reply["count"] > 2
    assert served.call("log_delete", token=state["token"])["count"] == 0
    assert served.state(token=state["token"])["step"]["kind"] == "withdrawn"
    assert all(event["person"] for event in served.sink.events())
    assert served.call("study_state", token="f" * 32, code=state["code"])["type"] == "error"


def test_codes_cannot_be_guessed_for_long(served: Served) -> None:
    told = [served.call("study_state", code=f"AAA-AAA-A{number:02d}")["text"] for number in range(25)]
    assert "Too many" in told[-1]


def test_answers_of_questionnaires_reach_the_log_as_they_were_given(served: Served) -> None:
    state = served.to_task("a")
    sitting = served.pages.page({"session": state["token"]}).sitting
    assert sitting is not None
    sitting.at["used"] = 61_000
    step = served.state("study_next", token=state["token"], step="tune.1", data={})["step"]
    given = answers_of(step)
    served.state("study_next", token=state["token"], step=step["id"], data={"answers": given})
    surveys = [event for event in served.sink.events() if event["kind"] == "survey"]
    assert [event["payload"]["answers"] for event in surveys] == [given]


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class SteppedIn(Result):
    """What comes where another model stood in."""

    fallback_reason = "no network"  # type: ignore[assignment]


class Fake:
    """A hub whose model takes so many seconds."""

    def __init__(self, clock: Clock, takes: float, fallback: str = "") -> None:
        self.registry = Registry.load()
        self.asked: list[str] = []
        self._clock, self._takes, self._fallback = clock, takes, fallback

    def run(self, name: str, request: Any, **more: Any) -> Iterator[Any]:
        self.asked.append(name)
        yield Progress(0.9, "nearly", 0.1)
        self._clock.now += self._takes
        yield SteppedIn() if self._fallback else Result()


def run(condition: Condition, takes: float, name: str = "infill", fallback: str = "") -> SimpleNamespace:
    clock, late = Clock(), []
    fake: Any = Fake(clock, takes, fallback)
    hub = ConditionHub(fake, condition, 100.0, lambda task, ms: late.append((task, ms)), clock, clock.sleep)
    items = list(hub.run(name, None, seed=1, cancel=CancelToken.never()))  # type: ignore[arg-type]
    return SimpleNamespace(items=items, took=clock.now - 100.0, late=late, asked=fake.asked)


@pytest.mark.parametrize("takes", [0.1, 1.0, 3.9])
def test_fast_and_slow_models_answer_after_the_same_time(takes: float) -> None:
    found = run(Condition("c", "C", models={"infill": "markov"}, latency_ms=4000), takes)
    assert found.took == pytest.approx(4.0, abs=0.01)
    assert found.asked == ["markov"]
    assert found.late == []
    assert all(item.text == "" for item in found.items[:-1])


def test_a_model_that_is_slower_than_that_is_reported() -> None:
    assert run(Condition("c", "C", latency_ms=1000), 2.5).late == [("infill", 2500)]


def test_the_condition_s_model_runs_and_no_other_steps_in() -> None:
    condition = Condition("c", "C", models={"infill": "markov"})
    assert run(condition, 0.1, "markov").asked == ["markov"]
    with pytest.raises(BadRequest):
        run(condition, 0.1, "amt-small")
    with pytest.raises(BadRequest):
        run(Condition("c", "C", models={"infill": False}), 0.1)
    with pytest.raises(Unavailable, match="tell who runs"):
        run(condition, 0.1, fallback="no network")
