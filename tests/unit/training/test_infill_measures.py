"""What the evaluation of the infilling network counts, on music whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="training is an extra")

from workbench.evaluation import infill_evaluate, infill_harmony, infill_longform
from workbench.tokens import grid12 as g


def _voices(*chords: tuple[int, int, int, int]) -> np.ndarray:
    """Chords of a quarter each, soprano first, by sixteenth."""
    return np.repeat(np.array(chords, dtype=np.int64).T, 4, axis=1)


def test_parallels_and_crossings_are_counted() -> None:
    clean = _voices((72, 67, 64, 48), (71, 67, 62, 55), (72, 67, 64, 48), (72, 69, 65, 53))
    counts = infill_harmony.count(clean)
    assert counts["parallels a bar"] == 0
    assert counts["crossed sixteenths a bar"] == 0
    assert counts["full"] == 1
    assert counts["triads"] == 1
    fifths = _voices((72, 67, 64, 48), (74, 69, 66, 50), (72, 60, 62, 48), (72, 60, 62, 48))
    counts = infill_harmony.count(fifths)
    assert counts["parallels a bar"] == 3, "alto with bass in fifths, soprano with bass in octaves, twice"
    assert counts["crossed sixteenths a bar"] == 8
    silent = clean.copy()
    silent[1, :8] = -1
    assert infill_harmony.count(silent)["full"] == 0.5


def test_a_tune_becomes_a_score_and_the_same_grid_again() -> None:
    voices = _voices((72, 67, 64, 48), (72, 67, 62, 55), (74, 67, 64, 48), (-1, 69, 65, 53))
    score = infill_harmony.tune_of(voices)
    assert [(n.start, n.duration, n.pitch) for n in score.tracks[0].sorted_notes()] == [
        (0, 960, 72), (960, 960, 72), (1920, 960, 74),
    ]  # fmt: skip
    assert (infill_harmony.grid_of(score, 16)[0] == voices[0]).all()


def _song(pattern: list[int], bars: int) -> np.ndarray:
    """One melody note a quarter; bar ``k`` is built on ``pattern[k]``."""
    rows = [
        (48 * bar + 12 * beat, 0, pattern[bar] + (0, 4, 7, 4)[beat], 10, 8) for bar in range(bars) for beat in range(4)
    ]
    return np.array(rows, dtype=np.int64)


def test_what_comes_back_is_alike_and_what_never_did_is_not() -> None:
    lines = 48 * np.arange(25)
    same = _song([60, 65, 67, 60] * 6, 24)
    assert infill_longform.self_similarity(same, lines) == pytest.approx(1.0)
    never = _song([(7 * k) % 12 + 60 if k < 12 else (5 * k + 1) % 12 + 61 for k in range(24)], 24)
    assert infill_longform.self_similarity(never, lines) < 0.8


def test_a_song_that_goes_on_in_its_key_is_reported_so() -> None:
    from workbench.training.grid_pieces import GridPiece

    programs = np.full(12, g.NO_PROGRAM)
    programs[0] = 0
    piece = GridPiece("one", "one", _song([60, 65, 67, 60] * 24, 96), programs, g.Bars(48 * np.arange(97)))

    def repeat(notes: np.ndarray, _: np.ndarray, bars: g.Bars, span: tuple[int, int], seed: int) -> np.ndarray:
        copies = [notes + np.array([at, 0, 0, 0, 0]) for at in range(8 * 48, span[1], 8 * 48)]
        out = np.concatenate(copies)
        return out[out[:, 0] < span[1]]

    found = infill_longform.report([piece], repeat)
    assert found["songs"] == 1
    assert found["self-similarity, real"] == pytest.approx(1.0)
    assert found["self-similarity, continued"] == pytest.approx(1.0)
    assert found["ends in the opening's key, continued"] == 1.0
    assert found["notes a bar against the song's"] == pytest.approx(1.0)


def test_who_says_how_sure_he_is_is_taken_at_his_word() -> None:
    rng = np.random.default_rng(3)
    shares = rng.dirichlet(np.full(6, 0.3), size=20_000)
    truth = np.array([rng.choice(6, p=row) for row in shares])
    honest = infill_evaluate.reliability(shares, truth)
    assert honest["calibration error"] < 0.02
    assert honest["sure"]["right"] == pytest.approx(honest["sure"]["said"], abs=0.02)
    assert sum(honest[name]["share of notes"] for name in ("unsure", "fairly sure", "sure")) == pytest.approx(
        1, abs=1e-3
    )
    boastful = shares**3 / (shares**3).sum(axis=1, keepdims=True)
    told = infill_evaluate.reliability(boastful, truth)
    assert told["sure"]["right"] < told["sure"]["said"] - 0.05
    assert told["calibration error"] > 0.1
