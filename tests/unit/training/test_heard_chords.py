"""Chords heard by rule in a training piece, as the open Genie learns from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from workbench.errors import Unavailable
from workbench.evaluation.heard_chords import chords_of
from workbench.score.lanes import QUALITIES
from workbench.training import genie_data
from workbench.training.pieces import PPQ, Piece

PROGRESSION = ((0, "maj"), (9, "min"), (5, "maj"), (7, "maj"))


def piece() -> Piece:
    """Two rounds of four triads, a bar each, with a drum on every beat."""
    rows = []
    for bar in range(8):
        root, kind = PROGRESSION[bar % 4]
        third = 4 if kind == "maj" else 3
        rows += [(bar * 4 * PPQ, 4 * PPQ, 48 + root + step, 80, 0, 0) for step in (0, third, 7)]
        rows += [(bar * 4 * PPQ + beat * PPQ, 120, 36, 90, 128, 1) for beat in range(4)]
    notes = np.array(sorted(rows), np.int32)
    bars = np.arange(0, 9 * 4 * PPQ, 4 * PPQ, dtype=np.int32)
    return Piece(
        "lieder/x", "x", "lieder", notes, np.arange(33.0), bars, np.array([[0, 4, 4]], np.int32), tracks=("piano",)
    )


def test_a_progression_is_heard_bar_by_bar() -> None:
    found = chords_of(piece())
    assert [(root, list(QUALITIES)[kind]) for _, _, root, kind, _ in found.tolist()] == [*PROGRESSION] * 2
    assert found[:, 0].tolist() == [bar * 4 * PPQ for bar in range(8)]


def test_the_open_genie_is_told_them_with_every_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(genie_data, "train_dir", lambda: tmp_path)
    monkeypatch.setattr(genie_data, "pieces", lambda name, side: iter([piece()]))
    with pytest.raises(Unavailable, match="heard_chords"):
        genie_data.source("lieder_piano_heard", "train")
    file = genie_data.heard_file("lieder", "train")
    file.parent.mkdir()
    np.savez(file, **{"lieder/x": chords_of(piece())})
    (heard,) = genie_data.source("lieder_piano_heard", "train")
    assert heard.roots.tolist() == [root for root, _ in [*PROGRESSION] * 2 for _ in range(3)]
    assert "pop909" not in "".join(genie_data.OPEN_SOURCES)
    assert not {"ewld", "pop909_main"} & set(genie_data.OPEN_SOURCES)
