"""What the bars around foretell of a gap: grooves and harmonies that come back, and drums that fall behind."""

from __future__ import annotations

import numpy as np

from workbench.create.infill.around import kit
from workbench.create.infill.around.repeats import CHROMA, GROOVE, by_bar, foretell, unit
from workbench.create.infill.transformer.choose import Candidate, Judge

KICK, SNARE, HAT, CRASH = 1, 3, 7, 14
BAR = 48


def _held(pattern: str, kinds: dict[str, list[float]]) -> np.ndarray:
    return np.array([kinds[letter] for letter in pattern], dtype=np.float64)


def test_a_groove_of_two_bars_is_foretold_bar_by_bar() -> None:
    kinds = {"a": [4.0, 0.0, 2.0], "b": [0.0, 4.0, 2.0], "?": [0.0, 0.0, 0.0]}
    held = _held("abababab????abababab", kinds)
    open_ = np.array([letter != "?" for letter in "abababab????abababab"])
    found = foretell(held, open_, np.arange(21) * BAR, 8, 12, GROOVE)
    assert found is not None
    for bar, letter in enumerate("abab"):
        right, wrong = unit(np.array(kinds[letter])), unit(np.array(kinds["b" if letter == "a" else "a"]))
        assert found.wanted[bar] @ right > 0.95
        assert found.wanted[bar] @ right > found.wanted[bar] @ wrong + 0.1
    assert found.lines.tolist() == [8 * BAR, 9 * BAR, 10 * BAR, 11 * BAR, 12 * BAR]
    assert np.allclose(found.at(9 * BAR + 5), found.wanted[1])
    assert np.allclose(found.bars(np.array([9 * BAR, 10 * BAR, 11 * BAR])), found.wanted[1:3])


def test_what_never_repeats_is_foretold_from_nearby() -> None:
    rng = np.random.default_rng(3)
    held = rng.random((20, 12))
    held[:10, 0] += 4.0  # before the gap one tone rules, long after it another
    held[14:, 5] += 4.0
    open_ = np.ones(20, dtype=bool)
    open_[8:10] = False
    found = foretell(held, open_, np.arange(21) * BAR, 8, 10, CHROMA)
    assert found is not None
    assert (found.wanted[:, 0] > found.wanted[:, 5]).all()


def test_nothing_around_foretells_nothing() -> None:
    held = np.zeros((8, 3))
    held[3] = 5.0  # stands in the gap itself
    open_ = np.ones(8, dtype=bool)
    open_[2:6] = False
    assert foretell(held, open_, np.arange(9) * BAR, 2, 6, GROOVE) is None


def test_strokes_are_counted_in_their_bar() -> None:
    ticks, drums = np.array([0, 12, 47, 48, 200]), np.array([1, 3, 1, 2, 0])
    found = by_bar(ticks, drums, np.ones(5), np.array([0, 48, 96]), 4)
    assert found.tolist() == [[0, 2, 0, 1], [0, 0, 1, 0]]


def _kit() -> np.ndarray:
    wanted = np.zeros((1, 47))
    wanted[0, [KICK, SNARE, HAT]] = 2.0, 2.0, 8.0
    return wanted


def test_a_drum_that_falls_behind_is_urged_on_and_one_too_many_is_held_back() -> None:
    held = np.concatenate([_kit()] * 8)
    open_ = np.arange(8) != 4
    found = foretell(held, open_, np.arange(9) * BAR, 4, 5, GROOVE)
    assert found is not None
    start = 4 * BAR
    hats = [(start + 6 * at, -(128 + HAT)) for at in range(8)]
    lean = kit.lacking(found, hats, start + 47, 128)
    assert min(lean[SNARE], lean[KICK]) > 0.3
    assert lean[HAT] < 0
    assert abs(lean[CRASH]) < 0.01  # nobody strikes it here: neither urged on nor asked for
    assert np.allclose(kit.lacking(found, [], start, 128), 0.0)  # the first stroke is free
    crash = kit.lacking(found, [(start, -(128 + CRASH))], start + 6, 128)
    assert crash[CRASH] < -1.0


def test_of_drums_the_drawing_that_strikes_as_the_bars_around_is_handed_out() -> None:
    """Even where more of the drawings agree on something else."""
    lines = np.array([0, BAR])
    groove = [(at, 4, 128 + HAT) for at in range(0, 48, 6)] + [(0, 4, 128 + KICK), (24, 4, 128 + SNARE)]
    crashes = [(at, 4, 128 + CRASH) for at in range(0, 48, 6)] + [(0, 4, 128 + KICK), (24, 4, 128 + SNARE)]
    made = [Candidate({"d": np.array(sorted(rows), dtype=np.int64)}) for rows in (crashes, crashes, crashes, groove)]
    parts: dict = {}
    assert int(np.argmax(Judge(lines, np.zeros((1, 12)), parts, _kit()).scores(made))) == 3
    assert int(np.argmax(Judge(lines, np.zeros((1, 12)), parts).scores(made))) != 3
