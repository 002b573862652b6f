"""ABC tunes: what a folk musician would play from them."""

from fractions import Fraction

import pytest

from tests.unit.score.notation import NOTATION, sounding
from workbench.errors import BadFile
from workbench.score.abc.read import list_tunes, read_abc
from workbench.score.lanes import Chord, Key, Meter, Tempo
from workbench.score.timemap import TimeMap

TUNES = (NOTATION / "tunes.abc").read_text(encoding="utf-8")


def tune(music: str, *, header: str = "M:4/4\nL:1/4\n", key: str = "C"):
    """The score of one line of music."""
    return read_abc(f"X:1\nT:Test\n{header}K:{key}\n{music}\n")[0]


def pitches(music: str, **options: str) -> list[int]:
    """Pitches in order of time."""
    return [pitch for _, pitch, _ in sounding(tune(music, **options), 0)]


def lengths(music: str, **options: str) -> list[Fraction]:
    """Durations in quarters in order of time."""
    return [length for _, _, length in sounding(tune(music, **options), 0)]


def test_tunes_are_listed_and_chosen_by_number():
    assert [(found.place, found.number, found.title) for found in list_tunes(TUNES)] == [
        (1, 1, "Twinkle, with everything"), (2, 7, "Rhythms")
    ]  # fmt: skip
    score, report = read_abc(TUNES)
    assert score.title == "Twinkle, with everything"
    assert report.count("tunes") == 1
    assert read_abc(TUNES, number=7)[0].title == "Rhythms"
    with pytest.raises(BadFile, match="no tune number 9"):
        read_abc(TUNES, number=9)


def test_header_chords_lyrics_and_repeats():
    score, report = read_abc(TUNES)
    quarter = score.ppq
    assert score.meters == [Meter(0, 2, 4)]
    assert score.keys == [Key(0, 2, "major")]
    assert score.tempos == [Tempo(0, 600_000)]
    assert score.meta["composer"] == "Trad."
    assert score.chords[:3] == [
        Chord(0, 2 * quarter, 2), Chord(2 * quarter, quarter, 7), Chord(3 * quarter, quarter, 2)
    ]  # fmt: skip
    assert score.chords[-2].quality == "7"
    words = [text.text for text in score.tracks[0].texts]
    assert words[:4] == ["Twin-", "kle,", "twin-", "kle"]
    assert report.count("repeats") == 2
    assert [pitch for _, pitch, _ in sounding(score, 0)] == [62, 62, 69, 69, 71, 71, 69, 67, 67, 66, 66, 64, 64, 62]


def test_rhythms_of_the_second_tune():
    score, _ = read_abc(TUNES, number=7)
    half, quarter = Fraction(1, 2), Fraction(1, 4)
    assert score.pickup * 2 == score.ppq
    assert sounding(score, 0) == [
        (0, 64, half),
        (half, 69, 3 * quarter), (5 * quarter, 71, quarter), (3 * half, 72, quarter), (7 * quarter, 74, 3 * quarter),
        (5 * half, 76, Fraction(1, 3)), (Fraction(17, 6), 77, Fraction(1, 3)), (Fraction(19, 6), 76, Fraction(1, 3)),
        (7 * half, 74, 1),
        (9 * half, 73, 1), (11 * half, 73, 1), (13 * half, 72, 1),
        (15 * half, 69, 3), (15 * half, 72, 3), (15 * half, 76, 3),
        (21 * half, 79, 0), (21 * half, 81, 3 * quarter), (45 * quarter, 79, quarter),
        (25 * half, 57, 2), (29 * half, 93, 3 * half),
    ]  # fmt: skip
    assert [bar.number for bar in TimeMap(score).bars()] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("key", "fifths", "mode"),
    [("C", 0, "major"), ("Am", 0, "minor"), ("Bb", -2, "major"), ("F#m", 3, "minor"), ("Ddor", 0, "minor"),
     ("D mix", 1, "major"), ("Gmixolydian", 0, "major"), ("E phrygian", 0, "minor"), ("F lyd", 0, "major"),
     ("none", 0, "major"), ("HP", 2, "major"), ("Eb minor", -6, "minor"), ("G clef=bass", 1, "major")],
)  # fmt: skip
def test_keys_and_modes(key, fifths, mode):
    assert tune("CDEF|", key=key).keys == [Key(0, fifths, mode)]


def test_key_signature_and_accidentals_that_last_a_bar():
    assert pitches("FcC^F|F=ff_B|", key="D") == [66, 73, 61, 66, 66, 77, 77, 70]
    assert pitches("^FF|F", key="C") == [66, 66, 65]


def test_explicit_accidentals_in_the_key():
    assert pitches("CFG|", key="D =c") == [60, 66, 67]


def test_octaves_and_lengths():
    assert pitches("C,,CcC'c'", header="M:none\nL:1/4\n") == [36, 60, 72, 72, 84]
    assert lengths("C4|C2C/2C/C//C3/2") == [4, 2, Fraction(1, 2), Fraction(1, 2), Fraction(1, 4), Fraction(3, 2)]


