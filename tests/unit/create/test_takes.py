"""Other recordings of a piece: MusicGen's own layout, small and random, and what steps in where it cannot be had."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.hubserver import HubServer, Repo
from tests.unit.create import musicgen_tiny
from tests.unit.hub.conftest import Client, server  # noqa: F401
from workbench.create.prompt.plan import make_brief
from workbench.create.prompt.prompts import Prompt, Prompts
from workbench.create.takes import musicgen
from workbench.create.takes.hearing import measure_take
from workbench.errors import BadRequest, Cancelled
from workbench.hub.estimates import SpeedBook
from workbench.hub.hub import Hub
from workbench.hub.protocol import Alternative, Attempt, CancelScope, CancelToken, Level, Progress, Result
from workbench.hub.registry import Registry
from workbench.hub.tasks.table import task
from workbench.hub.tasks.take.conformance import example
from workbench.hub.tasks.take.guard import NAME, TakeGuard
from workbench.hub.tasks.take.request import TakeRequest
from workbench.provenance.run import Run
from workbench.score.lanes import Tempo
from workbench.score.score import Note, Score, Track
from workbench.sound.audio import Audio
from workbench.sound.render import render
from workbench.understand.words import read_words

MELODY, SMALL = "musicgen-melody", "musicgen-small"


def hub_with(folder: Path, files: Mapping[str, bytes], model: str = MELODY) -> Hub:
    """A hub that finds a model's files in a folder."""
    for name, data in files.items():
        (folder / name).write_bytes(data)
    registry = Registry.load(plugins=False, user=False)
    registry.local[model] = folder
    return Hub(registry, speeds=SpeedBook(), memory_budget_mb=8_000)


def made(hub: Hub, request: TakeRequest, model: str = MELODY, seed: int = 1) -> Result:
    """What a person gets."""
    *_, last = hub.run(model, request, seed=seed, cancel=CancelToken.never())
    assert isinstance(last, Result)
    return last


def sound(result: Result) -> Audio:
    audio = result.alternatives[0].stems[NAME]
    assert isinstance(audio, Audio)
    return audio


@pytest.fixture(scope="module")
def melody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    hub = hub_with(tmp_path_factory.mktemp("melody"), musicgen_tiny.repository())
    yield hub
    hub.runtime.unload_all()


def test_equal_seeds_give_equal_sound_and_the_tune_changes_it(melody: Hub) -> None:
    asked = example(1.0)
    one, again, other = (sound(made(melody, asked, seed=seed)).samples for seed in (1, 1, 2))
    assert one.shape == (44_100, 1)
    assert np.abs(one).max() > 0.01
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)
    without = sound(made(melody, TakeRequest(asked.words, 1.0, None, asked.piece))).samples
    assert not np.array_equal(one, without)


def test_a_run_is_recorded_with_its_licence_words_and_what_it_was_given(melody: Hub) -> None:
    result = made(melody, example(1.0))
    assert result.attempt is not None
    run = Run.of(result.attempt)
    assert run.rights["sell"].startswith("No")
    assert run.settings["words"] == "a calm piano waltz"
    assert set(run.inputs) == {"melody", "piece"}


def test_stop_ends_the_work_within_a_step(melody: Hub) -> None:
    scope = CancelScope()
    work = melody.run(MELODY, example(8.0), seed=1, cancel=scope.start())
    next(item for item in work if isinstance(item, Progress) and item.done)
    scope.cancel()
    stopped = time.monotonic()
    with pytest.raises(Cancelled):
        list(work)
    assert time.monotonic() - stopped < 0.5


def test_what_takes_longer_than_ten_minutes_is_refused_before_anything_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(musicgen, "_has_gpu", lambda: False)
    hub = hub_with(tmp_path, {})
    answer = hub.support(MELODY, example(30.0))
    assert answer.level is Level.UNSUPPORTED
    assert "19 minutes" in answer.reason
    assert "ask for 15 seconds or fewer" in answer.reason
    assert hub.support(MELODY, example(10.0)).level is Level.SUPPORTED
    assert 300 < hub.estimate_seconds(MELODY, example(10.0)) < 600
    monkeypatch.setattr(musicgen, "_has_gpu", lambda: True)
    assert hub.support(MELODY, example(30.0)).level is Level.SUPPORTED


def test_the_piece_s_own_sound_steps_in_and_says_what_it_is(tmp_path: Path) -> None:
    asked = example(2.0)
    tried: list[Attempt] = []
    work = hub_with(tmp_path, {}).run(MELODY, asked, seed=1, cancel=CancelToken.never(), ended=tried.append)
    *_, result = work
    assert isinstance(result, Result)
    assert [(run.model, run.outcome) for run in map(Run.of, tried)] == [(MELODY, "unavailable"), ("own-sound", "done")]
    assert result.asked_for == MELODY
    assert "lacks the file" in result.fallback_reason
    assert result.attempt is not None
    assert result.attempt.spec.card.may_sell
    assert "no recording by a model" in result.alternatives[0].remarks[0]
    own = asked.piece.resampled(44_100).samples
    np.testing.assert_allclose(sound(result).samples, own, atol=1e-6)


