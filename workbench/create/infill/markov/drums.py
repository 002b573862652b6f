"""A gap of a drum track, filled place by place on the grid.

The chain's outcome is the *set* of drums struck at a place (often none). It is asked with what was struck at the same
place one bar before, then with the place in the bar alone: a groove repeats itself by the bar.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from workbench.create.infill.around.chain import Chain, draw
from workbench.create.infill.around.context import Grid, Slot, group_onsets
from workbench.create.infill.around.gap import Desk, Gap
from workbench.create.infill.around.wishes import Wishes
from workbench.hub.protocol import CancelToken
from workbench.hub.tasks.infill.request import draft
from workbench.score.score import Note

Hits = frozenset[int]
SILENT: Hits = frozenset()
#: General MIDI drums of the pattern for a piece that has none yet.
KICK, SNARE, HAT = 36, 38, 42
#: Drum strokes last this part of a quarter: a drum's length is not heard.
STROKE = 4


@dataclass
class Groove:
    """What a drum track does around the gap."""

    grid: Grid
    hits: Chain[Hits] = field(default_factory=Chain)
    loudness: Chain[int] = field(default_factory=Chain)
    onsets: int = 0

    def contexts(self, slot: Slot, bar_before: Hits | None) -> list[object]:
        """The most precise first: the same place a bar before, the place, the place within the beat."""
        return [
            (slot.pos, slot.length, bar_before), (slot.pos, slot.length), ("beat", slot.pos % self.grid.units),
            ("prior", slot.pos, slot.length),
        ]  # fmt: skip

    def learn(self, notes: Sequence[Note], weights: Mapping[int, float]) -> None:
        """Learn from the notes in the bars that ``weights`` names; rests there are learnt as well."""
        struck: dict[tuple[int, int], Hits] = {}
        for onset in group_onsets(notes, self.grid):
            hits = frozenset(note.pitch for note in onset.notes)
            struck[onset.slot.bar, onset.slot.pos] = hits
            weight = weights.get(onset.slot.bar, 0.0)
            if weight > 0:
                self.hits.learn(["anywhere"], hits, weight)
            self.onsets += weight > 0
            for note in onset.notes if weight > 0 else ():
                self.loudness.learn([(note.pitch, onset.slot.pos), (note.pitch,), ()], note.velocity, weight)
        for number, weight in weights.items():
            bar = self.grid.time.bar(number)
            for slot in self.grid.slots(bar.start, bar.end):
                here = struck.get((number, slot.pos), SILENT)
                before = struck.get((number - 1, slot.pos), SILENT)
                self.hits.learn(self.contexts(slot, before)[:3], here, weight)

    def learn_prior(self, slot: Slot) -> None:
        """Lay down the plainest groove: kick on the bar and its middle, snare between, hi-hat on every half beat."""
        units = self.grid.units
        beat, off = divmod(slot.pos, units)
        drums = set()
        if off == 0:
            drums.add(SNARE if beat % 2 else KICK)
        if off * 2 % units == 0:
            drums.add(HAT)
        self.hits.learn([("prior", slot.pos, slot.length)], frozenset(drums))


def fill_drums(
    gap: Gap, groove: Groove, wishes: Wishes, rng: np.random.Generator, cancel: CancelToken
) -> Iterator[list[Note]]:
    """Yield the strokes of each grid place as they are made. Raises Cancelled within a place of being stopped."""
    desk = Desk(gap)
    keep = wishes.controls.keep_rhythm and bool(gap.stood)
    played = {
        (onset.slot.bar, onset.slot.pos): frozenset(note.pitch for note in onset.notes)
        for onset in group_onsets(gap.kept, gap.grid)
    }
    made = 0
    slots = [onset.slot for onset in gap.exactly()] if keep else list(gap.slots)
    ends = [slot.tick for slot in slots[1:]] + [gap.end]
    for slot, end in zip(slots, ends, strict=True):
        cancel.check()
        groove.learn_prior(slot)
        before = played.get((slot.bar - 1, slot.pos), SILENT)
        hits = _draw_hits(gap, groove, wishes, rng, slot, before, must=keep or (slot is slots[-1] and not made))
        played[slot.bar, slot.pos] = hits
        free = hits - {note.pitch for note in desk.sounding(slot.tick)}
        strokes = sorted(free)[: max(0, desk.room(slot.tick))]
        notes = []
        for pitch in strokes:
            longest = min(end - slot.tick, desk.longest(slot.tick, pitch, len(strokes)))
            notes.append(desk.add(_stroke(gap, groove, wishes, rng, slot, pitch, longest)))
        made += len(notes)
        if notes:
            yield notes


def _draw_hits(
    gap: Gap, groove: Groove, wishes: Wishes, rng: np.random.Generator, slot: Slot, before: Hits, *, must: bool
) -> Hits:
    chances = groove.hits.chances(groove.contexts(slot, before))
    prior = groove.hits.chances([("prior", slot.pos, slot.length)])
    fresh = max(wishes.freshness, 1.0 if not chances else 0.0, 1e-3 if must else 0.0)
    mixed = {hits: (1 - fresh) * chance for hits, chance in chances.items()}
    for hits, chance in prior.items():
        mixed[hits] = mixed.get(hits, 0.0) + fresh * chance
    off = slot.pos % gap.grid.units != 0
    crowd = wishes.crowd(slot.tick)
    lively = wishes.wild + wishes.syncopated
    extra = 0.12 * max(0.0, crowd - 1.0) + (0.15 * max(0.0, lively) if off else 0.0)
    if slot.pos * 4 % gap.grid.units == 0:  # more strokes fall on sixteenths, wherever the groove strikes at all
        for hits, chance in (groove.hits.chances(["anywhere"]) or {frozenset({HAT}): 1.0}).items():
            mixed[hits] = mixed.get(hits, 0.0) + extra * chance
    mixed[SILENT] = mixed.get(SILENT, 0.0) + 0.8 * (1.0 - min(1.0, crowd))

    def bias(hits: Hits) -> float:
        if not hits:
            return 0.0 if must else 1.0
        calm = 1.0 if lively >= 0 or not off else 1.0 + 0.8 * max(-1.0, lively)
        return float(crowd * calm * np.exp(wishes.rich * 0.7 * (len(hits) - 1)))

    return draw(mixed, rng, temperature=wishes.temperature, top_p=wishes.top_p, bias=bias) or (
        frozenset({HAT}) if must else SILENT
    )


def _stroke(
    gap: Gap, groove: Groove, wishes: Wishes, rng: np.random.Generator, slot: Slot, pitch: int, longest: int
) -> Note:
    chances = groove.loudness.chances([(pitch, slot.pos), (pitch,), ()]) or {90: 1.0, 80: 1.0}
    accent = (8 if slot.pos % gap.grid.units == 0 else -6) * max(0.0, wishes.wild)
    loud = (draw(chances, rng) or 80) + wishes.velocity(slot.tick) + round(accent)
    length = max(1, min(gap.grid.time.ppq // STROKE, longest))
    return draft(slot.tick, length, pitch, max(1, min(127, loud)))
