"""Draws the notes of one gap from the infilling network, one note a step, several alternatives side by side.

Every draw happens under masks (:mod:`workbench.create.infill.transformer.rules`): a note outside the gap, of a part
that was not asked for, or against a limit has no probability at all, so there is nothing to repair afterwards.
Notes of one moment are written in the network's order, parts from high to low and keys from high to low.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from workbench.create.infill.transformer.course import Ahead
from workbench.create.infill.transformer.neutral import Neutral, Steering
from workbench.create.infill.transformer.rules import Mask, PartRules, Script, choose, surprise
from workbench.create.infill.transformer.taboo import Taboo
from workbench.create.infill.transformer.voices import Voices
from workbench.nets.infill_numpy import Cache, InfillRuntime, Rows
from workbench.tokens import grid12 as g
from workbench.tokens import rows as r
from workbench.tokens.runs import RUN

#: Nats a quarter by which a new part that has been silent is pushed, the most of them, and quarters of silence before.
PUSH, MOST_PUSH, PATIENCE = 1.0, 8.0, 1.0
RECENT = 2  #: beats over which the density of what was written is told


@dataclass(frozen=True, slots=True)
class Drawn:
    """A note as it was drawn: alternative, grid tick, slot, pitch index (in C), length in ticks, velocity class.

    ``confidence`` is the probability that the network itself gave this pitch among the allowed ones; ``nats`` how much
    the whole note surprised it (minus the log of its probability before limits and wishes).
    """

    alternative: int
    tick: int
    slot: int
    pitch: int
    length: int
    velocity: int
    confidence: float
    nats: float = 0.0


@dataclass
class Job:
    """One alternative of one gap.

    Attributes:
        prompt: what is known; its last gap is empty and is the one to fill.
        rules: limits by slot, for the gap's slots; changed as notes are drawn.
        budget: most notes to draw; ``least``: fewest, as far as the limits let them; ``asked``: fewest, because
            a person wants as many.
        until: tick at which writing stops for now, though the gap goes on (long gaps are written in stretches).
        script: a rhythm to keep; else None.
        tune: pitches to keep, by slot, in their order; else None.
        dynamics: velocity class to write for parts whose loudness never changes, by slot.
        taboo: what may not be written, with ``lines``: what stands in the gap so far, by slot as (tick, -pitch).
        voices: the lines to lead apart from each other, if that is asked for.
        waiting: of slots that are to play throughout the tick of the last note; the longer ago, the likelier they are
            drawn.
        ahead: what a continuation or a variation holds to; else None.
    """

    prompt: r.Prompt
    rules: Mapping[int, PartRules]
    rng: np.random.Generator
    steering: Steering = field(default_factory=Neutral)
    budget: int = 400
    least: int = 0
    asked: int = 0
    until: int | None = None
    script: Script | None = None
    tune: dict[int, list[int]] | None = None
    dynamics: Mapping[int, int] = field(default_factory=dict)
    taboo: Taboo | None = None
    lines: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    voices: Voices | None = None
    waiting: dict[int, int] = field(default_factory=dict)
    ahead: Ahead | None = None
    may_end: bool = True  #: False: the gap goes on beyond what the network is shown
    ended: bool = False  #: set when the network closed the gap before ``until``


class _Pen:
    """The state of one alternative while it is written."""

    def __init__(self, number: int, job: Job, cache: Cache) -> None:
        self.number, self.job, self.cache = number, job, cache
        self.gap = job.prompt.gaps[-1]
        if self.gap.end is None:
            raise ValueError("a gap to fill needs an end")
        self.end = self.gap.end
        self.clock = self.gap.start
        self.last: tuple[int, int] | None = None  # slot and pitch of the note drawn last at this tick
        self.before = {int(slot): int(pitch) for slot, pitch in _last_pitches(job.prompt.context, self.gap.start)}
        self.repeats: dict[int, int] = {}  # by slot: successive onsets in the gap with the same highest key
        self.drawn = 0
        self.nats = 0.0  # surprise of the note that is being drawn
        self.row: Rows = {}

    def recent(self) -> int:
        """Notes in the gap in the last two beats before the clock, the clock's own included."""
        first = (self.clock - RECENT * g.TICKS, g.N_PITCH)
        return sum(len(line) - bisect_right(line, first) for line in self.job.lines.values())

    def patience(self, tick: int, begun: int = 0) -> int | None:
        """Ticks from ``tick`` that one note may take so that those to come find room; None where none has to come.

        ``begun``: 1 for the length of a note that begins at ``tick``, 0 for the wait for one.
        """
        waiting = sum(len(tune) for tune in (self.job.tune or {}).values())
        waiting = waiting if self.job.tune is not None else self.job.least - self.drawn
        if waiting <= 0 or (self.job.tune is None and self.job.least <= 1):
            return None
        stop = self.end if self.job.until is None else self.job.until
        fair = 2 * (stop - tick) // (waiting + 1)
        first, last = tick + begun - self.gap.start, stop - self.gap.start
        onsets = np.flatnonzero(np.any([rules.open_ticks(first, last) for rules in self.job.rules.values()], axis=0))
        if 0 < waiting - begun <= len(onsets):  # the grid leaves few places: the last ones must stay within reach
            fair = min(fair, int(onsets[begun - waiting]) + begun)
        return max(1, fair)

    def open_slots(self, tick: int) -> npt.NDArray[np.bool_]:
        """Parts that may have a note at ``tick``, bool [12]."""
        out = np.zeros(g.N_SLOT, dtype=bool)
        at = tick - self.gap.start
        for slot in self.gap.slots:
            rules = self.job.rules[slot]
            tune = None if self.job.tune is None else self.job.tune.get(slot, [])
            if tune == [] or not rules.open_ticks(at, at + 1, tune[0] if tune else None)[0]:
                continue
            if tick == self.clock and self.last is not None:
                if slot < self.last[0]:
                    continue
                # A kept tune stays a line; else the keys of one moment are written from high to low.
                if slot == self.last[0] and (tune or not rules.pitches(at, self.last[1]).any()):
                    continue
            out[slot] = True
        return out

    def open_times(self) -> npt.NDArray[np.bool_]:
        """Time classes that lead to a tick at which some part may enter, bool [98]; without the end."""
        out = np.zeros(g.N_TIME, dtype=bool)
        at, stop = self.clock - self.gap.start, self.end - self.gap.start
        ahead = np.zeros(stop - at, dtype=bool)
        for slot in self.gap.slots:
            tune = None if self.job.tune is None else self.job.tune.get(slot, [])
            if tune != []:
                ahead |= self.job.rules[slot].open_ticks(at, stop, tune[0] if tune else None)
        if len(ahead):
            ahead[0] = bool(self.open_slots(self.clock).any())
        near = ahead[: g.TIME_CAP]
        out[: len(near)] = near
        out[g.TIME_CAP] = bool(ahead[g.TIME_CAP :].any())
        return out


