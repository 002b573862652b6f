"""Chords under a voice: held notes of strong beats belong to them, and what a person wrote stays."""

from __future__ import annotations

import random
from itertools import pairwise

from workbench.create.compose.chords import harmonisations
from workbench.create.voiced.under import chords_under, strong_notes
from workbench.score.lanes import Chord
from workbench.score.score import Note, Score, Track


def sung(*pitches: int, length: int = 1920) -> Score:
    score = Score()
    track = Track("t1", "Voice", 52)
    track.notes = {f"n{at}": Note(f"n{at}", length * at, length, pitch, 80) for at, pitch in enumerate(pitches)}
    score.tracks = [track]
    return score


#: Chromatic neighbours on strong beats, which no plain progression has room for.
ODD = (60, 66, 67, 61, 62, 68, 69, 63, 64, 70, 71, 65, 66, 60, 62, 60)


def share(score: Score, chords: tuple[Chord, ...]) -> float:
    inside = 0
    for note in (notes := strong_notes(score)):
        middle = note.start + note.duration // 2
        under = next(chord for chord in chords if chord.tick <= middle < chord.tick + chord.duration)
        inside += note.pitch % 12 in under.pitch_classes
    return inside / len(notes)


def test_more_strong_notes_belong_to_their_chord_than_under_the_likeliest_chords() -> None:
    before, after = [], []
    for seed in range(8):
        chance = random.Random(seed)
        score = sung(*(60 + chance.randrange(12) for _ in range(16)))
        before.append(share(score, harmonisations(score, count=1)[0]))
        after.append(share(score, chords_under(score)))
    assert sum(before) / 8 < 0.98
    assert min(after) >= 0.98
    assert all(new >= old for new, old in zip(after, before, strict=True))


def test_chords_follow_each_other_without_a_gap_and_a_plain_tune_keeps_its_likeliest() -> None:
    chords = chords_under(sung(*ODD))
    assert chords[0].tick == 0
    assert all(a.tick + a.duration == b.tick for a, b in pairwise(chords))
    plain = sung(60, 64, 67, 64, 60, 64, 67, 60)
    assert chords_under(plain) == harmonisations(plain, count=1)[0]


def test_short_notes_are_not_strong_and_written_chords_stay() -> None:
    assert [note.pitch for note in strong_notes(sung(60, 62, 64, 65, length=240))] == []
    score = sung(*ODD)
    score.chords = [Chord(0, 3840 * 8, 0, "maj")]
    assert chords_under(score) == tuple(score.chords)
