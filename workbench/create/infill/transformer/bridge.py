"""Between the document and the network's grid: parts to slots, ticks to twelfths of a quarter, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from workbench.create.found_chords import find_chords
from workbench.hub.tasks.infill.parted import parted
from workbench.hub.tasks.infill.request import InfillRequest
from workbench.score.lanes import Chord
from workbench.score.score import Note, Region
from workbench.score.timemap import TimeMap
from workbench.tokens import grid12 as g
from workbench.tokens import rows as r

#: Mean pitch by General MIDI family (program // 8), where a part has no notes that say how high it lies.
_FAMILY_PITCH = (62, 74, 60, 57, 40, 60, 62, 58, 66, 74, 72, 62, 62, 62, 62, 60)
_DYNAMIC_NOTES = 4  #: notes of one part from which "always the same velocity" is believed


@dataclass(frozen=True)
class Cast:
    """Who plays in one network prompt: slots of the parts to fill and of the parts that are heard.

    ``slots`` maps track ids to slots (all drum tracks share the last), ``programs`` int64 [12].
    """

    slots: Mapping[str, int]
    programs: r.Ints
    filled: tuple[str, ...]

    def track_of(self, slot: int) -> str:
        """The track that is filled through ``slot``."""
        return next(name for name in self.filled if self.slots[name] == slot)


class GridScore:
    """A request's score on the grid: what stays, by track, and the bar lines.

    Attributes:
        bars: bar lines to beyond the last gap.
        filled: the tracks that have a gap.
        notes: by track id int64 [n, 6]: onset, length in ticks, model pitch before the shift, velocity class,
            first grid tick after the note, MIDI velocity; only what stays in the score.
    """

    def __init__(self, request: InfillRequest) -> None:
        self.request = request
        score = request.score
        self.ppq = score.ppq
        end = max([score.end, *(region.end for region in request.regions)])
        lines = [bar.start for bar in TimeMap(score).bars(end)]
        last = TimeMap(score).bar_at(max(0, end - 1)).end
        self.bars = g.Bars(np.unique([self.tick(line) for line in [*lines, max(last, end)]]))
        self.programs = {track.id: (track.program, track.is_drum) for track in score.tracks}
        self.programs |= {track.id: (track.program, track.is_drum) for track in request.new_tracks}
        there = parted(request)
        self.filled = frozenset(there.gaps)
        self.notes: dict[str, r.Ints] = {name: np.zeros((0, 6), dtype=np.int64) for name in self.programs}
        self.gone = there.gone
        for track in score.tracks:
            if kept := there.kept[track.id]:
                self.notes[track.id] = self._array(kept, track.is_drum)
        self.plain = self._plain_dynamics()

    @cached_property
    def sounding_chords(self) -> tuple[Chord, ...]:
        """The chords that the whole piece sounds, what gives way included; heard once, however many gaps there are."""
        return tuple(find_chords(self.request.score))

    def tick(self, tick: int) -> int:
        """Grid tick nearest to a tick of the score; halves go up."""
        return (2 * tick * g.TICKS + self.ppq) // (2 * self.ppq)

    def score_tick(self, tick: int) -> int:
        """Score tick nearest to a grid tick."""
        return (2 * tick * self.ppq + g.TICKS) // (2 * g.TICKS)

    def span(self, region: Region) -> tuple[int, int]:
        """Grid ticks [start, end) whose score ticks lie inside a region; at least one."""
        start = -(-region.start * g.TICKS // self.ppq)
        end = -(-region.end * g.TICKS // self.ppq)
        return start, max(end, start + 1)

    def _array(self, notes: Sequence[Note], drum: bool) -> r.Ints:
        onset = np.array([self.tick(note.start) for note in notes])
        after = np.array([self.tick(note.end) for note in notes])
        pitch = g.model_pitch(np.array([note.pitch for note in notes]), np.full(len(notes), drum), 0)
        velocity = np.array([note.velocity for note in notes])
        length = np.maximum(after - onset, 1)
        return np.stack([onset, length, pitch, g.velocity_class(velocity), onset + length, velocity], axis=1)

    def _plain_dynamics(self) -> dict[str, int]:
        """Tracks whose notes all have one MIDI velocity, with it: their loudness was never thought about."""
        out = {}
        for track in self.request.score.tracks:
            velocities = {note.velocity for note in track.notes.values()}
            if len(velocities) == 1 and len(track.notes) >= _DYNAMIC_NOTES:
                out[track.id] = velocities.pop()
        return out

    def cast(self, filled: Sequence[str]) -> Cast:
        """Slots for a prompt that fills ``filled``: melodic parts from high to low, at most eleven.

        Of the other tracks those with most notes are heard.
        """
        melodic = [name for name in filled if not self.programs[name][1]]
        others = [
            name for name in self.notes
            if name not in filled and len(self.notes[name]) and not self.programs[name][1]
        ]  # fmt: skip
        others.sort(key=lambda name: -len(self.notes[name]))
        heard = melodic + others[: g.DRUM_SLOT - len(melodic)]
        heard.sort(key=lambda name: -self.height(name))
        slots = {name: slot for slot, name in enumerate(heard)}
        programs = np.full(g.N_SLOT, g.NO_PROGRAM, dtype=np.int64)
        for name, slot in slots.items():
            programs[slot] = self.programs[name][0]
        for name, (_, drum) in self.programs.items():
            if drum and (name in filled or len(self.notes[name])):
                slots[name] = g.DRUM_SLOT
                programs[g.DRUM_SLOT] = g.DRUM_PROGRAM
        return Cast(slots, programs, tuple(filled))

    def height(self, name: str) -> float:
        """Mean MIDI pitch of a melodic part, from its family where it has no notes."""
        own = self.notes[name]
        if len(own):
            return float(own[:, 2].mean())
        removed = self.gone.get(name, [])
        if removed:
            return float(np.mean([note.pitch for note in removed]))
        controls = self.request.controls_for(name)
        if controls.pitch_low is not None and controls.pitch_high is not None:
            return (controls.pitch_low + controls.pitch_high) / 2
        return float(_FAMILY_PITCH[self.programs[name][0] // 8])

    def heard(
        self,
        cast: Cast,
        extra: Mapping[str, Sequence[tuple[int, int, int, int]]],
        span: tuple[int, int] = (0, g.TICKS * 10**8),
    ) -> r.Ints:
        """The notes of a cast with onsets in ``span`` (grid ticks) as network notes (not in C yet), int64 [n, 5].

        ``extra`` adds notes written so far: (tick, length, model pitch before the shift, velocity class).
        """
        parts = []
        for name, slot in cast.slots.items():
            low, high = np.searchsorted(self.notes[name][:, 0], span)
            own = self.notes[name][low:high]
            velocity = np.full(len(own), g.UNKNOWN_VELOCITY) if name in self.plain else own[:, 3]
            columns = [own[:, 0], np.full(len(own), slot), own[:, 2], g.duration_class(own[:, 1]), velocity]
            parts.append(np.stack(columns, axis=1))
            if extra.get(name):
                new = np.array(extra[name], dtype=np.int64)
                velocity = np.full(len(new), g.UNKNOWN_VELOCITY) if name in self.plain else new[:, 3]
                columns = [new[:, 0], np.full(len(new), slot), new[:, 2], g.duration_class(new[:, 1]), velocity]
                parts.append(np.stack(columns, axis=1))
        notes = np.concatenate(parts) if parts else r.empty_notes()
        return r.sort_notes(notes.astype(np.int64))


def nearest(notes: r.Ints, start: int, end: int, most: int) -> r.Ints:
    """Of notes sorted by onset those in [start, end) and, evenly on both sides, the nearest; ``most`` in all.

    A side that has less to show gives its room to the other.
    """
    low, high = (int(x) for x in np.searchsorted(notes[:, r.TICK], (start, end)))
    inside = notes[low : min(high, low + most)]
    room = most - len(inside)
    before = min(low, max(room // 2, room - (len(notes) - high)))
    after = min(len(notes) - high, room - before)
    return np.concatenate([notes[low - before : low], inside, notes[high : high + after]])
