"""The interaction log of a page: from consent on, each thing once, with its cause; shown, taken away, deleted."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

import pytest

from workbench.errors import Unavailable
from workbench.hub.hub import Hub
from workbench.hub.registry import Registry
from workbench.page.logbook import Logbook
from workbench.page.session import Pages
from workbench.score import edits
from workbench.score.canonical import project_hash
from workbench.score.operations import apply
from workbench.score.score import Note, Score, Track
from workbench.study.log.ids import Salt, load_salt
from workbench.study.log.read import SessionLog, load
from workbench.study.log.segments import Segments

WHO = "0123456789abcdef" * 2
ADDRESS = "192.0.2.77"


@pytest.fixture(scope="module")
def hub() -> Hub:
    return Hub(Registry.load(plugins=False, user=False))


class Browser:
    """What the page's own script does: it numbers what it tells, and holds it until it is kept."""

    def __init__(self, pages: Pages, who: str = WHO) -> None:
        self.pages, self.who, self.session = pages, who, secrets.token_hex(16)
        self.log: dict[str, Any] | None = None
        self.held: list[dict[str, Any]] = []
        self.count = 0
        self.seen = (0, 0)
        self.score = Score("A tune", tracks=[Track("t1", "Piano")])

    def call(self, kind: str, **fields: Any) -> dict[str, Any]:
        from workbench.page.queue import Person

        writer = {"log_session": self.log["session"], "log_key": self.log["key"]} if self.log else {}
        message = {"type": kind, "session": self.session, "who": self.who, **writer, **fields}
        reply = self.pages.call(json.loads(json.dumps(message)), Person(session=self.session, address=ADDRESS))
        if "log" in reply:
            self.log = reply["log"]
        return reply

    def agree(self) -> None:
        assert self.call("log_consent", agreed=True)["agreed"]
        self.tell("open", reason="consent", score=self.score.to_dict())

    def tell(self, kind: str, source: str = "user", /, **payload: Any) -> None:
        self.held.append(
            {"c": self.count, "time": 5_000 + self.count, "kind": kind, "source": source, "payload": payload}
        )
        self.count += 1

    def change(self, operation: dict[str, Any], kind: str = "edit", source: str = "user", **facts: Any) -> None:
        apply(self.score, operation)
        self.tell(kind, source, operation=operation, revision=self.count, **facts)

    def send(self, **more: Any) -> dict[str, Any]:
        reply = self.call("log_take", entries=self.held, seen=self.seen[0], seen_taken=self.seen[1], **more)
        if reply["type"] == "log_kept":
            self.held = [entry for entry in self.held if entry["c"] >= reply["next"]]
            self.seen = (reply["seq"], reply["taken"])
        return reply

    def add_note(self, name: str, pitch: int = 60) -> None:
        self.change(edits.add_notes("t1", [Note(name, 960 * len(self.score.tracks[0].notes), 960, pitch)]))


def open_pages(hub: Hub, folder: Path, **options: Any) -> Pages:
    pages = Pages(lambda: hub)
    pages.logbook = Logbook(Segments(folder), Salt(b"s" * 32), **options)
    return pages


def only(folder: Path) -> SessionLog:
    (log,) = load(str(folder))
    assert log.whole, (log.gaps, log.problems)
    return log


def kinds(log: SessionLog) -> list[str]:
    return [event["kind"] for event in log.events]


def test_nothing_is_kept_before_consent_nor_after_it_is_taken_back(hub: Hub, tmp_path: Path) -> None:
    pages = open_pages(hub, tmp_path)
    person = Browser(pages)
    person.call("open", score=person.score.to_dict(), revision=0, reason="start")
    person.call("events", events=[{"kind": "select", "payload": {"count": 1}, "n": 1, "time": 9}])
    person.tell("select", count=1)
    assert person.send()["type"] == "log_ended"
    assert person.call("log_status")["agreed"] is False
    assert load(str(tmp_path)) == []
    person.held, person.count = [], 0
    person.agree()
    person.send()
    pages.page({"session": person.session}).log.add("export", "user", {"kind": "mid"})
    assert kinds(only(tmp_path)) == ["session", "consent", "open", "export"]
    was = person.log
    assert not person.call("log_consent", agreed=False)["agreed"]
    pages.page({"session": person.session}).log.add("export", "user", {"kind": "wav"})
    person.tell("select", count=2)
    assert person.log is None
    assert kinds(only(tmp_path)) == ["session", "consent", "open", "export", "session"]
    assert only(tmp_path).events[-1]["payload"] == {"action": "end", "reason": "consent withdrawn"}
    person.log = was  # a page that has not heard of it cannot begin again
    assert person.send()["type"] == "log_ended"
    assert len(only(tmp_path).events) == 5


