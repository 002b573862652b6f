"""The discriminator that compares fills with real bars: it finds what is there to find, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="training is an extra")

from workbench.evaluation import infill_blind
from workbench.tokens import grid12 as g
from workbench.tokens import rows as r
from workbench.training.grid_pieces import GridPiece
from workbench.training.infill_bits import Span

WORKS = [f"work {number // 2}" for number in range(80)]


def _span() -> Span:
    """Sixteen bars of a rising line over held chords; bars 7 to 10 are in question."""
    rows = []
    for bar in range(16):
        rows += [(bar * 48 + 12 * beat, 0, 60 + (2 * beat + bar) % 12, 6, 8) for beat in range(4)]
        rows += [(bar * 48, 1, pitch, 12, 8) for pitch in (48, 52, 55)]
    programs = np.full(g.N_SLOT, g.NO_PROGRAM)
    programs[:2] = 0
    piece = GridPiece("piece", "work", r.sort_notes(np.array(rows, dtype=np.int64)), programs, g.Bars.regular(48, 16))
    return Span(piece, 6 * 48, 10 * 48)


def test_noise_is_not_told_from_noise_and_a_planted_difference_is_found() -> None:
    rng = np.random.default_rng(1)
    real, same, other = (rng.normal(size=(80, 12)) for _ in range(3))
    other[:, 3] += 3.0
    alike = infill_blind.told_apart(real, same, WORKS)
    apart = infill_blind.told_apart(real, other, WORKS)
    assert 0.35 < alike["accuracy"]["mean"] < 0.65
    assert apart["accuracy"]["mean"] > 0.8
    assert apart["pairs"]["mean"] > 0.9
    assert apart["accuracy"]["low"] <= apart["accuracy"]["mean"] <= apart["accuracy"]["high"]


def test_works_are_learnt_from_or_asked_about_but_not_both() -> None:
    """A mark that differs from work to work, and so cannot be learnt from other works, is no help."""
    rng = np.random.default_rng(2)
    real = rng.normal(size=(80, 4)) * 0.1
    made = real.copy()
    sign = {name: rng.choice([-1, 1]) for name in dict.fromkeys(WORKS)}
    for row, work in enumerate(WORKS):
        made[row, 0] += 2 * sign[work]
        real[row, 0] -= 2 * sign[work]
    assert infill_blind.told_apart(real, made, WORKS)["accuracy"]["mean"] < 0.75


@pytest.mark.parametrize("kept", [0.0, 0.4, 1.0])
def test_any_fill_has_measures(kept: float) -> None:
    span = _span()
    notes = span.piece.notes
    inside = notes[(notes[:, r.TICK] >= span.start) & (notes[:, r.TICK] < span.end)]
    fill = inside[: round(kept * len(inside))]
    found, true = infill_blind.measures(span, fill), infill_blind.measures(span, inside)
    assert found.shape == true.shape
    assert np.isfinite(found).all()
    assert np.array_equal(found, true) == (kept == 1.0)


def test_the_collector_judges_each_model_by_itself() -> None:
    span = _span()
    notes = span.piece.notes
    inside = notes[(notes[:, r.TICK] >= span.start) & (notes[:, r.TICK] < span.end)]
    blind = infill_blind.Blind()
    for number in range(10):
        piece = GridPiece(f"p{number}", f"w{number}", notes, span.piece.programs, span.piece.bars)
        blind.add(Span(piece, span.start, span.end), {"same": inside, "silence": inside[:0]})
    report = blind.report()
    assert report["same"]["pairs"]["mean"] == 0.5
    assert report["silence"]["pairs"]["mean"] == 1.0
    assert report["silence"]["spans"] == 10
