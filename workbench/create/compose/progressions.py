"""From a tune to progressions: how well chords fit it, what is fixed, what is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from workbench import resources
from workbench.nets.chords import Chain, ChordRuntime
from workbench.score.score import Note
from workbench.tokens import half_bars as hb

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Nats against a chord that is not the one that stands there.
FIXED = 1e4
#: Two progressions differ if more than this share of their roots do; they are wanted to differ in the second share.
APART, FAR = 0.12, 0.25
#: Nats that a root costs for each progression before that has it in its place, as little as will do; and how far
#: chance moves what each root is worth there (scale of Gumbel noise), so that another seed finds others.
PRICES, CHANCE = (0.5, 1.0, 2.0, 4.0), 0.3
#: A bass other than the root must be so much likelier (0 to 1) than the root.
INVERSION = 0.1


#: The model of each set of weights (:func:`workbench.resources.weight_set`).
MODELS = {"pop": "chords", "open": "chords-open"}


def shipped(model: str = "") -> ChordRuntime:
    """The weights that are shipped with the package (nobody's state).

    Args:
        model: which; left out: that of the owner's set of weights.
    """
    return _shipped(model or MODELS[resources.weight_set()])


@lru_cache(maxsize=2)
def _shipped(model: str) -> ChordRuntime:
    return ChordRuntime.load(resources.path(f"models/{model}"))


class Reading:
    """A tune read by half bars: how well every chord fits every half bar, and how chords follow each other."""

    def __init__(
        self, notes: Ints, edges: Ints, bar: Ints, quarter: int, known: Ints | None = None,
        runtime: ChordRuntime | None = None, home: int | None = None,
    ) -> None:  # fmt: skip
        """Args:
        notes: onset, end and pitch in the order of time, int64 [m, 3].
        edges, bar, quarter: as for :func:`workbench.tokens.half_bars.features`.
        known: state of the chord that stands in each half bar, as it sounds, int64 [n]; -1: to be found.
        home: tonic from which the tune is read; None: of the major scale that fits best.
        """
        runtime = runtime or shipped()
        self.home = hb.home(*notes.T) if home is None else home
        onset, end, key = notes.T
        states = np.full(len(bar), -1) if known is None else hb.moved(known, -self.home)
        fit, self.low = runtime.answer(hb.surroundings(onset, end, key - self.home, edges, bar, quarter), states)
        fixed = states >= 0
        fit[fixed] -= FIXED * (np.arange(hb.N_STATES)[None, :] != states[fixed][:, None])
        self.chain: Chain = runtime.chain(fit, np.diff(bar, prepend=-1) != 0)
        self.choice: Chain = runtime.choice(self.chain)

    @classmethod
    def under(
        cls, line: Sequence[Note], edges: Ints, bar: Ints, quarter: int, known: Ints | None = None,
        runtime: ChordRuntime | None = None, home: int | None = None,
    ) -> Reading:  # fmt: skip
        """A tune's notes by time, at least one, read in half bars that may begin before it; ``bar`` from any number."""
        notes = np.array([(note.start, note.end, note.pitch) for note in line], dtype=np.int64)
        first = bar[max(0, int(np.searchsorted(edges, notes[0, 0], side="right")) - 1)]
        return cls(notes, edges, bar - first, quarter, known, runtime, home)

    def progressions(self, count: int, rng: np.random.Generator) -> list[Ints]:
        """Different progressions as they sound, the likeliest first, at most ``count``: int64 [n] each.

        Each further one is the likeliest of those that avoid the roots of the ones before: what is given up for being
        different is given up where it costs least.
        """
        fit, kinds = self.choice.fit, len(hb.KINDS)
        found = [self.choice.likeliest()]
        for _ in range(count - 1):
            roots = [states // kinds for states in found]
            taken = sum(np.eye(12)[own] for own in roots)
            worth = rng.gumbel(0.0, CHANCE, (len(fit), 12))
            further, apart = found[0], 0.0
            for price in PRICES:
                other = replace(self.choice, fit=fit + np.repeat(worth - price * taken, kinds, axis=1)).likeliest()
                least = min(float((other // kinds != own).mean()) for own in roots)
                if least > apart:
                    further, apart = other, least
                if apart > FAR:
                    break
            if apart > APART:
                found.append(further)
        found[1:] = sorted(found[1:], key=self.choice.score, reverse=True)
        return [hb.moved(states, self.home) for states in found]

    def likely(self) -> tuple[Floats, Floats]:
        """How likely each pitch class, as it sounds, is a tone of a half bar's chord, all progressions weighed; and
        the mean of how likely it is its root and its bass: float64 [n, 12] each."""
        odds = self.chain.odds()
        roots = odds.reshape(len(odds), 12, len(hb.KINDS)).sum(axis=2)
        tones = np.zeros_like(roots)
        for kind, steps in enumerate(hb.TONES):
            for step in steps:
                tones += np.roll(odds[:, kind :: len(hb.KINDS)], step, axis=1)
        return np.roll(tones, self.home, axis=1), np.roll((roots + self.low) / 2, self.home, axis=1)

    def basses(self, states: Ints) -> Ints:
        """Bass of each half bar under a progression as it sounds, a tone of its chord: pitch classes, int64 [n]."""
        out = states // len(hb.KINDS)
        for at, state in enumerate(states.tolist()):
            root, kind = divmod(state, len(hb.KINDS))
            tones = [(root + step) % 12 for step in hb.TONES[kind][1:3]]
            best = max(tones, key=lambda tone: self.low[at, (tone - self.home) % 12])
            if self.low[at, (best - self.home) % 12] > self.low[at, (root - self.home) % 12] + INVERSION:
                out[at] = best
        return np.asarray(out)
