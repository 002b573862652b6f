"""Long recordings in stretches, and Hybrid Demucs' adapter with torchaudio's own architecture, small and random."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from workbench.errors import BadFile, Unavailable
from workbench.hub.card import Card, Source
from workbench.hub.protocol import CancelToken, Level, Result
from workbench.hub.spec import HubRepo, ModelSpec
from workbench.hub.tasks.separate.request import SeparateRequest
from workbench.sound.audio import Audio
from workbench.understand.adapters import hdemucs
from workbench.understand.adapters.stretches import Samples, over_stretches

FILE = "Demucs/hdemucs_high_trained.safetensors"


def noise(seconds: float, channels: int = 2, rate: int = 44_100) -> Audio:
    dice = np.random.default_rng(7)
    return Audio((0.1 * dice.standard_normal((round(seconds * rate), channels))).astype(np.float32), rate)


def halves(sound: Samples) -> Samples:
    """Three stems: a quarter, a half, and the left channel on both sides."""
    return np.stack([sound / 4, sound / 2, np.repeat(sound[:1], 2, axis=0)])


@pytest.mark.parametrize("seconds", [0.0, 0.01, 1.0, 1.79, 5.03])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_stretches_fade_into_each_other_without_a_seam(seconds: float, channels: int) -> None:
    audio = noise(seconds, channels, 8_000)
    *shares, stems = over_stretches(audio, halves, [1, 0], seconds=1.0, overlap=0.2)
    assert isinstance(stems, list)
    assert shares[-1] == 1.0
    expected = audio.samples if channels == 2 else np.repeat(audio.mono()[:, None], channels, axis=1)
    np.testing.assert_allclose(stems[0], expected / 2, atol=1e-6)
    np.testing.assert_allclose(stems[1], expected / 4, atol=1e-6)


def test_a_network_that_gives_no_sound_is_one_sentence() -> None:
    for wrong in (lambda sound: sound, lambda sound: np.full((3, *sound.shape), np.nan, np.float32)):
        with pytest.raises(BadFile, match="no sound"):
            list(over_stretches(noise(0.5, rate=8_000), wrong, [0], seconds=1.0, overlap=0.2))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> torch.nn.Module:
    """torchaudio's architecture with few channels in the place of the large one."""
    import torchaudio.models

    def make(sources: list[str]) -> torch.nn.Module:
        torch.manual_seed(2)
        return torchaudio.models.HDemucs(sources, audio_channels=2, channels=4, nfft=4_096, depth=6)

    monkeypatch.setattr(torchaudio.models, "hdemucs_high", make)
    return make(list(hdemucs.STEMS))


def adapter(folder: Path, state: dict[str, torch.Tensor]) -> hdemucs.HybridDemucs:
    save_file({name: value.clone() for name, value in state.items()}, folder / "weights.safetensors")
    card = Card("Small and random.", "Apache-2.0", "CC0-1.0", "none", "Yes.", (Source("chance", "CC0-1.0"),))
    spec = ModelSpec(
        "tiny-hdemucs", "separate", "workbench.understand.adapters.hdemucs:HybridDemucs", card, extra="hub",
        source=HubRepo("owner/tiny", "0" * 40), files={FILE: "0" * 64},
    )  # fmt: skip
    return hdemucs.HybridDemucs(spec, {FILE: folder / "weights.safetensors"})


def test_stems_come_in_the_order_asked_for_at_the_recording_s_length(
    tmp_path: Path, small: torch.nn.Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hdemucs, "SECONDS", 1.0)
    model = adapter(tmp_path, {f"model.{name}": value for name, value in small.state_dict().items()})
    audio = noise(0.4, 1, 48_000)
    *_, result = model.run(SeparateRequest(audio, ("vocals", "drums")), seed=1, cancel=CancelToken.never())
    assert isinstance(result, Result)
    stems = result.alternatives[0].stems
    assert list(stems) == ["vocals", "drums"]
    for stem in stems.values():
        assert stem.rate == 44_100
        assert stem.samples.shape == (audio.resampled(44_100).frames, 1)
    with torch.inference_mode():
        piece = np.repeat(audio.resampled(44_100).mono()[None], 2, axis=0)
        piece = np.pad(piece, ((0, 0), (0, 44_100 - piece.shape[1])))
        spread = piece.mean(axis=0).std()
        out = small.eval()(torch.from_numpy((piece - piece.mean()) / spread)[None])[0, 3].mean(dim=0).numpy()
    expected = out * spread + piece.mean()
    np.testing.assert_allclose(stems["vocals"].samples[:, 0], expected[: stem.frames], atol=1e-5)


def test_it_says_which_stems_it_knows(tmp_path: Path, small: torch.nn.Module) -> None:
    model, audio = adapter(tmp_path, small.state_dict()), noise(0.1)
    assert model.support(SeparateRequest(audio)).level is Level.SUPPORTED
    assert model.support(SeparateRequest(audio, ("vocals", "piano"))).level is Level.PARTIAL
    assert model.support(SeparateRequest(audio, ("piano",))).level is Level.UNSUPPORTED


def test_weights_of_another_network_are_one_sentence(tmp_path: Path, small: torch.nn.Module) -> None:
    state = small.state_dict()
    missing = dict(list(state.items())[1:])
    broken = {name: torch.full_like(value, float("nan")) for name, value in state.items()}
    for wrong in (missing, broken, {"a": torch.zeros(3)}):
        with pytest.raises(BadFile, match=r"^[^\n]*Hybrid Demucs; pull the model again\.$"):
            adapter(tmp_path, wrong).prepare()
    model = adapter(tmp_path, state)
    model.prepare = lambda: None  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        next(model.run(SeparateRequest(noise(0.1)), seed=1, cancel=CancelToken.never()))
