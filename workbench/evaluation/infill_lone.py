"""One part refilled while the others play: does it sound the song's chords as often as the song's own part does?

The pianos of held-out songs are hidden for four bars and written anew under the tune, which stays; the chords are those
that people wrote down for the song (POP909-CL). A tune allows more than one chord, but the song goes on around the gap,
so what it does there can be known. Every share stands beside that of the song's own part, of another span's part moved
here, of the part's four bars before, and of the Markov chain, with its worst tenth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from workbench.evaluation.infill_band import chord_share
from workbench.evaluation.infill_evaluate import copy_before, interval
from workbench.score.lanes import QUALITIES
from workbench.tokens import grid12 as g
from workbench.tokens import rows as r
from workbench.training.grid_pieces import GridPiece
from workbench.training.infill_bits import Span, spans_of

#: Writes a part of a span anew, the others being heard: (span, slot, seed) to int64 [n, 5], not in C.
Refiller = Callable[[Span, int, int], np.ndarray]

COVERED = 0.9  #: share of a span that annotated chords have to cover
CANDIDATES = 6  #: spans of a piece that are looked at


def lone_spans(pieces: Sequence[GridPiece], count: int) -> list[tuple[Span, int]]:
    """Up to ``count`` spans with chords, each with the part to hide, its lowest; one of every piece before a second."""
    found = [list(_fitting(piece)) for piece in pieces]
    return [spans[nth] for nth in range(CANDIDATES) for spans in found if nth < len(spans)][:count]


def _fitting(piece: GridPiece) -> Iterator[tuple[Span, int]]:
    melodic = piece.notes[piece.notes[:, r.SLOT] != g.DRUM_SLOT]
    if not len(melodic) or not len(piece.chords):
        return
    slot = int(melodic[:, r.SLOT].max())
    for span in spans_of([piece], CANDIDATES, seed=3):
        inside = melodic[(melodic[:, r.TICK] >= span.start) & (melodic[:, r.TICK] < span.end)]
        own = inside[:, r.SLOT] == slot
        chords = chords_in(span)
        if own.sum() >= 8 and (~own).any() and (chords[:, 1] - chords[:, 0]).sum() >= COVERED * (span.end - span.start):
            yield span, slot


def chords_in(span: Span) -> np.ndarray:
    """The annotated chords of a span: int64 [c, 4] start, end, pitch class of the bass, mask of pitch classes."""
    tones = list(QUALITIES.values())
    rows = [
        (max(tick, span.start), min(tick + length, span.end), bass,
         sum(1 << (root + step) % 12 for step in tones[quality]))
        for tick, length, root, quality, bass in span.piece.chords.tolist()
        if tick < span.end and tick + length > span.start
    ]  # fmt: skip
    return np.array(rows, dtype=np.int64).reshape(-1, 4)


def in_chord(part: np.ndarray, span: Span) -> float:
    """Share of the time of a part's notes (network notes, not in C) that are tones of the chord of their onset."""
    lengths = np.asarray(g.DURATION_TICKS)[part[:, r.DURATION]]
    hits, total = chord_share(np.stack([part[:, r.TICK], lengths, part[:, r.PITCH]], axis=1), chords_in(span))
    return hits / total if total else 0.0


def report(spans: Sequence[tuple[Span, int]], model: Refiller, markov: Refiller) -> dict[str, Any]:
    """Mean share of the time in the chord, its 10 % quantile, and how far the model is from song and Markov chain."""
    true = [_part(span, slot) for span, slot in spans]
    shares: dict[str, list[float]] = {}
    notes: list[float] = []
    for number, (span, slot) in enumerate(spans):
        other = (number + max(1, len(spans) // 2)) % len(spans)
        moved = true[other].copy()
        moved[:, r.TICK] += span.start - spans[other][0].start
        before = copy_before(span, 4)
        written = model(span, slot, number)
        notes.append(len(written) / len(true[number]))
        for name, part in (
            ("song", true[number]), ("model", written), ("markov", markov(span, slot, number)),
            ("four bars before", before[before[:, r.SLOT] == slot]), ("another song's part", moved),
        ):  # fmt: skip
            shares.setdefault(name, []).append(in_chord(part, span))
    groups = [span.piece.work for span, _ in spans]
    own = np.array(shares["model"])
    return {
        "spans": len(spans),
        "notes against the truth": [round(float(value), 3) for value in np.quantile(notes, [0.1, 0.5, 0.9])],
        "time in the chord": {
            name: {
                "mean": round(float(np.mean(found)), 4), "10 %": round(float(np.quantile(found, 0.1)), 4),
                "90 %": round(float(np.quantile(found, 0.9)), 4),
            } for name, found in shares.items()
        },
        "model minus song": interval(own - np.array(shares["song"]), groups),
        "model minus markov": interval(own - np.array(shares["markov"]), groups),
    }  # fmt: skip


def _part(span: Span, slot: int) -> np.ndarray:
    notes = span.piece.notes
    inside = (notes[:, r.TICK] >= span.start) & (notes[:, r.TICK] < span.end)
    return np.asarray(notes[inside & (notes[:, r.SLOT] == slot)])
