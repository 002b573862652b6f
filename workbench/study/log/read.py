"""Reading the interaction log back: a session at a time, each event once and in order, with what is missing named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from workbench.errors import BadDocument
from workbench.study.log.schema import Event, from_line
from workbench.study.log.sinks import Sink, open_sink


@dataclass(frozen=True)
class Gap:
    """Events that are missing: numbers ``first`` to ``last`` of the server's count, or of the page's (``whose``)."""

    first: int
    last: int
    whose: str = "server"

    def __str__(self) -> str:
        which = f"{self.first}" if self.first == self.last else f"{self.first} to {self.last}"
        return f"events {which} of the {self.whose} are missing"


@dataclass(frozen=True)
class SessionLog:
    """One sitting.

    ``events``: each once, by ``seq``. ``gaps``: what is missing. ``problems``: sentences about what was found twice,
    is out of order, or contradicts itself; both empty for a log that is whole.
    """

    session: str
    person: str
    events: tuple[Event, ...]
    gaps: tuple[Gap, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether nothing is missing and nothing contradicts itself."""
        return not self.gaps and not self.problems

    def of_kind(self, *kinds: str) -> Iterator[Event]:
        """The events of these kinds, in order."""
        return (event for event in self.events if event["kind"] in kinds)


def load(where: str | Path | Sink, *, session: str | None = None) -> list[SessionLog]:
    """Read a whole log, or one session of it.

    Args:
        where: a folder, ``sqlite:FILE``, ``hub:OWNER/DATASET``, or an open sink.
        session: only this one.

    Returns:
        The sessions by their first moment.

    Raises:
        Unavailable: the place cannot be read.
    """
    sink = where if isinstance(where, Sink) else open_sink(where)
    found: dict[str, list[Event]] = {}
    homes: dict[str, set[str]] = {}
    broken: set[str] = set()
    try:
        for place, event in _all(sink) if session is None else (("", event) for event in sink.read(session)):
            if event is None:
                broken.add(place)
                continue
            found.setdefault(event["session"], []).append(event)
            homes.setdefault(event["session"], set()).add(place)
    finally:
        if sink is not where:
            sink.close()
    out = []
    for name, events in found.items():
        log = session_log(name, events)
        unread = tuple(f"A line of {place} cannot be read." for place in sorted(homes[name] & broken))
        out.append(replace(log, problems=(*log.problems, *unread)))
    return sorted(out, key=_moment)


def _all(sink: Sink) -> Iterator[tuple[str, Event | None]]:
    """Every event with the name of the file it lies in; None for a line that cannot be read."""
    lines: Any = getattr(sink, "lines", None)
    if lines is None:
        yield from (("", event) for event in sink.events())
        return
    for place, line in lines():
        try:
            yield place, from_line(line)
        except BadDocument:
            yield place, None


def _moment(log: SessionLog) -> tuple[int, str]:
    return (log.events[0]["server_time"] if log.events else 0, log.session)


def session_log(session: str, found: Iterable[Event]) -> SessionLog:
    """Put the events of one session in order, each once, and name what is missing or double.

    An event that was kept twice in the same words (a server died between keeping and saying so, and another took its
    place) counts once without a word; so does one that the page sent twice to two servers, which is named.
    """
    events: dict[int, Event] = {}
    heard: dict[int, int] = {}
    double: set[int] = set()
    problems: list[str] = []
    for event in sorted(found, key=lambda item: (int(item["seq"]), int(item["server_time"]))):
        seq, client = event["seq"], event["client_seq"]
        if seq in events or seq in double:
            if seq in events and events[seq] != event:
                problems.append(f"There are two different events {seq}; the earlier one counts.")
            continue
        if client is not None and client in heard:
            problems.append(f"Events {heard[client]} and {seq} are the page's {client} twice; the first one counts.")
            double.add(seq)
            continue
        events[seq] = event
        if client is not None:
            heard[client] = seq
    ordered = tuple(events.values())
    persons = {event["person"] for event in ordered}
    if len(persons) > 1:
        problems.append("Events of several people stand in this session.")
    late = [event["seq"] for event in ordered if (event["cause"] is not None and event["cause"] not in events)]
    problems += [f"The cause of event {seq} is missing." for seq in late]
    gaps = [*gaps_of(double.union(events), "server"), *gaps_of(heard, "page")]
    return SessionLog(session, ordered[0]["person"] if ordered else "", ordered, tuple(gaps), tuple(problems))


def gaps_of(numbers: Iterable[int], whose: str) -> list[Gap]:
    """The holes in a count that begins with 0."""
    out, wanted = [], 0
    for number in sorted(numbers):
        if number > wanted:
            out.append(Gap(wanted, number - 1, whose))
        wanted = number + 1
    return out
