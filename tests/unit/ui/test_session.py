"""The server's side of a page: mirror, jobs, and what happens to messages that make no sense."""

from __future__ import annotations

import json
import random
import secrets
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from workbench.errors import WorkbenchError
from workbench.hub.hub import Hub
from workbench.hub.public import PublicRules
from workbench.hub.registry import Registry
from workbench.page.queue import Limits, Person, Queue
from workbench.page.rows import error
from workbench.page.session import Pages
from workbench.provenance.run import runs
from workbench.provenance.writers import runs_behind, writers
from workbench.score import Note, Score, edits
from workbench.score.canonical import project_hash
from workbench.score.document import Document
from workbench.score.files import load
from workbench.score.operations import apply
from workbench.score.replay import leads_to
from workbench.score.score import Track, fresh_ids
from workbench.ui.tabs.home import shipped_piece

pytest.importorskip("gradio", reason="the app is an extra")


@pytest.fixture(scope="module")
def hub() -> Hub:
    return Hub(Registry.load(plugins=False, user=False))


@pytest.fixture
def pages(hub: Hub) -> Pages:
    return Pages(lambda: hub)


class Browser:
    """A page as the browser would be: owns the document and tells the server."""

    def __init__(self, pages: Pages, score: Score) -> None:
        self.pages, self.session, self.document = pages, secrets.token_hex(16), Document(score)
        reply = self.call("open", score=score.to_dict(), revision=0, reason="start")
        assert reply == {"type": "ack", "revision": 0, "hash": self.document.hash}

    def call(self, kind: str, **fields: Any) -> dict[str, Any]:
        return self.pages.call({"type": kind, "session": self.session, **fields})

    def bring(self, name: str, data: bytes) -> dict[str, Any]:
        """Choose a file: it goes to the shelf, and is opened from there."""
        try:
            with self.pages.page({"session": self.session}).media.begin(name, len(data)) as arrival:
                arrival.write(data)
                item = arrival.finish()
        except WorkbenchError as problem:
            return error(str(problem))
        return self.call("import", id=item.id)

    def edit(self, operation: dict[str, Any]) -> dict[str, Any]:
        base = self.document.revision
        self.document.apply(operation)
        change = {"kind": "edit", "operation": operation, "revision": base + 1, "source": "user"}
        return self.call("ops", base=base, changes=[change], hash=self.document.hash)

    def fill(self, **fields: Any) -> Iterator[dict[str, Any]]:
        gap = {"start": 7680, "end": 11520, "tracks": ["t1"]}
        message = {"type": "fill", "session": self.session, "id": "f1", "seed": 1, "model": None}
        return self.pages.answer({**message, "request": {"regions": [gap], "count": 2}, **fields})


def test_edits_reach_the_mirror_and_a_mismatch_asks_for_the_whole(pages: Pages) -> None:
    browser = Browser(pages, shipped_piece("opening"))
    assert browser.edit(edits.set_score(browser.document.score, title="Mine"))["type"] == "ack"
    stale = browser.call("ops", base=0, changes=[], hash="")
    assert stale == {"type": "need", "reason": "mismatch"}
    wrong = edits.set_score(browser.document.score, title="X")
    wrong["old"] = {"title": "not what it is"}
    assert browser.call("ops", base=1, changes=[{"operation": wrong}])["type"] == "need"
    assert browser.edit(edits.set_score(browser.document.score, title="Still mine"))["type"] == "ack"


def test_a_fill_streams_notes_and_its_operation_fits_the_page(pages: Pages) -> None:
    browser = Browser(pages, shipped_piece("opening"))
    messages = list(browser.fill())
    kinds = [message["type"] for message in messages]
    assert kinds[-1] == "fill.result"
    assert kinds.count("fill.partial") >= 2
    first = messages[-1]["alternatives"][0]
    before = browser.document.hash
    browser.document.apply(first["operation"], "model")
    inside = [n for n in browser.document.score.track("t1").notes.values() if 7680 <= n.start < 11520]
    assert inside
    assert {note.author for note in inside} == {"model:markov"} or "model:" in inside[0].author
    browser.document.undo()
    assert browser.document.hash == before
    again = list(browser.fill(id="f2"))[-1]["alternatives"][0]
    assert again["notes"] == first["notes"], "one seed, one result"


