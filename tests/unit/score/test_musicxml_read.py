"""Reading MusicXML: what a musician would find again in the document."""

import io
import zipfile
from fractions import Fraction

import pytest

from tests.bench import musicxml as bench
from tests.unit.score.notation import NOTATION, music, read, sounding, text_of
from workbench.errors import BadFile
from workbench.score.lanes import Chord, Key, Meter, Program, Tempo, Text
from workbench.score.musicxml.files import read_musicxml
from workbench.score.timemap import TimeMap


@pytest.mark.parametrize("path", sorted(NOTATION.glob("*.mxl")), ids=lambda path: path.stem)
def test_every_note_of_real_scores_is_kept(path):
    truth = bench.walk(bench.ET.fromstring(bench.xml_of(path)))
    score, _ = read_musicxml(path.read_bytes(), path.name)
    assert len(truth) > 100
    assert bench.difference(truth, bench.facts_of(score)) == ""


def test_facts_of_a_real_song():
    score, report = read("davies_little_old_man.mxl")
    assert score.title == "A Little Old Man"
    assert score.meta["composer"].endswith("Davies")
    assert [track.name for track in score.tracks][:4] == ["Soprano", "Alto", "Tenor", "Bass"]
    assert any(text.kind == "lyric" for text in score.tracks[0].texts)
    assert all(note.author == "imported" for _, note in score.all_notes())
    assert report.count("graces") == sum(note.duration == 0 for _, note in score.all_notes()) > 0


def test_transposing_instrument_sounds_a_tone_lower_and_its_key_is_the_sounding_one():
    score, _ = read("band.musicxml")
    clarinet = score.tracks[0]
    assert clarinet.sorted_notes()[0].pitch == 74  # written e'', sounding d''
    assert (clarinet.program, clarinet.volume, clarinet.pan) == (71, 64, 32)
    assert score.keys[0] == Key(0, 0, "major")


def test_pickup_metre_tempo_and_bar_numbers():
    score, _ = read("band.musicxml")
    assert score.ppq % 12 == 0
    assert score.pickup == score.ppq
    assert score.meters == [Meter(0, 3, 4), Meter(7 * score.ppq, 2, 4)]
    assert score.tempos == [Tempo(0, round(6e7 / 132)), Tempo(7 * score.ppq, round(6e7 / 90))]
    assert [bar.number for bar in TimeMap(score).bars()] == [0, 1, 2, 3]


def test_triplets_ties_voices_and_cues():
    score, report = read("band.musicxml")
    third = Fraction(1, 3)
    assert sounding(score, 0) == [
        (0, 74, 1), (1, 72, third), (1 + third, 74, third), (1 + 2 * third, 76, third), (2, 77, 3), (2, 79, 0),
        (5, 76, 1), (Fraction(13, 2), 74, Fraction(1, 2)), (7, 72, 2),
    ]  # fmt: skip
    assert sounding(score, 1) == [(1, 48, 3), (1, 55, 3), (Fraction(5, 2), 52, Fraction(3, 2)), (7, 48, 2)]
    assert report.count("cues") == 1
    assert report.count("graces") == 1
    assert report.count("repeats") == 1


def test_drums_are_drum_keys_on_a_drum_track():
    score, _ = read("band.musicxml")
    assert score.tracks[2].is_drum
    assert sounding(score, 2) == [(1, 36, 1), (2, 36, 1), (2, 38, 1)]


def test_dynamics_become_velocities_and_a_notes_own_value_counts_first():
    score, _ = read("band.musicxml")
    velocities = {note.start // score.ppq: note.velocity for note in score.tracks[0].sorted_notes()}
    assert velocities == {0: 52, 1: 52, 2: 96, 5: 45, 6: 96, 7: 96}


def test_chord_symbols_as_they_sound_lyrics_words_and_markers():
    score, report = read("band.musicxml")
    quarter = score.ppq
    assert score.chords == [Chord(quarter, quarter, 0), Chord(2 * quarter, 7 * quarter, 7, "7", 11)]
    lyrics = [text.text for text in score.tracks[0].texts if text.kind == "lyric"]
    assert lyrics == ["sing-", "ing"]
    assert report.count("verses") == 1
    assert score.texts == [Text(0, "text", "Lively"), Text(7 * quarter, "marker", "A")]


def test_plucked_strings_change_the_program_and_names_find_one():
    score, _ = read("band.musicxml")
    assert score.tracks[1].program == 42  # "Cello", without a program in the file
    assert score.tracks[1].programs == [Program(7 * score.ppq, 45)]


def test_names_in_every_script():
    score, _ = read("scripts.musicxml")
    assert score.title == "春の歌 Песня أغنية गीत שיר 🎵"
    assert score.tracks[0].name == "ピアノ"
    assert score.meta["composer"] == "작곡가 Ünïcödé"
    assert score.tracks[0].texts == [Text(0, "lyric", "ラ")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "shift_jis", "iso-8859-1"])
