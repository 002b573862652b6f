"""The layer that finds chords for a tune, solved for in one step: ridge regression, and progressions counted.

Tunes of POP909 (the chords of POP909-CL) and Open EWLD. There is no training loop: a few CPU seconds, always from the
data alone, always the same weights.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from workbench.tokens import half_bars as hb
from workbench.training.chord_data import Tune
from workbench.training.corpora import PPQ

SOURCES = ("pop909_main", "ewld")
#: How strongly the weights are held near zero; and pseudo-counts in every row of the progressions.
RIDGE, SMOOTHING = 60.0, 12.0
_AT_ONCE = 15_000  #: half bars whose table is in memory at a time


def fit(found: Iterable[Tune]) -> tuple[dict[str, np.ndarray], int]:
    """The tensors of ``model.safetensors`` (float32), and how many tunes they come from."""
    states, wide = hb.N_STATES, hb.N_SURROUNDINGS
    gram, aim = np.zeros((wide, wide)), np.zeros((wide, states + 12))
    often, turn = np.full(states, 0.1), np.zeros((2, states, states))
    tables: list[np.ndarray] = []
    wanted: list[np.ndarray] = []
    count = 0

    def settle() -> None:
        nonlocal gram, aim
        told, asked = np.concatenate(tables), np.concatenate(wanted)
        gram += told.T @ told
        aim += told.T @ asked
        tables.clear()
        wanted.clear()

    for tune in found:
        home = hb.home(*tune.notes.T)
        chord = tune.states(home)
        known = np.flatnonzero(chord >= 0)
        if not len(known):
            continue
        count += 1
        onset, end, key = tune.notes.T
        asked = np.zeros((len(known), states + 12), np.float32)
        asked[np.arange(len(known)), chord[known]] = 1.0
        asked[np.arange(len(known)), states + (tune.bass[known] - home) % 12] = 1.0
        tables.append(hb.surroundings(onset, end, key - home, tune.edges, tune.bar, PPQ)[known])
        wanted.append(asked)
        begins = (np.diff(tune.bar, prepend=-1) != 0)[1:]
        both = (chord[1:] >= 0) & (chord[:-1] >= 0)
        np.add.at(turn, (begins[both].astype(int), chord[:-1][both], chord[1:][both]), 1.0)
        often += np.bincount(chord[known], minlength=states)
        if sum(map(len, tables)) > _AT_ONCE:
            settle()
    if tables:
        settle()
    weights = np.linalg.solve(gram + RIDGE * np.eye(wide), aim)
    often /= often.sum()
    turn = (turn + SMOOTHING * often) / (turn.sum(axis=2, keepdims=True) + SMOOTHING)
    tensors = {"chord": weights[:, :states], "bass": weights[:, states:], "turn": np.log(turn), "often": np.log(often)}
    return {name: np.ascontiguousarray(value, dtype=np.float32) for name, value in tensors.items()}, count
