"""Hostile and broken notation files: one sentence each, at once, with nothing fetched and nothing expanded."""

import io
import zipfile

import pytest

from tests.unit.score.notation import NOTATION, music, text_of
from workbench.errors import BadFile
from workbench.score.musicxml.files import read_musicxml

REST = "<note><rest/><duration>4</duration></note>"


def refused(data: bytes) -> str:
    """The sentence with which these bytes are refused."""
    with pytest.raises(BadFile) as caught:
        read_musicxml(data)
    text = str(caught.value)
    assert text.endswith(".")
    assert "\n" not in text
    return text


def test_billion_laughs():
    entities = '<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {after} "{f"&{name};" * 10}">' for name, after in zip("abcdefgh", "bcdefghi", strict=True)
    )
    bomb = music(REST, doctype=f"<!DOCTYPE score-partwise [{entities}]>", title="&i;")
    assert "entities" in refused(bomb.encode())


def test_quadratic_blowup():
    doctype = f'<!DOCTYPE score-partwise [<!ENTITY a "{"x" * 100_000}">]>'
    assert "entities" in refused(music(REST, doctype=doctype, title="&a;" * 1_000).encode())


@pytest.mark.parametrize("place", ["file:///etc/passwd", "http://127.0.0.1:1/secret"])
def test_external_entities(place):
    doctype = f'<!DOCTYPE score-partwise [<!ENTITY x SYSTEM "{place}">]>'
    assert "entities" in refused(music(REST, doctype=doctype, title="&x;").encode())


def test_parameter_entities():
    doctype = '<!DOCTYPE score-partwise [<!ENTITY % x SYSTEM "http://127.0.0.1:1/x.dtd"> %x;]>'
    assert "entities" in refused(music(REST, doctype=doctype).encode())


def test_entities_hidden_in_another_encoding():
    doctype = '<!DOCTYPE score-partwise [<!ENTITY a "ha">]>'
    assert "entities" in refused(music(REST, doctype=doctype, encoding="utf-16").encode("utf-16"))
    assert "entities" in refused(music(REST, doctype=doctype, encoding="cp037").encode("utf-32"))


def test_the_usual_document_type_is_allowed_and_never_fetched():
    usual = (
        '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" '
        '"http://127.0.0.1:1/partwise.dtd">'
    )
    assert read_musicxml(music(REST, doctype=usual, title="Plain").encode())[0].title == "Plain"


def test_unknown_entities_have_no_text():
    usual = '<!DOCTYPE score-partwise SYSTEM "http://127.0.0.1:1/partwise.dtd">'
    assert read_musicxml(music(REST, doctype=usual, title="A&unknown;B").encode())[0].title == "AB"


def test_elements_within_elements_without_end():
    deep = "<direction>" * 50_000 + "</direction>" * 50_000
    assert "nested" in refused(music(deep).encode())


def test_more_notes_than_a_piece_may_hold():
    one = "<note><chord/><pitch><step>C</step><octave>4</octave></pitch><duration>1</duration></note>"
    assert "200,000 notes" in refused(music(one * 200_001).encode())


def test_zip_bomb_and_path_tricks():
    def archive(name, content):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
            out.writestr(name, content)
        return buffer.getvalue()

    assert "32 MB" in refused(archive("score.xml", bytes(40 * 2**20)))
    assert "unsafe" in refused(archive("../score.xml", music(REST)))
    assert "no MusicXML" in refused(archive("score.txt", "hello"))


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b" \n\t ", "empty"),
        (b"hello", "XML"),
        (b"MThd\0\0\0\6\0\1\0\1\1\xe0", "XML"),
        (b"<html><body/></html>", "not a MusicXML"),
        (b"<opus/>", "lists other files"),
        (b"<score-partwise/>", "no music"),
        (b"<score-partwise><part id='P1'/></score-partwise>", "no music"),
        (b"<?xml version='1.0' encoding='klingon'?><score-partwise/>", "encoding"),
        (b"<?xml version='1.0' encoding='zip'?><score-partwise/>", "encoding"),
        (b"\xff\xfe<\0", "XML"),
        (b"PK\x03\x04", "damaged"),
    ],
)
def test_wrong_files(data, word):
    assert word in refused(data)


@pytest.mark.parametrize(
    "notes",
    [
        "<note><pitch><step>C</step><octave>4</octave></pitch><duration>x</duration></note>",
        "<note><pitch><step>H</step><octave>4</octave></pitch><duration>1</duration></note>",
        "<note><pitch><step>C</step><octave>4</octave></pitch><duration>1e400</duration></note>",
        "<note><pitch><step>C</step><octave>4</octave></pitch><duration>99999999999</duration></note>",
        "<attributes><divisions>0</divisions></attributes>" + REST,
        "<attributes><divisions>-3</divisions></attributes>" + REST,
        "<attributes><divisions>nan</divisions></attributes>" + REST,
    ],
)
def test_values_that_make_no_sense(notes):
    refused(music(notes).encode())


@pytest.mark.parametrize(
    "notes",
    [
        "<note><pitch><step>C</step><octave>4</octave></pitch></note>" + REST,
        "<note/>" + REST,
        "<direction><sound tempo='0'/></direction><direction><sound tempo='-5'/></direction>" + REST,
        "<direction><sound tempo='nonsense' dynamics='1e999'/></direction>" + REST,
        "<attributes><time><beats>4</beats><beat-type>5</beat-type></time></attributes>" + REST,
        "<attributes><time><senza-misura/></time></attributes>" + REST,
        "<attributes><key><fifths>99</fifths></key></attributes>" + REST,
        "<harmony><kind>major</kind></harmony><harmony><root><root-step>Q</root-step></root></harmony>" + REST,
        "<backup><duration>9</duration></backup>" + REST,
        "<unheard-of><thing/></unheard-of>" + REST,
    ],
)
def test_oddities_that_can_be_overlooked(notes):
    score, _ = read_musicxml(music(notes).encode())
    assert score.note_count == 0


def test_a_note_out_of_reach_is_reported():
    high = "<note><pitch><step>C</step><octave>11</octave></pitch><duration>4</duration></note>"
    score, report = read_musicxml(music(high).encode())
    assert score.note_count == 0
    assert report.count("range") == 1


def test_every_truncation_of_a_real_file_is_refused():
    data = (NOTATION / "band.musicxml").read_bytes()
    for cut in range(0, len(data.rstrip()) - 1, 97):
        refused(data[:cut] or b" ")


def test_very_long_names_are_cut():
    score, _ = read_musicxml(text_of(f'<measure number="1">{REST}</measure>', title="x" * 100_000).encode())
    assert len(score.title) == 1_000
