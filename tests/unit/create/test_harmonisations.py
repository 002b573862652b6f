"""Chords for a tune: several, playable, and whatever a piece goes by."""

from __future__ import annotations

from itertools import pairwise

import pytest

from workbench.create.compose.chords import chords_of, harmonisations
from workbench.create.found_chords import find_chords
from workbench.errors import BadRequest
from workbench.score.lanes import Chord, Meter
from workbench.score.score import Note, Score, Track

BAR = 3840
#: "Ah! vous dirai-je, maman", a pitch a quarter (None: the one before goes on).
STAR: tuple[int | None, ...] = (
    60, 60, 67, 67, 69, 69, 67, None, 65, 65, 64, 64, 62, 62, 60, None,
    67, 67, 65, 65, 64, 64, 62, None, 67, 67, 65, 65, 64, 64, 62, None,
    60, 60, 67, 67, 69, 69, 67, None, 65, 65, 64, 64, 62, 62, 60, None,
)  # fmt: skip


def tune(pitches: tuple[int | None, ...] = STAR, shift: int = 0, name: str = "tune") -> Track:
    """A track with a note a quarter."""
    track = Track(id=name)
    for at, pitch in enumerate(pitches):
        if pitch is not None:
            long = 2 if at + 1 < len(pitches) and pitches[at + 1] is None else 1
            track.notes[f"{name}{at}"] = Note(f"{name}{at}", at * 960, long * 960, pitch + shift)
    return track


def roots(chords: tuple[Chord, ...]) -> list[int]:
    """The root of each half of the twelve bars."""
    return [next(chord.root for chord in chords if chord.tick <= at < chord.tick + chord.duration)
            for at in range(0, 12 * BAR, BAR // 2)]  # fmt: skip


def test_a_tune_gets_chords_that_fit_it_without_a_gap() -> None:
    (found,) = harmonisations(Score(tracks=[tune()]), count=1)
    assert found[0].tick == 0
    assert found[-1].tick + found[-1].duration == 12 * BAR
    assert all(before.tick + before.duration == after.tick for before, after in pairwise(found))
    assert found[-1].root in (0, 9)  # it ends at home
    sung = [(note.start, note.pitch % 12) for note in tune().notes.values() if note.start % (BAR // 2) == 0]
    chord_at = {tick: next(c for c in found if c.tick <= tick < c.tick + c.duration) for tick, _ in sung}
    assert sum(pitch in chord_at[tick].pitch_classes for tick, pitch in sung) >= 0.8 * len(sung)


def test_moved_to_another_key_the_chords_move_with_it() -> None:
    (home,), (moved,) = (harmonisations(Score(tracks=[tune(shift=shift)]), count=1) for shift in (0, 5))
    assert [(c.tick, (c.root + 5) % 12, c.quality) for c in home] == [(c.tick, c.root, c.quality) for c in moved]


def test_harmonisations_differ_and_a_seed_repeats_them() -> None:
    score = Score(tracks=[tune()])
    found = harmonisations(score, count=3, seed=4)
    assert len(found) == 3
    assert found == harmonisations(score, count=3, seed=4)
    for at, one in enumerate(found):
        for other in found[:at]:
            assert sum(a != b for a, b in zip(roots(one), roots(other), strict=True)) >= 2


def test_the_tune_is_found_above_what_goes_with_it_and_may_be_chosen() -> None:
    low = Track(id="low")
    for at in range(12):
        low.notes[f"l{at}"] = Note(f"l{at}", at * BAR, BAR, 42)
    score = Score(tracks=[low, tune()])
    assert harmonisations(score, count=1) == harmonisations(Score(tracks=[tune()]), count=1)
    assert harmonisations(score, count=1, tune="low") != harmonisations(score, count=1)
    with pytest.raises(BadRequest):
        harmonisations(score, tune="nobody")
    with pytest.raises(BadRequest):
        harmonisations(score, count=0)


def test_a_piece_goes_by_what_is_written_else_heard_else_invented() -> None:
    score = Score(tracks=[tune()])
    assert chords_of(score) == harmonisations(score, count=1)[0]
    block = Track(id="block")
    for at in range(12):
        for tone in (53, 57, 60):  # F major, whatever the tune says
            block.notes[f"b{at}-{tone}"] = Note(f"b{at}-{tone}", at * BAR, BAR, tone)
    score.tracks.append(block)
    assert chords_of(score) == tuple(find_chords(score))
    assert sum(root == 5 for root in roots(chords_of(score))) > 18
    score.chords.append(Chord(0, 12 * BAR, 8, "maj"))
    assert chords_of(score) == (Chord(0, 12 * BAR, 8, "maj"),)


def test_three_in_a_bar_nothing_and_drums() -> None:
    assert harmonisations(Score()) == []
    assert chords_of(Score()) == ()
    drums = Track(id="d", is_drum=True)
    drums.notes["x"] = Note("x", 0, 100, 38)
    assert harmonisations(Score(tracks=[drums])) == []
    waltz = Score(tracks=[tune((60, 64, 67, 65, 69, 72, 67, 71, 74, 72, None, None))], meters=[Meter(0, 3, 4)])
    (found,) = harmonisations(waltz, count=1)
    assert all(chord.tick % 2880 == 0 for chord in found)
    assert found[-1].tick + found[-1].duration == 4 * 2880
