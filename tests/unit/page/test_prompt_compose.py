"""From the page's prompts to a piece: the plan, its changes, ideas section by section, parts again, files of it."""

from __future__ import annotations

import json
import secrets
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.unit.page.test_prompt import Giver, tune
from workbench.hub.shared import shared_hub
from workbench.page.session import Pages
from workbench.score import Score
from workbench.score.files import encode
from workbench.score.project import open_project


class Maker(Giver):
    """A page with the models that ship."""

    def __init__(self, folder: Path) -> None:
        hub = shared_hub()
        self.pages, self.session, self.folder = Pages(lambda: hub, hub.rules), secrets.token_hex(16), folder

    def job(self, name: str, **fields: Any) -> list[dict[str, Any]]:
        """Everything that a job says."""
        return list(self.pages.answer({"type": name, "id": secrets.token_hex(4), "session": self.session, **fields}))

    def result(self, name: str, **fields: Any) -> dict[str, Any]:
        """What a job ends with."""
        last = self.job(name, **fields)[-1]
        assert last["type"] == f"{name}.result", last
        return last


@pytest.fixture
def page(tmp_path: Path) -> Maker:
    maker = Maker(tmp_path)
    maker.give("words", text="8 seconds")
    maker.give("notes", media=maker.bring("four.mid", encode(tune(), ".mid")))
    return maker


def pitches(score: dict[str, Any]) -> dict[str, list[int]]:
    """Pitches of every track, by its name."""
    return {
        track["name"]: [note["pitch"] for note in sorted(track["notes"], key=lambda note: note["start"])]
        for track in score["tracks"]
    }


def test_a_plan_is_made_changed_and_told_to_be_out_of_date(page: Maker) -> None:
    brief = page.told("brief.make", seed=3)["brief"]
    assert brief["seconds"] == 8
    assert brief["melody"] == {"source": "notes", "how": "faithful"}
    state = page.told("brief.change", changes={"tempo": 90})
    assert state["brief"]["tempo"] == pytest.approx(90, rel=0.15)
    sections = [{**section, "energy": 10} for section in state["brief"]["sections"]]
    state = page.told("brief.change", changes={"sections": sections})
    assert {section["energy"] for section in state["brief"]["sections"]} == {10}
    assert state["brief"]["sections"][-1]["end"] == pytest.approx(8, abs=0.05)
    assert not state["stale"]
    assert page.told("prompt.change", slot="words", strength=50)["stale"]
    assert not page.told("brief.make")["stale"]


def test_ideas_come_section_by_section_with_the_tune_as_it_was_given(page: Maker) -> None:
    brief = page.told("brief.make", seed=3)["brief"]
    said = page.job("compose")
    parts = [message for message in said if message["type"] == "compose.partial"]
    assert next(part["whole"] for part in parts if part["alternative"] == 0) is (len(brief["sections"]) == 1)
    assert any(part["whole"] for part in parts)
    stages = list(dict.fromkeys(message["text"] for message in said if message["type"] == "compose.progress"))
    assert len([stage for stage in stages if stage]) == 2 * len(brief["sections"])
    assert stages[0].startswith("Idea 1 of 2: writing ")
    assert stages[len(brief["sections"])].startswith("Idea 2 of 2: writing ")
    made = said[-1]["alternatives"]
    assert len(made) == 2
    for idea in made:
        Score.from_dict(idea["score"])
        assert idea["runs"]
        assert pitches(idea["score"])["Tune"][:4] == [60, 62, 64, 67]
    assert pitches(made[0]["score"]) != pitches(made[1]["score"])


def test_one_part_is_written_again_and_the_others_stay(page: Maker) -> None:
    page.told("brief.make", seed=3)
    before = page.result("compose")["alternatives"][0]["score"]
    track = next(track for track in before["tracks"] if track["name"] == "Bass")
    after = page.result("compose.again", alternative=0, tracks=[track["id"]])["idea"]
    assert set(pitches(after["score"])) == set(pitches(before))
    for name, notes in pitches(before).items():
        if name != "Bass":
            assert pitches(after["score"])[name] == notes
    assert len(after["runs"]) > 1
    assert page.job("compose.again", alternative=0, tracks=["t99"])[-1]["type"] == "compose.again.error"
    assert page.job("compose.again", alternative=7)[-1]["text"].startswith("That idea is no longer here")


