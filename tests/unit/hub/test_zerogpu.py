"""ZeroGPU by a stand-in that speaks the interface of the platform's package: it is asked for seconds, and pickles."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

from tests.unit.hub.rogues import finish, gap, hub, piece, spec
from workbench.errors import Cancelled, Unavailable
from workbench.hub.executor import zerogpu
from workbench.hub.hub import Hub
from workbench.hub.protocol import CancelScope, CancelToken, Partial, Progress, Result


class Platform(ModuleType):
    """``spaces``: its GPU decorator, and what was asked of it. Everything crosses as bytes, as between processes."""

    def __init__(self) -> None:
        super().__init__("spaces")
        self.asked: list[int] = []
        self.used_up = False
        self.closed = 0

    def GPU(self, *, duration: Callable[..., int]) -> Callable[[Any], Any]:
        def decorate(task: Any) -> Any:
            def handler(*args: Any) -> Iterator[Any]:
                self.asked.append(duration(*args))
                if self.used_up:
                    raise RuntimeError("You have exceeded your GPU quota")
                steps = task(*pickle.loads(pickle.dumps(args)))
                try:
                    for step in steps:
                        yield pickle.loads(pickle.dumps(step))
                finally:
                    self.closed += 1
                    steps.close()

            return handler

        return decorate


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Platform:
    made = Platform()
    monkeypatch.setitem(sys.modules, "spaces", made)
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    monkeypatch.setattr(zerogpu, "_ready", {})
    return made


def finished(hub: Hub, seed: int = 3) -> Result:
    return finish(hub.run("rogue-good", gap(piece()), seed=seed, cancel=CancelToken.never()))


def test_a_model_with_torch_asks_for_a_gpu_and_its_notes_are_the_same(platform: Platform) -> None:
    lent = finished(hub(spec("good", adapter="Good", extra="hub")))
    assert len(platform.asked) == 1
    here = finished(hub(spec("good", adapter="Good")))
    assert len(platform.asked) == 1, "a model without torch needs none"
    assert lent.alternatives == here.alternatives


def test_short_requests_ask_for_less() -> None:
    asked = [zerogpu.seconds_for(expected) for expected in (0.0, 1.0, 10.0, 40.0, 500.0, float("inf"))]
    assert asked == sorted(asked)
    assert asked[0] == zerogpu.LEAST
    assert asked[-1] == asked[-2] == zerogpu.MOST
    assert all(type(seconds) is int for seconds in asked)


def test_the_hubs_estimate_is_what_is_asked_for(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    workbench = hub(spec("good", adapter="Good", extra="hub"))
    for ratio in (1.0, 30.0):
        monkeypatch.setattr(workbench.speeds, "ratio", lambda name, ratio=ratio: ratio)
        finished(workbench)
    assert platform.asked[1] > platform.asked[0]


def test_stop_ends_the_lent_run_at_its_next_step(platform: Platform) -> None:
    workbench, scope, heard = hub(spec("good", adapter="Good", extra="hub")), CancelScope(), 0
    running = workbench.run("rogue-good", gap(piece()), seed=1, cancel=scope.start())
    while heard == 0:
        heard += isinstance(next(running), Partial)
    scope.cancel()
    with pytest.raises(Cancelled):
        next(running)
    assert (heard, platform.closed) == (1, 1)


def test_where_no_gpu_is_free_a_sentence_says_so_and_that_it_waited(platform: Platform) -> None:
    platform.used_up = True
    running = hub(spec("good", adapter="Good", extra="hub")).run(
        "rogue-good", gap(piece()), seed=1, cancel=CancelToken.never()
    )
    texts: list[str] = []
    while "Waiting for a GPU" not in texts:
        step = next(running)
        assert isinstance(step, Progress)
        texts.append(step.text)
    with pytest.raises(Unavailable, match="No GPU is free for this now"):
        next(running)


def test_what_goes_wrong_on_the_gpu_is_the_same_sentence_as_here(platform: Platform) -> None:
    for extra in ("", "hub"):
        with pytest.raises(Unavailable, match=r"The model rogue-raises_mid_way failed \(\w+\)"):
            finish(
                hub(spec("raises_mid_way", extra=extra)).run(
                    "rogue-raises_mid_way", gap(piece()), seed=1, cancel=CancelToken.never()
                )
            )


def test_off_such_a_space_nothing_is_lent(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPACES_ZERO_GPU", "")
    assert zerogpu.lent(lambda spec, request: 1.0) is None
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    assert zerogpu.lent(lambda spec, request: 1.0) is not None
    monkeypatch.setitem(sys.modules, "spaces", ModuleType("spaces"))
    assert zerogpu.lent(lambda spec, request: 1.0) is None, "the folder of our Spaces is not the package"
