"""From the answers of a questionnaire to its scores, as each one's authors define them.

    score("sus", {"sus1": 5, "sus2": 4, ...})   ->   {"sus": 55.0}

Answers are by item: of a Likert item 1 to its points, of a slider 0 to 100, of a choice or a pair what was chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from workbench.errors import BadRequest
from workbench.study.plan.instruments import (
    CSI,
    CSI_NAMES,
    INSTRUMENTS,
    MSI,
    MSI_CHOICES,
    MSI_REVERSED,
    OWNERSHIP,
    SUS,
    TLX,
    TLX_NAMES,
)
from workbench.study.plan.study import Item

Answers = Mapping[str, Any]


def score(instrument: str, answers: Answers) -> dict[str, float]:
    """The scores of an answered questionnaire; empty for one of a study's own.

    Raises:
        BadRequest: an answer is missing or is none of its item's.
    """
    how = _SCORES.get(instrument)
    if how is None:
        return {}
    for item in INSTRUMENTS[instrument].items:
        check_answer(item, answers.get(item.id))
    return how(answers)


def check_answer(item: Item, answer: Any) -> None:
    """Hold an answer (untrusted) to its item.

    Raises:
        BadRequest: it is missing, or none of those that can be given.
    """
    if answer is None or answer == "":
        if item.optional:
            return
        raise BadRequest("A question has not been answered yet.")
    if not _can_be(item, answer):
        raise BadRequest("An answer is none of those that can be given; reload the page and answer again.")


def _can_be(item: Item, answer: Any) -> bool:
    if item.kind in ("choice", "pair"):
        return isinstance(answer, str) and answer in (item.choices or ())
    if item.kind == "text":
        return isinstance(answer, str) and len(answer) <= 10_000
    if item.kind == "likert":
        return type(answer) is int and 1 <= answer <= (item.points or 7)
    if isinstance(answer, bool) or not isinstance(answer, (int, float)) or not abs(answer) < 1e15:
        return False
    low, high = (0, 100) if item.kind == "slider" else (item.low, item.high)
    return (low is None or answer >= float(low)) and (high is None or answer <= float(high))


def counts(names: Mapping[str, str], answers: Answers) -> dict[str, int]:
    """How often each name was preferred in the comparisons of every two."""
    shown = {text: name for name, text in names.items()}
    out = dict.fromkeys(names, 0)
    for key, answer in answers.items():
        if key.startswith("pair-"):
            out[shown[answer]] += 1
    return out


def sus(answers: Answers) -> dict[str, float]:
    """Brooke (1996): odd items count their place less 1, even ones 5 less their place; the sum times 2.5 (0 to 100)."""
    values = [answers[f"sus{number}"] for number in range(1, len(SUS) + 1)]
    return {"sus": 2.5 * sum(value - 1 if place % 2 == 0 else 5 - value for place, value in enumerate(values))}


def raw_tlx(answers: Answers) -> dict[str, float]:
    """Hart (2006): the mean of the six scales (0 to 100), and each of them."""
    scales = {f"tlx_{name}": float(answers[name]) for name in TLX}
    return {"tlx_raw": sum(scales.values()) / len(scales), **scales}


def nasa_tlx(answers: Answers) -> dict[str, float]:
    """Hart & Staveland (1988): each scale weighted by how often it was chosen of 15 comparisons; and as above."""
    weights = counts(TLX_NAMES, answers)
    weighted = sum(weights[name] * answers[name] for name in TLX) / sum(weights.values())
    return {"tlx": float(weighted), **raw_tlx(answers)}


def csi(answers: Answers) -> dict[str, float]:
    """Cherry & Latulipe (2014): the sum over factors of both agreements times the factor's count, by 3 (0 to 100).

    Beside it each factor's two agreements together (2 to 20).
    """
    factors = {name: float(answers[f"{name}1"] + answers[f"{name}2"]) for name in CSI}
    weights = counts(CSI_NAMES, answers)
    whole = sum(factors[name] * weights[name] for name in CSI) / 3
    return {"csi": whole, **{f"csi_{name}": value for name, value in factors.items()}}


def gold_msi(answers: Answers) -> dict[str, float]:
    """Müllensiefen et al. (2014): General Sophistication, the sum of 18 items of 1 to 7 (18 to 126)."""
    agreed = sum(8 - answers[f"msi{n}"] if n in MSI_REVERSED else answers[f"msi{n}"] for n in MSI)
    chosen = sum(choices.index(answers[f"msi{n}"]) + 1 for n, (_, choices) in MSI_CHOICES.items())
    return {"gold_msi_general": float(agreed + chosen)}


def ownership(answers: Answers) -> dict[str, float]:
    """The mean of six statements (1 to 7), the fifth the other way round."""
    values = [answers[f"own{number}"] for number in range(1, len(OWNERSHIP) + 1)]
    values[4] = 8 - values[4]
    return {"ownership": sum(values) / len(values)}


_SCORES: Mapping[str, Callable[[Answers], dict[str, float]]] = MappingProxyType({
    "sus": sus, "nasa-tlx": nasa_tlx, "raw-tlx": raw_tlx, "csi": csi, "gold-msi": gold_msi, "ownership": ownership,
})  # fmt: skip


def names(instrument: str) -> list[str]:
    """The scores that an instrument gives, its main one first; none for one of a study's own."""
    tlx = ["tlx_raw", *(f"tlx_{name}" for name in TLX)]
    return {
        "sus": ["sus"], "nasa-tlx": ["tlx", *tlx], "raw-tlx": tlx, "csi": ["csi", *(f"csi_{name}" for name in CSI)],
        "gold-msi": ["gold_msi_general"], "ownership": ["ownership"],
    }.get(instrument, [])  # fmt: skip
