"""Beat This! from an ONNX file of its inputs and outputs; its spectrum against torchaudio's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.unit.understand import tiny_onnx as onnx
from tests.unit.understand.test_beatnet import clicks
from workbench.errors import BadFile
from workbench.hub.card import Card, Source
from workbench.hub.protocol import CancelScope, CancelToken, Result
from workbench.hub.spec import HubRepo, ModelSpec
from workbench.hub.tasks.beats.request import BeatsRequest
from workbench.sound.audio import Audio
from workbench.understand.adapters import beat_this as bt


def network_bytes(mels: int = bt.MELS) -> bytes:
    """Odds of a beat: how loud the frame's high bands are; of a downbeat: the same, less two."""
    pick = np.zeros((mels, 1), np.float32)
    pick[80:, 0] = 0.2
    constants = {"pick": pick, "less": np.array([6.0], np.float32), "two": np.array([2.0], np.float32),
                 "last": np.array([2], np.int64)}  # fmt: skip
    nodes = [
        onnx.node("MatMul", [bt.INPUT, "pick"], ["loud"]), onnx.node("Squeeze", ["loud", "last"], ["flat"]),
        onnx.node("Sub", ["flat", "less"], ["beat"]), onnx.node("Sub", ["beat", "two"], ["downbeat"]),
    ]  # fmt: skip
    outputs = [onnx.value(name, ("batch", "time")) for name in bt.OUTPUTS]
    return onnx.model(nodes, [onnx.value(bt.INPUT, ("batch", "time", mels))], outputs, constants)


def model(folder: Path, data: bytes) -> bt.BeatThis:
    (folder / "final0.onnx").write_bytes(data)
    card = Card("By hand.", "Apache-2.0", "CC0-1.0", "none", "Yes.", (Source("nothing", "CC0-1.0"),))
    spec = ModelSpec(
        "tiny-beat-this", "beats", "workbench.understand.adapters.beat_this:BeatThis", card,
        source=HubRepo("owner/tiny"), files={"final0.onnx": ""},
    )  # fmt: skip
    return bt.BeatThis(spec, {"final0.onnx": folder / "final0.onnx"})


def test_the_spectrum_is_the_one_that_the_network_was_trained_on() -> None:
    import torch
    import torchaudio

    sound = np.random.default_rng(0).standard_normal(22_050).astype(np.float32)
    theirs = torchaudio.transforms.MelSpectrogram(
        sample_rate=22_050, n_fft=1_024, hop_length=441, f_min=30, f_max=11_000, n_mels=128, mel_scale="slaney",
        normalized="frame_length", power=1,
    )  # fmt: skip
    expected = torch.log1p(1_000 * theirs(torch.from_numpy(sound)).T).numpy()
    np.testing.assert_allclose(bt.spectrum(sound, 0, len(expected)), expected, atol=2e-3)
    np.testing.assert_allclose(bt.spectrum(sound, 20, 9), bt.spectrum(sound, 0, 40)[20:29], atol=1e-5)


def test_clicks_have_their_beats_across_chunks(tmp_path: Path) -> None:
    audio = clicks(36.0, 0.6)
    *_, result = model(tmp_path, network_bytes()).run(BeatsRequest(audio), seed=1, cancel=CancelToken.never())
    assert isinstance(result, Result)
    value = result.alternatives[0].value
    assert value["tempo"] == pytest.approx(100, abs=1)
    truth = np.arange(0.4, 35.9, 0.6)
    assert sum(np.abs(np.array(value["beats"]) - time).min() < 0.04 for time in truth) >= len(truth) - 2


@pytest.mark.parametrize("frames", [0, 1, 300, 5_000])
def test_sound_too_short_for_a_beat_has_none(tmp_path: Path, frames: int) -> None:
    audio = Audio(np.zeros((frames, 1), np.float32), 44_100)
    *_, result = model(tmp_path, network_bytes()).run(BeatsRequest(audio), seed=1, cancel=CancelScope().start())
    assert isinstance(result, Result)
    assert result.alternatives[0].value["beats"] == []


@pytest.mark.parametrize("data", [b"no network", network_bytes(64)], ids=["text", "another spectrum"])
def test_another_file_in_its_place_is_one_sentence(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(BadFile, match=r"^[^\n]*\.$"):
        model(tmp_path, data).prepare()
