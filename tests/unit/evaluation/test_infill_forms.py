"""What the evaluation in forms counts, on music whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="training is an extra")

from workbench.evaluation import form_spans, infill_forms
from workbench.tokens import grid12 as g
from workbench.tokens import rows as r
from workbench.training.grid_pieces import GridPiece
from workbench.training.infill_bits import Span

BARS = 20


def _piece(name: str, parts: int = 3, drums: bool = False) -> GridPiece:
    """Bar ``k`` is built on the degree ``k % 5``; every part plays four quarters a bar."""
    rows = []
    for bar in range(BARS):
        for beat in range(4):
            for part in range(parts):
                rows.append((48 * bar + 12 * beat, part, 76 - 9 * part + (0, 2, 4, 5, 7)[bar % 5], 10, 9))
            if drums:
                rows.append((48 * bar + 12 * beat, g.DRUM_SLOT, 128 + (1, 3)[beat % 2], 0, 9))
    programs = np.full(g.N_SLOT, g.NO_PROGRAM)
    programs[:parts] = 0
    if drums:
        programs[g.DRUM_SLOT] = g.DRUM_PROGRAM
    return GridPiece(name, name, r.sort_notes(np.array(rows, np.int64)), programs, g.Bars.regular(48, BARS))


SETS = {
    "pop909_main": [_piece(f"pop/{k}") for k in range(4)],
    "pop909_drums": [_piece(f"drums/{k}", drums=True) for k in range(4)],
    "freedoom": [_piece(f"doom/{k}", parts=3 + 4 * (k % 2), drums=True) for k in range(4)],
    "groove": [_piece(f"groove/{k}", parts=0, drums=True) for k in range(3)],
    "giantmidi": [_piece("giantmidi/1", parts=1)],
    "lieder": [_piece("lied")], "quartets": [_piece("quartet", parts=4)], "polish": [_piece("polish", parts=7)],
    "orchestra": [_piece("symphony", parts=9)], "ewld": [_piece("sheet", parts=1)],
}  # fmt: skip


@pytest.mark.parametrize("form", form_spans.FORMS)
def test_every_form_hides_spans_of_many_pieces_before_a_second_of_one(form: str) -> None:
    found = form_spans.spans_in_form(form, 6, SETS.__getitem__)
    assert len(found) == 6
    again = form_spans.spans_in_form(form, 6, SETS.__getitem__)
    assert [(span.piece.id, span.start) for span in found] == [(span.piece.id, span.start) for span in again]
    pieces = len({span.piece.id for span in form_spans.spans_in_form(form, 100, SETS.__getitem__)})
    assert len({span.piece.id for span in found}) == min(6, pieces)
    for span in found:
        slots = set(span.piece.notes[:, r.SLOT].tolist())
        assert {
            "merged": slots == {0}, "split": slots == {0, 1}, "type 0": slots == {0, g.DRUM_SLOT},
            "lead sheet": slots == {0, 1}, "many tracks": len(slots) >= 6, "drums alone": slots == {g.DRUM_SLOT},
        }.get(form, True)  # fmt: skip
        on_grid = (span.piece.notes[:, r.TICK] % 12 == 0).mean()
        assert (on_grid < 0.8) == (form.startswith("played") and not span.piece.id.startswith("giantmidi"))


def _span(drums: bool = False) -> Span:
    return Span(_piece("one", parts=0 if drums else 2, drums=drums), 48 * 8, 48 * 12)


def _truth(span: Span) -> np.ndarray:
    notes = span.piece.notes
    return notes[(notes[:, r.TICK] >= span.start) & (notes[:, r.TICK] < span.end)]


def test_the_composer_is_perfect_and_silence_is_nearly_empty() -> None:
    spans = [_span(), _span()]
    report = infill_forms.form_report(
        None, spans, lambda span, seed: [_truth(span)] * 3, lambda span, seed: [_truth(span)[:3]]
    )
    model, chain = report["model"], report["markov"]
    assert report["likeness"]["model"] == pytest.approx(1)
    assert model["notes against the truth"] == {"median": 1, "10 %": 1, "90 %": 1, "lowest tenth": 1}
    assert (model["ideas"], model["nearly empty"], chain["ideas"], chain["nearly empty"]) == (6, 0, 2, 2)
    assert chain["silent bars that sound in the truth"] == 0.75
    assert report["ideas of one span"]["overlap of two"]["median"] == 1
    assert report["minus markov"]["low"] > 0
    assert report["likeness"]["the true bars in another order"] < 0.7
    line = infill_forms.table({"merged": report}).splitlines()[-1]
    assert "1.00 (1.00, 1.00)" in line
    assert "0 of 6" in line


def test_worst_tenth_shows_what_the_median_hides() -> None:
    spans = [_span() for _ in range(10)]
    report = infill_forms.form_report(
        None, spans, lambda span, seed: [_truth(span)[: 2 if seed == 4 else 100]], lambda span, seed: [_truth(span)]
    )
    found = report["model"]["notes against the truth"]
    assert found["median"] == 1
    assert found["lowest tenth"] == pytest.approx(2 / 32, abs=0.001)
    assert report["model"]["nearly empty"] == 1


def test_drums_are_compared_by_what_is_struck() -> None:
    span = _span(drums=True)
    truth, lines = _truth(span), np.arange(span.start, span.end + 1, 48)
    only_kick = truth[truth[:, r.PITCH] == 129]
    assert infill_forms.likeness(truth, truth, lines) == pytest.approx(1)
    assert infill_forms.likeness(only_kick, truth, lines) == pytest.approx(0.5**0.5)
    assert infill_forms.likeness(r.empty_notes(), truth, lines) == 0


def test_overlap_counts_onset_part_and_pitch() -> None:
    truth = _truth(_span())
    later = truth.copy()
    later[:, r.TICK] += 6
    half = np.concatenate([truth[:16], later[16:]])
    assert infill_forms.overlap(truth, truth) == 1
    assert infill_forms.overlap(truth, later) == 0
    assert infill_forms.overlap(truth, half) == pytest.approx(0.5)
    assert infill_forms.overlap(r.empty_notes(), truth) == 0
