"""Transkun's layout with small random weights, its exact search, and how windows are joined to one recording."""

from __future__ import annotations

import itertools
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.wheelshop import make, opened, sha
from workbench.errors import BadFile
from workbench.hub.card import Card, Source
from workbench.hub.hub import Hub
from workbench.hub.protocol import CancelToken, Level, Result
from workbench.hub.registry import Registry
from workbench.hub.spec import ModelSpec, Wheel
from workbench.hub.tasks.transcribe.request import TranscribeRequest
from workbench.nets import transkun
from workbench.sound.audio import Audio
from workbench.understand.adapters import transkun as adapter
from workbench.understand.heard import HeardNote

FILE = "transkun/pretrained/2.0.pt"


def tensors(seed: int = 0) -> dict[str, torch.Tensor]:
    """Weights of few channels by the names of the published file."""
    dice = torch.Generator().manual_seed(seed)
    shapes = transkun.expected(8, 16, 1)
    out = {name: torch.randn(shape, generator=dice) * 0.1 for name, shape in shapes.items()}
    out["framewiseFeatureExtractor.freq2mels"].abs_()
    return out


def value_of(score: np.ndarray, spans: list[tuple[int, int]]) -> float:
    return float(sum(score[e, b] for b, e in spans))


@pytest.mark.parametrize("seed", range(6))
def test_the_search_finds_the_best_set_of_intervals(seed: int) -> None:
    score = np.random.default_rng(seed).normal(-0.5, 1.0, (4, 4)).astype(np.float32)
    pairs = [(b, e) for b in range(4) for e in range(b, 4)]
    best = 0.0
    for count in range(1, 8):
        for spans in itertools.combinations(pairs, count):
            long = sorted(span for span in spans if span[0] < span[1])
            inside = any(b == e and any(c < b < d for c, d in long) for b, e in spans)
            if not inside and all(before[1] <= after[0] for before, after in itertools.pairwise(long)):
                best = max(best, value_of(score, list(spans)))
    found = transkun.best_intervals(score, 0)
    assert value_of(score, found) == pytest.approx(best, abs=1e-5)
    assert found == sorted(found)


def test_nothing_worth_anything_gives_no_notes() -> None:
    assert transkun.best_intervals(np.full((9, 9), -1.0, np.float32), 0) == []


def test_the_context_has_a_row_a_key_and_a_frame_a_hop() -> None:
    network = transkun.Transkun(tensors())
    sound = torch.randn(2, 5 * 1_024 + 100)
    with torch.inference_mode():
        context = network.hear(sound)
        louder = network.hear(sound * 3)
        score = network.score(context[0])
        velocity, shift, inside = network.attributes(context[0, :3], context[0, 2:5])
    assert context.shape == (90, 7, 16)
    torch.testing.assert_close(louder, context, atol=1e-4, rtol=1e-3)  # loudness of the whole is no matter
    assert score.shape == (7, 7)
    assert shift.abs().max() <= 0.5
    assert velocity.shape == (3,)
    assert inside.dtype == torch.bool


def windows(monkeypatch: pytest.MonkeyPatch, truth: list[HeardNote]) -> None:
    """A network that hears these notes, each as far as it lies in the window."""

    def heard(network: object, piece: np.ndarray, offset: float) -> list[tuple[HeardNote, bool]]:
        out = []
        for note in truth:
            start, end = max(note.start, offset), min(note.end, offset + adapter.WINDOW)
            if end - start > 0.02:
                out.append((HeardNote(max(0.0, start), end, note.pitch, 70, 0.9), note.end > end))
        return out

    monkeypatch.setattr(adapter, "_notes", heard)


def test_windows_are_joined_to_one_recording(monkeypatch: pytest.MonkeyPatch) -> None:
    truth = [HeardNote(0.5 * n, 0.5 * n + 0.4, 50 + n % 9, 70, 0.9) for n in range(80)]
    truth += [HeardNote(1.0, 39.0, 40, 70, 0.9), HeardNote(11.9, 29.5, 41, 70, 0.9), HeardNote(12.0, 12.3, 42, 70, 0.9)]
    windows(monkeypatch, truth)
    silent = Audio(np.zeros((round(40.5 * 8_000), 1), np.float32), 8_000)
    *shares, notes = adapter.hear(silent, None)  # type: ignore[arg-type]
    assert shares[-1] == 1.0
    assert isinstance(notes, tuple)
    assert list(notes) == sorted(truth, key=lambda note: (note.start, note.pitch))


def checkpoint() -> bytes:
    body = BytesIO()
    torch.save({"state_dict": tensors()}, body)
    return body.getvalue()


def test_from_the_shelf_to_notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = checkpoint()
    make(opened(tmp_path, monkeypatch), {FILE: data}, name="transkun", version="2.0.1")
    monkeypatch.setattr("workbench.hub.weights.resolve.converted_folder", lambda: tmp_path / "converted")
    card = Card("Small and random.", "Apache-2.0", "CC0-1.0", "none", "Yes.", (Source("chance", "CC0-1.0"),))
    spec = ModelSpec(
        "tiny-transkun", "transcribe", "workbench.understand.adapters.transkun:TranskunPiano", card, extra="hub",
        source=Wheel("transkun", "2.0.1"), memory_mb=900, files={FILE: sha(data)},
    )  # fmt: skip
    monkeypatch.setattr(adapter, "WINDOW", 1.0)
    monkeypatch.setattr(adapter, "STEP", 0.5)
    monkeypatch.setattr(adapter, "MARGIN", 0.25)
    audio = Audio(np.random.default_rng(2).normal(0, 0.1, (30_000, 1)).astype(np.float32), 22_050)
    hub = Hub(Registry([spec]))
    *_, result = hub.run(spec.id, TranscribeRequest(audio, "piano"), seed=1, cancel=CancelToken.never())
    assert isinstance(result, Result)
    value = result.alternatives[0].value
    assert all(0 <= note["start"] < note["end"] <= audio.seconds for note in value["notes"])
    assert value["kind"] == "piano"
    assert hub.support(spec.id, TranscribeRequest(audio, "singing")).level is Level.UNSUPPORTED


@pytest.mark.parametrize("change", ["missing", "another shape", "not numbers", "empty"])
def test_weights_of_another_network_are_one_sentence(change: str) -> None:
    state = tensors()
    if change == "missing":
        del state["scorer.map.0.bias"]
    elif change == "another shape":
        state["backbone.downConv.5.weight"] = torch.zeros(3, 3)
    elif change == "not numbers":
        state["velocityPredictor.3.bias"][0] = float("nan")
    else:
        state = {}
    with pytest.raises(BadFile, match=r"^[^\n]*Transkun; pull the model again\.$"):
        transkun.Transkun(state)
