"""Does an accompaniment fit its melody? Melody notes on strong beats whose pitch class sounds below them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from workbench.tokens import grid12 as g
from workbench.tokens import rows as r
from workbench.training.infill_bits import Span

#: Writes all parts but the melody of a span: (span, seed) to int64 [n, 5].
Accompanist = Callable[[Span, int], np.ndarray]


def supported(melody: np.ndarray, others: np.ndarray, span: Span) -> tuple[int, int]:
    """Melody notes of the span that begin on the first or middle beat of a bar: (supported, all)."""
    _, position, length = span.piece.bars.locate(melody[:, r.TICK])
    strong = melody[(position == 0) | (2 * position == length)]
    ends = others[:, r.TICK] + np.asarray(g.DURATION_TICKS)[others[:, r.DURATION]]
    hits = 0
    for tick, pitch in strong[:, [r.TICK, r.PITCH]].tolist():
        sounding = others[(others[:, r.TICK] <= tick) & (ends > tick), r.PITCH]
        hits += int(pitch % 12 in set((sounding % 12).tolist()))
    return hits, len(strong)


def melody_of(span: Span) -> np.ndarray:
    """The notes of the highest part inside the span."""
    notes = span.piece.notes
    inside = (notes[:, r.TICK] >= span.start) & (notes[:, r.TICK] < span.end)
    return np.asarray(notes[inside & (notes[:, r.SLOT] == 0)])


def report(spans: Sequence[Span], write: Accompanist) -> dict[str, Any]:
    """Shares for the true, the written and shuffled accompaniments (another span's, moved here)."""
    counts = {"truth": [0, 0], "written": [0, 0], "shuffled": [0, 0]}
    true_parts = []
    for span in spans:
        notes = span.piece.notes
        inside = (notes[:, r.TICK] >= span.start) & (notes[:, r.TICK] < span.end)
        true_parts.append(notes[inside & (notes[:, r.SLOT] != 0) & (notes[:, r.SLOT] != g.DRUM_SLOT)])
    for number, span in enumerate(spans):
        melody = melody_of(span)
        other = (number + len(spans) // 2) % len(spans)
        moved = true_parts[other].copy()
        moved[:, r.TICK] += span.start - spans[other].start
        written = write(span, number)
        for name, part in (("truth", true_parts[number]), ("written", written), ("shuffled", moved)):
            hits, total = supported(melody, part[part[:, r.SLOT] != g.DRUM_SLOT], span)
            counts[name][0] += hits
            counts[name][1] += total
    shares = {name: round(hits / max(1, total), 4) for name, (hits, total) in counts.items()}
    return {"spans": len(spans), "melody notes": counts["truth"][1], **shares}
