"""The log of the app: it says what happened, as what it was, and plays again to the piece that the person has."""

from __future__ import annotations

import json
import random
import wave
import zipfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.page.simulated import Person
from workbench import resources
from workbench.hub.hub import Hub
from workbench.hub.registry import Registry
from workbench.page.session import Pages
from workbench.score import edits
from workbench.score.events import Event, is_plain
from workbench.score.operations import inverse
from workbench.score.project import Project
from workbench.score.replay import replay_log
from workbench.score.score import Score


@pytest.fixture(scope="module")
def hub() -> Hub:
    return Hub(Registry.load(plugins=False, user=False))


@pytest.fixture
def pages(hub: Hub) -> Pages:
    return Pages(lambda: hub)


def opening() -> Score:
    return Project.open(resources.path("assets/pieces/opening.wbz")).score


def check_steps(events: Iterable[Event]) -> Counter[str]:
    """In order; and every undo and redo names its step, and says what that step says. Returns how many of each."""
    found: Counter[str] = Counter()
    known: dict[int, Event] = {}
    last = 0
    for event in events:
        known[event["seq"]] = event
        kind, operation = event["kind"], event["payload"].get("operation")
        if kind == "open" and event["payload"]["reason"] in ("start", "restored"):
            last = 0  # a page was loaded, and counts anew
        number = event["payload"].get("client_n", last + 1)
        assert number > last, "in the order in which the page did it, and once"
        last = number if "client_n" in event["payload"] else last
        if kind in ("undo", "redo") and "cause" in event:
            step = known[event["cause"]]["payload"]["operation"]
            assert operation == (inverse(step) if kind == "undo" else step)
            found[f"{kind} of a step"] += 1
        elif kind == "accept":
            cause = known[event["cause"]] if "cause" in event else None
            assert cause is None or [cause["payload"]["id"]] == list(event["payload"]["runs"])
            found["accept of a run"] += cause is not None
        found[kind] += 1
    return found


def test_a_hundred_random_sessions_play_again_from_their_logs(pages: Pages, tmp_path: Path) -> None:
    deeds: Counter[str] = Counter()
    logged: Counter[str] = Counter()
    for number in range(50):
        rng = random.Random(number)
        two = [Person(pages, rng, opening(), tmp_path, 0.1) for _ in range(2)]  # at the same time
        for _ in range(60):
            rng.choice(two).act()
        for person in two:
            person.send()
            log = person.page.log.events
            again = replay_log(log)
            assert again.hash == person.hash, f"session {number}"
            assert [event["seq"] for event in log] == list(range(log[0]["seq"], log[0]["seq"] + len(log)))
            logged += check_steps(log)
            logged["hashes"] += again.checks
            deeds += person.deeds
    least = {"fill": 30, "accept": 20, "import": 80, "reload": 80, "mismatch": 60, "keep": 50, "continue": 20}
    assert all(deeds[name] >= count for name, count in least.items()), deeds
    assert logged["undo of a step"] > 0.8 * logged["undo"] > 100, logged
    assert logged["redo of a step"] > 0.8 * logged["redo"] > 25, logged
    assert logged["accept of a run"] > 0.8 * logged["accept"] > 10, logged
    assert logged["hashes"] > 300, logged


def kinds(person: Person) -> list[str]:
    return [event["kind"] for event in person.page.log.events]


def test_each_thing_stands_in_the_log_as_what_it_is(pages: Pages, tmp_path: Path) -> None:
    person = Person(pages, random.Random(3), opening(), tmp_path)
    person.do_edit()
    person.do_select()  # between two changes, and told with them
    person.do_undo()
    person.do_redo()
    person.send(rest=True)
    assert kinds(person) == ["open", "edit", "select", "undo", "redo", "check"]
    first, edit, select, undo, redo, check = person.page.log.events
    assert first["payload"]["score"] == opening().to_dict()
    assert (undo["cause"], redo["cause"]) == (edit["seq"], edit["seq"])
    assert redo["payload"]["operation"] == edit["payload"]["operation"]
    assert select["payload"]["client_time"] == 1_700_000_000_000
    assert check["payload"]["hash"] == person.hash
    person.send(rest=True)
    assert kinds(person)[-1] == "check", "one revision, one check"
    assert kinds(person).count("check") == 1


