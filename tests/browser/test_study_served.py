"""A whole study in the real app, as ``workbench study serve`` offers it: a sitting, a restart, the way out."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.app_fixtures import STORE, Server
from workbench.study.log.read import load

pytestmark = pytest.mark.server

STUDY = """
id: small
title: A small study
version: "1"
language: en
contact: Ada Example, ada@example.org
institution: Example University
conditions:
  - {id: plain, name: Without help, tabs: [roll, stems], controls: {ideas: no, undo: no}}
assignment: {design: between, people: 4}
data: {purpose: To see whether it works., withdrawn: delete}
marks: yes
steps:
  - {information: welcome, title: Welcome, text: You will change a tune.}
  - consent: agree
    title: Your consent
    text: What you do here is kept.
    boxes: [{id: part, text: I want to take part.}]
  - each condition:
      - {task: tune, title: Change the tune, text: Change it as *you* like., view: roll, seconds: 600}
      - questionnaire: after
        title: Afterwards
        items: [{id: fun, kind: likert, text: "Was it fun?", points: 5}]
  - {done: thanks, title: Thank you, text: That was it., completion_code: TUNE-24}
"""
ADD = """(pitch) => {
  const store = window.__musicWorkbench.stores.workbench, track = store.score.tracks[0];
  const note = { ...[...track.notes.values()][0], id: 'mine' + pitch, pitch };
  store.edit({ op: 'add_notes', track: track.id, notes: [note] });
}"""


class Study(Server):
    """The server of the study above, its log beside it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "study.yaml").write_text(STUDY)
        self.kept = folder / "kept"
        super().__init__(
            folder, sys.executable, "-m", "workbench", "study", "serve", "study.yaml",
            "--data", "kept", "--port", "PORT", "--anyway",
        )  # fmt: skip


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Study]:
    server = Study(tmp_path / "study")
    server.start()
    yield server
    server.kill()


@pytest.fixture
def page(chromium: Any, served: Study) -> Iterator[Any]:
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(45_000)
    page.errors, page.said = [], []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on("request", lambda request: page.said.append(request.post_data or ""))
    page.goto(served.address)
    yield page
    assert page.errors == []
    context.close()


def press(page: Any, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def heading(page: Any, text: str) -> None:
    page.locator(".study h1", has_text=text).wait_for()


def events(served: Study) -> list[dict[str, Any]]:
    return [event for log in load(served.kept) for event in log.events]


def test_a_sitting_with_a_restart_in_it_is_logged_from_consent_on_and_can_be_taken_back(
    page: Any, served: Study
) -> None:
    heading(page, "Welcome")
    assert page.get_by_role("tablist").is_hidden()
    press(page, "Go on")
    heading(page, "Your consent")
    assert not any('"log_take' in body or '\\"log_take' in body for body in page.said)
    assert events(served) == []
    page.get_by_label("I want to take part.").check(force=True)
    press(page, "I agree, begin")
    heading(page, "Change the tune")
    press(page, "Start")
    page.locator(".task-bar").wait_for()
    # The tabs and controls of the condition, on the tab that the task names.
    page.locator(".wb-roll .toolbar").wait_for()
    assert [tab for tab in page.get_by_role("tab").all_inner_texts() if tab] == ["Roll", "Stems"]
    assert page.get_by_role("button", name="Fill this gap").count() == 0
    assert page.get_by_role("button", name="Undo").count() == 0
    notes = page.evaluate(f"{STORE}.score.tracks[0].notes.size")
    page.evaluate(ADD, 90)
    press(page, "Note a thought")
    page.keyboard.type("high")
    page.keyboard.press("Enter")
    page.locator(".wb-study [data-spoken=polite]", has_text="Noted.").wait_for(state="attached")
    page.reload()  # the task goes on, and so does the piece
    page.locator(".task-bar").wait_for()
    page.wait_for_function(f"{STORE}.score.tracks[0]?.notes.size === {notes + 1}")
    served.kill()
    page.evaluate(ADD, 91)
    page.locator(".task-bar .away", has_text="The connection is lost.").wait_for()
    served.start()
    press(page, "Done")
    heading(page, "Afterwards")
    page.get_by_role("radio", name="4 of 5").check(force=True)
    press(page, "Go on")
    heading(page, "Thank you")
    assert page.get_by_text("TUNE-24").is_visible()

    kept = events(served)
    kinds = [event["kind"] for event in kept]
    assert kinds.index("consent") < kinds.index("task")
    assert [event["payload"]["action"] for event in kept if event["kind"] == "task"][:1] == ["begin"]
    assert [name for name in ("mine90", "mine91") if name not in json.dumps(kept)] == []
    assert kinds.count("edit") == 2
    assert [event["payload"]["text"] for event in kept if event["kind"] == "mark"] == ["high"]
    assert [event["payload"]["answers"] for event in kept if event["kind"] == "survey"] == [{"fun": 4}]
    assert all(log.whole for log in load(served.kept))
    code = json.loads(page.evaluate("localStorage.getItem('music-workbench:study')"))["code"]
    assert code not in json.dumps(kept)

    press(page, "Stop taking part")
    press(page, "Yes, stop")
    heading(page, "You have left the study")
    assert events(served) == []
