"""Running models: stopping, waiting, memory, falling back, estimates, and what is recorded."""

from __future__ import annotations

import gc
import json
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.unit.hub import rogues
from tests.unit.hub.rogues import Good, finish, gap, hub, noted, piece, spec
from workbench.errors import BadRequest, Cancelled, Unavailable
from workbench.hub.estimates import SpeedBook
from workbench.hub.protocol import CancelScope, CancelToken, Level, Partial, Progress, Result
from workbench.hub.public import PublicRules
from workbench.hub.spec import HubRepo
from workbench.score.canonical import dumps

NEVER = CancelToken.never()
FAR = {"source": HubRepo("owner/far", "a" * 40), "files": {"model.safetensors": "b" * 64}}


def test_stop_ends_the_job_within_one_step_and_lets_the_model_go() -> None:
    workbench, scope = hub(spec("good", adapter="Good")), CancelScope()
    running = workbench.run("rogue-good", gap(piece()), seed=1, cancel=scope.start())
    while not isinstance(next(running), Partial):
        pass
    scope.cancel()
    with pytest.raises(Cancelled):
        next(running)
    again = finish(workbench.run("rogue-good", gap(piece()), seed=1, cancel=scope.start()))
    assert again.alternatives[0].notes


def test_stop_frees_what_the_run_held_and_unloading_frees_the_model() -> None:
    workbench, scope = hub(spec("good", adapter="Hoarder")), CancelScope()
    running = workbench.run("rogue-good", gap(piece()), seed=1, cancel=scope.start())
    while not isinstance(next(running), Partial):
        pass
    held = rogues.Hoarder.held[-1]
    assert held() is not None
    scope.cancel()
    with pytest.raises(Cancelled):
        next(running)
    gc.collect()
    assert held() is None
    workbench.runtime.unload_all()
    assert workbench.runtime.loaded == ()


def test_a_model_that_never_looks_is_stopped_at_its_next_yield() -> None:
    workbench, scope = hub(spec("deaf")), CancelScope()
    running = workbench.run("rogue-deaf", gap(piece()), seed=1, cancel=scope.start())
    for _ in range(5):
        next(running)
    scope.cancel()
    with pytest.raises(Cancelled):
        next(running)


def test_stopping_one_persons_job_leaves_the_others_byte_identical() -> None:
    request = gap(piece(8))
    alone = finish(hub(spec("good", adapter="Good")).run("rogue-good", request, seed=5, cancel=NEVER))
    for order in ("a first", "b first"):
        workbench, ada, bob = hub(spec("good", adapter="Good")), CancelScope(), CancelScope()
        a = workbench.run("rogue-good", gap(piece(9)), seed=6, cancel=ada.start())
        b = workbench.run("rogue-good", request, seed=5, cancel=bob.start())
        first, second = (a, b) if order == "a first" else (b, a)
        items: list[Any] = []
        for running in (first, second):
            item = next(running)
            items += [item] if running is b else []
        for _ in range(3):  # both at work: one of them waits for the model and says so
            items.append(next(b))
        ada.cancel()
        with pytest.raises(Cancelled):
            list(a)
        items += list(b)
        result = items[-1]
        assert isinstance(result, Result)
        theirs, own = (json.dumps(r.alternatives[0].operation, sort_keys=True) for r in (result, alone))
        assert theirs == own


def test_two_threads_share_one_model_without_mixing() -> None:
    workbench = hub(spec("good", adapter="Good"))
    expected = [finish(workbench.run("rogue-good", gap(piece(n)), seed=n, cancel=NEVER)) for n in range(4)]
    found: dict[int, Result] = {}

    def work(number: int) -> None:
        found[number] = finish(workbench.run("rogue-good", gap(piece(number)), seed=number, cancel=NEVER))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[n].alternatives for n in range(4)] == [result.alternatives for result in expected]


def test_closing_the_iterator_frees_the_model_and_records_the_stop() -> None:
    events: list[dict[str, Any]] = []
    workbench = hub(spec("good", adapter="Good"))
    running = workbench.run("rogue-good", gap(piece()), seed=1, cancel=NEVER, ended=noted(events))
    next(running)
    next(running)
    running.close()  # type: ignore[attr-defined]
    assert [event["outcome"] for event in events] == ["cancelled"]
    assert finish(workbench.run("rogue-good", gap(piece()), seed=1, cancel=NEVER)).alternatives


def test_supersede_makes_an_older_job_stale_and_not_the_new_one() -> None:
    scope = CancelScope()
    old = scope.start()
    new = scope.start(supersede=True)
    assert old.cancelled
    assert not new.cancelled
    assert new.join(old).cancelled


