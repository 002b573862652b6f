"""The chords that sounded where music is varied, and how strongly each part keeps to them.

The chords are those a person wrote, else those that the whole piece sounds (:mod:`workbench.create.found_chords`), the
notes that give way included. A part whose notes are chord tones for nine tenths of the time goes on so; a part that
runs through scales keeps running.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.create.infill.transformer.bridge import GridScore
from workbench.score.lanes import Chord
from workbench.score.score import Note
from workbench.tokens import grid12 as g

Floats = npt.NDArray[np.float64]

#: Share of chord tones, by time, that the network is taken to write unasked: what it does (.56) and less, because the
#: chords that are found are not always those that a person would have written.
UNASKED = 0.36
#: The most that a part leans to chord tones, in nats.
MOST = 5.0
#: Notes a part has to have in a class (on the beat, or not) before its own share is believed in full.
ENOUGH = 12


@dataclass(frozen=True)
class Harmonies:
    """Chords by grid tick, and the lean of each track in nats: (between beats, on the beat)."""

    starts: tuple[int, ...]
    spans: tuple[tuple[int, int, frozenset[int]], ...]
    leans: dict[str, tuple[float, float]]

    @classmethod
    def of(cls, grid: GridScore, names: Sequence[str]) -> Harmonies | None:
        """The chords of a request's piece and how the tracks ``names`` keep to them; None where none sounds."""
        request = grid.request
        if request.controls.harmony == "free":
            return None
        chords: Sequence[Chord] = request.controls.chords or tuple(request.score.chords) or grid.sounding_chords
        spans = tuple(
            (grid.tick(chord.tick), grid.tick(chord.tick + chord.duration), frozenset(chord.pitch_classes))
            for chord in chords
        )
        if not spans:
            return None
        out = cls(tuple(start for start, _, _ in spans), spans, {})
        for name in names:
            if not request.is_drum(name):
                out.leans[name] = out._leans(grid, grid.gone.get(name, ()))
        return out

    def tones(self, tick: int) -> frozenset[int] | None:
        """Pitch classes of the chord at a grid tick; None where none is known."""
        place = bisect_right(self.starts, tick) - 1
        return self.spans[place][2] if place >= 0 and tick < self.spans[place][1] else None

    def reach(self, tick: int, pitch_class: int) -> int | None:
        """Ticks from grid tick ``tick`` to the first later chord without ``pitch_class``; None: none follows."""
        place = max(0, bisect_right(self.starts, tick) - 1)
        for start, _, tones in self.spans[place + 1 :]:
            if pitch_class not in tones:
                return start - tick if start > tick else None
        return None

    def _leans(self, grid: GridScore, notes: Sequence[Note]) -> tuple[float, float]:
        """Nats towards chord tones with which the network's notes keep to the chords as these notes do."""
        inside, total, count = np.zeros(2), np.zeros(2), np.zeros(2)
        for note in notes:
            tick = grid.tick(note.start)
            tones = self.tones(tick)
            if tones is not None:
                on_beat = int(tick % g.TICKS == 0)
                total[on_beat] += max(1, note.duration)
                inside[on_beat] += max(1, note.duration) * (note.pitch % 12 in tones)
                count[on_beat] += 1
        if not total.sum():
            return 0.0, 0.0
        common = float(inside.sum() / total.sum())
        own = np.where(total > 0, inside / np.maximum(total, 1), common)
        trust = np.minimum(1.0, count / ENOUGH)
        share = np.clip(trust * own + (1 - trust) * common, 0.05, 0.985)
        lean = np.log(share / (1 - share)) - np.log(UNASKED / (1 - UNASKED))
        between, on = np.clip(lean, 0.0, MOST)
        return float(between), float(on)

    def bias(self, name: str, tick: int, shift: int) -> Floats:
        """Added to the logits of a track's pitches at a grid tick, in the network's key: float64 [175]."""
        out = np.zeros(g.N_PITCH)
        tones = self.tones(tick)
        if tones is None or name not in self.leans:
            return out
        keys = np.arange(128)
        out[:128] = self.leans[name][int(tick % g.TICKS == 0)] * np.isin((keys - shift) % 12, list(tones))
        return out
