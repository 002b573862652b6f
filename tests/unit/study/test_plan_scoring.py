"""Questionnaires score by the rules that their authors give, worked out by hand here."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.errors import BadRequest
from workbench.study.plan.instruments import CSI, CSI_NAMES, INSTRUMENTS, MSI, MSI_CHOICES, TLX_NAMES
from workbench.study.plan.scoring import check_answer, names, score
from workbench.study.plan.study import Item


def chosen(order: dict[str, str], favourites: list[str]) -> dict[str, str]:
    """Answers to all pairs by somebody who always prefers what stands first in a list."""
    out = {}
    keys = list(order)
    for i, one in enumerate(keys):
        for other in keys[i + 1 :]:
            out[f"pair-{one}-{other}"] = order[min((one, other), key=favourites.index)]
    return out


def test_sus_by_the_rule_of_its_author() -> None:
    # Brooke (1996): contributions 4 1 1 4 1 2 1 1 4 3 add up to 22, times 2.5.
    given = (5, 4, 2, 1, 2, 3, 2, 4, 5, 2)
    assert score("sus", {f"sus{number}": value for number, value in enumerate(given, 1)}) == {"sus": 55.0}


def test_sus_ends_at_0_and_100() -> None:
    best = {f"sus{number}": 5 if number % 2 else 1 for number in range(1, 11)}
    assert score("sus", best) == {"sus": 100.0}
    assert score("sus", {name: 6 - value for name, value in best.items()}) == {"sus": 0.0}


def test_tlx_weighs_each_scale_by_how_often_it_was_chosen() -> None:
    ratings = {"mental": 30, "physical": 15, "temporal": 60, "performance": 40, "effort": 40, "frustration": 30}
    # Chosen 3, 0, 5, 1, 3 and 3 times: (90 + 0 + 300 + 40 + 120 + 90) / 15.
    pairs = {
        ("mental", "physical"): "mental", ("mental", "temporal"): "temporal", ("mental", "performance"): "mental",
        ("mental", "effort"): "effort", ("mental", "frustration"): "mental", ("physical", "temporal"): "temporal",
        ("physical", "performance"): "performance", ("physical", "effort"): "effort",
        ("physical", "frustration"): "frustration", ("temporal", "performance"): "temporal",
        ("temporal", "effort"): "temporal", ("temporal", "frustration"): "temporal",
        ("performance", "effort"): "effort",
        ("performance", "frustration"): "frustration", ("effort", "frustration"): "frustration",
    }  # fmt: skip
    answers: dict[str, Any] = {**ratings, **{f"pair-{a}-{b}": TLX_NAMES[pick] for (a, b), pick in pairs.items()}}
    found = score("nasa-tlx", answers)
    assert found["tlx"] == pytest.approx(42.67, abs=0.005)
    assert found["tlx_raw"] == pytest.approx(215 / 6)
    assert score("raw-tlx", ratings)["tlx_raw"] == pytest.approx(215 / 6)


def test_csi_by_the_equation_of_its_authors() -> None:
    # Cherry & Latulipe (2014): the sum of factor times count, over 3; counts here are 5, 4, 3, 2, 1 and 0.
    favourites = ["exploration", "expressiveness", "enjoyment", "results", "immersion", "collaboration"]
    factors = {"exploration": 18, "expressiveness": 16, "enjoyment": 20, "results": 10, "immersion": 8}
    answers: dict[str, Any] = chosen(dict(CSI_NAMES), favourites)
    for name in CSI:
        whole = factors.get(name, 2)
        answers |= {f"{name}1": whole // 2, f"{name}2": whole - whole // 2}
    assert score("csi", answers)["csi"] == pytest.approx((18 * 5 + 16 * 4 + 20 * 3 + 10 * 2 + 8) / 3)
    answers |= {f"{name}{number}": 10 for name in CSI for number in (1, 2)}
    assert score("csi", answers)["csi"] == pytest.approx(100)


def test_gold_msi_runs_from_18_to_126() -> None:
    low: dict[str, Any] = {f"msi{n}": 7 if n in (14, 17, 23, 25, 27) else 1 for n in MSI}
    low |= {f"msi{n}": choices[0] for n, (_, choices) in MSI_CHOICES.items()}
    high = {f"msi{n}": 8 - low[f"msi{n}"] for n in MSI} | {f"msi{n}": c[-1] for n, (_, c) in MSI_CHOICES.items()}
    assert len(low) == 18
    assert score("gold-msi", low) == {"gold_msi_general": 18.0}
    assert score("gold-msi", high) == {"gold_msi_general": 126.0}


def test_every_questionnaire_is_cited_and_says_why_it_may_be_used() -> None:
    for name, instrument in INSTRUMENTS.items():
        assert instrument.terms, name
        assert not instrument.validated or any(year in instrument.source for year in ("1988", "1996", "2014"))
        assert names(name)


def test_a_missing_or_impossible_answer_is_refused() -> None:
    with pytest.raises(BadRequest):
        score("sus", {f"sus{number}": 3 for number in range(1, 10)})
    for kind, bad in (("likert", 8), ("likert", True), ("slider", 101), ("number", float("nan")), ("text", 3)):
        with pytest.raises(BadRequest):
            check_answer(Item("x", kind, "?", points=7), bad)
    check_answer(Item("x", "text", "?", optional=True), None)
