"""Going on for long: bars do not stay empty, nothing thins out, and there is an end."""

from __future__ import annotations

import numpy as np

from workbench import resources
from workbench.create.infill.extend import continue_piece
from workbench.create.infill.transformer.bridge import GridScore
from workbench.create.infill.transformer.course import Ahead, Course
from workbench.create.infill.transformer.ending import ending
from workbench.create.infill.transformer.form import Form
from workbench.create.infill.transformer.repeating import habit_of
from workbench.hub.tasks.infill.request import InfillRequest
from workbench.score import Score
from workbench.score.score import Note, Region, Track
from workbench.tokens import grid12 as g

BAR = 3840


def _score(*tracks: Track) -> Score:
    score = Score()
    score.tracks = list(tracks)
    return score


def _track(name: str, keys: dict[int, list[int]], length: int = 480, drum: bool = False) -> Track:
    """``keys``: MIDI pitches by onset in eighths."""
    track = Track(name, is_drum=drum)
    for place, pitches in keys.items():
        for pitch in pitches:
            note = f"n{len(track.notes) + 1}"
            track.notes[note] = Note(note, place * 480, length, pitch, 80)
    return track


def test_a_continuation_has_no_hole_and_ends_on_its_tonic() -> None:
    score = Score.open(resources.path("assets/pieces/opening.wbz"))
    longer = continue_piece(score, 16, seed=2)[0].score()
    onsets = {note.start // BAR for _, note in longer.all_notes()}
    assert onsets == set(range(20)), "somebody plays in every bar"
    last = [note for track, note in longer.all_notes() if note.start >= 19 * BAR and not track.is_drum]
    assert (
        min(note.pitch for note in last) % 12
        == min(note.pitch for _, note in score.all_notes() if note.start == 0) % 12
    )
    assert all(note.end == 20 * BAR for note in last), "the last chord is held"
    late = [note for _, note in longer.all_notes() if 15 * BAR <= note.start < 19 * BAR]
    early = [note for _, note in score.all_notes()]
    assert len(late) > 0.7 * len(early), "four late bars are about as full as the four that were there"


def test_every_part_comes_to_rest_on_the_chord() -> None:
    tune = _track("tune", {place: [(72, 74, 76, 79)[place % 4]] for place in range(32)})
    piano = _track("piano", {place: [52, 55, 60] if place % 4 < 2 else [53, 57, 60] for place in range(0, 32, 2)})
    bass = _track("bass", {place: [(36, 43, 41, 43)[place // 2 % 4]] for place in range(0, 32, 2)})
    drums = _track("drums", {place: [36, 42] if place % 2 == 0 else [42] for place in range(32)}, 120, drum=True)
    score = _score(tune, piano, bass, drums)
    grid = GridScore(InfillRequest(score, (Region(4 * BAR, 20 * BAR, ("tune", "piano", "bass", "drums")),)))
    played = {track.id: track.sorted_notes() for track in score.tracks}
    found = ending(grid, played, 19 * BAR, 20 * BAR)
    assert set(found) == set(played), "where all rest, all end"
    assert [note.pitch for note in found["bass"]] == [36]
    assert found["tune"][0].pitch % 12 in (0, 4, 7)
    assert len(found["piano"]) == 3
    assert {note.pitch % 12 for note in found["piano"]} == {0, 4, 7}
    assert [note.pitch for note in found["drums"]] == [42, 36]
    assert all((note.start, note.end) == (19 * BAR, 20 * BAR) for notes in found.values() for note in notes)


def test_a_bass_of_figures_ends_low_and_lines_do_not_crowd_on_one_key() -> None:
    tune = _track("tune", {place: [(67, 64, 62, 60)[place % 4]] for place in range(16)})
    figure = _track("figure", {place: [(36, 43, 48, 62)[place % 4]] for place in range(16)})
    score = _score(tune, figure)
    grid = GridScore(InfillRequest(score, (Region(2 * BAR, 16 * BAR, ("tune", "figure")),)))
    found = ending(grid, {track.id: track.sorted_notes() for track in score.tracks}, 15 * BAR, 16 * BAR)
    assert [note.pitch for note in found["figure"]] == [36]
    assert found["tune"][0].pitch == 60


def test_tunes_of_few_notes_repeat_to_the_tick_and_full_bars_do_not() -> None:
    steps = list(enumerate((0, 4, 2, 0)))
    verse = [frozenset(("t", 12 * at, 60 + bar % 4 + step) for at, step in steps) for bar in range(8)]
    full = [frozenset(("t", tick, 40 + (bar * 7 + tick * 5) % 40) for tick in range(0, 48, 2)) for bar in range(8)]
    assert habit_of(verse).exact > 0.5
    assert habit_of(full).exact < 0.1
    assert habit_of(full).recall < habit_of(verse).recall


def test_dances_play_their_strains_twice_and_songs_and_quartets_do_not() -> None:
    reel = [frozenset(("t", tick, 60 + (bar * 5 + tick) % 11) for tick in range(0, 24, 3)) for bar in range(8)]
    song = [frozenset({("t", 0, 60 + bar), ("t", 30, 64 - bar)}) for bar in range(8)]
    lines = [
        frozenset((f"t{part}", tick, 70 - 8 * part + (bar * 5 + tick) % 7) for part in range(4) for tick in (0, 24))
        for bar in range(8)
    ]
    assert habit_of(reel).strain > 0.5
    assert habit_of(song).strain < 0.2
    assert habit_of(lines).strain < 0.05
    assert habit_of(lines).exact < 0.3 * habit_of(reel).exact


def test_music_played_by_hand_hardly_repeats_to_the_tick() -> None:
    chords = [frozenset(("t", tick, 60 + bar % 4 + tick // 12) for tick in range(0, 48, 12)) for bar in range(8)]
    by_hand = [frozenset((name, tick + 1, pitch) for name, tick, pitch in bar) for bar in chords]
    assert habit_of(by_hand).exact < 0.6 * habit_of(chords).exact
    assert habit_of(by_hand).recall < habit_of(chords).recall


def _ahead(**more: object) -> Ahead:
    """Eighths are expected for four bars of which the third rests."""
    onsets = [tick for tick in range(0, 192, 6) if tick // 48 != 2]
    return Ahead({0: onsets}, np.arange(0, 193, 48), **more)  # type: ignore[arg-type]


def test_a_bar_that_should_sound_waits_no_longer_than_its_end() -> None:
    ahead = _ahead()
    assert ahead.due(0, {0: []}) == 48
    assert ahead.due(30, {0: [(12, -60)]}) == 96, "the next bar is empty still"
    full = {0: [(tick, -60) for tick in (0, 50)]}
    assert ahead.due(60, full) == 192, "a rest may stay one"
    assert not ahead.may_end(100, full)
    assert ahead.may_end(186, {0: [(tick, -60) for tick in range(0, 192, 6)]})


def test_who_lags_behind_is_urged_on_and_who_is_ahead_is_held_back() -> None:
    ahead = _ahead()
    waits = np.array([0, 24, 48])
    thin = ahead.time_bias(90, 192, {0: [(0, -60)]})[waits]
    dense = ahead.time_bias(90, 192, {0: [(tick, -60) for tick in range(0, 90, 2)]})[waits]
    assert thin[0] > thin[1] > thin[2]
    assert dense[0] < dense[1] < dense[2]
    assert ahead.slot_bias(90, {0: []})[0] > 0


def test_a_piece_that_has_long_been_too_thin_is_urged_on_though_its_last_bars_are_full() -> None:
    ahead = Ahead({0: list(range(0, 384, 6))}, np.arange(0, 385, 48))
    last = [(tick, -60) for tick in range(288, 384, 6)]
    full = [(tick, -60) for tick in range(0, 384, 6)]
    waits = np.array([0, 24])
    thin = ahead.time_bias(380, 384, {0: last})[waits]
    even = ahead.time_bias(380, 384, {0: full})[waits]
    assert thin[0] - thin[1] > even[0] - even[1] + 0.5


def test_parts_that_rest_in_the_opening_are_expected_later() -> None:
    steady = {place: [60 + place % 5] for place in range(64)}
    enters = {place: [48] for place in range(32, 64)}
    grown = []
    for second in (steady, enters):
        score = _score(_track("t1", steady), _track("t2", second))
        grid = GridScore(InfillRequest(score, (Region(8 * BAR, 16 * BAR, ("t1", "t2")),)))
        form = Form.drawn(grid, 8 * 48, 16 * 48, 0.0, np.random.default_rng(0))
        course = Course.of_form(grid, form, ["t1", "t2"], 8 * 48, 16 * 48)
        assert course is not None
        grown.append(course.growth)
    assert 1.0 < grown[0] < grown[1] <= 1.25


def test_a_new_bar_turns_away_from_the_copy_that_it_is_becoming() -> None:
    old = frozenset({(0, 0, 60), (24, 0, 64), (36, 0, 67)})
    ahead = _ahead(fresh={48: 0.5}, old=[old])
    copying = ahead.pitch_bias(0, 48 + 24, {0: [(48, -60)]})
    assert copying[64] < 0
    assert np.count_nonzero(copying) == 1
    assert not ahead.pitch_bias(0, 48 + 24, {0: [(48, -62)]}).any(), "it is another bar already"
    assert not ahead.pitch_bias(0, 24, {0: [(0, -60)]}).any(), "this bar may return"


def test_a_new_bar_turns_away_from_bars_of_its_own_stretch_and_from_what_it_nearly_copies() -> None:
    ahead = _ahead(fresh={48: 0.5, 96: 0.5})
    first = [(0, -60), (12, -62), (24, -64), (36, -67)]
    again = [(48, -60), (60, -62), (72, -64)]
    copying = ahead.pitch_bias(0, 48 + 36, {0: first + again})
    assert copying[67] < -4
    assert np.count_nonzero(copying) == 1
    changed = ahead.pitch_bias(0, 48 + 36, {0: [*first, (48, -60), (60, -62), (72, -65)]})
    assert not changed.any(), "a third of it is new"
    longer = [*first[:3], (30, -65), (36, -67)]
    nearly = [(48, -60), (60, -62), (72, -64), (78, -66)]
    assert copying[67] < _ahead(fresh={48: 0.5}).pitch_bias(0, 48 + 36, {0: longer + nearly})[67] < 0


def test_a_course_follows_the_fuller_half_of_an_opening() -> None:
    thin = {place: [60] for place in range(0, 32, 8)}
    full = {place: [60 + place % 5] for place in range(32, 64)}
    score = _score(_track("t1", {**thin, **full}))
    grid = GridScore(InfillRequest(score, (Region(8 * BAR, 16 * BAR, ("t1",)),)))
    form = Form.drawn(grid, 8 * 48, 16 * 48, 0.0, np.random.default_rng(0))
    course = Course.of_form(grid, form, ["t1"], 8 * 48, 16 * 48)
    assert course is not None
    counts = np.histogram(course.expected["t1"][:, 0], bins=course.lines)[0]
    assert counts.tolist() == [8] * 8
    traits = course.traits(np.zeros((g.N_SLOT, 5), dtype=np.int64), grid.cast(["t1"]), 8 * 48, 10 * 48)
    assert traits[0, 0] > 0, "the network is told"
