"""Instruments: names, families, drums, and finding a program by plain words."""

from __future__ import annotations

import pytest

from workbench.errors import BadRequest
from workbench.score.instruments import DRUMS, GM_PROGRAMS, drum_name, family, find_program, program_name


def test_there_are_128_different_programs_in_16_families() -> None:
    assert len(GM_PROGRAMS) == len(set(GM_PROGRAMS)) == 128
    assert len({family(program) for program in range(128)}) == 16


@pytest.mark.parametrize(
    ("words", "program"),
    [
        ("piano", 0), ("Piano ", 0), ("strings", 48), ("drums", DRUMS), ("Drum-Kit", DRUMS), ("violin", 40),
        ("VIOLA", 41), ("sax", 65), ("electric bass", 33), ("flute", 73), ("French Horn", 60), ("clarinett", 71),
        ("acoustic guitar", 25), ("trumpets", 56), ("12", 12), ("Honky tonk piano", 3), ("glockenspeil", 9),
    ],
)  # fmt: skip
def test_plain_words_find_the_program(words: str, program: int) -> None:
    assert find_program(words) == program


@pytest.mark.parametrize("program", range(128))
def test_every_name_finds_its_own_program(program: int) -> None:
    assert find_program(program_name(program)) == program


@pytest.mark.parametrize("words", ["", "qqqq", "128", "999"])
def test_an_unknown_name_is_answered_with_proposals(words: str) -> None:
    with pytest.raises(BadRequest, match="try "):
        find_program(words)


def test_drums_have_names_and_keys_without_one_have_numbers() -> None:
    assert drum_name(36) == "Bass drum"
    assert drum_name(38) == "Snare"
    assert drum_name(42) == "Closed hi-hat"
    assert drum_name(49) == "Crash cymbal"
    assert drum_name(81) == "Open triangle"
    assert drum_name(10) == "Drum 10"
    assert len({drum_name(key) for key in range(128)}) == 128