def test_two_people_never_meet_and_one_stop_leaves_the_other(pages: Pages) -> None:
    ann, ben = Browser(pages, shipped_piece("opening")), Browser(pages, shipped_piece("opening"))
    ann.edit(edits.set_score(ann.document.score, title="Ann's"))
    expected = list(ben.fill())[-1]
    whole = {"start": 0, "end": 15_360, "tracks": ["t1", "t2", "t3", "t4"]}  # long enough to be stopped in the middle
    working, other = ann.fill(request={"regions": [whole], "count": 8}), ben.fill(id="f3")
    next(working)
    next(other)
    assert ann.call("stop", id="f1")["type"] == "ack"
    stopped = list(working)
    assert stopped[-1] == {"type": "fill.error", "text": "Stopped.", "stopped": True, "id": "f1"}
    assert list(other)[-1]["alternatives"] == expected["alternatives"]
    assert pages.page({"session": ben.session}).document.score.title != "Ann's"  # type: ignore[union-attr]


def test_closing_the_page_ends_its_job(pages: Pages) -> None:
    browser = Browser(pages, shipped_piece("opening"))
    working = browser.fill()
    next(working)
    working.close()  # type: ignore[attr-defined]
    assert pages.page({"session": browser.session}).jobs == {}


def test_files_come_in_and_go_out(pages: Pages, tmp_path: Path) -> None:
    score = shipped_piece("opening")
    score.save(tmp_path / "tune.mid")
    browser = Browser(pages, score)
    reply = browser.bring("tune.mid", (tmp_path / "tune.mid").read_bytes())
    assert reply["type"] == "open"
    assert Score.from_dict(reply["score"]).note_count == score.note_count
    for kind in ("mid", "musicxml", "wbz"):
        job = {"type": "export", "session": browser.session, "id": f"e-{kind}", "kind": kind, "options": {}}
        result = list(pages.answer(job))[-1]
        assert result["type"] == "export.result"
        assert Score.open(result["path"]).note_count == score.note_count
        assert Path(result["path"]).is_relative_to(pages.exports.folder)


def test_waveforms_and_the_sheet_come_from_the_piece(pages: Pages) -> None:
    browser = Browser(pages, shipped_piece("opening"))
    waves = list(pages.answer({"type": "waveforms", "session": browser.session, "id": "w"}))[-1]
    assert set(waves["peaks"]) == {"t1", "t2", "t3", "t4"}
    assert all(max(peaks) > 10 for peaks in waves["peaks"].values())
    sheet = browser.call("sheet", width=1000)
    assert sheet["type"] == "sheet"
    assert sheet["pages"][0].startswith("<svg")
    onsets = {tick for tick, _ in sheet["onsets"]}
    assert {note.start for note in browser.document.score.track("t1").notes.values()} <= onsets


def test_what_is_wrong_with_a_file_is_one_sentence_and_the_piece_stays(pages: Pages) -> None:
    browser = Browser(pages, shipped_piece("opening"))
    for data in (b"", b"!!!", b"not music", b"MThd broken"):
        reply = browser.bring("x.mid", data)
        assert reply["type"] == "error"
        assert reply["text"].endswith(".")
    assert browser.edit(edits.set_score(browser.document.score, title="Fine"))["type"] == "ack"