def test_a_kept_idea_is_one_event_that_names_its_run(pages: Pages, tmp_path: Path) -> None:
    person = Person(pages, random.Random(1), opening(), tmp_path)
    person.do_fill()
    person.do_audition()
    person.do_accept()
    person.do_undo()
    person.send()
    assert kinds(person) == ["open", "run", "suggest", "audition", "accept", "undo"]
    run, suggest, audition, accept, undo = person.page.log.events[1:]
    assert run["payload"]["model"] == "markov"
    assert accept["cause"] == run["seq"]
    assert [run["payload"]["id"]] == list(accept["payload"]["runs"])
    assert suggest["payload"]["run"] == audition["payload"]["run"] == run["payload"]["id"]
    assert undo["cause"] == accept["seq"]


def test_a_reloaded_page_goes_on_with_its_log_and_its_undo(pages: Pages, tmp_path: Path) -> None:
    person = Person(pages, random.Random(4), opening(), tmp_path)
    person.do_edit()
    person.send()
    with person.page.media.begin("hum.wav", None) as arrival:
        arrival.write(hum(tmp_path / "hum.wav"))
        arrival.finish()
    before, page = person.session, person.page
    person._load("restored", before)
    person.do_undo()
    person.send()
    log = person.page.log.events
    assert kinds(person) == ["open", "edit", "open", "undo"]
    assert log[2]["payload"]["reason"] == "restored"
    assert "score" not in log[2]["payload"], "the piece stands in the log already"
    assert log[3]["cause"] == log[1]["seq"]
    assert replay_log(log).hash == person.hash
    assert page.log.events == [], "one log, in one place"
    assert [item.name for item in person.page.media.items()] == ["hum.wav"]
    assert page.media.items() == []
    stranger = Person(pages, random.Random(4), opening(), tmp_path)
    stranger._load("restored", "f" * 32)
    assert kinds(stranger) == ["open"]


def test_undo_of_a_step_from_before_the_server_knew_the_page(pages: Pages, tmp_path: Path) -> None:
    person = Person(pages, random.Random(5), opening(), tmp_path)
    step = edits.set_score(person.score, title="Earlier")
    person.call("ops", base=0, changes=[{"kind": "undo", "operation": step, "revision": 1}])
    back = edits.set_score(opening(), title="Earlier")
    back["old"], back["new"] = back["new"], back["old"]
    person.call("ops", base=1, changes=[{"kind": "redo", "operation": back, "revision": 2}])
    assert kinds(person) == ["open", "undo", "redo"]
    assert replay_log(person.page.log).hash == person.hash


def test_what_a_page_makes_up_does_not_get_into_its_log(pages: Pages, tmp_path: Path) -> None:
    person = Person(pages, random.Random(6), opening(), tmp_path)
    deep: list[Any] = []
    for _ in range(200):
        deep = [deep]
    events: list[Any] = [
        {"kind": kind, "payload": {}} for kind in ("open", "edit", "accept", "undo", "run", "check", "import", "x", 7)
    ]
    events += [
        {"kind": "select", "payload": payload}
        for payload in ([], None, {"deep": deep}, {"half": "\ud800"}, {"no": float("nan")}, {"big": "x" * 9_000_000})
    ]
    assert person.call("events", events=events)["type"] == "ack"
    assert kinds(person) == ["open"]
    facts = {"runs": {"r0": [], "no": 1}, "name": deep, "seed": "\ud800", "surplus": 1, "gesture": "drag"}
    operation = edits.set_score(person.score, title="T")
    person.call("ops", base=0, changes=[{"operation": operation, "facts": facts, "kind": "open", "source": "root"}])
    event = person.page.log.events[-1]
    assert (event["kind"], event["source"]) == ("edit", "user")
    assert event["payload"] == {"operation": operation, "revision": 1, "gesture": "drag"}
    assert all(is_plain(event) for event in person.page.log.events)


