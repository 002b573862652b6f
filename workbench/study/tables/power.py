"""How likely a study is to find a difference that is there: by simulating it many times over.

    power(0.5, people=24, trials=2).power            # a difference of half a standard deviation
    power_of_shares(0.3, 0.45, people=24, trials=1, suggestions=8)
    power_of_votes(0.5, people=24, votes=6)          # how often the interval of a preference lies off 0

Each function draws the data of thousands of studies, once with the difference and once without it. The test is the
usual one on people's own differences (a paired t statistic); where it begins to count is read off the studies *without*
a difference, so the share of false alarms is what was asked for however the data are spread.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.errors import BadRequest
from workbench.study.tables.compared import FEWEST_VOTES, fit
from workbench.study.tables.estimate import INTERVAL, weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

RUNS = 4_000
#: So many times more studies without a difference, because where a test begins to count is read off their tail.
_WITHOUT = 5
_VOTE_RUNS, _VOTE_DRAWS = 200, 200
_MOST = 10_000


@dataclass(frozen=True)
class Power:
    """The share of simulated studies that found the difference, with an interval for how few were simulated.

    ``people``: of whom data came, drop-outs left out.
    """

    power: float
    low: float
    high: float
    people: int
    runs: int

    def sentence(self) -> str:
        """For a person who plans a study."""
        found = f"{round(10 * self.power)} of 10" if 0.05 <= self.power <= 0.95 else (
            "nearly all" if self.power > 0.95 else "hardly any"
        )  # fmt: skip
        return f"With the data of {self.people} people, {found} such studies would find it ({100 * self.power:.0f} %)."


def power(
    effect: float, people: int, trials: int = 1, *, between: float = 0.5, drop_out: float = 0.0, alpha: float = 0.05,
    groups: bool = False, runs: int = RUNS, seed: int = 0,
) -> Power:  # fmt: skip
    """The power to find a difference between two conditions in something measured once a trial.

    Args:
        effect: the difference, in standard deviations of one trial of one person.
        people: who take part, in all.
        trials: of each person under each condition they meet.
        between: how much people differ in how *large* the effect is for them (standard deviation, same unit); with
            ``groups``: in how they are anyway.
        drop_out: share of people whose data are lost.
        alpha: share of false alarms that is accepted.
        groups: whether each person meets only one of the two conditions.
        runs: how many studies are simulated.
        seed: the same one gives the same answer.

    Raises:
        BadRequest: fewer than two people are left (in a group), or numbers that make no sense.
    """
    left = _left(people, trials, drop_out, alpha, 4 if groups else 2)
    rng = np.random.default_rng(seed)
    noise = math.sqrt(between**2 + 1 / trials) if groups else math.sqrt(between**2 + 2 / trials)

    def statistic(size: float, count: int) -> NDArray[np.float64]:
        if groups:
            half = left // 2
            first = rng.normal(0, noise, (count, half))
            second = rng.normal(size, noise, (count, left - half))
            error = np.sqrt(first.var(1, ddof=1) / half + second.var(1, ddof=1) / (left - half))
            return np.asarray((second.mean(1) - first.mean(1)) / error)
        return _paired(rng.normal(size, noise, (count, left)))

    return _found(statistic(0.0, _WITHOUT * runs), statistic(effect, runs), alpha, left)


def power_of_shares(
    low: float, high: float, people: int, trials: int = 1, suggestions: int = 8, *, spread: float = 0.8,
    drop_out: float = 0.0, alpha: float = 0.05, runs: int = RUNS, seed: int = 0,
) -> Power:  # fmt: skip
    """The power to find that a share (of suggestions kept, say) differs between two conditions everybody meets.

    Args:
        low: the share under one condition, and ``high``: under the other.
        people: who take part, and ``trials``: of each under each condition.
        suggestions: how many of what is counted there are in a trial.
        spread: how much people differ in it (standard deviation in logits).
        drop_out: as in :func:`power`, and ``alpha``, ``runs``, ``seed`` too.

    Raises:
        BadRequest: as in :func:`power`.
    """
    left = _left(people, trials, drop_out, alpha, 2)
    if not (0 < low < 1 and 0 < high < 1) or suggestions < 1:
        raise BadRequest("Shares lie between 0 and 1, and something must be counted.")
    rng = np.random.default_rng(seed)
    shown = trials * suggestions

    def statistic(first: float, second: float, count: int) -> NDArray[np.float64]:
        leaning = rng.normal(0, spread, (count, left))
        kept = [rng.binomial(shown, _logistic(math.log(share / (1 - share)) + leaning)) for share in (first, second)]
        return _paired((kept[1] - kept[0]) / shown)

    middle = (low + high) / 2
    return _found(statistic(middle, middle, _WITHOUT * runs), statistic(low, high, runs), alpha, left)


def power_of_votes(
    strength: float, people: int, votes: int, *, ties: float = 0.4, drop_out: float = 0.0, spread: float = 0.3,
    runs: int = _VOTE_RUNS, seed: int = 0,
) -> Power:  # fmt: skip
    """How often the interval of a preference between two things would lie off 0.

    Args:
        strength: how much stronger one is, on the logarithmic scale of Davidson's model (0.5: it wins 62 % of the
            decided votes).
        people: who take part; each gives ``votes`` votes.
        ties: the weight of "no difference".
        drop_out: share of people whose data are lost.
        spread: how much people differ in their preference (standard deviation, same scale).
        runs: how many studies are simulated; ``seed``: the same one gives the same answer.

    Raises:
        BadRequest: as in :func:`power`; or there are too few votes for a figure.
    """
    left = _left(people, votes, drop_out, 0.05, 3)
    if left * votes < FEWEST_VOTES:
        raise BadRequest(f"A preference is shown from {FEWEST_VOTES} votes on; these are {left * votes}.")
    rng = np.random.default_rng(seed)
    own = rng.normal(strength, spread, (runs, left))
    both = ties * np.ones_like(own)
    chances = np.stack([np.exp(own / 2), np.exp(-own / 2), both], axis=-1)
    chances /= chances.sum(-1, keepdims=True)
    counts = rng.multinomial(votes, chances).astype(float)  # (runs, people, 3)
    drawn = weights(left, seed, _VOTE_DRAWS)
    off = 0
    for study in counts:
        sums = drawn @ study
        wins, level = np.zeros((len(sums), 2, 2)), np.zeros((len(sums), 2, 2))
        wins[:, 0, 1], wins[:, 1, 0] = sums[:, 0], sums[:, 1]
        level[:, 0, 1] = level[:, 1, 0] = sums[:, 2]
        lowest, highest = np.percentile(fit(wins, level)[0][:, 0], INTERVAL)
        off += bool(lowest > 0 or highest < 0)
    return _power(off, runs, left)


def _left(people: int, trials: int, drop_out: float, alpha: float, fewest: int) -> int:
    if not (1 <= people <= _MOST and 1 <= trials <= _MOST and 0 <= drop_out < 1 and 0 < alpha < 1):
        raise BadRequest("Power needs people, trials, a share of drop-outs below 1 and an alpha between 0 and 1.")
    left = round(people * (1 - drop_out))
    if left < fewest:
        raise BadRequest(f"With {left} {'person' if left == 1 else 'people'} left, nothing can be tested.")
    return left


def _paired(differences: NDArray[np.float64]) -> NDArray[np.float64]:
    error = differences.std(1, ddof=1) / math.sqrt(differences.shape[1])
    return np.asarray(differences.mean(1) / np.maximum(error, 1e-12))


def _logistic(value: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-value)))


def _found(without: NDArray[np.float64], real: NDArray[np.float64], alpha: float, people: int) -> Power:
    bound = float(np.quantile(np.abs(without), 1 - alpha))
    return _power(int((np.abs(real) > bound).sum()), len(real), people)


def _power(found: int, runs: int, people: int) -> Power:
    """With Wilson's interval."""
    share, z = found / runs, 1.96
    middle = (share + z**2 / (2 * runs)) / (1 + z**2 / runs)
    half = z * math.sqrt(share * (1 - share) / runs + z**2 / (4 * runs**2)) / (1 + z**2 / runs)
    return Power(share, max(0.0, middle - half), min(1.0, middle + half), people, runs)