def _last_pitches(context: r.Ints, tick: int) -> list[tuple[int, int]]:
    before = context[context[:, r.TICK] < tick]
    out = []
    for slot in np.unique(before[:, r.SLOT]):
        own = before[before[:, r.SLOT] == slot]
        out.append((int(slot), int(own[own[:, r.TICK] == own[-1, r.TICK], r.PITCH].max())))
    return out


def draw(runtime: InfillRuntime, jobs: Sequence[Job], check: Callable[[], None]) -> Iterator[Drawn]:
    """Write the last gap of every job, note by note, all alternatives in step.

    ``check`` is called before every step and may raise to stop. Equal jobs give equal notes.
    """
    pens: list[_Pen] = []
    lows: list[npt.NDArray] = []
    heard: list[Rows] = []
    for number, job in enumerate(jobs):
        check()
        rows = r.add_next(r.prompt_rows(job.prompt))
        pen = _Pen(number, job, runtime.new_cache(len(rows["kind"]) + min(job.budget, 256) + 8))
        same = next((at for at, other in enumerate(heard) if _equal(rows, other)), None)
        if same is None:
            lows.append(runtime.read(rows, pen.cache))
        else:  # what was read once for one alternative need not be read again for the next
            pen.cache.take_over(pens[same].cache)
            lows.append(lows[same])
        heard.append(rows)
        pen.row = {name: rows[name][-1:] for name in ("tick", "bar")}
        pens.append(pen)
    low = np.concatenate(lows)
    while pens:
        check()
        moves = _times(runtime, pens, low)
        going = [i for i, move in enumerate(moves) if move is not None]
        pens = [pens[i] for i in going]
        if not pens:
            return
        low = low[going]
        ticks = [move for move in moves if move is not None]
        following, found = _notes(runtime, pens, low, ticks)
        yield from found
        low = runtime.step_lower(following, [pen.cache for pen in pens])


