"""What words ask for, as values: removal, correction, contradictions, untrusted JSON."""

from __future__ import annotations

import pytest

from workbench.create.compose.styles import style_names
from workbench.errors import BadRequest
from workbench.understand.words import Chip, Wishes, read_words
from workbench.understand.words.combine import combine
from workbench.understand.words.meanings import meanings
from workbench.understand.words.wishes import MOODS


def chip(kind: str, value: str, place: int = 0) -> Chip:
    return Chip(f"{kind}-{place}", place, place + 1, kind, value, f"{kind}: {value}")


def together(*chips: tuple[str, str]) -> Wishes:
    return combine("x" * 40, "en", [chip(kind, value, place) for place, (kind, value) in enumerate(chips)], (), "")


def test_a_number_beats_a_tempo_word_and_says_so() -> None:
    wishes = together(("tempo word", "slow"), ("tempo", "180"))
    assert (wishes.tempo, wishes.tempo_word) == (180.0, "")
    assert "number counts" in wishes.remarks[0]
    assert together(("tempo word", "fast"), ("tempo", "150")).remarks == ()


def test_a_chip_taken_away_takes_its_wish_along() -> None:
    wishes = together(("tempo word", "slow"), ("tempo", "180"), ("instrument", "violin"))
    left = wishes.without_chip("tempo-1")
    assert (left.tempo, left.tempo_word, left.remarks, left.instruments) == (66.0, "slow", (), (40,))
    with pytest.raises(BadRequest, match="no understood word"):
        left.without_chip("tempo-1")


def test_a_correction_outlives_the_removal_of_its_chip() -> None:
    wishes = together(("tempo", "180"), ("mood", "sad")).corrected(tempo=96)
    left = wishes.without_chip("tempo-0")
    assert (left.tempo, left.moods) == (96.0, ("sad",))
    assert left.changed == ("tempo", "tempo_word")


def test_what_is_not_wanted_covers_its_family_but_not_what_was_asked_for() -> None:
    wishes = together(("without", "strings"), ("instrument", "cello"), ("without", "drums"))
    assert wishes.unwanted(40)
    assert wishes.unwanted(48)
    assert wishes.unwanted(128)
    assert not wishes.unwanted(42)
    assert not wishes.unwanted(0)


def test_a_waltz_in_another_genre_gives_that_genre_in_three() -> None:
    wishes = together(("style", "waltz"), ("style", "swing"))
    assert (wishes.style, wishes.metre) == ("swing", (3, 4))
    assert wishes.remarks == ()


def test_moods_set_levels_only_where_nothing_else_does() -> None:
    assert together(("mood", "calm")).energy == 0.2
    assert together(("mood", "very calm")).energy < 0.2
    assert together(("mood", "slightly calm")).energy > 0.2
    wishes = together(("mood", "calm"), ("energy", "0.85"))
    assert wishes.energy == 0.85
    assert "middle" in together(("mood", "calm"), ("mood", "exciting")).remarks[0]


def test_json_comes_back_the_same_and_nonsense_is_refused() -> None:
    wishes = read_words("90 bpm, 30 seconds")
    assert Wishes.from_json(wishes.to_json()) == wishes
    good = wishes.to_json()
    for wrong in (
        {"tempo": "fast"}, {"instruments": [129]}, {"instruments": 3}, {"moods": ["purple"]}, {"metre": [3]},
        {"metre": [3, 5]}, {"chips": [{}]}, {"only": 1}, {"changed": ["chips"]}, {"more": 1}, {"text": "x" * 2_001},
        {"energy": 1.5}, {"style": 4}, {"shape": "spiral"}, {"tonic": 12}, {"without": [3]}, {"without": ["moon"]},
    ):  # fmt: skip
        with pytest.raises(BadRequest):
            Wishes.from_json({**good, **wrong})
    with pytest.raises(BadRequest):
        Wishes.from_json([])


def test_a_forged_chip_is_one_sentence_not_a_crash() -> None:
    forged = Wishes(chips=(chip("tempo", "very"), chip("style", "moon", 1)))
    with pytest.raises(BadRequest, match="cannot have"):
        forged.without_chip("style-1")


def test_every_meaning_names_something_that_exists() -> None:
    known = meanings()
    assert {genre.style for genre in known.genres.values()} == set(style_names())
    assert set(known.moods) == set(MOODS)
    assert all(0 <= program <= 128 for entry in known.instruments.values() for program in entry.covers)