def test_five_hundred_malformed_messages_leave_the_server_alive_and_the_piece_whole(pages: Pages) -> None:
    browser = Browser(pages, shipped_piece("opening"))
    rng = random.Random(5)
    junk: list[Any] = [
        None, True, -1, 2**70, 1.5, "", "x" * 1000, [], {}, [[]], {"a": {}}, "f1", float("nan"), "\ud800", "../../etc",
    ]  # fmt: skip
    good: list[dict[str, Any]] = [
        {"type": "open", "score": browser.document.score.to_dict(), "revision": 0},
        {"type": "ops", "base": 0, "changes": [{"operation": edits.set_score(browser.document.score, title="T")}]},
        {"type": "events", "events": [{"kind": "select", "payload": {}}]},
        {"type": "import", "id": "0" * 32},
        {"type": "stop", "id": "f1"},
        {"type": "sheet", "width": 800},
        {"type": "nonsense"},
        {"type": "fill", "id": "f9", "seed": 1, "request": {"regions": [{"start": 0, "end": 9, "tracks": ["t1"]}]}},
        {"type": "export", "id": "e9", "kind": "mid", "options": {"rate": 44100}},
    ]
    for number in range(500):
        message = dict(rng.choice(good))
        for _ in range(rng.randint(1, 2)):
            message[rng.choice([*message, "surplus"])] = rng.choice(junk)
        sender: Any = {**message, "session": rng.choice([browser.session, "f" * 32, None, 7, "x"])}
        if rng.random() < 0.05:
            sender = rng.choice(junk)
        kind = sender.get("type") if isinstance(sender, dict) else None
        if kind in ("fill", "export"):
            replies = list(pages.answer({**sender, "id": f"{sender.get('id')}{number}"}))
        else:
            replies = [pages.call(sender)]
        for reply in replies:
            assert isinstance(reply, dict)
            assert isinstance(reply["type"], str)
            assert "Traceback" not in str(reply.get("text"))
    assert pages.page({"session": browser.session}).jobs == {}
    mirror = pages.page({"session": browser.session}).document
    assert mirror is not None
    assert browser.call("open", score=browser.document.score.to_dict(), revision=0)["hash"] == browser.document.hash


def test_late_patches_keep_what_the_person_did_meanwhile(pages: Pages) -> None:
    browser = Browser(pages, shipped_piece("opening"))
    working = browser.fill()
    next(working)
    mine = Note("mine", 8000, 240, 90)
    assert browser.edit(edits.add_notes("t2", [mine]))["type"] == "ack"
    operation = list(working)[-1]["alternatives"][0]["operation"]
    apply(browser.document.score, operation)
    assert browser.document.score.track("t2").notes["mine"] == mine


def test_strangers_are_held_to_the_rules(hub: Hub) -> None:
    rules = PublicRules(max_upload_mb=1, max_minutes=1, jobs_per_person=1)
    pages = Pages(lambda: Hub(Registry.load(plugins=False, user=False), public=rules), rules)
    browser = Browser(pages, shipped_piece("opening"))
    assert "1 MB" in browser.bring("a.mid", b"MThd" + bytes(1_200_000))["text"]
    long = shipped_piece("opening")
    long.track("t1").notes["late"] = Note("late", 10_000_000, 10, 60)
    assert "minutes" in browser.call("open", score=long.to_dict(), revision=0)["text"]
    working = browser.fill()
    next(working)
    assert "still running" in list(browser.fill(id="f2"))[-1]["text"]
    list(working)
    assert (
        "cannot pull"
        in list(pages.answer({"type": "pull", "session": browser.session, "id": "p", "model": "markov"}))[-1]["text"]
    )


