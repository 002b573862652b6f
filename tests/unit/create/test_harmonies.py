"""Ways to set chords to a piece: different, playable, and never over what a person wrote."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.unit.create.test_harmonisations import BAR, roots, tune
from workbench import Score, chords
from workbench.create.accompany import accompany
from workbench.create.compose.harmonies import BASS_LOW, HIGH, Harmony
from workbench.create.compose.model import CHORDS_FOUND, CHORDS_HEARD
from workbench.errors import BadRequest
from workbench.score.document import Document
from workbench.score.lanes import Chord
from workbench.score.score import Note, Track

END = 12 * BAR


def covered(way: Harmony) -> bool:
    """Whether the chords go from the beginning to the end without a gap and without one over another."""
    return (
        way.chords[0].tick == 0
        and way.chords[-1].tick + way.chords[-1].duration == END
        and all(before.tick + before.duration == after.tick for before, after in pairwise(way.chords))
    )


def test_three_ways_differ_and_a_seed_repeats_them() -> None:
    score = Score(tracks=[tune()])
    ways = chords(score, count=3, seed=2)
    assert len(ways) == 3
    assert all(covered(way) and way.found == way.chords and not way.heard for way in ways)
    assert [way.chords for way in ways] == [way.chords for way in chords(score, count=3, seed=2)]
    other = chords(score, count=3, seed=3)
    assert other[0].chords == ways[0].chords, "what the piece goes by is the same for every seed"
    assert {way.chords for way in other[1:]} != {way.chords for way in ways[1:]}
    for at, way in enumerate(ways):
        for before in ways[:at]:
            assert sum(a != b for a, b in zip(roots(way.chords), roots(before.chords), strict=True)) >= 4


def test_what_a_person_wrote_stands_in_every_way_to_the_tick() -> None:
    odd = BAR + 500  # not on any half bar
    own = [Chord(odd, 1000, 1, "aug7", 3), Chord(8 * BAR, 0, 10, "min9"), Chord(9 * BAR, BAR, 5, "6")]
    score = Score(tracks=[tune()], chords=own)
    for way in chords(score, count=3):
        assert covered(way)
        assert own[0] in way.chords
        assert [(c.tick, c.duration) for c in way.chords if c.quality == "min9"] == [(8 * BAR, BAR)]
        assert all(c.tick + c.duration <= odd or c.tick >= odd + 1000 for c in way.found)
        document = Document()
        document.open(score.copy(), reason="file")
        document.apply(way.operation)
        assert [chord for chord in document.score.chords if chord not in way.found] == own
        document.undo()
        assert document.score.chords == own, "one step takes it back"
    full = Score(tracks=[tune()], chords=[Chord(0, 0, 0, "maj")])
    (only,) = chords(full, count=3)
    assert only.found == ()
    assert only.chords == (Chord(0, END, 0, "maj"),), "a last chord without a length goes on to the end"


def test_a_full_piece_goes_by_what_it_sounds_and_others_are_set_to_its_tune() -> None:
    block = Track(id="block")
    for at in range(12):
        for tone in (41, 53, 57, 60):
            block.notes[f"b{at}-{tone}"] = Note(f"b{at}-{tone}", at * BAR, BAR, tone)
    ways = chords(Score(tracks=[tune(shift=12), block]), count=3)
    assert [way.heard for way in ways] == [True, False, False]
    assert sum(root == 5 for root in roots(ways[0].chords)) > 18
    assert roots(ways[1].chords) == roots(chords(Score(tracks=[tune(shift=12)]), count=1)[0].chords)


def test_the_plain_part_plays_the_chords_under_the_tune() -> None:
    score = Score(tracks=[tune(shift=12)])
    way = chords(score, count=3, seed=1)[2]
    piece = way.score()
    assert piece.tracks[0] == score.tracks[0]
    assert piece.chords == list(way.chords)
    part = piece.tracks[1].sorted_notes()
    assert all(BASS_LOW <= note.pitch <= HIGH + 12 for note in part)
    for chord in way.chords:
        struck = [note for note in part if note.start == chord.tick]
        assert min(note.pitch for note in struck) % 12 == (chord.root if chord.bass < 0 else chord.bass)
        assert {note.pitch % 12 for note in struck} == set(chord.pitch_classes)
        assert all(note.end <= chord.tick + chord.duration for note in struck)
    assert {note.start for note in part} >= set(range(0, END, BAR)), "every bar line is heard"
    some = way.part((2 * BAR, 4 * BAR)).sorted_notes()
    assert (some[0].start, max(note.end for note in some)) == (2 * BAR, 4 * BAR)


def test_nothing_to_set_chords_to() -> None:
    assert chords(Score()) == []
    drums = Track(id="d", is_drum=True, notes={"x": Note("x", 0, 100, 38)})
    assert chords(Score(tracks=[drums])) == []
    with pytest.raises(BadRequest):
        chords(Score(tracks=[tune()]), count=13)


def test_a_chord_that_comes_again_after_a_rest_is_told_once_a_bar() -> None:
    score = Score(tracks=[tune()])
    again = (Chord(0, 500, 7, "maj"), Chord(1000, 500, 7, "maj"), Chord(2000, 500, 0, "maj"), Chord(BAR, 500, 0, "maj"))
    assert Harmony(score, again, again).text().startswith("G C | C | %")


def test_a_band_says_whether_its_chords_were_heard_or_set_to_the_tune() -> None:
    lone = Score(tracks=[tune()])
    full = lone.copy()
    below = Track("low", "Piano")
    for bar in range(12):
        for step in (0, 4, 7):
            name = f"b{bar}.{step}"
            below.notes[name] = Note(name, bar * BAR, BAR, 48 + step)
    full.tracks.append(below)
    said = [accompany(score, style="rock", humanise=0)[0].remarks for score in (lone, full)]
    assert CHORDS_FOUND in said[0]
    assert CHORDS_HEARD not in said[0]
    assert CHORDS_HEARD in said[1]
    assert CHORDS_FOUND not in said[1]
