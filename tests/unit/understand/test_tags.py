"""Tags never claim more than was measured, and say nothing where there is nothing to hear."""

from __future__ import annotations

import numpy as np

from workbench.nets.colour import BANDS, FAMILIES, GENRES, N_COLOUR, Colour
from workbench.nets.listen_spectrum import BINS, RATE, spectrum
from workbench.understand.frames import Frames
from workbench.understand.heard import Beats, HeardKey, HeardNote
from workbench.understand.tags import hit_rates, mood, tags_of

NOTES = [HeardNote(0.25 * at, 0.25 * at + 0.2, 60 + at % 12) for at in range(40)]


def frames_of(seconds: float, colour: np.ndarray | None) -> Frames:
    count = round(seconds * 50) + 1

    def rows(columns: int) -> np.ndarray:
        return np.zeros((count, columns), np.float16)

    return Frames(
        rows(88), rows(88), rows(88), rows(88), rows(88), rows(6), rows(2), rows(13), rows(8), rows(1)[:, 0],
        np.zeros(count, np.float32), 0.0, seconds, colour=colour,
    )  # fmt: skip


def colour_of(sound: np.ndarray) -> np.ndarray:
    colour = Colour()
    colour.add(spectrum(sound.astype(np.float32)))
    return colour.read()


def tone(hertz: float, seconds: float = 10.0) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    return 0.3 * np.sin(2 * np.pi * hertz * time) * np.exp(-3 * (time % 0.5))


def test_no_guess_is_surer_than_it_was_right() -> None:
    rates = hit_rates()
    assert set(rates) == {*FAMILIES, *GENRES}
    for hertz in (110.0, 440.0, 1760.0):
        found = tags_of(frames_of(10.0, colour_of(tone(hertz))), notes=NOTES, drums=[])
        for tag in (*found.get("instruments", ()), *found["genre"]):
            assert tag.confidence <= rates[tag.label] + 0.006


def test_high_sounds_are_bright_and_low_ones_dark() -> None:
    low = tags_of(frames_of(10.0, colour_of(tone(90.0))), notes=NOTES, drums=[])["brightness"][0]
    high = tags_of(frames_of(10.0, colour_of(tone(5_000.0))), notes=NOTES, drums=[])["brightness"][0]
    assert (low.label, high.label) == ("dark", "bright")


def test_pace_and_mode_are_put_in_words() -> None:
    frames = frames_of(10.0, None)
    beats = Beats(tuple(0.4 * at for at in range(25)))
    found = tags_of(frames, beats, HeardKey(0, "minor", 0.9), NOTES * 4, [])
    assert (found["tempo"][0].label, found["density"][0].label) == ("fast", "dense")
    assert found["mood"][0].label == mood("minor", 150.0, 16.0) == "tense"
    assert found["mood"][0].confidence < 0.9
    assert (mood("minor", 60.0, 2.0), mood("major", 140.0, 8.0)) == ("sad", "cheerful")


def test_nothing_is_said_of_silence_or_a_moment() -> None:
    assert tags_of(frames_of(10.0, np.zeros(N_COLOUR, np.float32)), notes=[], drums=[]) == {}
    assert tags_of(frames_of(1.0, None), notes=NOTES[:4], drums=[]) == {}


def test_colour_is_the_same_in_blocks_as_in_one_and_counts_what_sounds_alone() -> None:
    rows = spectrum(tone(300.0).astype(np.float32))
    whole, parts = Colour(), Colour()
    whole.add(rows)
    parts.add(rows[:200])
    parts.add(np.full((100, BINS), -0.2, np.float32))  # silence between
    parts.add(rows[200:])
    assert np.allclose(whole.read()[: 2 * BANDS], parts.read()[: 2 * BANDS], atol=1e-3)
