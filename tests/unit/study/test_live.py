"""The researcher's view of a running study, and deleting somebody from it."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from tests.unit.study.planned import Place
from workbench.errors import BadRequest
from workbench.study.log.recorder import Recorder
from workbench.study.log.sinks import Sink, open_sink
from workbench.study.simulate import START_MS, Arm, Planted, simulate
from workbench.study.tables.live import Desk, Live, desk_of, mark

HOUR = 3_600


@pytest.fixture
def sink(tmp_path: Path) -> Sink:
    made = open_sink(tmp_path / "log")
    simulate(
        Planted(people=3, drop_outs=1, arms=(Arm("one", suggestions=2, edits=2), Arm("two", edits=1)), seed=1), made
    )
    return made


def test_it_shows_who_is_where_and_what_went_wrong(sink: Sink) -> None:
    now = START_MS + 10 * HOUR * 1000
    late = Recorder(sink, "simulated", "p123456789abcdef", clock=lambda: now)
    late.record("session", "system", {"action": "begin", "order": ["two", "one"]})
    late.record("task", "system", {"step": "make.1", "trial": 1, "condition": "two", "action": "begin"})
    late.record("error", "system", {"text": "<b>The disk is full.</b>"})
    Recorder(sink, "simulated", late.person, late.session, clock=lambda: now, seq=5).record(
        "mark", "person", {"text": "x"}
    )
    desk = Desk("Title", (("one", "two"), ("two", "one")), lambda: [(0, "dropped"), (0, "open")], forgotten=lambda: 2)
    seen = Live(sink, desk, clock=lambda: now / 1000 + 20).now()
    first = seen.people[0]
    assert (first.mark, first.state, first.order, first.step) == ("p123456", "here", "two → one", "make.1")
    assert (first.missing, first.errors, first.last) == (2, 1, pytest.approx(20))
    assert seen.states == {"here": 1, "finished": 2, "away": 1, "withdrew": 2}
    assert [(one.mark, one.sentence) for one in seen.troubles] == [("p123456", "<b>The disk is full.</b>")]
    assert seen.table == ((1, "one → two", "dropped, then open"), (2, "two → one", "free"))


def test_what_was_read_is_shown_again_for_a_moment_only(sink: Sink) -> None:
    clock = [0.0]
    live = Live(sink, clock=lambda: clock[0])
    before = live.now()
    Recorder(sink, "simulated", "p1").record("session", "system", {"action": "begin"})
    assert live.now() is before
    clock[0] += 10
    assert len(live.now().people) == len(before.people) + 1


def test_a_person_is_deleted_by_the_mark_shown_or_by_their_code(sink: Sink, tmp_path: Path) -> None:
    asked: list[str] = []

    def erase(code: str) -> int:
        asked.append(code)
        return sink.erase(code)

    live = Live(sink, Desk(erase=erase))
    who = live.now().summary.people[1].person
    assert live.delete(f" {mark(who)} ").startswith("Everything that was kept of this person is deleted (")
    assert asked == [who]
    assert who not in {one.person for one in live.now().summary.people}
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and who.encode() in path.read_bytes()]
    live.delete("K7QP3MXNA")
    assert asked[-1] == "K7QP3MXNA"
    with pytest.raises(BadRequest, match="Give the person's code"):
        live.delete("  ")
    with pytest.raises(BadRequest, match="Nobody can be deleted here"):
        Live(sink).delete("x")


def test_the_archive_lies_in_a_folder_of_its_own(sink: Sink) -> None:
    path = Live(sink).export()
    try:
        with zipfile.ZipFile(path) as archive:
            assert "tables/trials.csv" in archive.namelist()
        assert list(path.parent.iterdir()) == [path]
    finally:
        shutil.rmtree(path.parent)


def test_in_a_real_study_codes_and_marks_delete_and_rows_are_shown(tmp_path: Path) -> None:
    place = Place(tmp_path)
    first, second = place.agreed(), place.agreed()
    place.through(first)
    live = Live(place.sink, desk_of(place.reception), clock=lambda: place.now / 1000)
    seen = live.now()
    assert seen.title == "A little study"
    assert sorted(one.state for one in seen.people) == ["away", "finished"]  # who is silent for a minute is away
    assert [state for _, _, state in seen.table] == ["done", "open", "free", "free"]
    done = next(one for one in seen.summary.people if one.state == "finished")
    assert [(trial.condition, trial.ended) for trial in done.trials] == [(name, "end") for name in first.order]
    assert done.trials[0].scores == {"ownership": pytest.approx((5 * 2 + 6) / 6)}  # 2 everywhere, one item reversed
    kept = second.person
    live.delete(second.code.lower())
    assert second.state()["step"]["kind"] == "withdrawn"
    second.answer("tune.1", {"begin": True})  # their page is still open: nothing comes back to life
    assert not place.reception.roster.get(kept)
    assert kept not in place.text_of_all()
    with pytest.raises(BadRequest, match="This code is not known"):
        place.reception.come(second.code or "K7Q-P3M-XNA")
    place.later(10)
    assert live.now().states == {"finished": 1, "withdrew": 1}
    live.delete(mark(first.person))
    assert first.person not in place.text_of_all()
    with pytest.raises(BadRequest, match="This code is nobody's here"):
        live.delete("K7QP3MXNA")
