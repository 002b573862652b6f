"""From a score and a request to the stream the network reads, and from sampled events back to notes.

Seconds come from the tempo map. In one pass over a gap the tracks that are filled are *events* up to the gap; all
other notes that stay (other tracks throughout, and whatever follows the gap or is kept inside it) are *controls*.
Notes that stand in the gap and will be replaced are shown to nobody.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil

import numpy as np

from workbench.create.infill.anticipatory.masks import Clock, Part, Rules
from workbench.create.infill.anticipatory.window import Window
from workbench.create.infill.markov.model import allowed
from workbench.hub.tasks.infill.controls import InfillControls
from workbench.hub.tasks.infill.guard import DRUM_KEYS
from workbench.hub.tasks.infill.parted import parted
from workbench.hub.tasks.infill.request import InfillRequest, draft
from workbench.score.score import Note, Region
from workbench.score.timemap import TimeMap
from workbench.tokens.arrival import DELTA, DRUMS, MAX_DURATION, MOST_INSTRUMENTS, PER_SECOND, Event

#: How much of the past a prompt may show, in hundredths of a second; the rest of the 100 s is for the gap.
PAST = 60 * PER_SECOND
#: Onsets on twelfths of a quarter (sixteenths and triplets): a piece that keeps to them is filled on them.
HEARD_GRID, ON_GRID = 12, 0.9
#: Loudest pass imaginable, in notes a second and part, and some for a short gap.
NOTES_A_SECOND, SPARE_NOTES = 16, 32
#: Velocity of a note where nothing tells, and how much a loudness slider at its end adds.
PLAIN_VELOCITY, LOUDNESS = 80, 40
_NEAR = 8  # notes on either side that tell how loud a gap is

Written = Mapping[str, Sequence[Note]]


@dataclass(frozen=True)
class Pass:
    """Tracks of one gap that are written together: each has an instrument of its own."""

    region: Region
    tracks: tuple[str, ...]
    scripted: bool


class Piece:
    """A request as the network needs it. Read-only; what an alternative has written comes with each call."""

    def __init__(self, request: InfillRequest) -> None:
        self.request = request
        self.clock = Clock(TimeMap(request.score))
        self.programs = {track.id: DRUMS if track.is_drum else track.program for track in request.score.tracks}
        self.programs |= {new.id: DRUMS if new.is_drum else new.program for new in request.new_tracks}
        there = parted(request)
        self.kept: dict[str, list[Note]] = {track_id: there.kept.get(track_id, []) for track_id in self.programs}
        self.gone: dict[str, list[Note]] = {track_id: there.gone.get(track_id, []) for track_id in self.programs}

    @cached_property
    def passes(self) -> list[Pass]:
        """Every pass of every gap in the order of time."""
        out = []
        for region in sorted(self.request.regions, key=lambda region: (region.start, region.end)):
            groups: list[tuple[tuple[object, ...], list[str]]] = []
            for track_id in self.request.fillable(region):
                controls = self.request.controls_for(track_id)
                scripted = controls.keep_rhythm and bool(self._inside(region, track_id))
                kind = (scripted, controls.temperature, controls.top_p, controls.wildness, controls.surprise)
                for other, group in groups:
                    if other == kind and self.programs[track_id] not in (self.programs[name] for name in group):
                        group.append(track_id)
                        break
                else:
                    groups.append((kind, [track_id]))
            out += [Pass(region, tuple(group), bool(kind[0])) for kind, group in groups]
        return out

    def rules(self, job: Pass, written: Written, *, must_play: bool) -> Rules:
        """The limits of a pass."""
        parts = [self._part(job, track_id, written) for track_id in job.tracks]
        seconds = self.clock.map.seconds(job.region.end) - self.clock.map.seconds(job.region.start)
        budget = SPARE_NOTES + round(NOTES_A_SECOND * seconds * len(parts))
        return Rules(
            self.clock, job.region, parts, overhang=self.request.overhang, must_play=must_play, budget=budget,
            scripted=job.scripted,
        )  # fmt: skip

    def window(self, job: Pass, written: Written) -> Window:
        """The prompt of a pass."""
        first, stop = self.clock.time(job.region.start), self.clock.time(job.region.end)
        start = max(0, first - PAST)
        past: list[Event] = []
        controls: list[Event] = []
        for track_id, program in self.programs.items():
            for note in (*self.kept[track_id], *written.get(track_id, ())):
                time = self.clock.time(note.start)
                if not start <= time <= stop + DELTA:
                    continue
                length = min(MAX_DURATION - 1, max(1, self.clock.time(note.end) - time))
                given = track_id not in job.tracks or note.start >= job.region.start
                (controls if given else past).append(Event(time, length, program, note.pitch, given))
        kept = self._instruments(job, past + controls)
        past, controls = (sorted(event for event in events if event.instrument in kept) for events in (past, controls))
        return Window(past, controls, start, first)

    def note(self, rules: Rules, part: Part, event: Event, original: Note | None) -> Note:
        """The note of the score that an event stands for. A kept rhythm keeps its ticks."""
        start = rules.tick(part, event.time)
        end = self._on_grid(self.clock.tick(event.time + event.duration)) if part.places else 0
        if end <= start:
            end = max(start + 1, self.clock.tick(event.time + event.duration))
        if original is not None:
            start, end = original.start, max(original.start + 1, original.end)
        if not self.request.overhang:
            end = min(end, rules.region.end)
        wish = part.controls.value("loudness", start)
        loud = self._loudness(part.track_id, start) + (0 if wish is None else LOUDNESS * (wish - 50) / 50)
        return draft(start, max(1, end - start), event.pitch, min(127, max(1, round(loud))))

    def _part(self, job: Pass, track_id: str, written: Written) -> Part:
        region, controls = job.region, self.request.controls_for(track_id)
        drum = self.programs[track_id] == DRUMS
        keys = np.arange(128)
        free = (keys >= DRUM_KEYS[0]) & (keys <= DRUM_KEYS[1]) if drum else allowed(controls)
        own = [*self.kept[track_id], *written.get(track_id, ())]
        last = region.end if not self.request.overhang else region.end + 1
        busy = [(note.start, note.end, note.pitch) for note in own if note.end >= region.start and note.start < last]
        heard = [note.pitch for note in own] or [note.pitch for note in self.gone[track_id]]
        part = Part(
            track_id, self.programs[track_id], free, controls, self._places(region, controls),
            controls.grid is not None and not job.scripted, busy, centre=float(np.mean(heard)) if heard else 60.0,
            chords=() if drum else tuple(controls.chords or self.request.score.chords),
        )  # fmt: skip
        inside = self._inside(region, track_id)
        if job.scripted:
            part.script = deque((self.clock.time(n.start), self._length(n), n) for n in inside)
        elif controls.keep_pitches and inside and not drum:
            part.tune = deque(note.pitch for note in inside if free[note.pitch])
        return part

    def _length(self, note: Note) -> int:
        return min(MAX_DURATION - 1, max(1, self.clock.time(note.end) - self.clock.time(note.start)))

    def _inside(self, region: Region, track_id: str) -> list[Note]:
        """The notes of a track that this gap replaces, by start."""
        return [note for note in self.gone[track_id] if region.start <= note.start < region.end]

    def _places(self, region: Region, controls: InfillControls) -> dict[int, int]:
        """Onset time -> tick on the grid that was asked for, or on the one that the piece keeps to."""
        first = self.clock.time(region.start)
        stop = max(first + 1, self.clock.time(region.end))
        places: dict[int, int] = {}
        ppq = self.request.score.ppq
        if controls.grid is not None:
            step = region.start * controls.grid // ppq
            while (tick := round(step * ppq / controls.grid)) < region.end:
                if tick >= region.start:
                    places.setdefault(min(max(self.clock.time(tick), first), stop - 1), tick)
                step += 1
        elif self._heard_grid:
            unit = ppq / HEARD_GRID
            lowest, highest = ceil(region.start / unit), ceil(region.end / unit) - 1
            for time in range(first, stop) if lowest <= highest else ():
                step = min(max(round(self.clock.tick(time) / unit), lowest), highest)
                places[time] = round(step * unit)
        return places

    @cached_property
    def _heard_grid(self) -> bool:
        """Whether the piece keeps to twelfths of a quarter; an empty one does."""
        starts = [note.start for notes in self.kept.values() for note in notes]
        on = sum(abs(start - self._on_grid(start)) * 100 <= self.request.score.ppq for start in starts)
        return on >= ON_GRID * len(starts)

    def _on_grid(self, tick: int) -> int:
        ppq = self.request.score.ppq
        return round(round(tick * HEARD_GRID / ppq) * ppq / HEARD_GRID)

    @staticmethod
    def _instruments(job: Pass, events: Sequence[Event]) -> set[int]:
        """At most sixteen instruments, as in training; the rarest of the others are not shown."""
        return {program for program, _ in Counter(event.instrument for event in events).most_common(MOST_INSTRUMENTS)}

    def _loudness(self, track_id: str, tick: int) -> float:
        """How loud the music around a tick is: the track's own nearest notes, else what stood there, else all."""
        notes = self.kept[track_id] or self.gone[track_id] or self._everything
        if not notes:
            return float(PLAIN_VELOCITY)
        place = bisect_left(notes, tick, key=lambda note: note.start)
        left, right = notes[max(0, place - _NEAR) : place], notes[place : place + _NEAR]
        loud = [float(np.median([note.velocity for note in side])) for side in (left, right) if side]
        if len(loud) == 1:
            return loud[0]
        span = max(1, right[0].start - left[-1].start)
        return loud[0] + (loud[1] - loud[0]) * (tick - left[-1].start) / span

    @cached_property
    def _everything(self) -> list[Note]:
        """Every note that stays, by start."""
        return sorted((note for notes in self.kept.values() for note in notes), key=lambda note: note.start)
