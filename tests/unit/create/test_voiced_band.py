"""A band for a voice: it follows the voice's beats, the voice stays as a stem, and bad recordings are told so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from workbench.create.voiced.band import TIGHTENED, VOICE, Take, band_for_voice
from workbench.errors import BadRequest
from workbench.page.voiced import export_take
from workbench.score.timemap import TimeMap
from workbench.sound.audio import Audio
from workbench.sound.recording import recorded
from workbench.understand.heard import Beats, Curve, Heard, HeardNote

RATE = 16_000
TUNE = (60, 62, 64, 60, 64, 65, 67, 67)


def sung() -> tuple[Audio, Heard]:
    """Two bars of a buzzing voice whose tempo breathes, and what is to be heard in them."""
    beats = 0.4 + np.cumsum(0.5 * (1 + 0.06 * np.sin(np.arange(9))))
    notes = tuple(
        HeardNote(float(start), float(end) - 0.03, pitch)
        for start, end, pitch in zip(beats[:-1], beats[1:], TUNE, strict=True)
    )
    length = float(beats[-1]) + 0.4
    times = np.arange(0, length, 0.016)
    hertz = np.zeros(len(times))
    for note in notes:
        hertz[(times >= note.start) & (times < note.end)] = 440 * 2 ** ((note.pitch - 69) / 12)
    fine = np.interp(np.arange(round(length * RATE)) / RATE, times, hertz)
    phase = 2 * np.pi * np.cumsum(fine) / RATE
    sound = np.sum([np.sin(k * phase) / k for k in range(1, 8)], axis=0) * (fine > 100) * 0.02
    found = Heard(
        length, beats=Beats(tuple(beats.tolist())).with_ones((0, 4, 8)), melody=notes, notes=notes,
        curve=Curve(times, hertz, np.ones(len(times))), kind="singing", model="singing",
    )  # fmt: skip
    return Audio(sound.astype(np.float32)[:, None], RATE), found


@pytest.fixture(scope="module")
def take() -> Take:
    voice, heard = sung()
    return band_for_voice(voice, heard=heard, style="rock", seed=1)[0]


def seconds_of(take: Take, name: str) -> np.ndarray:
    times = TimeMap(take.score)
    track = next(track for track in take.score.tracks if track.name == name)
    return np.array([times.seconds(note.start) for note in track.sorted_notes()])


def test_the_band_strikes_on_the_beats_of_the_voice(take: Take) -> None:
    struck = seconds_of(take, "Drums")
    for beat in take.heard.beats.beats[:-1]:
        assert np.abs(struck - beat).min() < 0.03


def test_the_voice_keeps_its_notes_and_its_sound(take: Take) -> None:
    _, heard = sung()
    tune = next(track for track in take.score.tracks if track.name == VOICE)
    assert np.allclose(seconds_of(take, VOICE), [note.start for note in heard.notes], atol=1e-3)
    assert tuple(note.pitch for note in tune.sorted_notes()) == TUNE
    with recorded(take.score, given=take.given) as made:
        number = [track.id for track in take.score.tracks].index(tune.id)
        stems = [np.concatenate(list(made.stem_blocks(place))) for place in range(len(take.score.tracks))]
        mix = np.concatenate(list(made.mix_blocks()))
        assert np.abs(mix - np.sum(stems, axis=0)).max() < 10 ** (-90 / 20)
        voice = take.given[tune.id].resampled(made.rate).samples[:, 0]
        assert np.allclose(stems[number][: len(voice), 0], voice * made.gain, atol=1e-6)


def test_tightened_beats_are_even_and_the_notes_go_along() -> None:
    voice, heard = sung()
    take = band_for_voice(voice, heard=heard, style="rock", timing=TIGHTENED)[0]
    beats = np.array(take.heard.beats.beats)
    assert np.ptp(np.diff(beats)) < 1e-6
    assert np.allclose([note.start for note in take.heard.notes], beats[:-1], atol=1e-6)
    sound = np.abs(next(iter(take.given.values())).samples[:, 0])
    first = np.flatnonzero(sound > 0.01)[0] / RATE
    assert abs(first - beats[0]) < 0.03


def test_a_choir_sings_the_other_voices() -> None:
    voice, heard = sung()
    take = band_for_voice(voice, heard=heard, style="rock", choir=True)[0]
    names = {track.id: track.name for track in take.score.tracks}
    assert sorted(names[own] for own in take.given) == ["Choir alto", "Choir bass", "Choir tenor", VOICE]
    sounds = [audio.samples[: voice.frames, 0] for audio in take.given.values()]
    assert all(np.abs(sound).max() > 0.01 for sound in sounds)
    assert np.abs(np.corrcoef([sound[:RATE] for sound in sounds])[0, 1:]).max() < 0.9


def test_the_folder_holds_the_voice_and_says_who_wrote_what(take: Take, tmp_path: Path) -> None:
    manifest = export_take(take, tmp_path / "out")
    tracks = {track["name"]: track for track in manifest["tracks"]}
    assert not tracks[VOICE]["silent"]
    assert (tmp_path / "out" / tracks[VOICE]["stem"]).exists()
    assert [run["model"] for run in manifest["facts"]["runs"]] == [take.idea.model]


def test_what_cannot_be_followed_is_told() -> None:
    voice, heard = sung()
    with pytest.raises(BadRequest, match="No sung note"):
        band_for_voice(voice, heard=Heard(heard.duration))
    with pytest.raises(BadRequest, match="silent"):
        band_for_voice(Audio(np.zeros((RATE, 1), np.float32), RATE), heard=Heard(1.0, notes=(HeardNote(0.1, 0.5, 60),)))
    with pytest.raises(BadRequest, match="followed or tightened"):
        band_for_voice(voice, heard=heard, timing="loose")
    free = Heard(heard.duration, notes=heard.notes, kind="singing")
    take = band_for_voice(voice, heard=free, style="rock")[0]
    assert np.abs(seconds_of(take, "Drums") - heard.notes[0].start).min() < 0.03