def test_every_encoding_of_xml(encoding):
    title = "Übermut" if encoding == "iso-8859-1" else "春の歌"
    declared = {"utf-8-sig": "utf-8", "utf-16-be": "utf-16"}.get(encoding, encoding)
    text = music("<note><rest/><duration>4</duration></note>", title=title, encoding=declared)
    data = text.encode(encoding)
    if encoding == "utf-16-be":
        data = b"\xfe\xff" + data
    assert read_musicxml(data)[0].title == title


def test_timewise_scores_are_the_same_music():
    notes = "".join(
        f'<measure number="{n}"><part id="P1">{"<attributes><divisions>1</divisions></attributes>" if n == 1 else ""}'
        f"<note><pitch><step>{step}</step><octave>4</octave></pitch><duration>4</duration></note></part></measure>"
        for n, step in ((1, "C"), (2, "D"))
    )
    listed = '<part-list><score-part id="P1"><part-name>A</part-name></score-part></part-list>'
    score, _ = read_musicxml(f"<score-timewise>{listed}{notes}</score-timewise>".encode())
    assert sounding(score, 0) == [(0, 60, 4), (4, 62, 4)]


def test_a_name_becomes_the_title_of_a_nameless_score():
    data = music("<note><rest/><duration>4</duration></note>").encode()
    assert read_musicxml(data, "Mein Lied.musicxml")[0].title == "Mein Lied"


def test_bars_split_by_a_repeat_are_one_bar_and_an_odd_bar_gets_its_metre():
    def bar(number, quarters):
        note = f"<note><pitch><step>C</step><octave>4</octave></pitch><duration>{quarters}</duration></note>"
        return f'<measure number="{number}">{note}</measure>'

    first = bar(1, 4).replace("<note>", "<attributes><divisions>1</divisions><time><beats>4</beats>"
                              "<beat-type>4</beat-type></time></attributes><note>", 1)  # fmt: skip
    score, report = read_musicxml(text_of(first + bar(2, 3) + bar("X1", 1) + bar(3, 5) + bar(4, 4)).encode())
    assert [(bar.start // score.ppq, bar.end // score.ppq) for bar in TimeMap(score).bars()] == [
        (0, 4), (4, 8), (8, 13), (13, 17)
    ]  # fmt: skip
    assert [(meter.numerator, meter.denominator) for meter in score.meters] == [(4, 4), (5, 4), (4, 4)]
    assert report.count("own_meters") == 1


def test_lengths_beyond_every_resolution_are_rounded_and_reported():
    notes = "".join(
        f"<attributes><divisions>{n}</divisions></attributes><note><pitch><step>C</step><octave>4</octave></pitch>"
        "<duration>1</duration></note>"
        for n in (7, 11, 13, 17, 19, 23)
    )
    score, report = read_musicxml(text_of(f'<measure number="1">{notes}</measure>').encode())
    assert score.note_count == 6
    assert report.count("timing") > 0


def test_archive_without_a_container_and_with_a_wrong_one():
    def archive(**members):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as out:
            for name, content in members.items():
                out.writestr(name.replace("_", "/").replace("META/INF", "META-INF") + ".xml", content)
        return buffer.getvalue()

    score = music("<note><rest/><duration>4</duration></note>", title="Found")
    assert read_musicxml(archive(song=score))[0].title == "Found"
    container = '<container><rootfiles><rootfile full-path="lost.xml"/></rootfiles></container>'
    with pytest.raises(BadFile, match="does not hold"):
        read_musicxml(archive(song=score, META_INF_container=container))
