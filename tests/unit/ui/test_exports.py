"""Taking the piece away: what is exported is what is heard, the loop alone if so wished, and nothing half made."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.unit.sound.scores import RATE, band, decibels
from workbench.errors import BadRequest
from workbench.page.exports import Exports
from workbench.score.lanes import Silence
from workbench.score.score import Score
from workbench.sound.audio import Audio
from workbench.sound.files import read_audio


@pytest.fixture
def exports(tmp_path: Path) -> Exports:
    return Exports(tmp_path)


def make(exports: Exports, score: Score, kind: str, **options: Any) -> Path:
    return exports.make(score, kind, options, lambda share: None, lambda: False)


def sound(exports: Exports, score: Score, **options: Any) -> Audio:
    return read_audio(make(exports, score, "wav", **options))


def without(score: Score, *names: str) -> Score:
    score.tracks = [track for track in score.tracks if track.name not in names]
    return score


@pytest.mark.parametrize("kind", ["mp3", "wav"])
def test_muted_tracks_are_not_in_the_file(exports: Exports, kind: str) -> None:
    score = band()
    score.tracks[0].mute = True
    muted = read_audio(make(exports, score, kind))
    gone = read_audio(make(exports, without(band(), "Piano"), kind))
    assert np.abs(muted.samples - gone.samples).max() < 1e-4


def test_only_solo_tracks_are_in_the_file(exports: Exports) -> None:
    score = band()
    score.tracks[2].solo = True
    alone = Score(title="Band", tracks=[band().tracks[2]])
    heard, expected = sound(exports, score), sound(exports, alone)
    assert np.abs(heard.samples[: expected.frames] - expected.samples[: heard.frames]).max() < 1e-6


def test_a_muted_part_is_silent_in_the_file_and_in_the_zip(exports: Exports) -> None:
    score = band()
    for track in score.tracks:
        track.room = 0
        track.silences = [Silence(960, 960)]  # the second quarter: 0.5 to 1.0 seconds
    heard = sound(exports, score)
    part = heard.samples[round(0.51 * RATE) : round(0.99 * RATE)]
    assert not part.any()
    assert decibels(heard.samples[: round(0.4 * RATE)]) > -40
    with zipfile.ZipFile(make(exports, score, "zip")) as archive:
        stems = [name for name in archive.namelist() if "/stems/" in name]
        assert len(stems) == 4
        for name in stems:
            assert not read_audio(archive.read(name)).samples[round(0.51 * RATE) : round(0.99 * RATE)].any()


def test_muted_and_unsolo_tracks_are_silent_stems_in_the_zip(exports: Exports) -> None:
    score = band()
    score.tracks[1].solo = score.tracks[3].solo = True
    with zipfile.ZipFile(make(exports, score, "zip")) as archive:
        stems = sorted(name for name in archive.namelist() if "/stems/" in name)
        loud = [bool(read_audio(archive.read(name)).samples.any()) for name in stems]
    assert loud == [False, True, False, True]


def test_the_loop_alone_is_as_long_as_the_loop_and_sounds_like_that_part(exports: Exports) -> None:
    whole, part = sound(exports, band()), sound(exports, band(), loop=[960, 2880])
    assert part.frames == RATE
    start, edge = RATE // 2, round(0.003 * RATE)
    inside = slice(edge, RATE - edge)
    assert np.array_equal(part.samples[inside], whole.samples[start : start + RATE][inside])
    assert abs(part.samples[-1]).max() < 1e-3, "no click where it ends"


def test_a_loop_beyond_the_end_stops_at_the_last_bar_line(exports: Exports) -> None:
    assert sound(exports, band(), loop=[0, 2**31 - 1]).seconds == pytest.approx(2.0, abs=1e-3)
    with pytest.raises(BadRequest, match="loop"):
        sound(exports, band(), loop=[9_600, 19_200])


@pytest.mark.parametrize("loop", [[5, 5], [9, 1], [-1, 5], [0], "bars", [0.0, 5.0], [True, 9], [0, 2**40], {}])
def test_loops_that_make_no_sense_are_refused(exports: Exports, loop: Any) -> None:
    with pytest.raises(BadRequest):
        make(exports, band(), "wav", loop=loop)
    assert list(exports.folder.iterdir()) == []


@pytest.mark.parametrize("options", [{"rate": 8_000}, {"rate": True}, {"rate": [1]}, {"subtype": "mp3"}])
def test_rates_and_sample_formats_that_are_not_offered_are_refused(exports: Exports, options: Any) -> None:
    with pytest.raises(BadRequest, match="44100"):
        make(exports, band(), "wav", **options)


def test_the_zip_for_musicians_has_it_all_in_the_form_asked_for(exports: Exports) -> None:
    path = make(exports, band(), "zip", rate=48_000, subtype="pcm24", whole_bars=True, tempo_names=True)
    assert path.name == "Band.zip"
    with zipfile.ZipFile(path) as archive:
        names = {name.removeprefix("Band/") for name in archive.namelist()}
        mix = read_audio(archive.read("Band/mix_120bpm.wav"))
    assert names >= {"project.rpp", "project.dawproject", "score.mid", "stems/01-piano_120bpm.wav", "midi/01-piano.mid"}
    assert mix.rate == 48_000
    assert mix.frames % (2 * 48_000) == 0, "whole bars of two seconds"