def test_an_idea_is_measured_and_a_line_is_tried_harder(page: Maker) -> None:
    brief = page.told("brief.make", seed=3)["brief"]
    page.result("compose")
    lines = page.result("compose.card", alternative=0)["card"]["prompts"]
    assert {line["slot"] for line in lines} == {"words", "notes"}
    melody = next(line for line in lines if line["measure"] == "melody")
    assert (melody["value"], melody["met"]) == (1.0, True)
    after = page.told("brief.harder", alternative=0, slot="notes", measure="melody")["brief"]
    assert after["seed"] != brief["seed"]
    page.told("compose.keep", alternative=0)
    assert page.told("prompt.state")["card"]["prompts"] == lines
    answer = page.call("brief.harder", alternative=1, slot="notes", measure="melody")
    assert answer["text"].startswith("That is not measured any more")


def test_what_is_taken_away_says_what_it_was_made_from(page: Maker) -> None:
    page.told("brief.make", seed=3)
    page.result("compose")
    page.result("compose.again", alternative=1, section=0)
    made = page.result("compose.pack", alternative=1, what="zip")
    with zipfile.ZipFile(made["path"]) as archive:
        names = {name.split("/", 1)[1]: name for name in archive.namelist()}
        assert {"mix.wav", "score.mid", "score.musicxml", "brief.json", "prompts.json", "manifest.json"} <= set(names)
        facts = json.loads(archive.read(names["manifest.json"]))["facts"]
    assert [item["slot"] for item in facts["prompts"]] == ["words", "notes"]
    assert facts["runs"]
    assert facts["unrecorded"] == {}
    assert page.job("compose.pack", alternative=1, what="cake")[-1]["text"] == "An idea cannot be taken away as that."


def test_the_plan_is_saved_with_the_project(page: Maker) -> None:
    page.open()
    brief = page.told("brief.make", seed=3)["brief"]
    path = page.result("export", kind="wbz")["path"]
    assert "prompts.json" in open_project(path).media
    page.session = secrets.token_hex(16)
    page.call("import", id=page.bring("song.wbz", Path(path).read_bytes()))
    assert page.told("prompt.state")["brief"] == brief


def test_stop_ends_the_writing_and_keeps_the_plan(page: Maker) -> None:
    brief = page.told("brief.make")["brief"]
    work = page.pages.answer({"type": "compose", "id": "j9", "session": page.session})
    next(work)
    page.call("stop", id="j9")
    assert list(work)[-1]["stopped"]
    assert page.told("prompt.state")["brief"] == brief


@pytest.mark.parametrize(
    ("kind", "fields", "sentence"),
    [
        ("brief.change", {"changes": {"tempo": "fast"}}, "tempo"),
        ("brief.change", {"changes": {"cake": 1}}, "cake"),
        ("brief.change", {"changes": [1]}, "names what it changes"),
        ("brief.change", {"changes": {"chords": [[1, 1, "H7+"]]}}, "chord"),
        ("brief.other", {"rule": "metre"}, "no such conflict"),
        ("brief.other", {}, "named by its rule"),
        ("compose.keep", {"alternative": 0}, "no longer here"),
    ],
)
def test_a_change_that_makes_no_sense_leaves_the_plan_alone(
    page: Maker, kind: str, fields: dict[str, Any], sentence: str
) -> None:
    brief = page.told("brief.make")["brief"]
    answer = page.call(kind, **fields)
    assert answer["type"] == "error"
    assert sentence in answer["text"]
    assert page.told("prompt.state")["brief"] == brief


def test_there_is_no_plan_without_anything_given(tmp_path: Path) -> None:
    page = Maker(tmp_path)
    assert page.call("brief.make")["text"] == "Give something first: even a few words are enough."
    assert page.call("brief.change", changes={"tempo": 90})["text"] == "There is no plan yet; make one first."
    assert page.job("compose")[-1]["text"] == "There is no plan yet; make one first."


def test_a_conflict_is_decided_the_other_way(tmp_path: Path) -> None:
    page = Maker(tmp_path)
    page.give("words", text="a waltz in 3/4, 20 seconds")
    page.give("notes", media=page.bring("four.mid", encode(tune(), ".mid")))
    brief = page.told("brief.make", seed=3)["brief"]
    assert [conflict["rule"] for conflict in brief["conflicts"]] == ["metre"]
    assert brief["metre"] == [4, 4]
    other = page.told("brief.other", rule="metre")["brief"]
    assert other["metre"] == [3, 4]
    assert other["conflicts"] == []
