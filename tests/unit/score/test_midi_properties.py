"""Any score that MIDI has words for survives saving, whatever it holds; and so does any file that mido can write."""

import importlib.util
import io
from collections import Counter
from pathlib import Path

import mido
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.score.lanes import Bend, Control, Key, Meter, Program, Raw, Tempo, Text
from workbench.score.midi.files import read_midi, write_midi
from workbench.score.score import Note, Score, Track

spec = importlib.util.spec_from_file_location("roundtrip", Path(__file__).parents[2] / "bench" / "roundtrip.py")
roundtrip = importlib.util.module_from_spec(spec)
spec.loader.exec_module(roundtrip)

ticks = st.integers(0, 2_000)
seven = st.integers(0, 127)


def lane(strategy, limit=6):
    return st.lists(strategy, max_size=limit).map(lambda events: sorted(events, key=lambda event: event.tick))


@st.composite
def tracks(draw, number):
    track = Track(f"t{number}", draw(st.text("abcäж", max_size=5)), draw(seven), draw(st.booleans()))
    track.volume, track.pan, track.room = draw(seven), draw(seven), draw(seven)
    end = 0
    for place in range(draw(st.integers(1, 8))):
        # Notes follow each other on a pitch: MIDI pairs overlapping ones first in, first out.
        start = end + draw(st.integers(0, 50))
        end = start + draw(st.integers(0, 50))
        name = f"n{place}"
        track.notes[name] = Note(name, start, end - start, draw(st.integers(60, 61)), draw(st.integers(1, 127)))
    after = st.integers(51, 2_000)
    track.controls = draw(lane(st.builds(Control, ticks, st.sampled_from((1, 11, 64, 66, 74)), seven)))
    track.programs = draw(lane(st.builds(Program, after, seven), 3))
    track.bends = draw(lane(st.builds(Bend, ticks, st.integers(-8192, 8191))))
    track.raws = draw(lane(st.builds(Raw, ticks, st.sampled_from(("d012", "a03c22", "f07e7f0901f7", "ff7f020102"))), 3))
    track.texts = draw(lane(st.builds(Text, ticks, st.sampled_from(("lyric", "text")), st.text("xyé", max_size=4)), 3))
    return track


@st.composite
def scores(draw):
    score = Score(draw(st.text("title ü", max_size=6)), draw(st.integers(1, 32_767)))
    score.tempos = draw(lane(st.builds(Tempo, ticks, st.integers(1, 0xFFFFFF))))
    powers = st.sampled_from([1, 2, 4, 8, 16, 32, 64, 128, 256])
    byte = st.integers(0, 255)
    score.meters = draw(lane(st.builds(Meter, ticks, st.integers(1, 255), powers, byte, byte)))
    score.keys = draw(lane(st.builds(Key, ticks, st.integers(-7, 7), st.sampled_from(("major", "minor")))))
    score.texts = draw(
        lane(st.builds(Text, ticks, st.sampled_from(("marker", "cue", "text")), st.text("ab", max_size=3)))
    )
    score.tracks = [draw(tracks(number)) for number in range(1, draw(st.integers(1, 4)) + 1)]
    return score


def content(score):
    """All that MIDI has words for; programs and fields as each note sounds with them."""
    out = Counter()
    for place, track in enumerate(score.tracks):
        changes = [(0, track.program), *((change.tick, change.program) for change in track.programs)]
        for note in track.notes.values():
            program = [program for tick, program in changes if tick <= note.start][-1]
            out["note", place, track.is_drum, note.start, note.duration, note.pitch, note.velocity, program] += 1
        out["fields", place, track.name, track.volume, track.pan, track.room] += 1
        for name in ("controls", "bends", "texts"):
            out[name, place, tuple(getattr(track, name))] += 1
    for name in ("tempos", "meters", "keys", "texts"):
        # The same mark twice in a row on one tick is one mark.
        marks = getattr(score, name)
        kept = tuple(mark for at, mark in enumerate(marks) if not at or marks[at - 1] != mark)
        out[name, kept] += 1
    out["piece", score.title, score.ppq] += 1
    return out


@settings(max_examples=80, deadline=None)
@given(scores())
def test_a_score_survives_saving(score):
    assert content(read_midi(write_midi(score))[0]) == content(score)


free_notes = st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(60, 61), st.integers(1, 127))


@settings(max_examples=100, deadline=None)
@given(st.lists(free_notes, max_size=12))
def test_notes_survive_saving_however_they_overlap(rows):
    notes = {f"n{place}": Note(f"n{place}", *row) for place, row in enumerate(rows)}
    data = write_midi(Score(tracks=[Track("t1", notes=notes)]))
    found = [(note.start, note.duration, note.pitch, note.velocity) for _, note in read_midi(data)[0].all_notes()]
    assert Counter(found) == Counter(rows)


@settings(max_examples=50, deadline=None)
@given(scores())
def test_saving_twice_is_saving_once(score):
    once = write_midi(read_midi(write_midi(score))[0])
    assert write_midi(read_midi(once)[0]) == once


channels = st.integers(0, 2) | st.just(9)
messages = st.one_of(
    st.builds(mido.Message, st.just("note_on"), channel=channels, note=st.integers(60, 62), velocity=seven),
    st.builds(mido.Message, st.just("note_off"), channel=channels, note=st.integers(60, 62)),
    st.builds(mido.Message, st.just("program_change"), channel=channels, program=st.integers(0, 4)),
    st.builds(mido.Message, st.just("control_change"), channel=channels,
              control=st.sampled_from((0, 7, 10, 11, 64, 91)), value=st.integers(0, 3)),
    st.builds(mido.Message, st.just("pitchwheel"), channel=channels, pitch=st.integers(-3, 3)),
    st.builds(mido.MetaMessage, st.just("set_tempo"), tempo=st.integers(1, 3)),
    st.builds(mido.MetaMessage, st.just("key_signature"), key=st.sampled_from(("C", "Ebm", "F#"))),
    st.builds(mido.MetaMessage, st.just("time_signature"), numerator=st.integers(1, 4), denominator=st.just(8)),
    st.builds(mido.MetaMessage, st.just("marker"), text=st.sampled_from(("A", "B"))),
    st.builds(mido.MetaMessage, st.just("midi_port"), port=st.integers(0, 1)),
)  # fmt: skip
timed = st.tuples(messages, st.integers(0, 3)).map(lambda pair: pair[0].copy(time=pair[1]))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(timed, max_size=14), min_size=1, max_size=4))
def test_any_file_of_mido_survives_or_the_report_says_what_changed(contents):
    midi = mido.MidiFile(type=1, ticks_per_beat=96)
    midi.tracks = [mido.MidiTrack(content) for content in contents]
    buffer = io.BytesIO()
    midi.save(file=buffer)
    data = buffer.getvalue()
    score, report = read_midi(data)
    copy = write_midi(score)
    assert roundtrip.compare(roundtrip.walk(data), roundtrip.walk(copy), report) == {}
    assert write_midi(read_midi(copy)[0]) == copy