def _equal(rows: Rows, other: Rows) -> bool:
    return all(np.array_equal(values, other[name]) for name, values in rows.items())


def _times(runtime: InfillRuntime, pens: Sequence[_Pen], low: npt.NDArray) -> list[tuple[int, bool] | None]:
    """For each pen the next tick and whether a note (not a rest) comes there, or None at the end."""
    logits = runtime.time_logits(low)
    moves: list[tuple[int, bool] | None] = []
    for pen, values in zip(pens, logits, strict=True):
        job = pen.job
        if job.script is not None:
            moves.append(_scripted(pen))
            continue
        mask = pen.open_times()
        if not mask.any() or pen.drawn >= job.budget:
            moves.append(None)
            continue
        # Nothing may be drawn too little: a gap that held music is not answered by silence, a tune is played out.
        mask[g.TIME_END] = job.may_end and pen.drawn >= job.least and (job.tune is None or not any(job.tune.values()))
        if (patience := pen.patience(pen.clock)) is not None:
            near = mask.copy()
            near[patience + 1 :] = False
            mask = near if near.any() else mask
        biased = values + job.steering.time_bias(pen.clock, pen.end, pen.recent())
        if job.ahead is not None:
            mask, biased = _on_course(pen, job.ahead, mask, biased)
        # At the last moment of a gap what is still owed would be one key under the other, down to the lowest.
        mask[g.TIME_END] |= job.may_end and job.tune is None and pen.drawn >= max(1, job.asked) and not mask[1:].any()
        time, _ = choose(biased, mask, job.steering.temperature("time"), job.steering.top_p(), job.rng)
        pen.nats += surprise(values, time)
        tick = pen.clock + time
        if time == g.TIME_END:
            pen.job.ended = True
        stop = time == g.TIME_END or (job.until is not None and tick >= job.until)
        moves.append(None if stop else (tick, time < g.TIME_CAP))
    return moves


def _on_course(pen: _Pen, ahead: Ahead, mask: Mask, biased: npt.NDArray) -> tuple[Mask, npt.NDArray]:
    """The same mask and logits of the time classes as the course of a long piece wants them."""
    mask = mask.copy()
    mask[g.TIME_END] &= ahead.may_end(pen.clock, pen.job.lines)
    due = ahead.due(pen.clock, pen.job.lines)
    if due is not None:
        near = mask.copy()
        near[max(1, due - pen.clock) :] = False
        mask = near if near.any() else mask
    if not mask.any():
        mask[g.TIME_END] = True
    return mask, biased + ahead.time_bias(pen.clock, pen.end, pen.job.lines)


def _scripted(pen: _Pen) -> tuple[int, bool] | None:
    script = pen.job.script
    assert script is not None
    if pen.drawn >= len(script.events):
        return None
    tick = pen.gap.start + int(script.events[pen.drawn, 0])
    if tick - pen.clock >= g.TIME_CAP:
        return pen.clock + g.TIME_CAP, False
    return tick, True


