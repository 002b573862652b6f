"""Bad and hostile files: one clear sentence, or a score and a remark; never a crash, never a long wait."""

import importlib.util
import io
import struct
from pathlib import Path

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import BadFile
from workbench.score.midi.files import read_midi, write_midi

DATA = Path(__file__).parents[2] / "data" / "midi"
SMALL = [path.read_bytes() for path in sorted(DATA.glob("made_*")) if path.name != "made_ports.mid"]
spec = importlib.util.spec_from_file_location("make", DATA / "make.py")
make = importlib.util.module_from_spec(spec)
spec.loader.exec_module(make)

HEADER = struct.pack(">4sIHHh", b"MThd", 6, 1, 1, 480)
MANY = b"\x00\x90\x3c\x40"  # the first of many notes, then running status


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"Dear Sir or Madam,\n" * 1000, "not a MIDI file"),
        (b"<?xml version='1.0'?><score-partwise/>", "not a MIDI file"),
        (b"PK\x03\x04" + bytes(500), "not a MIDI file"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "not a MIDI file"),
        (bytes(50_000_000), "larger than 8 MB"),
        (HEADER[:11], "breaks off"),
        (HEADER, "no tracks"),
        (HEADER + b"MTr" * 100_000, "no tracks"),
        (make.file(make.END, division=0), "how fast"),
        (make.file(make.END, division=-(7 << 8) + 4), "how fast"),
        (make.file(make.scale() + make.END, make.END, kind=2), "type 2"),
        (make.file(MANY + b"\x00\x3c\x40" * 200_001 + make.END), "200,000 notes"),
        (make.file(b"\x00\xb0\x40\x40" + b"\x00\x40\x41" * 450_000 + make.END), "400,000 controllers"),
        (make.file(b"\x00\xf8" * 450_000 + make.END), "400,000 controllers"),
        (HEADER + b"MTrk\x7f\xff\xff\xff\x00\xff\x2f\x00" * 500_000, "tracks"),
        (make.file(*[make.meta(3, b"A") + make.END] * 2000), "1,024 tracks"),
        (make.file(*[make.scale() + make.END] * 900, b"\x00\xb0\x40\x40" * 9000 + make.END), "one channel"),
        (make.file(b"\xff\xff\xff\x7f\x90\x3c\x40\x01\x3c\x00" * 7 + make.END), "longer than 12 hours"),
        (make.file(b"\xff\xff\xff\x7f\x90\x3c\x40\x01\x3c\x00" * 9 + make.END), "too long"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(data, word):
    with pytest.raises(BadFile) as caught:
        read_midi(data)
    sentence = str(caught.value)
    assert word in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert len(sentence) < 140


@pytest.mark.parametrize("name", ["made_controllers.mid", "made_type_0.mid", "made_unknown_messages.mid"])
def test_a_file_cut_anywhere_is_read_or_refused(name):
    data = (DATA / name).read_bytes()
    whole = read_midi(data)[0].note_count
    for end in range(len(data)):
        try:
            score, report = read_midi(data[:end])
        except BadFile:
            assert end < 24
        else:
            assert score.note_count <= whole
            assert report.count("truncated") + report.count("header") + report.count("garbage") > 0


def test_a_hundred_thousand_notes_are_read_and_written():
    body = b"".join(bytes((10, 0x90, 30 + step % 60, 80, 10, 0x80, 30 + step % 60, 0)) for step in range(100_000))
    score, report = read_midi(make.file(body + make.END))
    assert score.note_count == 100_000
    assert len(report) == 0
    assert len(write_midi(score)) > 800_000


def test_many_silent_tracks_beside_many_settings_do_not_multiply_the_work():
    setting = make.file(b"\x01\xb5\x40\x40" * 100_000 + make.END, *[make.meta(3, b"A") + make.END] * 1000)
    score, report = read_midi(setting)
    assert len(score.tracks) == 1000
    assert report.count("unused") == 100_000


def test_a_piece_of_four_hours_is_read():
    step = make.note(60, 480, delta=480)  # a second
    score, report = read_midi(make.file(step * (4 * 3600) + make.END))
    assert score.end == 4 * 3600 * 960
    assert len(report) == 0


def test_values_above_127_end_a_track_only_when_it_is_damaged_behind_them():
    slip = b"\x00\x90\x3c\xc8\x60\x3c\x00"
    score, report = read_midi(make.file(slip + make.scale() + make.END))
    assert (score.note_count, report.count("clipped"), report.count("damaged")) == (9, 1, 0)
    score, report = read_midi(make.file(make.scale() + slip + b"\x00\xff\xff\xff\xff\xff\xff\xff"))
    assert (score.note_count, report.count("clipped"), report.count("damaged")) == (8, 0, 1)


def test_a_track_whose_length_reaches_into_the_next_is_ended_where_that_begins():
    good = make.file(make.scale() + make.END, make.scale(1) + make.END)
    for stated in (0, 3, 60, 120, 2**31):
        score, report = read_midi(good[:18] + struct.pack(">I", stated) + good[22:])
        assert score.note_count == 16
        assert report.count("length") == 1


def test_hours_of_silence_behind_the_last_note_are_left_out():
    score, report = read_midi(make.file(make.scale() + b"\xff\xff\xff\x7f\xff\x2f\x00"))
    assert (score.note_count, score.raws) == (8, [])
    assert [remark.kind for remark in report] == ["silence"]


def test_unknown_parts_are_passed_over():
    good = make.file(make.scale() + make.END)
    score, report = read_midi(good[:14] + b"XFIH" + struct.pack(">I", 5) + b"Title" + good[14:] + b"\x00\x00")
    assert score.note_count == 8
    assert report.count("alien") == 1
    assert report.count("garbage") == 2


def test_messages_behind_the_end_mark_are_counted():
    score, report = read_midi(make.file(make.scale() + make.END + make.note(60, 10)))
    assert score.note_count == 8
    assert report.count("after-end") == len(make.note(60, 10))


def test_a_very_long_message_is_left_out_and_a_long_text_kept_as_bytes():
    body = make.meta(0x7F, bytes(70_000)) + make.meta(6, b"x" * 20_000) + make.meta(3, b"y" * 2_000) + make.scale()
    score, report = read_midi(make.file(body + make.END))
    assert report.count("large") == 1
    assert score.tracks[0].name == "y" * 1000
    assert report.count("text") == 1
    assert read_midi(write_midi(score))[0].to_dict() == score.to_dict()


edits = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 400), st.binary(min_size=1, max_size=8)), min_size=1, max_size=6
)


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(SMALL), edits)
def test_a_damaged_file_is_refused_or_gives_a_score_that_can_be_saved(data, changes):
    for kind, where, new in changes:
        at = where % (len(data) + 1)
        if kind == 0:
            data = data[:at] + new + data[at + len(new) :]
        elif kind == 1:
            data = data[:at] + new + data[at:]
        elif kind == 2:
            data = data[:at] + data[at + len(new) :]
        else:
            data = data[:at] + bytes((new[0] | 0x80,)) + data[at + 1 :]
    try:
        score, _ = read_midi(data)
    except BadFile:
        return
    copy = write_midi(score)
    mido.MidiFile(file=io.BytesIO(copy))
    assert read_midi(copy)[0].to_dict() == score.to_dict()
    assert score.from_dict(score.to_dict()).to_dict() == score.to_dict()


def test_a_message_that_other_programs_stop_at_is_not_written_again():
    score, report = read_midi(make.file(b"\x00\xf7\x03\x10\x90\x20\x00\x90\x3c\x50\x60\x80\x3c\x40"))
    assert report
    mido.MidiFile(file=io.BytesIO(write_midi(score)))
    assert score.note_count == 1


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_random_bytes_in_a_track_never_crash(body):
    try:
        score, _ = read_midi(make.file(body))
    except BadFile:
        return  # far too long, whichever notes it may hold
    assert read_midi(write_midi(score))[0].to_dict() == score.to_dict()
