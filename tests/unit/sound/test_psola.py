"""A voice moved in pitch and time: what was asked for is what sounds, and nothing asked for changes nothing."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.errors import BadRequest
from workbench.sound.psola import resung

RATE = 16_000


def voice(hertz: float = 220.0, seconds: float = 1.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A buzzing tone with breaths at both ends: samples, times and pitches of its curve."""
    at = np.arange(round(seconds * RATE)) / RATE
    sung = (at > 0.1) & (at < seconds - 0.1)
    sound = np.sum([np.sin(2 * np.pi * k * hertz * at + 0.2 * k) / k for k in range(1, 12)], axis=0) * 0.1 * sung
    times = np.arange(0, seconds, 0.016)
    return sound.astype(np.float32), times, np.where((times > 0.11) & (times < seconds - 0.11), hertz, 0.0)


def pitch(sound: np.ndarray, low: float, high: float, near: float) -> float:
    """Hertz by autocorrelation between two times in seconds, a third above or below a guess at most."""
    cut = sound[round(low * RATE) : round(high * RATE)].astype(np.float64)
    wave = np.fft.irfft(np.abs(np.fft.rfft(cut, 2 * len(cut))) ** 2)[: len(cut)]
    first, last = round(RATE / near / 1.3), round(RATE / near * 1.3)
    lag = first + int(wave[first:last].argmax())
    left, here, right = wave[lag - 1 : lag + 2]
    return RATE / (lag + 0.5 * (left - right) / (left - 2 * here + right))


def test_a_voice_that_is_not_moved_stays_what_it_is() -> None:
    sound, times, hertz = voice()
    assert np.abs(resung(sound, RATE, times, hertz) - sound)[:-50].max() < 1e-3


@pytest.mark.parametrize("semitones", [-9, -3, 4, 12])
def test_the_pitch_goes_where_it_is_sent_and_the_length_stays(semitones: int) -> None:
    sound, times, hertz = voice()
    wanted = 220 * 2 ** (semitones / 12)
    out = resung(sound, RATE, times, hertz, ratio=2 ** (semitones / 12))
    assert len(out) == len(sound)
    assert abs(1200 * np.log2(pitch(out, 0.3, 0.7, wanted) / wanted)) < 10
    assert 0.5 < np.sqrt(np.mean(out**2) / np.mean(sound**2)) < 1.6


def test_times_go_where_they_are_sent_and_the_pitch_stays() -> None:
    sound, times, hertz = voice()
    out = resung(sound, RATE, times, hertz, warp=([0.1, 0.9], [0.3, 1.5]))
    loud = np.flatnonzero(np.abs(out) > 0.02) / RATE
    assert len(out) == round(1.6 * RATE)
    assert abs(loud[0] - 0.3) < 0.02
    assert abs(loud[-1] - 1.5) < 0.02
    assert abs(1200 * np.log2(pitch(out, 0.6, 1.2, 220) / 220)) < 10


def test_silence_and_noise_pass_and_nonsense_is_refused() -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, RATE).astype(np.float32)
    assert np.isfinite(resung(noise, RATE, [0.0], [0.0], warp=([0.5], [0.4]))).all()
    assert not resung(np.zeros(RATE, np.float32), RATE, [0.0], [0.0]).any()
    with pytest.raises(BadRequest, match="rise"):
        resung(noise, RATE, [0.0], [0.0], warp=([0.5, 0.4], [0.1, 0.2]))
    with pytest.raises(BadRequest, match="two octaves"):
        resung(noise, RATE, [0.0], [0.0], ratio=9.0)
    with pytest.raises(BadRequest, match="rising times"):
        resung(noise, RATE, [0.0, 0.0], [0.0, 1.0])
