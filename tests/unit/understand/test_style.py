"""The figures of a style are those of the music that was heard."""

from __future__ import annotations

import json

import pytest

from workbench.errors import BadRequest
from workbench.understand.heard import Beats, Heard, HeardChord, HeardKey, HeardNote, HeardTag
from workbench.understand.style import DIMENSIONS, Style, style_of

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


HEARD = Style(96.0, 3, "minor", 2.5, 1.0, 2.0, 40.0, 60.0, 80.0, 90.0, 20.0, 0.6, 2.0, 0.3, ("piano", "strings"))


def test_a_style_survives_its_json_form_and_a_correction() -> None:
    assert Style.from_json(json.loads(json.dumps(HEARD.to_json()))) == HEARD
    faster = HEARD.corrected(tempo=120, instruments=["organ"])
    assert (faster.tempo, faster.instruments, faster.mode) == (120.0, ("organ",), "minor")
    assert HEARD.rate == pytest.approx(3.5 * 96 / 60)


@pytest.mark.parametrize(
    "change", [{"tempo": -1}, {"mode": "lydian"}, {"metre": 0}, {"instruments": "piano"}, {"swing": None}, {"taste": 1}]
)
def test_a_style_that_makes_no_sense_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(BadRequest):
        Style.from_json(HEARD.to_json() | change)
    with pytest.raises(BadRequest):
        HEARD.corrected(**change)


def test_every_figure_belongs_to_one_dimension() -> None:
    names = [name for _, own in DIMENSIONS.values() for name in own]
    assert sorted(names) == sorted(HEARD.to_json())
    assert HEARD.of("register") == {"low": 40.0, "middle": 60.0, "high": 80.0}
