"""What people preferred, by ear: the strength of each thing compared, with ties, and how sure that is.

The model is Davidson's extension of Bradley and Terry's (Davidson 1970, "On extending the Bradley-Terry model to
accommodate ties in paired comparison experiments", JASA 65)::

    P(i better) : P(j better) : P(no difference)  =  p_i : p_j : nu * sqrt(p_i * p_j)

with strengths log p_i that add up to 0. "Neither" (both are bad) counts as no difference. A weak normal prior (standard
deviation 3 on the strengths, and on log nu) keeps a thing that has never lost finite. Intervals: 1,000 times the
*people* are drawn anew. A figure is shown for a thing from 30 votes on, as Music Arena does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.study.tables.estimate import FEWEST_PEOPLE, INTERVAL, weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FEWEST_VOTES = 30
#: Precision (1 / variance) of the prior.
_PRIOR = 1 / 9
_STEPS = 60


@dataclass(frozen=True)
class Strength:
    """One thing that was compared: log strength with its interval, and the votes behind it.

    ``value``, ``low``, ``high``: None below 30 votes (the interval: with fewer than three people too).
    """

    name: str
    value: float | None
    low: float | None
    high: float | None
    votes: int
    wins: int
    losses: int
    ties: int


@dataclass(frozen=True)
class Comparison:
    """All comparisons of a study. ``first``: share of the decided votes that went to what was played as A."""

    strengths: tuple[Strength, ...]
    ties: float | None
    votes: int
    neither: int
    people: int
    first: float | None
    remarks: tuple[str, ...] = ()


def label(side: Any) -> str:
    """What stood behind one side of a comparison, as one name."""
    if isinstance(side, Mapping):
        for name in ("name", "label", "condition", "model", "id", "file"):
            if side.get(name):
                return str(side[name])
        return ", ".join(f"{name}={side[name]}" for name in sorted(side))
    return str(side)


def compare(votes: Iterable[tuple[str, Mapping[str, Any]]]) -> Comparison:
    """Strengths from votes.

    Args:
        votes: who voted, and the payload of the ``vote`` event; those without a choice are left out.
    """
    told = [
        (person, label(vote.get("a")), label(vote.get("b")), str(vote.get("choice")))
        for person, vote in votes
        if vote.get("choice") in ("a", "b", "tie", "neither")
    ]
    told = [vote for vote in told if vote[1] != vote[2]]
    people = sorted({person for person, *_ in told})
    names = sorted({name for _, a, b, _ in told for name in (a, b)})
    wins, ties = np.zeros((len(people), len(names), len(names))), np.zeros((len(people), len(names), len(names)))
    for person, a, b, choice in told:
        who, i, j = people.index(person), names.index(a), names.index(b)
        if choice in ("a", "b"):
            wins[(who, i, j) if choice == "a" else (who, j, i)] += 1
        else:
            ties[who, i, j] += 1
            ties[who, j, i] += 1
    votes_of = (wins.sum(0) + wins.sum(0).T + ties.sum(0)).sum(1)
    shown, remarks = _shown(names, votes_of, wins.sum(0) + ties.sum(0))
    decided = [choice for *_, choice in told if choice in ("a", "b")]
    fitted = _fitted(wins[:, shown][:, :, shown], ties[:, shown][:, :, shown]) if len(shown) > 1 else None
    strengths = []
    for place, name in enumerate(names):
        value, low, high = (
            None if fitted is None or column is None or place not in shown else float(column[shown.index(place)])
            for column in (fitted[:3] if fitted is not None else (None, None, None))
        )
        won, lost, level = wins.sum(0)[place].sum(), wins.sum(0)[:, place].sum(), ties.sum(0)[place].sum()
        count = int(won + lost + level)
        strengths.append(Strength(name, value, low, high, count, int(won), int(lost), int(level)))
    strengths.sort(key=lambda one: (one.value is None, -(one.value or 0), one.name))
    return Comparison(
        tuple(strengths), None if fitted is None else fitted[3], len(told), sum(vote[3] == "neither" for vote in told),
        len(people), decided.count("a") / len(decided) if decided else None, tuple(remarks),
    )  # fmt: skip


def _shown(names: Sequence[str], votes: Floats, met: Floats) -> tuple[list[int], list[str]]:
    """Places of what a figure is shown for, and sentences on the rest."""
    enough = [place for place in range(len(names)) if votes[place] >= FEWEST_VOTES]
    remarks = [
        f"{names[place]} has {int(votes[place])} {'vote' if votes[place] == 1 else 'votes'}; "
        f"a figure is shown from {FEWEST_VOTES}."
        for place in range(len(names))
        if place not in enough
    ]
    groups: list[set[int]] = []
    for place in enough:
        joined = {place} | {other for other in enough if met[place, other] or met[other, place]}
        for group in [group for group in groups if group & joined]:
            joined |= group
            groups.remove(group)
        groups.append(joined)
    largest = max(groups, key=lambda group: votes[sorted(group)].sum(), default=set())
    for place in enough:
        if place not in largest:
            remarks.append(f"{names[place]} was never compared with the others, not even by way of a third.")
    return sorted(largest), remarks


def _fitted(wins: Floats, ties: Floats) -> tuple[Floats, Floats | None, Floats | None, float]:
    """Strengths, low and high ends of their intervals, and the weight of ties."""
    values, nu = fit(wins.sum(0)[None], ties.sum(0)[None])
    if len(wins) < FEWEST_PEOPLE:
        return values[0], None, None, float(nu[0])
    drawn = weights(len(wins))
    many, _ = fit(np.tensordot(drawn, wins, 1), np.tensordot(drawn, ties, 1))
    low, high = np.percentile(many, INTERVAL, axis=0)
    return values[0], low, high, float(nu[0])


def fit(wins: Floats, ties: Floats) -> tuple[Floats, Floats]:
    """Davidson's model for many tables of votes at once, by Newton's method.

    Args:
        wins: shape (tables, things, things); [t, i, j] = how often i was preferred to j.
        ties: the same for no difference, symmetric.

    Returns:
        Log strengths, shape (tables, things), each row adding up to 0; and nu, shape (tables,).
    """
    tables, things = wins.shape[:2]
    upper = np.triu_indices(things, 1)
    ahead, behind = wins[:, upper[0], upper[1]], wins[:, upper[1], upper[0]]
    level = ties[:, upper[0], upper[1]]
    met = ahead + behind + level
    pairs = len(upper[0])
    # The log odds of (i, j, tie) are linear in (strengths, log nu): rows of three designs, one for each outcome.
    design = np.zeros((3, pairs, things + 1))
    design[0, np.arange(pairs), upper[0]] = 1
    design[1, np.arange(pairs), upper[1]] = 1
    design[2] = (design[0] + design[1]) / 2
    design[2, :, things] = 1
    seen = np.stack([ahead, behind, level])  # (3, tables, pairs)
    parameters = np.zeros((tables, things + 1))
    for _ in range(_STEPS):
        odds = np.einsum("opk,tk->otp", design, parameters)
        odds -= odds.max(axis=0)
        chance = np.exp(odds)
        chance /= chance.sum(axis=0)
        slope = np.einsum("otp,opk->tk", seen - chance * met, design) - _PRIOR * parameters
        mean = np.einsum("otp,opk->tpk", chance, design)
        bend = np.einsum("otp,opk,opl->tkl", chance * met, design, design)
        bend -= np.einsum("tp,tpk,tpl->tkl", met, mean, mean)
        bend += _PRIOR * np.eye(things + 1)
        step = np.linalg.solve(bend, slope[..., None])[..., 0]
        parameters += np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-8:
            break
    strengths = parameters[:, :things]
    return strengths - strengths.mean(axis=1, keepdims=True), np.exp(parameters[:, things])
