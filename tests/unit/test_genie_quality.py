"""A floor under the released weights of both sets: simulated hands and eight public-domain tunes, no training data."""

from __future__ import annotations

import numpy as np
import pytest

from workbench import resources
from workbench.evaluation import genie_players as sim
from workbench.hub.tasks.genie.request import GenieSettings
from workbench.nets.genie_numpy import MODELS, GenieDecoder, shipped


@pytest.fixture(params=sorted(MODELS.values()))
def decoder(request: pytest.FixtureRequest) -> GenieDecoder:
    """The weights of each set."""
    return shipped(request.param)


def test_loyal_to_the_hand_with_and_without_the_rules(decoder: GenieDecoder) -> None:
    masked = sim.stepwise(decoder, 0.6, 600, masked=True)
    assert masked["same_direction"] >= 0.99
    assert masked["same_key"] >= 0.95
    bare = sim.stepwise(decoder, 0.6, 600, masked=False)
    assert bare["same_direction"] >= 0.88
    assert bare["wrong_direction"] <= 0.01
    assert bare["same_key"] >= 0.75


def test_hard_chords_keep_the_direction(decoder: GenieDecoder) -> None:
    figures = sim.hard_chords(decoder, 0.6, 600)
    assert figures["chord_tones"] == 1
    assert figures["same_direction"] >= 0.99


def test_a_phrase_comes_back(decoder: GenieDecoder) -> None:
    assert sim.replay(decoder, 0.6, 8)["as_first"] >= 0.95


def test_it_plays_in_a_key_without_being_told(decoder: GenieDecoder) -> None:
    lines = sim.free_running(decoder, 4, 256)
    windows = [line[start : start + 64] for line in lines for start in range(0, 256, 64)]
    scale = np.isin((np.arange(12)[:, None] - np.arange(12)) % 12, (0, 2, 4, 5, 7, 9, 11))
    shares = [scale[window % 12].mean(axis=0).max() for window in windows]
    assert np.mean(shares) > 0.85  # chance: 0.65


def test_the_chord_input_is_heard(decoder: GenieDecoder) -> None:
    buttons, times = sim.walk(200, 3)
    settings = GenieSettings(chords="hint")
    gains = []
    for name in ("F#", "C", "Ebm", "A", "Dm7", "B"):
        chord = sim.parse_symbol(name)
        told = sim.play(decoder, settings, buttons, times, 1, [chord])
        untold = sim.play(decoder, settings, buttons, times, 1)
        share = [np.isin(line.pitches % 12, list(chord.pitch_classes)).mean() for line in (told, untold)]
        gains.append(share[0] - share[1])
    assert np.mean(gains) > 0.1


def test_the_encoder_puts_tunes_where_a_hand_would(decoder: GenieDecoder) -> None:
    from workbench.evaluation.genie_eval import gold
    from workbench.training.genie_export import load_released

    assert gold(load_released(resources.path(f"models/{decoder.model}")))["all"] <= 1.6
