"""Preferences by ear: planted strengths lie within the interval, and nothing is shown on too few votes."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.study.simulate import Arm, Planted, Truth, sessions
from workbench.study.tables.compared import Comparison, compare, fit

STRENGTHS = {"markov": -1.0, "infill": 0.2, "person": 0.8}


def voted(seed: int, people: int = 24, votes: int = 10, **planted: object) -> Comparison:
    truth = Truth()
    plan = Planted(
        people=people, arms=(Arm("one", suggestions=1, edits=1),), strengths=STRENGTHS, votes=votes, seed=seed,
        **planted,
    )  # type: ignore[arg-type]  # fmt: skip
    events = [event for sitting in sessions(plan, truth) for event in sitting if event["kind"] == "vote"]
    assert [(e["payload"]["a"], e["payload"]["b"], e["payload"]["choice"]) for e in events] == truth.votes
    return compare((event["person"], event["payload"]) for event in events)


def test_planted_strengths_lie_within_the_interval() -> None:
    """An interval of 95 % misses 1 in 20: of 30, 24 or more lie within it (99.7 % of all such tests)."""
    inside = 0
    for seed in range(10):
        for one in voted(seed).strengths:
            assert one.value is not None
            assert one.low is not None
            assert one.high is not None
            assert one.low < one.value < one.high
            inside += one.low <= STRENGTHS[one.name] <= one.high
    assert 24 <= inside <= 30


def test_the_order_and_the_weight_of_ties_are_found() -> None:
    found = voted(1, people=60, ties=0.6)
    assert [one.name for one in found.strengths] == ["person", "infill", "markov"]
    assert found.ties == pytest.approx(0.6, abs=0.15)
    assert found.votes == 600
    assert sum(one.wins for one in found.strengths) == sum(one.losses for one in found.strengths)


def test_the_estimate_maximises_davidsons_likelihood() -> None:
    """No small step away from it is more likely, prior included."""
    wins = np.array([[[0, 30, 22], [12, 0, 18], [9, 20, 0]]], dtype=float)
    ties = np.array([[[0, 5, 7], [5, 0, 3], [7, 3, 0]]], dtype=float)
    strengths, nu = fit(wins, ties)

    def likelihood(values: np.ndarray, tie: float) -> float:
        total = -(np.sum(values**2) + tie**2) / 18
        for i in range(3):
            for j in range(i):
                odds = np.array([values[i], values[j], tie + (values[i] + values[j]) / 2])
                chance = np.exp(odds) / np.exp(odds).sum()
                seen = np.array([wins[0, i, j], wins[0, j, i], ties[0, i, j]])
                total += float(seen @ np.log(chance))
        return total

    best = likelihood(strengths[0], float(np.log(nu[0])))
    rng = np.random.default_rng(0)
    for _ in range(50):
        step = rng.normal(0, 0.02, 4)
        assert likelihood(strengths[0] + step[:3], float(np.log(nu[0])) + step[3]) < best


def test_nothing_is_shown_on_fewer_than_thirty_votes() -> None:
    found = compare((f"p{n % 5}", {"a": "x", "b": "y", "choice": "a"}) for n in range(29))
    assert all(one.value is None for one in found.strengths)
    assert "x has 29 votes; a figure is shown from 30." in found.remarks
    found = compare((f"p{n % 5}", {"a": "x", "b": "y", "choice": "ab"[n % 3 == 0]}) for n in range(30))
    assert found.strengths[0].name == "x"
    assert found.strengths[0].value is not None


def test_what_never_lost_stays_finite_and_what_never_met_is_not_compared() -> None:
    votes = [(f"p{n % 6}", {"a": "x", "b": "y", "choice": "a"}) for n in range(40)]
    found = compare(votes)
    assert found.strengths[0].value is not None
    assert 1 < found.strengths[0].value < 10
    apart = [(f"p{n % 6}", {"a": "u", "b": "v", "choice": "b"}) for n in range(35)]
    found = compare(votes + apart)
    shown = {one.name for one in found.strengths if one.value is not None}
    assert shown == {"x", "y"}
    assert "u was never compared with the others, not even by way of a third." in found.remarks


def test_neither_counts_as_no_difference() -> None:
    told = ["a", "b", "tie", "neither"]
    found = compare((f"p{n % 6}", {"a": {"model": "x"}, "b": {"model": "y"}, "choice": told[n % 4]}) for n in range(40))
    assert found.neither == 10
    assert {one.name: (one.wins, one.losses, one.ties) for one in found.strengths} == {
        "x": (10, 10, 20), "y": (10, 10, 20),
    }  # fmt: skip
    assert found.strengths[0].value == pytest.approx(0, abs=1e-9)
