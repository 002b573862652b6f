"""Forms: said in words, of a given length, and found in a piece."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from workbench.create.compose.form import PRESETS, Section, form_of, sections_of
from workbench.errors import BadRequest
from workbench.score.lanes import Text
from workbench.score.score import Note, Score, Track

BAR = 4 * 960


def kinds(form: tuple[Section, ...]) -> list[str]:
    return [section.kind for section in form]


def test_a_form_is_what_the_words_say() -> None:
    form = form_of("Intro, verse chorus verse chorus bridge chorus ending")
    assert kinds(form) == ["intro", "verse", "chorus", "verse", "chorus", "bridge", "chorus", "ending"]
    assert [section.first_bar for section in form] == [1, 5, 13, 21, 29, 37, 45, 53]
    energy = [section.energy for section in form]
    assert energy[6] == max(energy) == 100, "the last chorus is the high point"
    assert energy[0] < energy[1] < energy[2]
    assert energy[-1] < energy[1]


def test_other_words_bars_and_letters_are_understood() -> None:
    form = form_of("introduction 2 bars, verse 16, pre-chorus, refrain, outro 3")
    assert [(section.kind, section.bars) for section in form] == [
        ("intro", 2), ("verse", 16), ("build", 4), ("chorus", 8), ("ending", 3)
    ]  # fmt: skip
    assert kinds(form_of("AABA")) == ["intro", "verse", "verse", "bridge", "verse", "ending"]
    assert kinds(form_of("abab")) == ["verse", "chorus", "verse", "chorus"]


def test_a_tune_of_sixteen_bars_makes_verses_and_choruses_of_sixteen() -> None:
    assert [section.bars for section in form_of("verse build chorus", phrase=16)] == [16, 4, 16]


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("bars", [2, 7, 16, 32, 45, 64, 90, 128, 200])
def test_every_length_is_met_to_the_bar(preset: str, bars: int) -> None:
    form = form_of(preset, bars=bars)
    assert sum(section.bars for section in form) == bars
    assert form[0].first_bar == 1
    assert all(after.first_bar == before.last_bar + 1 for before, after in pairwise(form))


def test_seconds_become_bars_at_the_tempo() -> None:
    assert sum(section.bars for section in form_of(seconds=60, tempo=96)) == 24
    assert sum(section.bars for section in form_of(seconds=60, tempo=96, beats=3)) == 32


@pytest.mark.parametrize(
    ("form", "more", "said"),
    [
        ("intro wurst", {}, "no section 'wurst'"),
        ("verse 99", {}, "1 to 64 bars"),
        ("verse 8", {"bars": 9}, "does not fit"),
        ("verse chorus", {"bars": 1}, "2 to 400"),
        ("", {"seconds": 3}, "8 to 900 seconds"),
        ("", {"seconds": 30, "bars": 8}, "not both"),
        ("verse " * 50, {}, "at most 40"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(form: str, more: dict[str, int], said: str) -> None:
    with pytest.raises(BadRequest, match=said) as caught:
        form_of(form, **more)  # type: ignore[arg-type]
    assert str(caught.value).count(". ") == 0


def test_a_section_comes_back_from_its_json_form() -> None:
    section = Section("chorus", 9, 8, 85, "B")
    assert Section.from_dict(section.to_dict()) == section
    for broken in ({"kind": "chorus"}, {**section.to_dict(), "kind": "wurst"}, {**section.to_dict(), "bars": "8"}, 3):
        with pytest.raises(BadRequest):
            Section.from_dict(broken)


def phrase(seed: int, bars: int, low: int, notes_a_bar: int) -> list[tuple[int, int, int]]:
    """Notes of a phrase (tick, duration, pitch) that ends on a long one."""
    rng = np.random.default_rng(seed)
    scale = [low + step for step in (0, 2, 4, 5, 7, 9, 11, 12)]
    step = BAR // notes_a_bar
    out = [(bar * BAR + k * step, step, scale[int(rng.integers(8))]) for bar in range(bars) for k in range(notes_a_bar)]
    return [row for row in out if row[0] < bars * BAR - BAR] + [((bars - 1) * BAR, BAR, low)]


def piece(*phrases: list[tuple[int, int, int]], sizes: tuple[int, ...]) -> Score:
    track, at, number = Track("t1", name="Tune"), 0, 0
    for rows, size in zip(phrases, sizes, strict=True):
        for start, duration, pitch in rows:
            number += 1
            track.notes[f"n{number}"] = Note(f"n{number}", start + at, duration, pitch)
        at += size * BAR
    return Score(tracks=[track])


def test_sections_are_found_where_the_music_comes_back() -> None:
    a, b = phrase(1, 8, 60, 4), phrase(2, 8, 67, 8)
    found = sections_of(piece(a, b, a, b, sizes=(8, 8, 8, 8)))
    assert [(section.first_bar, section.bars, section.label) for section in found] == [
        (1, 8, "A"), (9, 8, "B"), (17, 8, "A"), (25, 8, "B")
    ]  # fmt: skip
    assert kinds(found) == ["verse", "chorus", "verse", "chorus"], "the busier of the two is the chorus"


def test_a_thin_start_is_an_introduction_and_a_middle_that_never_returns_a_bridge() -> None:
    start, a, c = phrase(5, 4, 48, 1), phrase(1, 8, 60, 4), phrase(9, 8, 72, 8)
    found = sections_of(piece(start, a, a, c, a, sizes=(4, 8, 8, 8, 8)))
    assert [(section.kind, section.first_bar) for section in found] == [
        ("intro", 1), ("verse", 5), ("verse", 13), ("bridge", 21), ("verse", 29)
    ]  # fmt: skip


def test_sections_cover_the_piece_and_an_empty_piece_has_none() -> None:
    assert sections_of(Score()) == ()
    found = sections_of(piece(phrase(3, 7, 60, 4), sizes=(7,)))
    assert found[0].first_bar == 1
    assert sum(section.bars for section in found) == 7


def test_markers_that_name_sections_are_believed() -> None:
    score = piece(phrase(3, 12, 60, 4), sizes=(12,))
    score.texts = [Text(0, "marker", "Intro"), Text(2 * BAR, "marker", "Verse 1"), Text(5 * BAR, "marker", "nice!"),
                   Text(9 * BAR, "marker", "Refrain")]  # fmt: skip
    assert [(section.kind, section.first_bar, section.bars) for section in sections_of(score)] == [
        ("intro", 1, 2), ("verse", 3, 7), ("chorus", 10, 3)
    ]  # fmt: skip
