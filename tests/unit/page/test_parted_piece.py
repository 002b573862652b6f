"""A recording that was taken apart as a piece: its stems sound, and an instrument takes the place of one."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.unit.page.ears import PITCHES
from tests.unit.page.test_listen import Listener, tone
from workbench.page.recorded import RECORDING
from workbench.score.recorded import as_notes, sounds_of
from workbench.score.score import Score
from workbench.score.timemap import TimeMap
from workbench.sound.files import read_audio

STEMS = ("drums", "bass", "other")


@pytest.fixture
def parted(tmp_path: Path) -> tuple[Listener, dict[str, Any]]:
    """A page with a recording of four seconds and three stems that sum to it."""
    page = Listener(tmp_path)
    tones = [tone(pitch, 4.0, 0.2) for pitch in (50, 40, 64)]
    ids = [page.bring(own, f"song ({name}).flac") for name, own in zip(STEMS, tones, strict=True)]
    return page, {"media": page.bring(sum(tones), "song.wav"), "stems": dict(zip(STEMS, ids, strict=True))}


def opened(page: Listener, score: Score) -> None:
    page.call("open", score=score.to_dict(), revision=1)


def stems_of(page: Listener, folder: Path) -> tuple[list[np.ndarray], np.ndarray]:
    made = page.job("export", kind="zip", options={})[-1]
    assert made["type"] == "export.result", made
    with zipfile.ZipFile(made["path"]) as archive:
        archive.extractall(folder)
    stems = [read_audio(path).samples for path in sorted(folder.rglob("stems/*.wav"))]
    return stems, read_audio(next(folder.rglob("mix.wav"))).samples


def test_each_stem_is_a_track_with_its_sound_and_its_notes(parted: tuple[Listener, dict[str, Any]]) -> None:
    page, asked = parted
    said = page.job("stems.piece", **asked)
    assert said[-1]["type"] == "stems.piece.result", said[-1]
    shares = [step["done"] for step in said if step["type"] == "stems.piece.progress" and step["done"] is not None]
    assert shares == sorted(shares)
    score = Score.from_dict(said[-1]["score"])
    assert [track.name for track in score.tracks] == ["Drums", "Bass", "Other"]
    shelf = page.pages.page({"session": page.session}).media
    wanted = [shelf.get(own).sha256 for own in asked["stems"].values()]
    assert [sound.sha256 for sound in sounds_of(score).values()] == wanted
    assert {track.id for track in score.tracks}.isdisjoint({"t1", "t2", "t3"}), "no later track gets a recording's id"
    assert [note.pitch for note in score.tracks[2].sorted_notes()] == list(PITCHES)
    times = TimeMap(score)
    starts = [times.seconds(note.start) for note in score.tracks[2].sorted_notes()]
    assert starts == pytest.approx([number / 2 for number in range(8)], abs=1e-3), "the bars lie where they were heard"
    assert set(said[-1]["runs"]) <= set(page.pages.page({"session": page.session}).log.runs)


def test_an_instrument_takes_the_place_of_a_stem_and_all_stems_sum_to_the_mix(
    parted: tuple[Listener, dict[str, Any]], tmp_path: Path
) -> None:
    page, asked = parted
    score = Score.from_dict(page.job("stems.piece", **asked)[-1]["score"])
    for track in score.tracks:  # nobody looks for a model's notes in training music here: that has its own test
        track.notes = {note.id: replace(note, author="human") for note in track.notes.values()}
    opened(page, score)
    recorded = page.job("waveforms")[-1]["peaks"]
    score.meta = as_notes(score, score.tracks[2].id)
    opened(page, score)
    played = page.job("waveforms")[-1]["peaks"]
    assert min(max(peaks) for peaks in (*recorded.values(), *played.values())) > 20
    level, struck = recorded[score.tracks[2].id][5:150], played[score.tracks[2].id][5:150]
    assert max(level) - min(level) < 0.1 * max(level), "a steady tone was recorded"
    assert min(struck) < 0.6 * max(struck), "an instrument strikes its notes"
    stems, mix = stems_of(page, tmp_path)
    assert np.abs(mix - sum(stems)).max() < 10 ** (-90 / 20)
    for stem, pitch in ((stems[0], 50), (stems[1], 40), (stems[2][:20_000], 60)):
        assert spectrum_peak(stem) == pytest.approx(440 * 2 ** ((pitch - 69) / 12), rel=0.01)


def spectrum_peak(samples: np.ndarray) -> float:
    """The loudest frequency, in Hz."""
    mono = samples.mean(axis=1)
    power = np.abs(np.fft.rfft(mono * np.hanning(len(mono)), 1 << 18))
    return float(power.argmax() * 44_100 / (1 << 18))


def test_a_recording_is_played_along_with_on_a_track_of_its_own(tmp_path: Path) -> None:
    page = Listener(tmp_path)
    media = page.bring(tone(60, 4.0), "song.wav")
    heard = page.job("listen", media=media)[-1]
    reply = page.call("listen.score", id=heard["hearing"], media=media, start=0.5)
    score = Score.from_dict(reply["score"])
    first, *others = score.tracks
    assert (first.name, first.notes, first.mute) == (RECORDING, {}, False)
    assert others
    assert all(track.mute for track in others)
    sound = sounds_of(score)[first.id]
    assert (sound.start, sound.seconds) == (0.5, 3.5)
    assert [(chord.root, chord.quality) for chord in score.chords] == [(0, "maj"), (7, "7")], "what the Genie follows"
    for track in others:
        track.notes = {}
    opened(page, score)
    assert page.job("export", kind="wav", options={})[-1]["type"] == "export.result", "no note is needed to hear it"


def test_a_project_opened_on_another_page_sounds_with_its_recordings(
    parted: tuple[Listener, dict[str, Any]], tmp_path: Path
) -> None:
    page, asked = parted
    opened(page, Score.from_dict(page.job("stems.piece", **asked)[-1]["score"]))
    saved = Path(page.job("export", kind="wbz", options={})[-1]["path"])
    other = Listener(tmp_path)
    reply = other.call("import", id=other.bring_file(saved, "song.wbz"))
    assert (reply["type"], reply["report"]) == ("open", [])
    score = Score.from_dict(reply["score"])
    for track in score.tracks:
        track.notes = {}
    opened(other, score)
    peaks = other.job("waveforms")[-1]["peaks"]
    assert all(max(drawn) > 20 for drawn in peaks.values()), "nothing but the recordings can sound here"


@pytest.mark.parametrize("wrong", [{}, {"drums": "0" * 32}, ["drums"], {"drums": 3}])
def test_stems_that_are_not_there_get_one_sentence(parted: tuple[Listener, dict[str, Any]], wrong: Any) -> None:
    page, asked = parted
    said = page.job("stems.piece", media=asked["media"], stems=wrong)[-1]
    assert said["type"] == "stems.piece.error"
    assert said["text"].endswith(".")
