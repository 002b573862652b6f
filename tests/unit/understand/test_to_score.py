"""A description as a piece: everything stays where it was heard; bars, chords and tracks are as a person expects."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from workbench.errors import BadRequest
from workbench.score.lanes import Meter, Tempo
from workbench.score.score import Note, Score, Track
from workbench.score.timemap import TimeMap
from workbench.understand.heard import Beats, Heard, HeardChord, HeardKey, HeardNote, HeardSection, shift_one


def free_beats(count: int, start: float, seed: int = 1) -> Beats:
    chance = random.Random(seed)
    times = [start]
    for index in range(count - 1):
        times.append(times[-1] + 0.5 + 0.1 * (index / count) + chance.uniform(-0.03, 0.03))
    return Beats(tuple(times), tuple(times[1::4]))


def notes_at(times: list[float], pitch: int = 60, length: float = 0.3) -> tuple[HeardNote, ...]:
    return tuple(HeardNote(time, time + length, pitch + index % 12) for index, time in enumerate(times))


@pytest.mark.parametrize("start", [0.0, 0.04, 0.31, 1.37, 11.2])
def test_every_onset_lies_within_half_a_tick_of_where_it_was_heard(start: float) -> None:
    beats = free_beats(300, start)
    duration = beats.beats[-1] + 20
    chance = random.Random(3)
    times = sorted(chance.uniform(0, duration - 1) for _ in range(2_000))
    heard = Heard(duration, beats=beats, notes=notes_at(times), kind="piano")
    score = heard.score()
    line = TimeMap(score)
    for time, note in zip(times, score.tracks[0].sorted_notes(), strict=True):
        half = line.tempo_at(note.start) / 1e6 / score.ppq / 2
        assert abs(line.seconds(note.start) - time) <= half * 1.01 + 1e-9


def test_beats_become_beats_and_downbeats_bar_lines_after_a_pickup() -> None:
    beats = free_beats(80, 0.7)
    score = Heard(60, beats=beats).score()
    line = TimeMap(score)
    assert score.pickup == 2 * 960  # one beat counted in, and the one that was heard before the downbeat
    for index, time in enumerate(beats.beats):
        assert line.seconds((index + 1) * 960) == pytest.approx(time, abs=2e-6)
    for number, time in enumerate(beats.downbeats, start=1):
        assert line.seconds(line.bar(number).start) == pytest.approx(time, abs=2e-6)


def test_a_long_lead_in_is_counted_in_whole_bars() -> None:
    beats = Beats(tuple(10 + 0.5 * index for index in range(16)), tuple(10.0 + 2 * bar for bar in range(4)))
    score = Heard(20, beats=beats).score()
    line = TimeMap(score)
    assert score.pickup == 0
    assert line.bar_at(line.tick(10.0)).number == 6
    assert {tempo.us_per_quarter for tempo in score.tempos} == {500_000}


def test_without_beats_it_is_120_a_minute_in_fours() -> None:
    score = Heard(5, notes=(HeardNote(1.0, 2.0, 60),), kind="piano").score()
    assert score.tempos == [Tempo(0, 500_000)]
    assert score.pickup == 0
    assert (score.meters[0].numerator, score.tracks[0].sorted_notes()[0].start) == (4, 1_920)


def test_waltzes_and_bars_of_another_length_get_their_metre() -> None:
    times = tuple(0.5 * index for index in range(20))
    waltz = Heard(12, beats=Beats(times, times[::3], metre=3)).score()
    assert [(meter.tick, meter.numerator) for meter in waltz.meters] == [(0, 3)]
    odd = Heard(12, beats=Beats(times, (times[0], times[4], times[6], times[10], times[18]))).score()
    assert [(meter.tick // 960, meter.numerator) for meter in odd.meters] == [(0, 4), (4, 2), (6, 4)]


def test_silence_between_beats_is_counted_through_and_time_is_kept() -> None:
    times = (*(0.5 * index for index in range(8)), *(60 + 0.5 * index for index in range(8)))
    score = Heard(70, beats=Beats(times, times[::4]), notes=notes_at([60.25]), kind="piano").score()
    assert max(tempo.us_per_quarter for tempo in score.tempos) < 600_000
    line = TimeMap(score)
    assert line.seconds(score.tracks[0].sorted_notes()[0].start) == pytest.approx(60.25, abs=3e-4)


def piece() -> Score:
    score = Score(pickup=960, tempos=[Tempo(0, 600_000), Tempo(960 * 5, 431_777), Tempo(960 * 13, 700_001)])
    score.meters = [Meter(0, 3)]
    track = Track("t1", "Piano")
    chance = random.Random(5)
    for index in range(120):
        start = chance.randrange(0, 960 * 24)
        note = Note(f"n{index}", start, chance.randrange(100, 2_000), index, 1 + index)  # no pitch twice
        track.notes[note.id] = note
    score.tracks = [track]
    return score


def test_a_piece_heard_exactly_gives_the_same_seconds_again() -> None:
    score = piece()
    line = TimeMap(score)
    times = tuple(line.seconds(960 * beat) for beat in range(28))
    heard = Heard(
        60, beats=Beats(times, times[1::3], metre=3), kind="piano", model="listener",
        notes=tuple(
            HeardNote(line.seconds(note.start), line.seconds(note.end), note.pitch, note.velocity)
            for _, note in score.all_notes()
        ),
    )  # fmt: skip
    again = Heard.from_json(heard.to_json()).score()
    other = TimeMap(again)
    assert again.pickup == score.pickup
    assert [meter.numerator for meter in again.meters] == [3]
    before, after = score.tracks[0].sorted_notes(), again.tracks[0].sorted_notes()
    assert [(note.pitch, note.velocity) for note in before] == [(note.pitch, note.velocity) for note in after]
    for was, now in zip(before, after, strict=True):
        assert (was.start, was.duration) == (now.start, now.duration)
        assert line.seconds(was.start) == pytest.approx(other.seconds(now.start), abs=1e-5)
    assert {note.author for note in after} == {"model:listener"}


def band() -> Heard:
    beats = Beats(tuple(0.5 * index for index in range(33)), tuple(2.0 * bar for bar in range(9)))
    melody = notes_at([0.5 * index for index in range(8)], 72)
    chords = [HeardNote(2.0 * bar, 2.0 * bar + 1.9, pitch) for bar in range(4) for pitch in (60, 64, 67)]
    bass = [HeardNote(2.0 * bar, 2.0 * bar + 1.0, 36) for bar in range(4)]
    drums = tuple(HeardNote(0.5 * index, 0.5 * index + 0.1, 36 + 2 * (index % 2), drum=True) for index in range(16))
    return Heard(
        16.5, beats=beats, key=HeardKey(9, "minor"), notes=(*melody, *chords, *bass), melody=melody, drums=drums,
        chords=(
            HeardChord(0, 2.04, "A:min7"), HeardChord(2.04, 4, "A:min7"), HeardChord(4, 5.98, "N"),
            HeardChord(5.98, 8, "C:maj/3"),
        ),
        sections=(HeardSection(0, 8.3, "A"), HeardSection(8.3, 16, "B")),
    )  # fmt: skip


def test_a_band_becomes_melody_bass_chords_and_drums() -> None:
    score = band().score()
    assert [(track.name, track.is_drum, len(track.notes)) for track in score.tracks] == [
        ("Melody", False, 8), ("Bass", False, 4), ("Chords", False, 12), ("Drums", True, 16),
    ]  # fmt: skip
    assert [track.program for track in score.tracks] == [73, 33, 0, 0]
    assert {note.author for _, note in score.all_notes()} == {"imported"}


def test_chords_key_and_sections_come_into_the_lanes_at_beats_and_bar_lines() -> None:
    score = band().score()
    assert [(chord.tick, chord.duration, chord.root, chord.quality, chord.bass) for chord in score.chords] == [
        (0, 8 * 960, 9, "min7", -1), (12 * 960, 4 * 960, 0, "maj", 4),
    ]  # fmt: skip
    assert (score.keys[0].fifths, score.keys[0].mode, score.keys[0].tonic) == (0, "minor", 9)
    assert [(text.tick // 960, text.kind, text.text) for text in score.texts] == [
        (0, "marker", "A"),
        (16, "marker", "B"),
    ]


def test_every_key_keeps_its_tonic() -> None:
    for tonic in range(12):
        for mode in ("major", "minor"):
            key = Heard(1, key=HeardKey(tonic, mode)).score().keys[0]
            assert (key.tonic, key.mode) == (tonic, mode)


def test_the_tracks_wanted_are_the_tracks_given() -> None:
    assert [track.name for track in band().score(tracks=["notes"]).tracks] == ["Chords"]
    assert len(band().score(tracks=["notes"]).tracks[0].notes) == 24
    assert [track.name for track in band().score(tracks=["drums", "melody"]).tracks] == ["Melody", "Drums"]
    with pytest.raises(BadRequest, match="flute"):
        band().score(tracks=["flute"])


def test_notes_that_a_person_put_right_are_by_both() -> None:
    heard = Heard(4, notes=notes_at([1.0]), kind="piano", model="listener")
    mended = heard.corrected(notes=[{"start": 1, "end": 2, "pitch": 65}])
    assert [note.author for _, note in mended.score().all_notes()] == ["human+model:listener"]


def test_no_pitch_of_a_track_sounds_twice_at_once() -> None:
    notes = (HeardNote(0, 3, 60), HeardNote(1, 2, 60), HeardNote(1, 2.5, 60), HeardNote(1.5, 3, 60))
    written = Heard(4, notes=notes, kind="piano").score().tracks[0].sorted_notes()
    assert len(written) == 3
    assert all(before.end <= after.start for before, after in pairwise(written))


def test_on_the_grid_a_loosely_sung_tune_is_in_eighths_and_quarters() -> None:
    chance = random.Random(2)
    meant = [0, 1, 1.5, 2, 3, 4, 4.5, 5, 5.5, 6, 7, 7.5]
    times = [1.0 + 0.5 * beat + chance.uniform(-0.04, 0.04) for beat in meant]
    beats = Beats(tuple(1.0 + 0.5 * index for index in range(12)), (1.0, 3.0, 5.0))
    heard = Heard(8, beats=beats, melody=notes_at(times, length=0.2), kind="singing")
    written = heard.score(quantise=True).tracks[0].sorted_notes()
    assert [(note.start - 2 * 960) / 960 for note in written] == meant


def test_on_the_grid_triplets_stay_triplets_and_nothing_is_lost() -> None:
    times = [0, 1 / 3, 2 / 3, 1, 1.25, 1.5, 1.75, 2]
    beats = Beats(tuple(0.5 * index for index in range(12)), (0.0, 2.0, 4.0))
    heard = Heard(8, beats=beats, melody=notes_at([0.5 * time for time in times], length=0.1), kind="singing")
    written = heard.score(quantise=True).tracks[0].sorted_notes()
    assert [note.start for note in written] == [round(960 * time) for time in times]


def test_shifting_the_one_moves_the_bars_and_nothing_else() -> None:
    heard = band()
    moved = heard.corrected(beats=shift_one(heard.beats, 1)).score()
    assert moved.pickup == 960
    assert [note.start for _, note in moved.all_notes()] == [note.start for _, note in heard.score().all_notes()]
