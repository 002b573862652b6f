"""Recordings taken apart by their notes: each track gets what its notes explain, nobody else's."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.errors import BadRequest
from workbench.sound.audio import Audio
from workbench.understand.heard import HeardNote
from workbench.understand.informed import family, separate_with_notes

RATE = 22_050


def played(notes: list[HeardNote], seconds: float, fall: float) -> np.ndarray:
    """A tone of eight overtones for each note, or a burst of noise for a stroke."""
    rng, out = np.random.default_rng(2), np.zeros(round(seconds * RATE))
    for note in notes:
        time = np.arange(round((note.end - note.start) * RATE)) / RATE
        if note.drum:
            sound = rng.normal(size=len(time)) * np.exp(-time * 30)
        else:
            hertz = 440 * 2 ** ((note.pitch - 69) / 12)
            sound = sum(np.sin(2 * np.pi * hertz * n * time) / n**fall for n in range(1, 9))
        start = round(note.start * RATE)
        out[start : start + len(time)] += 0.1 * sound * np.minimum(1, (note.end - note.start - time) / 0.02)
    return out[:, None].astype(np.float32)


FLUTE = [HeardNote(0.1 + 0.5 * n, 0.55 + 0.5 * n, pitch) for n, pitch in enumerate((72, 74, 76, 77))]
BASS = [HeardNote(0.1 + 1.0 * n, 1.0 + 1.0 * n, pitch) for n, pitch in enumerate((36, 43))]
DRUMS = [HeardNote(0.35 + 0.5 * n, 0.6 + 0.5 * n, 38, drum=True) for n in range(4)]
TRACKS = {"flute": FLUTE, "bass": BASS, "drums": DRUMS}


def ratio(estimate: np.ndarray, truth: np.ndarray) -> float:
    """Signal to distortion in decibels."""
    return float(10 * np.log10(np.sum(truth**2.0) / np.sum((estimate - truth) ** 2.0)))


def test_each_track_gets_its_own_notes() -> None:
    truth = {name: played(notes, 2.3, 1.0 if name == "bass" else 2.0) for name, notes in TRACKS.items()}
    audio = Audio(sum(truth.values()).astype(np.float32), RATE)
    done: list[float] = []
    stems = separate_with_notes(audio, TRACKS, step=done.append)
    assert list(stems) == ["flute", "bass", "drums", "rest"]
    assert done[-1] == 1.0
    for name, true in truth.items():
        assert ratio(stems[name].samples, true) > ratio(audio.samples, true) + 8, name
    assert np.abs(sum(stem.samples for stem in stems.values()) - audio.samples).max() < 1e-5


def test_what_no_note_explains_is_the_rest() -> None:
    truth = {name: played(notes, 2.3, 1.0) for name, notes in TRACKS.items()}
    audio = Audio((truth["flute"] + truth["drums"]).astype(np.float32), RATE)
    stems = separate_with_notes(audio, {"flute": FLUTE, "silent": [HeardNote(30.0, 31.0, 60)]})
    assert np.abs(stems["silent"].samples).max() < 1e-3
    assert ratio(stems["rest"].samples, truth["drums"]) > 5


def test_families_are_told_by_the_notes() -> None:
    assert [family(notes) for notes in (FLUTE, BASS, DRUMS, [])] == ["other", "bass", "drums", "other"]


@pytest.mark.parametrize("tracks", [{}, {"rest": FLUTE}])
def test_a_track_to_take_out_is_needed(tracks: dict[str, list[HeardNote]]) -> None:
    with pytest.raises(BadRequest):
        separate_with_notes(Audio(np.zeros((10, 1), np.float32), RATE), tracks)