def test_without_a_piece_nothing_can_step_in() -> None:
    hub = Hub(Registry.load(plugins=False, user=False), speeds=SpeedBook())
    with pytest.raises(BadRequest, match="make one first"):
        made(hub, TakeRequest("a waltz", 2.0), "take")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"config.json": b'{"model_type": "gpt2"}'}, "not those of MusicGen"),
        ({"tokenizer.json": b"{}"}, "vocabulary"),
        ({musicgen_tiny.MELODY_FILES[1]: b"no tensors"}, "cannot be read"),
    ],
    ids=["another kind", "no vocabulary", "no weights"],
)
def test_files_of_another_kind_are_one_sentence(tmp_path: Path, change: dict[str, bytes], reason: str) -> None:
    result = made(hub_with(tmp_path, {**musicgen_tiny.repository(), **change}), example(1.0))
    assert reason in result.fallback_reason


def test_weights_that_are_not_whole_are_refused(tmp_path: Path) -> None:
    files = musicgen_tiny.repository()
    half = {**files, musicgen_tiny.MELODY_FILES[1]: files[musicgen_tiny.MELODY_FILES[0]]}
    assert "not whole" in made(hub_with(tmp_path, half), example(1.0)).fallback_reason


def test_the_small_model_follows_words_alone_and_says_so(tmp_path: Path) -> None:
    hub = hub_with(tmp_path, musicgen_tiny.repository(melody=False), SMALL)
    asked = example(1.0)
    result = made(hub, asked, SMALL)
    assert result.fallback_reason == ""
    assert "does not follow the tune" in result.remarks[0]
    without = made(hub, TakeRequest(asked.words, 1.0), SMALL)
    np.testing.assert_array_equal(sound(result).samples, sound(without).samples)
    other = made(hub, TakeRequest("pop", 1.0), SMALL)
    assert not np.array_equal(sound(result).samples, sound(other).samples)
    hub.runtime.unload_all()


def test_whatever_a_model_gives_a_take_is_finite_as_long_as_asked_and_not_too_loud() -> None:
    spec = Registry.load(plugins=False, user=False).get(MELODY)
    guard = TakeGuard(TakeRequest("a waltz", 2.0), spec)

    def given(samples: Any, rate: int = 44_100) -> tuple[Alternative, ...]:
        class Sound:
            pass

        sound = Sound()
        sound.samples, sound.rate = samples, rate  # type: ignore[attr-defined]
        return guard.result(Result((Alternative(stems={NAME: sound}),)), seed=1, revision="r")

    loud = np.full((22_050, 2), 3.0, np.float32)
    loud[7] = np.nan
    (idea,) = given(loud)
    assert idea.stems[NAME].frames == 88_200
    assert np.abs(idea.stems[NAME].samples).max() <= 1.0
    assert any("broken samples" in text for text in idea.remarks)
    assert any("1.5 seconds early" in text for text in idea.remarks)
    assert any("too loud" in text for text in idea.remarks)
    assert "silent" in given(np.zeros((88_200, 1), np.float32))[0].remarks[-1]
    assert given("noise") == ()
    assert given(np.zeros((3, 3, 3), np.float32)) == ()


@pytest.mark.parametrize(
    "data", [{}, {"words": "", "seconds": 3}, {"words": "a", "seconds": 31}, {"words": "a", "seconds": 3, "x": 1}]
)
def test_a_wrong_request_is_one_sentence(data: dict[str, Any]) -> None:
    with pytest.raises(BadRequest):
        task("take").make_wire().read(data, {})


def test_a_take_is_measured_by_the_piece_s_own_card_on_what_is_heard() -> None:
    asked = Prompts().with_prompt(Prompt("words", read_words("in C major, 80 bpm, with a flute")))
    brief, score = make_brief(asked, seed=1), scale()
    own = measure_take(brief, asked, score, render(score))
    assert {line.measure for line in own.prompts} == {"key", "tempo"}  # who plays cannot be told from sound
    assert all(line.taken == "audio" for line in own.prompts)
    assert [line.value for line in own.prompts] == [1.0, 1.0]
    noise = np.random.default_rng(1).standard_normal((44_100, 1)).astype(np.float32)
    assert measure_take(brief, asked, score, Audio(0 * noise, 44_100)).remarks[0].startswith("Nothing can be heard")


def scale() -> Score:
    """Four bars of quarters in C major, a beat every three quarters of a second."""
    score = Score()
    score.tempos = [Tempo(0, 750_000)]
    track = Track("t1", name="Tune")
    for at, pitch in enumerate([60, 62, 64, 65, 67, 69, 71, 72, 72, 71, 69, 67, 65, 64, 62, 60]):
        track.notes[f"n{at}"] = Note(f"n{at}", at * score.ppq, score.ppq, pitch, 90)
    score.tracks.append(track)
    return score


@pytest.mark.hub
def test_both_halves_of_the_weights_and_the_large_vocabulary_are_pinned_and_fetched(
    server: HubServer,  # noqa: F811
    tmp_path: Path,
) -> None:
    files = musicgen_tiny.repository()
    files["tokenizer.json"] += b" " * 2_400_000  # as large as Meta's
    server.repos["facebook/musicgen-melody"] = Repo({**files, "state_dict.bin": b"never fetched", "README.md": b"x"})
    client = Client(server.address, tmp_path)
    code, _, err = client.models("pull", MELODY)
    assert (code, err) == (0, "")
    assert server.sent["state_dict.bin"] == 0
    lock = json.loads((tmp_path / "workbench" / "models.lock.json").read_text())
    assert set(lock["repositories"]["facebook/musicgen-melody"]["files"]) == set(files)
    assert "non-commercial" in client.models("show", MELODY)[1]
