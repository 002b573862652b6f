"""Tracks that sound as they were recorded: which recording, how loud, and that their stems still sum to the mix."""

from __future__ import annotations

import argparse
import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from workbench.commands.sound import run_render
from workbench.deliver.stems import export_stems
from workbench.score.lanes import Silence
from workbench.score.project import Project
from workbench.score.recorded import FACT, RecordedSound, as_notes, sounds_of, with_sound
from workbench.score.score import Note, Score, Track
from workbench.sound.audio import Audio
from workbench.sound.files import read_audio, write_audio
from workbench.sound.given import MIX_LEVEL, MIX_PEAK, given_in, given_of, level_of

RATE = 44_100


@pytest.fixture
def taken(tmp_path: Path) -> tuple[Score, dict[str, str], Audio]:
    """Two tracks, the first of which is a recording of a second of noise."""
    noise = 0.2 * np.random.default_rng(1).standard_normal((RATE, 2)).clip(-1, 1)
    path = tmp_path / "noise.flac"
    write_audio(Audio(noise.astype(np.float32), RATE), path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    score = Score(tracks=[Track("drums-1", "Drums"), Track("t2", "Tune")])
    for track in score.tracks:
        track.notes = {"n1": Note("n1", 0, 960, 60)}
    with_sound(score, "drums-1", RecordedSound(digest, 250, 500, -602))
    return score, {digest: str(path)}, read_audio(path)


def test_a_fact_names_the_recording_and_nonsense_names_none(taken: tuple[Score, dict[str, str], Audio]) -> None:
    score, files, _ = taken
    sound = sounds_of(score)["drums-1"]
    assert (sound.start, sound.seconds, sound.heard) == (0.25, 0.5, True)
    assert sound.gain == pytest.approx(0.5, abs=1e-3)
    assert RecordedSound.read(sound.line()) == sound
    score.meta = as_notes(score, "drums-1")
    assert not sounds_of(score)
    assert sounds_of(score, heard_only=False)["drums-1"] == replace(sound, heard=False)
    assert given_of(score, files) == {}, "its notes are heard instead"
    score.meta = {FACT + "drums-1": "anything", FACT + "gone": sound.line()}
    assert not sounds_of(score, heard_only=False)


def test_the_part_of_the_recording_sounds_in_the_mix_and_the_stems_sum_to_it(
    taken: tuple[Score, dict[str, str], Audio], tmp_path: Path
) -> None:
    score, files, noise = taken
    given = given_of(score, files)
    manifest = export_stems(score, tmp_path / "out", given=given, no_mark="test")
    stems = [read_audio(tmp_path / "out" / track["stem"]).samples.astype(np.float64) for track in manifest["tracks"]]
    mix = read_audio(tmp_path / "out" / "mix.wav").samples
    assert float(np.abs(mix - sum(stems)).max()) < 10 ** (-90 / 20)
    part = noise.samples[RATE // 4 : 3 * RATE // 4]
    heard = stems[0][: len(part)]
    share = float((heard * part).sum() / (part * part).sum())
    assert float(np.abs(heard - share * part).max()) < 1e-4, "it begins with the piece, and nothing else sounds"
    assert not stems[0][len(part) + 10 :].any()
    assert np.abs(stems[1]).max() > 0.01, "the other track plays its notes"


def test_volume_and_muted_ranges_hold_for_a_recording(
    taken: tuple[Score, dict[str, str], Audio], tmp_path: Path
) -> None:
    score, files, _ = taken
    score.tracks[1].mute = True
    usual = export(score, files, tmp_path / "usual")
    score.tracks[0].volume = 50
    score.tracks[0].silences = [Silence(0, 480)]
    softer = export(score, files, tmp_path / "softer")
    quarter = round(0.25 * RATE)
    assert not softer[1_000 : quarter - 1_000].any()
    # The mix is brought to one loudness either way, so what is left of it is the same but for its gain.
    both = np.stack([usual[quarter + 1_000 : 2 * quarter], softer[quarter + 1_000 : 2 * quarter]])
    assert np.corrcoef(both[:, :, 0])[0, 1] > 0.9999


def export(score: Score, files: dict[str, str], folder: Path) -> np.ndarray:
    manifest = export_stems(score, folder, given=given_of(score, files), no_mark="test")
    return read_audio(folder / manifest["tracks"][0]["stem"]).samples


def test_a_project_brings_the_recording_along(taken: tuple[Score, dict[str, str], Audio], tmp_path: Path) -> None:
    score, files, _ = taken
    score.tracks[0].notes = score.tracks[1].notes = {}
    score.tracks[1].mute = True
    [path] = files.values()
    Project(score, media={"noise.flac": Path(path), "other.txt": b"no sound"}).save(tmp_path / "piece.wbz")
    media = Project.open(tmp_path / "piece.wbz").media
    assert list(given_in(score, media)) == ["drums-1"]
    arguments = argparse.Namespace(
        input=str(tmp_path / "piece.wbz"), output=str(tmp_path / "out.wav"), rate=RATE, shape=None, no_mark="test"
    )
    assert "2 tracks" in run_render(arguments)
    assert np.abs(read_audio(tmp_path / "out.wav").samples).max() > 0.1, "a piece without notes is heard all the same"


def test_a_finished_recording_is_brought_to_the_level_of_a_band() -> None:
    loud = Audio(np.full((1_000, 1), 0.5, np.float32), RATE)
    assert 0.5 * 10 ** (level_of(loud) / 2_000) == pytest.approx(MIX_LEVEL, rel=2e-3)
    sharp = Audio(np.eye(1, 1_000, dtype=np.float32).T, RATE)  # one stroke in silence
    assert 10 ** (level_of(sharp) / 2_000) == pytest.approx(MIX_PEAK, rel=2e-3)
    assert level_of(Audio(np.zeros((10, 1), np.float32), RATE)) == 0
