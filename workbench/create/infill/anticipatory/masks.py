"""What may be sampled next: for each slot of a triple the list of tokens that can stand there, and nothing else.

The network's scores are only ever worked out for these candidates, so a mask cannot leak: a REST or a control cannot
stand in a time or duration slot, no onset lies before the last one or outside the gap, and a pitch that the person
ruled out has no candidate. Three rules come from how the training data was written: an event follows the last one
within a second; a REST stands a whole second after it and has no length; a note has one.

Times and durations in hundredths of a second of the piece ("times"); score ticks are called ticks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from workbench.hub.tasks.infill.controls import InfillControls
from workbench.score.lanes import Chord
from workbench.score.score import Note, Region
from workbench.score.timemap import TimeMap
from workbench.tokens.arrival import MAX_DURATION, REST_EVERY, Event

#: Logits that a slider at its end adds: per second until the next onset, per octave of pitch, and for a chord tone.
DENSITY_LEAN, REGISTER_LEAN, CHORD_LEAN = 5.0, 2.5, 1.0


class Clock:
    """Score ticks to hundredths of a second and back, through the piece's tempo map."""

    def __init__(self, time: TimeMap) -> None:
        self.map = time

    def time(self, tick: int) -> int:
        """Hundredths of a second nearest to a tick."""
        return round(100 * self.map.seconds(tick))

    def tick(self, time: int) -> int:
        """Tick nearest to a time."""
        return self.map.tick(time / 100)


@dataclass
class Part:
    """One track that is being filled.

    ``allowed``: bool [128]. ``places``: onset time -> exact tick, for onsets on a grid; ``bound``: no other onset is
    allowed. ``busy``: (start, end, pitch) in ticks of what stands or was written in the track. ``script``: a rhythm
    to keep, as (onset time, duration, original note) by time. ``tune``: pitches to keep, in their order.
    ``centre``: mean pitch around the gap. ``chords``: sorted; ``strict``: only their tones on a beat.
    """

    track_id: str
    instrument: int
    allowed: np.ndarray
    controls: InfillControls
    places: Mapping[int, int] = field(default_factory=dict)
    bound: bool = False
    busy: list[tuple[int, int, int]] = field(default_factory=list)
    script: deque[tuple[int, int, Note]] = field(default_factory=deque)
    tune: deque[int] | None = None
    centre: float = 60.0
    chords: tuple[Chord, ...] = ()


