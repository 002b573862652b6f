"""No idea is handed out that is far from typical, and no two that are one."""

from __future__ import annotations

import itertools
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from workbench import resources
from workbench.create.infill.around.balance import lacking
from workbench.create.infill.around.pace import Pace, Usual, usual
from workbench.create.infill.transformer.choose import Candidate, Judge, Part, choose_ideas, in_a_row, overlap
from workbench.create.infill.transformer.model import InfillTransformer
from workbench.hub.protocol import CancelToken, Partial, Result
from workbench.hub.tasks.infill.controls import InfillControls
from workbench.hub.tasks.infill.request import InfillRequest
from workbench.score.score import Note, Region, Score, Track

BAR = 48
LINES = np.arange(5) * BAR
CHORDS = ((60, 64, 67), (57, 60, 64), (65, 69, 72), (67, 71, 74))


def _candidate(chords: Any = CHORDS, each: int = 12) -> Candidate:
    rows = [
        (bar * BAR + at, each, pitch) for bar, chord in enumerate(chords) for at in range(0, BAR, each)
        for pitch in sorted(chord)
    ]  # fmt: skip
    return Candidate({"t1": np.array(rows, dtype=np.int64).reshape(-1, 3)})


def _judge(expected: np.ndarray | None = None, **more: Any) -> Judge:
    part = Part(Usual(onsets=4 / BAR, notes=12 / BAR), **{"middle": 66.0, "spread": 5.0, **more})
    return Judge(LINES, np.zeros((4, 12)) if expected is None else expected, {"t1": part})


def test_what_a_part_plays_around_a_gap_is_counted_bar_by_bar_and_near_bars_tell_more() -> None:
    bars = np.arange(13) * BAR
    every = np.repeat(np.arange(12 * 4) * 12, 3)
    open_ = np.ones(12, dtype=bool)
    even = usual(every, bars, open_, 4 * BAR, 8 * BAR)
    assert even is not None
    assert (even.onsets * BAR, even.notes * BAR, even.at_once, even.rests) == pytest.approx((4, 12, 3, 0))
    thin_far_off = every[(every >= 2 * BAR) & (every < 10 * BAR)]
    found = usual(thin_far_off, bars, open_, 4 * BAR, 8 * BAR)
    assert found is not None
    assert 6 < found.notes * BAR < 12  # the near bars are full, the far ones rest
    assert found.rests > 0.3
    assert usual(every[:0], bars, open_, 4 * BAR, 8 * BAR) is None


def test_what_falls_behind_is_known_and_so_is_what_runs_ahead() -> None:
    usual_ = {0: Usual(4 / BAR, 12 / BAR)}
    full = {0: sorted((at, -pitch) for at in range(0, 2 * BAR, 12) for pitch in (60, 64, 67))}
    thin = {0: [(0, -60), (BAR, -60)]}
    twice = {0: sorted((at, -pitch) for at in range(0, 2 * BAR, 6) for pitch in (60, 64, 67))}
    at = 2 * BAR - 1
    assert abs(Pace(usual_, full, 0, 12).onsets(at)) < 0.1
    assert Pace(usual_, thin, 0, 12).onsets(at) < -0.3
    assert Pace(usual_, twice, 0, 12).onsets(at) > 0.3
    assert Pace(usual_, thin, 0, 12).fullness(at) < -0.2
    assert abs(Pace(usual_, twice, 0, 12).fullness(at)) < 0.1


def test_what_stays_too_full_is_held_back_more_and_more() -> None:
    bars = 4 * BAR
    full = {0: sorted((at, -pitch) for at in range(0, bars, 8) for pitch in (60, 64, 67))}
    pace = Pace({0: Usual(4 / BAR, 12 / BAR)}, full, 0, 12)
    held = [pace.held(clock) for clock in range(BAR, bars, 8)]
    assert all(late > early for early, late in itertools.pairwise(held))
    assert held[-1] > 1.8 * pace.onsets(bars - 8), "as full as it was, and held back far more"
    even = {0: sorted((at, -pitch) for at in range(0, bars, 12) for pitch in (60, 64, 67))}
    pace = Pace({0: Usual(4 / BAR, 12 / BAR)}, even, 0, 12)
    assert max(abs(pace.held(clock)) for clock in range(BAR, bars, 12)) < 0.15


def test_a_bar_leans_to_the_tones_of_its_harmony_that_it_lacks() -> None:
    chord = np.zeros(12)
    chord[[0, 4, 7]] = 1.0
    assert np.allclose(lacking(chord, np.zeros(12)), 0.0), "the first note is free"
    root = np.zeros(12)
    root[0] = 48.0
    lean = lacking(chord, root)
    assert min(lean[4], lean[7]) > 0.5
    assert lean[0] < -0.5
    assert np.allclose(lacking(chord, 16.0 * chord), 0.0), "all that is expected sounds"
    strange = np.zeros(12)
    strange[6] = 48.0
    assert lacking(chord, strange)[6] < -1.0
    assert not lacking(np.zeros(12), root).any(), "nothing is known"


