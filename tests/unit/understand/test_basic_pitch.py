"""Basic Pitch's notes, from a file of its layout whose answer is written into the sound itself.

In the small network here, sample ``256 * frame + key`` of a window is the probability of that key in that frame, of a
note in the left half of the values (0 to 1) and of an onset where the sample is above 1, by what lies above.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.unit.understand import tiny_onnx as onnx
from tests.wheelshop import make, opened, sha
from workbench.errors import BadFile
from workbench.hub.card import Card, Source
from workbench.hub.conformance import check
from workbench.hub.hub import Hub
from workbench.hub.protocol import CancelToken, Result
from workbench.hub.registry import Registry
from workbench.hub.spec import ModelSpec, Wheel
from workbench.hub.tasks.transcribe.request import TranscribeRequest
from workbench.sound.audio import Audio
from workbench.understand.adapters import basic_pitch as bp
from workbench.understand.heard import HeardNote

NET = bp.BasicPitchNetwork


def network_bytes(window: int = bp.WINDOW) -> bytes:
    """Inputs and outputs as in Spotify's file."""
    constants = {
        "pads": np.array([0, 0, 0, 0, 172 * 256 - window, 0], np.int64), "shape": np.array([0, 172, 256], np.int64),
        "begin": np.array([0], np.int64), "end": np.array([88], np.int64), "axis": np.array([2], np.int64),
        "one": np.array([1.0], np.float32), "three": np.array([3, 1, 1], np.int64),
    }  # fmt: skip
    nodes = [
        onnx.node("Pad", ["in", "pads"], ["padded"]), onnx.node("Reshape", ["padded", "shape"], ["frames"]),
        onnx.node("Slice", ["frames", "begin", "end", "axis"], ["keys"]),
        onnx.node("Min", ["keys", "one"], [NET.NOTE]), onnx.node("Sub", ["keys", "one"], ["above"]),
        onnx.node("Relu", ["above"], [NET.ONSET]), onnx.node("Tile", ["keys", "three"], ["StatefulPartitionedCall:0"]),
    ]  # fmt: skip
    nodes[0] = onnx.node("Pad", [NET.INPUT, "pads"], ["padded"])
    outputs = [onnx.value(name, ("n", 172, 88)) for name in (NET.NOTE, NET.ONSET)]
    return onnx.model(nodes, [onnx.value(NET.INPUT, ("n", window, 1))], outputs, constants)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> bp.BasicPitchNetwork:
    path = tmp_path_factory.mktemp("net") / "nmp.onnx"
    path.write_bytes(network_bytes())
    return bp.BasicPitchNetwork(path)


def written(seconds: float, *notes: tuple[float, float, int, float]) -> Audio:
    """Sound that says: these notes (start and end in seconds, pitch, probability), each with a sure onset."""
    frames = int(seconds * bp.FPS)
    said = np.zeros((frames, 256), np.float32)
    for start, end, pitch, sure in notes:
        said[round(start * bp.FPS) : round(end * bp.FPS), pitch - bp.LOWEST] = sure
        said[round(start * bp.FPS), pitch - bp.LOWEST] = 1.9
    return Audio(said.reshape(-1, 1), bp.RATE)


def heard(audio: Audio, network: bp.BasicPitchNetwork) -> tuple[HeardNote, ...]:
    *shares, notes = bp.hear(audio, network)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert isinstance(notes, tuple)
    return notes


def test_notes_lie_where_the_frames_say_across_all_windows(network: bp.BasicPitchNetwork) -> None:
    truth = [(0.3 + 0.41 * n, 0.3 + 0.41 * n + 0.3, 40 + n, 0.8) for n in range(35)]  # 14 seconds, nine windows
    notes = heard(written(15.0, *truth), network)
    assert [note.pitch for note in notes] == [pitch for _, _, pitch, _ in truth]
    for note, (start, end, _, _) in zip(notes, truth, strict=True):
        assert note.start == pytest.approx(start, abs=0.006)
        assert note.end == pytest.approx(end, abs=0.013)
        assert note.velocity == pytest.approx(103, abs=3)
        assert 0.75 < note.confidence < 0.9


