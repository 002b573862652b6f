"""Tasks are rows of one table: the hub knows them by name alone, and what is odd is left out and named."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest

import workbench.hub
from tests.unit.hub.rogues import finish, gap, hub, piece, spec
from workbench.errors import BadRequest, Unavailable, WorkbenchError
from workbench.hub.conformance import check
from workbench.hub.protocol import Alternative, CancelToken, Model, Partial, Result
from workbench.hub.tasks import table as tables
from workbench.hub.tasks.base import TaskRequest
from workbench.hub.tasks.genie.request import GenieRequest, GenieSettings
from workbench.hub.tasks.separate.request import SeparateRequest
from workbench.hub.tasks.table import BUILT_IN, Task, join, task
from workbench.score.score import Note


def test_the_hub_itself_names_no_task() -> None:
    names = "|".join(row.name for row in BUILT_IN)
    for path in Path(workbench.hub.__file__).parent.glob("*.py"):
        code = re.sub(r'""".*?"""|#[^\n]*', "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert not re.search(rf"tasks\.({names})|[\"']({names})[\"']", code), path.name


@pytest.mark.parametrize("row", BUILT_IN, ids=lambda row: row.name)
def test_every_name_of_a_row_is_there(row: Task) -> None:
    assert issubclass(row.request_class(), TaskRequest)
    for name in filter(None, (row.guard, row.wire, row.conformance, row.part)):
        assert callable(tables.load(name))


def test_a_row_that_does_not_fit_is_left_out_and_named() -> None:
    found = join(BUILT_IN, [("mine", [Task("infill", "x:Y"), 5, Task("../x", "x:Y"), Task("mine", "x:Y")])])
    assert list(found.tasks) == [*(row.name for row in BUILT_IN), "mine"]
    assert found.tasks["infill"] == BUILT_IN[0]
    assert len(found.problems) == 3
    assert all(text.startswith("The plug-in mine brings") and text.endswith(".") for text in found.problems)


def test_a_plug_in_that_cannot_be_loaded_keeps_nobody_else_from_working(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Any:
        raise RuntimeError("no")

    points = [SimpleNamespace(name="bad", load=broken), SimpleNamespace(name="one", load=lambda: Task("one", "x:Y"))]
    monkeypatch.setattr("workbench.hub.plugins.metadata.entry_points", lambda group: points)
    tables.table.cache_clear()
    try:
        assert task("one").name == "one"
        assert task("infill") == BUILT_IN[0]
        assert tables.table().problems == ("The plug-in bad could not be loaded (RuntimeError).",)
        with pytest.raises(Unavailable, match="install its package again"):
            task("one").request_class()
    finally:
        tables.table.cache_clear()


def test_an_unknown_task_is_one_sentence_with_the_choices() -> None:
    with pytest.raises(BadRequest, match="genie, infill, read_score, separate"):
        task("juggle")


@pytest.mark.parametrize("name", [row.name for row in BUILT_IN])
@pytest.mark.parametrize("data", [None, 5, [], {"surprise": 1}, {"task": 5}])
def test_what_a_stranger_sends_is_refused_in_one_sentence(name: str, data: Any) -> None:
    with pytest.raises(WorkbenchError) as caught:
        task(name).make_wire().read(data, {"score": piece(), "audio": None})
    assert str(caught.value).endswith(".")


def test_requests_come_back_from_their_own_settings() -> None:
    sound = SimpleNamespace(samples=np.zeros((10, 2), np.float32), rate=8_000)
    presses = GenieRequest([{"time": 0.5, "button": 3}], "C Am", GenieSettings(mode="replayable", scale=(0, 2, 4)))
    for name, request in (("infill", gap(piece(), count=2)), ("genie", presses), ("separate", SeparateRequest(sound))):
        sent = json.loads(json.dumps(request.settings()))
        again = task(name).make_wire().read(sent, {"score": piece(), "audio": sound})
        assert again == request
        assert again.inputs() == request.inputs()


class Shy(Model):
    """A separator that gives nothing, and a Genie that plays a note too few and one too low."""

    wrong: ClassVar[str] = ""

    def run(self, request: Any, *, seed: int, cancel: Any) -> Any:
        if isinstance(request, SeparateRequest):
            yield Result((Alternative(stems={}),))
            return
        for place, press in enumerate(request.presses[1:]):
            cancel.check()
            pitch = 12 if place == 0 and self.spec.capabilities["how"] == "low" else 60
            yield Partial(0, "t1", (Note(f"n{place}", round(press["time"] * 1920), 10, pitch),))


def test_the_suite_of_each_task_finds_what_it_looks_for() -> None:
    entry = spec("few", adapter="Shy", task="genie")
    few = {row.name: row for row in check(_here(entry))}
    assert "63 notes for 64 presses" in few["presses"].text
    assert not few["presses"].passed
    assert few["seed"].passed
    deaf = {row.name: row for row in check(_here(spec("mute", adapter="Shy", task="separate")))}
    assert "no stem called vocals" in deaf["sum"].text
    assert deaf["silence"].passed


def test_what_is_left_of_a_wrong_performance_says_so() -> None:
    entry = _here(spec("low", adapter="Shy", task="genie"))
    request = GenieRequest([{"time": 0.1 * step, "button": 1} for step in range(5)])
    (idea,) = finish(hub(entry).run(entry.id, request, seed=0, cancel=CancelToken.never())).alternatives
    assert [note.pitch for note in idea.notes["t1"]] == [60, 60, 60]
    assert idea.remarks == ("2 presses have no note, because the model gave none.",)


def _here(entry: Any) -> Any:
    return replace(entry, adapter=f"{__name__}:Shy")