def test_sent_twice_logged_once(pages: Pages, tmp_path: Path) -> None:
    person = Person(pages, random.Random(7), opening(), tmp_path)
    events = [{"kind": "select", "payload": {"notes": n}, "n": n, "time": n} for n in (2, 3)]
    for _ in range(2):
        person.call("events", events=events)
    person.call("events", events=[*events, {"kind": "select", "payload": {"notes": 4}, "n": 4, "time": 4}])
    assert [event["payload"]["notes"] for event in person.page.log.events[1:]] == [2, 3, 4]


def test_what_a_person_was_told_instead_of_what_they_asked_for_is_logged(pages: Pages, tmp_path: Path) -> None:
    person = Person(pages, random.Random(8), opening(), tmp_path)
    reply = person.call("import", id="nothing")
    job = list(pages.answer({"type": "export", "session": person.session, "id": "e", "kind": "gif"}))[-1]
    told = [event["payload"] for event in person.page.log.events if event["kind"] == "error"]
    assert told == [{"message": "import", "text": reply["text"]}, {"message": "export", "text": job["text"]}]


def hum(path: Path) -> bytes:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8_000, 0, "NONE", ""))
        file.writeframes(bytes(4_000))
    return path.read_bytes()


def test_a_project_carries_log_runs_and_media_to_another_page_and_goes_on(pages: Pages, tmp_path: Path) -> None:
    ann = Person(pages, random.Random(1), opening(), tmp_path)
    data = hum(tmp_path / "hum.wav")
    with ann.page.media.begin("My hum.wav", len(data)) as arrival:
        arrival.write(data)
        arrival.finish()
    ann.do_fill()
    ann.do_accept()
    ann.send()
    *_, made = pages.answer({"type": "export", "session": ann.session, "id": "e", "kind": "wbz"})
    saved = [event for event in ann.page.log.events if event["kind"] != "export"]
    ben = Person(pages, random.Random(2), opening(), tmp_path)
    ben._import(Path(made["path"]), goes_on=True)
    log = ben.page.log.events
    assert log[: len(saved)] == saved
    assert (log[len(saved)]["seq"], log[len(saved)]["payload"]["reason"]) == (saved[-1]["seq"] + 1, "project")
    assert "score" not in log[len(saved)]["payload"]
    assert [item.name for item in ben.page.media.items()] == ["My hum.wav"]
    assert ben.page.media.items()[0].path.read_bytes() == data
    ben.do_edit()
    ben.send()
    assert replay_log(log).hash == ben.hash
    *_, made = pages.answer({"type": "export", "session": ben.session, "id": "e", "kind": "zip"})
    (run,) = manifest(Path(made["path"]))["facts"]["runs"]
    assert run["notes"], "the notes it wrote, by track"
    assert next(event["payload"] for event in saved if event["kind"] == "run").items() <= run.items()


def manifest(path: Path) -> Any:
    with zipfile.ZipFile(path) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("manifest.json")]
        return json.loads(archive.read(name))


def test_a_history_that_does_not_lead_to_its_piece_is_left_out_and_said_so(pages: Pages, tmp_path: Path) -> None:
    person = Person(pages, random.Random(9), opening(), tmp_path)
    person.do_edit()
    person.send()
    project = person.page.project()
    project.score.title = "Another"
    project.save(tmp_path / "forged.wbz")
    with person.page.media.begin("forged.wbz", None) as arrival:
        arrival.write((tmp_path / "forged.wbz").read_bytes())
        item = arrival.finish()
    reply = person.call("import", id=item.id)
    assert reply["report"] == ["The history in this project does not lead to its piece, so it was left out."]
