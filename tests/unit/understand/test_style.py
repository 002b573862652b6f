"""The figures of a style are those of the music that was heard."""

from __future__ import annotations

import pytest

from workbench.understand.heard import Beats, Heard, HeardChord, HeardKey, HeardNote, HeardTag
from workbench.understand.style import style_of

BEATS = Beats(tuple(0.5 * at for at in range(33)), tuple(2.0 * at for at in range(9)))


def eighths(swing: float, late: float = 0.0) -> tuple[HeardNote, ...]:
    """Two notes a beat for 32 beats at 120 beats a minute, the second where ``swing`` says."""
    out = []
    for beat in range(32):
        for share in (0.0, swing):
            start = 0.5 * (beat + share) + late
            out.append(HeardNote(start, start + 0.2, 60 + beat % 12, 50 + 40 * (beat % 2)))
    return tuple(out)


@pytest.mark.parametrize("swing", [0.5, 0.58, 0.667])
def test_swing_is_where_the_second_eighth_falls(swing: float) -> None:
    assert style_of(Heard(17.0, beats=BEATS, notes=eighths(swing))).swing == pytest.approx(swing, abs=0.01)


def test_sixteenths_do_not_swing() -> None:
    notes = tuple(HeardNote(0.125 * at, 0.125 * at + 0.1, 60) for at in range(128))
    assert style_of(Heard(17.0, beats=BEATS, notes=notes)).swing == pytest.approx(0.5, abs=0.01)


def test_figures_of_known_music() -> None:
    chords = tuple(HeardChord(2.0 * bar, 2.0 * bar + 2.0, "C:maj7" if bar % 2 else "F:maj") for bar in range(8))
    drums = tuple(HeardNote(0.25 * at, 0.25 * at + 0.05, 42, drum=True) for at in range(64))
    style = style_of(Heard(
        16.0, beats=Beats(BEATS.beats, BEATS.downbeats, tempo=120.0), key=HeardKey(9, "minor"), chords=chords,
        notes=eighths(0.5), drums=drums, tags={"instruments": (HeardTag("piano", 0.8), HeardTag("drums", 0.7))},
    ))  # fmt: skip
    assert (style.tempo, style.metre, style.mode) == (pytest.approx(120.0), 4, "minor")
    assert (style.density, style.strokes) == (pytest.approx(2.0, abs=0.05), pytest.approx(2.0, abs=0.05))
    assert (style.chord_beats, style.sevenths) == (pytest.approx(4.0), pytest.approx(0.5))
    assert (style.low, style.middle, style.high) == pytest.approx((61, 65, 70), abs=1.0)
    assert (style.dynamics, style.voices) == (pytest.approx(40, abs=1), pytest.approx(1.0))
    assert style.instruments == ("piano", "drums")
    assert style.to_json()["instruments"] == ["piano", "drums"]


def test_chords_sound_in_several_voices() -> None:
    notes = tuple(HeardNote(at, at + 0.9, pitch) for at in range(8) for pitch in (48, 60, 64, 67))
    assert style_of(Heard(9.0, notes=notes)).voices == pytest.approx(4.0)


def test_silence_has_a_style_of_zeros() -> None:
    style = style_of(Heard(5.0))
    assert (style.tempo, style.density, style.mode, style.instruments) == (0.0, 0.0, "", ())