def test_thin_full_silent_far_and_monotonous_drawings_are_odd_and_ordinary_ones_are_not() -> None:
    judge = _judge()
    assert judge.oddities(_candidate()) == 0
    assert judge.oddities(_candidate(CHORDS[:2])) > 0  # two bars of silence
    assert judge.oddities(_candidate([chord[:1] for chord in CHORDS])) > 0  # a third of the notes
    assert judge.oddities(_candidate(each=4)) > 0  # three times the notes
    high = _candidate([[pitch + 24 for pitch in chord] for chord in CHORDS])
    assert judge.oddities(high) > 0
    assert judge.oddities(_candidate([CHORDS[0]] * 4)) > 0  # one and the same top sixteen times
    assert _judge(in_a_row=16).oddities(_candidate([CHORDS[0]] * 4)) == 0  # as the piece does around
    assert in_a_row(_candidate([CHORDS[0]] * 4).notes["t1"]) == 16


def test_what_a_person_asks_for_shifts_what_is_typical() -> None:
    busy = _candidate(each=4)
    assert _judge(crowd=2.4, in_a_row=12).oddities(busy) == 0
    assert _judge(crowd=2.4, in_a_row=12).oddities(_candidate(each=24)) > 0


def test_the_candidate_that_others_and_the_harmony_agree_with_comes_first() -> None:
    strange = _candidate([[pitch + 1 for pitch in chord] for chord in CHORDS])
    near = _candidate([*CHORDS[:3], (67, 71, 76)])
    judge = _judge()
    scores = judge.scores([strange, near, _candidate()])
    assert scores[0] < min(scores[1:])
    expected = np.zeros((4, 12))
    for bar, chord in enumerate(CHORDS):
        expected[bar, [(pitch + 1) % 12 for pitch in chord]] = 1.0
    leaning = _judge(expected).scores([strange, _candidate()])
    assert leaning[0] > leaning[1]


def test_of_two_that_sound_alike_the_one_as_full_as_the_music_around_comes_first() -> None:
    usual_one, fuller = _candidate(), _candidate(each=9)
    scores = _judge(in_a_row=16).scores([fuller, usual_one, fuller])
    assert scores[1] > max(scores[0], scores[2])


def test_two_ideas_that_are_one_are_not_both_chosen() -> None:
    other = _candidate([[pitch - 12 for pitch in chord] for chord in CHORDS])
    candidates = [_candidate(), _candidate(), other]
    judge = _judge(spread=20.0)
    choice = choose_ideas(candidates, judge, [range(3), range(3)])
    assert len(set(choice.picked)) == 2
    assert overlap(*(candidates[at] for at in choice.picked)) < 0.7
    assert not choice.again
    alike = choose_ideas(candidates[:2], judge, [range(2), range(2)])
    assert alike.alike
    assert alike.again


@pytest.fixture(scope="module")
def model() -> InfillTransformer:
    spec: Any = SimpleNamespace(id="infill", author="model:infill")
    return InfillTransformer(spec, {"config.json": resources.path("models/infill/config.json")})


def _song() -> Score:
    """Twelve bars of one piano: chords in eighths with a bass, round and round."""
    score = Score(ppq=480)
    track = Track("t1", name="Piano")
    rows = []
    for bar in range(12):
        chord = CHORDS[(bar % 4 + bar // 8) % 4]
        for eighth in range(8):
            at = bar * 1920 + eighth * 240
            rows += [(at, 240, pitch) for pitch in (chord if eighth % 2 else chord[:2])]
        rows += [(bar * 1920, 960, chord[0] - 24), (bar * 1920 + 960, 960, chord[0] - 12)]
    for number, (start, length, pitch) in enumerate(sorted(rows), start=1):
        track.notes[f"n{number}"] = Note(f"n{number}", start, length, pitch, 60 + 5 * (number % 5))
    score.tracks = [track]
    return score


def _run(model: InfillTransformer, request: InfillRequest, seed: int) -> tuple[list[Any], int]:
    """The ideas, and how many notes were shown on the way."""
    shown, ideas = 0, []
    for event in model.run(request, seed=seed, cancel=CancelToken.never()):
        shown += isinstance(event, Partial)
        if isinstance(event, Result):
            ideas = list(event.alternatives)
    return ideas, shown


def test_three_ideas_of_four_bars_of_piano_are_as_full_as_the_song_and_differ(model: InfillTransformer) -> None:
    score = _song()
    request = InfillRequest(score, (Region(4 * 1920, 8 * 1920, ("t1",)),), count=3)
    true = sum(4 * 1920 <= note.start < 8 * 1920 for note in score.tracks[0].notes.values())
    for seed in (1, 2):
        ideas, shown = _run(model, request, seed)
        assert shown > 3 * 20
        events = [{(note.start, note.pitch) for note in idea.notes["t1"]} for idea in ideas]
        for idea in ideas:
            notes = idea.notes["t1"]
            assert 0.6 * true < len(notes) < 1.6 * true
            assert {note.start // 1920 for note in notes} == {4, 5, 6, 7}
        for one in range(3):
            for other in range(one):
                assert 2 * len(events[one] & events[other]) / (len(events[one]) + len(events[other])) < 0.7


def test_fewer_notes_asked_for_are_fewer_notes(model: InfillTransformer) -> None:
    def mean(density: int) -> float:
        wishes = InfillControls(density=density)
        ideas, _ = _run(model, InfillRequest(_song(), (Region(4 * 1920, 6 * 1920, ("t1",)),), controls=wishes), 3)
        return len(ideas[0].notes["t1"])

    assert mean(5) < 0.7 * mean(95)
