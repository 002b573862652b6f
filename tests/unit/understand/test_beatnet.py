"""BeatNet's features and networks, and the beats of clicks by a network whose weights say: where the sound rises."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.wheelshop import make, opened, sha
from workbench.errors import BadFile
from workbench.hub.card import Card, Source
from workbench.hub.hub import Hub
from workbench.hub.protocol import CancelToken, Result
from workbench.hub.registry import Registry
from workbench.hub.spec import ModelSpec, Wheel
from workbench.hub.tasks.beats.request import BeatsRequest
from workbench.nets import beatnet
from workbench.sound.audio import Audio
from workbench.understand.adapters.beatnet import activations

NARROW = 2
FILE = "BeatNet/models/model_{}_weights.pt"


def rising() -> dict[str, torch.Tensor]:
    """Weights that say a beat where the bands rise together; every fourth part of it is said to be a downbeat."""
    state = {name: torch.zeros_like(value) for name, value in beatnet.BeatNet(NARROW).state_dict().items()}
    state["conv1.weight"][0] = 0.1
    state["linear0.weight"][0, 68:131] = 0.2  # the half of the features that tells how far each band rose
    for layer in range(2):
        state[f"lstm.weight_ih_l{layer}"][2 * NARROW, 0] = 2.0
        state[f"lstm.bias_ih_l{layer}"][:NARROW] = 10.0
        state[f"lstm.bias_ih_l{layer}"][NARROW : 2 * NARROW] = -10.0
        state[f"lstm.bias_ih_l{layer}"][3 * NARROW :] = 10.0
    state["linear.weight"][0, 0], state["linear.bias"][0] = 14.0, -6.0
    state["linear.weight"][1, 0], state["linear.bias"][1] = 14.0, -8.0
    return state


def clicks(seconds: float, every: float, rate: int = beatnet.RATE) -> Audio:
    """A burst of noise at every beat."""
    dice = np.random.default_rng(3)
    sound = np.zeros(round(seconds * rate), np.float32)
    for start in np.arange(0.4, seconds - 0.1, every):
        burst = dice.standard_normal(round(0.05 * rate)) * np.exp(-np.linspace(0, 6, round(0.05 * rate)))
        sound[round(start * rate) :][: len(burst)] += (0.4 * burst).astype(np.float32)
    return Audio(sound[:, None], rate)


def test_the_features_are_those_that_the_networks_were_trained_on() -> None:
    bank = beatnet.filters()
    assert bank.shape[1] * 2 == beatnet.FEATURES
    np.testing.assert_allclose(bank.sum(axis=0), 1.0, rtol=1e-5)
    time = np.arange(beatnet.RATE) / beatnet.RATE
    tone = np.sin(2 * np.pi * 1_000 * time).astype(np.float32)
    loudest = beatnet.bands(tone, 10, 20).mean(axis=0).argmax()
    centre = bank[:, loudest] @ np.arange(len(bank)) * beatnet.RATE / (2 * len(bank))
    assert abs(np.log2(centre / 1_000)) < 1 / 24
    assert not beatnet.features(np.zeros(9_000, np.float32), 0, 20).any()
    whole = beatnet.features(tone, 0, 40)
    np.testing.assert_allclose(beatnet.features(tone, 13, 27), whole[13:], atol=1e-5)
    assert whole[:, 136:].min() >= 0


def test_blocks_are_heard_as_one_recording(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(1)
    network = beatnet.BeatNet(8).eval()
    audio = clicks(6.0, 0.5)
    with torch.inference_mode():
        whole = network(torch.from_numpy(beatnet.features(audio.mono(), 0, 300)))[0].numpy()
    monkeypatch.setattr("workbench.understand.adapters.beatnet.BLOCK", 70)
    *shares, said = activations(audio, [network])
    assert isinstance(said, np.ndarray)
    assert shares[-1] == 1.0
    np.testing.assert_allclose(said, np.stack([whole[:, :2].sum(axis=1), whole[:, 1]], axis=1), atol=1e-5)


def checkpoint() -> bytes:
    body = BytesIO()
    torch.save(rising(), body)
    return body.getvalue()


def entry(data: bytes) -> ModelSpec:
    card = Card("By hand.", "Apache-2.0", "CC0-1.0", "none", "Yes.", (Source("nothing", "CC0-1.0"),))
    return ModelSpec(
        "tiny-beatnet", "beats", "workbench.understand.adapters.beatnet:BeatNetTracker", card, extra="hub",
        source=Wheel("BeatNet", "1.1.3"), memory_mb=700, files={FILE.format(n): sha(data) for n in (1, 2, 3)},
    )  # fmt: skip


def test_from_the_shelf_to_the_beats_of_a_recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = checkpoint()
    make(opened(tmp_path, monkeypatch), {FILE.format(n): data for n in (1, 2, 3)}, name="BeatNet", version="1.1.3")
    monkeypatch.setattr("workbench.hub.weights.resolve.converted_folder", lambda: tmp_path / "converted")
    hub = Hub(Registry([entry(data)]))
    for audio in (clicks(20.0, 0.5), clicks(20.0, 0.5, 48_000)):
        *_, result = hub.run("tiny-beatnet", BeatsRequest(audio), seed=1, cancel=CancelToken.never())
        assert isinstance(result, Result)
        value: dict[str, Any] = result.alternatives[0].value
        assert value["tempo"] == pytest.approx(120, abs=1)
        found = np.array(value["beats"])
        truth = np.arange(0.4, 19.9, 0.5)
        assert sum(np.abs(found - time).min() < 0.04 for time in truth) >= len(truth) - 2
        assert set(value["downbeats"]) <= set(value["beats"])


@pytest.mark.parametrize("change", ["missing", "another shape", "not numbers", "empty"])
def test_weights_of_another_network_are_one_sentence(change: str) -> None:
    state = rising()
    if change == "missing":
        del state["lstm.bias_hh_l1"]
    elif change == "another shape":
        state["linear0.weight"] = torch.zeros(NARROW, 9)
    elif change == "not numbers":
        state["linear.bias"][0] = float("nan")
    else:
        state = {}
    with pytest.raises(BadFile, match=r"^[^\n]*pull the model again\.$"):
        beatnet.beatnet_from(state)
