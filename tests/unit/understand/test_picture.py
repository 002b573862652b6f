"""The drawing of what was heard: everything is in it, where it was heard."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.sound.audio import Audio
from workbench.understand.heard import (
    Beats,
    Curve,
    Heard,
    HeardChord,
    HeardKey,
    HeardNote,
    HeardSection,
)
from workbench.understand.picture import LOWEST, picture_of, pitch_name


def tone(pitch: int, rate: int = 44_100, seconds: float = 2.0) -> Audio:
    time = np.arange(round(rate * seconds)) / rate
    wave = np.sin(2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * time) * (time >= seconds / 2)
    return Audio(np.stack([wave, 0.5 * wave], axis=1).astype(np.float32), rate)


@pytest.mark.parametrize(("pitch", "rate"), [(45, 44_100), (69, 8_000), (84, 96_000)])
def test_a_tone_is_brightest_in_its_own_row_and_from_when_it_begins(pitch: int, rate: int) -> None:
    picture = picture_of(tone(pitch, rate))
    column = int(1.5 / picture.seconds)
    assert int(picture.levels[:, column].argmax()) + picture.low == pitch
    assert picture.levels[pitch - LOWEST, column] > 240
    assert picture.levels[:, int(0.5 / picture.seconds)].max() == 0


def test_the_picture_of_an_hour_is_no_larger_than_a_screen_shows() -> None:
    samples = np.zeros((4_000 * 3_600, 1), np.float32)
    samples[::40] = 0.5
    picture = picture_of(Audio(samples, 4_000))
    assert picture.levels.shape[1] <= 4_000
    assert picture.levels.nbytes < 400_000


def test_the_shortest_sound_has_a_picture() -> None:
    assert picture_of(Audio(np.full((40, 1), 0.5, np.float32), 8_000)).levels.shape == (88, 1)


def test_the_drawing_shows_notes_beats_chords_sections_and_the_sung_pitch() -> None:
    heard = Heard(
        4.0, 12.0, Beats((0.5, 1.0, 1.5, 2.0), (0.5,)), HeardKey(9, "minor"),
        chords=(HeardChord(0, 2, "A:min7", 0.8), HeardChord(2, 3, "N"), HeardChord(3, 4, "F:maj")),
        melody=(HeardNote(1.0, 1.5, 76, confidence=0.9), HeardNote(1.5, 2.0, 77, confidence=0.2)),
        notes=(HeardNote(1.0, 1.5, 76), HeardNote(0.5, 2.0, 57)), drums=(HeardNote(0.5, 0.6, 36, drum=True),),
        sections=(HeardSection(0, 4, "A"),), kind="band",
        curve=Curve(np.array([1.0, 1.01, 1.02]), np.array([440.0, 0.0, 880.0]), np.ones(3)),
        picture=picture_of(tone(69)),
    )  # fmt: skip
    figure = heard.plot()
    by_name = {trace.name: trace for trace in figure.data}
    assert {"Spectrum", "Beats", "Bars", "Notes", "Melody", "Melody, unsure", "Drums", "Sung pitch"} <= by_name.keys()
    assert (min(by_name["Melody"].x[:5]), max(by_name["Melody"].x[:5])) == (1.0, 1.5)
    assert by_name["Melody"].text[0] == "E5, 1.00 to 1.50 s, 90% sure"
    assert len(by_name["Notes"].x) == 6  # the melody's own note is drawn once
    assert by_name["Chords"].text == ("A:min7", "F:maj")
    assert by_name["Sections"].base == (0.0,)
    assert np.allclose(by_name["Sung pitch"].y[[0, 2]], [69, 81])
    assert np.isnan(by_name["Sung pitch"].y[1])
    assert "A minor" in figure.layout.title.text
    assert "12 cents above" in figure.layout.title.text
    figure.to_json()


def test_nothing_heard_can_be_drawn_too() -> None:
    assert Heard(1.0).plot().layout.xaxis.range == (0, 1.0)


def test_pitches_are_named_as_musicians_do() -> None:
    assert [pitch_name(pitch) for pitch in (60, 69, 21, 63)] == ["C4", "A4", "A0", "Eb4"]
