"""Conversion to and from pretty_midi keeps what both know, and says what is lost."""

import pretty_midi
import pytest

from workbench.errors import BadRequest
from workbench.score.lanes import Bend, Control, Key, Meter, Program, Tempo, Text
from workbench.score.midi.prettymidi import from_pretty_midi, to_pretty_midi
from workbench.score.score import Note, Score, Track


def piece():
    """Two tempos, a metre change, keys, texts, a melody with a bend and a drum track."""
    notes = {f"n{step}": Note(f"n{step}", step * 111, 100 + step % 2, 60 + step % 12, 40 + step) for step in range(40)}
    melody = Track("t1", "Melody", 40, volume=90, notes=notes)
    melody.controls = [Control(100, 64, 127), Control(900, 64, 0)]
    melody.bends = [Bend(50, -4000), Bend(60, 0)]
    melody.texts = [Text(111, "lyric", "la")]
    drums = Track("t2", "Drums", 0, is_drum=True, notes={"n1": Note("n1", 3, 30, 36, 100)})
    score = Score("Piece", 480, tracks=[melody, drums])
    score.tempos = [Tempo(0, 500_000), Tempo(777, 333_333), Tempo(2000, 1_234_567)]
    score.meters = [Meter(0, 3, 4), Meter(1440, 6, 8)]
    score.keys = [Key(0, -3, "minor"), Key(1440, 6, "major")]
    score.texts = [Text(5, "text", "Begin")]
    return score


def rows(track):
    return [(note.start, note.duration, note.pitch, note.velocity) for note in track.sorted_notes()]


def test_what_both_know_passes_both_ways_to_the_tick():
    score = piece()
    again = from_pretty_midi(to_pretty_midi(score))
    assert [rows(track) for track in again.tracks] == [rows(track) for track in score.tracks]
    for name in ("name", "program", "is_drum", "volume", "bends", "controls"):
        assert [getattr(track, name) for track in again.tracks] == [getattr(track, name) for track in score.tracks]
    for name in ("ppq", "tempos", "meters", "keys"):
        assert getattr(again, name) == getattr(score, name)
    assert again.texts == [Text(5, "text", "Begin"), Text(111, "lyric", "la")]
    assert {note.author for _, note in again.all_notes()} == {"imported"}


def test_times_are_the_seconds_that_the_tempos_say():
    pm = to_pretty_midi(piece())
    note = pm.instruments[0].notes[10]  # at tick 1110, after the change at 777
    assert note.start == pytest.approx(777 / 480 * 0.5 + 333 / 480 * 0.333333, abs=1e-9)


def test_a_track_that_changes_its_instrument_becomes_one_instrument_a_program():
    track = Track("t1", "Solo", 5, notes={"a": Note("a", 0, 10, 60), "b": Note("b", 500, 10, 61)})
    track.programs = [Program(500, 9)]
    pm = to_pretty_midi(Score(tracks=[track]))
    assert [(instrument.program, len(instrument.notes)) for instrument in pm.instruments] == [(5, 1), (9, 1)]


def test_a_score_without_notes_passes():
    again = from_pretty_midi(to_pretty_midi(Score(tracks=[Track("t1", "Empty", 3)])))
    assert [(track.name, track.program, len(track.notes)) for track in again.tracks] == [("Empty", 3, 0)]


@pytest.mark.parametrize("number", range(24))
def test_every_key_has_its_pitch_class_and_mode(number):
    pm = pretty_midi.PrettyMIDI()
    pm.key_signature_changes = [pretty_midi.KeySignature(number, 0.0)]
    key = from_pretty_midi(pm).keys[0]
    assert (key.tonic, key.mode) == (number % 12, "major" if number < 12 else "minor")
    assert to_pretty_midi(from_pretty_midi(pm)).key_signature_changes[0].key_number == number


def test_a_piece_made_with_pretty_midi_is_taken_over():
    pm = pretty_midi.PrettyMIDI(initial_tempo=100)
    piano = pretty_midi.Instrument(0, name="Piano")
    piano.notes = [pretty_midi.Note(90, 64, 0.6, 1.2)]
    pm.instruments.append(piano)
    score = from_pretty_midi(pm)
    assert [tempo.us_per_quarter for tempo in score.tempos] == [600_000]
    assert rows(score.tracks[0]) == [(220, 220, 64, 90)]


def test_a_piece_too_long_for_its_tables_is_refused():
    track = Track("t1", notes={"n1": Note("n1", 2**31 - 2, 1, 60)})
    with pytest.raises(BadRequest, match="too long for pretty_midi"):
        to_pretty_midi(Score(tracks=[track]))
