"""One participant's way: nothing before consent, nothing lost, time that is only counted while it runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.study.planned import CONDITIONS, HEAD, STEPS, Place, answers_of, one
from workbench.errors import BadRequest, Unavailable


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_nothing_is_kept_before_consent(place: Place) -> None:
    sitting = place.reception.come()
    one(sitting)
    with pytest.raises(BadRequest, match="boxes"):
        sitting.answer("consent", {"agreed": {"yes-part": False, "later": True}, "version": "1"})
    assert not place.events()
    assert place.reception.roster.rows() == []
    assert sitting.state()["code"] == ""
    sitting.answer("consent", {"agreed": {"yes-part": True}, "version": "1"})
    begin, consent = place.events()
    assert begin["payload"]["order"] in (["a", "b"], ["b", "a"])
    assert consent["payload"]["agreed"] == {"yes-part": True, "later": False}
    assert sitting.code not in place.text_of_all()
    assert sitting.state()["code"] == sitting.code


def test_a_whole_way_is_logged_and_ends_with_the_code_for_whoever_pays(place: Place) -> None:
    sitting = place.agreed()
    place.through(sitting)
    assert sitting.state()["step"]["completion_code"] == "XYZ"
    tasks = [event["payload"] for event in place.events("task")]
    assert [(task["trial"], task["action"]) for task in tasks] == [(1, "begin"), (1, "end"), (2, "begin"), (2, "end")]
    assert [task["condition"] for task in tasks[::2]] == list(sitting.order)
    assert len(place.events("survey")) == 2
    assert place.events("session")[-1]["payload"] == {"action": "end", "step": "end", "complete": True}


def test_after_a_restart_the_code_leads_back_to_the_same_step_with_the_same_time(place: Place) -> None:
    sitting = place.agreed()
    sitting.answer("tune.1", {"begin": True})
    place.later(20)
    sitting.here()
    place.restart()
    place.later(3_600 * 0.5)
    back = place.reception.come(sitting.code.lower().replace("-", " "))
    assert back.state()["step"]["id"] == "tune.1"
    assert back.order == sitting.order
    assert back.state()["seconds_left"] == pytest.approx(40, abs=1)
    place.later(5)
    assert back.state()["seconds_left"] == pytest.approx(35, abs=1)
    numbers = [event["seq"] for event in place.events()]
    assert numbers == list(range(len(numbers)))


def test_a_step_sent_twice_counts_once_and_a_wrong_one_is_refused(place: Place) -> None:
    sitting = place.agreed()
    place.through(sitting, "questionnaire")
    step = sitting.state()["step"]
    data = {"answers": answers_of(step)}
    sitting.answer(step["id"], data)
    sitting.answer(step["id"], data)
    assert len(place.events("survey")) == 1
    assert sitting.state()["step"]["id"] == "tune.2"
    with pytest.raises(BadRequest, match="due"):
        sitting.answer("end", {})


def test_a_pause_stops_the_clock(place: Place) -> None:
    sitting = place.agreed()
    sitting.answer("tune.1", {"begin": True})
    place.later(15)
    sitting.pause()
    assert not sitting.working
    place.later(600)
    assert sitting.state()["paused"]
    assert sitting.state()["seconds_left"] == 45
    place.reception.come(sitting.code)
    assert sitting.working
    assert [event["payload"]["action"] for event in place.events("task")] == ["begin", "pause", "resume"]


def test_a_task_ends_neither_too_early_nor_unnoticed(place: Place) -> None:
    sitting = place.agreed()
    with pytest.raises(BadRequest, match="longer"):
        sitting.answer("tune.1", {})
    sitting.answer("tune.1", {"begin": True})
    place.later(4)
    with pytest.raises(BadRequest, match="6 seconds"):
        sitting.answer("tune.1", {})
    place.later(60)
    assert sitting.state()["seconds_left"] == 0
    sitting.answer("tune.1", {})
    assert place.events("task")[-1]["payload"]["action"] == "timeout"


def test_whoever_withdraws_leaves_no_trace_and_their_place_is_given_again(place: Place) -> None:
    first, second = place.agreed(), place.agreed()
    place.through(first)
    code, person, row = first.code, first.person, first.row
    first.withdraw()
    assert first.state()["step"]["kind"] == "withdrawn"
    assert person not in place.text_of_all()
    assert second.person in place.text_of_all()
    with pytest.raises(BadRequest, match="not known"):
        place.reception.come(code)
    assert place.agreed().row == row


def test_withdrawing_also_works_after_the_end_and_after_a_restart(place: Place) -> None:
    sitting = place.agreed()
    place.through(sitting)
    place.restart()
    back = place.reception.come(sitting.code)
    assert back.state()["step"]["kind"] == "done"
    back.withdraw()
    assert place.events() == []


def test_what_could_not_be_deleted_is_deleted_at_the_next_start(place: Place, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    sitting = place.agreed()

    def refuse(person: str) -> int:
        raise Unavailable("The disk is away.")

    with monkeypatch.context() as broken:
        broken.setattr(place.reception.log, "erase", refuse)
        with pytest.raises(Unavailable):
            sitting.withdraw()
    assert place.events()
    place.restart()
    assert not place.events()


def test_drop_outs_are_replaced_and_a_full_study_closes(place: Place) -> None:
    people = [place.agreed() for _ in range(4)]
    assert sorted(sitting.row for sitting in people) == [0, 1, 2, 3]
    place.through(people[0])
    late = place.agreed()
    assert late.state()["step"]["kind"] == "closed"
    assert not late.agreed
    place.later(2 * 3_600)
    people[2].here()
    new = place.agreed()
    assert new.row in (people[1].row, people[3].row)


def test_a_further_sitting_begins_when_it_may_and_in_a_session_of_its_own(tmp_path: Path) -> None:
    more = "  - {break: night, hours: 20}\n  - {task: more}\n  - {done:"
    text = HEAD + CONDITIONS + STEPS.replace("  - {done:", more)
    place = Place(tmp_path, text)
    sitting = place.agreed()
    place.through(sitting, "break")
    assert sitting.state()["step"]["until"]
    with pytest.raises(BadRequest, match="begins on"):
        sitting.answer("night", {})
    place.restart()
    place.later(20 * 3_600)
    back = place.reception.come(sitting.code)
    back.answer("night", {})
    assert back.state()["step"]["id"] == "more"
    back.answer("more", {"begin": True})
    assert len(place.sink.sessions()) == 2


def test_a_thought_is_kept_with_its_moment(place: Place) -> None:
    with pytest.raises(BadRequest, match="Nothing is kept"):
        place.reception.come().mark("too early")
    sitting = place.agreed()
    sitting.answer("tune.1", {"begin": True})
    place.later(7)
    sitting.mark("  Nice bass ")
    assert place.events("mark")[0]["payload"] == {"text": "Nice bass", "at": 7.0, "step": "tune"}


def test_blind_listening_is_held_to_its_minimum_and_says_what_stood_behind(tmp_path: Path) -> None:
    for name in ("x.mp3", "y.mp3"):
        (tmp_path / name).write_bytes(b"ID3")
    pairs = "[{id: p, a: {label: left, file: x.mp3}, b: {label: right, file: y.mp3}}]"
    listening = f"  - {{listening: ears, minimum_s: 3, reasons: [rhythm], pairs: {pairs}}}\n  - {{done:"
    place = Place(tmp_path, HEAD + CONDITIONS + STEPS.replace("  - {done:", listening))
    behind = set()
    for _ in range(2):
        sitting = place.agreed()
        place.through(sitting, "listening")
        step = sitting.state()["step"]
        assert "left" not in str(step)
        assert "mp3" not in str(step)
        with pytest.raises(BadRequest, match="Listen to both"):
            sitting.answer(step["id"], {"choice": "a", "heard": {"a": 9, "b": 1}})
        with pytest.raises(BadRequest, match="more than"):
            sitting.answer(step["id"], {"choice": "a", "heard": {"a": 90, "b": 90}})
        place.later(8)
        one(sitting)
        behind.add((place.events("vote")[-1]["payload"]["a"], place.events("vote")[-1]["payload"]["b"]))
    assert behind == {("left", "right"), ("right", "left")}


def test_one_study_is_served_by_one_program(place: Place) -> None:
    from workbench.study.plan.roster import Roster

    with pytest.raises(Unavailable, match="another program"):
        Roster(place.folder / "roster")