def _notes(
    runtime: InfillRuntime, pens: Sequence[_Pen], low: npt.NDArray, moves: Sequence[tuple[int, bool]]
) -> tuple[Rows, list[Drawn]]:
    """Part, pitch, length and velocity of every pen's next note, and the rows to read next."""
    ticks = np.array([tick for tick, _ in moves], dtype=np.int64)
    is_note = np.array([note for _, note in moves])
    after: dict[str, npt.NDArray] = {
        "next_time": np.array([tick - pen.clock for pen, tick in zip(pens, ticks, strict=True)]),
    }
    places = [pen.job.prompt.bars.locate(tick) for pen, tick in zip(pens, ticks, strict=True)]
    origins = [int(pen.job.prompt.bars.locate(pen.job.prompt.origin)[0]) for pen in pens]
    after["next_position"] = g.position_index(np.array([int(place[1]) for place in places]))
    after["next_tick"] = np.array([tick - pen.job.prompt.origin for pen, tick in zip(pens, ticks, strict=True)])
    after["next_bar"] = np.array(
        [int(p[0]) - o + int(p[1]) / int(p[2]) for p, o in zip(places, origins, strict=True)], dtype=np.float32
    )
    slots = _slots(runtime, pens, low, after, ticks, is_note)
    after["next_slot"] = np.where(is_note, slots, g.NO_SLOT)
    programs = np.array([pen.job.prompt.programs[slot] for pen, slot in zip(pens, slots, strict=True)])
    after["next_program"] = np.where(is_note, programs, g.NO_PROGRAM)
    here = {name: np.concatenate([pen.row[name] for pen in pens]) for name in ("tick", "bar")}
    high = runtime.step_upper(low, here, after, [pen.cache for pen in pens])
    pitch_logits = runtime.pitch_logits(high)
    pitches, confidence = np.zeros(len(pens), dtype=np.int64), np.zeros(len(pens))
    for i, pen in enumerate(pens):
        if is_note[i]:
            pitches[i], confidence[i] = _pitch(pen, int(slots[i]), int(ticks[i]), pitch_logits[i])
    duration_logits = runtime.duration_logits(high, pitches)
    lengths = np.ones(len(pens), dtype=np.int64)
    for i, pen in enumerate(pens):
        if is_note[i]:
            lengths[i] = _length(pen, int(slots[i]), int(ticks[i]), int(pitches[i]), duration_logits[i])
            pen.nats += surprise(pitch_logits[i], int(pitches[i]))
            pen.nats += surprise(duration_logits[i], int(g.duration_class(lengths[i])))
    classes = g.duration_class(lengths)
    velocity_logits = runtime.velocity_logits(high, pitches, classes)
    rows, found = [], []
    for i, pen in enumerate(pens):
        note = None
        if is_note[i]:
            velocity = _velocity(pen, int(slots[i]), velocity_logits[i])
            note = (int(slots[i]), int(pitches[i]), int(classes[i]), velocity)
            pen.job.rules[note[0]].add(int(ticks[i]) - pen.gap.start, int(lengths[i]), note[1])
            pen.job.rules[note[0]].left -= 1
            insort(pen.job.lines.setdefault(note[0], []), (int(ticks[i]), -note[1]))
            if pen.job.voices is not None:
                pen.job.voices.add(note[0], int(ticks[i]), int(lengths[i]), note[1])
            if pen.last is None or pen.last[0] != note[0]:
                same = pen.before.get(note[0]) == note[1]
                pen.repeats[note[0]] = pen.repeats.get(note[0], 0) + 1 if same else 1
                pen.before[note[0]] = note[1]
            pen.last = (note[0], note[1])
            pen.drawn += 1
            if note[0] in pen.job.waiting:
                pen.job.waiting[note[0]] = int(ticks[i])
            found.append(
                Drawn(pen.number, int(ticks[i]), note[0], note[1], int(lengths[i]), velocity, float(confidence[i]),
                      pen.nats)
            )  # fmt: skip
            pen.nats = 0.0
        else:
            pen.last = None
        pen.clock = int(ticks[i])
        row = r.event_row(pen.gap, pen.clock, int(programs[i]), note)
        row = r.place_rows(row, pen.job.prompt.bars, pen.job.prompt.origin)
        pen.row = row
        rows.append(row)
    return {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}, found


