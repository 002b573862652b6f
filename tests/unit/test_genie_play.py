"""Playing the Genie: every press counts, one seed one result, and the golden performances."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench.create.genie.play import GeniePlayer, decode
from workbench.errors import BadRequest
from workbench.hub.tasks.genie.chords import PlayChord, chord_at, parse_symbol
from workbench.hub.tasks.genie.request import GenieSettings, read_presses
from workbench.score.canonical import dumps
from workbench.score.score import Score

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "genie_decode.json").read_text())


def line(buttons: list[int], gap: float = 0.3) -> list[dict[str, Any]]:
    return [{"time": round(gap * place, 6), "button": button} for place, button in enumerate(buttons)]


def pitches(score: Score) -> list[int]:
    """Pitches in the order of the presses."""
    (track,) = score.tracks
    return [track.notes[f"n{place}"].pitch for place in range(1, len(track.notes) + 1)]


@pytest.mark.parametrize("case", GOLDEN, ids=[case["name"] for case in GOLDEN])
def test_golden_performances(case: dict[str, Any]) -> None:
    options = {name: tuple(value) if isinstance(value, list) else value for name, value in case["settings"].items()}
    player = GeniePlayer(GenieSettings(**options), case["seed"])
    chords = [PlayChord(**chord) for chord in case["chords"]]
    found = [player.press(item["button"], item["time"], chord_at(chords, item["time"])) for item in case["presses"]]
    assert found == case["pitches"]
    if case["chord_text"]:
        score = decode(case["presses"], case["chord_text"], GenieSettings(**options), case["seed"])
        assert pitches(score) == case["pitches"]


def test_one_seed_one_result() -> None:
    presses = line([2, 4, 3, 5, 6, 1, 0, 7] * 4)
    assert dumps(decode(presses, seed=3)) == dumps(decode(presses, seed=3))
    assert len({tuple(pitches(decode(presses, seed=seed))) for seed in range(6)}) == 6


def test_eight_presses_in_one_moment_are_eight_notes_in_order() -> None:
    score = decode([{"time": 1.0, "button": button} for button in range(8)])
    found = pitches(score)
    assert len(found) == 8
    assert found == sorted(set(found))
    assert {note.start for note in score.tracks[0].notes.values()} == {1920}


def test_a_take_is_an_editable_track_with_its_author() -> None:
    presses = [{"time": 0.5, "button": 2, "release": 1.25, "velocity": 33}, {"time": 0.0, "button": 3}]
    score = decode(presses, "C Am")
    (track,) = score.tracks
    first, second = track.sorted_notes()
    assert (first.start, first.duration, first.velocity, first.author) == (0, 480, 80, "human+model:piano-genie")
    assert (second.start, second.duration, second.velocity) == (960, 1440, 33)
    assert second.pitch < first.pitch
    assert [(chord.tick, chord.root, chord.quality) for chord in score.chords] == [(0, 0, "maj")]
    assert Score.from_dict(score.to_dict()).to_dict() == score.to_dict()


def test_the_public_name_takes_settings_as_arguments() -> None:
    import workbench

    presses = line([1, 2, 3, 2])
    assert dumps(workbench.genie(presses, "C", seed=2, temperature=0.3)) == dumps(
        decode(presses, "C", GenieSettings(temperature=0.3), 2)
    )
    with pytest.raises(BadRequest, match="heat"):
        workbench.genie(presses, heat=1)


def test_no_press_no_note() -> None:
    assert decode([]).note_count == 0


def test_the_tune_follows_the_hand() -> None:
    rng = np.random.default_rng(0)
    buttons = rng.integers(0, 8, 300).tolist()
    found = pitches(decode(line(buttons), seed=5))
    assert np.sign(np.diff(found)).tolist() == np.sign(np.diff(buttons)).tolist()
    assert np.abs(np.diff(found)).max() <= 24


def test_hard_chords_sound_chord_tones_alone_even_on_the_change() -> None:
    buttons = [3, 3, 4, 5, 5, 5, 2, 1] * 20
    score = decode(line(buttons, 0.25), "C F#m Bb7", GenieSettings(chords="hard"), 1)
    tones = [chord.pitch_classes for chord in map(parse_symbol, ("C", "F#m", "Bb7"))]
    for note in score.tracks[0].notes.values():
        assert note.pitch % 12 in tones[note.start // 3840 % 3]


def test_chords_change_what_sounds_unless_they_are_off() -> None:
    presses = line([0, 2, 4, 6, 5, 3, 1, 2] * 6)
    plain = pitches(decode(presses, seed=1, settings=GenieSettings(chords="off")))
    assert pitches(decode(presses, "F# B", GenieSettings(chords="off"), 1)) == plain
    assert pitches(decode(presses, "F# B", GenieSettings(chords="hint"), 1)) != plain


def test_soft_chords_lean_towards_the_chord() -> None:
    presses = line(np.random.default_rng(1).integers(0, 8, 400).tolist())
    tones = parse_symbol("F#").pitch_classes

    def share(rule: str) -> float:
        return float(np.mean([p % 12 in tones for p in pitches(decode(presses, "F#", GenieSettings(chords=rule), 1))]))

    assert share("soft") > max(0.6, share("off") + 0.2)


def test_a_scale_is_never_left() -> None:
    settings = GenieSettings(scale=(0, 2, 4, 5, 7, 9, 11), temperature=2.0)
    found = pitches(decode(line([0, 7, 3, 4, 4, 2, 6] * 30), settings=settings))
    assert {pitch % 12 for pitch in found} <= set(settings.scale)


def test_replayable_mode_brings_the_phrase_back() -> None:
    phrase = [2, 4, 3, 5, 5, 6, 1, 0]
    settings = GenieSettings(mode="replayable", temperature=1.0)
    found = np.array(pitches(decode(line(phrase * 6), settings=settings, seed=8))).reshape(6, 8)
    assert (found == found[0]).all()


def test_four_buttons_span_the_eight() -> None:
    four = pitches(decode(line([0, 1, 2, 3, 2, 0]), settings=GenieSettings(buttons=4), seed=2))
    assert four == pitches(decode(line([0, 2, 5, 7, 5, 0]), seed=2))
    with pytest.raises(BadRequest, match="0 to 3"):
        decode(line([4]), settings=GenieSettings(buttons=4))


def test_one_switch_plays_a_tune_that_moves() -> None:
    presses = [{"time": 0.3 * place} for place in range(200)]
    found = pitches(decode(presses, settings=GenieSettings(buttons=1), seed=4))
    assert len(found) == 200
    assert (np.diff(found) != 0).all()
    assert len(set(found)) > 10
    assert found == pitches(decode(presses, settings=GenieSettings(buttons=1), seed=4))


def test_looking_inside_shows_chances_and_changes_nothing() -> None:
    player, twin = GeniePlayer(seed=1), GeniePlayer(seed=1)
    for button in (3, 4, 5):
        player.press(button, 0.3 * button)
        twin.press(button, 0.3 * button)
    table = player.probabilities(1.8)
    assert table.shape == (8, 88)
    np.testing.assert_allclose(table.sum(axis=1), 1)
    assert (table[5] > 0).sum() == 1  # the same button again: the same key
    assert player.press(6, 1.8) == twin.press(6, 1.8)
    assert table[6, player._last_key] > 0


def test_reset_begins_anew() -> None:
    player = GeniePlayer(GenieSettings(temperature=0), seed=1)
    first = [player.press(button, 0.3 * button) for button in range(8)]
    player.reset()
    assert [player.press(button, 0.3 * button) for button in range(8)] == first


@pytest.mark.parametrize(
    "presses",
    [
        "12345", 5, [1], [{}], [{"time": 0}], [{"button": 1}], [{"time": -1, "button": 1}], [{"time": 0, "button": 8}],
        [{"time": 0, "button": 1.5}], [{"time": "now", "button": 1}], [{"time": float("nan"), "button": 1}],
        [{"time": 2, "button": 1, "release": 1}], [{"time": 0, "button": 1, "velocity": 0}],
        [{"time": True, "button": 1}], [{"time": 1e9, "button": 1}], [{"time": 0, "button": 1}] * 50_001,
    ],
)  # fmt: skip
def test_presses_that_cannot_be(presses: Any) -> None:
    with pytest.raises(BadRequest):
        read_presses(presses, GenieSettings())
