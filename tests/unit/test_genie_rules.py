"""The Genie's rules by themselves: chance, legal keys, choice, chords, settings."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.create.genie.rules import (
    Mulberry32,
    PhraseMemory,
    allowed_keys,
    bias,
    choose,
    legal_keys,
    weigh,
)
from workbench.errors import BadRequest
from workbench.hub.tasks.genie.chords import FAMILIES, PlayChord, chord_at, parse_chords, parse_symbol
from workbench.hub.tasks.genie.request import GenieSettings
from workbench.score.lanes import QUALITIES

NONE: frozenset[int] = frozenset()


@pytest.mark.parametrize(
    ("seed", "numbers"),
    [
        (0, (1144304738, 1416247, 958946056, 627933444)),
        (1, (2693262067, 11749833, 2265367787, 4213581821)),
        (4294967295, (3850105811, 813802916, 3073704848, 4054706436)),
        (2**32 + 1, (2693262067, 11749833, 2265367787, 4213581821)),
    ],
)
def test_chance_is_that_of_the_reference(seed: int, numbers: tuple[int, ...]) -> None:
    chance = Mulberry32(seed)
    assert tuple(int(chance.draw() * 2**32) for _ in numbers) == numbers


@st.composite
def situations(draw: st.DrawFn) -> tuple[GenieSettings, frozenset[int], int, int, int]:
    low = draw(st.integers(21, 108))
    settings = GenieSettings(
        low=low,
        high=draw(st.integers(low, 108)),
        scale=tuple(draw(st.sets(st.integers(0, 11), max_size=7))),
        chords=draw(st.sampled_from(["off", "hint", "soft", "hard"])),
        max_leap=draw(st.sampled_from([0, 1, 3, 12])),
    )
    tones = frozenset(draw(st.sets(st.integers(0, 11), max_size=4)))
    last = draw(st.integers(-1, 7))
    return settings, tones, draw(st.integers(0, 7)), last, -1 if last < 0 else draw(st.integers(0, 87))


@given(situations())
def test_there_is_always_a_legal_key(situation: tuple[GenieSettings, frozenset[int], int, int, int]) -> None:
    settings, tones, button, last_button, last_key = situation
    allowed = allowed_keys(settings, tones)
    legal = legal_keys(settings, allowed, button, last_button, last_key)
    assert legal
    assert legal == sorted(set(legal))
    assert set(legal) <= set(allowed)
    assert all(settings.low <= key + 21 <= settings.high for key in legal)


@given(
    st.sampled_from([(), (0, 2, 4, 5, 7, 9, 11), (0, 4, 7), (1,)]),
    st.lists(st.integers(0, 7), min_size=2, max_size=60),
    st.integers(0, 2**32 - 1),
    st.sampled_from([0, 2, 12]),
)
def test_with_eight_keys_to_choose_from_the_direction_never_fails(
    scale: tuple[int, ...], buttons: list[int], seed: int, leap: int
) -> None:
    settings = GenieSettings(scale=scale, max_leap=leap)
    allowed = allowed_keys(settings, NONE)
    if len(allowed) < 8:
        return
    chance, button, key = Mulberry32(seed), -1, -1
    for place in buttons:
        legal = legal_keys(settings, allowed, place, button, key)
        chosen = legal[int(chance.draw() * len(legal))]
        if key >= 0:
            assert np.sign(chosen - key) == np.sign(place - button)
        button, key = place, chosen


def test_hard_chords_rule_over_the_scale_and_give_way_to_the_range() -> None:
    settings = GenieSettings(chords="hard", scale=(0,), low=60, high=72)
    assert allowed_keys(settings, frozenset({2})) == [62 - 21]
    assert allowed_keys(settings, NONE) == [60 - 21, 72 - 21]
    narrow = GenieSettings(chords="hard", low=60, high=61)
    assert allowed_keys(narrow, frozenset({5})) == [39, 40]
    assert allowed_keys(GenieSettings(scale=(5,), low=60, high=61), NONE) == [39, 40]


def test_leaps_are_capped_unless_nothing_else_is_left() -> None:
    settings = GenieSettings(max_leap=5)
    assert legal_keys(settings, list(range(88)), 4, 3, 40) == [41, 42, 43, 44, 45]
    assert min(legal_keys(settings, [10, 20, 30, 40, 50, 60, 70, 80], 4, 3, 40)) == 50


def test_the_same_button_takes_the_nearest_key_when_the_chord_changed() -> None:
    settings = GenieSettings()
    assert legal_keys(settings, [36, 40, 44], 3, 3, 40) == [40]
    assert legal_keys(settings, [36, 38, 42, 44], 3, 3, 40) == [38]


def test_beyond_the_last_key_the_nearest_sounds() -> None:
    assert legal_keys(GenieSettings(), [10, 12], 7, 2, 12) == [12]


def test_room_is_left_for_the_buttons_that_remain() -> None:
    keys = list(range(20))
    assert legal_keys(GenieSettings(), keys, 0, -1, -1) == keys[:13]
    assert legal_keys(GenieSettings(), keys, 7, -1, -1) == keys[7:]


def test_weights_and_choice_in_the_documented_order() -> None:
    logits = np.zeros(88, np.float32)
    logits[[10, 12]] = [1.0, 2.0]
    weights = weigh(logits, [10, 11, 12], [0.0, 0.0, -2.0], 0.5)
    assert weights == [1.0, math.exp(-2.0), math.exp(-2.0)]
    assert choose([10, 11, 12], weights, 0.0) == 10
    assert choose([10, 11, 12], weights, 0.79) == 11
    assert choose([10, 11, 12], weights, 0.999) == 12


def test_without_heat_the_likeliest_sounds_and_the_lower_of_two() -> None:
    logits = np.zeros(88, np.float32)
    assert weigh(logits, [4, 5, 6], [0.0] * 3, 0.0) == [1.0, 0.0, 0.0]
    logits[6] = 1
    assert weigh(logits, [4, 5, 6], [0.0] * 3, 0.0) == [0.0, 0.0, 1.0]


def test_soft_chords_make_other_notes_rarer() -> None:
    assert bias(GenieSettings(chords="soft"), frozenset({0}), [39, 40]) == [0.0, -2.0]
    assert bias(GenieSettings(chords="hint"), frozenset({0}), [39, 40]) == [0.0, 0.0]
    assert bias(GenieSettings(chords="soft"), NONE, [39, 40]) == [0.0, 0.0]


def press_all(memory: PhraseMemory, buttons: list[int], keys: list[int], pause: bool) -> list[int]:
    """Recall each press, remembering what was recalled or else the next of ``keys``."""
    out = []
    for place, (button, key) in enumerate(zip(buttons, keys, strict=True)):
        found = memory.recall(button, after_pause=pause and place == 0)
        out.append(found)
        memory.remember(button, found if found >= 0 else key)
    return out


def test_a_phrase_after_a_pause_comes_back_whole() -> None:
    memory = PhraseMemory()
    assert press_all(memory, [1, 2, 3, 2, 4], [10, 20, 30, 21, 40], True) == [-1] * 5
    assert press_all(memory, [1, 2, 3, 2, 4], [0] * 5, True) == [10, 20, 30, 21, 40]


def test_two_phrases_that_begin_alike_part_where_they_part() -> None:
    memory = PhraseMemory()
    press_all(memory, [1, 2, 3], [10, 20, 30], True)
    assert press_all(memory, [1, 4, 5], [0, 44, 55], True) == [10, -1, -1]
    assert press_all(memory, [1, 4, 5], [0] * 3, True) == [10, 44, 55]
    assert press_all(memory, [1, 2, 3], [0] * 3, True) == [10, 20, 30]


def test_a_phrase_repeated_without_a_pause_comes_back() -> None:
    memory = PhraseMemory()
    press_all(memory, [1, 2, 3, 2], [10, 20, 30, 21], True)
    assert press_all(memory, [1, 2, 3, 2], [0] * 4, False) == [10, 20, 30, 21]


def test_four_buttons_are_enough_to_recognise_the_middle_of_a_tune() -> None:
    memory = PhraseMemory()
    press_all(memory, [7, 5, 6, 4, 5, 3, 2], [70, 50, 60, 40, 51, 30, 20], True)
    found = press_all(memory, [0, 5, 6, 4, 5, 3], [1, 52, 61, 41, 53, 31], True)
    assert found == [-1, -1, -1, -1, 51, 30]


def test_what_is_too_long_ago_is_forgotten() -> None:
    memory = PhraseMemory()
    press_all(memory, [1, 2, 3], [10, 20, 30], True)
    press_all(memory, [0] * 300, [5] * 300, False)
    assert press_all(memory, [1, 2, 3], [11, 21, 31], True) == [-1, -1, -1]


@pytest.mark.parametrize(
    ("text", "root", "quality", "bass"),
    [
        ("C", 0, "maj", -1), ("am", 9, "min", -1), ("F#m7", 6, "min7", -1), ("Bb", 10, "maj", -1),
        ("E♭maj7", 3, "maj7", -1), ("Bm7b5", 11, "hdim7", -1), ("G7", 7, "7", -1), ("C/E", 0, "maj", 4),
        ("Caug", 0, "aug", -1), ("Bdim", 11, "dim", -1), ("Dsus4", 2, "sus4", -1), ("b", 11, "maj", -1),
        ("Dm/F", 2, "min", 5), ("A5", 9, "5", -1), ("N", 0, "", -1), ("NC", 0, "", -1),
    ],
)  # fmt: skip
def test_chord_symbols(text: str, root: int, quality: str, bass: int) -> None:
    assert parse_symbol(text) == PlayChord(0.0, root, quality, bass)


@pytest.mark.parametrize("text", ["H", "C$", "Cfoo", "C/", "", "1", "C/H", "Am7/q", "♯"])
def test_what_is_no_chord_symbol_is_named(text: str) -> None:
    with pytest.raises(BadRequest, match="not a chord"):
        parse_symbol(text)


def test_chord_texts_repeat_to_the_end() -> None:
    chords = parse_chords("C | Am, F  G", 2.0, until=11.0)
    assert [chord.root for chord in chords] == [0, 9, 5, 7, 0, 9, 5, 7]
    assert [chord.time for chord in chords] == [0, 2, 4, 6, 8, 10, 12, 14]
    assert chord_at(chords, 3.99).root == 9
    assert chord_at(chords[1:], 0.0).quality == ""


@pytest.mark.parametrize(("text", "each"), [("", 2.0), (" | ", 2.0), ("C", 0.0), ("C", float("nan"))])
def test_chord_texts_that_cannot_be(text: str, each: float) -> None:
    with pytest.raises(BadRequest):
        parse_chords(text, each)


def test_every_quality_has_a_family_or_tells_the_root_alone() -> None:
    for quality in QUALITIES:
        root, family = PlayChord(0.0, 5, quality).inputs
        assert root == 5
        assert family == FAMILIES.get(quality, -1)
    assert [FAMILIES[quality] for quality in list(QUALITIES)[:8]] == list(range(8))
    assert PlayChord(0.0).inputs == (-1, -1)


@pytest.mark.parametrize(
    "options",
    [
        {"temperature": -0.1}, {"temperature": float("nan")}, {"mode": "wild"}, {"chords": "all"}, {"buttons": 5},
        {"low": 20}, {"high": 109}, {"low": 70, "high": 60}, {"max_leap": -1}, {"scale": (12,)}, {"scale": (0.5,)},
    ],
)  # fmt: skip
def test_settings_that_cannot_be(options: dict[str, object]) -> None:
    with pytest.raises(BadRequest):
        GenieSettings(**options)  # type: ignore[arg-type]
