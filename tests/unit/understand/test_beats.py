"""Beats from activations: tempo, metre and their changes, confidence, and what a person does to them."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.errors import BadRequest
from workbench.understand.beat_edits import dragged, tapped
from workbench.understand.beats import track_beats
from workbench.understand.heard import Beats

FPS = 50.0


def activation(
    beats: np.ndarray, ones: np.ndarray, seconds: float, *, noise: float = 0.04, seed: int = 0
) -> np.ndarray:
    """What a fair network says: a peak at each beat and, less surely, each downbeat; some beats are missed."""
    rng = np.random.default_rng(0)
    rows = np.abs(rng.normal(0, noise, (round(seconds * FPS) + 1, 2)))
    for column, times, level in ((0, beats, 0.8), (1, ones, 0.6)):
        for time in times:
            height = level * rng.uniform(0.5, 1.15) * (rng.random() > 0.08)
            near = np.arange(round(time * FPS) - 2, round(time * FPS) + 3)
            near = near[(near >= 0) & (near < len(rows))]
            bump = height * np.exp(-0.5 * ((near / FPS - time) / 0.018) ** 2)
            rows[near, column] = np.maximum(rows[near, column], bump)
    return np.clip(rows, 0, 1)


def share(found: tuple[float, ...], true: np.ndarray, seconds: float = 0.07) -> float:
    """F measure of beats within ``seconds``."""
    hits = sum(bool(np.abs(true - time).min() < seconds) for time in found)
    return 2 * hits / (len(found) + len(true))


def steady(tempo: float, metre: int, seconds: float, start: float = 0.4) -> tuple[np.ndarray, np.ndarray]:
    beats = np.arange(start, seconds, 60 / tempo)
    return beats, beats[::metre]


@pytest.mark.parametrize(("tempo", "metre"), [(63.0, 4), (96.0, 3), (128.0, 2), (151.0, 4)])
def test_steady_music_keeps_its_tempo_and_its_bars(tempo: float, metre: int) -> None:
    beats, ones = steady(tempo, metre, 30)
    found = track_beats(activation(beats, ones, 30))
    assert found.metre == metre
    assert found.tempo == pytest.approx(tempo, rel=0.01)
    assert share(found.beats, beats) > 0.97
    assert share(found.downbeats, ones) > 0.9


def test_a_ritardando_is_followed_to_its_end() -> None:
    steps = np.concatenate([np.full(24, 0.5), 0.5 * 1.06 ** np.arange(12)])
    beats = 0.3 + np.concatenate([[0], np.cumsum(steps)])
    found = track_beats(activation(beats, beats[::4], beats[-1] + 1))
    assert share(found.beats, beats) > 0.95
    assert found.beats[-1] - found.beats[-2] > 0.8


def test_a_new_tempo_and_a_new_metre_after_a_section() -> None:
    first, second = 0.3 + np.arange(32) * 0.5, 16.3 + np.arange(48) * 0.36
    ones = np.concatenate([first[::4], second[::3]])
    found = track_beats(activation(np.concatenate([first, second]), ones, 34))
    assert share(found.beats, np.concatenate([first, second])) > 0.95
    assert share(found.downbeats, ones) > 0.9
    steps = np.diff(found.beats)
    assert np.median(steps[:25]) == pytest.approx(0.5, abs=0.01)
    assert np.median(steps[-30:]) == pytest.approx(0.36, abs=0.01)


def test_beats_lie_between_frames_where_the_peaks_do() -> None:
    beats, ones = steady(97.3, 4, 40, start=0.413)
    found = np.array(track_beats(activation(beats, ones, 40, noise=0.01)).beats)
    off = np.array([found[np.abs(found - time).argmin()] - time for time in beats])
    assert np.median(np.abs(off)) < 0.004
    assert abs(np.median(off)) < 0.002


def test_confidence_is_high_on_a_clear_beat_and_low_on_noise() -> None:
    beats, ones = steady(110, 4, 30)
    clear = np.array(track_beats(activation(beats, ones, 30)).confidence)
    rng = np.random.default_rng(1)
    noise = track_beats(np.clip(rng.normal(0.15, 0.1, (1500, 2)), 0, 1))
    assert clear.mean() > 0.8
    assert np.mean(noise.confidence) < 0.4


def test_where_the_beat_stops_confidence_falls() -> None:
    beats, ones = steady(110, 4, 20)
    rows = activation(beats, ones, 40)
    rng = np.random.default_rng(2)
    rows[1000:] = np.clip(rng.normal(0.15, 0.1, (len(rows) - 1000, 2)), 0, 1)
    found = track_beats(rows)
    sure, times = np.array(found.confidence), np.array(found.beats)
    assert sure[times < 18].mean() > sure[times > 22].mean() + 0.2


def test_silence_and_very_short_sounds_have_no_beats() -> None:
    assert track_beats(np.zeros((500, 2))) == Beats()
    assert track_beats(np.zeros((0, 2))) == Beats()
    assert track_beats(np.full((9, 2), 0.5)) == Beats()


def test_what_is_no_activation_is_refused() -> None:
    with pytest.raises(BadRequest):
        track_beats(np.zeros(100))
    with pytest.raises(BadRequest):
        track_beats(np.full((100, 2), np.nan))


def test_a_dragged_beat_takes_its_neighbours_along() -> None:
    beats = Beats(tuple(0.5 * n for n in range(17)), tuple(2.0 * n for n in range(5)))
    moved = dragged(beats, 8, 4.1)
    assert moved.beats[8] == pytest.approx(4.1)
    assert moved.beats[7] == pytest.approx(3.575)
    assert moved.beats[4] == 2.0
    assert moved.beats[12] == 6.0
    assert moved.downbeats[2] == moved.beats[8]
    last = dragged(beats, 15, 7.6)
    assert last.beats[16] == pytest.approx(8.1)


def test_a_beat_is_not_dragged_past_others() -> None:
    beats = Beats(tuple(0.5 * n for n in range(17)))
    for index, to in ((8, 6.2), (8, -1.0), (40, 1.0)):
        with pytest.raises(BadRequest):
            dragged(beats, index, to)


def test_tapping_at_half_the_tempo_halves_the_whole_piece() -> None:
    beats, ones = steady(140, 4, 30)
    rows = activation(beats, ones, 30)
    heard = track_beats(rows)
    taps = beats[10:24:2] + np.random.default_rng(3).normal(0.04, 0.02, 7)
    for found in (tapped(heard, taps, activation=rows), tapped(heard, taps, duration=30)):
        assert found.tempo == pytest.approx(70, rel=0.03)
        assert share(found.beats, beats[::2]) > 0.93
        assert max(found.confidence) == 1.0


def test_tapping_between_the_beats_moves_them_there() -> None:
    beats = Beats(tuple(0.3 + 0.5 * n for n in range(40)), tuple(0.3 + 2.0 * n for n in range(10)))
    taps = [0.55 + 0.5 * n for n in range(10, 18)]
    found = tapped(beats, taps, duration=20.5)
    late = np.array(found.beats)
    assert share(tuple(late[(late > 5) & (late < 9.4)]), np.array(taps)) > 0.9


@pytest.mark.parametrize("taps", [[1.0, 2.0], [1.0, 1.05, 1.1, 1.15], [1.0, 9.0, 17.0], [float("nan")] * 4])
def test_taps_that_are_no_beat_are_refused(taps: list[float]) -> None:
    with pytest.raises(BadRequest):
        tapped(Beats((1.0, 2.0)), taps)
