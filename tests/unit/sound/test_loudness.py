"""Loudness against an independent meter, and true peaks between the samples."""

from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest

from workbench.sound.loudness import integrated_lufs, mix_gain, true_peak


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_integrated_loudness_agrees_with_an_independent_meter(rate: int) -> None:
    random = np.random.default_rng(3)
    noise = random.normal(0, 0.1, (rate * 6, 2)).astype(np.float32)
    noise[rate * 2 : rate * 4] *= 0.01  # a quiet stretch that the gate leaves out
    expected = pyloudnorm.Meter(rate).integrated_loudness(noise.astype(np.float64))
    assert integrated_lufs(noise, rate) == pytest.approx(expected, abs=0.05)


def test_the_reference_tone_of_the_standard() -> None:
    """A full-scale sine of 997 Hz on one channel measures -3.01 LUFS (ITU-R BS.1770)."""
    t = np.arange(48_000 * 4) / 48_000
    tone = np.stack([np.sin(2 * np.pi * 997 * t), np.zeros_like(t)], axis=1).astype(np.float32)
    assert integrated_lufs(tone, 48_000) == pytest.approx(-3.01, abs=0.05)


def test_a_peak_between_the_samples_is_found() -> None:
    """A sine at a quarter of the rate, sampled 45 degrees off its crests, peaks 3 dB above its samples."""
    n = np.arange(4_800)
    tone = (0.5 * np.sin(2 * np.pi * n / 4 + np.pi / 4)).astype(np.float32)[:, None]
    assert np.abs(tone).max() == pytest.approx(0.3536, abs=1e-3)
    assert true_peak(tone) == pytest.approx(0.5, abs=0.01)


def test_silence_and_very_short_sounds() -> None:
    assert integrated_lufs(np.zeros((100, 2), np.float32), 44_100) == -np.inf
    assert true_peak(np.zeros((0, 2), np.float32)) == 0
    assert mix_gain(np.zeros((100, 2), np.float32), 44_100) == 1.0
    assert np.isfinite(integrated_lufs(np.full((50, 2), 0.9, np.float32), 44_100))


def test_the_gain_keeps_every_stem_below_full_scale() -> None:
    """Two stems that cancel in the mix would clip at the mix's own gain."""
    t = np.arange(44_100) / 44_100
    quiet = np.stack([0.001 * np.sin(2 * np.pi * 440 * t)] * 2, axis=1).astype(np.float32)
    assert mix_gain(quiet, 44_100) > 50
    assert mix_gain(quiet, 44_100, stem_peak=0.9) * 0.9 < 1
