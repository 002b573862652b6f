"""Chords heard from the notes of a piece that has none written down."""

from __future__ import annotations

import random
import time

import pytest

from workbench.create.found_chords import find_chords
from workbench.score.lanes import Meter
from workbench.score.score import Note, Score, Track

BAR = 3840
TONES = {"C": (0, 4, 7), "Am": (9, 0, 4), "F": (5, 9, 0), "G7": (7, 11, 2, 5), "Dm": (2, 5, 9), "Em": (4, 7, 11)}
NAMES = {"C": (0, "maj"), "Am": (9, "min"), "F": (5, "maj"), "G7": (7, "7"), "Dm": (2, "min"), "Em": (4, "min")}


def piece(names: str, *, every: int = BAR, arpeggio: bool = True, shift: int = 0) -> Score:
    """A bass note and the chord's tones, one after the other or together, and drums that mean nothing."""
    bass, chords, drums = Track(id="b"), Track(id="c"), Track(id="d", is_drum=True)
    for at, name in enumerate(names.split()):
        tones, start = TONES[name], at * every
        bass.notes[f"b{at}"] = Note(f"b{at}", start, every - 40, 36 + (tones[0] + shift) % 12)
        for step in range(8):
            tick = start + step * every // 8 if arpeggio else start
            pitch = 60 + (tones[step % len(tones)] + shift) % 12
            if arpeggio or step < len(tones):
                length = every // 8 if arpeggio else every
                chords.notes[f"c{at}-{step}"] = Note(f"c{at}-{step}", tick, length, pitch)
            drums.notes[f"d{at}-{step}"] = Note(f"d{at}-{step}", start + step * every // 8, 20, 37 + step)
    return Score(tracks=[bass, chords, drums])


@pytest.mark.parametrize("arpeggio", [True, False])
@pytest.mark.parametrize("every", [BAR, BAR // 2])
@pytest.mark.parametrize("shift", [0, 5])
def test_a_plain_progression_is_found_whatever_its_key(arpeggio: bool, every: int, shift: int) -> None:
    names = "C Am F G7 C Em Dm G7"
    found = find_chords(piece(names, every=every, arpeggio=arpeggio, shift=shift))
    expected = [((NAMES[name][0] + shift) % 12, NAMES[name][1]) for name in names.split()]
    assert [(chord.root, chord.quality) for chord in found] == expected
    assert [(chord.tick, chord.duration) for chord in found] == [(at * every, every) for at in range(8)]


def test_a_passing_tone_changes_no_chord_and_a_rest_has_none() -> None:
    score = piece("C C")
    tune = Track(id="t")
    for at, pitch in enumerate((72, 74, 76, 77, 79, 77, 76, 74)):
        tune.notes[f"t{at}"] = Note(f"t{at}", at * 480, 480, pitch)
    tune.notes["late"] = Note("late", 5 * BAR, 960, 69)
    score.tracks.append(tune)
    found = find_chords(score)
    assert (found[0].root, found[0].quality, found[0].tick, found[0].duration) == (0, "maj", 0, 2 * BAR)
    assert [chord.tick for chord in found[1:]] == [5 * BAR]


def test_odd_metres_nothing_at_all_and_drums_alone() -> None:
    assert find_chords(Score()) == []
    drums = piece("C").tracks[-1]
    assert find_chords(Score(tracks=[drums])) == []
    waltz = piece("C F G7 C", every=2880)
    waltz.meters = [Meter(0, 3, 4)]
    assert [(chord.root, chord.duration) for chord in find_chords(waltz)] == [
        (0, 2880),
        (5, 2880),
        (7, 2880),
        (0, 2880),
    ]


def test_a_large_piece_takes_a_moment() -> None:
    rng = random.Random(1)
    notes = [Note(f"n{at}", rng.randrange(500 * BAR), 480, rng.randrange(36, 90)) for at in range(20_000)]
    score = Score(tracks=[Track(id="t", notes={note.id: note for note in notes})])
    begin = time.process_time()
    assert find_chords(score)
    assert time.process_time() - begin < 5
