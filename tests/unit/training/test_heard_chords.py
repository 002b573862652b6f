"""Chords heard by rule in a training piece, as the open Genie learns from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.bench.analysed_chords import _aligned, _measures
from workbench.errors import Unavailable
from workbench.evaluation.heard_chords import chords_of
from workbench.score.lanes import QUALITIES
from workbench.training import chord_heard, genie_data
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


def with_tune(accompanied: int = 8) -> Piece:
    """The piece with a tune above it, whose first bars alone are accompanied."""
    below = piece()
    kept = below.notes[below.notes[:, 0] < accompanied * 4 * PPQ]
    keys = [[beat * PPQ, PPQ, 76 + PROGRESSION[beat // 4 % 4][0] % 5, 80, 73, 2] for beat in range(32)]
    notes = np.array(sorted([*kept.tolist(), *keys]), np.int32)
    return Piece(below.id, below.work, below.corpus, notes, below.beats, below.downbeats, below.meters, tracks=("a",))


def test_the_top_line_is_told_the_chords_below_it_where_they_can_be_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    for bars in (8, 5, 2):
        whole = with_tune(bars)
        heard = Piece(whole.id, whole.work, whole.corpus, whole.notes, whole.beats, whole.downbeats, whole.meters,
                      chords_of(whole), whole.tracks)  # fmt: skip
        monkeypatch.setattr(chord_heard, "with_heard", lambda name, side, heard=heard: iter([heard]))
        found = list(chord_heard.heard_tunes("lieder", "train"))
        if bars == 2:  # hardly anything can be believed
            assert found == []
            continue
        (tune,) = found
        assert tune.notes[:, 2].min() >= 76
        known = [PROGRESSION[half // 2 % 4][0] for half in range(16)]
        assert tune.root[: 2 * bars].tolist() == known[: 2 * bars]
        assert (tune.root[2 * bars :] == -1).all()


def test_an_analysis_is_laid_on_the_bars_where_it_agrees(tmp_path: Path) -> None:
    file = tmp_path / "analysis.txt"
    text = "Time signature: 4/4\n\nm1 C: I\nm2 vi\nm3 b1 IV b3 ii6\nm4 V7\nm5 I\nm6 vi\nm7 IV\nm8 V\n"
    file.write_text(text, encoding="utf-8")
    numerals = _measures(file)
    assert [row[2] for row in numerals] == [0, 9, 5, 2, 7, 0, 9, 5, 7]
    assert numerals[3][1:] == (2.0, 2, list(QUALITIES).index("min"), 5)
    chords = _aligned(piece(), numerals)
    assert chords is not None
    assert chords[:4, 0].tolist() == [0, 4 * PPQ, 8 * PPQ, 10 * PPQ]
    later = _aligned(piece(), [(measure + 1, *rest) for measure, *rest in numerals])
    assert later is not None
    assert later[1:4, 2].tolist() == chords[1:4, 2].tolist()
    assert (
        _aligned(piece(), [(measure, place, (root + 1) % 12, *rest) for measure, place, root, *rest in numerals])
        is None
    )
