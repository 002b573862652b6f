"""Power by simulation agrees with what can be calculated, and with false alarms as asked for."""

from __future__ import annotations

import pytest
from scipy import stats

from workbench.errors import BadRequest
from workbench.study.tables.power import power, power_of_shares, power_of_votes


@pytest.mark.parametrize(("effect", "people", "trials"), [(0.5, 24, 2), (0.8, 16, 1), (0.3, 60, 4)])
def test_it_agrees_with_the_noncentral_t(effect: float, people: int, trials: int) -> None:
    found = power(effect, people, trials, between=0.5)
    centre = effect / (0.25 + 2 / trials) ** 0.5 * people**0.5
    bound = stats.t.ppf(0.975, people - 1)
    true = 1 - stats.nct.cdf(bound, people - 1, centre) + stats.nct.cdf(-bound, people - 1, centre)
    assert found.power == pytest.approx(true, abs=0.03)
    assert found.low < found.power < found.high


def test_without_a_difference_alarms_are_as_rare_as_asked() -> None:
    assert power(0.0, 12, alpha=0.05).power == pytest.approx(0.05, abs=0.015)
    assert power_of_shares(0.3, 0.3, 12).power == pytest.approx(0.05, abs=0.015)
    assert power_of_votes(0.0, 30, 6).power < 0.12


def test_more_of_anything_helps_and_people_who_leave_do_not() -> None:
    usual = power_of_shares(0.3, 0.45, 16, 1).power
    assert power_of_shares(0.3, 0.45, 32, 1).power > usual
    assert power_of_shares(0.3, 0.45, 16, 3).power > usual
    assert power_of_shares(0.3, 0.45, 16, 1, drop_out=0.25).power < usual
    assert power(0.8, 24, groups=True).power < power(0.8, 24).power
    assert power_of_votes(0.8, 24, 6).power > power_of_votes(0.4, 24, 6).power


def test_the_same_seed_says_the_same_and_a_person_can_read_it() -> None:
    assert power(0.5, 24) == power(0.5, 24)
    assert power(2.0, 40).sentence() == "With the data of 40 people, nearly all such studies would find it (100 %)."


def test_what_cannot_be_tested_is_said() -> None:
    with pytest.raises(BadRequest, match="With 1 person left, nothing can be tested"):
        power(0.5, 10, drop_out=0.9)
    with pytest.raises(BadRequest, match="shown from 30 votes"):
        power_of_votes(0.5, 4, 5)
