"""Summaries of simulated people, about whom everything is known: what was planted is found, exactly."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.score.canonical import project_hash
from workbench.score.operations import apply
from workbench.score.score import Score
from workbench.study.log.read import load
from workbench.study.log.sinks import open_sink
from workbench.study.simulate import Arm, Planted, Truth, simulate
from workbench.study.tables import Summary, summarize, tidy

ARMS = (Arm("plain", accept=0.25, undo=0.1), Arm("careful", accept=0.5, undo=0.2, adherence=0.9, latency_ms=400))


def study(folder: Path, **planted: object) -> tuple[Truth, str]:
    """A simulated study in a folder of its own."""
    where = str(folder / "log")
    sink = open_sink(where)
    truth = simulate(Planted(arms=ARMS, **planted), sink)  # type: ignore[arg-type]
    sink.close()
    return truth, where


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[Truth, Summary, str]:
    truth, where = study(tmp_path_factory.mktemp("study"), people=8, trials=2, seed=3)
    return truth, summarize(where), where


def test_planted_shares_are_found_exactly(found: tuple[Truth, Summary, str]) -> None:
    truth, summary, _ = found
    for arm in ARMS:
        figures = summary.condition(arm.name).figures
        kept, undone = figures["acceptance"], figures["undo_rate"]
        assert kept is not None
        assert undone is not None
        assert kept.value == arm.accept == truth.rate(arm.name)  # 64 or 128 suggestions: no rounding in between
        assert undone.value == pytest.approx(truth.undo_rate(arm.name), abs=1e-12)
        assert undone.value == pytest.approx(arm.undo, abs=0.01)
        assert kept.low is not None
        assert kept.high is not None
        assert kept.low <= kept.value <= kept.high


def test_every_trial_is_counted_as_it_was(found: tuple[Truth, Summary, str]) -> None:
    truth, summary, _ = found
    real = sorted(truth.trials, key=lambda trial: trial.person)  # a person's own trials stay in order
    seen = sorted(summary.trials, key=lambda trial: trial.person)
    assert len(real) == len(seen) == 32
    for was, is_ in zip(real, seen, strict=True):
        for name in ("suggestions", "ideas", "heard", "accepted", "rejected", "edits", "undos", "redos"):
            assert getattr(is_, name) == getattr(was, name), name
        assert is_.edits_after_accept == was.edits_after
        assert (is_.notes_human, is_.notes_model) == (was.notes["human"], was.notes["model:markov"])
        assert is_.notes_imported == 16
        assert (is_.piece, is_.mismatches, is_.missing) == (was.digest, 0, 0)
        assert is_.scores["adherence_density"] == pytest.approx(0.9 if was.condition == "careful" else 0.8)
        assert is_.latency == (400 if was.condition == "careful" else 900)


def test_times_are_those_of_the_person_although_their_clock_is_wrong(found: tuple[Truth, Summary, str]) -> None:
    truth, summary, where = found
    apart = [e["client_time"] - e["server_time"] for log in load(where) for e in log.events if e["client_time"]]
    assert max(apart) - min(apart) > 60_000  # the clocks differ by minutes
    real = sorted(truth.trials, key=lambda trial: trial.person)
    for was, is_ in zip(real, sorted(summary.trials, key=lambda trial: trial.person), strict=True):
        assert (is_.first_keep is None) == (was.first_keep is None)
        assert is_.first_keep == pytest.approx(was.first_keep, abs=0.2)
        assert is_.seconds == pytest.approx(was.seconds, abs=0.2)


def test_who_wrote_what_over_time_ends_as_the_piece_does(found: tuple[Truth, Summary, str]) -> None:
    _, summary, _ = found
    for trial in summary.trials:
        times = [seconds for seconds, _ in trial.over_time]
        assert times[:3] == [0.0, 15.0, 30.0]
        assert times == sorted(times)
        assert trial.over_time[0][1]["imported"] == 16
        assert trial.over_time[0][1]["model"] == 0
        assert trial.over_time[-1][1]["model"] == trial.notes_model


def test_the_simulated_log_replays_to_the_hashes_that_it_names(found: tuple[Truth, Summary, str]) -> None:
    _, _, where = found
    checked = 0
    for log in load(where)[:2]:
        assert log.whole
        score = Score()
        for event in log.events:
            if event["kind"] == "open":
                score = Score.from_dict(event["payload"]["score"])
            elif "operation" in event["payload"]:
                assert project_hash(score) == event["before"]
                apply(score, event["payload"]["operation"])
            else:
                continue
            assert project_hash(score) == event["after"]
            checked += 1
    assert checked > 80


def test_the_same_seed_gives_the_same_log(tmp_path: Path) -> None:
    logs = []
    for folder in ("a", "b"):
        _, where = study(tmp_path / folder, people=2, seed=9)
        logs.append([log.events for log in load(where)])
    assert logs[0] == logs[1]


def test_people_who_leave_are_counted_as_such(tmp_path: Path) -> None:
    truth, where = study(tmp_path, people=6, drop_outs=2, seed=1)
    summary = summarize(where)
    assert (summary.count("finished"), summary.count("unfinished")) == (4, 2)
    left = {one.person for one in summary.people if one.state == "unfinished"}
    assert left == set(truth.dropped)
    assert sum(trial.ended == "unfinished" for trial in summary.trials) == 2


def test_a_table_has_a_row_a_trial_and_nobodys_id(found: tuple[Truth, Summary, str]) -> None:
    truth, summary, where = found
    table = tidy(where)
    assert len(table) == 32
    assert table["person"].nunique() == 8
    assert set(table["person"]).isdisjoint(truth.people)
    assert table["acceptance"].sum() == pytest.approx(sum(trial.acceptance or 0 for trial in summary.trials))
    assert str(table["accepted"].dtype) == "Int64"
    again = tidy(where)  # codes are new each time, what they stand for is not
    assert sorted(again["piece"]) == sorted(table["piece"])


def test_time_apart_and_pauses_do_not_count() -> None:
    events = _by_hand([
        ("session", {"action": "begin"}, 0),
        ("task", {"step": "m", "trial": 1, "condition": "c", "action": "begin"}, 1),
        ("edit", {}, 11), ("task", {"step": "m", "trial": 1, "action": "pause"}, 21),
        ("session", {"action": "resume"}, 1000), ("task", {"step": "m", "trial": 1, "action": "resume"}, 1001),
        ("accept", {}, 1006), ("task", {"step": "m", "trial": 1, "action": "end"}, 1011),
    ])  # fmt: skip
    (trial,) = summarize([_Log("s1", events)]).trials
    assert (trial.seconds, trial.first_keep, trial.ended) == (30.0, 25.0, "end")
    # The same, but the person simply left, and came back in another sitting.
    first, second = events[:3], [dict(e, session="s2", seq=i) for i, e in enumerate((events[4], *events[6:]))]
    (trial,) = summarize([_Log("s1", first), _Log("s2", second)]).trials
    assert (trial.seconds, trial.first_keep, trial.ended) == (15.0, 10.0, "end")


def test_who_withdrew_is_counted_and_otherwise_gone() -> None:
    events = _by_hand([
        ("task", {"step": "m", "trial": 1, "condition": "c", "action": "begin"}, 1), ("edit", {}, 5),
        ("vote", {"a": "x", "b": "y", "choice": "a"}, 6), ("task", {"step": "m", "trial": 1, "action": "withdraw"}, 9),
    ])  # fmt: skip
    summary = summarize([_Log("s1", events)])
    assert summary.count("withdrew") == 1
    assert not summary.trials
    assert summary.comparison.votes == 0
    assert "1 person withdrew; nothing of theirs is counted." in summary.remarks


def test_a_log_without_tasks_counts_as_one_trial_a_sitting() -> None:
    events = _by_hand([("consent", {}, 0), ("suggest", {"run": "r1"}, 2), ("accept", {"runs": {"r1": []}}, 4)])
    (trial,) = summarize([_Log("s1", events)]).trials
    assert (trial.acceptance, trial.seconds) == (1.0, 4.0)


def test_ideas_for_a_whole_piece_count_by_their_runs_and_bring_their_cards() -> None:
    """As the Prompt page tells it: several runs behind one set of ideas, one of which is kept with its card."""
    events = _by_hand([
        ("suggest", {"first": 1, "ideas": 2, "runs": {"r1": [], "r2": [], "r3": []}}, 2),
        ("audition", {"what": "idea 2", "runs": {"r2": [], "r3": []}}, 3),
        ("audition", {"what": "idea 2", "runs": {"r2": [], "r3": []}}, 4),
        ("accept", {"runs": {"r2": [], "r3": []}, "adherence": {"voice_melody": 0.9, "words_tempo": 2}}, 6),
    ])  # fmt: skip
    events[0]["run"] = None
    waited = [dict(events[0], kind="run", seq=0, run=f"r{n}", latency=1000 * n, payload={}) for n in (1, 2, 4)]
    told = [dict(event, seq=seq) for seq, event in enumerate([*waited, *events])]
    (trial,) = summarize([_Log("s1", told)]).trials
    assert (trial.suggestions, trial.ideas, trial.heard, trial.accepted) == (1, 2, 1, 1)
    assert trial.scores == {"adherence_voice_melody": 0.9}  # 2 is no share
    assert trial.latency == 2000


class _Log:
    def __init__(self, session: str, events: list[dict[str, object]], person: str = "p1") -> None:
        self.session, self.person, self.events = session, person, events


def _by_hand(told: list[tuple[str, dict[str, object], int]]) -> list[dict[str, object]]:
    return [
        {
            "v": 1, "study": "s", "session": "s1", "person": "p1", "seq": seq, "client_seq": None, "client_time": None,
            "server_time": 1_000_000 + 1000 * second, "kind": kind, "source": "person", "cause": None, "before": None,
            "after": None, "run": None, "latency": None, "payload": payload,
        }
        for seq, (kind, payload, second) in enumerate(told)
    ]  # fmt: skip
