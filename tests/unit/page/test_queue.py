"""The queue of everything slow: whose turn it is, what is refused, and what those who wait are told."""

from __future__ import annotations

import threading

import pytest

from workbench.errors import BadRequest, Unavailable
from workbench.hub.public import PublicRules
from workbench.page.queue import DRAWN_PER_PERSON, Limits, Person, Queue, Ticket


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def visitor(number: int, session: str = "s") -> Person:
    return Person(f"192.0.2.{number}", session)


def working(tickets: list[Ticket]) -> list[int]:
    """Which of some tickets have their turn."""
    return [number for number, ticket in enumerate(tickets) if ticket.wait(0)]


def test_so_much_works_at_once_and_the_next_begins_when_one_ends(clock: Clock) -> None:
    queue = Queue(Limits(at_once=2), clock)
    tickets = [queue.join(visitor(number), "fill", 20.0) for number in range(4)]
    assert working(tickets) == [0, 1]
    tickets[0].leave()
    tickets[0].leave()
    assert working(tickets[1:]) == [0, 1]
    tickets[3].leave()
    tickets[1].leave()
    assert not [ticket for ticket in tickets if ticket.waiting]


def test_small_work_passes_long_work_and_has_a_place_of_its_own(clock: Clock) -> None:
    queue = Queue(Limits(at_once=1), clock)
    long = [queue.join(visitor(number), "stems", 60.0) for number in range(3)]
    small = [queue.join(visitor(number), "sheet", 0.5) for number in range(10, 13)]
    assert working(long) == [0]
    assert working(small) == [0], "it need not wait for the long one"
    small[0].leave()
    long[0].leave()
    assert working(small) == [0, 1, 2]
    assert working(long) == [0], "and it comes before the long ones that wait"


def test_long_work_is_not_put_off_for_ever(clock: Clock) -> None:
    queue = Queue(Limits(at_once=1), clock)
    first = queue.join(visitor(0), "x", 10.0)
    long = queue.join(visitor(1), "stems", 30.0)
    turns = 0
    while not long.wait(0):
        short = queue.join(visitor(2 + turns), "fill", 5.0)
        clock.now += 5
        first.leave()
        turns += 1
        if not long.wait(0):
            assert short.wait(0)
            first = short
        assert turns < 60, "others have passed it for five minutes"
    assert turns >= 2, "but small work does pass it"


def test_whoever_asks_for_much_lets_others_go_first(clock: Clock) -> None:
    queue = Queue(Limits(at_once=1), clock)
    greedy = [queue.join(visitor(1, f"session {number}"), "fill", 5.0) for number in range(6)]
    other = queue.join(visitor(2), "fill", 5.0)
    assert working(greedy) == [0]
    clock.now += 5
    greedy[0].leave()
    assert other.wait(0), "one who had nothing comes before the second of one address"
    clock.now += 5
    other.leave()
    assert working(greedy) == [0, 1]
    third = queue.join(visitor(3), "fill", 5.0)
    again = queue.join(visitor(2), "fill", 5.0)
    clock.now += 8
    greedy[1].leave()
    assert third.wait(0), "and before one who had a turn a moment ago"
    assert not again.wait(0)


def test_limits_of_one_session_one_address_and_everybody(clock: Clock) -> None:
    queue = Queue(PublicRules(jobs_per_person=2, jobs_per_address=5, queue_length=8), clock)
    person = visitor(1)
    for _ in range(2):
        queue.join(person, "fill")
    with pytest.raises(BadRequest, match="still running"):
        queue.join(person, "fill")
    for _ in range(3):
        queue.join(person, "sheet", asked=False)
    with pytest.raises(BadRequest, match="your address"):
        queue.join(visitor(1, "another session"), "fill")
    for number in range(2, 8):
        queue.join(visitor(number), "fill")
    with pytest.raises(Unavailable, match="Many people"):
        queue.join(visitor(9), "fill")
    queue.join(visitor(9), "sheet", asked=False)


def test_what_a_page_draws_counts_apart_and_has_a_limit_too(clock: Clock) -> None:
    queue = Queue(PublicRules(jobs_per_person=1, jobs_per_address=50), clock)
    person = visitor(1)
    for _ in range(DRAWN_PER_PERSON):
        queue.join(person, "render", 9.0, asked=False)
    with pytest.raises(BadRequest, match="wait a moment"):
        queue.join(person, "render", 9.0, asked=False)
    queue.join(person, "fill")


def test_those_who_wait_hear_their_place_and_how_long_it_may_take(clock: Clock) -> None:
    queue = Queue(Limits(at_once=2), clock)
    tickets = [queue.join(visitor(number), f"kind {number}", 20.0) for number in range(5)]
    assert [ticket.waiting for ticket in tickets] == [0, 0, 2, 3, 4]
    assert [ticket.seconds_left for ticket in tickets] == [0, 0, 20, 20, 40]
    clock.now += 15
    assert [ticket.seconds_left for ticket in tickets[2:]] == [5, 5, 25]


def test_it_learns_how_long_work_takes_here(clock: Clock) -> None:
    queue = Queue(Limits(at_once=1), clock)
    for _ in range(6):
        ticket = queue.join(visitor(1), "fill", 2.0)
        clock.now += 30
        queue.done(ticket)
        ticket.leave()
    first, second = (queue.join(visitor(number), "fill", 2.0) for number in (2, 3))
    assert first.wait(0)
    assert 25 < second.seconds_left < 31


def test_many_threads_never_work_at_once_more_than_they_may() -> None:
    queue = Queue(Limits(at_once=2, in_all=200))
    now, most, lock = [0], [0], threading.Lock()

    def work(number: int) -> None:
        with queue.place(visitor(number), "fill", 10.0):
            with lock:
                now[0] += 1
                most[0] = max(most[0], now[0])
            threading.Event().wait(0.002)
            with lock:
                now[0] -= 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    assert most[0] == 2


def test_one_address_never_holds_all_places(clock: Clock) -> None:
    queue = Queue(Limits(at_once=2, shared=True), clock)
    greedy = [queue.join(visitor(1, str(number)), "fill", 60.0) for number in range(4)]
    assert working(greedy) == [0], "its second long work waits although there is a place"
    assert queue.join(visitor(2), "fill", 60.0).wait(0)
    queue = Queue(Limits(at_once=2, shared=True), clock)
    pretended = [queue.join(visitor(1, str(number)), "fill", 1.0) for number in range(4)]
    assert working(pretended) == [0, 1], "nor does work that says that it is small"
    clock.now += 30
    assert queue.join(visitor(2), "fill", 60.0).wait(0)


def test_on_ones_own_computer_all_places_are_ones_own(clock: Clock) -> None:
    queue = Queue(None, clock)
    tickets = [queue.join(visitor(1, str(number)), "fill", 60.0) for number in range(3)]
    assert working(tickets) == [0, 1]


def test_what_only_waits_for_a_network_takes_no_place_but_counts(clock: Clock) -> None:
    queue = Queue(Limits(at_once=1, per_person=3), clock)
    downloads = [queue.join(visitor(1), "pull", 600.0, idle=True) for _ in range(2)]
    assert working(downloads) == [0, 1]
    assert queue.join(visitor(1), "fill", 20.0).wait(0)
    with pytest.raises(BadRequest, match="still running"):
        queue.join(visitor(1), "pull", 600.0, idle=True)
