"""Tokens, anticipation and the sliding window, without any network."""

from __future__ import annotations

import random

import pytest

from workbench.create.infill.anticipatory.window import Window, interleave, pad
from workbench.tokens.arrival import (
    ANTICIPATE,
    AUTOREGRESS,
    CONTEXT,
    DELTA,
    DRUMS,
    MAX_TIME,
    REST_EVERY,
    TRIPLES,
    Event,
    decode,
    encode,
    rest,
)  # fmt: skip


def note(time: int, *, control: bool = False, length: int = 40, pitch: int = 60, instrument: int = 0) -> Event:
    return Event(time, length, instrument, pitch, control)


def test_a_note_a_drum_a_rest_and_a_control_have_the_published_tokens() -> None:
    events = [note(0), Event(9_999, 999, DRUMS, 127), rest(100), note(250, control=True)]
    tokens = encode(events, 0)
    assert tokens[:6] == [0, 10_040, 11_060, 9_999, 10_999, 27_511]
    assert tokens[6:] == [100, 10_000, 27_512, 27_763, 37_553, 38_573]
    assert decode(tokens, 0) == events


def test_times_count_from_the_start_of_the_window() -> None:
    assert decode(encode([note(5_000)], 4_900), 4_900) == [note(5_000)]
    assert encode([note(5_000)], 4_900)[0] == 100


@pytest.mark.parametrize(
    "event", [note(-1), note(MAX_TIME), note(0, length=1_000), note(0, pitch=128), note(0, instrument=129),
              Event(0, 5, -1, 0), Event(0, 0, -1, 0, control=True)],
)  # fmt: skip
def test_what_has_no_token_is_refused(event: Event) -> None:
    with pytest.raises(ValueError, match="no tokens"):
        encode([event], 0)


@pytest.mark.parametrize(
    "tokens", [[0, 10_000], [0, 27_512, 11_060], [27_512, 10_040, 11_060], [0, 10_040, 27_512], [10_040, 0, 11_060],
               [27_513, 10_040, 11_060], [0, 10_040, 55_027], [27_513, 37_513, 55_025]],
)  # fmt: skip
def test_a_broken_triple_is_told(tokens: list[int]) -> None:
    with pytest.raises(ValueError, match=r"threes|not an event"):
        decode(tokens, 0)


def test_silence_is_filled_with_a_rest_every_second() -> None:
    padded = pad([note(50), note(380)], 0, 700)
    assert [event.time for event in padded] == [50, 150, 250, 350, 380, 480, 580, 680]
    assert [event.is_rest for event in padded] == [False, True, True, True, False, True, True, True]


def test_a_control_stands_after_the_first_event_five_seconds_before_it() -> None:
    events = [note(time) for time in (0, 90, 180, 260, 350)]
    controls = [note(time, control=True) for time in (10, 500, 501, 680, 760, 851)]
    stream, left = interleave(events, controls, 0)
    assert [event.time for event in stream] == [10, 500, 0, 90, 501, 180, 680, 260, 760, 350]
    assert [event.time for event in left] == [851]
    for place, event in enumerate(stream):
        if event.control and event.time > DELTA:
            before = [other.time for other in stream[:place] if not other.control]
            assert before[-1] >= event.time - DELTA
            assert all(time < event.time - DELTA for time in before[:-1])


def test_the_flag_says_whether_anything_is_given() -> None:
    assert Window([note(0)], [], 0, 100).tokens()[0] == AUTOREGRESS
    assert Window([note(0)], [note(10, control=True)], 0, 100).tokens()[0] == ANTICIPATE


def test_a_long_past_leaves_room_to_write() -> None:
    window = Window([note(10 * index) for index in range(3_000)], [], 0, 30_000)
    assert len(window.tokens()) < 0.8 * CONTEXT
    assert window.stream[-1].time == 29_990
    assert min(event.time for event in window.stream) == window.start


@pytest.mark.parametrize(("gap", "end"), [(3, 3_000), (95, 34_000)])
def test_a_window_slides_in_blocks_and_keeps_every_control(gap: int, end: int) -> None:
    dice = random.Random(3)
    controls = [note(time, control=True, pitch=48) for time in sorted(dice.randrange(40_000) for _ in range(600))]
    window = Window([], controls, 0, 0)
    seen = {id(event) for event in window.stream if event.control}
    tokens, steps = window.tokens(), 0
    while window.now < end:
        steps += 1
        if window.make_room():
            tokens = window.tokens()
        event = note(window.now + dice.randrange(1, gap + 1))
        added, slid = window.write(event)
        tokens = window.tokens() if slid else [*tokens, *encode([event], window.start), *added]
        assert len(tokens) <= CONTEXT
        if slid or steps % 20 == 0:
            assert tokens == window.tokens()
            decode(tokens[1:], window.start)
        seen |= {id(event) for event in window.stream if event.control}
    assert window.slides > 3
    assert steps / window.slides > 30  # a rebuild is rare
    due = [control for control in controls if control.time - DELTA <= window.now]
    assert seen == {id(control) for control in due}


def test_a_window_never_outlives_its_hundred_seconds() -> None:
    window = Window([], [], 0, 0)
    for _ in range(400):
        window.make_room()
        assert window.now + REST_EVERY - window.start < MAX_TIME
        window.write(rest(window.now + REST_EVERY))
    assert window.slides >= 3
    assert len(window.stream) < TRIPLES
