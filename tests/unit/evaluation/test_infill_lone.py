"""A part refilled while the others play: what is counted, on music whose chords are known."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="training is an extra")

from workbench.evaluation import infill_lone
from workbench.score.lanes import QUALITIES
from workbench.tokens import grid12 as g
from workbench.tokens import rows as r
from workbench.training.grid_pieces import GridPiece
from workbench.training.infill_bits import Span

BARS = 20
MAJOR = list(QUALITIES.values()).index((0, 4, 7))
ROOTS = (0, 5, 7, 9)


def _song(name: str = "song", chords: bool = True) -> GridPiece:
    """A tune in quarters over major triads, a bar each, on four roots."""
    rows, lane = [], []
    for bar in range(BARS):
        root = ROOTS[bar % 4]
        lane.append((48 * bar, 48, root, MAJOR, root))
        for beat in range(4):
            rows.append((48 * bar + 12 * beat, 0, 72 + root, 10, 9))
        rows += [(48 * bar, 1, 48 + root + step, 18, 9) for step in (0, 4, 7)]
    programs = np.full(g.N_SLOT, g.NO_PROGRAM)
    programs[:2] = 0
    notes = r.sort_notes(np.array(rows, np.int64))
    lanes = np.array(lane if chords else [], np.int64).reshape(-1, 5)
    return GridPiece(name, name, notes, programs, g.Bars.regular(48, BARS), lanes)


def _own(span: Span, slot: int, seed: int) -> np.ndarray:
    notes = span.piece.notes
    return notes[(notes[:, r.TICK] >= span.start) & (notes[:, r.TICK] < span.end) & (notes[:, r.SLOT] == slot)]


def _sharp(span: Span, slot: int, seed: int) -> np.ndarray:
    moved = _own(span, slot, seed).copy()
    moved[:, r.PITCH] += 1
    return moved


def test_the_lowest_part_of_songs_with_chords_is_hidden() -> None:
    found = infill_lone.lone_spans([_song("a"), _song("b"), _song("none", chords=False)], 4)
    assert [span.piece.id for span, _ in found[:2]] == ["a", "b"]
    assert len(found) == 4
    assert all(slot == 1 for _, slot in found)


def test_the_songs_own_part_is_in_the_chord_and_a_semitone_higher_it_is_not() -> None:
    spans = infill_lone.lone_spans([_song("a"), _song("b")], 4)
    out = infill_lone.report(spans, _own, _sharp)
    assert out["time in the chord"]["song"]["mean"] == 1.0
    assert out["time in the chord"]["model"]["mean"] == 1.0
    assert out["time in the chord"]["markov"]["mean"] < 0.3
    assert out["model minus song"]["mean"] == 0.0
    assert out["model minus markov"]["low"] > 0.5
    assert out["notes against the truth"] == [1.0, 1.0, 1.0]
