"""A floor under the released weights: simulated hands and eight public-domain tunes, no training data needed."""

from __future__ import annotations

import numpy as np

from workbench import resources
from workbench.evaluation import genie_players as sim
from workbench.hub.tasks.genie.request import GenieSettings
from workbench.nets.genie_numpy import shipped


def test_loyal_to_the_hand_with_and_without_the_rules() -> None:
    masked = sim.stepwise(shipped(), 0.6, 600, masked=True)
    assert masked["same_direction"] >= 0.99
    assert masked["same_key"] >= 0.95
    bare = sim.stepwise(shipped(), 0.6, 600, masked=False)
    assert bare["same_direction"] >= 0.88
    assert bare["wrong_direction"] <= 0.01
    assert bare["same_key"] >= 0.75


def test_hard_chords_keep_the_direction() -> None:
    figures = sim.hard_chords(shipped(), 0.6, 600)
    assert figures["chord_tones"] == 1
    assert figures["same_direction"] >= 0.99


def test_a_phrase_comes_back() -> None:
    assert sim.replay(shipped(), 0.6, 8)["as_first"] >= 0.95


def test_it_plays_in_a_key_without_being_told() -> None:
    lines = sim.free_running(shipped(), 4, 256)
    windows = [line[start : start + 64] for line in lines for start in range(0, 256, 64)]
    scale = np.isin((np.arange(12)[:, None] - np.arange(12)) % 12, (0, 2, 4, 5, 7, 9, 11))
    shares = [scale[window % 12].mean(axis=0).max() for window in windows]
    assert np.mean(shares) > 0.85  # chance: 0.65


def test_the_chord_input_is_heard() -> None:
    buttons, times = sim.walk(200, 3)
    settings = GenieSettings(chords="hint")
    gains = []
    for name in ("F#", "C", "Ebm", "A", "Dm7", "B"):
        chord = sim.parse_symbol(name)
        told = sim.play(shipped(), settings, buttons, times, 1, [chord])
        untold = sim.play(shipped(), settings, buttons, times, 1)
        share = [np.isin(line.pitches % 12, list(chord.pitch_classes)).mean() for line in (told, untold)]
        gains.append(share[0] - share[1])
    assert np.mean(gains) > 0.1


def test_the_encoder_puts_tunes_where_a_hand_would() -> None:
    from workbench.evaluation.genie_eval import gold
    from workbench.training.genie_export import load_released

    assert gold(load_released(resources.path("models/piano-genie")))["all"] <= 1.6