@pytest.mark.parametrize(
    ("header", "unit"),
    [("M:4/4\n", Fraction(1, 2)), ("M:2/4\n", Fraction(1, 4)), ("M:6/8\n", Fraction(1, 2)), ("", Fraction(1, 2)),
     ("M:C|\nL:1/16\n", Fraction(1, 4)), ("M:3/4\nL:1\n", Fraction(4))],
)  # fmt: skip
def test_unit_length(header, unit):
    assert lengths("C|", header=header) == [unit]


def test_broken_rhythms_lean_both_ways():
    assert lengths("A>B A<B A>>B") == [
        Fraction(3, 2), Fraction(1, 2), Fraction(1, 2), Fraction(3, 2), Fraction(7, 4), Fraction(1, 4)
    ]  # fmt: skip


def test_tuplets_of_every_kind():
    assert lengths("(3CDE|(2CD|(3:2:2C2D|(5CDEFG", header="M:6/8\nL:1/4\n") == [
        *[Fraction(2, 3)] * 3, *[Fraction(3, 2)] * 2, Fraction(4, 3), Fraction(2, 3), *[Fraction(3, 5)] * 5
    ]  # fmt: skip


def test_ties_join_over_the_bar_line_but_slurs_do_not():
    assert lengths("C4-|C2 (D2|D4)") == [6, 2, 4]


def test_decorations_annotations_and_comments_are_no_notes():
    assert pitches('!trill!C "^slowly"D .E ~F vG uA TB +fermata+c % DEF') == [60, 62, 64, 65, 67, 69, 71, 72]


def test_inline_fields_change_key_metre_and_unit():
    score = tune("CDEF|[K:D][M:3/4][L:1/2]F|")
    assert [pitch for _, pitch, _ in sounding(score, 0)] == [60, 62, 64, 65, 66]
    assert score.meters[1] == Meter(4 * score.ppq, 3, 4)
    assert score.keys[1] == Key(4 * score.ppq, 2, "major")
    assert score.track("t1").sorted_notes()[-1].duration == 2 * score.ppq


def test_voices_become_tracks_in_time_with_each_other():
    score = read_abc('X:1\nM:4/4\nL:1/4\nV:1 name="High"\nV:2 name="Low" octave=-1\nK:C\nV:1\nC4|D4|\nV:2\nz4|E2F2|\n')[
        0
    ]
    assert [track.name for track in score.tracks] == ["High", "Low"]
    assert sounding(score, 0) == [(0, 60, 4), (4, 62, 4)]
    assert sounding(score, 1) == [(4, 52, 2), (6, 53, 2)]


def test_overlays_sound_together():
    assert sounding(tune("C2D2 & E4|F4"), 0) == [(0, 60, 2), (0, 64, 4), (2, 62, 2), (4, 65, 4)]


def test_rests_of_whole_bars():
    assert sounding(tune("C4|Z2|D4"), 0) == [(0, 60, 4), (12, 62, 4)]


def test_bars_cut_in_two_by_a_repeat_stay_one():
    score = tune("C|DEF2|G3:|C|DEF2|")
    assert score.pickup == score.ppq
    assert [bar.end - bar.start for bar in TimeMap(score).bars()][:3] == [score.ppq, 4 * score.ppq, 4 * score.ppq]


def test_tempo_forms():
    assert tune("C", header="L:1/8\nQ:1/2=60\n").tempos == [Tempo(0, 500_000)]
    assert tune("C", header="L:1/8\nQ:120\n").tempos == [Tempo(0, 500_000)]
    assert tune("C", header='L:1/8\nQ:"Slow" 3/8=40\n').tempos == [Tempo(0, 1_000_000)]
    assert tune("C", header="").tempos == []


def test_names_in_every_script_and_line_ends_of_every_kind():
    score, _ = read_abc("\ufeffX:1\r\nT:Пісня 歌 أغنية\r\nK:C\r\nCDEF|\r\n")
    assert score.title == "Пісня 歌 أغنية"
    assert score.note_count == 4


@pytest.mark.parametrize(
    "text", ["", "hello", "X:1\n", "X:1\nT:Empty\nK:C\n", "X:1\nK:C\nz4|\n", "X:1\nK:C\n{a}\n", "K:C\nCDEF\n"]
)
def test_text_without_a_tune_is_refused_in_one_sentence(text):
    with pytest.raises(BadFile) as caught:
        read_abc(text)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    "music",
    ["(((((", "[[[[", "C/0", "C9999999999", "(99999C", "((3:0:0CDE", "[C", '"unclosed', "{", "&&&", ":::", "C" * 10_000,
     ">>>C<<<", "[K:", "[V:x]C[V:y]D", "w:", "Z999999999", "^^^^C", "C,,,,,,,,,,,", "c''''''''''''"],
)  # fmt: skip
def test_odd_music_is_read_or_refused_but_never_breaks(music):
    try:
        score = tune(f"C {music}")
    except BadFile:
        return
    assert score.note_count >= 1