def test_changes_stand_with_their_hashes_and_suggestions_with_what_became_of_them(hub: Hub, tmp_path: Path) -> None:
    pages = open_pages(hub, tmp_path)
    person = Browser(pages)
    person.agree()
    person.add_note("n1")
    before = project_hash(person.score)
    person.tell("prompt", kind="fill", request={"density": 3})
    person.send()
    run = "r" + "0" * 16
    pages.page({"session": person.session}).log.add("run", "model", {"id": run, "seconds": 1.25, "model": "m"})
    person.tell("suggest", run=run, ideas=3)
    person.tell("audition", what=1, runs={run: []})
    idea = edits.add_notes("t1", [Note("m1", 3_840, 480, 64), Note("m2", 4_320, 480, 67)])
    person.change(idea, "accept", "model", runs={run: []})
    after = project_hash(person.score)
    person.tell("reject", idea=2, run=run)
    person.change(edits.move_notes(person.score, "t1", ["m1"], 0, 2))
    person.send()
    log = only(tmp_path)
    at = {event["kind"]: event for event in log.events}
    assert [event["kind"] for event in log.events[2:]] == [
        "open", "edit", "prompt", "run", "suggest", "audition", "accept", "reject", "edit", "edited",
    ]  # fmt: skip
    assert (at["accept"]["before"], at["accept"]["after"], at["accept"]["source"]) == (before, after, "model")
    assert at["run"]["cause"] == at["prompt"]["seq"]
    assert (at["run"]["latency"], at["run"]["run"]) == (1_250, run)
    assert at["suggest"]["cause"] == at["run"]["seq"]
    assert {at[kind]["cause"] for kind in ("audition", "accept", "reject")} == {at["suggest"]["seq"]}
    assert at["edited"]["cause"] == at["accept"]["seq"]
    assert (at["edited"]["run"], at["edited"]["payload"]["notes"], at["edited"]["payload"]["of"]) == (run, 1, 2)
    assert log.events[-2]["after"] == project_hash(person.score)
    for earlier, later in zip(
        [e for e in log.events if e["after"]], [e for e in log.events if e["after"]][1:], strict=False
    ):
        assert later["before"] == earlier["after"], "one piece from event to event"


def test_what_a_page_sends_twice_or_too_early_is_kept_once_and_in_order(hub: Hub, tmp_path: Path) -> None:
    person = Browser(open_pages(hub, tmp_path))
    person.agree()
    for number in range(6):
        person.tell("select", count=number)
    entries = person.held
    person.held = entries[:3]
    person.send()
    person.held = entries[5:]
    assert person.send()["next"] == 3, "what comes too early waits on the page"
    person.held = entries
    person.send()
    person.call("log_take", entries=entries)
    assert [event["client_seq"] for event in only(tmp_path).events] == [None, None, *range(7)]
    assert [event["client_time"] for event in only(tmp_path).events[2:]] == [5_000 + number for number in range(7)]


def test_a_server_that_is_started_anew_goes_on_with_the_session(hub: Hub, tmp_path: Path) -> None:
    first = open_pages(hub, tmp_path)
    person = Browser(first)
    person.agree()
    person.add_note("n1")
    person.send()
    person.add_note("n2")
    # The server is killed: nothing is closed, and the page has not heard whether its last words were kept.
    second = open_pages(hub, tmp_path)
    person.pages = second
    person.add_note("n3")
    assert person.send()["next"] == 4
    log = only(tmp_path)
    assert kinds(log) == ["session", "consent", "open", "edit", "session", "edit", "edit"]
    assert log.events[4]["payload"] == {"action": "resume"}
    assert log.events[-1]["after"] == project_hash(person.score), "the piece is known again from the log itself"


def test_a_page_that_was_let_go_for_being_idle_goes_on_with_its_session(hub: Hub, tmp_path: Path) -> None:
    pages = open_pages(hub, tmp_path)
    person = Browser(pages)
    person.agree()
    person.send()
    pages.page({"session": person.session}).stop_all()
    person.session = secrets.token_hex(16)
    person.tell("select", count=1)
    assert person.send()["next"] == 2
    assert kinds(only(tmp_path)) == ["session", "consent", "open", "session", "session", "select"]


def test_what_was_lost_with_a_server_leaves_a_hole_that_is_named(hub: Hub, tmp_path: Path) -> None:
    pages = open_pages(hub, tmp_path / "a")
    person = Browser(pages)
    person.agree()
    person.send()
    for path in (tmp_path / "a").glob("*.part"):  # as it was a moment ago
        (tmp_path / "b").mkdir()
        (tmp_path / "b" / path.name).write_bytes(path.read_bytes())
    pages.page({"session": person.session}).log.add("export", "user", {"kind": "mid"})
    person.tell("select", count=1)
    person.send()
    person.held = [{"c": 1, "time": 1, "kind": "select", "source": "user", "payload": {"count": 1}}]  # not yet let go
    person.pages = open_pages(hub, tmp_path / "b")
    person.send()
    (log,) = load(str(tmp_path / "b"))
    assert [str(gap) for gap in log.gaps] == ["events 3 of the server are missing"]
    assert kinds(log) == ["session", "consent", "open", "session", "select"]


