"""The Genie through the hub."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from workbench import resources
from workbench.create.genie.play import decode
from workbench.errors import BadRequest, Cancelled
from workbench.hub.hub import Hub
from workbench.hub.protocol import CancelScope, CancelToken, Partial, Result
from workbench.hub.registry import Registry
from workbench.hub.tasks.genie.request import GenieRequest, GenieSettings

PRESSES = [{"time": 0.25 * place, "button": (place * 3) % 8} for place in range(200)]


@pytest.fixture
def hub() -> Hub:
    return Hub(Registry.load())


def finish(hub: Hub, request: GenieRequest, seed: int) -> Result:
    *_, last = hub.run("piano-genie", request, seed=seed, cancel=CancelToken.never())
    assert isinstance(last, Result)
    return last


def test_the_hub_plays_what_decode_plays_and_records_how(hub: Hub) -> None:
    settings = GenieSettings(mode="replayable")
    (idea,) = finish(hub, GenieRequest(PRESSES, "C F", settings), 5).alternatives
    assert list(idea.notes["t1"]) == list(decode(PRESSES, "C F", settings, 5).tracks[0].notes.values())
    assert (idea.seed, idea.model_id) == (5, "piano-genie")
    again: dict[str, Any] = json.loads(json.dumps(dict(idea.settings)))
    assert len(again["presses"]) == 200
    assert again["play"]["mode"] == "replayable"


def test_no_presses_are_no_notes(hub: Hub) -> None:
    (idea,) = finish(hub, GenieRequest([]), 1).alternatives
    assert idea.notes == {"t1": ()}
    assert idea.remarks == ()


def test_stop_ends_it(hub: Hub) -> None:
    scope = CancelScope()
    run = hub.run("piano-genie", GenieRequest(PRESSES), seed=1, cancel=scope.start())
    for item in run:
        if isinstance(item, Partial):
            scope.cancel()
            break
    with pytest.raises(Cancelled):
        list(run)


def test_a_request_is_checked_before_any_model_sees_it() -> None:
    with pytest.raises(BadRequest):
        GenieRequest([{"time": 0, "button": 9}])
    with pytest.raises(BadRequest):
        GenieRequest([], "H")


def test_the_entry_names_the_weights_that_lie_there() -> None:
    spec = Registry.load().get("piano-genie")
    for name, digest in spec.files.items():
        data = resources.path(f"models/piano-genie/{name}").read_bytes()
        assert not digest or hashlib.sha256(data).hexdigest() == digest, name
    assert spec.card.may_sell
    assert "copyright" in spec.card.sell
    assert {source.licence for source in spec.card.training_data} == {"MIT", "CC-BY-4.0", "CC0-1.0", "public domain"}