def test_the_least_recently_used_model_leaves_when_memory_is_needed() -> None:
    specs = [spec("good", adapter="Good", model_id=name, memory_mb=40) for name in ("a", "b", "c")]
    workbench = hub(*specs, memory_budget_mb=100)
    for name in ("a", "b", "a"):
        finish(workbench.run(name, gap(piece()), seed=1, cancel=NEVER))
    assert workbench.runtime.loaded == ("b", "a")
    before = Good.released
    finish(workbench.run("c", gap(piece()), seed=1, cancel=NEVER))
    assert workbench.runtime.loaded == ("a", "c")
    assert Good.released == before + 1


def test_a_running_model_is_never_thrown_out() -> None:
    specs = [spec("good", adapter="Good", model_id=name, memory_mb=60) for name in ("a", "b")]
    workbench = hub(*specs, memory_budget_mb=100)
    running = workbench.run("a", gap(piece()), seed=1, cancel=NEVER)
    next(running)
    next(running)
    with pytest.raises(Unavailable, match="busy"):
        finish(workbench.run("b", gap(piece()), seed=1, cancel=NEVER))
    assert isinstance(list(running)[-1], Result)
    finish(workbench.run("b", gap(piece()), seed=1, cancel=NEVER))


def test_a_model_larger_than_the_budget_says_so() -> None:
    workbench = hub(spec("good", adapter="Good", memory_mb=500), memory_budget_mb=100)
    with pytest.raises(Unavailable, match="needs 500 MB"):
        finish(workbench.run("rogue-good", gap(piece()), seed=1, cancel=NEVER))


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (spec("good", adapter="Good", model_id="far", **FAR), "HF_HUB_OFFLINE"),
        (spec("unsupported", model_id="far"), "It does not do that"),
        (spec("prepare_import", model_id="far", extra="hub"), "music-workbench[hub]"),
        (spec("prepare_raises", model_id="far"), "could not be loaded"),
        (spec("good", adapter="Missing", model_id="far"), "not part of this installation"),
        (spec("good", adapter="Good", model_id="far", memory_mb=900_000), "needs 900,000 MB"),
    ],
)
def test_the_embedded_model_steps_in_and_the_result_says_so(entry: Any, why: str) -> None:
    events: list[dict[str, Any]] = []
    stand_in = spec("good", adapter="Good", model_id="home", title="Home", default=True)
    workbench = hub(stand_in, entry)
    items = list(workbench.run("far", gap(piece()), seed=1, cancel=NEVER, ended=noted(events)))
    result = items[-1]
    assert isinstance(result, Result)
    assert result.asked_for == "far"
    assert why in result.fallback_reason
    assert result.alternatives[0].model_id == "home"
    assert all(note.author == "model:home" for notes in result.alternatives[0].notes.values() for note in notes)
    assert any(isinstance(item, Progress) and item.text.startswith("Home steps in") for item in items)
    assert [(event["model"], event["outcome"]) for event in events] == [("far", "unavailable"), ("home", "done")]
    assert events[-1]["fallback"] == result.fallback_reason


def test_without_a_stand_in_the_reason_is_the_error() -> None:
    workbench = hub(spec("good", adapter="Good", model_id="far", **FAR))
    with pytest.raises(Unavailable, match="HF_HUB_OFFLINE"):
        finish(workbench.run("far", gap(piece()), seed=1, cancel=NEVER))


def test_a_task_s_name_means_its_default() -> None:
    workbench = hub(spec("fine"), spec("good", adapter="Good", model_id="home", default=True))
    result = finish(workbench.run("infill", gap(piece()), seed=1, cancel=NEVER))
    assert result.alternatives[0].model_id == "home"
    assert result.asked_for == ""


def test_a_run_is_recorded_with_everything_needed_to_repeat_it() -> None:
    events: list[dict[str, Any]] = []
    ticks = iter(range(1000))
    workbench = hub(spec("good", adapter="Good"), clock=lambda: float(next(ticks)))
    request = gap(piece(), count=2)
    result = finish(workbench.run("rogue-good", request, seed=42, cancel=NEVER, ended=noted(events)))
    event = json.loads(json.dumps(events[0]))
    assert {k: event[k] for k in ("model", "task", "seed", "revision", "outcome", "alternatives")} == {
        "model": "rogue-good", "task": "infill", "seed": 42, "revision": "embedded", "outcome": "done",
        "alternatives": 2,
    }  # fmt: skip
    assert event["settings"] == request.settings()
    assert event["notes"] == sum(len(n) for idea in result.alternatives for n in idea.notes.values())
    assert event["elapsed_ms"] >= result.elapsed_seconds * 1000 > 0


def test_changing_the_document_meanwhile_does_not_change_the_fill() -> None:
    workbench, score = hub(spec("good", adapter="Good")), piece(2)
    expected = finish(workbench.run("rogue-good", gap(piece(2)), seed=1, cancel=NEVER))
    running = workbench.run("rogue-good", gap(score), seed=1, cancel=NEVER)
    next(running)
    score.track("t1").notes.clear()
    assert list(running)[-1].alternatives == expected.alternatives  # type: ignore[union-attr]


