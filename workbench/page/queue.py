"""The one queue of everything slow: jobs of a page, its slow calls, and the endpoints for programs.

Whatever takes more than a moment holds a :class:`Ticket` while it works, and waits for its turn before::

    ticket = queue.join(person, "fill", seconds=4.0)   # refused here if that is too much for one person, or in all
    try:
        while not ticket.wait(1.0):
            ...                                        # tell the person: ticket.waiting, ticket.seconds_left
        ...                                            # the work
    finally:
        ticket.leave()

Who comes next: nobody gets a second place while somebody without one waits, people behind one address count as one
there, and among equals the one whose work is due first. Work is due later the longer it takes and the more its person
has had within the last minute, so small work passes long work, and long work is not put off for ever. On a public
server no address ever holds all places, so that whoever comes next need not wait until its long work ends.

How long work takes is said by whoever joins and corrected by how long the same kind took before on this machine.
"""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from workbench.errors import BadRequest, Unavailable
from workbench.hub.public import PublicRules

#: Work of up to so many seconds is small.
SMALL_SECONDS = 2.5
#: Places that long work never takes, so that small work need not wait until it ends.
SMALL_PLACES = 1
#: Work of ``t`` seconds is due ``t`` times this after it was asked for, but never later than by so many seconds: what
#: takes long should let small work pass, not wait until nobody asks for any.
SLACK = 1.5
MOST_SLACK_SECONDS = 20.0
#: Seconds of work done longer ago than this count half, and so on.
FORGET_SECONDS = 60.0
#: How much of a page's own work (its sheet, its waveforms ...) may be in the queue for one person.
DRAWN_PER_PERSON = 4
MAX_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks: a network address (empty on one's own computer) and a session there. Neither is ever logged."""

    address: str = ""
    session: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """``at_once``: how much long work is done at the same time. The next three: how much may be in the queue, working
    or waiting: asked for by one person, from one address, asked for by all. ``shared``: by strangers to each other.
    """

    at_once: int = 2
    per_person: int = 16
    per_address: int = 64
    in_all: int = 64
    shared: bool = False

    @classmethod
    def of(cls, rules: PublicRules | None, at_once: int = 2) -> Limits:
        """The owner's limits of a public server; generous ones on one's own computer."""
        if rules is None:
            return cls(at_once)
        return cls(at_once, rules.jobs_per_person, rules.jobs_per_address, rules.queue_length, True)


class Ticket:
    """One piece of work in the queue. ``person``: who waits for it; ``asked``: by a person, not by the page itself;
    ``idle``: it waits for a network and costs nothing here, so it takes no place.
    """

    def __init__(
        self, queue: Queue, person: Person, kind: str, guess: float, asked: bool, idle: bool, due: float
    ) -> None:  # fmt: skip
        self.person, self.kind, self.asked, self.idle = person, kind, asked, idle
        self.guess, self.due = guess, due
        self.seconds = guess
        self.started = math.nan
        self._queue = queue
        self._turn = threading.Event()

    def wait(self, seconds: float) -> bool:
        """Wait at most so long for the turn; whether it has come."""
        return self._turn.wait(seconds)

    @property
    def waiting(self) -> int:
        """How many come before; 0 when the turn has come."""
        return self._queue._place(self)[0]

    @property
    def seconds_left(self) -> float:
        """Expected seconds until the turn comes."""
        return self._queue._place(self)[1]

    def leave(self) -> None:
        """The work is over, or nobody waits for it any more. Harmless if called twice."""
        self._queue._leave(self)


class Queue:
    """How much works and waits, in all and by person. Persons are opaque keys; nothing else is known of them.

    Args:
        limits: see :class:`Limits`; the rules of a public server stand for theirs, None for one's own computer's.
        clock: monotonic seconds.
    """

    def __init__(
        self, limits: Limits | PublicRules | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:  # fmt: skip
        self.limits = limits if isinstance(limits, Limits) else Limits.of(limits)
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: list[Ticket] = []
        self._working: list[Ticket] = []
        self._ratio: dict[str, float] = {}  # kind -> how much longer it takes here than was said
        self._used: dict[Person | str, tuple[float, float]] = {}  # who -> seconds of work, when they were counted

    def join(
        self, person: Person, kind: str, seconds: float = 1.0, *, asked: bool = True, idle: bool = False
    ) -> Ticket:  # fmt: skip
        """Get in line.

        Args:
            person: who waits for it.
            kind: what it is; the same kind is expected to take what it took before.
            seconds: a guess, for the kind's usual machine.
            asked: whether a person asked for it; what a page draws by itself counts apart.
            idle: whether it only waits for a network; it begins at once.

        Raises:
            BadRequest: this person, or this address, has as much in the queue as allowed.
            Unavailable: the queue is full.
        """
        guess = seconds if 0.01 <= seconds <= 3_600 else 1.0
        with self._lock:
            self._check(person, asked)
            expected = guess * self._ratio.get(kind, 1.0)
            now = self._clock()
            ticket = Ticket(self, person, kind, guess, asked, idle, now + min(SLACK * expected, MOST_SLACK_SECONDS))
            ticket.seconds = expected
            self._waiting.append(ticket)
            self._start()
        return ticket

    @contextlib.contextmanager
    def place(self, person: Person, kind: str = "", seconds: float = 1.0, *, asked: bool = True) -> Iterator[None]:
        """Wait for the turn and hold it; raises what :meth:`join` raises."""
        ticket = self.join(person, kind, seconds, asked=asked)
        try:
            ticket.wait(threading.TIMEOUT_MAX)
            yield
        finally:
            ticket.leave()

    def _check(self, person: Person, asked: bool) -> None:
        everything = [*self._working, *self._waiting]
        mine = sum(ticket.person == person and ticket.asked == asked for ticket in everything)
        if mine >= (self.limits.per_person if asked else DRAWN_PER_PERSON):
            raise BadRequest(
                "Your last job is still running; wait for it or stop it." if asked
                else "The page is still being drawn; wait a moment."
            )  # fmt: skip
        near = sum(ticket.person.address == person.address for ticket in everything)
        if person.address and near >= self.limits.per_address:
            raise BadRequest("Much is being worked on for people at your address; try again in a moment.")
        room = self.limits.in_all if asked else 2 * self.limits.in_all
        if sum(ticket.asked == asked for ticket in everything) >= room:
            raise Unavailable("Many people are here right now; try again in a minute.")

    def _recent(self, who: Person | str, now: float) -> float:
        used, when = self._used.get(who, (0.0, now))
        return float(used * 0.5 ** ((now - when) / FORGET_SECONDS))

    def _order(self) -> list[Ticket]:
        """Who waits, in the order in which their turns would come now."""
        people = {ticket.person for ticket in self._working}
        addresses = {person.address for person in people}
        now = self._clock()

        def key(ticket: Ticket) -> tuple[bool, bool, float]:
            who = ticket.person
            due = ticket.due + self._recent(who, now) + self._recent(who.address, now)
            return who.address in addresses, who in people, due

        return sorted(self._waiting, key=key)

    def _start(self) -> None:
        """Give away what is free; after each place the order is another one."""
        while ticket := next((ticket for ticket in self._order() if self._fits(ticket)), None):
            self._waiting.remove(ticket)
            self._working.append(ticket)
            ticket.started = self._clock()
            ticket._turn.set()

    def _fits(self, ticket: Ticket) -> bool:
        if ticket.idle:
            return True
        working = [work for work in self._working if not work.idle]
        most, long = self.limits.at_once, ticket.seconds > SMALL_SECONDS
        if len(working) >= most + SMALL_PLACES:
            return False
        if long and sum(work.seconds > SMALL_SECONDS for work in working) >= most:
            return False
        if not self.limits.shared or not ticket.person.address:
            return True
        near = [work for work in working if work.person.address == ticket.person.address]
        return len(near) < most and not (long and sum(map(self._long, near)) >= max(1, most - 1))

    def _long(self, ticket: Ticket) -> bool:
        """Whether work under way is long, by what was expected or by what is seen."""
        return ticket.seconds > SMALL_SECONDS or self._clock() - ticket.started > SMALL_SECONDS

    def _place(self, ticket: Ticket) -> tuple[int, float]:
        with self._lock:
            if ticket not in self._waiting:
                return 0, 0.0
            now = self._clock()
            order = self._order()
            ahead = order[: order.index(ticket)]
            working = [work for work in self._working if not work.idle]
            free = sorted(max(0.0, work.started + work.seconds - now) for work in working)
            free = free[: self.limits.at_once] or [0.0]
            for other in ahead:
                free[0] += other.seconds
                free.sort()
            return len(ahead) + len(working), free[0]

    def _leave(self, ticket: Ticket) -> None:
        with self._lock:
            if ticket in self._waiting:
                self._waiting.remove(ticket)
            elif ticket in self._working:
                self._working.remove(ticket)
                if not ticket.idle:
                    self._count(ticket)
            self._start()

    def done(self, ticket: Ticket) -> None:
        """The work has come to its end (not: was stopped): later work of its kind is expected to take as long."""
        with self._lock:
            if not math.isnan(ticket.started):
                ratio = (self._clock() - ticket.started) / ticket.guess
                before = self._ratio.get(ticket.kind, ratio)
                self._ratio[ticket.kind] = min(50.0, max(0.02, 0.7 * before + 0.3 * ratio))

    def _count(self, ticket: Ticket) -> None:
        now = self._clock()
        for who in (ticket.person, ticket.person.address):
            self._used[who] = (self._recent(who, now) + now - ticket.started, now)
        if len(self._used) > MAX_REMEMBERED:
            self._used = {who: (used, when) for who, (used, when) in self._used.items() if now - when < FORGET_SECONDS}
