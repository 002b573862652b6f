"""Who meets what when: every place and every succession equally often."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from tests.unit.study.planned import CONDITIONS, HEAD, STEPS
from workbench.study.plan.load import parse_study
from workbench.study.plan.order import table, williams
from workbench.study.plan.path import lay_out


@pytest.mark.parametrize("count", range(2, 10))
def test_a_williams_design_is_balanced_in_places_and_in_what_follows(count: int) -> None:
    rows = williams(count)
    assert len(rows) == (count if count % 2 == 0 else 2 * count)
    assert all(sorted(row) == list(range(count)) for row in rows)
    for place in range(count):
        assert len(set(Counter(row[place] for row in rows).values())) == 1
    following = Counter(pair for row in rows for pair in pairwise(row))
    assert len(following) == count * (count - 1)
    assert len(set(following.values())) == 1


def study(assignment: str, conditions: int = 3):  # type: ignore[no-untyped-def]
    listed = "".join(f"  - {{id: c{number}}}\n" for number in range(conditions))
    return parse_study(f"{HEAD}conditions:\n{listed}assignment: {assignment}\n{STEPS}")


def test_the_table_is_the_same_every_time_and_balanced_block_by_block() -> None:
    plan = study("{people: 12, seed: 3}")
    rows = table(plan)
    assert rows == table(plan)
    assert rows != table(study("{people: 12, seed: 4}"))
    for block in (rows[:6], rows[6:]):
        assert sorted(block) == sorted({tuple(f"c{number}" for number in row) for row in williams(3)})


def test_between_people_each_condition_is_met_equally_often() -> None:
    rows = table(study("{design: between, people: 9}"))
    assert Counter(rows) == {("c0",): 3, ("c1",): 3, ("c2",): 3}
    assert all({row[0] for row in rows[first : first + 3]} == {"c0", "c1", "c2"} for first in (0, 3, 6))


def test_random_orders_are_drawn_from_the_seed_and_hold_every_condition() -> None:
    rows = table(study("{order: random, people: 30}"))
    assert len(set(rows)) == 6
    assert all(sorted(row) == ["c0", "c1", "c2"] for row in rows)


def test_every_condition_meets_every_file_equally_often(tmp_path) -> None:  # type: ignore[no-untyped-def]
    for name in ("x.mid", "y.mid"):
        (tmp_path / name).write_bytes(b"MThd")
    steps = STEPS.replace("not_before_s: 10}", "not_before_s: 10, files: [x.mid, y.mid]}")
    plan = parse_study(HEAD + CONDITIONS + steps, tmp_path / "s.yaml")
    met = Counter(
        (stop.condition, stop.file.name)
        for row, order in enumerate(table(plan, 8))
        for stop in lay_out(plan, row, order)
        if stop.file
    )
    assert met == {(condition, name): 4 for condition in "ab" for name in ("x.mid", "y.mid")}