def _slots(
    runtime: InfillRuntime,
    pens: Sequence[_Pen],
    low: npt.NDArray,
    after: Rows,
    ticks: npt.NDArray,
    is_note: npt.NDArray,
) -> npt.NDArray[np.int64]:
    logits = runtime.slot_logits(low, after)
    slots = np.zeros(len(pens), dtype=np.int64)
    for i, pen in enumerate(pens):
        if not is_note[i]:
            continue
        job = pen.job
        if job.script is not None:
            slots[i] = job.script.events[pen.drawn, 1]
        else:
            mask = pen.open_slots(int(ticks[i]))
            biased = logits[i] + job.steering.slot_bias(int(ticks[i]))
            if job.ahead is not None:
                biased = biased + job.ahead.slot_bias(int(ticks[i]), job.lines)
            for slot, last in job.waiting.items():
                biased[slot] += min(MOST_PUSH, PUSH * max(0.0, (int(ticks[i]) - last) / g.TICKS - PATIENCE))
            slots[i], _ = choose(biased, mask, job.steering.temperature("slot"), job.steering.top_p(), job.rng)
        if ticks[i] > pen.clock:
            pen.last = None
    return slots


def _pitch(pen: _Pen, slot: int, tick: int, logits: npt.NDArray) -> tuple[int, float]:
    job = pen.job
    rules = job.rules[slot]
    if job.tune is not None:
        return job.tune[slot].pop(0), 1.0
    below = pen.last[1] if pen.last is not None and pen.last[0] == slot else None
    mask = rules.pitches(tick - pen.gap.start, below)
    if not mask.any():  # only a kept rhythm can ask for more notes at once than keys are left below
        mask = rules.pitches(tick - pen.gap.start)
    if not mask.any():
        mask = rules.allowed[tick - pen.gap.start]
    if job.voices is not None:
        mask = job.voices.narrow(slot, tick, mask)
    if job.taboo is not None and slot != g.DRUM_SLOT:
        line = job.lines.setdefault(slot, [])
        at = bisect_right(line, (tick, g.N_PITCH))
        bad = job.taboo.forbidden([-pitch for _, pitch in line[max(0, at - RUN) : at]])
        if bad is not None and (mask & ~bad).any():
            mask = mask & ~bad
    before = pen.before.get(slot) if below is None else None
    biased = logits + job.steering.pitch_bias(slot, tick, before, pen.repeats.get(slot, 0))
    if job.ahead is not None:
        biased = biased + job.ahead.pitch_bias(slot, tick, job.lines)
    return choose(biased, mask, job.steering.temperature("pitch"), job.steering.top_p(), job.rng)


def _length(pen: _Pen, slot: int, tick: int, pitch: int, logits: npt.NDArray) -> int:
    job = pen.job
    if job.script is not None:
        return int(job.script.events[pen.drawn, 2])
    longest = job.rules[slot].longest(tick - pen.gap.start, pitch)
    if job.ahead is not None and (reach := job.ahead.longest(slot, tick, pitch)) is not None:
        longest = min(longest, reach)
    if (patience := pen.patience(tick, 1)) is not None:
        longest = min(longest, patience)
    index, _ = choose(
        logits, np.ones(g.N_DURATION, dtype=bool), job.steering.temperature("duration"), job.steering.top_p(), job.rng
    )
    # A note that would sound too long is held for as long as it may.
    return min(g.DURATION_TICKS[index], longest)


def _velocity(pen: _Pen, slot: int, logits: npt.NDArray) -> int:
    job = pen.job
    if job.script is not None:
        return int(job.script.events[pen.drawn, 3])
    if slot in job.dynamics:
        return job.dynamics[slot]
    mask = np.ones(g.N_VELOCITY, dtype=bool)
    mask[0] = False
    return choose(logits, mask, job.steering.temperature("velocity"), job.steering.top_p(), job.rng)[0]
