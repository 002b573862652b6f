"""Runs of twelve notes: what counts as one, and a filter that never misses any."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.tokens.runs import RUN, RunFilter, closing, part_runs

TUNE = np.array([60, 62, 64, 60, 67, 65, 64, 62, 60, 59, 57, 55, 60, 64], dtype=np.int64)


def test_a_run_is_the_same_in_every_key_and_in_no_other_order() -> None:
    assert len(part_runs(TUNE)) == len(TUNE) - RUN + 1
    assert (part_runs(TUNE) == part_runs(TUNE + 5)).all()
    assert not np.isin(part_runs(TUNE[::-1]), part_runs(TUNE)).any()


def test_scales_trills_and_short_lines_are_nobodys() -> None:
    assert len(part_runs(np.arange(60, 80))) == 0
    assert len(part_runs(np.array([60, 62] * 10))) == 0
    assert len(part_runs(TUNE[: RUN - 1])) == 0


def test_the_pitch_that_ends_a_run_is_found_among_all() -> None:
    keys = np.arange(128, dtype=np.int64)
    hashes, varied = closing(TUNE[: RUN - 1].tolist(), keys)
    assert hashes[TUNE[RUN - 1]] == part_runs(TUNE[:RUN])[0]
    assert varied[TUNE[RUN - 1]]
    repeated, varied = closing([60] * (RUN - 1), keys)
    assert len(repeated) == 128
    assert not varied.any()
    with pytest.raises(ValueError, match="eleven"):
        closing([60], keys)


def test_a_filter_holds_everything_put_in_and_little_else() -> None:
    rng = np.random.default_rng(0)
    inside, outside = (rng.integers(0, 2**63, 4_000).astype(np.uint64) for _ in range(2))
    found = RunFilter.of(inside, 15)
    assert len(found.bits) == 2**12
    assert found.holds(inside).all()
    assert found.holds(outside).mean() < 0.05
    with pytest.raises(ValueError, match="power of two"):
        RunFilter(np.zeros(3, dtype=np.uint8))
