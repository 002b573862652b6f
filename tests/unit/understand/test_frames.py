"""Listening in blocks is listening to the whole; numpy looks as torch does; a recording's tuning is found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from workbench.errors import BadFile, Cancelled
from workbench.nets import listen
from workbench.nets.listen_onnx import HEADS, Joined, ListenRuntime, stretches
from workbench.nets.listen_spectrum import BINS, FPS, RATE, SILENT, decibels, frames_of, loudness, scaled, spectrum
from workbench.sound.audio import Audio
from workbench.training.listen_export import Probabilities, export
from workbench.understand import frames as understanding
from workbench.understand.frames import hear_frames
from workbench.understand.tuning import tuning_of


def chords(seconds: float, cents: float = 0.0, rate: int = RATE, seed: int = 0) -> Audio:
    """Plucked triads, two a second, of five partials each, and a little noise."""
    rng = np.random.default_rng(seed)
    sound = rng.normal(0, 0.002, round(seconds * rate))
    since = np.arange(rate // 2) / rate
    for start in range(0, len(sound) - len(since) + 1, len(since)):
        for pitch in 55 + int(rng.integers(12)) + np.array([0, 4, 7]):
            hertz = 440 * 2 ** ((pitch - 69 + cents / 100) / 12)
            for partial in range(1, 6):
                wave = np.exp(-4 * since) * np.sin(2 * np.pi * hertz * partial * since)
                sound[start : start + len(since)] += 0.05 / partial * wave
    return Audio(sound.astype(np.float32)[:, None], rate)


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> ListenRuntime:
    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("listener")
    export(listen.Listen().eval(), folder)
    return ListenRuntime(folder / "model.onnx", 1)


def test_numpy_looks_as_torch_does() -> None:
    sound = chords(10).samples[:, 0]
    aside = listen.spectrum(torch.from_numpy(sound[None]))[0].numpy()
    assert spectrum(sound).shape == (frames_of(len(sound)), BINS)
    assert np.abs(spectrum(sound) - aside).max() < 1e-4


def test_a_key_is_seen_where_it_sounds() -> None:
    time = np.arange(RATE) / RATE
    for pitch in (33, 57, 69, 93):
        sound = 0.1 * np.sin(2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * time).astype(np.float32)
        assert spectrum(sound)[25].argmax() == 3 * (pitch - 20) + 1


def test_the_graph_says_what_the_network_says(tmp_path: Path) -> None:
    torch.manual_seed(2)
    net = listen.Listen().eval()
    net.load_state_dict({name: value.half().float() for name, value in net.state_dict().items()})
    export(net, tmp_path)
    bins = spectrum(chords(3).samples[:, 0])
    with torch.inference_mode():
        wanted = Probabilities(net)(torch.from_numpy(bins[None]))
    found = ListenRuntime(tmp_path / "model.onnx", 1).stretch(bins)
    for rows, name in zip(wanted, HEADS, strict=True):
        assert np.abs(found[name] - rows[0].numpy()).max() < 1e-4, name


def test_another_file_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"not a graph")
    with pytest.raises(BadFile, match="damaged"):
        ListenRuntime(tmp_path / "model.onnx")


def test_blocks_are_the_whole(runtime: ListenRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    audio = chords(47, rate=44_100)
    whole = decibels(audio.resampled(RATE).samples[:, 0])
    wanted = runtime.hear(scaled(whole, loudness(whole)))
    monkeypatch.setattr(understanding, "BLOCK", 100)
    monkeypatch.setattr(understanding, "SAMPLES", 7_001)
    shares: list[float] = []
    heard = hear_frames(audio, runtime=runtime, progress=shares.append)
    assert len(heard) == len(whole)
    assert heard.duration == pytest.approx(47)
    assert shares == sorted(shares)
    assert shares[-1] == 1
    for name in ("onset", "frame", "drums", "beats", "root"):
        assert np.abs(getattr(heard, name).astype(np.float32) - wanted[name]).max() < 0.02, name


def test_stretches_cover_everything_and_fade_into_each_other() -> None:
    for frames in (1, 999, 1_000, 1_001, 5_000, 12_345):
        whole, seen = Joined(frames, np.float32), np.zeros(frames, bool)
        for start, end in stretches(frames):
            assert end <= frames
            seen[start:end] = True
            line = np.arange(start, end, dtype=np.float32)[:, None]
            whole.put(start, {name: np.repeat(line, count, 1) for name, count in HEADS.items()})
        assert seen.all()
        # What both sides of a border say alike stays as it is.
        assert np.abs(whole.rows["onset"][:, 5] - np.arange(frames)).max() < 1e-2


def test_a_quiet_passage_is_listened_to_at_its_own_level() -> None:
    rows = np.full((3_000, BINS), -80.0, np.float32)
    rows[:1_500, 50], rows[1_500:, 50] = 0.0, -25.0
    level = loudness(rows)
    assert level[100] == pytest.approx(0)
    assert level[2_900] == pytest.approx(-25)
    assert (np.abs(np.diff(level)) < 2).all()
    assert loudness(np.full((3_000, BINS), -100.0, np.float32)).max() == SILENT


@pytest.mark.parametrize("cents", [-42.0, -15.0, 0.0, 12.0, 30.0])
def test_tuning_is_found(cents: float) -> None:
    assert tuning_of(chords(6, cents, 48_000, seed=3)) == pytest.approx(cents, abs=3)


def test_noise_has_no_tuning() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, (RATE * 20, 1)).astype(np.float32)
    assert tuning_of(Audio(noise, RATE)) == 0


def test_a_recording_off_pitch_is_looked_at_where_it_stands(runtime: ListenRuntime) -> None:
    high = hear_frames(chords(12, 35.0, seed=4), runtime=runtime)
    true = hear_frames(chords(12, 0.0, seed=4), runtime=runtime)
    assert high.tuning_cents == pytest.approx(35, abs=3)
    assert true.tuning_cents == 0
    difference = np.abs(high.frame.astype(np.float32) - true.frame.astype(np.float32))
    assert difference.mean() < 0.01


@pytest.mark.parametrize(("seconds", "rate", "channels"), [(0.2, 44_100, 1), (2, 8_000, 2), (1, 96_000, 6)])
def test_any_rate_and_length_is_heard(runtime: ListenRuntime, seconds: float, rate: int, channels: int) -> None:
    sound = np.repeat(chords(seconds, rate=rate).samples, channels, axis=1)
    heard = hear_frames(Audio(np.ascontiguousarray(sound), rate), runtime=runtime)
    assert len(heard) == pytest.approx(seconds * FPS + 1, abs=1)
    assert np.isfinite(heard.onset).all()


def test_silence_and_nothing_are_heard(runtime: ListenRuntime) -> None:
    assert len(hear_frames(Audio(np.zeros((0, 1), np.float32), RATE), runtime=runtime)) == 1
    assert np.isfinite(hear_frames(Audio(np.zeros((RATE * 3, 2), np.float32), RATE), runtime=runtime).onset).all()


def test_stop_stops(runtime: ListenRuntime) -> None:
    asked: list[int] = []

    def enough() -> bool:
        asked.append(1)
        return len(asked) > 2

    with pytest.raises(Cancelled):
        hear_frames(chords(60), runtime=runtime, cancelled=enough)
    assert len(asked) == 3
