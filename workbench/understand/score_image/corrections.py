"""Putting right what was read: one note, or the clef, key or metre of a staff."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from workbench.errors import BadRequest
from workbench.understand.heard import whole
from workbench.understand.score_image.readscore_json import read_clef, read_pitches, read_time
from workbench.understand.score_image.sounding import sound
from workbench.understand.score_image.written import (
    CLEF_MIDDLES,
    ReadBar,
    ReadEvent,
    ReadStaff,
    ReadSystem,
    natural,
    quarters,
    spell_pitch,
    spelled,
    step_of,
)

if TYPE_CHECKING:
    from workbench.understand.score_image.readscore import ReadScore

#: Most corrections at once.
MAX_CHANGES = 10_000


def corrected(score: ReadScore, changes: Sequence[Mapping[str, Any]]) -> ReadScore:
    """The same with every change made, in order.

    A change is ``{"id": event, ...}`` with any of ``pitches`` (MIDI, rising), ``duration`` (quarters, or
    ``[numerator, denominator]``), ``beat`` (quarters from 1), ``tie`` and ``delete``; or
    ``{"staff": [page, system, staff], ...}`` (each from 0) with any of ``clef`` (of this staff alone; its notes move),
    ``key`` and ``time`` (of all staves, from this system on as far as the old one held) and ``add``
    (``{"measure", "beat", "pitches", "duration"}``; no pitches: a rest).

    Raises:
        BadRequest: there is no such event or staff, or a value does not fit.
    """
    if not isinstance(changes, (list, tuple)) or len(changes) > MAX_CHANGES:
        raise BadRequest(f"Corrections must be a list of at most {MAX_CHANGES:,}.")
    for change in changes:
        if isinstance(change, Mapping) and "id" in change:
            score = _event_changed(score, change)
        elif isinstance(change, Mapping) and "staff" in change:
            score = _staff_changed(score, change)
        else:
            raise BadRequest("A correction names an event by its id, or a staff.")
    return score


def _known(change: Mapping[str, Any], names: set[str]) -> None:
    odd = sorted(str(name)[:20] for name in change.keys() - names)
    if odd or len(change) < 2:
        raise BadRequest(f"A correction may change {', '.join(sorted(names))}{f', not {odd[0]}' if odd else ''}.")


def _each(score: ReadScore, make: Callable[[tuple[int, int, int], ReadStaff], ReadStaff]) -> ReadScore:
    pages = tuple(
        replace(page, systems=tuple(
            replace(system, staves=tuple(make((p, s, t), staff) for t, staff in enumerate(system.staves)))
            for s, system in enumerate(page.systems)
        ))
        for p, page in enumerate(score.pages)
    )  # fmt: skip
    return replace(score, pages=pages)


def _event_changed(score: ReadScore, change: Mapping[str, Any]) -> ReadScore:
    _known(change, {"id", "pitches", "duration", "beat", "tie", "delete"})
    found: list[str] = []
    keys = {bar.measure: bar.key for bar in score.bars()}

    def make(_: tuple[int, int, int], staff: ReadStaff) -> ReadStaff:
        events: list[ReadEvent] = []
        for event in staff.events:
            if event.id != change["id"]:
                events.append(event)
                continue
            found.append(event.id)
            if not change.get("delete"):
                events.append(_changed(event, change, keys.get(event.measure, staff.key)))
        return staff if len(events) == len(staff.events) and not found else replace(staff, events=tuple(events))

    out = _each(score, make)
    if not found:
        raise BadRequest(f"There is no note or rest {str(change['id'])[:40]!r} in this score.")
    return out


def _spelt(pitches: Sequence[int], key: int) -> tuple[tuple[str, ...], tuple[int | None, ...]]:
    steps = [spell_pitch(pitch, key) for pitch in pitches]
    alters = [pitch - natural(step) for pitch, step in zip(pitches, steps, strict=True)]
    return tuple(spelled(step, alter) for step, alter in zip(steps, alters, strict=True)), tuple(alters)


def _changed(event: ReadEvent, change: Mapping[str, Any], key: int) -> ReadEvent:
    fields: dict[str, Any] = {"changed": True, "confidence": 1.0}
    if "pitches" in change:
        fields["pitches"] = read_pitches(change["pitches"])
        fields["names"], fields["signs"] = _spelt(fields["pitches"], key)
    if "duration" in change:
        fields["duration"] = quarters(change["duration"], "A duration")
    if "beat" in change:
        fields["onset"] = quarters(change["beat"], "A beat", 1) - 1
    if "tie" in change:
        fields["tie"] = change["tie"] is True
    return replace(event, **fields)


def _place(score: ReadScore, value: Any) -> tuple[int, int, int]:
    if not isinstance(value, (list, tuple)) or len(value) != 3:
        raise BadRequest("A staff is named by its page, its system and itself, each counted from 0.")
    page, system, staff = (whole(item, 0, 10_000, "A staff's place") for item in value)
    try:
        score.pages[page].systems[system].staves[staff]
    except IndexError:
        raise BadRequest(f"There is no staff {[page, system, staff]} in this score.") from None
    return page, system, staff


def _staff_changed(score: ReadScore, change: Mapping[str, Any]) -> ReadScore:
    _known(change, {"staff", "clef", "key", "time", "add"})
    place = _place(score, change["staff"])
    if "clef" in change:
        clef = read_clef(change["clef"])
        score = _each(score, lambda at, staff: _with_clef(staff, clef, score) if at == place else staff)
    if "key" in change:
        score = _with_key(score, place, whole(change["key"], -7, 7, "A key"))
    if "time" in change:
        score = _with_time(score, place, read_time(change["time"]))
    if "add" in change:
        score = _with_event(score, place, change["add"])
    return score


def _anew(staff: ReadStaff, keys: Mapping[int, int]) -> ReadStaff:
    """The staff with all pitches worked out from what is written; those that a person gave stay."""
    events = sound(staff.events, keys)
    kept = [old if old.changed else new for old, new in zip(staff.events, events, strict=True)]
    return replace(staff, events=tuple(kept))


def _with_clef(staff: ReadStaff, clef: str, score: ReadScore) -> ReadStaff:
    by = CLEF_MIDDLES[clef] - CLEF_MIDDLES[staff.clef]
    until = min(((measure, onset) for measure, onset, _ in staff.clefs), default=(10**9, Fraction(0)))
    events = [
        event
        if (event.measure, event.onset) >= until or event.changed
        else replace(event, names=tuple(spelled(min(69, max(0, step_of(n) + by)), 0) for n in event.names))
        for event in staff.events
    ]
    keys = {bar.measure: bar.key for bar in score.bars()}
    return _anew(replace(staff, clef=clef, events=tuple(events)), keys)


def _systems_from(score: ReadScore, place: tuple[int, int, int]) -> list[tuple[int, int, ReadSystem]]:
    return [
        (p, s, system)
        for p, page in enumerate(score.pages)
        for s, system in enumerate(page.systems)
        if (p, s) >= place[:2]
    ]


def _with_bars(score: ReadScore, change: Callable[[int, int, ReadBar], ReadBar]) -> ReadScore:
    pages = tuple(
        replace(page, systems=tuple(
            replace(system, bars=tuple(change(p, s, bar) for bar in system.bars))
            for s, system in enumerate(page.systems)
        ))
        for p, page in enumerate(score.pages)
    )  # fmt: skip
    return replace(score, pages=pages)


def _with_key(score: ReadScore, place: tuple[int, int, int], key: int) -> ReadScore:
    old = score.pages[place[0]].systems[place[1]].staves[place[2]].key
    held: set[int] = set()
    starts: set[tuple[int, int]] = set()
    for p, s, system in _systems_from(score, place):
        if any(staff.key != old for staff in system.staves):
            break
        starts.add((p, s))
        same = [bar for bar in system.bars if bar.key == old]
        held |= {bar.measure for bar in same}
        if len(same) < len(system.bars):
            break
    score = _with_bars(score, lambda p, s, bar: replace(bar, key=key) if bar.measure in held else bar)
    keys = {bar.measure: bar.key for bar in score.bars()}
    return _each(score, lambda at, staff: _anew(replace(staff, key=key), keys) if at[:2] in starts else staff)


def _with_time(score: ReadScore, place: tuple[int, int, int], time: tuple[int, int]) -> ReadScore:
    old = score.pages[place[0]].systems[place[1]].staves[place[2]].time
    starts: set[tuple[int, int]] = set()
    held: set[int] = set()
    for p, s, system in _systems_from(score, place):
        if any(staff.time != old for staff in system.staves):
            break
        starts.add((p, s))
        held |= {bar.measure for bar in system.bars if bar.time == old}
    ends: dict[int, Fraction] = {}
    for event in score.events():
        ends[event.measure] = max(ends.get(event.measure, Fraction(0)), event.onset + event.duration)
    nominal, before = Fraction(4 * time[0], time[1]), Fraction(4 * old[0], old[1])

    def change(p: int, s: int, bar: ReadBar) -> ReadBar:
        if bar.measure not in held:
            return bar
        length = nominal if bar.length == before else bar.length  # pickups and split bars keep theirs
        return replace(bar, time=time, length=max(length, ends.get(bar.measure, length)))

    score = _with_bars(score, change)
    return _each(score, lambda at, staff: replace(staff, time=time) if at[:2] in starts else staff)


def _with_event(score: ReadScore, place: tuple[int, int, int], given: Any) -> ReadScore:
    if not isinstance(given, Mapping):
        raise BadRequest("A note to add is an object with measure, beat, pitches and duration.")
    system = score.pages[place[0]].systems[place[1]]
    keys = {bar.measure: bar.key for bar in system.bars}
    measure = whole(given.get("measure"), 0, 100_000, "A bar's number")
    if measure not in keys:
        raise BadRequest(f"Bar {measure} is not on this staff.")
    taken = {event.id for event in score.events()}
    ident = next(f"a{count}" for count in range(1, len(taken) + 2) if f"a{count}" not in taken)
    pitches = read_pitches(given.get("pitches", []))
    names, signs = _spelt(pitches, keys[measure])
    event = ReadEvent(
        ident, measure, quarters(given.get("beat", 1), "A beat", 1) - 1,
        quarters(given.get("duration"), "A duration"), pitches, names, signs, changed=True,
    )  # fmt: skip

    def make(at: tuple[int, int, int], staff: ReadStaff) -> ReadStaff:
        if at != place:
            return staff
        events = sorted([*staff.events, event], key=lambda item: (item.measure, item.onset))
        return replace(staff, events=tuple(events))

    return _each(score, make)