def test_idle_pages_are_let_go(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.page.session.MAX_PAGES", 3)
    browsers = [Browser(pages, Score()) for _ in range(5)]
    assert browsers[0].call("ops", base=0, changes=[])["type"] == "need"
    assert browsers[4].call("ops", base=0, changes=[])["type"] == "ack"


def test_many_pages_at_once_keep_their_own_pieces(pages: Pages) -> None:
    browsers = [Browser(pages, shipped_piece("opening")) for _ in range(8)]

    def work(browser: Browser, number: int) -> None:
        for step in range(20):
            browser.edit(edits.set_score(browser.document.score, title=f"{number}-{step}"))

    threads = [threading.Thread(target=work, args=(item, number)) for number, item in enumerate(browsers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, browser in enumerate(browsers):
        mirror = pages.page({"session": browser.session}).document
        assert mirror is not None
        assert mirror.score.title == f"{number}-19"
        assert project_hash(mirror.score) == browser.document.hash


def test_a_band_is_named_by_a_word_and_its_tracks_can_be_filled(pages: Pages) -> None:
    browser = Browser(pages, shipped_piece("opening"))
    voices = browser.call("ensemble", name="four voices")
    assert [track["name"] for track in voices["new_tracks"]] == ["Alto", "Tenor", "Bass"]
    ids = [track["id"] for track in voices["new_tracks"]]
    assert voices["per_track"].keys() == set(ids)
    request = {
        "regions": [{"start": 0, "end": 7680, "tracks": ids}], "new_tracks": voices["new_tracks"],
        "controls": voices["controls"], "per_track": voices["per_track"],
    }  # fmt: skip
    *_, result = browser.fill(request=request)
    assert result["type"] == "fill.result"
    idea = result["alternatives"][0]
    assert all(idea["notes"][name] for name in ids)
    assert all(len(row) == 3 for rows in idea["confidence"].values() for row in rows)
    filled = browser.document.score.copy()
    apply(filled, idea["operation"])
    assert len(filled.tracks) == 7
    browser.edit(edits.add_track(browser.document.score, Track(fresh_ids(["t4"], "t", 1)[0], "By hand")))
    apply(browser.document.score, idea["operation"])  # as before: nobody's own new track takes an idea's place
    assert [track.name for track in browser.document.score.tracks][4:].count("By hand") == 1
    again = {**request, "draft": idea["notes"], "again": [{"start": 0, "end": 3840, "tracks": ids[:1]}]}
    *_, result = browser.fill(request=again, id="f2", seed=9)
    assert result["alternatives"][0]["notes"][ids[1]], "the rest of the idea stands"
    assert browser.call("ensemble", name="jazz")["controls"] == {}
    for wrong in ("polka", 7, None):
        assert browser.call("ensemble", name=wrong)["type"] == "error"


def test_a_fill_is_in_the_log_once_and_the_change_that_keeps_it_names_it(pages: Pages) -> None:
    browser = Browser(pages, shipped_piece("opening"))
    before = browser.document.hash
    *_, result = browser.fill()
    page = pages.page({"session": browser.session})
    log = page.log.events
    assert [event["payload"]["id"] for event in log if event["kind"] == "run"] == [result["run"]]
    change = {
        "operation": result["alternatives"][0]["operation"], "source": "model", "kind": "edit", "revision": 1,
        "facts": {"name": "fill", "runs": {result["run"]: [], "someone": "else"}, "model_id": "not kept here"},
    }  # fmt: skip
    assert browser.call("ops", base=0, changes=[change])["type"] == "ack"
    assert log[-1]["payload"]["runs"] == {result["run"]: []}
    assert "model_id" not in log[-1]["payload"]
    assert page.document is not None
    score = page.document.score
    assert [(run.id, run.inputs) for run in runs_behind(score, log)] == [(result["run"], {"score": before})]
    written = set(writers(score, log))
    assert written == {
        (track.id, note.id)
        for track in score.tracks
        for note in track.notes.values()
        if note.author.startswith("model:")
    }
    assert written


def test_five_hundred_new_pages_end_nobodys_work(hub: Hub) -> None:
    pages = Pages(lambda: hub, PublicRules(pages_per_address=20))
    victim = Browser(pages, shipped_piece("opening"))
    working = victim.fill()
    next(working)
    idle = Browser(pages, shipped_piece("opening"))
    for _ in range(501):
        token = secrets.token_hex(16)
        pages.call({"type": "stop", "session": token, "id": "x"}, Person("198.51.100.7", token))
    assert len(pages._pages) <= 22, "one address has no more pages than it may"
    assert list(working)[-1]["type"] == "fill.result"
    assert idle.edit(edits.set_score(idle.document.score, title="Still here"))["type"] == "ack"


def test_when_there_are_too_many_pages_the_longest_idle_goes_and_never_one_that_works(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.page.session.MAX_PAGES", 3)
    pages = Pages(lambda: hub)
    victim, idle = Browser(pages, shipped_piece("opening")), Browser(pages, shipped_piece("opening"))
    working = victim.fill()
    next(working)
    for _ in range(6):
        Browser(pages, shipped_piece("opening"))
    assert idle.call("ops", base=0, changes=[]) == {"type": "need", "reason": "unknown"}
    others = [Browser(pages, shipped_piece("opening")) for _ in range(2)]
    busy = [other.fill() for other in others]
    for work in busy:
        list(zip(work, range(1), strict=False))
    refused = pages.call({"type": "stop", "session": "f" * 32, "id": "x"})
    assert "try again" in refused["text"], "all that may be open are at work"
    assert list(working)[-1]["type"] == "fill.result"


def test_a_page_the_server_does_not_know_is_asked_for_its_piece(pages: Pages) -> None:
    session = secrets.token_hex(16)
    for kind in ("sheet", "render", "ensemble"):
        asked = {"type": kind, "session": session, "width": 800, "name": "jazz"}
        assert pages.call(asked) == {"type": "need", "reason": "unknown"}, kind
    for kind in ("fill", "export", "waveforms"):
        job = {"type": kind, "session": session, "id": f"{kind}-1", "kind": "mid"}
        assert list(pages.answer(job)) == [{"type": f"{kind}.need", "reason": "unknown", "id": f"{kind}-1"}]
    assert pages.call({"type": "models", "session": session})["type"] == "models", "this needs no piece"
    assert pages.page({"session": session}).jobs == {}
    assert pages.queue.join(Person("x"), "fill").wait(0), "and nothing holds a place"


def test_thirty_renders_at_once_are_not_all_begun_and_edits_do_not_wait(hub: Hub) -> None:
    pages = Pages(lambda: hub, PublicRules(jobs_per_address=6))
    attacker = Person("198.51.100.7", "one")
    browsers = [Browser(pages, shipped_piece("opening")) for _ in range(30)]
    replies: list[dict[str, Any]] = []

    def render(number: int) -> None:
        message = {"type": "render", "session": browsers[number].session, "revision": 0}
        replies.append(pages.call(message, Person(attacker.address, str(number))))

    threads = [threading.Thread(target=render, args=(number,)) for number in range(30)]
    for thread in threads:
        thread.start()
    visitor = Browser(pages, shipped_piece("opening"))
    begun = time.monotonic()
    assert visitor.edit(edits.set_score(visitor.document.score, title="Quick"))["type"] == "ack"
    assert time.monotonic() - begun < 5
    for thread in threads:
        thread.join(120)
    kinds = [reply["type"] for reply in replies]
    assert 1 <= kinds.count("audio") <= 12
    refused = [reply["text"] for reply in replies if reply["type"] == "error"]
    assert refused
    assert all("your address" in text for text in refused)


def test_a_job_that_waits_says_so_and_can_be_stopped(hub: Hub) -> None:
    pages = Pages(lambda: hub, queue=Queue(Limits(at_once=1)))
    held = [pages.queue.join(Person(name), "fill", seconds) for name, seconds in (("ann", 30.0), ("ben", 2.0))]
    browser = Browser(pages, shipped_piece("opening"))
    waiting = browser.fill()
    first = next(waiting)
    assert first["type"] == "fill.progress"
    assert first["waiting"] == 2
    assert 0 < first["seconds_left"] <= 30
    browser.call("stop", id="f1")
    assert list(waiting)[-1] == {"type": "fill.error", "text": "Stopped.", "stopped": True, "id": "f1"}
    again = browser.fill(id="f2")
    next(again)
    for ticket in held:
        ticket.leave()
    assert list(again)[-1]["type"] == "fill.result"


def test_a_bug_reaches_neither_the_person_nor_the_log_with_what_they_wrote(
    pages: Pages, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    browser = Browser(pages, shipped_piece("opening"))

    def broken(*_: Any, **__: Any) -> Any:
        raise ValueError("my secret song")

    monkeypatch.setattr("workbench.page.engraving.engrave", broken)
    monkeypatch.setattr("workbench.page.exports.plain_name", broken)
    reply = browser.call("sheet", width=800)
    job = {"type": "export", "session": browser.session, "id": "e1", "kind": "mid"}
    last = list(pages.answer(job))[-1]
    for text in (reply["text"], last["text"]):
        assert "went wrong" in text
        assert "secret" not in text
    assert "ValueError in" in caplog.text
    assert "secret" not in caplog.text
    assert browser.session not in caplog.text


def test_what_is_taken_away_says_which_runs_wrote_it(pages: Pages) -> None:
    browser = Browser(pages, shipped_piece("opening"))
    kept, left = [list(browser.fill(id=name, seed=seed))[-1] for name, seed in (("f1", 1), ("f2", 2))]
    change = {
        "operation": kept["alternatives"][0]["operation"], "source": "model", "kind": "accept", "revision": 1,
        "facts": {"name": "fill", "runs": {kept["run"]: []}},
    }  # fmt: skip
    assert browser.call("ops", base=0, changes=[change])["type"] == "ack"

    def take(kind: str) -> Path:
        message = {"type": "export", "session": browser.session, "id": f"x-{kind}", "kind": kind}
        return Path(list(pages.answer(message))[-1]["path"])

    with zipfile.ZipFile(take("zip")) as archive:
        name = next(name for name in archive.namelist() if name.endswith("manifest.json"))
        told = json.loads(archive.read(name))["facts"]
    assert [run["id"] for run in told["runs"]] == [kept["run"]]
    project = load(take("wbz"))
    assert leads_to(project.events, project.score)
    assert [run.id for run in runs_behind(project.score, project.events)] == [kept["run"]]
    assert left["run"] in runs(project.events)
    log = pages.page({"session": browser.session}).log.events
    assert [event["payload"]["runs"] for event in log if event["kind"] == "export"] == [[kept["run"]]] * 2


def test_what_the_browser_played_itself_is_a_run_too(pages: Pages) -> None:
    browser = Browser(pages, shipped_piece("opening"))
    played = {"model": "piano-genie", "seed": 7, "settings": {"layers": [{"seed": 7, "presses": []}]}}
    notes = {"g1": Note("g1", 0, 480, 60, author="human+model:piano-genie")}
    operation = edits.add_track(browser.document.score, Track("take", "Genie 1", notes=notes))
    change = {"kind": "edit", "operation": operation, "revision": 1, "source": "user"}
    reply = browser.call("ops", base=0, changes=[{**change, "facts": {"take": 1, "played": played}}])
    assert reply["type"] == "ack"
    page = pages.page({"session": browser.session})
    assert page.document is not None
    (run,) = runs_behind(page.document.score, page.log.events)
    assert (run.task, run.model, run.seed, run.settings["where"]) == ("genie", "piano-genie", 7, "browser")
    assert set(run.weights) == {"model.safetensors", "encoder.safetensors"}
    for odd in (5, {"model": "nobody", "settings": {}}, {**played, "seed": "x"}, {**played, "settings": None}):
        again = {**change, "revision": 2, "operation": edits.set_score(page.document.score, title=f"{odd}"[:40])}
        base = page.document.revision
        assert browser.call("ops", base=base, changes=[{**again, "facts": {"played": odd}}])["type"] == "ack"
    assert list(runs(page.log.events)) == [run.id]
