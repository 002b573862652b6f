"""Four voices under a tune: harmony, part writing, and what moves in them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import pytest

from workbench.create.compose.chords import likely_under
from workbench.create.infill.extend import harmonise
from workbench.errors import BadRequest
from workbench.score import Note, Score
from workbench.score.lanes import Chord, Meter
from workbench.score.score import Track

BEAT = 960
#: Old Hundredth, the psalm tune of 1551: (key, beats).
PSALM = [
    (67, 1), (67, 1), (66, 1), (64, 1), (62, 1), (67, 1), (69, 1), (71, 2),
    (71, 1), (71, 1), (71, 1), (69, 1), (67, 1), (72, 1), (71, 1), (69, 2),
    (67, 1), (69, 1), (71, 1), (69, 1), (67, 1), (64, 1), (66, 1), (67, 2),
    (74, 1), (71, 1), (67, 1), (69, 1), (72, 1), (71, 1), (69, 1), (67, 3),
]  # fmt: skip


def tune(rows: Sequence[tuple[int, float]], shift: int = 0, pickup: int = 0) -> Score:
    """A tune of one track; key 0 is a rest."""
    score = Score(ppq=BEAT, pickup=pickup)
    track, at = Track("t1", name="Tune", program=52), 0
    for number, (pitch, beats) in enumerate(rows):
        length = round(beats * BEAT)
        if pitch:
            track.notes[f"n{number}"] = Note(f"n{number}", at, length, pitch + shift)
        at += length
    score.tracks.append(track)
    return score


def sounding(score: Score, tick: int) -> list[int]:
    """The keys that sound at a tick, from the first track down."""
    return [
        note.pitch for track in score.tracks for note in track.notes.values() if note.start <= tick < note.end
    ]  # fmt: skip


def test_a_psalm_ends_on_its_chord_and_its_bass_carries_the_harmony() -> None:
    made = harmonise(tune(PSALM), seed=1)[0].score()
    last = sounding(made, made.end - 1)
    assert len(last) == 4
    assert last[3] % 12 == 7, "the bass closes on the tonic"
    assert {pitch % 12 for pitch in last} <= {7, 11, 2}
    triads = [
        {(root + step) % 12 for step in shape}
        for root in range(12)
        for shape in ((0, 4, 7, 10), (0, 3, 7, 10), (0, 4, 7, 11), (0, 3, 6, 10), (0, 3, 6, 9))
    ]
    beats = [sounding(made, beat * BEAT) for beat in range(made.end // BEAT)]
    assert all(len(beat) == 4 for beat in beats)
    chords = sum(any({pitch % 12 for pitch in beat} <= triad for triad in triads) for beat in beats)
    assert chords >= 0.85 * len(beats)


def test_voices_move_between_the_beats_and_never_in_parallel() -> None:
    made = harmonise(tune(PSALM), seed=1)[0].score()
    assert any(note.start % BEAT for track in made.tracks[1:] for note in track.notes.values())
    steps = [sounding(made, tick) for tick in range(0, made.end, BEAT // 4)]
    for before, after in itertools.pairwise(steps):
        assert after == sorted(after, reverse=True), "no voice crosses another"
        for high, low in itertools.combinations(range(4), 2):
            if before[high] != after[high] and before[low] != after[low]:
                interval = (before[high] - before[low]) % 12
                assert interval not in (0, 7) or (after[high] - after[low]) % 12 != interval


def test_chords_that_are_written_are_sung() -> None:
    score = tune(PSALM[:16])
    names = [(7, "maj"), (0, "maj"), (2, "7"), (7, "maj"), (4, "min"), (2, "maj")]
    score.chords = [Chord(at * 3 * BEAT, 3 * BEAT, root, quality) for at, (root, quality) in enumerate(names)]
    made = harmonise(score, seed=4)[0].score()
    for chord in score.chords:
        for beat in range(3):
            below = [
                note.pitch % 12
                for track in made.tracks[1:]
                for note in track.notes.values()
                if note.start == chord.tick + beat * BEAT
            ]
            assert sum(pitch in chord.pitch_classes for pitch in below) >= len(below) - 1, "but for a suspension"


def test_ideas_differ_and_equal_seeds_give_equal_voices() -> None:
    score = tune(PSALM)
    first, second = harmonise(score, seed=5, count=2)
    again = harmonise(score, seed=5, count=2)[0]

    def rows(idea: object) -> list[tuple[int, int, int]]:
        return [(n.start, n.duration, n.pitch) for notes in idea.notes.values() for n in notes]  # type: ignore[attr-defined]

    assert rows(first) == rows(again)
    assert len(set(rows(first)) & set(rows(second))) < 0.9 * len(rows(first))


def test_fewer_notes_asked_for_are_fewer() -> None:
    counts = [
        sum(map(len, harmonise(tune(PSALM), seed=2, controls={"density": density})[0].notes.values()))
        for density in (0, 50, 90)
    ]
    assert counts[0] < counts[1] < counts[2]


@pytest.mark.parametrize("octaves", [-1, 1])
def test_the_tune_that_is_named_is_the_one_that_is_set(octaves: int) -> None:
    score = tune(PSALM)
    other = tune(PSALM, shift=3 + 12 * octaves).tracks[0]
    score.tracks.append(replace(other, id="t2", name="Other"))
    score.tracks[0].notes = dict(list(score.tracks[0].notes.items())[:2])
    made = harmonise(score, "Other", seed=1)[0].score()
    onsets = {note.start for note in made.track("t2").notes.values()}
    bass = made.tracks[-1].sorted_notes()
    assert onsets <= {note.start for note in bass}
    assert bass[-1].end == made.track("t2").sorted_notes()[-1].end


def test_waltz_rests_and_long_notes() -> None:
    rows: list[tuple[int, float]] = [(67, 1), (72, 3), (71, 2), (0, 1), (69, 6), (0, 12), (67, 1.5), (65, 0.5), (64, 4)]
    score = tune(rows, pickup=BEAT)
    score.meters.append(Meter(0, 3, 4))
    made = harmonise(score, seed=3)[0].score()
    assert made.tracks[0].notes == score.tracks[0].notes
    assert len(sounding(made, 9 * BEAT)) == 4, "a long note is carried on"
    assert not sounding(made, 20 * BEAT), "through a long rest everyone rests"
    assert len(sounding(made, made.end - 1)) == 4


def test_a_wrong_name_for_the_tune_is_one_sentence() -> None:
    with pytest.raises(BadRequest):
        harmonise(tune(PSALM), "nobody")


def test_three_voices_stand_above_a_bass_line_and_not_below_hearing() -> None:
    line = tune([(31, 2), (36, 2), (38, 2), (31, 2), (40, 2), (36, 2), (38, 2), (31, 4)])
    made = harmonise(line, seed=1)[0].score()
    assert made.track("t1").notes == line.track("t1").notes
    for track in made.tracks[1:]:
        pitches = [note.pitch for note in track.notes.values()]
        assert min(pitches) >= 36, track.name
        assert 43 <= sum(pitches) / len(pitches) <= 72, track.name


def test_a_tune_played_a_hair_early_has_its_voices_on_the_beat() -> None:
    """No voice is struck for a hundredth of a beat before the bar line."""
    exact = tune(PSALM)
    early = tune(PSALM)
    early.pickup, exact.pickup = BEAT, BEAT
    for score, by in ((exact, 0), (early, 12)):
        track = score.tracks[0]
        track.notes = {
            name: replace(note, start=note.start + BEAT - by, duration=note.duration - 20)
            for name, note in track.notes.items()
        }
    made = harmonise(early, seed=1)[0].score()
    notes = [note for track in made.tracks[1:] for note in track.notes.values()]
    assert min(note.duration for note in notes) >= BEAT // 4
    starts = {note.start % (BEAT // 4) for note in notes}
    assert starts == {0}


#: A lively tune over C, A minor, F and G, as songs have them: as many notes off the beats as on them.
LIVELY = [(67, 0.5), (72, 0.5), (76, 1), (74, 0.5), (72, 1.5), (69, 0.5), (72, 0.5), (76, 1), (72, 0.5), (69, 1.5),
          (65, 0.5), (69, 0.5), (72, 1), (69, 0.5), (65, 1.5), (67, 0.5), (71, 0.5), (74, 1), (71, 0.5),
          (67, 1.5)] * 2  # fmt: skip


def test_tones_that_are_likely_under_a_lively_tune_are_sung_more_than_others() -> None:
    piece = tune(LIVELY)
    likely = likely_under(piece)
    assert likely is not None
    made = harmonise(piece, seed=1)[0].score()
    sung, basses = [], []
    for at in range(len(likely.tones)):
        lower = sounding(made, int(likely.edges[at]))[1:]
        sung += [likely.tones[at, pitch % 12] for pitch in lower]
        basses.append(likely.basses[at, lower[-1] % 12] if lower else 0.0)
    assert sum(sung) / len(sung) > 1.5 * float(likely.tones.mean())
    assert sum(basses) / len(basses) > 0.8 * float(likely.basses.max(axis=1).mean())


def test_chords_that_are_written_are_certain_and_shares_are_probabilities() -> None:
    piece = tune(LIVELY)
    free = likely_under(piece)
    piece.chords = [Chord(0, 4 * BEAT, 9, "min", -1)]
    told = likely_under(piece)
    assert free is not None
    assert told is not None
    assert ((free.tones >= 0) & (free.tones <= 1 + 1e-9)).all()
    assert told.tones[0, [9, 0, 4]] == pytest.approx([1, 1, 1])
    assert told.tones[0].sum() == pytest.approx(3)
    assert likely_under(Score(ppq=BEAT)) is None
