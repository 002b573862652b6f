"""Recordings taken apart through their spectrum: what comes back is the recording, at any rate, length and width."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.sound.audio import Audio
from workbench.understand import masking
from workbench.understand.masking import Frames, blocks, split
from workbench.understand.splitter import band_power, level_of, spread


def noise(frames: int, channels: int = 2, rate: int = 44_100) -> Audio:
    rng = np.random.default_rng(7)
    return Audio(rng.normal(0, 0.2, (frames, channels)).astype(np.float32), rate)


@pytest.mark.parametrize(
    ("frames", "channels", "rate"),
    [(0, 2, 44_100), (1, 1, 44_100), (8_820, 2, 44_100), (44_101, 6, 48_000), (30_000, 2, 96_000), (9_000, 1, 8_000)],
)
def test_a_part_that_is_the_whole_comes_back_as_it_was(frames: int, channels: int, rate: int) -> None:
    audio = noise(frames, channels, rate)
    stems = split(audio, ("all", "nothing"), lambda spectra, first: spectra[None])
    assert stems["all"].rate == rate
    assert stems["all"].samples.shape == audio.samples.shape
    assert np.abs(stems["all"].samples - audio.samples).max(initial=0) < 1e-5
    assert np.array_equal(stems["all"].samples + stems["nothing"].samples, audio.samples)


def test_blocks_join_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    audio = noise(200_000)

    def high(spectra: np.ndarray, first: int) -> np.ndarray:
        """Everything above 5 kHz."""
        out = spectra[None].copy()
        out[..., : round(5_000 / 44_100 * 4096)] = 0
        return out

    whole = split(audio, ("high", "low"), high)["high"].samples
    monkeypatch.setattr(masking, "BLOCK", 24)
    found = list(blocks(audio, ("high", "low"), high))
    assert len(found) == 9
    assert [start for start, _ in found[:2]] == [0, 21 * 1024]
    assert np.abs(np.concatenate([stems["high"] for _, stems in found]) - whole).max() < 1e-5


def test_a_step_may_stop_the_work() -> None:
    def stop(done: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        split(noise(5_000), ("a", "b"), lambda spectra, first: spectra[None], step=stop)


@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000, 96_000])
def test_a_tone_lies_in_the_same_band_at_every_rate(rate: int) -> None:
    time = np.arange(rate) / rate
    audio = Audio((0.3 * np.sin(2 * np.pi * 700 * time))[:, None].astype(np.float32), rate)
    frames = Frames(audio)
    power = band_power(frames.spectra(0, frames.count))
    assert abs(int(power[8:12].sum(0).argmax()) - 65) <= 1
    assert power[4:-5].sum(1).mean() == pytest.approx(level_of(audio), rel=0.05)


def test_shares_go_on_above_the_highest_band() -> None:
    shares = np.linspace(0, 1, 192, dtype=np.float32)[None, None]
    bins = spread(shares, 4_458)[0, 0]
    assert bins[0] == 0
    assert np.all(np.diff(bins) >= 0)
    assert bins[2_000:].min() == pytest.approx(1.0, abs=0.01)