def test_a_model_that_never_ends_is_ended() -> None:
    ticks = iter(range(0, 10**6, 50))
    workbench = hub(spec("endless_progress"), clock=lambda: float(next(ticks)))
    with pytest.raises(Unavailable, match="did not come to an end"):
        finish(workbench.run("rogue-endless_progress", gap(piece()), seed=1, cancel=NEVER))


@pytest.mark.parametrize("how", ["raises_mid_way", "exits", "pretends_cancelled"])
def test_after_a_failure_the_model_is_loaded_afresh(how: str) -> None:
    workbench = hub(spec(how))
    for _ in range(2):
        with pytest.raises(Unavailable):
            finish(workbench.run(f"rogue-{how}", gap(piece()), seed=1, cancel=NEVER))
        assert workbench.runtime.loaded == ()


@pytest.mark.parametrize("seed", [-1, 1.5, "1", None, 2**53, True])
def test_a_seed_must_be_a_whole_number(seed: Any) -> None:
    with pytest.raises(BadRequest, match="seed"):
        list(hub(spec("fine")).run("rogue-fine", gap(piece()), seed=seed, cancel=NEVER))


def test_a_request_of_the_wrong_kind_is_refused() -> None:
    with pytest.raises(BadRequest, match="not what was asked for"):
        list(hub(spec("fine")).run("rogue-fine", {"regions": []}, seed=1, cancel=NEVER))
    with pytest.raises(BadRequest, match="choose one of"):
        list(hub(spec("fine")).run("nobody", gap(piece()), seed=1, cancel=NEVER))


def test_estimates_learn_from_what_runs_took_here(tmp_path: Path) -> None:
    book = SpeedBook(tmp_path / "speed.json")
    workbench = hub(spec("fine"), speeds=book)
    request = gap(piece())
    first = workbench.estimate_seconds("rogue-fine", request)
    book.record("rogue-fine", 0.1, 1.0)
    assert workbench.estimate_seconds("rogue-fine", request) == pytest.approx(10 * first)
    assert SpeedBook(tmp_path / "speed.json").ratio("rogue-fine") == pytest.approx(10.0)
    (tmp_path / "speed.json").write_text("not json")
    assert SpeedBook(tmp_path / "speed.json").ratio("rogue-fine") == 1.0


def test_progress_tells_the_time_left() -> None:
    ticks = iter(range(10**6))
    workbench = hub(spec("good", adapter="Good"), clock=lambda: float(next(ticks)))
    shown = [i for i in workbench.run("rogue-good", gap(piece()), seed=1, cancel=NEVER) if isinstance(i, Progress)]
    timed = [item for item in shown if item.done is not None and item.done >= 0.05]
    assert timed
    for item in timed:
        assert item.seconds_left is not None
        assert item.seconds_left >= 0
    assert timed[-1].seconds_left < timed[0].seconds_left  # type: ignore[operator]


def test_support_is_answered_even_by_a_model_that_cannot() -> None:
    assert hub(spec("support_raises")).support("rogue-support_raises", gap(piece())).level is Level.UNSUPPORTED
    absent = hub(spec("good", adapter="Missing")).support("rogue-good", gap(piece()))
    assert absent.level is Level.UNSUPPORTED
    assert "not part of this installation" in absent.reason


def test_on_a_public_server_only_the_owners_list_runs() -> None:
    specs = (spec("good", adapter="Good", model_id="home", default=True), spec("fine", model_id="far", **FAR))
    workbench = hub(*specs, public=True)
    assert [entry.id for entry in workbench.models()] == ["home"]
    finish(workbench.run("infill", gap(piece()), seed=1, cancel=NEVER))
    with pytest.raises(BadRequest, match="not offered here"):
        list(workbench.run("far", gap(piece()), seed=1, cancel=NEVER))
    named = hub(*specs, public=PublicRules(models=frozenset({"far", "home"})))
    result = finish(named.run("far", gap(piece()), seed=1, cancel=NEVER))
    assert "has not been pulled" in result.fallback_reason  # a visitor's run never fetches weights


def test_a_public_log_line_holds_figures_and_no_content(caplog: pytest.LogCaptureFixture) -> None:
    from workbench.hub.tasks.infill.request import InfillRequest, NewTrack
    from workbench.score.score import Region

    caplog.set_level("DEBUG")
    workbench = hub(spec("good", adapter="Good", model_id="home", default=True), public=True)
    request = InfillRequest(
        piece(), (Region(0, rogues.BAR, ("secret-id",)),), new_tracks=(NewTrack("secret-id", "My secret song"),)
    )
    finish(workbench.run("home", request, seed=1, cancel=NEVER))
    assert "model=home" in caplog.text
    assert "secret" not in caplog.text


def test_the_score_given_is_never_changed() -> None:
    score = piece(3)
    text = dumps(score)
    finish(hub(spec("mutates_request")).run("rogue-mutates_request", gap(score), seed=1, cancel=NEVER))
    assert dumps(score) == text
