"""The Markov infiller by itself: what it writes sounds like its neighbourhood and does what the sliders say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from tests.unit.create.scores import BAR, PPQ, band
from workbench.create.infill.around.context import most_at_once
from workbench.create.infill.markov.model import MarkovInfiller
from workbench.errors import Cancelled
from workbench.hub.protocol import CancelScope, CancelToken, Level, Partial
from workbench.hub.registry import Registry
from workbench.hub.tasks.infill.controls import InfillControls
from workbench.hub.tasks.infill.request import InfillRequest, NewTrack
from workbench.score.keys import KeyGuess
from workbench.score.lanes import Chord, Key
from workbench.score.score import Note, Region, Score, Track

GAP = Region(8 * BAR, 12 * BAR, ("t1", "t2", "t3", "t4"))
SEEDS = range(6)


@pytest.fixture(scope="module")
def model() -> MarkovInfiller:
    return MarkovInfiller(Registry.load(plugins=False, user=False).get("markov"), {})


def write(model: MarkovInfiller, request: InfillRequest, seed: int = 0, alternative: int = 0) -> dict[str, list[Note]]:
    """The notes of one alternative by track."""
    out: dict[str, list[Note]] = {}
    for item in model.run(request, seed=seed, cancel=CancelToken.never()):
        if isinstance(item, Partial) and item.alternative == alternative:
            out.setdefault(item.track_id, []).extend(item.notes)
    return out


def ask(score: Score | None = None, region: Region = GAP, **wishes: Any) -> InfillRequest:
    return InfillRequest(score or band(), (region,), controls=InfillControls(**wishes))


def many(model: MarkovInfiller, track: str, region: Region = GAP, **wishes: Any) -> list[Note]:
    """What six seeds write into one track."""
    request = ask(region=replace(region, tracks=(track,)), **wishes)
    return [note for seed in SEEDS for note in write(model, request, seed).get(track, [])]


def truth(track: str, region: Region = GAP) -> list[Note]:
    return [note for note in band().track(track).notes.values() if region.start <= note.start < region.end]


def mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


# -- like the neighbourhood -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tonic", [0, 3, 7, 10])
def test_stays_in_the_key_of_the_music_around(model: MarkovInfiller, tonic: int) -> None:
    made = write(model, ask(band(tonic=tonic)))
    pitches = [note.pitch for name in ("t1", "t2", "t3") for note in made[name]]
    assert mean(pitch % 12 in KeyGuess(tonic).scale for pitch in pitches) >= 0.95


@pytest.mark.parametrize("track", ["t1", "t2", "t3", "t4"])
def test_writes_about_as_many_notes_in_about_the_same_register(model: MarkovInfiller, track: str) -> None:
    made, real = many(model, track), truth(track)
    assert 0.7 <= len(made) / len(SEEDS) / len(real) <= 1.35
    assert abs(mean(n.pitch for n in made) - mean(n.pitch for n in real)) < 5
    assert abs(mean(n.velocity for n in made) - mean(n.velocity for n in real)) < 10


def test_one_line_stays_one_line_and_chords_stay_chords(model: MarkovInfiller) -> None:
    made = write(model, ask())
    assert most_at_once(made["t1"]) == 1
    assert most_at_once(made["t3"]) == 1
    sizes = np.unique([note.start for note in made["t2"]], return_counts=True)[1]
    assert 2.0 <= sizes.mean() <= 3.0
    assert most_at_once(made["t2"]) <= 3


def test_onsets_lie_on_the_grid_of_the_piece(model: MarkovInfiller) -> None:
    for notes in write(model, ask()).values():
        assert all(note.start % (PPQ // 4) == 0 for note in notes)


def test_follows_the_tracks_that_still_sound(model: MarkovInfiller) -> None:
    score, region = band(), replace(GAP, tracks=("t1",))
    for name in ("t2", "t3"):  # the third bar of the gap sounds A flat major, far from the key of G
        track = score.track(name)
        for note in list(track.notes.values()):
            if 10 * BAR <= note.start < 11 * BAR:
                chord = (8, 0, 3)
                track.notes[note.id] = replace(note, pitch=note.pitch // 12 * 12 + chord[note.pitch % 3])
    hits = [
        note.pitch % 12 in (8, 0, 3)
        for seed in SEEDS
        for note in write(model, ask(score, region), seed)["t1"]
        if 10 * BAR <= note.start < 11 * BAR
    ]
    assert mean(hits) > 0.6


def test_takes_up_the_repeat_of_the_music(model: MarkovInfiller) -> None:
    bass = many(model, "t3")
    real = {note.start // BAR: note.pitch % 12 for note in truth("t3")}
    assert mean(note.pitch % 12 == real[note.start // BAR] for note in bass) > 0.7


def test_drums_repeat_their_groove(model: MarkovInfiller) -> None:
    made = many(model, "t4")
    kicks = [note.start % BAR for note in made if note.pitch == 36]
    assert {note.pitch for note in made} <= {36, 38, 42}
    assert mean(place in (0, 2 * PPQ) for place in kicks) > 0.9


def test_the_last_note_leads_to_what_follows(model: MarkovInfiller) -> None:
    following = min((n for n in band().track("t1").notes.values() if n.start >= GAP.end), key=lambda n: n.start)
    request = ask(region=replace(GAP, tracks=("t1",)))
    assert np.median([abs(write(model, request, seed)["t1"][-1].pitch - following.pitch) for seed in SEEDS]) <= 4


# -- from little or nothing -------------------------------------------------------------------------------------------


def test_an_empty_piece_gets_a_tune_in_the_written_key(model: MarkovInfiller) -> None:
    score = Score(tracks=[Track("t1")], keys=[Key(0, 3, "major")])
    made = write(model, ask(score, Region(0, 4 * 3840, ("t1",))))["t1"]
    assert len(made) >= 8
    assert all(note.pitch % 12 in KeyGuess(9).scale for note in made)


def test_a_new_track_plays_in_its_instruments_register(model: MarkovInfiller) -> None:
    new = (NewTrack("t8", "Bass", 33), NewTrack("t9", "Flute", 73), NewTrack("t10", "Kit", 0, True))
    request = InfillRequest(band(), (Region(0, 4 * BAR, ("t8", "t9", "t10")),), new_tracks=new)
    made = write(model, request)
    assert mean(n.pitch for n in made["t8"]) < 50 < 66 < mean(n.pitch for n in made["t9"])
    assert {note.pitch for note in made["t10"]} <= {36, 38, 42}
    assert mean(n.pitch % 12 in KeyGuess(7).scale for n in made["t8"] + made["t9"]) > 0.9


def test_a_gap_of_one_tick_is_filled(model: MarkovInfiller) -> None:
    made = write(model, ask(region=Region(8 * BAR + 470, 8 * BAR + 471, ("t3", "t4"))))
    assert {(note.start, note.duration) for name in ("t3", "t4") for note in made[name]} == {(8 * BAR + 470, 1)}


# -- the rules of a fill ----------------------------------------------------------------------------------------------


def test_equal_seeds_give_equal_notes_and_other_seeds_others(model: MarkovInfiller) -> None:
    assert write(model, ask(), 3) == write(model, ask(), 3)
    assert write(model, ask(), 3) != write(model, ask(), 4)


def test_alternatives_differ_and_do_not_depend_on_how_many_are_asked_for(model: MarkovInfiller) -> None:
    three = replace(ask(), count=3)
    ideas = [write(model, three, 1, number) for number in range(3)]
    assert ideas[0] == write(model, ask(), 1)
    assert ideas[0] != ideas[1] != ideas[2] != ideas[0]


def test_several_gaps_are_filled_in_one_request(model: MarkovInfiller) -> None:
    regions = (Region(4 * BAR, 5 * BAR, ("t4",)), Region(8 * BAR - PPQ, 8 * BAR, ("t1", "t3")))
    made = write(model, InfillRequest(band(), regions))
    assert {note.start // BAR for note in made["t4"]} == {4}
    assert all(8 * BAR - PPQ <= note.start < 8 * BAR for name in ("t1", "t3") for note in made[name])
    assert set(made) == {"t1", "t3", "t4"}


def test_a_note_that_hangs_over_into_the_next_gap_is_heard_there(model: MarkovInfiller) -> None:
    score = band()
    for note in list(score.track("t1").notes.values()):
        score.track("t1").notes[note.id] = replace(note, duration=4 * PPQ)
    regions = (Region(8 * BAR, 8 * BAR + 10, ("t1",)), Region(8 * BAR + PPQ, 9 * BAR, ("t1",)))
    wishes = InfillControls(max_polyphony=1, keep_rhythm=True)
    for note in list(score.track("t1").notes.values()):
        if 7 * BAR <= note.start < 8 * BAR or note.start == 9 * BAR:
            del score.track("t1").notes[note.id]
    made = write(model, InfillRequest(score, regions, overhang=True, controls=wishes))["t1"]
    assert most_at_once(made) == 1


def test_locked_notes_are_left_room(model: MarkovInfiller) -> None:
    score = band()
    track = score.track("t1")
    for note in list(track.notes.values()):
        if note.start == 9 * BAR:
            track.notes[note.id] = replace(note, locked=True, duration=BAR)
    made = [write(model, ask(score, replace(GAP, tracks=("t1",))), seed)["t1"] for seed in SEEDS]
    assert not any(9 * BAR <= note.start < 10 * BAR for notes in made for note in notes)
    assert not any(note.start < 9 * BAR < note.end for notes in made for note in notes)


def test_filling_around_adds_to_what_stands(model: MarkovInfiller) -> None:
    region = replace(GAP, tracks=("t2",))
    request = replace(ask(region=region, max_polyphony=5), around=True)
    standing = truth("t2")
    for note in write(model, request)["t2"]:
        assert not any(n.pitch == note.pitch and n.start <= note.start < n.end for n in standing)


def test_notes_end_with_the_gap_unless_they_may_hang_over(model: MarkovInfiller) -> None:
    score = band()
    for note in list(score.track("t2").notes.values()):
        score.track("t2").notes[note.id] = replace(note, duration=3 * PPQ)
    region = replace(GAP, tracks=("t2",))
    assert max(note.end for seed in SEEDS for note in write(model, ask(score, region), seed)["t2"]) <= GAP.end
    free = replace(ask(score, region, max_polyphony=12), overhang=True)
    assert max(note.end for seed in SEEDS for note in write(model, free, seed)["t2"]) > GAP.end


def test_notes_come_one_onset_at_a_time_and_stop_at_once(model: MarkovInfiller) -> None:
    scope = CancelScope()
    run = model.run(ask(), seed=0, cancel=scope.start())
    first = next(run)
    assert isinstance(first, Partial)
    assert len({note.start for note in first.notes}) == 1
    scope.cancel()
    with pytest.raises(Cancelled):
        next(run)


# -- wishes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("track", ["t1", "t2", "t4"])
def test_more_notes_and_fewer_notes(model: MarkovInfiller, track: str) -> None:
    counts = [len(many(model, track, density=value)) for value in (0, 25, 50, 75, 100)]
    assert counts == sorted(counts)
    assert counts[-1] > 1.3 * counts[2] > 1.6 * counts[0]


def test_density_drawn_over_time(model: MarkovInfiller) -> None:
    made = many(model, "t1", curves={"density": ((GAP.start, 0), (GAP.end, 100))})
    middle = (GAP.start + GAP.end) // 2
    early = sum(note.start < middle for note in made)
    assert len(made) - early > 1.6 * early


@pytest.mark.parametrize("track", ["t1", "t2", "t3"])
def test_lower_and_higher(model: MarkovInfiller, track: str) -> None:
    low, same, high = (mean(n.pitch for n in many(model, track, register=value)) for value in (0, 50, 100))
    assert low + 5 < same < high - 5


def test_softer_and_louder(model: MarkovInfiller) -> None:
    for track in ("t1", "t4"):
        soft, same, loud = (mean(n.velocity for n in many(model, track, loudness=value)) for value in (0, 50, 100))
        assert soft + 20 < same < loud - 10


def test_calmer_moves_by_step_and_wilder_leaps_and_leaves_the_beat(model: MarkovInfiller) -> None:
    leaps, off = [], []
    for value in (0, 50, 100):
        lines = [write(model, ask(region=replace(GAP, tracks=("t1",)), wildness=value), seed)["t1"] for seed in SEEDS]
        leaps.append(mean(abs(b.pitch - a.pitch) for line in lines for a, b in pairwise(line)))
        off.append(mean(note.start % PPQ != 0 for line in lines for note in line))
    assert leaps[0] < leaps[1] < leaps[2]
    assert off[0] < off[1] < off[2]


def test_richer_chords_have_more_notes(model: MarkovInfiller) -> None:
    sizes = []
    for value in (0, 50, 100):
        request = ask(region=replace(GAP, tracks=("t2",)), richness=value, max_polyphony=6)
        chords = [write(model, request, seed)["t2"] for seed in SEEDS]
        sizes.append(mean(len(notes) / len({note.start for note in notes}) for notes in chords))
    assert sizes[0] <= sizes[1] < sizes[2]


def test_surprise_goes_further_from_what_stands_around(model: MarkovInfiller) -> None:
    known = {(note.start % (4 * BAR), note.pitch) for note in band().track("t1").notes.values()}
    same = [mean((n.start % (4 * BAR), n.pitch) in known for n in many(model, "t1", surprise=v)) for v in (0, 100)]
    assert same[0] > same[1] + 0.1


def test_limits_are_kept(model: MarkovInfiller) -> None:
    made = many(model, "t2", pitch_low=60, pitch_high=72, max_polyphony=2, tonic=1, scale="minor pentatonic")
    assert made
    assert all(60 <= note.pitch <= 72 and (note.pitch - 1) % 12 in (0, 3, 5, 7, 10) for note in made)
    request = ask(region=replace(GAP, tracks=("t2",)), max_polyphony=2)
    assert most_at_once(write(model, request)["t2"]) == 2


def test_strict_harmony_puts_chord_tones_on_every_beat(model: MarkovInfiller) -> None:
    chords = (Chord(GAP.start, 2 * BAR, 1, "maj"), Chord(GAP.start + 2 * BAR, 2 * BAR, 6, "min"))
    for track in ("t1", "t2"):
        for note in many(model, track, chords=chords, harmony="strict"):
            chord = chords[note.start >= GAP.start + 2 * BAR]
            assert note.start % PPQ or note.pitch % 12 in chord.pitch_classes


def test_the_chord_lane_is_followed_unless_it_is_to_be_ignored(model: MarkovInfiller) -> None:
    chord = Chord(GAP.start, 4 * BAR, 6, "maj")  # F sharp major in a piece in G
    share = {
        harmony: mean(n.pitch % 12 in chord.pitch_classes for n in many(model, "t2", chords=(chord,), harmony=harmony))
        for harmony in ("free", "hint", "strict")
    }
    assert share["free"] < 0.5 < share["hint"]
    assert share["strict"] == 1.0


def test_the_grid_asked_for(model: MarkovInfiller) -> None:
    made = many(model, "t1", grid=3, density=80)
    assert all(note.start % (PPQ // 3) == 0 for note in made)
    assert any(note.start % (PPQ // 4) for note in made)


def test_keeping_the_rhythm_changes_only_the_notes(model: MarkovInfiller) -> None:
    request = ask(region=replace(GAP, tracks=("t1",)), keep_rhythm=True)
    made, real = write(model, request)["t1"], sorted(truth("t1"), key=lambda note: note.start)
    assert [(n.start, n.duration, n.velocity) for n in made] == [(n.start, n.duration, n.velocity) for n in real]
    assert [n.pitch for n in made] != [n.pitch for n in real]


def test_a_played_rhythm_is_kept_to_the_tick(model: MarkovInfiller) -> None:
    score, dice = band(), np.random.default_rng(1)
    for name in ("t2", "t4"):
        for note in list(score.track(name).notes.values()):
            score.track(name).notes[note.id] = replace(note, start=note.start + int(dice.integers(0, 40)))
    made = write(model, ask(score, keep_rhythm=True))
    for name in ("t2", "t4"):
        real = {note.start for note in score.track(name).notes.values() if GAP.start <= note.start < GAP.end}
        assert {note.start for note in made[name]} == real


def test_keeping_the_notes_changes_only_the_rhythm(model: MarkovInfiller) -> None:
    request = ask(region=replace(GAP, tracks=("t1",)), keep_pitches=True)
    made, real = write(model, request)["t1"], sorted(truth("t1"), key=lambda note: note.start)
    assert [n.pitch for n in made] == [n.pitch for n in real]
    assert [n.start for n in made] != [n.start for n in real]


def test_drums_can_keep_their_rhythm(model: MarkovInfiller) -> None:
    request = ask(region=replace(GAP, tracks=("t4",)), keep_rhythm=True)
    assert {n.start for n in write(model, request)["t4"]} == {n.start for n in truth("t4")}


@pytest.mark.parametrize(
    ("wishes", "tracks", "words"),
    [
        ({"register": 80}, ("t4",), "register"),
        ({"keep_pitches": True}, ("t1", "t4"), "Drums"),
        ({"harmony": "strict"}, ("t1",), "chord"),
    ],
)
def test_says_what_it_cannot_do(model: MarkovInfiller, wishes: dict, tracks: tuple[str, ...], words: str) -> None:
    answer = model.support(ask(region=replace(GAP, tracks=tracks), **wishes))
    assert answer.level is Level.PARTIAL
    assert words in answer.reason


def test_says_when_there_is_nothing_to_keep(model: MarkovInfiller) -> None:
    answer = model.support(ask(region=Region(20 * BAR, 21 * BAR, ("t1",)), keep_rhythm=True))
    assert answer.level is Level.PARTIAL
    assert "empty" in answer.reason


def test_refuses_limits_that_leave_no_note(model: MarkovInfiller) -> None:
    answer = model.support(ask(pitch_low=61, pitch_high=61, tonic=0, scale="major"))
    assert answer.level is Level.UNSUPPORTED
    assert model.support(ask()).level is Level.SUPPORTED


def test_estimates_grow_with_the_work(model: MarkovInfiller) -> None:
    assert model.estimate_seconds(replace(ask(), count=4)) > model.estimate_seconds(ask()) > 0
