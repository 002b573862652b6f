"""Bars, beats and seconds, in plain and in awkward metres."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import BadRequest
from workbench.score import Score
from workbench.score.lanes import Meter, Tempo
from workbench.score.timemap import TimeMap


def test_bars_count_from_one_and_a_pickup_is_bar_zero() -> None:
    plain, pickup = TimeMap(Score()), TimeMap(Score(pickup=960))
    assert (plain.bar(1).start, plain.bar(1).end) == (0, 3840)
    assert (pickup.bar(0).start, pickup.bar(0).end, pickup.bar(1).start) == (0, 960, 960)
    with pytest.raises(BadRequest, match="no bar 0"):
        plain.bar(0)


def test_a_change_of_metre_inside_a_bar_ends_it() -> None:
    time = TimeMap(Score(meters=[Meter(0, 4, 4), Meter(5000, 3, 4)]))
    assert [(bar.number, bar.start, bar.end) for bar in time.bars(9000)] == [
        (1, 0, 3840), (2, 3840, 5000), (3, 5000, 7880), (4, 7880, 10760),
    ]  # fmt: skip
    assert time.bar_range(2, 3) == (3840, 7880)


def test_bar_lines_that_fall_between_ticks_do_not_drift() -> None:
    time = TimeMap(Score(ppq=1, meters=[Meter(0, 3, 8)]))
    lines = [bar.start for bar in time.bars(30)]
    assert lines[::2] == list(range(0, 30, 3))


def test_beats_are_named_in_the_metres_own_unit() -> None:
    time = TimeMap(Score(meters=[Meter(0, 6, 8)]))
    assert time.beat_position(2880 + 480 * 4 + 7) == (2, 5, 7)


def test_seconds_follow_every_tempo_exactly() -> None:
    score = Score(tempos=[Tempo(tick * 960, 500_000 + tick) for tick in range(1000)])
    time = TimeMap(score)
    assert time.seconds(960 * 1000) == sum(500_000 + tick for tick in range(1000)) / 1e6
    assert time.tempo_at(960 * 500 + 1) == 500_500


@given(st.integers(0, 10_000_000), st.lists(st.tuples(st.integers(0, 5_000_000), st.integers(200_000, 2_000_000))))
def test_seconds_and_ticks_are_inverse(tick: int, changes: list[tuple[int, int]]) -> None:
    time = TimeMap(Score(tempos=[Tempo(*change) for change in sorted(changes)]))
    assert time.tick(time.seconds(tick)) == tick


@given(st.integers(0, 2**31 - 1), st.integers(1, 255), st.sampled_from([1, 2, 4, 8, 16, 256]), st.integers(1, 32_767))
def test_every_tick_lies_in_its_bar(tick: int, numerator: int, denominator: int, ppq: int) -> None:
    time = TimeMap(Score(ppq=ppq, meters=[Meter(0, numerator, denominator)]))
    bar = time.bar_at(tick)
    assert bar.start <= tick < bar.end
    assert time.bar(bar.number) == bar
