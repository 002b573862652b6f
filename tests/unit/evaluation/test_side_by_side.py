"""Figures of models side by side: what counts as right, and how the table reads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from workbench.evaluation import side_by_side as side
from workbench.hub.protocol import Alternative
from workbench.hub.tasks.beats.request import BeatsRequest
from workbench.sound.audio import Audio

TRUE = np.array([[0.5, 1.0, 60.0, 80.0, 0.0], [1.0, 1.5, 64.0, 80.0, 0.0], [2.0, 2.5, 67.0, 80.0, 0.0]])


def found(*notes: tuple[float, int]) -> list[dict[str, Any]]:
    return [{"start": start, "end": start + 0.3, "pitch": pitch} for start, pitch in notes]


def test_a_note_is_right_within_fifty_milliseconds_at_its_pitch() -> None:
    assert side.note_f1(found((0.52, 60), (0.97, 64), (2.0, 67)), TRUE) == pytest.approx(1.0)
    assert side.note_f1(found((0.58, 60), (1.0, 65), (2.0, 67)), TRUE) == pytest.approx(1 / 3)
    assert side.note_f1([], TRUE) == 0.0


def test_the_first_five_seconds_of_beats_do_not_count() -> None:
    beats = np.arange(0.0, 20.0, 0.5)
    assert side.beat_f1(beats[beats >= 5], beats) == pytest.approx(1.0)
    assert side.beat_f1(beats + 0.25, beats) == 0.0


def test_distortion_is_told_whatever_the_level() -> None:
    dice = np.random.default_rng(1)
    true, noise = dice.standard_normal(20_000), dice.standard_normal(20_000)
    assert side.si_sdr(0.2 * (true + 0.1 * noise), true) == pytest.approx(20.0, abs=0.5)
    assert side.si_sdr(noise, true) < -20


def cases() -> list[side.Case]:
    audio = Audio(np.zeros((8_000, 1), np.float32), 8_000)
    judge = lambda idea: {"beats F1": float(idea.value["beats"])}  # noqa: E731
    return [side.Case(kind, BeatsRequest(audio), 1.0, judge) for kind in ("band", "band", "folk")]


def test_every_model_hears_the_same_clips_and_the_worst_is_shown() -> None:
    answers = iter([0.0, 0.5, 0.9, 1.0])  # the first clip is heard once more, to load
    row = side.run("one", lambda request: Alternative(value={"beats": next(answers)}), cases())
    assert row.scores == {("band", "beats F1"): [0.5, 0.9], ("folk", "beats F1"): [1.0]}
    text = side.table([row, side.Row("two", {("band", "beats F1"): [1.0]}, 3.0)])
    assert "| one | 0.70 ± 0.20 (0.50) | 1.00 ± 0.00 (1.00) |" in text
    assert "| two | 1.00 ± 0.00 (1.00) | - | 3.0x |" in text
