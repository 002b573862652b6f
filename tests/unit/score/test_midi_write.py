"""A saved MIDI file says what the score says, and mido, which shares no code with us, agrees."""

import importlib.util
import io
from pathlib import Path

import mido
import pytest

from workbench.score.lanes import Control, Meter, Program, Raw, Tempo, Text
from workbench.score.midi.files import read_midi, write_midi
from workbench.score.score import Note, Score, Track

TESTS = Path(__file__).parents[2]
FILES = sorted(path for path in (TESTS / "data" / "midi").iterdir() if path.suffix in (".mid", ".rmi"))


def load(path):
    """A Python file outside any package, as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


roundtrip = load(TESTS / "bench" / "roundtrip.py")
make = load(TESTS / "data" / "midi" / "make.py")
#: mido reads none of these: a wrong wrapping, bytes between tracks, an end that is missing, impossible values.
MIDO_REFUSES = {"made_wrapped.rmi", "made_garbage_between.mid", "made_truncated.mid", "made_wrong_length.mid",
                "made_impossible_values.mid"}  # fmt: skip


def messages(data, track):
    """Tick and message of one track, as mido reads them."""
    tick, out = 0, []
    for message in mido.MidiFile(file=io.BytesIO(data)).tracks[track]:
        tick += message.time
        out.append((tick, message))
    return out


def score_of(*tracks, **fields):
    return Score(tracks=list(tracks), **fields)


def track_of(*notes, number=1, **fields):
    notes = {f"n{place}": Note(f"n{place}", *values) for place, values in enumerate(notes, start=1)}
    return Track(f"t{number}", notes=notes, **fields)


@pytest.mark.parametrize(
    "path", [path for path in FILES if path.name not in MIDO_REFUSES | {"made_type_2.mid"}], ids=lambda path: path.name
)
def test_every_message_of_a_file_survives_saving_or_is_reported(path):
    data = path.read_bytes()
    score, report = read_midi(data)
    copy = write_midi(score)
    before, after = roundtrip.walk(data), roundtrip.walk(copy)
    assert roundtrip.compare(before, after, report) == {}


@pytest.mark.parametrize("path", [path for path in FILES if path.name != "made_type_2.mid"], ids=lambda path: path.name)
def test_a_saved_file_opens_as_the_same_score(path):
    score, _ = read_midi(path.read_bytes())
    copy = write_midi(score)
    again, _ = read_midi(copy)
    assert again.to_dict() == score.to_dict()
    assert write_midi(again) == copy
    mido.MidiFile(file=io.BytesIO(copy))


def test_the_benchmark_notices_each_kind_of_loss():
    score, report = read_midi((TESTS / "data" / "midi" / "made_scattered_marks.mid").read_bytes())
    whole = roundtrip.walk(write_midi(score))
    for lane in ("tempos", "meters", "keys"):
        poorer = score.copy()
        setattr(poorer, lane, getattr(poorer, lane)[1:])
        assert list(roundtrip.compare(whole, roundtrip.walk(write_midi(poorer)), report)) == [lane]
    poorer = score.copy()
    poorer.texts = []
    assert list(roundtrip.compare(whole, roundtrip.walk(write_midi(poorer)), report)) == ["markers"]
    poorer = score.copy()
    del poorer.tracks[0].notes["n3"]
    assert "notes" in roundtrip.compare(whole, roundtrip.walk(write_midi(poorer)), report)
    poorer = score.copy()
    poorer.tracks[0].volume = 17
    assert list(roundtrip.compare(whole, roundtrip.walk(write_midi(poorer)), report)) == ["settings"]


def test_texts_say_in_the_file_what_a_model_wrote_and_are_not_repeated():
    text = "Bars 3 to 4 of Piano were written by the model markov."
    data = write_midi(score_of(track_of((0, 480, 60))), texts=[text, text])
    assert [message.text for _, message in messages(data, 0) if message.type == "text"] == [text]
    again = write_midi(read_midi(data)[0], texts=[text])
    assert again == data


def test_tempo_is_written_to_the_microsecond():
    data = write_midi(score_of(tempos=[Tempo(0, 16_777_215), Tempo(7, 1), Tempo(9, 500_001)]))
    tempos = [(tick, message.tempo) for tick, message in messages(data, 0) if message.type == "set_tempo"]
    assert tempos == [(0, 16_777_215), (7, 1), (9, 500_001)]


def test_more_tracks_than_channels_are_spread_over_ports():
    tracks = [track_of((0, 480, 60), number=number, program=number % 128) for number in range(1, 41)]
    tracks += [track_of((0, 480, 36), number=41 + kit, is_drum=True, program=kit) for kit in range(2)]
    data = write_midi(score_of(*tracks))
    seen = set()
    for place, track in enumerate(tracks, start=1):
        found = [message for _, message in messages(data, place)]
        port = next(message.port for message in found if message.type == "midi_port")
        channels = {message.channel for message in found if hasattr(message, "channel")}
        assert len(channels) == 1
        assert (channels == {9}) == track.is_drum
        seen.add((port, channels.pop()))
    assert len(seen) == 42
    assert [track.program for track in read_midi(data)[0].tracks] == [track.program for track in tracks]


def test_a_few_tracks_need_no_ports():
    data = write_midi(score_of(track_of((0, 1, 60)), track_of((0, 1, 36), number=2, is_drum=True)))
    assert not [message for _, message in messages(data, 1) if message.type == "midi_port"]


def test_only_what_a_score_says_is_written():
    data = write_midi(score_of(track_of((0, 480, 60)), tempos=[], meters=[]))
    assert [message.type for _, message in messages(data, 0)] == ["end_of_track"]
    assert [message.type for _, message in messages(data, 1)] == ["note_on", "note_off", "end_of_track"]


def test_settings_stand_before_the_notes_of_their_tick():
    track = track_of((0, 480, 60), (480, 480, 62), volume=90, program=5)
    track.programs = [Program(480, 6)]
    track.controls = [Control(480, 64, 127), Control(480, 0, 1)]
    found = [(tick, message.type) for tick, message in messages(write_midi(score_of(track)), 1)]
    assert found == [
        (0, "program_change"), (0, "control_change"), (0, "note_on"),
        (480, "note_off"), (480, "control_change"), (480, "program_change"), (480, "control_change"), (480, "note_on"),
        (960, "note_off"), (960, "end_of_track"),
    ]  # fmt: skip


def test_a_changed_volume_holds_although_the_file_named_the_usual_one():
    score, _ = read_midi(make.file(make.send(0xB0, 7, 100) + make.note(60, 10) + make.END))
    assert score.tracks[0].volume == 100
    score.tracks[0].volume = 40
    volumes = [message.value for _, message in messages(write_midi(score), 1) if message.is_cc(7)]
    assert volumes[-1] == 40
    assert read_midi(write_midi(score))[0].tracks[0].volume == 40


def test_notes_without_length_and_notes_that_touch_survive():
    notes = ((0, 0, 60), (0, 480, 60), (480, 0, 60), (480, 480, 60), (480, 480, 60, 3))
    again, report = read_midi(write_midi(score_of(track_of(*notes))))
    assert sorted((note.start, note.duration) for _, note in again.all_notes()) == [
        (0, 0), (0, 480), (480, 0), (480, 480), (480, 480),
    ]  # fmt: skip
    assert len(report) == 0


def test_a_note_within_another_of_its_pitch_leaves_its_length_alone():
    track = track_of((0, 1000, 60), (200, 200, 60), (250, 50, 60), (0, 100, 64), name="Piano", program=4, volume=77)
    track.raws = [Raw(0, "d001"), Raw(0, "f0430102f7")]
    again, _ = read_midi(write_midi(score_of(track)))
    assert sorted((note.start, note.duration, note.pitch) for _, note in again.all_notes()) == [
        (0, 100, 64), (0, 1000, 60), (200, 200, 60), (250, 50, 60),
    ]  # fmt: skip
    assert {(track.name, track.program, track.volume) for track in again.tracks} == {("Piano", 4, 77)}
    assert sum(raw.data.startswith("f0") for track in again.tracks for raw in track.raws) == 1


def test_notes_that_overlap_one_after_another_stay_on_one_track():
    again, _ = read_midi(write_midi(score_of(track_of((0, 300, 60), (100, 200, 60), (200, 300, 60)))))
    assert len(again.tracks) == 1
    assert sorted((note.start, note.duration) for _, note in again.all_notes()) == [(0, 300), (100, 200), (200, 300)]


def test_a_pickup_becomes_a_short_first_bar():
    score = score_of(track_of((0, 480, 60)), ppq=480, pickup=720, meters=[Meter(0, 6, 8), Meter(2160, 4, 4)])
    again, _ = read_midi(write_midi(score))
    assert [(meter.tick, meter.numerator, meter.denominator) for meter in again.meters] == [
        (0, 3, 8), (720, 6, 8), (2160, 4, 4),
    ]  # fmt: skip
    assert again.pickup == 0


def test_a_long_silence_is_bridged():
    far = 2**31 - 2
    data = write_midi(score_of(track_of((far, 1, 60)), tempos=[Tempo(0, 1)]))
    again, _ = read_midi(data)
    assert [note.start for _, note in again.all_notes()] == [far]


def test_silence_at_the_end_and_release_speeds_are_kept():
    body = make.send(0x90, 60, 80) + make.send(0x80, 60, 33, delta=480) + b"\x87\x40\xff\x2f\x00"
    score, report = read_midi(make.file(body))
    found = messages(write_midi(score), 1)
    assert [message.velocity for _, message in found if message.type == "note_off"] == [33]
    assert max(tick for track in (0, 1) for tick, _ in messages(write_midi(score), track)) == 1440
    assert len(report) == 0


def test_raw_messages_move_to_the_channel_of_their_track():
    second = track_of((0, 480, 60), number=2)
    second.raws = [Raw(0, "d040"), Raw(0, "f0430102f7"), Raw(10, "ff7f024142")]
    second.texts = [Text(0, "lyric", "là")]
    data = write_midi(score_of(track_of((0, 480, 60)), second))
    found = {message.type: message for _, message in messages(data, 2)}
    assert (found["aftertouch"].channel, found["aftertouch"].value) == (1, 0x40)
    assert tuple(found["sysex"].data) == (0x43, 1, 2)
    assert tuple(found["sequencer_specific"].data) == (0x41, 0x42)
    assert read_midi(data)[0].tracks[1].texts == second.texts
