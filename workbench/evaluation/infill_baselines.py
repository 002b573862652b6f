"""What the infilling network has to beat: counting, on the same notes, events and key normalisation.

A unigram, and a trigram interpolated down to the uniform distribution with the weights of Witten and Bell (1991):
``p(x | ab) = (n(abx) + t(ab) p(x | b)) / (n(ab) + t(ab))`` with ``t`` the number of different successors.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from workbench.tokens import grid12 as g
from workbench.tokens import rows as r
from workbench.training import infill_windows as w
from workbench.training.grid_pieces import GridPiece

SIZES = {"time": g.N_TIME, "pitch": g.N_PITCH, "duration": g.N_DURATION}


def events(pieces: Sequence[GridPiece], budget: int = 256) -> dict[str, np.ndarray]:
    """Symbols and trigram contexts of all notes, int64 [notes] each.

    Notes are put into C window by window of ``budget`` notes, as the network sees them. Contexts of an event: the
    two events before it; pitch sees the last two pitches of its own part (the part is given) and whether the note
    begins together with the last one; times and durations look at the merged stream, which predicts them better.
    """
    columns: dict[str, list[np.ndarray]] = {
        name: [] for name in ("time", "pitch", "duration", "h1", "h2", "d1", "d2", "t1", "t2")
    }
    for piece in pieces:
        notes = np.concatenate(
            [
                w.transpose(part, w.context_shift(part, part))
                for part in np.split(piece.notes, range(budget, len(piece.notes), budget))
            ]
        )
        delta = np.minimum(np.diff(notes[:, r.TICK], prepend=notes[0, r.TICK]), g.TIME_CAP)
        one, two = _before_in_part(notes)
        together = (delta == 0).astype(np.int64)
        columns["time"].append(delta)
        columns["pitch"].append(notes[:, r.PITCH])
        columns["duration"].append(notes[:, r.DURATION])
        columns["h1"].append(one * 4 + together * 2 + (notes[:, r.SLOT] == g.DRUM_SLOT))
        columns["h2"].append(two)
        columns["d1"].append(_shift(notes[:, r.DURATION], 1) * 2 + together)
        columns["d2"].append(_shift(notes[:, r.DURATION], 2))
        columns["t1"].append(_shift(delta, 1))
        columns["t2"].append(_shift(delta, 2))
    return {name: np.concatenate(parts) for name, parts in columns.items()}


def _shift(values: np.ndarray, by: int) -> np.ndarray:
    return np.concatenate([np.full(min(by, len(values)), 200), values[: max(0, len(values) - by)]])


def _before_in_part(notes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    one, two = np.full(len(notes), 200), np.full(len(notes), 200)
    for slot in np.unique(notes[:, r.SLOT]):
        own = np.flatnonzero(notes[:, r.SLOT] == slot)
        pitches = notes[own, r.PITCH]
        one[own], two[own] = _shift(pitches, 1), _shift(pitches, 2)
    return one, two


class Trigram:
    """Counts of one kind of event; :meth:`bits` scores others."""

    def __init__(self, symbol: np.ndarray, first: np.ndarray, second: np.ndarray, size: int) -> None:
        self.size = size
        self.unigram = (np.bincount(symbol, minlength=size) + 1.0) / (len(symbol) + size)
        self.levels = [_Counts(first, symbol), _Counts(first * 1024 + second, symbol)]

    def bits(self, symbol: np.ndarray, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Bits of each symbol under the unigram and the trigram: float64 [n], [n]."""
        p = self.unigram[symbol]
        unigram = -np.log2(p)
        for level, context in zip(self.levels, (first, first * 1024 + second), strict=True):
            joint, total, kinds = level.look_up(context, symbol)
            p = np.where(total > 0, (joint + kinds * p) / np.maximum(total + kinds, 1), p)
        return unigram, -np.log2(p)


class _Counts:
    def __init__(self, context: np.ndarray, symbol: np.ndarray) -> None:
        self.keys, self.counts = np.unique(context * 256 + symbol, return_counts=True)
        self.contexts, start = np.unique(self.keys >> 8, return_index=True)
        self.kinds = np.diff(np.append(start, len(self.keys)))
        self.totals = np.add.reduceat(self.counts, start)

    def look_up(self, context: np.ndarray, symbol: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        joint = _find(self.keys, context * 256 + symbol, self.counts)
        return joint, _find(self.contexts, context, self.totals), _find(self.contexts, context, self.kinds)


def _find(keys: np.ndarray, wanted: np.ndarray, values: np.ndarray) -> np.ndarray:
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, values[place], 0).astype(np.float64)


class Baselines:
    """Unigram and trigram of time, pitch and duration, counted on ``pieces``."""

    def __init__(self, pieces: Sequence[GridPiece]) -> None:
        found = events(pieces)
        self.models = {
            "time": Trigram(found["time"], found["t1"], found["t2"], g.N_TIME),
            "pitch": Trigram(found["pitch"], found["h1"], found["h2"], g.N_PITCH),
            "duration": Trigram(found["duration"], found["d1"], found["d2"], g.N_DURATION),
        }

    def score(self, pieces: Sequence[GridPiece]) -> dict[str, list[float]]:
        """Bits a note of the unigram and the trigram: total, time, pitch, duration."""
        found = events(pieces)
        contexts = {"time": ("t1", "t2"), "pitch": ("h1", "h2"), "duration": ("d1", "d2")}
        parts: dict[str, list[float]] = {"unigram": [], "trigram": []}
        for name, model in self.models.items():
            first, second = contexts[name]
            for kind, bits in zip(parts, model.bits(found[name], found[first], found[second]), strict=True):
                parts[kind].append(float(bits.mean()))
        return {kind: [sum(values), *values] for kind, values in parts.items()}
