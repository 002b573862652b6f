"""The entries of other people's models: what they say of themselves, and what is fetched for them."""

from __future__ import annotations

import hashlib
import json

import pytest

from tests.hubserver import HubServer, Repo
from tests.unit.hub.conftest import Client
from tests.unit.understand.test_beat_this import network_bytes
from workbench.hub.registry import Registry
from workbench.hub.spec import HubRepo, ModelSpec, Wheel

REGISTRY = Registry.load(plugins=False, user=False)
UPGRADES = [spec for spec in REGISTRY if spec.adapter.startswith("workbench.understand.adapters.")]


@pytest.mark.parametrize("spec", UPGRADES, ids=lambda spec: spec.id)
def test_an_upgrade_says_what_it_was_trained_on_and_never_stands_alone(spec: ModelSpec) -> None:
    assert isinstance(spec.source, Wheel | HubRepo)
    assert spec.card.training_data
    assert spec.card.links
    owned = any("research" in data.licence or "NC" in data.licence or "copyrighted" in data.licence
                for data in spec.card.training_data)  # fmt: skip
    assert not (owned and spec.card.may_sell)
    default = REGISTRY.default(spec.task)
    assert default is not None
    assert default.embedded


@pytest.mark.hub
def test_a_network_that_nobody_here_has_seen_is_pinned_when_it_is_first_fetched(
    server: HubServer,
    client: Client,
) -> None:
    data = network_bytes()
    server.repos["ashudesai/songbird-models"] = Repo({"final0.onnx": data, "small0.onnx": b"never fetched"})
    code, _, err = client.models("pull", "beat-this")
    assert (code, err) == (0, "")
    assert server.sent["small0.onnx"] == 0
    shown = json.loads(client.models("show", "beat-this", "--json")[1])
    assert hashlib.sha256(data).hexdigest() in json.dumps(shown)
    server.repos["ashudesai/songbird-models"] = Repo({"final0.onnx": data[:-1] + b"\0"}, commit="1" * 40)
    assert client.models("verify", "beat-this")[0] == 0  # what was pinned is what is here


@pytest.mark.hub
def test_weights_that_are_not_the_pinned_ones_are_refused_in_one_sentence(
    server: HubServer,
    client: Client,
) -> None:
    spec = REGISTRY.get("hdemucs")
    (name,) = spec.files
    assert isinstance(spec.source, HubRepo)
    server.repos[spec.source.repo] = Repo({name: b"something else"}, commit=spec.source.revision)
    code, out, err = client.models("pull", "hdemucs")
    assert (code, out.strip()) == (1, "")
    assert err.count("\n") == 1
