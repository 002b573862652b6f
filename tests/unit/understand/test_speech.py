"""Where a voice speaks: stretches from numbers, sound from silence, and Silero's network from a file of its layout."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.unit.understand import tiny_onnx as onnx
from tests.wheelshop import make, opened, sha
from workbench.errors import BadFile, BadRequest
from workbench.hub.card import Card, Source
from workbench.hub.hub import Hub
from workbench.hub.protocol import CancelToken, Result
from workbench.hub.registry import Registry
from workbench.hub.spec import ModelSpec, Wheel
from workbench.hub.tasks.speech.request import SpeechRequest
from workbench.hub.tasks.table import task
from workbench.sound.audio import Audio
from workbench.understand.adapters import silero
from workbench.understand.spans import spans

FILE = "silero_vad/data/silero_vad_16k_sequence.onnx"
CARD = Card("By hand.", "Apache-2.0", "CC0-1.0", "none", "Yes.", (Source("nothing", "CC0-1.0"),))
GATE = ModelSpec("gate", "speech", "workbench.understand.spans:LevelGate", CARD)


def network_bytes(width: int = silero.BEFORE + silero.FRAME) -> bytes:
    """Says of a frame: the mean of its samples."""
    constants = {
        "axis": np.array([1], np.int64), "one": np.ones((1, 1, 128), np.float32),
        "mean": np.full((width, 1), 1.0 / width, np.float32),
    }  # fmt: skip
    nodes = [
        onnx.node("MatMul", ["input", "mean"], ["sum"]), onnx.node("Squeeze", ["sum", "axis"], ["each"]),
        onnx.node("Relu", ["each"], ["speech_probs"]), onnx.node("Add", ["h", "one"], ["hn"]),
        onnx.node("Identity", ["c"], ["cn"]),
    ]  # fmt: skip
    inputs = [onnx.value("input", ("n", width)), onnx.value("h", (1, 1, 128)), onnx.value("c", (1, 1, 128))]
    outputs = [onnx.value("speech_probs", ("n",)), onnx.value("hn", (1, 1, 128)), onnx.value("cn", (1, 1, 128))]
    return onnx.model(nodes, inputs, outputs, constants)


def ask(spec: ModelSpec, audio: Audio) -> tuple[dict[str, Any], tuple[str, ...]]:
    *_, result = Hub(Registry([spec])).run(spec.id, SpeechRequest(audio), seed=1, cancel=CancelToken.never())
    assert isinstance(result, Result)
    return result.alternatives[0].value, result.alternatives[0].remarks


def stretches(value: dict[str, Any]) -> list[tuple[float, float]]:
    return [(round(span["start"], 1), round(span["end"], 1)) for span in value["speech"]]


def test_a_short_pause_ends_nothing_and_a_click_is_no_span() -> None:
    sure = np.zeros(500)
    sure[100:200] = 0.9
    sure[150:155] = 0.1
    sure[300:303] = 1.0
    sure[350:400], sure[400:430] = 0.8, 0.4
    found = spans(sure, 50.0, 10.0)
    assert [(round(a, 2), round(b, 2)) for a, b, _ in found] == [(1.97, 4.03), (6.97, 8.63)]
    assert 0.8 < found[0][2] < 0.9
    assert spans(np.zeros(0), 50.0, 0.0) == []


def test_without_weights_sound_is_told_from_silence() -> None:
    dice = np.random.default_rng(1)
    sound = 0.002 * dice.standard_normal(80_000)
    sound[16_000:40_000] += 0.2 * np.sin(np.arange(24_000) * 0.2)
    value, remarks = ask(GATE, Audio(sound.astype(np.float32)[:, None], 16_000))
    assert stretches(value) == [(1.0, 2.5)]
    assert "silero-vad" in remarks[0]
    assert ask(GATE, Audio(np.zeros((16_000, 2), np.float32), 16_000))[0]["speech"] == []
    steady, _ = ask(GATE, Audio((0.1 * dice.standard_normal((32_000, 1))).astype(np.float32), 16_000))
    assert stretches(steady) == [(0.0, 2.0)]
    assert ask(GATE, Audio(np.zeros((0, 1), np.float32), 16_000))[0] == {"duration": 0.0, "speech": []}


def test_from_the_shelf_to_where_a_voice_speaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = network_bytes()
    make(opened(tmp_path, monkeypatch), {FILE: data}, name="silero-vad", version="6.2.3")
    spec = ModelSpec(
        "tiny-silero", "speech", "workbench.understand.adapters.silero:SileroVad", CARD, memory_mb=300,
        source=Wheel("silero-vad", "6.2.3"), files={FILE: sha(data)},
    )  # fmt: skip
    sound = np.zeros(20 * 44_100, np.float32)
    sound[round(15.0 * 44_100) : round(18.0 * 44_100)] = 0.8  # across two blocks
    value, _ = ask(spec, Audio(sound[:, None], 44_100))
    assert stretches(value) == [(15.0, 18.0)]


@pytest.mark.parametrize("data", [b"no network", network_bytes(300)], ids=["text", "another frame"])
def test_another_file_in_its_place_is_one_sentence(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "vad.onnx").write_bytes(data)
    spec = ModelSpec("x", "speech", "workbench.understand.adapters.silero:SileroVad", CARD)
    with pytest.raises(BadFile, match=r"^[^\n]*\.$"):
        silero.SileroVad(spec, {FILE: tmp_path / "vad.onnx"}).prepare()


def test_the_task_reads_its_own_requests_alone() -> None:
    audio = Audio(np.zeros((10, 1), np.float32), 8_000)
    wire = task("speech").make_wire()
    request = wire.read({"task": "speech"}, {"audio": audio})
    assert request.settings() == {"task": "speech"}
    assert len(request.inputs()["audio"]) == 64
    for wrong in ({"task": "beats"}, {"more": 1}):
        with pytest.raises(BadRequest):
            wire.read(wrong, {"audio": audio})
