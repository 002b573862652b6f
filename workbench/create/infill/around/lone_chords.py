"""Chords for a gap around which nothing but a tune sounds, by the network that finds chords for tunes.

The half bars of the surroundings are read with the whole of the tune (:mod:`workbench.create.compose.progressions`);
inside the gap, where the tune itself is to be written, the network goes by what comes before, after and back.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from workbench.create.compose.progressions import Reading
from workbench.create.compose.tune import top_line
from workbench.create.infill.around.chord_plan import TONES
from workbench.create.infill.around.surroundings import Surroundings
from workbench.nets.chords import ChordRuntime
from workbench.score.score import Track
from workbench.tokens import half_bars as hb

Floats = npt.NDArray[np.float64]

#: How much of the expected harmony is that of the one progression, not of all likely ones weighed.
FIRM = 0.7
_CHROMA = np.zeros((hb.N_STATES, 12))
for _state in range(hb.N_STATES):
    _root, _kind = divmod(_state, len(hb.KINDS))
    for _step, _loud in zip(hb.TONES[_kind], TONES, strict=False):
        _CHROMA[_state, (_root + _step) % 12] = _loud
_CHROMA /= _CHROMA.sum(axis=1, keepdims=True)


class LoneChords:
    """The chords that fit a lone tune, read once for all ideas of a request."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        kinds = len(hb.KINDS)
        odds = np.roll(reading.chain.odds().reshape(-1, 12, kinds), reading.home, axis=1)
        self._expected = odds.reshape(-1, hb.N_STATES) @ _CHROMA
        self._best = hb.moved(reading.choice.likeliest(), reading.home)

    @classmethod
    def of(cls, around: Surroundings, runtime: ChordRuntime, tonic: int | None = None) -> LoneChords | None:
        """The chords for what sounds around the gaps; None where nothing does.

        Args:
            runtime: the network that is asked.
            tonic: of the major scale that the tune is read from (its relative major if it is minor), pitch class;
                None: of the one that fits best.
        """
        drums = around.request.is_drum
        heard = [note for name, notes in around.near.items() if not drums(name) for note in notes]
        line = top_line(Track("tune", notes={str(at): note for at, note in enumerate(heard)}))
        if not line:
            return None
        edges, bar = around.harmony.halves()
        return cls(Reading.under(line, edges, bar, around.time.ppq, runtime=runtime, home=tonic))

    def progression(self, rng: np.random.Generator | None, heat: float = 1.0) -> tuple[Floats, list[int]]:
        """Expected share of each pitch class, float64 [n, 12], and the root of every half bar, as they sound.

        ``rng`` None: the progression with most roots right; else one drawn from all likely ones.
        """
        states = self._best
        if rng is not None:
            states = hb.moved(self._reading.chain.drawn(rng, heat), self._reading.home)
        chroma = FIRM * _CHROMA[states] + (1.0 - FIRM) * self._expected
        return chroma, [int(state) // len(hb.KINDS) for state in states]
