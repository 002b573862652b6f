"""Files that ask for endless work: one sentence, or a result whose cost grows no faster than the file."""

from __future__ import annotations

import time

import pytest

from tests.unit.score.notation import music
from workbench.errors import BadDocument, BadFile
from workbench.score.abc.read import read_abc
from workbench.score.files import load
from workbench.score.musicxml.files import read_musicxml, write_musicxml
from workbench.score.score import Note, Score, Track

HEAD = "X:1\nT:Test\nM:4/4\nL:1/4\nK:C\nCDEF|\n"
NOTE = "<note><pitch><step>C</step><octave>4</octave></pitch><duration>1</duration></note>"


def refused(read, data) -> str:
    with pytest.raises((BadFile, BadDocument)) as caught:
        read(data)
    text = str(caught.value)
    assert text.endswith(".")
    assert "\n" not in text
    return text


def cost(text: str) -> float:
    """Seconds of the processor for one tune, the least of three readings."""
    least = 1e9
    for _ in range(3):
        begun = time.process_time()
        read_abc(text)
        least = min(least, time.process_time() - begun)
    return least


@pytest.mark.parametrize("sign", ["[", "[ ", "{", "^", "]", ":", ":]", '"[', "[r:", "&", "<", "(", "!", "%", "\\"])
def test_a_line_of_one_sign_costs_no_more_a_sign_however_long_it_is(sign):
    """Four times as long: about four times the work. A reader that looks ahead from every sign takes sixteen times."""
    short, long = (HEAD + sign * (count // len(sign)) + "\n" for count in (10_000, 40_000))
    assert cost(long) < 9 * cost(short) + 0.02


@pytest.mark.parametrize("field", ["T:x", "K:C", "M:4", "Q:1", "L:1"])
def test_a_field_of_blanks_costs_no_more_a_sign_however_long_it_is(field):
    short, long = (f"X:1\n{field}{' ' * count}x\nK:C\nCDEF|\n" for count in (10_000, 40_000))
    assert cost(long) < 9 * cost(short) + 0.02


def test_three_hundred_thousand_brackets_are_a_tune_of_four_notes():
    assert load((HEAD + "[" * 300_000).encode()).score.note_count == 4


def test_a_tune_of_a_thousand_voices():
    assert "256 voices" in refused(read_abc, HEAD + "".join(f"V:{n}\nCDEF|\n" for n in range(1_000)))


def test_a_tune_of_two_hundred_thousand_lines():
    assert "20,000 bars" in refused(read_abc, HEAD + "C|\n" * 200_000)
    assert "20,000 bars" in refused(read_abc, HEAD + "Z999|" * 100_000)
    assert "10,000 notes" in refused(read_abc, HEAD + "C" * 10_001 + "|")


def test_a_musicxml_bar_of_a_hundred_thousand_notes():
    assert "Bar '1'" in refused(read_musicxml, music(NOTE * 100_000).encode())


def test_a_score_of_sixty_thousand_bars():
    bars = f'<measure number="1">{NOTE}</measure>' * 60_000
    text = f'<score-partwise><part-list/><part id="P1">{bars}</part></score-partwise>'
    assert "20,000 bars" in refused(read_musicxml, text.encode())


def test_more_voices_at_once_than_a_page_can_show():
    """Fifty thousand notes on one tick, each of another length: no staff shows them, and nobody waits for it."""
    track = Track("t1", "Chaos")
    for number in range(50_000):
        track.notes[f"n{number}"] = Note(f"n{number}", 0, number + 1, 60)
    assert "64 voices" in refused(write_musicxml, Score(tracks=[track]))


def test_a_key_struck_again_and_again_at_once_is_counted_once_a_note():
    track = Track("t1", "Chaos")
    for number in range(50_000):
        track.notes[f"n{number}"] = Note(f"n{number}", 0, 480, 60)
    assert "64 voices" in refused(write_musicxml, Score(tracks=[track]))


def test_a_header_that_claims_a_thousand_tracks_and_has_two():
    chunk = b"MTrk\x00\x00\x00\x0c\x00\x90\x3c\x50\x60\x80\x3c\x00\x00\xff\x2f\x00"
    loaded = load(b"MThd\x00\x00\x00\x06\x00\x01\x03\xe8\x01\xe0" + chunk * 2)
    assert loaded.score.note_count == 2
    assert loaded.report.count("header")
