"""The built-in splitter, from a recording of any kind to stems that sum to it and hold what they are named after."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import pytest

from tests.unit.sound.scores import band
from workbench import resources
from workbench.errors import BadFile, BadRequest, Cancelled
from workbench.hub.protocol import CancelScope, Level, Progress
from workbench.hub.shared import shared_hub
from workbench.hub.tasks.separate.request import SeparateRequest
from workbench.nets.separate_onnx import SeparateRuntime
from workbench.score.timemap import TimeMap
from workbench.sound.audio import Audio
from workbench.sound.files import read_audio, write_audio
from workbench.sound.render import render_all
from workbench.understand.heard import HeardNote
from workbench.understand.informed import separate_with_notes
from workbench.understand.separate import separate, stems_of
from workbench.understand.splitter import built_in

RATE = 44_100


@functools.cache
def song() -> tuple[dict[str, np.ndarray], Audio]:
    """Drums, bass, and piano with flute, of the shipped instruments, and their mix."""
    stems, mix = render_all(band())
    by_name = {stem.name: stem.audio.samples for stem in stems}
    other = by_name["Piano"] + by_name["Flute"]
    return {"drums": by_name["Drums"], "bass": by_name["Bass"], "other": other}, mix


def beyond(estimate: np.ndarray, truth: np.ndarray) -> float:
    """Scale-invariant signal-to-distortion ratio in decibels."""
    guess, true = estimate.astype(np.float64).ravel(), truth.astype(np.float64).ravel()
    scaled = true * (guess @ true) / (true @ true)
    return float(10 * np.log10((scaled @ scaled) / np.sum((guess - scaled) ** 2)))


def off(stems: dict[str, Audio], audio: Audio) -> float:
    """How far the stems' sum lies from the recording at worst, in dBFS."""
    total = np.sum([stem.samples.astype(np.float64) for stem in stems.values()], axis=0)
    return float(20 * np.log10(np.abs(total - audio.samples).max(initial=0.0) + 1e-12))


def test_each_stem_holds_more_of_its_own_than_the_mix_does() -> None:
    truth, mix = song()
    heard: list[float] = []
    stems = separate(mix, progress=heard.append)
    assert list(stems) == ["drums", "bass", "other"]
    assert heard[-1] == 1.0
    gains = {name: beyond(stems[name].samples, true) - beyond(mix.samples, true) for name, true in truth.items()}
    assert gains["drums"] > 5.0, gains
    assert gains["bass"] > 3.0, gains
    assert gains["other"] > 2.0, gains


@pytest.mark.parametrize("ending", ["wav", "flac"])
def test_stems_sum_to_the_file_also_after_they_were_written(ending: str, tmp_path: Path) -> None:
    _, mix = song()
    write_audio(mix, tmp_path / f"mix.{ending}", subtype="float" if ending == "wav" else "pcm24")
    audio = read_audio(tmp_path / f"mix.{ending}")
    for name, stem in separate(tmp_path / f"mix.{ending}").items():
        write_audio(stem, tmp_path / f"{name}.{ending}", subtype="float" if ending == "wav" else "pcm24")
    stems = {name: read_audio(tmp_path / f"{name}.{ending}") for name in stems_of()}
    assert {(stem.rate, stem.samples.shape) for stem in stems.values()} == {(audio.rate, audio.samples.shape)}
    assert off(stems, audio) < -110


@pytest.mark.parametrize(
    ("frames", "channels", "rate", "gain"),
    [
        (RATE, 2, RATE, 0.0), (8_820, 2, RATE, 1.0), (1, 1, RATE, 1.0), (48_000, 6, 48_000, 1.0),
        (96_000, 2, 96_000, 1.0), (8_000, 1, 8_000, 1.0), (RATE, 2, RATE, 9.0),
    ],
    ids=["silence", "0.2 seconds", "one sample", "5.1", "96 kHz", "telephone", "beyond full scale"],
)  # fmt: skip
def test_any_recording_comes_apart_and_sums_up(frames: int, channels: int, rate: int, gain: float) -> None:
    rng = np.random.default_rng(3)
    audio = Audio((gain * 0.1 * rng.normal(size=(frames, channels))).astype(np.float32), rate)
    stems = separate(audio)
    assert {(stem.rate, stem.samples.shape) for stem in stems.values()} == {(rate, audio.samples.shape)}
    assert off(stems, audio) < -90


def test_what_it_does_not_know_is_said() -> None:
    hub, audio = shared_hub(), Audio(np.zeros((100, 1), np.float32), RATE)
    assert hub.support("splitter", SeparateRequest(audio, ("drums",))).level is Level.SUPPORTED
    some = hub.support("splitter", SeparateRequest(audio, ("vocals", "drums")))
    assert some.level is Level.PARTIAL
    assert "vocals" in some.reason
    assert hub.support("splitter", SeparateRequest(audio, ("vocals",))).level is Level.UNSUPPORTED
    with pytest.raises(BadRequest, match="takes recordings apart"):
        separate(audio, "markov")


def test_it_stops_when_told() -> None:
    scope = CancelScope()
    _, mix = song()
    request = SeparateRequest(mix, stems_of())
    with pytest.raises(Cancelled):  # noqa: PT012 - stopped in the middle
        for item in shared_hub().run("splitter", request, seed=0, cancel=scope.start()):
            if isinstance(item, Progress):
                scope.cancel()


def test_a_file_that_is_no_sound_is_refused_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "song.wav"
    path.write_text("la la la")
    with pytest.raises(BadFile, match="cannot be read as sound"):
        separate(path)


def test_a_damaged_network_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"not a graph")
    with pytest.raises(BadFile, match="damaged"):
        SeparateRuntime(path)


def test_the_graph_is_the_network_that_was_trained() -> None:
    torch = pytest.importorskip("torch")
    from workbench.training.separate_export import Shares, stored

    rng, folder = np.random.default_rng(5), resources.path("models/separate")
    inputs = np.stack([rng.normal(-1, 0.5, (70, 192)), rng.random((70, 192))]).astype(np.float32)
    shares = SeparateRuntime(folder / "model.onnx").shares(inputs)
    assert np.abs(shares.sum(axis=0) - 1).max() < 1e-5
    with torch.no_grad():
        padded = np.pad(inputs, ((0, 0), (0, 2), (0, 0)), mode="edge")
        same = Shares(stored(folder)).eval()(torch.from_numpy(padded[None]))[0, :, :70].numpy()
    assert np.abs(shares - same).max() < 0.01  # batch norms were folded before the weights were rounded


def test_notes_and_network_together_come_closer_than_notes_alone() -> None:
    truth, mix = song()
    score = band()
    clock = TimeMap(score)
    notes: dict[str, list[HeardNote]] = {"drums": [], "bass": [], "other": []}
    for track, note in score.all_notes():
        name = "drums" if track.is_drum else "bass" if track.name == "Bass" else "other"
        start, end = clock.seconds(note.start), clock.seconds(note.start + note.duration)
        notes[name].append(HeardNote(start, end, note.pitch, note.velocity, drum=track.is_drum))
    alone = separate_with_notes(mix, notes)
    both = separate_with_notes(mix, notes, network=built_in())
    closer = [beyond(both[name].samples, true) - beyond(alone[name].samples, true) for name, true in truth.items()]
    assert np.mean(closer) > 0.3, closer
    assert off(both, mix) < -90
