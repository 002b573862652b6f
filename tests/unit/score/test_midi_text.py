"""The letters of a MIDI file are guessed the same way every time, and are always whole letters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.score.lanes import Text
from workbench.score.midi.files import read_midi, write_midi
from workbench.score.midi.text import decoder
from workbench.score.score import Note, Score, Track


def decode(data, *others):
    return decoder([data, *others])(data)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Plain", "ascii"),
        ("Żółw i ピアノ 🎹", "utf-8"),
        ("Żółw", "utf-8-sig"),
        ("Żółw i ピアノ 🎹", "utf-16"),
        ("Cantilène", "latin-1"),
        ("It’s “très” – Œuvre", "cp1252"),
        ("Für Elise", "latin-1"),
        ("メロディ", "cp932"),
        ("第一楽章 Allegro", "cp932"),
    ],
)
def test_texts_of_old_and_new_programs_are_read(text, encoding):
    assert decode(text.encode(encoding)) == text


def test_one_western_text_keeps_the_file_western():
    japanese = "メロディ".encode("cp932")
    assert decode(japanese) == "メロディ"
    # No Shift-JIS file holds a text that ends within a letter.
    assert decode(japanese, "Coda à".encode("latin-1")) != "メロディ"


def test_bytes_without_meaning_in_windows_become_control_characters():
    assert decode(b"a\x81\xe9") == "a\x81é"


@given(st.lists(st.binary(max_size=40), max_size=5))
def test_any_bytes_become_text_that_can_be_saved(payloads):
    read = decoder(payloads)
    for payload in payloads:
        assert read(payload).encode("utf-8").decode("utf-8") == read(payload)
        assert read(payload) == decoder(payloads)(payload)


letters = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff"), max_size=30)


@given(letters, letters, letters)
def test_names_in_every_script_survive_saving(title, name, marker):
    track = Track("t1", name, notes={"n1": Note("n1", 0, 10, 60)})
    score = Score(title, tracks=[track], texts=[Text(5, "marker", marker)])
    again, report = read_midi(write_midi(score))
    assert (again.title, again.tracks[0].name, again.texts) == (title, name, score.texts)
    assert len(report) == 0
