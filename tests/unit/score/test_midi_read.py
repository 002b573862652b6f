"""What a MIDI file says is what the score holds; what is changed on the way is in the report."""

import importlib.util
from pathlib import Path

import pytest

from workbench.score.midi.files import read_midi
from workbench.score.report import ImportReport
from workbench.score.score import Score

DATA = Path(__file__).parents[2] / "data" / "midi"


def load(path):
    """A Python file outside any package, as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


make = load(DATA / "make.py")


def read(name) -> tuple[Score, ImportReport]:
    return read_midi((DATA / name).read_bytes())


def rows(track):
    return [(note.start, note.duration, note.pitch, note.velocity) for note in track.sorted_notes()]


def test_the_bundled_files_are_those_that_the_script_makes():
    for name, build in make.FILES.items():
        assert (DATA / name).read_bytes() == build(), name


def test_one_track_of_many_channels_becomes_a_track_a_channel():
    score, report = read("made_type_0.mid")
    assert score.title == "One track"
    assert [(track.name, track.program, track.is_drum) for track in score.tracks] == [
        ("Flute", 73, False),
        ("Bass", 32, False),
        ("", 0, True),
    ]
    assert report.count("split") == 1


def test_marks_on_any_track_are_merged():
    score, _ = read("made_scattered_marks.mid")
    assert [(tempo.tick, tempo.us_per_quarter) for tempo in score.tempos] == [(1920, 400_001), (2880, 333_333)]
    assert [(meter.tick, meter.numerator, meter.denominator) for meter in score.meters] == [(0, 6, 8), (2880, 7, 8)]
    assert [(key.tick, key.fifths, key.mode) for key in score.keys] == [(1920, -3, "minor")]
    assert [(text.tick, text.text) for text in score.texts if text.kind == "marker"] == [(0, "Verse"), (2400, "Chorus")]


def test_a_file_that_names_no_tempo_and_metre_gets_none():
    score, report = read("made_starts_late.mid")
    assert score.tempos == []
    assert score.meters == []
    assert score.keys == []
    assert score.pickup == 0
    assert rows(score.tracks[0]) == [(9600, 480, 60, 80)]
    assert [(raw.tick, raw.data) for raw in score.raws] == [(11040, "ff2f00")]
    assert len(report) == 0


def test_ids_count_through_the_piece_and_every_note_is_imported():
    score, _ = read("made_scattered_marks.mid")
    assert [track.id for track in score.tracks] == ["t1", "t2"]
    assert [note.id for _, note in score.all_notes()] == [f"n{number}" for number in range(1, 17)]
    assert {note.author for _, note in score.all_notes()} == {"imported"}


def test_a_channel_shared_by_tracks_sounds_the_same_in_each():
    score, report = read("made_shared_state.mid")
    first, second, third = score.tracks
    assert {track.program for track in score.tracks} == {40}
    assert first.volume == 90
    assert first.pan == 20
    assert [control.value for control in second.controls if control.number == 7] == [70]
    # The change at tick 960 stands in the second track, behind a note of the first on the same tick.
    assert [(change.tick, change.program) for change in first.programs] == [(961, 41)]
    assert [(change.tick, change.program) for change in second.programs] == [(960, 41)]
    assert [(change.tick, change.program) for change in third.programs] == [(960, 41)]
    assert report.count("shared") == 3
    assert report.count("program-order") == 1


def test_controllers_bends_and_pressures_are_kept_in_order():
    track = read("made_controllers.mid")[0].tracks[0]
    assert [(control.number, control.value) for control in track.controls if control.tick == 0] == [
        (101, 0), (100, 0), (6, 12), (38, 0), (64, 127),
    ]  # fmt: skip
    assert [bend.value for bend in track.bends] == [0, 8191, -8192]
    assert {raw.data for raw in track.raws} == {"b00764", "b00a40", "c000", "d037", "a03c21"}
    assert [control.number for control in track.controls if control.tick > 240] == [11, 1, 64, 123, 121]


def test_notes_on_one_pitch_are_paired_first_in_first_out():
    score, report = read("made_odd_notes.mid")
    on_60 = [row for row in rows(score.tracks[0]) if row[2] == 60]
    assert on_60 == [(0, 200, 60, 10), (100, 200, 60, 20)]
    assert (300, 0, 62, 80) in rows(score.tracks[0])
    assert report.count("stray-off") == 1


def test_a_note_that_never_ends_lasts_to_the_end_of_its_track():
    score, report = read("made_odd_notes.mid")
    assert [row for row in rows(score.tracks[0]) if row[2] == 64] == [(400, 576, 64, 70)]
    assert report.count("unended") == 1


def test_ports_keep_tracks_apart():
    score, _ = read("made_ports.mid")
    assert [track.program for track in score.tracks] == [*range(40), 0, 16]
    assert [track.is_drum for track in score.tracks] == [False] * 40 + [True] * 2


def test_running_status_lasts_through_meta_messages():
    score, report = read("made_running_status.mid")
    assert rows(score.tracks[0]) == [(0, 96, 60, 80), (96, 96, 62, 80), (192, 96, 64, 80)]
    assert len(report) == 0


def test_messages_without_words_are_kept_as_bytes():
    score, _ = read("made_unknown_messages.mid")
    assert [raw.data for raw in score.raws] == [
        "ff00020007", "f07e7f0901f7", "ff54056000000000", "ff7f05000041ff80", "ff4b023f21",
    ]  # fmt: skip
    assert [(raw.tick, raw.data) for raw in score.tracks[1].raws] == [(0, "f0431200"), (16, "f70102f7")]


def test_named_tracks_without_notes_are_kept():
    score, report = read("made_empty_tracks.mid")
    assert score.title == "Sketch"
    assert [(track.name, len(track.notes), track.program) for track in score.tracks] == [
        ("Piano", 8, 0),
        ("To be written", 0, 56),
        ("Empty", 0, 0),
    ]
    assert report.count("empty") == 1


def test_a_change_of_instrument_behind_a_note_on_its_tick_moves_by_one_tick():
    score, report = read("made_program_on_note.mid")
    track = score.tracks[0]
    assert [(change.tick, change.program) for change in track.programs] == [(481, 30), (720, 31), (961, 32)]
    assert report.count("program-order") == 2
    assert report.count("program-mixed") == 1


@pytest.mark.parametrize(
    ("name", "seconds_per_tick"), [("made_film_25.mid", 1 / 1000), ("made_film_29_97.mid", 1001 / 30000 / 80)]
)
def test_film_time_is_kept_exactly(name, seconds_per_tick):
    score, report = read(name)
    assert [tempo.tick for tempo in score.tempos] == [0]
    assert score.tempos[0].us_per_quarter / score.ppq / 1e6 == pytest.approx(seconds_per_tick, rel=1e-12)
    assert rows(score.tracks[0])[1][:2] == (240, 240)
    assert report.count("smpte") == 1


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("made_names_utf8.mid", ["Größe", "Żółw", "ピアノ", "पियानो", "בס", "🎹"]),
        ("made_names_utf16.mid", ["Größe", "ピアノ"]),
        ("made_names_latin1.mid", ["Flöte", "“Élégie” – très lent"]),
        ("made_names_shift_jis.mid", ["ピアノ", "旋律 メロディ", "Bass"]),
    ],
)
def test_names_in_any_encoding_can_be_read(name, names):
    score, report = read(name)
    assert [track.name for track in score.tracks] == names
    assert {text.text for text in score.texts} == set(names)
    foreign = 0 if "utf8" in name else 2 * sum(any(ord(letter) > 127 for letter in text) for text in names)
    assert report.count("encoding") == foreign


def test_a_wrapped_file_is_unwrapped():
    score, report = read("made_wrapped.rmi")
    assert score.note_count == 8
    assert [remark.kind for remark in report] == ["riff"]


@pytest.mark.parametrize(
    ("name", "notes", "kind"),
    [
        ("made_truncated.mid", 13, "truncated"),
        ("made_wrong_length.mid", 16, "length"),
        ("made_garbage_between.mid", 16, "garbage"),
    ],
)
def test_a_damaged_file_is_read_as_far_as_it_goes(name, notes, kind):
    score, report = read(name)
    assert score.note_count == notes
    assert [remark.kind for remark in report] == [kind]


def test_impossible_values_are_left_out_and_counted():
    score, report = read("made_impossible_values.mid")
    assert [tempo.us_per_quarter for tempo in score.tempos] == [512_000]
    assert score.keys == []
    assert score.meters == []
    assert max(note.velocity for _, note in score.all_notes()) == 127
    assert report.count("invalid") == 3
    assert report.count("clipped") == 1


def test_settings_before_the_first_note_become_fields():
    body = make.send(0xB0, 7, 30, delta=10) + make.send(0xB0, 7, 80, delta=10) + make.send(0xB0, 0, 3)
    body += make.send(0xC0, 12) + make.send(0xB0, 91, 99) + make.note(60, 100, delta=100) + make.send(0xB0, 7, 5)
    score, report = read_midi(make.file(body + make.END))
    track = score.tracks[0]
    assert (track.volume, track.program, track.room) == (80, 12, 99)
    assert [(control.tick, control.number, control.value) for control in track.controls] == [(0, 0, 3), (220, 7, 5)]
    assert report.count("moved") == 5
    assert report.count("superseded") == 1


def test_remarks_are_sentences_with_their_count():
    _, report = read("made_odd_notes.mid")
    assert str(report).splitlines() == [remark.text for remark in report]
    assert all(remark.text.endswith(".") and str(remark.count) in remark.text for remark in report)


def test_real_music_reads_as_its_features_promise():
    drums, _ = read("freedoom_d_inter.mid")
    assert sum(track.is_drum for track in drums.tracks) == 14
    rubato, _ = read("freedoom_d_read_m.mid")
    assert len(rubato.tempos) == 92
    metres, _ = read("lieder_webern_op4_4.mid")
    assert len(metres.meters) == 12
    many, _ = read("polish_scigalski_sanctus.mid")
    assert len(many.tracks) == 18