def test_while_the_log_cannot_be_written_the_page_holds_its_events_and_says_so(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = open_pages(hub, tmp_path)
    assert pages.logbook is not None
    person = Browser(pages)
    person.agree()
    person.send()
    real = Segments.append

    def full(*_: Any) -> None:
        raise Unavailable("The log cannot be written because the disk is full; free some space and try again.")

    monkeypatch.setattr(Segments, "append", full)
    person.add_note("n1")
    reply = person.send()
    assert "the disk is full" in reply["trouble"]
    assert len(person.held) == 1
    person.add_note("n2")
    person.send()
    monkeypatch.setattr(Segments, "append", real)
    pages.logbook.tend()
    assert person.send()["trouble"] == ""
    assert person.held == []
    assert kinds(only(tmp_path)) == ["session", "consent", "open", "edit", "edit"]


def test_a_stored_log_holds_no_raw_id_no_address_and_no_file_name(hub: Hub, tmp_path: Path) -> None:
    pages = open_pages(hub, tmp_path)
    person = Browser(pages)
    person.agree()
    page = pages.page({"session": person.session}, ADDRESS)
    with page.media.begin("Hochzeit Anna Meier.mid", 4) as arrival:
        arrival.write(b"MThd")
        arrival.finish()
    page.went_wrong("import", "'Hochzeit Anna Meier.mid' cannot be read: Hochzeit Anna Meier.mid is broken.")
    person.tell("listen", take="data:audio/wav;base64,UklGRg==", path="/home/anna/tune.wav", take2="x" * 50_000)
    person.send()
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert kinds(only(tmp_path))[-3:] == ["error", "open", "listen"]
    for secret in (WHO, person.session, ADDRESS, "Meier", "base64", "/home/anna", "xxxxxxxx"):
        assert secret.encode() not in kept, secret


def test_a_person_sees_takes_away_and_deletes_what_is_kept_of_them_alone(hub: Hub, tmp_path: Path) -> None:
    pages = open_pages(hub, tmp_path, keep_days=90)
    anna, bert = Browser(pages), Browser(pages, "f" * 32)
    for person in (anna, bert):
        person.agree()
        person.add_note("n1")
        person.send()
    kept = anna.call("log_mine")
    assert kept["count"] == 4
    assert "1 change of the music" in kept["statements"]
    assert any("90 days" in line for line in kept["statements"])
    assert kept["agreed"] == {"version": "1", "boxes": {"log": True, "recordings": False}}
    lines = anna.call("log_download")["text"].splitlines()
    assert [json.loads(line)["kind"] for line in lines] == ["session", "consent", "open", "edit"]
    (mine,) = {json.loads(line)["person"] for line in lines}
    assert anna.call("log_delete") == {"type": "log_delete", "count": 4, "log": None}
    assert anna.log is None
    assert mine.encode() not in b"".join(path.read_bytes() for path in tmp_path.iterdir())
    anna.tell("select")
    assert anna.send()["type"] == "log_ended"
    assert anna.call("log_status")["count"] == 0
    assert bert.call("log_status")["count"] == 4, "the other's stays"
    stranger = Browser(pages, "e" * 32)
    assert stranger.call("log_mine")["count"] == 0


def test_nobody_writes_into_or_reads_another_ones_session(hub: Hub, tmp_path: Path) -> None:
    pages = open_pages(hub, tmp_path)
    anna = Browser(pages)
    anna.agree()
    anna.send()
    thief = Browser(pages, "d" * 32)
    assert anna.log is not None
    thief.log = {**anna.log, "key": "0" * 32}
    thief.tell("select", count=9)
    assert thief.send()["type"] == "log_ended"
    assert thief.call("log_mine")["count"] == 0
    assert kinds(only(tmp_path)) == ["session", "consent", "open"]


def test_a_server_without_a_log_says_so(hub: Hub) -> None:
    person = Browser(Pages(lambda: hub))
    assert person.call("log_status")["offered"] is False
    assert "keeps no record" in person.call("log_consent", agreed=True)["text"]


def test_a_salt_is_drawn_once_for_each_study_and_read_by_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    one, again, other = load_salt("one"), load_salt("one"), load_salt("other")
    assert one.person("P-17") == again.person("P-17") != other.person("P-17")
    assert one.person("P-17") != one.person("P-18")
    (path,) = tmp_path.rglob("one.salt")
    assert path.stat().st_mode & 0o077 == 0
    monkeypatch.setenv("WORKBENCH_STUDY_SALT", "a long enough secret of the owner's")
    assert load_salt("one").person("P-17") != one.person("P-17")