class Rules:
    """The limits of one pass over a gap. ``must_play``: it may neither rest nor end before its first note.

    ``budget``: most notes of the pass. Parts have different instruments; either all of them or none has a script.
    """

    def __init__(
        self, clock: Clock, region: Region, parts: list[Part], *, overhang: bool = False, must_play: bool = False,
        budget: int = 10_000, scripted: bool = False,
    ) -> None:  # fmt: skip
        self.clock, self.region, self.parts = clock, region, parts
        self.first = clock.time(region.start)
        self.stop = max(self.first + 1, clock.time(region.end))
        self.overhang, self.must_play, self.budget, self.scripted = overhang, must_play, budget, scripted
        self.written = 0

    def times(self, now: int) -> list[int]:
        """Onsets that may follow an event at ``now``; one at or after ``stop`` means that the gap is done."""
        latest = now + REST_EVERY
        if self.scripted:
            left = [part.script[0][0] for part in self.parts if part.script]
            return [min(max(now, min(left)), latest)] if left else [max(now, self.stop)]
        self._forget(now)
        playable = [t for t in range(max(now, self.first), min(latest + 1, self.stop)) if self._playable(t)]
        if playable and self.must_play and not self.written:
            return playable
        beyond = range(max(self.stop, now), latest + 1) if latest >= self.stop else [latest]
        return [*playable, *(t for t in beyond if not playable or t > playable[-1])]

    def durations(self, time: int, now: int) -> list[int]:
        """Lengths that an event at ``time`` may have; 0 is a REST."""
        if self.scripted:
            due = self._due(time)
            return [due.script[0][1]] if due is not None else [0]
        may_rest = time == now + REST_EVERY
        if not self._playable(time):
            return [0]
        longest = MAX_DURATION - 1 if self.overhang else min(MAX_DURATION - 1, max(1, self.stop - time))
        return list(range(0 if may_rest and (self.written or not self.must_play) else 1, longest + 1))

    def notes(self, time: int, duration: int) -> list[tuple[int, int]]:
        """(instrument, pitch) that an event may be, of all parts; empty only for a REST."""
        if duration == 0:
            return []
        due = self._due(time) if self.scripted else None
        return [
            (part.instrument, int(pitch))
            for part in ([due] if due is not None else self.parts)
            for pitch in np.flatnonzero(self._free(part, time))
        ]

    def lean_times(self, times: list[int], now: int) -> np.ndarray:
        """Logits to add to the onsets: fewer or more notes. float64 [times]."""
        wish = self.parts[0].controls.value("density", self.clock.tick(now))
        if wish is None:
            return np.zeros(len(times))
        ahead = (np.array(times, dtype=np.float64) - now) / 100
        return -DENSITY_LEAN * (wish - 50) / 50 * ahead

    def lean_notes(self, notes: list[tuple[int, int]], time: int) -> np.ndarray:
        """Logits to add to the notes: lower or higher, and towards the chord. float64 [notes]."""
        out = np.zeros(len(notes))
        instruments, pitches = np.array(notes, dtype=np.int64).reshape(-1, 2).T
        for part in self.parts:
            own = instruments == part.instrument
            tick = self.tick(part, time)
            wish = part.controls.value("register", tick)
            if wish is not None:
                out[own] += REGISTER_LEAN * (wish - 50) / 50 * (pitches[own] - part.centre) / 12
            if part.controls.harmony != "free" and (tones := chord_at(part.chords, tick)):
                out[own] += CHORD_LEAN * np.isin(pitches[own] % 12, sorted(tones))
        return out

    def accept(self, event: Event) -> tuple[Part, Note | None]:
        """Take note of a written note; returns its part and, where a rhythm is kept, the note it stands for."""
        part = next(part for part in self.parts if part.instrument == event.instrument)
        start = self.tick(part, event.time)
        original = part.script.popleft()[2] if part.script else None
        if part.tune:
            part.tune.popleft()
        end = max(start + 1, self.clock.tick(event.time + event.duration))
        if original is not None:
            start, end = original.start, max(original.start + 1, original.end)
        part.busy.append((start, end, event.pitch))
        self.written += 1
        return part, original

    def skip(self, time: int) -> None:
        """Leave out the note of a kept rhythm for which no pitch is free."""
        due = self._due(time)
        if due is not None:
            due.script.popleft()

    def tick(self, part: Part, time: int) -> int:
        """The score tick of an onset of a part, inside the gap."""
        tick = part.places.get(time)
        if tick is None:
            tick = self.clock.tick(time)
        return min(max(tick, self.region.start), self.region.end - 1)

    def _due(self, time: int) -> Part | None:
        """The part whose kept rhythm has its next note now."""
        ready = [part for part in self.parts if part.script and part.script[0][0] <= time]
        return min(ready, key=lambda part: part.script[0][0], default=None)

    def _playable(self, time: int) -> bool:
        return self.written < self.budget and any(self._has_room(part, time) for part in self.parts)

    def _has_room(self, part: Part, time: int) -> bool:
        """Whether a part has a free pitch; told without looking closely where little sounds."""
        easy = not part.bound and part.tune is None and part.controls.harmony != "strict"
        most = min(part.controls.max_polyphony or 128, int(part.allowed.sum()))
        return (easy and len(part.busy) < most) or bool(self._free(part, time).any())

    def _free(self, part: Part, time: int) -> np.ndarray:
        """Pitches that a part may begin at ``time``, bool [128]."""
        nothing = np.zeros(128, dtype=bool)
        if part.bound and time not in part.places:
            return nothing
        tick = part.script[0][2].start if part.script else self.tick(part, time)
        sounding = [pitch for start, end, pitch in part.busy if start == tick or start < tick < end]
        if part.controls.max_polyphony is not None and len(sounding) >= part.controls.max_polyphony:
            return nothing
        free = part.allowed.copy()
        if part.tune is not None:
            free[[pitch for pitch in range(128) if not part.tune or pitch != part.tune[0]]] = False
        if part.controls.harmony == "strict" and self.clock.map.beat_position(tick)[2] == 0:
            bound = free & np.isin(np.arange(128) % 12, sorted(chord_at(part.chords, tick)))
            free = bound if bound.any() else free
        free[sounding] = False
        return free

    def _forget(self, now: int) -> None:
        """Drop from ``busy`` what has ended before ``now``."""
        tick = self.clock.tick(now) - self.clock.map.ppq  # a quarter of grace for onsets moved to a grid
        for part in self.parts:
            part.busy = [item for item in part.busy if item[0] >= tick or item[1] > tick]


def chord_at(chords: tuple[Chord, ...], tick: int) -> frozenset[int]:
    """Pitch classes of the chord that is written at ``tick``; empty if none is."""
    for chord in reversed(chords):
        if chord.tick <= tick < chord.tick + chord.duration:
            return chord.pitch_classes
    return frozenset()
