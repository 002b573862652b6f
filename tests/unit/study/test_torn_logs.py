"""Logs that are empty, torn or full of holes: sentences, and never a traceback."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from workbench.errors import WorkbenchError
from workbench.study.log.read import load, session_log
from workbench.study.log.sinks import open_sink
from workbench.study.simulate import Planted, simulate
from workbench.study.tables import summarize, tidy
from workbench.study.tables.exporting import export
from workbench.study.tables.said import headline, lines
from workbench.study.tables.writing import write_summary


@pytest.fixture
def where(tmp_path: Path) -> str:
    sink = open_sink(tmp_path / "log")
    simulate(Planted(people=3, strengths={"x": 0.0, "y": 1.0}, seed=2), sink)
    sink.close()
    return str(tmp_path / "log")


def test_nobody_has_come_yet(tmp_path: Path) -> None:
    where = str(tmp_path / "log")
    open_sink(where).close()
    summary = summarize(where)
    assert headline(summary) == "Nobody has taken part yet."
    assert "There is no trial yet, so there is nothing to count." in summary.remarks
    assert tidy(where).empty
    assert write_summary(where, tmp_path / "out").endswith("Nobody has taken part yet.")
    assert export(where, tmp_path / "out.zip").endswith("Nobody has taken part yet.")
    assert (tmp_path / "out" / "trials.csv").read_text().startswith("study,person,")


def test_missing_events_are_said_and_the_rest_is_counted(where: str) -> None:
    logs = load(where)
    whole = summarize(logs)
    torn = [
        session_log(log.session, [event for event in log.events if event["seq"] not in range(20, 26)])
        if number == 0 else log
        for number, log in enumerate(logs)
    ]  # fmt: skip
    summary = summarize(torn)
    assert any("6 events of 1 person never arrived" in remark for remark in summary.remarks)
    assert len(summary.trials) == len(whole.trials)
    first = next(trial for trial in summary.trials if trial.person == logs[0].person)
    assert first.missing == 6
    assert first.notes is None  # whose notes there were is not guessed
    others = [trial for trial in whole.trials if trial.person != logs[0].person]
    assert [trial for trial in summary.trials if trial.person != logs[0].person] == others


def test_a_file_that_ends_in_the_middle_of_a_line(where: str) -> None:
    (file, *_) = sorted(path for path in Path(where).rglob("*") if path.suffix in (".jsonl", ".part"))
    data = file.read_bytes()
    file.write_bytes(data[: len(data) * 2 // 3])
    summary = summarize(where)
    assert summary.trials
    assert any("cannot be read" in remark or "never arrived" in remark for remark in summary.remarks) or (
        summary.count("unfinished")
    )
    assert lines(summary)


@pytest.mark.parametrize("seed", range(5))
def test_whatever_is_lost_or_nonsense_there_is_a_summary(where: str, tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    strange: list[object] = [None, "x", 3, [], {"a": 1}, [{"b": None}], 1e300]
    torn = []
    for log in load(where):
        events = [dict(event, payload=dict(event["payload"])) for event in log.events if rng.random() > 0.1]
        for event in events:
            if event["payload"] and rng.random() < 0.3:
                event["payload"][rng.choice(sorted(event["payload"]))] = rng.choice(strange)
        torn.append(session_log(log.session, events))
    summary = summarize(torn)
    assert summary.remarks
    assert all(0 <= (trial.acceptance or 0) <= 1 for trial in summary.trials)
    try:
        write_summary(torn, tmp_path / "out")
        export(torn, tmp_path / "out.zip")
    except WorkbenchError as problem:
        pytest.fail(f"refused: {problem}")


def test_a_place_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a log")
    with pytest.raises(WorkbenchError) as problem:
        summarize(str(tmp_path / "file"))
    assert str(problem.value).endswith(".")
