"""From notes on the grid to the rows that the infilling network reads, one row a note.

The order of the rows is the model's idea of a request: first one *header* for each part (its instrument and
any wishes about it), then everything that is given, left and right of the gaps alike, in the order of time,
and last, gap after gap, a *start* row followed by the notes of that gap. So all that is known is read before
the first new note, and a sampler only ever appends rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from workbench.tokens import grid12 as g

Ints = npt.NDArray[np.int64]
Arrays = dict[str, npt.NDArray]

#: Columns of a note array, int64 [notes, 5].
TICK, SLOT, PITCH, DURATION, VELOCITY = range(5)
CONTEXT, TARGET, HEADER, CONTEXT_START, REGION_START, REST = range(6)
IGNORE = -100  #: target that no loss counts

#: Steering traits of a part, in the order of the columns of ``Prompt.traits``; the value 0 means "not given".
#: Each has its first index in the common table and its number of steps.
TRAITS: dict[str, tuple[int, int]] = {
    "density": (1, 10),
    "register": (11, 14),
    "voices": (25, 4),
    "loudness": (29, 10),
    "offbeat": (39, 6),
}
N_TRAITS = len(TRAITS)
#: Notes a beat at which each density step begins (the first step begins at 0).
DENSITY_EDGES = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)
VOICES_EDGES = (1.05, 1.6, 2.6)
OFFBEAT_EDGES = (0.1, 0.25, 0.4, 0.55, 0.7)


def empty_notes() -> Ints:
    """An array of no notes."""
    return np.zeros((0, 5), dtype=np.int64)


def sort_notes(notes: Ints) -> Ints:
    """Canonical order: onset, slot, then from high to low; exact repeats of (onset, slot, pitch) are dropped."""
    order = np.lexsort((-notes[:, DURATION], -notes[:, PITCH], notes[:, SLOT], notes[:, TICK]))
    sorted_ = notes[order]
    if len(sorted_) > 1:
        same = (np.diff(sorted_[:, :3], axis=0) == 0).all(axis=1)
        sorted_ = sorted_[np.concatenate(([True], ~same))]
    return sorted_


@dataclass(frozen=True)
class Gap:
    """A stretch of some parts that is to be written.

    Attributes:
        start, end: ticks; notes of the gap have ``start <= onset < end``. ``end`` None: open.
        slots: the parts that may be written.
        notes: what is written there (training) or nothing yet (sampling), int64 [notes, 5], sorted.
    """

    start: int
    end: int | None
    slots: tuple[int, ...]
    notes: Ints = field(default_factory=empty_notes)


@dataclass(frozen=True)
class Prompt:
    """Everything one sequence is made of.

    Attributes:
        bars: bar lines; ``origin`` is the tick of the bar line at which the window's time begins.
        programs: int64 [12], General MIDI program of each slot, 128 drums, 129 not known.
        parts: slots that get a header row, rising.
        context: what is given, int64 [notes, 5], sorted; ``surprise`` marks context notes whose onset cannot
            be foretold because a gap lies before them (no loss on their time).
        gaps: what is to be written, in the order of time.
        traits: int64 [12, 5], steering traits of each slot as indices of the common table, 0 = not given.
    """

    bars: g.Bars
    origin: int
    programs: Ints
    parts: tuple[int, ...]
    context: Ints
    gaps: Sequence[Gap]
    surprise: npt.NDArray[np.bool_] | None = None
    traits: Ints = field(default_factory=lambda: np.zeros((12, N_TRAITS), dtype=np.int64))


def measure_traits(notes: Ints, beats: float, slot: int) -> Ints:
    """Traits of one part over ``beats`` quarters: int64 [5], indices of the common table (0 = cannot be told)."""
    own = notes[notes[:, SLOT] == slot]
    out = np.zeros(N_TRAITS, dtype=np.int64)
    first = [start for start, _ in TRAITS.values()]
    out[0] = first[0] + int(np.searchsorted(DENSITY_EDGES, len(own) / max(beats, 0.25), side="right"))
    if not len(own):
        return out
    onsets = len(np.unique(own[:, TICK]))
    if slot != g.DRUM_SLOT:
        out[1] = first[1] + int(np.clip((own[:, PITCH].mean() - 28) // 5, 0, TRAITS["register"][1] - 1))
    out[2] = first[2] + int(np.searchsorted(VOICES_EDGES, len(own) / onsets, side="right"))
    known = own[own[:, VELOCITY] < g.N_VELOCITY, VELOCITY]
    if len(known):
        out[3] = first[3] + int(np.clip(known.mean() - 5, 0, TRAITS["loudness"][1] - 1))
    out[4] = first[4] + int(np.searchsorted(OFFBEAT_EDGES, np.mean(own[:, TICK] % g.TICKS != 0), side="right"))
    return out


def _blank(count: int) -> Arrays:
    """``count`` rows of "none"."""
    fills = {
        "kind": HEADER, "slot": g.NO_SLOT, "program": g.NO_PROGRAM, "pitch": g.NO_PITCH,
        "duration": g.NO_DURATION, "velocity": g.NO_VELOCITY, "tick": 0, "remaining": g.N_REMAINING - 1,
        "time": -1,
    }  # fmt: skip
    rows: Arrays = {name: np.full(count, value, dtype=np.int64) for name, value in fills.items()}
    rows["wanted"] = np.zeros((count, g.N_SLOT), dtype=np.float32)
    rows["traits"] = np.zeros((count, N_TRAITS), dtype=np.int64)
    return rows


def _note_rows(notes: Ints, clock: int, programs: Ints, kind: int) -> Arrays:
    """Rows of ``notes`` after an event at tick ``clock``; targets get rest rows where 96 ticks pass in silence."""
    previous = np.concatenate(([clock], notes[:-1, TICK])) if len(notes) else np.zeros(0, dtype=np.int64)
    delta = notes[:, TICK] - previous
    rests = delta // g.TIME_CAP if kind == TARGET else np.zeros(len(notes), dtype=np.int64)
    place = np.arange(len(notes)) + np.cumsum(rests)
    rows = _blank(len(notes) + int(rests.sum()))
    if rests.any():
        rows["kind"][:] = REST
        rows["time"][:] = g.TIME_CAP
        for index in np.flatnonzero(rests):
            count = int(rests[index])
            at = int(place[index])
            rows["tick"][at - count : at] = previous[index] + g.TIME_CAP * np.arange(1, count + 1)
    rows["kind"][place] = kind
    rows["time"][place] = delta - rests * g.TIME_CAP if kind == TARGET else np.minimum(delta, g.TIME_CAP)
    rows["tick"][place] = notes[:, TICK]
    rows["slot"][place] = notes[:, SLOT]
    rows["program"][place] = programs[notes[:, SLOT]]
    rows["pitch"][place] = notes[:, PITCH]
    rows["duration"][place] = notes[:, DURATION]
    rows["velocity"][place] = notes[:, VELOCITY]
    return rows


def start_row(gap: Gap) -> Arrays:
    """The row that opens a gap."""
    row = _blank(1)
    row["kind"][:] = REGION_START
    row["tick"][:] = gap.start
    _mark_gap(row, gap)
    return row


def event_row(gap: Gap, tick: int, program: int, note: tuple[int, int, int, int] | None) -> Arrays:
    """The row of one written note (slot, pitch, duration, velocity) at ``tick``, or of a rest (``note`` None)."""
    row = _blank(1)
    row["tick"][:] = tick
    row["kind"][:] = REST if note is None else TARGET
    if note is not None:
        row["slot"][:], row["pitch"][:], row["duration"][:], row["velocity"][:] = note
        row["program"][:] = program
    _mark_gap(row, gap)
    return row


def _mark_gap(rows: Arrays, gap: Gap) -> None:
    rows["wanted"][:, list(gap.slots)] = 1.0
    if gap.end is None:
        rows["remaining"][:] = g.N_REMAINING - 2
    else:
        rows["remaining"][:] = g.remaining_index(gap.end - rows["tick"])


def place_rows(rows: Arrays, bars: g.Bars, origin: int) -> Arrays:
    """Add the bar-aware coordinates; ticks and bars then count from ``origin``."""
    bar, position, length = bars.locate(rows["tick"])
    first = int(bars.locate(origin)[0])
    rows["position"] = g.position_index(position)
    rows["bar_length"] = g.bar_length_index(length)
    rows["bar"] = (bar - first + position / length).astype(np.float32)
    rows["tick"] = rows["tick"] - origin
    return rows


def prompt_rows(prompt: Prompt) -> Arrays:
    """All rows of a prompt with their coordinates: arrays [rows] (``wanted`` [rows, 12], ``traits`` [rows, 5]).

    ``time`` is the time class by which the row's own event was reached (-1 for headers and starts), ``closes``
    marks the last row of each closed gap.
    """
    headers = _blank(len(prompt.parts))
    headers["tick"][:] = prompt.origin
    headers["slot"][:] = prompt.parts
    headers["program"][:] = prompt.programs[list(prompt.parts)]
    headers["traits"][:] = prompt.traits[list(prompt.parts)]
    pieces = [headers]
    if len(prompt.context):
        opening = _blank(1)
        opening["kind"][:] = CONTEXT_START
        opening["tick"][:] = prompt.origin
        rows = _note_rows(prompt.context, prompt.origin, prompt.programs, CONTEXT)
        if prompt.surprise is not None:
            rows["time"][prompt.surprise] = -1
        pieces += [opening, rows]
    closes = [np.zeros(sum(len(piece["kind"]) for piece in pieces), dtype=bool)]
    for gap in prompt.gaps:
        pieces.append(start_row(gap))
        rows = _note_rows(gap.notes, gap.start, prompt.programs, TARGET)
        _mark_gap(rows, gap)
        pieces.append(rows)
        last = np.zeros(1 + len(rows["kind"]), dtype=bool)
        last[-1] = gap.end is not None
        closes.append(last)
    rows = {name: np.concatenate([piece[name] for piece in pieces]) for name in headers}
    rows["closes"] = np.concatenate(closes)
    return place_rows(rows, prompt.bars, prompt.origin)


def add_next(rows: Arrays) -> Arrays:
    """Add what the chained heads are given (``next_*``) and what they should answer (``target_*``).

    A row whose successor is no event has ``next_time`` 97 and its own coordinates; targets that carry no loss
    are :data:`IGNORE`. The last row is treated as if a non-event followed.
    """
    count = len(rows["kind"])
    following = np.minimum(np.arange(count) + 1, count - 1)
    kind = rows["kind"][following]
    event = ((kind == CONTEXT) | (kind == TARGET) | (kind == REST)) & (np.arange(count) < count - 1)
    note = event & (kind != REST)

    def pick(name: str, otherwise: npt.ArrayLike, where: npt.NDArray[np.bool_]) -> npt.NDArray:
        return np.where(where, rows[name][following], otherwise)

    time = pick("time", -1, event)
    shown = np.where(event, np.where(time < 0, g.TIME_CAP, time), g.TIME_END)
    rows["next_time"] = shown
    for name in ("tick", "bar", "position"):
        rows[f"next_{name}"] = pick(name, rows[name], event).astype(rows[name].dtype)
    rows["next_slot"] = pick("slot", g.NO_SLOT, note)
    rows["next_program"] = pick("program", g.NO_PROGRAM, note)
    rows["next_pitch"] = pick("pitch", g.NO_PITCH, note)
    rows["next_duration"] = pick("duration", g.NO_DURATION, note)
    rows["target_time"] = np.where(rows["closes"], g.TIME_END, np.where(event & (time >= 0), time, IGNORE))
    for name, none in (("slot", g.NO_SLOT), ("pitch", g.NO_PITCH), ("duration", g.NO_DURATION)):
        value = rows[f"next_{name}"]
        rows[f"target_{name}"] = np.where(value == none, IGNORE, value)
    velocity = pick("velocity", g.NO_VELOCITY, note)
    rows["target_velocity"] = np.where(velocity < g.N_VELOCITY, velocity, IGNORE)
    rows["in_gap"] = note & (kind == TARGET)
    return rows
