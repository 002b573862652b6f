"""The chain, the key finder and the harmony that the Markov infiller is made of."""

from __future__ import annotations

import doctest

import numpy as np
import pytest

from tests.unit.create.scores import BAR, PPQ, band
from workbench.create.infill.around import chain as chain_module
from workbench.create.infill.around.chain import Chain, draw
from workbench.create.infill.around.context import Grid, find_units
from workbench.create.infill.around.harmony import Harmony, find_root
from workbench.score.keys import KeyGuess, best_scale, estimate_key, key_at, pitch_class_weights
from workbench.score.lanes import Key, Meter
from workbench.score.score import Note, Score
from workbench.score.timemap import TimeMap


def test_the_example_of_the_chain_holds() -> None:
    assert doctest.testmod(chain_module).failed == 0


def test_chances_add_up_and_shorter_contexts_step_in() -> None:
    chain: Chain[str] = Chain()
    for outcome in "aab":
        chain.learn([("x", 1), "any"], outcome)
    chain.learn([("x", 2), "any"], "c")
    seen = chain.chances([("x", 1), "any"])
    assert seen["a"] > seen["b"] > seen["c"] > 0
    assert sum(seen.values()) <= 1.0 + 1e-9
    assert chain.chances([("x", 9), "any"]).keys() == {"a", "b", "c"}
    assert chain.chances(["never"]) == {}


def test_draws_follow_the_chances_and_the_bias() -> None:
    rng = np.random.default_rng(0)
    chances = {"a": 0.9, "b": 0.1}
    plain = [draw(chances, rng) for _ in range(500)]
    assert 0.85 < plain.count("a") / 500 < 0.95
    assert {draw(chances, rng, temperature=0.05) for _ in range(50)} == {"a"}
    assert {draw(chances, rng, top_p=0.5) for _ in range(50)} == {"a"}
    assert {draw(chances, rng, bias=lambda item: item == "b") for _ in range(50)} == {"b"}
    assert draw(chances, rng, bias=lambda item: 0.0) is None
    assert draw({}, rng) is None


@pytest.mark.parametrize("tonic", range(12))
@pytest.mark.parametrize(
    ("mode", "steps"), [("major", (0, 4, 7, 0, 5, 9, 7, 11, 2)), ("minor", (0, 3, 7, 0, 5, 8, 7, 2))]
)
def test_finds_every_key(tonic: int, mode: str, steps: tuple[int, ...]) -> None:
    weights = np.bincount([(tonic + step) % 12 for step in steps], minlength=12).astype(float)
    found = estimate_key(weights)
    assert (found.tonic, found.mode) == (tonic, mode)
    assert 0 < found.confidence <= 1


def test_no_notes_are_no_key() -> None:
    assert estimate_key(np.zeros(12)).confidence == 0
    assert best_scale(np.zeros(12)) == (0, 0.0)


def test_a_written_key_is_believed_only_if_the_notes_agree() -> None:
    notes = list(band(tonic=7).track("t2").notes.values())
    right, wrong = Score(keys=[Key(0, 1)]), Score(keys=[Key(0, -6)])
    assert key_at(right, 0, notes) == KeyGuess(7, "major", 1.0)
    assert set(key_at(wrong, 0, notes).scale) == set(KeyGuess(7).scale)
    assert key_at(wrong, 0, []).tonic == 6  # with nothing to hear, what is written holds
    assert pitch_class_weights([Note("n1", 0, 0, 62)])[2] == 1


@pytest.mark.parametrize(
    ("pitch_classes", "root"), [((0, 4, 7), 0), ((9, 0, 4), 9), ((7, 11, 2, 5), 7), ((2, 5, 8), 2)]
)
def test_finds_chord_roots(pitch_classes: tuple[int, ...], root: int) -> None:
    chroma = np.zeros(12)
    chroma[list(pitch_classes)] = 1.0
    assert find_root(chroma, pitch_classes[0]) == root
    assert find_root(np.zeros(12)) is None


def test_the_lag_of_the_repeat_is_found() -> None:
    score = band()
    time = TimeMap(score)
    harmony = Harmony(time.bars(), [(8 * BAR, 12 * BAR)], PPQ)
    for track in score.tracks[:3]:
        harmony.add((n for n in track.notes.values() if not 8 * BAR <= n.start < 12 * BAR), steady=False)
    harmony.settle()
    likeness = harmony.likeness()
    assert abs(max(likeness, key=lambda lag: likeness[lag])) % 4 == 0
    plan = harmony.plan(4, KeyGuess(7), ())
    assert [plan.at(bar * BAR).root for bar in range(8, 12)] == [7, 4, 0, 2]  # G, E minor, C, D


@pytest.mark.parametrize("meter", [(4, 4), (3, 4), (7, 8), (5, 16)])
@pytest.mark.parametrize("units", [1, 3, 4, 12, 96])
def test_grid_places_cover_every_bar_once(meter: tuple[int, int], units: int) -> None:
    score = Score("", 220, pickup=100)
    score.meters = [Meter(0, *meter)]
    grid = Grid(TimeMap(score), units)
    slots = grid.slots(50, 5000)
    ticks = [slot.tick for slot in slots]
    assert ticks == sorted(set(ticks))
    assert all(50 <= tick < 5000 for tick in ticks)
    bars = [bar.start for bar in TimeMap(score).bars(5000) if bar.start >= 50]
    assert set(bars) <= set(ticks)


def test_triplets_ask_for_a_finer_grid() -> None:
    time = TimeMap(Score("", PPQ))
    straight = [Note(f"n{i}", i * PPQ // 4, 10, 60) for i in range(1, 30)]
    swung = [Note(f"n{i}", i * PPQ // 3, 10, 60) for i in range(1, 30)]
    assert find_units(straight, time) == 4
    assert find_units(swung, time) == 12