def test_a_note_struck_again_is_two_and_a_short_one_is_none(network: bp.BasicPitchNetwork) -> None:
    notes = heard(written(3.0, (0.5, 1.0, 60, 0.9), (1.0, 1.6, 60, 0.9), (2.0, 2.08, 72, 0.9)), network)
    assert [(round(note.start, 1), round(note.end, 1)) for note in notes] == [(0.5, 1.0), (1.0, 1.6)]


def test_a_gap_that_is_short_does_not_end_a_note() -> None:
    note, onset = np.zeros((100, 88), np.float32), np.zeros((100, 88), np.float32)
    note[10:60, 30], note[10, 30], onset[10, 30] = 0.5, 0.9, 0.9
    note[30:36, 30] = 0.28
    assert [(event.start, event.end) for event in bp.notes_from(note, onset)] == [(10, 60)]
    note[30:45, 30] = 0.28
    assert bp.notes_from(note, onset)[0].end == 30


def test_what_leaks_into_the_neighbouring_key_is_not_a_second_note() -> None:
    note, onset = np.zeros((100, 88), np.float32), np.zeros((100, 88), np.float32)
    note[10:60, 30], onset[10, 30] = 0.9, 0.9
    note[10:60, 31] = 0.4
    assert [event.pitch for event in bp.notes_from(note, onset)] == [51]


def test_a_long_sound_without_an_onset_is_still_a_note() -> None:
    note = np.zeros((120, 88), np.float32)
    note[20:80, 12] = 0.5 + 0.3 * np.sin(np.linspace(0, np.pi, 60))
    found = bp.notes_from(note, np.zeros_like(note))
    assert [(event.start, event.end, event.pitch) for event in found] == [(20, 79, 33)]


@pytest.mark.parametrize("seconds", [0.0, 0.001, 0.2, 1.94])
def test_sound_of_any_length_has_as_many_frames_as_its_length_says(
    network: bp.BasicPitchNetwork, seconds: float
) -> None:
    audio = Audio(np.zeros((round(seconds * 44_100), 2), np.float32), 44_100)
    frames = sum(len(note) for _, note, _ in network.blocks(audio))
    assert frames == int(np.ceil(audio.resampled(bp.RATE).frames / bp.HOP))


def test_sound_that_says_nothing_true_gives_notes_all_the_same(network: bp.BasicPitchNetwork) -> None:
    noise = np.random.default_rng(1).uniform(-3, 3, (30_000, 1)).astype(np.float32)
    for note in heard(Audio(noise, bp.RATE), network):
        assert 0 <= note.start < note.end <= 30_000 / bp.RATE + 1 / bp.FPS


@pytest.mark.parametrize(
    "data", [b"", b"no network", network_bytes(1_000), network_bytes()[:-200]],
    ids=["empty", "text", "another window", "cut"],
)  # fmt: skip
def test_another_file_in_its_place_is_one_sentence(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "nmp.onnx"
    path.write_bytes(data)
    with pytest.raises(BadFile, match=r"^The network nmp\.onnx [^\n]*\.$"):
        bp.BasicPitchNetwork(path)


def test_from_the_shelf_to_notes_that_pass_the_public_suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name, data = "basic_pitch/saved_models/icassp_2022/nmp.onnx", network_bytes()
    make(opened(tmp_path, monkeypatch), {name: data}, name="basic-pitch", version="0.4.0")
    card = Card("Says what it is told.", "Apache-2.0", "CC0-1.0", "none", "Yes.", (Source("nothing", "CC0-1.0"),))
    spec = ModelSpec(
        "tiny-pitch", "transcribe", "workbench.understand.adapters.basic_pitch:BasicPitch", card, memory_mb=400,
        source=Wheel("basic-pitch", "0.4.0"), files={name: sha(data)},
    )  # fmt: skip
    audio = written(4.0, (0.5, 1.0, 60, 0.9), (3.5, 4.0, 64, 0.9))
    *_, result = Hub(Registry([spec])).run(spec.id, TranscribeRequest(audio), seed=1, cancel=CancelToken.never())
    assert isinstance(result, Result)
    value = result.alternatives[0].value
    assert [(note["pitch"], round(note["start"], 1)) for note in value["notes"]] == [(60, 0.5), (64, 3.5)]
    assert all(note["end"] <= audio.seconds for note in value["notes"])
    assert "beats" not in value
    assert [row.text for row in check(spec) if not row.passed] == []
